"""The catalogues are complete: every text of the templates, in every language, and no others."""

import re

import pytest
from babel.messages.extract import extract_from_dir
from babel.messages.frontend import parse_mapping_cfg

from services.notify.mails.catalogues import LOCALES, catalogue_file, load_catalogue
from services.notify.mails.rendering import LANGUAGES
from services.notify.mails.templating import TEMPLATES

FOLDER = TEMPLATES.parent
PLACEHOLDER = re.compile(r"%\(\w+\)s")
IN_EVERY_LANGUAGE = pytest.mark.parametrize("language", LANGUAGES)


def used_texts():
    with (FOLDER / "babel.cfg").open(encoding="utf-8") as file:
        methods, options = parse_mapping_cfg(file)
    return {
        text
        for _file, _line, text, *_rest in extract_from_dir(FOLDER, methods, options)
        if isinstance(text, str)
    }


def entries(language):
    return [each for each in load_catalogue(language) if each.id]


@IN_EVERY_LANGUAGE
def test_every_text_is_in_the_catalogue_and_nothing_else(language):
    catalogue = load_catalogue(language)

    assert {each.id for each in entries(language)} == used_texts()
    assert not catalogue.obsolete


@IN_EVERY_LANGUAGE
def test_no_entry_is_missing_or_fuzzy(language):
    assert [each.id for each in entries(language) if each.fuzzy or not each.string] == []


@IN_EVERY_LANGUAGE
def test_every_entry_fills_in_what_its_text_does(language):
    for each in entries(language):
        assert sorted(PLACEHOLDER.findall(each.id)) == sorted(PLACEHOLDER.findall(each.string))


@IN_EVERY_LANGUAGE
def test_a_percent_sign_only_begins_a_placeholder(language):
    for each in entries(language):
        assert "%" not in PLACEHOLDER.sub("", each.string)


@IN_EVERY_LANGUAGE
def test_a_catalogue_says_which_language_it_has(language):
    header = catalogue_file(language).read_text(encoding="utf-8")

    assert f"Language: {language.replace('-', '_')}\\n" in header
    assert LOCALES[language].startswith(language.replace("-", "_"))


def test_traditional_and_simplified_characters_are_not_mixed():
    traditional = set("請資關發計劃獲據標誌廣東環潔產決審個時間編號項目記錄類轉處")
    simplified = set("请资关发计划获据标志广东环洁产决审个时间编号项目记录类转处")
    only_traditional, only_simplified = traditional - simplified, simplified - traditional

    hant = "".join(each.string for each in entries("zh-Hant"))
    hans = "".join(each.string for each in entries("zh-Hans"))

    assert not only_simplified & set(hant)
    assert not only_traditional & set(hans)
