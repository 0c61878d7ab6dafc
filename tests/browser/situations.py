"""Sites in situations that the real one cannot be brought into; each is served by this process."""

import json
from collections.abc import Callable, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import cache
from typing import Any, Final

from fastapi import FastAPI
from starlette.types import ASGIApp, Receive, Scope, Send

from cli.content.contents import checked_edition, contents
from devstack.stack.ports import LOCALHOST
from samples.generate import HERE
from services.eligibility.rule_set import rule_set_of as programme_rules
from services.eligibility.rules.programme import load_programme
from services.portal.app import create_app
from services.portal.guard.headers import SecurityHeaders
from services.portal.guard.limits import Limits
from services.portal.rules import fact_of
from services.portal.self_check.circuit import Circuit
from services.portal.self_check.eligibility import Eligibility
from services.portal.self_check.running import SelfCheck
from services.portal.site.edition import Edition, Facts
from services.portal.statistics.tally import Tally
from shared.clock import utc_now
from shared.events.eligibility import ProgrammePublished
from shared.http.rate_limit import RateLimit, too_many_requests
from tests.browser.labels import NUMBER, some_labels
from tests.browser.states import ACCEPTED, State
from tests.factories import an_event

_LONG_AGO: Final = timedelta(days=2)
_CHECKED: Final = f"/self-check/new-technology/1b?{ACCEPTED}"
_NOBODY_LISTENS: Final = f"http://{LOCALHOST}:9"


@dataclass(frozen=True, slots=True)
class Situation:
    """What a site is in, the application that is in it, and the states that are shown then."""

    name: str
    app: Callable[[], ASGIApp]
    states: Sequence[State]


@dataclass
class _Shown:
    """What pages read of the site, and of the statistics."""

    edition: Edition
    as_of: datetime | None
    read_until: datetime | None
    tally: Tally


class _Spent(RateLimit):
    """The allowance of somebody who has asked for too much."""

    def __init__(self) -> None:
        super().__init__(1)

    def take(self, client: str) -> None:  # noqa: ARG002  # that of any client
        raise too_many_requests(self.per_minute, 30)


class _Defective:
    """A site with a defect."""

    @property
    def edition(self) -> Edition:
        raise RuntimeError

    as_of = read_until = edition


@asynccontextmanager
async def _nothing_runs(_app: FastAPI):
    yield


def _app(site: Any, statistics: Any = None, limit: RateLimit | None = None) -> FastAPI:
    """Return the application as it is while it runs, showing this."""
    app = create_app()
    app.router.lifespan_context = _nothing_runs
    app.state.site, app.state.statistics, app.state.now = site, statistics or site, utc_now
    circuit = Circuit(failures=3, seconds=60.0, now=lambda: 0.0)
    away = Eligibility(_NOBODY_LISTENS, 5.0, lambda _outcome: None, circuit)
    app.state.self_check = SelfCheck(away, limit or RateLimit(0))
    app.state.intake_public_url = "http://intake.example"
    return app


def _showing(edition: Edition, age: timedelta = timedelta()) -> _Shown:
    now = utc_now()
    return _Shown(edition, now, now - age, Tally())


@cache
def _published() -> Edition:
    """Return the samples with the programme and labels."""
    _images, items = contents(checked_edition(HERE / "content"))
    rules = programme_rules(load_programme()).content
    written = json.dumps(rules | {"in_force_from": utc_now().isoformat()})
    programme = ProgrammePublished.model_validate_json(written)
    facts = Facts()
    facts.add(fact_of(an_event(each)) for each in (*items, programme, *some_labels()))
    return facts.edition()


def _starting() -> FastAPI:
    return _app(_Shown(Edition(), None, None, Tally()))


def _empty() -> FastAPI:
    return _app(_showing(Edition()))


def _not_counted() -> FastAPI:
    return _app(_showing(_published()), _Shown(Edition(), None, None, Tally()))


def _not_current() -> FastAPI:
    return _app(_showing(_published(), _LONG_AGO))


def _age_unknown() -> FastAPI:
    site = _showing(_published())
    site.read_until = None
    return _app(site)


def _rules_away() -> FastAPI:
    return _app(_showing(_published()))


def _checked_too_often() -> FastAPI:
    return _app(_showing(_published()), limit=_Spent())


def _asked_too_often() -> ASGIApp:
    app = _app(_showing(_published()))
    refused = SecurityHeaders(Limits(app, _Spent()), always_tls=False)

    async def styles_are_in_the_browser(scope: Scope, receive: Receive, send: Send) -> None:
        is_page = scope["type"] == "http" and not scope["path"].startswith("/static/")
        await (refused if is_page else app)(scope, receive, send)

    return styles_are_in_the_browser


SITUATIONS: Final = (
    Situation("starting", _starting, [State("", 503)]),
    Situation(
        "nothing-published",
        _empty,
        [
            State(""),
            State("/programme"),
            State("/recognition"),
            State("/recognition/history"),
            State("/toolbox"),
            State("/toolbox/estimate"),
            State("/technologies"),
            State("/cases"),
            State("/news"),
            State("/events"),
            State("/resources"),
            State("/questions"),
            State("/labels"),
            State("/certificates"),
            State(f"/certificates/{NUMBER}", 404),
            State("/statistics"),
            State("/self-check"),
            State("/self-check/new-technology"),
            State("/self-check/new-technology/1b"),
            State("/apply"),
            State("/status"),
        ],
    ),
    Situation("not-counted", _not_counted, [State("/statistics")]),
    Situation(
        "not-current",
        _not_current,
        [
            State(""),
            State("/labels"),
            State("/labels?status=valid"),
            State(f"/certificates/{NUMBER}"),
            State("/certificates/GDHK-2026-99999999-99", 404),
        ],
    ),
    Situation("age-unknown", _age_unknown, [State(""), State(f"/certificates/{NUMBER}")]),
    Situation("eligibility-away", _rules_away, [State(_CHECKED, 503)]),
    Situation("checked-too-often", _checked_too_often, [State(_CHECKED, 429)]),
    Situation("asked-too-often", _asked_too_often, [State("", 429), State("/news", 429)]),
    Situation("defect", lambda: _app(_Defective()), [State("", 500)]),
)
