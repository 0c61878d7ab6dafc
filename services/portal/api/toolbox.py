"""The CP Toolbox as open data: the same choices, technologies and figures as its pages."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from http import HTTPStatus
from typing import Annotated, Final

from fastapi import APIRouter, Depends, Query, Request, Response
from pydantic import AwareDatetime

from services.portal.api.answers import CSV, OPEN, csv_file
from services.portal.pages.searching import LONGEST_QUERY
from services.portal.pages.toolbox.listing import find, page_of
from services.portal.toolbox.bands import Investment, Payback
from services.portal.toolbox.matching import Choice, Matches
from services.portal.toolbox.sorting import Order
from services.portal.toolbox.table import LICENCE, as_csv
from services.portal.web.languages import LANGUAGES
from services.portal.web.templating import loaded_edition
from shared.events.content import Example, Figure, ItemPublished, Process, Saving, Source
from shared.events.envelope import Language
from shared.events.intake import Industry
from shared.http.openapi import Responses, problem_response
from shared.http.problems import Problem

PAGE_SIZE: Final = 100
_WRONG: Final[Responses] = {
    HTTPStatus.UNPROCESSABLE_ENTITY: problem_response("A choice is not offered: see `errors`.")
}
_NO_ITEM: Final = "There is no such technology. GET /v1/toolbox lists all of them."

router = APIRouter(prefix="/v1/toolbox", tags=["toolbox"])


@dataclass(frozen=True, slots=True)
class WordsShown:
    """Title and summary; `language` is that of the words, if they are not translated yet."""

    language: Language
    title: str
    summary: str


@dataclass(frozen=True, slots=True)
class ExampleShown:
    """An installation: what it is, in each language, its size, where it began, and its figures."""

    id: str
    text: Mapping[Language, str]
    size: Sequence[Figure]
    baseline: Sequence[Figure]
    figures: Sequence[Figure]


@dataclass(frozen=True, slots=True)
class ToolboxItem:
    """A technology. `pages` are the addresses of its pages on this site."""

    id: str
    words: Mapping[Language, WordsShown]
    industries: Sequence[str]
    processes: Sequence[str]
    saves: Sequence[str]
    examples: Sequence[ExampleShown]
    sources: Sequence[Source]
    pages: Sequence[str]
    revision: int
    published_at: AwareDatetime
    licence: str = LICENCE


@dataclass(frozen=True, slots=True)
class ToolboxAnswer:
    """Technologies that fit, and those whose sources do not give what the bands ask for.

    Those that fit come first. `number` counts both on all pages; `next` is the address of the next
    page.
    """

    number: int
    page: int
    pages: int
    next: str | None
    fitting: Sequence[ToolboxItem]
    unknown: Sequence[ToolboxItem]
    licence: str = LICENCE


@dataclass(frozen=True, slots=True)
class Asked:
    """What a request chooses; bands are of Hong Kong dollars at round rates, and of years."""

    choice: Choice
    words: str
    order: str


def asked_by(  # noqa: PLR0913  # one parameter for each choice
    *,
    industry: Industry | None = None,
    process: Process | None = None,
    saves: Saving | None = None,
    investment: Investment | None = None,
    payback: Payback | None = None,
    q: Annotated[
        str, Query(max_length=LONGEST_QUERY, description="Words, in any of the languages.")
    ] = "",
    sort: Order = "title",
) -> Asked:
    """Read the choices of a request."""
    choice = Choice(industry or "", process or "", saves or "", investment or "", payback or "")
    return Asked(choice, q, sort)


AskedChoice = Annotated[Asked, Depends(asked_by)]
PageNumber = Annotated[int, Query(ge=1, le=9_999)]


@router.get("", responses=_WRONG)
async def toolbox(
    request: Request, response: Response, asked: AskedChoice, page: PageNumber = 1
) -> ToolboxAnswer:
    """Return the technologies that fit a choice, 100 on a page; without a choice all of them.

    Numbers are decimal texts, as their sources print them. Nothing is converted.
    """
    shown, here = page_of(_found(request, asked), page, PAGE_SIZE)
    response.headers.update(OPEN)
    return ToolboxAnswer(
        here.number,
        here.page,
        here.pages,
        _next(request, here.page) if here.page < here.pages else None,
        [_shown(each) for each in shown.fitting],
        [_shown(each) for each in shown.unknown],
    )


@router.get("/items/{item_id}", responses={HTTPStatus.NOT_FOUND: problem_response(_NO_ITEM)})
async def toolbox_item(request: Request, response: Response, item_id: str) -> ToolboxItem:
    """Return one technology with all its figures and sources."""
    item = loaded_edition(request).by_id.get(item_id)
    if item is None or item.technology is None:
        raise Problem(HTTPStatus.NOT_FOUND, "not-found", _NO_ITEM)
    response.headers.update(OPEN)
    return _shown(item)


@router.get("/figures.csv", response_class=Response, responses=_WRONG | CSV)
def toolbox_figures(request: Request, asked: AskedChoice) -> Response:
    """Return the figures of the technologies that fit, one a row, with origin, year and source."""
    found = _found(request, asked)
    return csv_file(as_csv([*found.fitting, *found.unknown]), "cp-toolbox-figures")


def _next(request: Request, page: int) -> str:
    return f"{request.url.path}?{request.url.include_query_params(page=page + 1).query}"


def _found(request: Request, asked: Asked) -> Matches:
    return find(loaded_edition(request), asked.choice, asked.words, asked.order, "en")


def _shown(item: ItemPublished) -> ToolboxItem:
    technology = item.technology
    if technology is None:
        msg = f"{item.item_id} is no technology."
        raise TypeError(msg)
    return ToolboxItem(
        item.item_id,
        {k: WordsShown(each.language, each.title, each.summary) for k, each in item.words.items()},
        technology.industries,
        technology.processes,
        technology.saves,
        [_example(each, item) for each in technology.examples],
        item.sources,
        [f"/{each.code}/technologies/{item.item_id}" for each in LANGUAGES],
        item.revision,
        item.published_at,
    )


def _example(example: Example, item: ItemPublished) -> ExampleShown:
    text = {
        language: each.text
        for language, words in item.words.items()
        for each in words.examples
        if each.id == example.id
    }
    return ExampleShown(example.id, text, example.size, example.baseline, example.figures)
