"""What is made of answers, also of odd ones."""

import asyncio

import httpx
import pytest

from services.operations.sources import alerts, objectives, services
from services.operations.sources.alerts import Alerts
from services.operations.sources.objectives import Objective
from services.operations.sources.services import Seen
from services.operations.sources.targets import Target
from tests.factories import NOW

TARGET = Target("notify", "notify:80")
FIRING = {
    "labels": {"alertname": "ConsumerGone", "severity": "page", "job": "notify"},
    "annotations": {"summary": "gone", "action": "start it", "runbook_url": "docs/runbooks/x.md"},
    "state": "firing",
    "activeAt": "2026-11-02T01:30:00.123456789Z",
    "value": "1e+00",
}
WATCHDOG = {"labels": {"alertname": "Watchdog", "severity": "none"}, "state": "firing"}
SILENCING = {"labels": {"alertname": "OutageRecently", "severity": "none"}, "state": "firing"}
PENDING = {"labels": {"alertname": "IntakeSlow"}, "state": "pending"}


def answering(*answers):
    """A client that gets these answers, one after the other by path."""
    by_path = dict(answers)

    async def answer(request):
        found = by_path[request.url.path]
        if isinstance(found, Exception):
            raise found
        if found is None:
            await asyncio.sleep(60)
        return found

    return httpx.AsyncClient(transport=httpx.MockTransport(answer))


def ready(**body):
    return ("/readyz", httpx.Response(200, json={"status": "ready", "waiting_for": [], **body}))


METRICS = ("/metrics", httpx.Response(200, text='cppp_build_info{version="7"} 1.0\n'))


async def asked(*answers, before=Seen(TARGET)):  # noqa: B008 - is frozen
    return await services.ask(answering(*answers), before, 0.2, NOW)


async def test_a_service_says_what_it_waits_for_and_why():
    waiting = {"status": "waiting", "waiting_for": ["mail"], "reasons": {"mail": "421"}}

    seen = await asked(("/readyz", httpx.Response(503, json=waiting)), METRICS)

    assert (seen.state, seen.waiting_for, seen.reasons) == ("waiting", ["mail"], {"mail": "421"})
    assert (seen.figures.version, seen.answered_at, seen.away_since) == ("7", NOW, None)


@pytest.mark.parametrize(
    ("answer", "why"),
    [
        (None, "no answer in time"),
        (httpx.ConnectError("notify:80 refused"), "no connection"),
        (httpx.RemoteProtocolError("odd"), "the connection broke"),
        (httpx.Response(500), "answered 500"),
        (httpx.Response(200, text="<html>"), "an answer that is not this platform's"),
        (httpx.Response(200, json={"status": "odd"}), "an answer that is not this platform's"),
    ],
)
async def test_whatever_else_it_says_it_is_away_and_its_last_figures_stay(answer, why):
    before = await asked(ready(), METRICS)

    seen = await asked(("/readyz", answer), METRICS, before=before)

    assert (seen.state, seen.away_because, seen.away_since) == ("away", why, NOW)
    assert (seen.figures.version, seen.answered_at) == ("7", NOW)


async def test_the_last_count_of_orphans_stays_until_a_restarted_service_has_counted():
    counted = 'cppp_orphans{stage="decided"} 2\ncppp_orphans_counted_timestamp_seconds 7\n'
    before = await asked(ready(), ("/metrics", httpx.Response(200, text=counted)))

    seen = await asked(ready(), METRICS, before=before)

    assert (seen.figures.orphans, seen.figures.orphans_at) == ({"decided": 2}, 7)
    assert seen.figures.version == "7"


async def test_metrics_that_are_none_are_no_answer():
    broken = ("/metrics", httpx.Response(200, text="cppp_build_info{version= 1\n"))

    assert (await asked(ready(), broken)).state == "away"


async def alerts_of(answer, before=Alerts("away")):  # noqa: B008 - is frozen
    client = answering(("/api/v1/alerts", answer))
    return await alerts.ask(client, "http://prometheus:9090/", before, 0.2, NOW)


async def test_firing_alerts_are_told_with_what_to_do():
    body = {"status": "success", "data": {"alerts": [PENDING, WATCHDOG, SILENCING, FIRING]}}

    found = await alerts_of(httpx.Response(200, json=body))

    assert (found.source, found.is_watched, found.told_at) == ("answers", True, NOW)
    [alert] = found.firing
    assert (alert.name, alert.severity, alert.about) == ("ConsumerGone", "page", "notify")
    assert (alert.action, alert.runbook) == ("start it", "docs/runbooks/x.md")


@pytest.mark.parametrize(
    "answer",
    [None, httpx.Response(500), httpx.Response(200, text="{"), httpx.ConnectError("no")],
)
async def test_a_prometheus_that_does_not_answer_keeps_its_last_alerts(answer):
    before = await alerts_of(httpx.Response(200, json={"data": {"alerts": [FIRING]}}))

    found = await alerts_of(answer, before)

    assert (found.source, found.firing) == ("away", before.firing)


async def test_without_an_address_there_are_none():
    assert await alerts.ask(answering(), None, Alerts(), 0.2, NOW) == Alerts("not-set")


def series(name, objective, value):
    return {"metric": {"__name__": name, "objective": objective}, "value": [1796000000.5, value]}


TOLD = [
    series("objective:target:ratio", "mailed", "0.95"),
    series("objective:target:ratio", "decided", "0.5"),
    series("objective:bad_events:ratio_rate1h", "decided", "0.25"),
    series("objective:budget_left:ratio30d", "decided", "-0.5"),
    series("objective:bad_events:ratio_rate1h", "mailed", "NaN"),
    series("objective:bad_events:ratio_rate1h", "unheard-of", "0"),
]
MET = [Objective(name="x", target_percent=99, hour_percent=100, budget_left_percent=100)]


async def objectives_of(answer):
    client = answering(("/api/v1/query", answer))
    return await objectives.ask(client, "http://prometheus:9090/", MET, 0.2)


async def test_objectives_are_told_with_what_is_left():
    found = await objectives_of(httpx.Response(200, json={"data": {"result": TOLD}}))

    assert [tuple(each.model_dump().values()) for each in found] == [
        ("decided", 50, 75, -50),
        ("mailed", 95, None, None),
    ]


@pytest.mark.parametrize(
    "answer",
    [None, httpx.Response(500), httpx.Response(200, text="{"), httpx.ConnectError("no")],
)
async def test_a_prometheus_that_does_not_answer_keeps_its_last_objectives(answer):
    assert await objectives_of(answer) == MET


async def test_without_an_address_there_are_no_objectives():
    assert await objectives.ask(answering(), None, (), 0.2) == ()
