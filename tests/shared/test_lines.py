"""Every line of text has something visible on it, where it comes in."""

import pytest
from pydantic import TypeAdapter, ValidationError

from shared.events.doors import at_doors
from shared.events.values import Line

DOOR = TypeAdapter(at_doors(Line))
READER = TypeAdapter(Line)
UNSEEN = {
    "spaces": " \u3000\xa0\u2003",
    "a zero-width space": "\u200b",
    "zero-width joiners": "\u200c\u200d",
    "a soft hyphen": "\xad",
    "a word joiner": "\u2060",
    "a byte order mark": "\ufeff",
    "Hangul fillers": "\u115f\u1160\u3164\uffa0",
    "a braille blank": "\u2800",
    "an accent without a letter": "\u0301",
    "an accent on a space": " \u0301",
    "variation selectors": "\ufe0f\U000e0100",
    "tags": "\U000e0041\U000e007f",
    "a grapheme joiner": "\u034f",
    "Khmer vowels that are not shown": "\u17b4\u17b5",
    "a Mongolian vowel separator": "\u180e",
    "an object that is not there": "\ufffc",
    "a null notehead": "\U0001d159",
    "private use": "\ue000\U000f0000",
}
SEEN = [
    "a",
    "光",
    "é",
    "e\u0301",
    "\U00020000",
    "🏭",
    "👩\u200d🔬",
    "-",
    "กำ",
    "क्\u200dष",
    "黃\ue000",
]
NO_CHARACTERS = ["a\ufffe", "a\uffff", "\ufdd0a", "a\U0001fffe", "\U0010ffffa"]


@pytest.mark.parametrize("name", UNSEEN)
def test_a_line_that_shows_nothing_is_refused(name):
    with pytest.raises(ValidationError):
        DOOR.validate_python(UNSEEN[name])
    assert DOOR.validate_python(f"a{UNSEEN[name]}b")


@pytest.mark.parametrize("text", SEEN)
def test_a_line_that_shows_something_is_taken_as_it_is(text):
    assert DOOR.validate_python(text) == text


@pytest.mark.parametrize("text", NO_CHARACTERS)
def test_a_noncharacter_is_refused_beside_others_too(text):
    with pytest.raises(ValidationError):
        DOOR.validate_python(text)


@pytest.mark.parametrize(
    "text", [*NO_CHARACTERS, "\u200b", "\u3164", "\u0301", "\ue000", "a\u061c"]
)
def test_what_is_on_the_topics_stays_readable(text):
    assert READER.validate_python(text) == text
