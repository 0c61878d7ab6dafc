"""The pages of the self-check, on the real rules in this process."""

import json
import re
from html import unescape
from urllib.parse import urlencode

import httpx
import pytest

from services.intake.submission.body import Submission
from services.portal.web.wording import WORDING
from shared.http.body_reader import BodyReader
from shared.http.problems import Problem

FACTORY = {"place": "guangdong", "industry": "textiles", "number": "91441900PDY00001XE"}
NEW = {"on_technology_list": "yes", "developed_by": "hong-kong", "cost": "1,600,000"}
ASSOCIATION = {"kind": "trade-association", "based_in_hong_kong": "yes", "as_of": "2024-06-03"}
CODES = ("en", "tc", "sc")


def address(form, code="en", **answers):
    return f"/{code}/self-check/{form}?{urlencode({**answers, 'check': '1'}, doseq=True)}"


def words(code, key):
    return WORDING[code][key]


def hong_kong_dollars(amount, code):
    return f"HK${amount:,}" if code == "en" else f"{amount:,}港元"


def title(response):
    return unescape(re.search("<title>(.*?)</title>", response.text)[1])


async def answered(browser, form, code="en", status=200, **answers):
    response = await browser.get(address(form, code, **answers))
    assert response.status_code == status
    return response


@pytest.mark.parametrize("code", CODES)
async def test_a_form_is_there_before_anything_is_answered(browser, code, calls):
    response = await browser.get(f"/{code}/self-check/new-technology/1b")

    assert "error" not in response.text
    assert "no-store" not in response.headers["cache-control"]
    assert calls == []


async def test_answers_in_an_address_fill_the_form_without_complaints(browser, calls):
    response = await browser.get("/en/self-check/new-technology/1b?cost=1,600,000&place=hong-kong")

    assert 'value="1,600,000"' in response.text
    assert 'value="hong-kong" checked' in response.text
    assert "error" not in response.text
    assert response.headers["cache-control"] == "no-store"
    assert calls == []


@pytest.mark.parametrize("code", CODES)
@pytest.mark.parametrize(
    ("form", "asked"),
    [
        ("new-technology/1b", {"place", "industry", "on_technology_list", "developed_by", "cost"}),
        ("organisation-support", {"kind", "based_in_hong_kong", "cost"}),
    ],
)
async def test_at_first_sight_is_what_must_be_answered_and_the_cost(browser, code, form, asked):
    text = (await browser.get(f"/{code}/self-check/{form}")).text
    shown, _, folded = text.partition("<form")[2].partition("<details")

    assert set(re.findall(' name="([^"]+)"', shown)) == asked
    assert "<summary" in folded
    assert words(code, "self-check.more") in folded
    assert "requested" in re.findall(' name="([^"]+)"', folded)


@pytest.mark.parametrize(
    ("query", "is_open"),
    [
        ("", False),
        ("place=hong-kong", False),
        ("check=1&place=hong-kong", False),
        ("requested=&other_public_funding=&place=hong-kong&cost=5", False),
        ("requested=5", True),
        ("check=1&requested=much", True),
        ("check=1&owned_by=nobody", True),
    ],
)
async def test_more_questions_are_open_if_one_is_answered_or_wrong(browser, query, is_open):
    text = (await browser.get(f"/en/self-check/new-technology/1b?{query}")).text

    assert bool(re.search(r"<details[^>]* open", text)) == is_open


async def test_mistakes_are_listed_in_the_order_of_the_page(browser):
    response = await answered(browser, "new-technology/1b", status=400, number="1")
    summary = response.text.partition("govuk-error-summary__list")[2].partition("</ul>")[0]
    ids = re.findall(' id="([^"]+)"', response.text)

    links = re.findall('href="#([a-z_]+)"', summary)
    assert links[-1] == "number"
    assert sorted(links, key=ids.index) == links


