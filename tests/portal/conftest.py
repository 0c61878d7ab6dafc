"""The pages in this process, on what the samples and the rule files say."""

import json
from functools import cache
from uuid import uuid4

import httpx
import pytest
from fastapi import FastAPI

from cli.content.contents import checked_edition, contents
from samples.generate import HERE
from services.eligibility.app import create_app as eligibility_app
from services.eligibility.rule_set import rule_set_of as programme_rules
from services.eligibility.rules.programme import load_programme
from services.portal.api import statistics as statistics_api
from services.portal.guard.headers import SecurityHeaders
from services.portal.routes import router
from services.portal.rules import fact_of
from services.portal.self_check.circuit import Circuit
from services.portal.self_check.eligibility import Eligibility
from services.portal.self_check.running import SelfCheck
from services.portal.site.edition import Facts
from services.portal.statistics.tally import Cell, Tally
from services.portal.web.templating import STYLE_ADDRESS
from services.recognition.rule_set import rule_set_of as scheme_rules
from services.recognition.rules.scheme import load_scheme
from shared.clock import months_after
from shared.events.eligibility import ProgrammePublished
from shared.events.recognition import SchemePublished
from shared.http.rate_limit import RateLimit
from tests.factories import NOW, an_event, label_awarded


@cache
def sample_items():
    images, items = contents(checked_edition(HERE / "content"))
    return [*images, *items]


def in_force(rule_set, event):
    text = json.dumps(rule_set.content | {"in_force_from": NOW.isoformat()})
    return event.model_validate_json(text)


def some_labels():
    """Return a valid, an expired and a future label."""
    today = NOW.date()
    days = {
        "GDHK-2026-00000001-01": (today, months_after(today, 24)),
        "GDHK-2023-00000002-02": (today.replace(year=2023), today.replace(year=2025)),
        "GDHK-2026-00000003-03": (months_after(today, 1), months_after(today, 25)),
    }
    return [
        label_awarded(
            str(uuid4()),
            certificate_number=number,
            round_year=int(number[5:9]),
            valid_from=first,
            valid_to=last,
        )
        for number, (first, last) in days.items()
    ]


@cache
def published():
    programme = in_force(programme_rules(load_programme()), ProgrammePublished)
    scheme = in_force(scheme_rules(load_scheme()), SchemePublished)
    facts = Facts()
    everything = (*sample_items(), programme, scheme, *some_labels())
    facts.add(fact_of(an_event(each)) for each in everything)
    return facts.edition()


class FakeSite:
    """What the pages read: an edition, and as of when it is."""

    def __init__(self, edition, as_of=NOW):
        self.edition, self.as_of, self.read_until = edition, as_of, as_of


class FakeStatistics:
    """The numbers that the pages read, and as of when they are."""

    def __init__(self, tally, as_of=NOW):
        self.tally, self.as_of, self.read_until = tally, as_of, as_of


@pytest.fixture
def statistics():
    cells = {
        "assessment": Cell(9, 5, 2, 1, 1_234_567_00),
        "organisation-support": Cell(2, 2, cents=7),
    }
    return FakeStatistics(
        Tally(
            {
                "phase": {"4": Cell(8, 7, 0, 0, 1_234_567_07), "no-phase": Cell(3, 0, 2, 1)},
                "stream": cells,
                "industry": {"textiles": cells["assessment"], "no-factory": Cell(2, 2, cents=7)},
                "place": {"foshan": Cell(1), "dongguan": Cell(8, 5, 2, 1, 1_234_567_00)}
                | {"no-factory": Cell(2, 2, cents=7)},
                "month": {
                    "2008-04": Cell(1, 1, cents=3),
                    "2026-11": Cell(10, 6, 2, 1, 1_234_567_04),
                },
                "category": {"partner-manufacturing": Cell(4, 0, 1, 1)},
            }
        )
    )


@pytest.fixture(scope="session")
def edition():
    return published()


@pytest.fixture
def site(edition):
    return FakeSite(edition)


@pytest.fixture
def rules_transport():
    """How the self-check reaches the rules: `eligibility` in this process, without servers."""
    return httpx.ASGITransport(eligibility_app())


@pytest.fixture
def calls():
    """How calls of the self-check ended."""
    return []


@pytest.fixture
async def self_check(rules_transport, calls):
    circuit = Circuit(failures=3, seconds=60.0, now=lambda: 0.0)
    eligibility = Eligibility("http://rules", 5.0, calls.append, circuit, rules_transport)
    yield SelfCheck(eligibility, RateLimit(20, now=lambda: 0.0))
    await eligibility.close()


@pytest.fixture
def site_app(site, self_check, statistics):
    app = FastAPI()
    app.state.site, app.state.now = site, lambda: NOW
    app.state.self_check = self_check
    app.state.intake_public_url = "http://intake.example"
    app.state.statistics = statistics
    app.include_router(statistics_api.router)
    app.include_router(router)
    return app


@pytest.fixture
async def browser(site_app):
    transport = httpx.ASGITransport(SecurityHeaders(site_app, always_tls=False))
    async with httpx.AsyncClient(transport=transport, base_url="http://site") as client:
        yield client


@pytest.fixture
def style_address():
    return STYLE_ADDRESS
