"""Rendered messages, as tests read them."""

from html.parser import HTMLParser

from services.notify.mails.catalogues import load_texts
from tests.factories import a_notification

REVISED = (
    "You may submit an application that is revised to answer the reasons above. "
    "It counts as a new application and is considered as a new case."
)


REASON_SHOWN = {"en": "A sample of a reason.", "zh-Hant": "理由樣本。", "zh-Hans": "理由样本。"}


CONDITION = {"en": "A sample of a condition.", "zh-Hant": "條件樣本。", "zh-Hans": "条件样本。"}


class PageText(HTMLParser):
    """The text that a reader of a page sees."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.text = ""
        self.feed(html)

    def handle_data(self, data):
        self.text += data


def shown(fact, language):
    if isinstance(fact, dict):
        return fact[language]
    if isinstance(fact, tuple):
        year, month, day = fact
        months = {9: "September", 11: "November", 12: "December"}
        return f"{day} {months[month]} {year}" if language == "en" else f"{year}年{month}月{day}日"
    return load_texts(language).get(fact, fact)


def text_of(letters, template, **details):
    return letters.write(a_notification(template, details=details), "x", "en").text