@pytest.mark.parametrize("code", CODES)
async def test_every_mistake_is_named_and_what_was_typed_stays(browser, code, calls):
    typed = {"place": "guangdong", "cost": "160萬", "quotations": "<b>"}
    response = await answered(browser, "new-technology/1b", code, 400, **typed)

    assert title(response).startswith(words(code, "site.error").partition("{")[0])
    summary = response.text.partition("govuk-error-summary__list")[2].partition("</ul>")[0]
    links = re.findall('href="#([a-z_]+)"', summary)
    assert links == ["industry", "on_technology_list", "developed_by", "cost", "quotations"]
    ids = re.findall(' id="([^"]+)"', response.text)
    assert len(ids) == len({*ids})
    assert {*links} | {f"{each}-error" for each in links} <= {*ids}
    assert 'value="160萬"' in response.text
    assert 'value="guangdong" checked' in response.text
    assert "<b>" not in response.text
    assert calls == []


@pytest.mark.parametrize("code", CODES)
async def test_who_may_apply_learns_how_much_and_why(browser, code, calls):
    response = await answered(browser, "new-technology/1b", code, **FACTORY, **NEW)

    assert title(response).startswith(words(code, "outcome.eligible"))
    assert hong_kong_dollars(750_000, code) in response.text
    assert 'href="#S10">S10</a>' in response.text
    assert 'id="S10"' in response.text
    assert words(code, "self-check.no-decision") in response.text
    assert words(code, "ask.other_public_funding") in response.text
    assert calls == ["answered"]


async def test_an_answer_can_be_read_in_another_language_and_changed(browser):
    response = await answered(browser, "new-technology/1b", **FACTORY, **NEW)
    links = [unescape(each) for each in re.findall('href="([^"]+)"', response.text)]

    other = await browser.get(next(e for e in links if e.startswith("/tc/self-check/new")))
    assert title(other).startswith(words("tc", "outcome.eligible"))
    forms = [e for e in links if e.startswith("/en/self-check/new-technology/1b?")]
    form = await browser.get(next(e for e in forms if "check=1" not in e))
    assert 'value="1,600,000"' in form.text
    assert "error" not in form.text


async def test_an_answer_is_nobodys_to_keep(browser):
    response = await answered(browser, "new-technology/1b", **FACTORY, **NEW)

    assert response.headers["cache-control"] == "no-store"
    assert response.headers["x-robots-tag"] == "noindex"
    assert "default-src 'none'" in response.headers["content-security-policy"]


@pytest.mark.parametrize("code", CODES)
async def test_a_refusal_names_each_reason_and_leads_on(browser, code):
    shares = {
        "mainland_share_percent": "50",
        "hong_kong_share_percent": "29",
        "same_resident": "no",
    }
    response = await answered(browser, "new-technology/1d", code, **FACTORY, **NEW, **shares)

    assert title(response).startswith(words(code, "outcome.ineligible"))
    reasons = response.text.partition(words(code, "effect.refusal"))[2].partition("</ul>")[0]
    assert reasons.count("<li>") == 3
    assert f'href="/{code}/self-check/new-technology"' in response.text
    assert f'href="/{code}/apply"' not in response.text.partition("<main")[2]


@pytest.mark.parametrize("code", CODES)
async def test_what_is_left_to_a_person_is_told_with_the_amount_that_the_terms_give(browser, code):
    days = {"starts_on": "2024-07-01", "ends_on": "2025-06-30"}
    answers = {**ASSOCIATION, **days, "cost": "100,000"}
    response = await answered(browser, "organisation-support", code, **answers)

    assert title(response).startswith(words(code, "outcome.referred"))
    assert words(code, "self-check.indicative") in response.text
    assert hong_kong_dollars(90_000, code) in response.text
    assert words(code, "next.committee") in response.text


async def test_while_a_needed_fact_is_open_the_outcome_is_too(browser):
    factory = {k: v for k, v in FACTORY.items() if k != "number"}
    response = await answered(browser, "new-technology/1b", **factory, **NEW)

    assert title(response).startswith(words("en", "outcome.open-eligible"))
    assert words("en", "self-check.is-needed") in response.text


async def test_a_stream_that_is_not_open_says_so_before_any_question(browser):
    note = words("en", "self-check.stream-not-open")

    for path in ("assessment", "assessment/1a", "organisation-support"):
        assert note in (await browser.get(f"/en/self-check/{path}")).text
    assert note not in (await browser.get("/en/self-check/new-technology/1a")).text


@pytest.mark.parametrize(
    "path", ["mining", "assessment/4", "assessment/1b/x", "organisation-support/1a", "assessment/"]
)
async def test_there_are_no_other_forms(browser, path):
    assert (await browser.get(f"/en/self-check/{path}")).status_code == 404


