"""The form of the estimate: what a reader asks about, with the factory's own yearly figures."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final, get_args
from urllib.parse import urlencode

from starlette.datastructures import QueryParams

from services.portal.site.edition import Edition
from services.portal.toolbox.matching import Choice, match
from services.portal.toolbox.own import (
    CURRENCIES,
    FUEL_UNITS,
    MONEY,
    ORDER,
    Mistake,
    OwnFigures,
    own_figures,
)
from services.portal.web.fields import Option, select
from services.portal.web.page import Page
from shared.events.content import ItemPublished, Process, Saving
from shared.events.intake import Industry

QUESTIONS: Final[Mapping[str, Sequence[str]]] = {
    "industry": get_args(Industry),
    "process": get_args(Process),
    "saves": get_args(Saving),
}
YEARLY: Final = ("electricity", "fuel", "fuel_unit", "water", "voc", "output")
PRICED: Final = ("currency", *MONEY)
_LONGEST: Final = 72
_UNITS: Final = {"fuel_unit": ("unit", FUEL_UNITS), "currency": ("currency", CURRENCIES)}


@dataclass(frozen=True, slots=True)
class Asked:
    """What an address asks for: a technology or a choice, and own figures.

    `is_sent` tells an address that a form has made from one that leads to the empty form.
    """

    item_id: str
    item: ItemPublished | None
    choice: Choice
    own: OwnFigures
    mistakes: Sequence[Mistake]
    is_sent: bool

    def query(self) -> str:
        """Return the query of the one address of this result."""
        chosen = [(each, getattr(self.choice, each)) for each in QUESTIONS]
        about = [("item", self.item_id), *chosen]
        return urlencode([*((k, v) for k, v in about if v), *self.own.query()])

    def comparable(self, edition: Edition) -> Sequence[ItemPublished]:
        """Return the technologies that fit; of one technology none if it is for others."""
        items = [self.item] if self.item else edition.by_kind.get("technology", ())
        return match(items, self.choice).fitting


def asked_by(edition: Edition, query: QueryParams) -> Asked:
    """Read an address."""
    item_id = query.get("item", "")[:_LONGEST]
    item = edition.by_id.get(item_id)
    item = item if item and item.technology else None
    answers = {name: query.get(name, "") for name in QUESTIONS}
    choice = Choice(**{k: v for k, v in answers.items() if v in QUESTIONS[k]})
    own, wrong = own_figures(query)
    is_sent = any(each in query for each in ORDER)
    mistakes = [*_about_choice(item_id, item, choice, is_sent=is_sent), *wrong]
    if is_sent and not wrong and not own.has_amount:
        mistakes.append(Mistake("electricity", "nothing"))
    return Asked(item_id, item, choice, own, mistakes, is_sent)


def estimate_query(choice: Choice) -> str:
    """Return the query of the address that begins an estimate for a choice of the Toolbox."""
    chosen = [(each, getattr(choice, each)) for each in QUESTIONS if getattr(choice, each)]
    return f"?{urlencode(chosen)}" if chosen else ""


def errors(mistakes: Sequence[Mistake], page: Page) -> Sequence[Mapping[str, str]]:
    """Return the entries of the error summary."""
    return [
        {"text": _message(each, page), "href": f"#{_first_part(each.field)}"} for each in mistakes
    ]


def selects(asked: Asked, page: Page) -> Sequence[Mapping[str, Any]]:
    """Return the parameters of the selects that ask about the factory."""
    return [_question(name, asked, page) for name in QUESTIONS]


def inputs(names: Sequence[str], asked: Asked, query: QueryParams, page: Page) -> Sequence[Any]:
    """Return the parameters of text fields, and of the selects of their units."""
    return [
        ("select", _unit(name, asked, page))
        if name in _UNITS
        else ("input", _input(name, asked, query, page))
        for name in names
    ]


def _input(name: str, asked: Asked, query: QueryParams, page: Page) -> dict[str, Any]:
    field: dict[str, Any] = {
        "id": name,
        "name": name,
        "label": {"text": page.word(f"estimate.{name}")},
        "value": query.get(name, "")[:_LONGEST],
        "inputmode": "decimal",
        "autocomplete": "off",
        "classes": "govuk-input--width-10",
    }
    if page.has_word(f"estimate.{name}-hint"):
        field["hint"] = {"text": page.word(f"estimate.{name}-hint")}
    return field | _error(name, asked, page)


def _question(name: str, asked: Asked, page: Page) -> dict[str, Any]:
    options = _options(name, QUESTIONS[name], page.word("content.any"), page)
    field = select(name, page.word(f"toolbox.{name}"), options, getattr(asked.choice, name))
    return field | _error(name, asked, page)


def _unit(name: str, asked: Asked, page: Page) -> dict[str, Any]:
    section, values = _UNITS[name]
    options = _options(section, values, page.word("estimate.choose"), page)
    field = select(name, page.word(f"estimate.{name}"), options, getattr(asked.own, name))
    return field | _error(name, asked, page)


def _options(section: str, values: Sequence[str], nothing: str, page: Page) -> Sequence[Option]:
    return [("", nothing), *((each, page.named(section, each)) for each in values)]


def _error(name: str, asked: Asked, page: Page) -> dict[str, Any]:
    found = [each for each in asked.mistakes if each.field == name]
    if not found:
        return {}
    said = {"text": _message(found[0], page), "visuallyHiddenText": page.word("self-check.error")}
    return {"errorMessage": said}


def _message(mistake: Mistake, page: Page) -> str:
    key = f"estimate.{mistake.field}"
    name = page.word(key) if page.has_word(key) else mistake.field
    return page.word(f"estimate.error-{mistake.code}", name=name)


def _first_part(field: str) -> str:
    return "main" if field == "item" else field


def _about_choice(
    item_id: str, item: ItemPublished | None, choice: Choice, *, is_sent: bool
) -> Sequence[Mistake]:
    if item_id and item is None:
        return [Mistake("item", "item")]
    if is_sent and item is None and choice.is_open:
        return [Mistake("industry", "choice")]
    return []
