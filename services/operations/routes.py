"""The overview as JSON and as a page, and the runbooks that it links."""

import time
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from http import HTTPStatus
from pathlib import Path
from typing import Final

from fastapi import APIRouter, Request, Response
from fastapi.responses import HTMLResponse

from services.operations.dead_letters.counting import DeadLetterCounts
from services.operations.overview.building import Seeing, build_overview
from services.operations.overview.model import Overview
from services.operations.page.rendering import Plots, overview_page, runbook_page
from services.operations.page.runbooks import read_runbook
from services.operations.sources.looking import Look
from shared.http.openapi import problem_response
from shared.http.problems import Problem

_NO_RUNBOOK: Final = "There is no such runbook. Open / instead."

router = APIRouter(tags=["operations"])


@dataclass(frozen=True, slots=True)
class Observer:
    """What the routes show."""

    look: Look
    letters: DeadLetterCounts
    runbooks: Path
    now: Callable[[], datetime]

    def overview(self, clock: float) -> Overview:
        """Return the overview now; `clock` is that of the history."""
        seeing = Seeing(self.look, self.letters.groups, self.letters.counted_at, clock)
        return build_overview(seeing, self.now())


@router.get("/v1/overview")
async def overview(request: Request) -> Overview:
    """Return how the platform is doing: flow, lag, services, dead letters, orphans, alerts."""
    return _observer(request).overview(time.monotonic())


@router.get("/", response_class=HTMLResponse)
async def page(request: Request) -> Response:
    """Return the same as a page, which reloads itself."""
    observer, clock = _observer(request), time.monotonic()
    found = observer.overview(clock)
    return overview_page(found, Plots.of(found, observer.look.history, clock))


@router.get(
    "/runbooks/{name}",
    response_class=HTMLResponse,
    responses={HTTPStatus.NOT_FOUND: problem_response(_NO_RUNBOOK)},
)
async def runbook(request: Request, name: str) -> Response:
    """Return a page of docs/runbooks."""
    content = read_runbook(_observer(request).runbooks, name)
    if content is None:
        raise Problem(HTTPStatus.NOT_FOUND, "not-found", _NO_RUNBOOK)
    return runbook_page(name, content)


def _observer(request: Request) -> Observer:
    observer: Observer = request.app.state.observer
    return observer