async def test_the_answers_are_taken_along_and_intake_asks_for_what_is_blank(browser):
    response = await answered(browser, "new-technology/1b", **FACTORY, **NEW)
    link = unescape(re.search(r'href="([^"]+application\.ndjson\?[^"]+)"', response.text)[1])

    taken = await browser.get(link)
    assert "attachment" in taken.headers["content-disposition"]
    assert taken.content.count(b"\n") == 1
    assert json.loads(taken.content)["application"]["project"]["cost_cents"] == 160_000_000
    with pytest.raises(Problem) as refused:
        BodyReader(Submission).read(taken.content)
    asked = {each.pointer for each in refused.value.errors}
    blanks = {
        "/application/enterprise/business_registration_number",
        "/application/enterprise/name",
        "/application/factory/city",
        "/application/factory/name",
        "/application/project/ends_on",
        "/application/project/starts_on",
        "/application/project/title",
        "/application/technology/name",
        "/contact/email",
        "/contact/name",
    }
    assert asked == blanks
    shown = unescape(response.text)
    assert all(words("en", f"blank.{each}") in shown for each in blanks)


class TestWithoutRules:
    @pytest.fixture
    def rules_transport(self):
        async def away(request):
            raise httpx.ConnectError(request.method)

        return httpx.MockTransport(away)

    @pytest.mark.parametrize("code", CODES)
    async def test_the_page_says_so_and_keeps_the_answers(self, browser, code, calls):
        response = await browser.get(address("new-technology/1b", code, **FACTORY, **NEW))

        assert response.status_code == 503
        assert response.headers["retry-after"]
        assert words(code, "self-check.away") in response.text
        assert 'value="1,600,000"' in response.text
        assert calls == ["away"]
        for path in ("", "/self-check", "/programme", "/self-check/new-technology/1b"):
            assert (await browser.get(f"/{code}{path}")).status_code == 200


class TestRulesThatAcceptLess:
    @pytest.fixture
    def rules_transport(self):
        errors = [{"pointer": "/application/factory/registration_number", "detail": "Must …"}]
        refusal = {"errors": errors}
        return httpx.MockTransport(lambda _: httpx.Response(422, json=refusal))

    async def test_the_answer_that_was_refused_is_marked(self, browser):
        response = await answered(browser, "new-technology/1b", "en", 400, **FACTORY, **NEW)

        assert re.findall('href="#([a-z_]+)"', response.text) == ["main", "number"]


async def test_a_visitor_who_asks_too_often_waits_and_others_do_not(browser, self_check):
    path = address("new-technology/1b", **FACTORY, **NEW)
    for _ in range(20):
        self_check.limit.take("127.0.0.1")

    refused = await browser.get(path)
    assert refused.status_code == 429
    assert int(refused.headers["retry-after"]) > 0
    assert words("en", "self-check.too-many") in refused.text
    assert 'value="1,600,000"' in refused.text
    self_check.limit.take("127.0.0.2")


async def test_very_many_fields_and_very_long_answers_are_passed_over(browser):
    fields = "&".join(f"f{each}=x" for each in range(2_000))
    response = await browser.get(
        f"/en/self-check/organisation-support?check=1&{fields}&cost={'9' * 10_000}"
    )

    assert response.status_code == 400
    assert "9" * 300 not in response.text


async def test_before_the_site_has_read_anything_nothing_is_asked(browser, site, calls):
    site.as_of = None

    response = await browser.get(address("new-technology/1b", **FACTORY, **NEW))
    assert response.status_code == 503
    assert calls == []


@pytest.mark.parametrize("code", CODES)
async def test_how_to_apply_leads_to_the_description_of_the_interface(browser, code):
    response = await browser.get(f"/{code}/apply")

    assert 'href="http://intake.example/docs"' in response.text
    assert hong_kong_dollars(1_360_000, code) in response.text
    assert f'href="/{code}/status"' in response.text


async def test_pages_of_editors_lead_to_all_three(browser):
    for path, target in (
        ("questions/how-to-start", "self-check"),
        ("questions/how-to-start", "apply"),
        ("pages/after-you-apply", "status"),
    ):
        assert f'href="/en/{target}"' in (await browser.get(f"/en/{path}")).text
