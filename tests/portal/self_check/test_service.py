"""The self-check on the real services: the site asks `eligibility` over HTTP."""

import re
from html import unescape

import httpx
import pytest

from services.eligibility.rules.catalogue import REASONS
from services.eligibility.settings import SERVICE as ELIGIBILITY
from services.portal.settings import SERVICE
from services.portal.web.wording import WORDING
from tests.waiting import eventually

SENTENCES = {"en": "en", "tc": "zh_hant", "sc": "zh_hans"}
FACTORY = {"place": "guangdong", "industry": "textiles", "number": "91441900PDY00001XE"}
SUPPORTED = FACTORY | {"cost": "80,000", "quotations": "5", "other_public_funding": "no"}
QUARTER = {"as_of": "2024-06-03", "starts_on": "2024-07-01", "ends_on": "2024-09-30"}
NEW = {"as_of": "2026-11-30", "on_technology_list": "yes", "developed_by": "hong-kong"}
ASSOCIATION = {"kind": "trade-association", "based_in_hong_kong": "yes", "cost": "80,000"}
SHARES = {"mainland_share_percent": "50.01", "hong_kong_share_percent": "30"}
RESIDENT = SHARES | {"same_resident": "yes", "holder_is_natural_person": "yes"}
# Of verification and of the initiative no source gives a share or a ceiling: none is eligible.
CASES = [
    ("assessment/1a", SUPPORTED | QUARTER, "eligible", "grant-is-share"),
    (
        "assessment/1a",
        SUPPORTED | QUARTER | {"ends_on": "2/10/2024"},
        "ineligible",
        "project-too-long",
    ),
    (
        "assessment/1a",
        SUPPORTED | QUARTER | {"industry": "other"},
        "referred",
        "industry-not-priority",
    ),
    (
        "demonstration/1d",
        SUPPORTED | RESIDENT | {"as_of": "2018-06-01"},
        "eligible",
        "grant-is-share",
    ),
    (
        "demonstration/1d",
        SUPPORTED | RESIDENT | {"as_of": "2018-06-01", "mainland_share_percent": "50"},
        "ineligible",
        "mainland-share-too-low",
    ),
    (
        "demonstration/1d",
        SUPPORTED | RESIDENT | {"as_of": "2018-06-01", "other_public_funding": "yes"},
        "referred",
        "other-public-funding",
    ),
    (
        "demonstration-i/1b",
        SUPPORTED | QUARTER | {"cost": "1000000"},
        "eligible",
        "grant-is-ceiling",
    ),
    (
        "demonstration-i/2",
        SUPPORTED | QUARTER,
        "ineligible",
        "factory-not-in-hong-kong",
    ),
    (
        "demonstration-i/1b",
        SUPPORTED | QUARTER | {"quotations": "4"},
        "referred",
        "quotations-missing",
    ),
    (
        "demonstration-ii/1c",
        SUPPORTED | QUARTER | {"agreement_subsists": "yes", "requested": "10,000"},
        "eligible",
        "grant-is-sum-asked-for",
    ),
    (
        "demonstration-ii/1c",
        SUPPORTED | QUARTER | {"agreement_subsists": "no"},
        "ineligible",
        "agreement-not-subsisting",
    ),
    (
        "demonstration-ii/3",
        SUPPORTED | QUARTER | {"place": "hong-kong", "processes": "other"},
        "referred",
        "workshop-process-not-listed",
    ),
    ("verification/1b", SUPPORTED | {"as_of": "2014-06-03"}, "referred", "share-not-set"),
    ("verification/1b", SUPPORTED | {"as_of": "2024-06-03"}, "ineligible", "stream-not-in-phase"),
    ("new-technology/1b", SUPPORTED | NEW, "eligible", "grant-is-share"),
    (
        "new-technology/1b",
        SUPPORTED | NEW | {"valid_until": "2026年11月29日"},
        "ineligible",
        "business-registration-expired",
    ),
    (
        "new-technology/1b",
        SUPPORTED | NEW | {"on_technology_list": "no"},
        "referred",
        "technology-not-listed",
    ),
    ("organisation-support", ASSOCIATION | QUARTER, "referred", "ceiling-not-set"),
    (
        "organisation-support",
        ASSOCIATION | QUARTER | {"kind": "other"},
        "ineligible",
        "not-a-trade-association",
    ),
]


def check(site, code, form, answers):
    return site.get(f"/{code}/self-check/{form}", params={**answers, "check": "1"})


def heading(page):
    return unescape(re.search("<h1[^>]*>(.*?)</h1>", page.text)[1])


def ended(site, outcome):
    label = f'cppp_portal_assessments_total{{outcome="{outcome}",service="{SERVICE}"}} '
    return float(site.get("/metrics").text.partition(label)[2].partition("\n")[0])


@pytest.fixture
def eligibility(service_process):
    return service_process(ELIGIBILITY)


@pytest.fixture
def site(service_process, eligibility):
    settings = {
        "PORTAL_ELIGIBILITY_URL": eligibility.url,
        "PORTAL_ELIGIBILITY_SECONDS": "0.5",
        "PORTAL_CHECKS_PER_MINUTE": "0",
    }
    with httpx.Client(base_url=service_process(SERVICE, settings).url) as client:
        eventually(lambda: "phase-4" in client.get("/en/programme").text)
        yield client


def test_every_stream_is_judged_by_the_real_rules_whatever_happens_to_them(site, eligibility):
    for form, answers, outcome, reason in CASES:
        for code, language in SENTENCES.items():
            page = check(site, code, form, answers)
            assert page.status_code == 200, (form, code)
            assert heading(page) == WORDING[code][f"outcome.{outcome}"], (form, code)
            text = unescape(page.text)
            assert getattr(REASONS[reason], language) in text, (form, code)
            assert REASONS[reason].source.partition(",")[0] in text or reason.endswith("asked-for")
    assert ended(site, "answered") == 3 * len(CASES)

    form, answers, *_ = CASES[0]
    eligibility.pause()
    for code in SENTENCES:
        page = check(site, code, form, answers)
        assert page.status_code == 503
        assert WORDING[code]["self-check.away"] in page.text
        assert 'value="80,000"' in page.text
    assert ended(site, "slow") == 3
    assert check(site, "en", form, answers).status_code == 503
    assert ended(site, "not-asked") == 1
    assert site.get("/readyz").json()["status"] == "ready"
    assert site.get(f"/en/self-check/{form}").status_code == 200

    eligibility.resume()
    eventually(lambda: check(site, "en", form, answers).status_code == 200)
