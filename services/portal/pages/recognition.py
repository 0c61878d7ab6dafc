"""The Recognition Scheme: its rounds, categories and steps as the published rules have them."""

from collections.abc import Sequence
from datetime import date
from typing import Any

from fastapi import APIRouter, Request
from fastapi.responses import HTMLResponse

from services.portal.web.languages import SiteLanguage
from services.portal.web.page import Page
from services.portal.web.templating import edition_of, now_of, render
from shared.clock import hong_kong_date
from shared.events.recognition import SchemePublished
from shared.events.scheme_terms import (
    LabelCategory,
    LabelProcedure,
    MinimumTerms,
    PrerequisiteTerms,
    RequirementTerms,
    RoundTerms,
)

_REQUIREMENTS = ("hong_kong_owned", "earlier_partner_label")
_MINIMA = ("measures_implemented", "factories_engaged", "factories_served")
Requirement = tuple[str, int | None, str]
"""A requirement, its least number if it is one of numbers, and its source."""


def add_pages(router: APIRouter, language: SiteLanguage) -> None:
    """Add the page in a language."""
    page = Page(language, "/recognition", Page(language, "").word("recognition.title"))

    async def show(request: Request) -> HTMLResponse:
        edition = edition_of(request)
        today = hong_kong_date(now_of(request))
        values = _values(edition.scheme, today) if edition.scheme else {}
        reading = edition.pages_of("recognition")
        return render(
            request, page, "recognition.html.j2", scheme=edition.scheme, reading=reading, **values
        )

    router.add_api_route(page.path, show, response_class=HTMLResponse)


def open_rounds(scheme: SchemePublished, today: date) -> Sequence[RoundTerms]:
    """Return the rounds that accept applications on a Hong Kong day."""
    return [each for each in scheme.rounds if each.opens <= today <= each.closes]


def next_round(scheme: SchemePublished, today: date) -> RoundTerms | None:
    """Return the round that opens next after a Hong Kong day, as far as the rules say."""
    ahead = [each for each in scheme.rounds if each.opens > today]
    return min(ahead, key=lambda each: each.opens, default=None)


def procedure_of(scheme: SchemePublished, year: int) -> LabelProcedure | None:
    """Return the procedure of the rounds of a year."""
    past = [each for each in scheme.procedures if each.from_year <= year]
    return max(past, key=lambda each: each.from_year, default=None)


def requirements(category: LabelCategory, year: int) -> Sequence[Requirement]:
    """Return what a category asks for in a year."""
    past = [each for each in category.prerequisites if each.from_year <= year]
    terms = max(past, key=lambda each: each.from_year, default=None)
    return [*_required(terms), *_at_least(terms)] if terms else []


def _required(terms: PrerequisiteTerms) -> list[Requirement]:
    found: list[tuple[str, RequirementTerms | None]] = [
        (each, getattr(terms, each)) for each in _REQUIREMENTS
    ]
    return [(name, None, own.source) for name, own in found if own and own.required]


def _at_least(terms: PrerequisiteTerms) -> list[Requirement]:
    found: list[tuple[str, MinimumTerms | None]] = [
        (each, getattr(terms, each)) for each in _MINIMA
    ]
    return [(name, own.at_least, own.source) for name, own in found if own]


def _values(scheme: SchemePublished, today: date) -> dict[str, Any]:
    return {
        "open": open_rounds(scheme, today),
        "next": next_round(scheme, today),
        "rounds": sorted(scheme.rounds, key=lambda each: each.opens, reverse=True),
        "procedure": procedure_of(scheme, today.year),
        "categories": [(each, requirements(each, today.year)) for each in scheme.categories],
    }
