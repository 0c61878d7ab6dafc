"""The self-check: choose a stream and a ground, answer questions, see what the rules say."""

from dataclasses import replace
from http import HTTPStatus
from typing import Any, Final
from urllib.parse import urlencode

from fastapi import APIRouter, Request, Response
from fastapi.responses import HTMLResponse

from services.portal.draft import FILE_NAME, MEDIA_TYPE, draft
from services.portal.pages.phases import shown_as_open
from services.portal.pages.self_check_fields import answer_rows, error_list, fields, is_unfolded
from services.portal.self_check.answers import Answers, read_answers
from services.portal.self_check.assessment import Assessment
from services.portal.self_check.eligibility import RefusedError, UnavailableError
from services.portal.self_check.outcome import shown
from services.portal.self_check.questions import FACTORY_STREAMS, GROUNDS, STREAMS, form_for
from services.portal.self_check.running import SelfCheck
from services.portal.web.languages import SiteLanguage
from services.portal.web.page import Page
from services.portal.web.templating import edition_of, not_found, now_of, render, site_of
from shared.clock import hong_kong_date
from shared.correlation import traceparent_of
from shared.http.problems import Problem
from shared.http.rate_limit import network_of

PATH: Final = "/self-check"
_ASKED: Final = "check"
_JUDGED: Final = {_ASKED: "1"}
# The address has the answers: nobody keeps the page, and no search engine lists it.
_UNKEPT: Final = {"Cache-Control": "no-store", "X-Robots-Tag": "noindex"}
_TRY_AGAIN_SECONDS: Final = "10"


def add_pages(router: APIRouter, language: SiteLanguage) -> None:
    """Add the pages in a language."""

    async def show_streams(request: Request) -> HTMLResponse:
        return _show_streams(request, language)

    async def show_stream(request: Request, stream: str) -> Response:
        if stream in FACTORY_STREAMS:
            return _show_grounds(request, language, stream)
        return await _show_form(request, language, stream, "")

    async def show_ground(request: Request, stream: str, ground: str) -> Response:
        return await _show_form(request, language, stream, ground)

    async def take_along(request: Request, stream: str, ground: str = "") -> Response:
        return _take_along(request, language, stream, ground)

    router.add_api_route(PATH, show_streams, response_class=HTMLResponse)
    router.add_api_route(f"{PATH}/{{stream}}", show_stream, response_class=HTMLResponse)
    # Before the ground: the file of a stream without grounds has as many parts.
    router.add_api_route(f"{PATH}/{{stream}}/{FILE_NAME}", take_along)
    router.add_api_route(f"{PATH}/{{stream}}/{{ground}}", show_ground, response_class=HTMLResponse)
    router.add_api_route(f"{PATH}/{{stream}}/{{ground}}/{FILE_NAME}", take_along)


def open_streams(request: Request) -> list[str]:
    """Return the streams of the phases that accept applications today, or may."""
    programme, today = edition_of(request).programme, hong_kong_date(now_of(request))
    phases = shown_as_open(programme.phases, today) if programme else ()
    return [each.stream for phase in phases for each in phase.streams if each.stream in STREAMS]


def _show_streams(request: Request, language: SiteLanguage) -> HTMLResponse:
    page = Page(language, PATH, Page(language, "").word("self-check.title"))
    programme, now_open = edition_of(request).programme, open_streams(request)
    others = [each for each in STREAMS if each not in now_open]
    values = {"programme": programme, "open": now_open, "others": others}
    return render(request, page, "self-check-streams.html.j2", **values)


def _show_grounds(request: Request, language: SiteLanguage, stream: str) -> HTMLResponse:
    programme = edition_of(request).programme
    workshops = programme.workshops.streams if programme else STREAMS
    page = _page(language, "self-check.grounds-title", stream)
    return render(
        request,
        page,
        "self-check-grounds.html.j2",
        stream=stream,
        grounds=GROUNDS,
        without_workshops=stream not in workshops,
        is_open=stream in open_streams(request),
    )


def _page(language: SiteLanguage, title: str, stream: str, ground: str = "") -> Page:
    """Return the page of a stream, or of one of its grounds."""
    page, path = Page(language, ""), f"{PATH}/{stream}"
    crumbs, name = [(PATH, page.word("self-check.title"))], page.named("stream", stream)
    text = page.word(title, stream=name)
    if ground:
        crumbs.append((path, name))
        path = f"{path}/{ground}"
        text = page.word("self-check.of-ground", title=text, ground=ground)
    return Page(language, path, text, crumbs)


