"""What the service shows over HTTP: decisions, standings, certificates, statistics."""

from dataclasses import replace
from datetime import date
from uuid import uuid4

import httpx
import pytest

from services.recognition.app import create_app
from services.recognition.rules.labels import HistoricalLabel
from services.recognition.rules.scheme import load_scheme
from tests.factories import a_record, a_submission
from tests.recognition.rulings import a_candidacy, a_candidacy_of, a_ruling, all_approved

OLD = HistoricalLabel(2018, "partner-manufacturing", "光輝紡織有限公司", None, "粵港/2018-001")


@pytest.fixture
async def client(service):
    app = create_app()
    app.state.store, app.state.scheme = service.store, load_scheme()
    app.state.decisions = service.store.cases.decisions
    transport = httpx.ASGITransport(app)
    async with httpx.AsyncClient(transport=transport, base_url="http://recognition") as client:
        yield client


@pytest.fixture
async def awarded(service):
    """An application whose label was awarded in 2025; valid for two years from then."""
    submission = a_candidacy()
    await service.handle(a_record(submission))
    await service.ruled(*all_approved(submission.application_id))
    service.set_clock(2025, 9, 20)
    await service.sweep()
    [label] = await service.store.labels.awards([submission.application_id])
    return label


async def test_decisions_are_shown_with_their_reasons_in_every_language(client, service):
    submission = a_submission("recognition")
    await service.handle(a_record(submission))

    answer = await client.get(f"/v1/decisions/{submission.application_id}")

    [shown] = answer.json()
    assert answer.status_code == 200
    assert (shown["outcome"], shown["round_year"], shown["step"]) == ("not-qualified", None, None)
    [reason] = shown["reasons"]
    assert reason["code"] == "no-open-round"
    assert set(reason) == {"code", "source", "en", "zh_hant", "zh_hans"}


async def test_decisions_are_shown_in_the_order_of_the_steps(client, awarded):
    shown = (await client.get(f"/v1/decisions/{awarded.application_id}")).json()

    assert [each["step"] for each in shown] == [
        None,
        "document-check",
        "on-site-assessment",
        "joint-committee",
        "violation-check",
        "notice-period",
    ]
    assert shown[-1]["notice_ends_on"] == "2025-09-19"


async def test_a_candidacy_shows_which_steps_are_missing(client, service):
    submission = a_candidacy()
    await service.handle(a_record(submission))
    for step in ("document-check", "notice-period"):
        await service.ruled(a_ruling(submission.application_id, step))

    shown = (await client.get(f"/v1/candidacies/{submission.application_id}")).json()

    assert shown["state"] == "steps-missing"
    assert shown["missing"] == ["on-site-assessment", "joint-committee", "violation-check"]
    assert [each["status"] for each in shown["steps"]] == [
        "approved",
        "missing",
        "missing",
        "missing",
        "approved",
    ]
    assert shown["notice"] == {
        "begins_on": "2025-09-15",
        "ends_on": "2025-09-19",
        "working_days": 5,
        "calendar": "mainland",
    }


async def test_an_id_may_be_in_any_case(client, awarded):
    for path in ("candidacies", "decisions"):
        shown = await client.get(f"/v1/{path}/{awarded.application_id}")
        in_capitals = await client.get(f"/v1/{path}/{awarded.application_id.upper()}")
        assert in_capitals.json() == shown.json()


async def test_the_etag_of_decisions_changes_with_the_next_decision(client, service):
    submission = a_candidacy()
    await service.handle(a_record(submission))
    url = f"/v1/decisions/{submission.application_id}"
    tag = (await client.get(url)).headers["etag"]
    assert (await client.get(url, headers={"If-None-Match": tag})).status_code == 304

    await service.ruled(*all_approved(submission.application_id))
    service.set_clock(2025, 9, 20)
    await service.sweep()

    answer = await client.get(url, headers={"If-None-Match": tag})
    assert answer.status_code == 200
    assert answer.headers["etag"] != tag


