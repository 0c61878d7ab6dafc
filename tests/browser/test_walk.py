"""The way of a factory manager through the site, by its words: by mouse, and by keys alone."""

import re

import pytest

from services.portal.web.formats import cents
from services.portal.web.languages import ENGLISH, LANGUAGES
from services.portal.web.page import Page
from tests.browser.hands import Keyboard, Mouse
from tests.browser.labels import NUMBER
from tests.browser.visiting import Look, faults, open_tab

pytestmark = [
    pytest.mark.asyncio(loop_scope="session"),
    pytest.mark.plays,
    pytest.mark.timeout(600),
]
PAID, PAID_FOR_LOCAL = 650_000_00, 750_000_00  # in cents
# Questions of the self-check that have radios, selects or a text, with the keys of their answers.
RADIOS = (
    ("place", "place.guangdong"),
    ("applicant_gives_capital", "self-check.yes"),
    ("on_technology_list", "self-check.yes"),
    ("developed_by", "developer.hong-kong"),
)
SELECTS = (
    ("industry", "industry.textiles"),
    ("owned_by", "holder.wholly-foreign-owned-enterprise"),
    ("operated_by", "holder.wholly-foreign-owned-enterprise"),
)


class Reader:
    """Somebody who follows words: links, labels and buttons."""

    def __init__(self, tab, language, hand):
        self.tab, self.page, self.language = tab, tab.page, language
        self.hand = hand(tab.page)
        self.word = Page(language, "").word

    async def follow(self, key):
        link = self.page.get_by_role("link", name=self.word(key), exact=True)
        await self.hand.activate(link.first)

    async def unfold(self, key):
        summary = self.page.locator("summary").filter(has_text=self.word(key))
        await self.hand.unfold(summary)

    async def press(self, key):
        button = self.page.get_by_role("button", name=self.word(key), exact=True)
        await self.hand.activate(button)

    async def choose(self, key, answer):
        labelled = self.page.get_by_label(self.word(key))  # "(optional)" may follow
        field = self.page.locator("select").and_(labelled)
        await self.hand.choose(field, self.word(answer))

    async def tick(self, question, answer):
        group = self.page.get_by_role("group", name=self.word(f"ask.{question}"))
        await self.hand.tick(group.get_by_label(self.word(answer), exact=True))

    async def write(self, field, text):
        await self.hand.write(field, text)

    async def sees(self, *texts):
        """Check that the page has these texts, and nothing that keeps somebody out."""
        shown = await self.page.locator("main").inner_text()
        missing = [each for each in texts if each not in shown]
        assert not missing, f"{self.page.url}: {missing}"
        assert await faults(self.tab, Look()) == []


@pytest.mark.parametrize(
    ("language", "hand"),
    [*((each, Mouse) for each in LANGUAGES), (ENGLISH, Keyboard)],
    ids=[*(each.code for each in LANGUAGES), "by-keyboard"],
)
async def test_from_the_first_page_to_a_certificate(chromium, site, language, hand):
    async with open_tab(chromium, site) as tab:
        reader = Reader(tab, language, hand)
        await tab.page.goto(f"{site}/{language.code}")
        paid = cents(PAID, language)
        await reader.sees(paid)
        await reader.follow("home.programme")
        await reader.sees(paid, reader.word("programme.phase", phase="5"))
        await may_i_apply(reader)
        await what_could_it_save(reader)
        await whose_certificate(reader)


async def may_i_apply(reader):
    await reader.follow("self-check.to-self-check")
    await reader.follow("stream.new-technology")
    await reader.follow("ground.1b")
    await reader.press("self-check.ask")
    await reader.sees(reader.word("self-check.problem"))
    heading = await reader.page.locator("h1").inner_text()
    title = await reader.page.title()
    assert title.startswith(reader.word("site.error", title=heading))
    assert not await reader.page.locator("[name=requested]").is_visible()
    await reader.unfold("self-check.more")
    for question, answer in SELECTS:
        await reader.choose(f"ask.{question}", answer)
    for question, answer in RADIOS:
        await reader.tick(question, answer)
    await reader.write(reader.page.locator("[name=cost]"), "1,600,000")
    await reader.press("self-check.ask")
    await reader.sees(reader.word("self-check.no-decision"), cents(PAID_FOR_LOCAL, reader.language))


async def what_could_it_save(reader):
    await reader.follow("toolbox.title")
    await reader.choose("toolbox.process", "process.injection-moulding")
    await reader.choose("toolbox.saves", "saves.energy")
    await reader.press("content.show")
    boxes = reader.page.get_by_role("checkbox")
    for number in range(2):
        await reader.hand.tick(boxes.nth(number))
    await reader.press("compare.button")
    await reader.sees(reader.word("compare.caption"), reader.word("compare.not-converted"))
    assert await reader.page.get_by_role("columnheader").count() == 2
    await reader.hand.activate(reader.page.locator("a[href*='/toolbox/estimate']").first)
    electricity = reader.page.get_by_label(reader.word("estimate.electricity")).first
    await reader.write(electricity, "1,000,000")
    await reader.press("estimate.show")
    await reader.sees(reader.word("estimate.unknown"))


async def whose_certificate(reader):
    await reader.follow("labels.title")
    label = reader.page.get_by_role("link", name=re.compile("^Bright Textiles")).first
    await reader.hand.activate(label)
    await reader.sees(NUMBER, reader.word("standing.valid"), "Bright Textiles Limited")
