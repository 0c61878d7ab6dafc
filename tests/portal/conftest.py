"""The pages in this process, on what the samples and the rule files say."""

import json
from functools import cache

import httpx
import pytest
from fastapi import FastAPI

from cli.content.contents import checked_edition, contents
from samples.generate import HERE
from services.eligibility.app import create_app as eligibility_app
from services.eligibility.rule_set import rule_set_of as programme_rules
from services.eligibility.rules.programme import load_programme
from services.portal.pages.self_check import SelfCheck
from services.portal.routes import router
from services.portal.rules import fact_of
from services.portal.self_check.circuit import Circuit
from services.portal.self_check.eligibility import Eligibility
from services.portal.site.edition import Facts
from services.portal.web.templating import STYLE_ADDRESS
from services.recognition.rule_set import rule_set_of as scheme_rules
from services.recognition.rules.scheme import load_scheme
from shared.events.eligibility import ProgrammePublished
from shared.events.recognition import SchemePublished
from shared.http.rate_limit import RateLimit
from tests.factories import NOW, an_event


@cache
def sample_items():
    images, items = contents(checked_edition(HERE / "content"))
    return [*images, *items]


def in_force(rule_set, event):
    text = json.dumps(rule_set.content | {"in_force_from": NOW.isoformat()})
    return event.model_validate_json(text)


@cache
def published():
    programme = in_force(programme_rules(load_programme()), ProgrammePublished)
    scheme = in_force(scheme_rules(load_scheme()), SchemePublished)
    facts = Facts()
    facts.add(fact_of(an_event(each)) for each in (*sample_items(), programme, scheme))
    return facts.edition()


class FakeSite:
    """What the pages read: an edition, and as of when it is."""

    def __init__(self, edition, as_of=NOW):
        self.edition, self.as_of = edition, as_of


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
async def browser(site, self_check):
    app = FastAPI()
    app.state.site, app.state.self_check = site, self_check
    app.state.intake_public_url = "http://intake.example"
    app.include_router(router)
    transport = httpx.ASGITransport(app)
    async with httpx.AsyncClient(transport=transport, base_url="http://site") as client:
        yield client


@pytest.fixture
def style_address():
    return STYLE_ADDRESS