def _answers(request: Request, stream: str, ground: str) -> Answers | None:
    """Return the answers of an address, or `None` if there is no such form."""
    grounds = GROUNDS if stream in FACTORY_STREAMS else ("",)
    if stream not in STREAMS or ground not in grounds:
        return None
    query = request.query_params
    form = form_for(stream, ground, edition_of(request).programme)
    return read_answers(form, {each.name: query.getlist(each.name) for each in form.questions})


async def _show_form(
    request: Request, language: SiteLanguage, stream: str, ground: str
) -> Response:
    answers = _answers(request, stream, ground)
    if answers is None:
        return not_found(request, language)
    page = _page(language, "self-check.form-title", stream, ground)
    if _ASKED not in request.query_params or site_of(request).as_of is None:
        query = _query(answers)
        response: Response = _form(request, replace(page, query=query), replace(answers, errors={}))
    else:
        query = _query(answers, **_JUDGED)
        response = await _judge(request, replace(page, query=query), answers)
    if query:
        response.headers.update(_UNKEPT)
    return response


async def _judge(request: Request, page: Page, answers: Answers) -> Response:
    if answers.errors:
        return _form(request, replace(page, status=HTTPStatus.BAD_REQUEST), answers)
    check: SelfCheck = request.app.state.self_check
    try:
        check.limit.take(network_of(request.client.host if request.client else ""))
        assessment = await check.eligibility.assess(
            answers.request(), traceparent_of(request.scope)
        )
    except Problem as problem:
        page = replace(page, status=HTTPStatus.TOO_MANY_REQUESTS)
        return _form(request, page, answers, "too-many", problem.headers["Retry-After"])
    except UnavailableError:
        page = replace(page, status=HTTPStatus.SERVICE_UNAVAILABLE)
        return _form(request, page, answers, "away", _TRY_AGAIN_SECONDS)
    except RefusedError as refused:
        page = replace(page, status=HTTPStatus.BAD_REQUEST)
        return _form(request, page, _with_refused(answers, refused.pointers))
    return _answer(request, page, answers, assessment)


def _query(answers: Answers, **more: str) -> str:
    query = urlencode({**answers.typed, **more}, doseq=True)
    return f"?{query}" if query else ""


def _with_refused(answers: Answers, pointers: tuple[str, ...]) -> Answers:
    """Mark the answers that the rules' own door refused, or all that could be meant."""
    found = {e.name: "refused" for e in answers.form.questions if e.pointer in pointers}
    return replace(answers, errors=found or dict.fromkeys(answers.read, "refused"))


def _form(
    request: Request, page: Page, answers: Answers, trouble: str = "", retry_after: str = ""
) -> HTMLResponse:
    response = render(
        request,
        page,
        "self-check-form.html.j2",
        form=answers.form,
        fields=fields(answers, page),
        unfolded=is_unfolded(answers),
        errors=error_list(answers, page),
        is_open=answers.form.stream in open_streams(request),
        trouble=trouble,
        asked=_ASKED,
    )
    if retry_after:
        response.headers["Retry-After"] = retry_after
    return response


def _answer(request: Request, page: Page, answers: Answers, assessment: Assessment) -> HTMLResponse:
    programme = edition_of(request).programme
    found = shown(assessment, answers.form, programme)
    sources = programme.sources if programme else ()
    page = replace(page, title=page.word(f"outcome.{found.headline}"))
    return render(
        request,
        page,
        "self-check-answer.html.j2",
        assessment=assessment,
        form=answers.form,
        shown=found,
        rows=answer_rows(answers, page),
        sources=[each for each in sources if each.mark in found.marks],
        change=f"{page.to(page.path)}{_query(answers)}",
        take_along=f"{page.to(page.path)}/{FILE_NAME}{_query(answers)}",
        blanks=_draft(answers, page.language).blanks,
    )


def _draft(answers: Answers, language: SiteLanguage) -> Any:
    return draft(answers.request()["application"], language.words)


def _take_along(request: Request, language: SiteLanguage, stream: str, ground: str) -> Response:
    """Return the answers as a file, without those that cannot be read."""
    answers = _answers(request, stream, ground)
    if answers is None:
        return not_found(request, language)
    disposition = {"Content-Disposition": f'attachment; filename="{FILE_NAME}"'}
    content = _draft(answers, language).line
    return Response(content, headers=_UNKEPT | disposition, media_type=MEDIA_TYPE)
