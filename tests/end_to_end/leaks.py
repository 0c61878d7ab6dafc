"""Looks for personal values in text, in every form that a log, a metric or a trace could have."""

import base64
import html
import json
import quopri
import re
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from functools import cache
from urllib.parse import quote, quote_plus

_AROUND = 60
_LEAST_BYTES = 5  # a part of fewer is found by chance, and so is such base64
_LEAST_BASE64 = 8


@dataclass(frozen=True)
class Leak:
    """A personal value that was found: whose, in which form, where, and what is around it."""

    value: str
    form: str
    source: str
    around: str


TEXT_FORMS: Mapping[str, Callable[[str], str]] = {
    "plain": lambda value: value,
    "JSON": lambda value: json.dumps(value)[1:-1],
    "Python's escapes": lambda value: value.encode("unicode_escape").decode(),
    "Python's bytes": lambda value: repr(value.encode())[2:-1],
    "percent": lambda value: quote(value, safe=""),
    "form": quote_plus,
    "quoted-printable": lambda value: quopri.encodestring(value.encode()).decode().strip(),
    "quoted-printable header": lambda value: quopri.encodestring(
        value.encode(), header=True
    ).decode(),
    "HTML": html.escape,
    "UTF-8 read as Latin-1": lambda value: value.encode().decode("latin-1"),
    "hexadecimal": lambda value: value.encode().hex(),
}
"""Forms in which upper and lower case are the same."""


def base64_forms(value: str) -> Iterator[str]:
    """Yield what is in the base64 of any text with the value, wherever it begins."""
    for encode in (base64.b64encode, base64.urlsafe_b64encode):
        for before, changed in ((0, 0), (1, 2), (2, 3)):
            content = b"\0" * before + value.encode()
            whole = encode(content[: len(content) // 3 * 3]).decode()
            yield whole[changed:]


def parts_of(value: str) -> Iterator[str]:
    """Yield a value and those of its parts that tell somebody from others."""
    yield value
    if "@" in value:
        yield from value.split("@")
    elif digits := re.sub(r"[ +-]", "", value if re.fullmatch(r"[+\d -]+", value) else ""):
        yield from (digits, digits[-8:])
    else:
        yield from (each for each in value.split() if len(each.encode()) >= _LEAST_BYTES)


@cache
def forms_of(value: str) -> tuple[tuple[str, str], ...]:
    """Return the forms of a value with their names."""
    return tuple(_forms_of(value))


def _forms_of(value: str) -> Iterator[tuple[str, str]]:
    for part in dict.fromkeys(parts_of(value)):
        for name, form in TEXT_FORMS.items():
            yield name, form(part).casefold()
        for form in base64_forms(part):
            if len(form) >= _LEAST_BASE64:
                yield "base64", form


def leaks(sources: Mapping[str, str], values: Iterable[str]) -> list[Leak]:
    """Return every personal value in the sources, each form once for each source."""
    wanted = {(value, *form) for value in values for form in forms_of(value)}
    unique = {name: "\n".join(dict.fromkeys(text.splitlines())) for name, text in sources.items()}
    texts = {name: (text, text.casefold()) for name, text in unique.items()}
    return [
        Leak(value, form, source, found)
        for value, form, needle in sorted(wanted)
        for source, (text, folded) in texts.items()
        if (found := _around(needle, text if form == "base64" else folded))
    ]


def _around(needle: str, text: str) -> str:
    place = text.find(needle)
    if place >= 0 and needle.isdecimal():  # measurements have as many digits
        alone = re.search(rf"(?<![\d.]){needle}(?!\d)", text)
        place = alone.start() if alone else -1
    return "" if place < 0 else text[max(0, place - _AROUND) : place + len(needle) + _AROUND]