async def test_a_refused_step_is_shown_as_refused(client, service):
    submission = a_candidacy()
    await service.handle(a_record(submission))
    refusal = a_ruling(submission.application_id, "violation-check", "refused")
    await service.ruled(*all_approved(submission.application_id), refusal)

    shown = (await client.get(f"/v1/candidacies/{submission.application_id}")).json()

    assert (shown["state"], shown["certificate_number"]) == ("refused", None)
    assert [each["status"] for each in shown["steps"]].count("refused") == 1


async def test_a_candidacy_whose_label_another_has_says_so(client, service):
    first, second = a_candidacy_of("12345678"), a_candidacy_of("12345678")
    await service.handle(a_record(first), a_record(second))
    await service.ruled(*all_approved(second.application_id))

    shown = (await client.get(f"/v1/candidacies/{second.application_id}")).json()

    assert (shown["prerequisites"], shown["state"]) == ("referred", "label-claimed")
    assert shown["missing"] == []


async def test_a_certificate_is_verified_by_its_number_whatever_its_spaces_and_case(
    client, awarded
):
    typed = f" {awarded.certificate_number.lower()} "

    shown = (await client.get(f"/v1/certificates/{typed}")).json()

    assert shown == {
        "certificate_number": awarded.certificate_number,
        "status": "valid",
        "category": "partner-manufacturing",
        "enterprise_name": "Bright Textiles Limited",
        "round_year": 2025,
        "valid_from": "2025-09-20",
        "valid_to": "2027-09-19",
    }


@pytest.mark.parametrize(
    ("days", "status"),
    [
        ({}, "days-not-known"),
        ({"valid_to": "2020-12-06"}, "expired"),
        ({"valid_from": "2018-12-07", "valid_to": "2190-12-06"}, "valid"),
        ({"valid_from": "2180-12-07", "valid_to": "2190-12-06"}, "not-yet-valid"),
    ],
)
async def test_a_certificate_of_earlier_years_is_verified_as_well(client, service, days, status):
    parsed = {name: day_of(text) for name, text in days.items()}
    assert await service.store.history.keep([replace(OLD, **parsed)]) == ["new"]

    shown = (await client.get("/v1/certificates/粵港/2018-001")).json()

    assert (shown["status"], shown["enterprise_name"]) == (status, "光輝紡織有限公司")


def day_of(text):
    return date.fromisoformat(text)


@pytest.mark.parametrize(
    ("number", "kind"),
    [
        ("GDHK-2025-12366463-14", "unknown-certificate"),
        ("GDHK-2025-12366463-15", "mistyped-certificate"),
        ("no such", "unknown-certificate"),
    ],
)
async def test_an_unknown_certificate_is_distinguished_from_a_mistyped_one(client, number, kind):
    answer = await client.get(f"/v1/certificates/{number}")

    assert answer.status_code == 404
    assert answer.json()["type"] == f"urn:cppp:problem:{kind}"
    assert answer.json()["certificate_status"] == "unknown"


async def test_a_number_that_is_too_long_is_refused(client):
    assert (await client.get(f"/v1/certificates/{'9' * 65}")).status_code == 422


async def test_statistics_show_stored_labels_beside_published_figures(client, service, awarded):
    await service.store.history.keep([OLD])

    rows = {each["year"]: each for each in (await client.get("/v1/statistics")).json()}

    assert rows[2018]["on_record_total"] == 1
    assert rows[2018]["published"]["total"] == 153
    assert rows[2025]["on_record"][awarded.category] == 1
    assert rows[2025]["published"] is None


@pytest.mark.parametrize("path", ["decisions", "candidacies"])
async def test_an_unknown_application_is_not_found(client, path):
    answer = await client.get(f"/v1/{path}/{uuid4()}")

    assert answer.status_code == 404
    assert answer.json()["type"].startswith("urn:cppp:problem:no-")


@pytest.mark.parametrize("path", ["decisions", "candidacies"])
async def test_an_invalid_id_is_refused_by_name(client, path):
    answer = await client.get(f"/v1/{path}/1;drop")

    assert answer.status_code == 422
    assert answer.json()["errors"][0]["pointer"] == "/path/application_id"
