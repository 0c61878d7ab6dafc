"""What the service counts."""

import asyncio
from datetime import timedelta
from itertools import product
from typing import get_args

from prometheus_client import generate_latest

from services.notify.metrics import NotifyMetrics
from services.notify.model import Deferred, Sent
from shared.errors import TransientError
from shared.events.envelope import Language
from shared.events.notify import Template
from shared.metrics import Metrics
from tests.factories import NOW, a_notification, a_recipient
from tests.waiting import eventually_async


def text_of(metrics):
    return generate_latest(metrics.registry).decode()


def test_attempts_of_every_template_language_and_result_begin_at_0():
    metrics = Metrics("notify")
    NotifyMetrics(metrics)

    for template, language in product(get_args(Template), get_args(Language)):
        for result in ("sent", "temporary-failure", "permanent-failure"):
            labels = {"template": template, "language": language, "result": result}
            found = {"service": "notify", **labels}
            assert metrics.registry.get_sample_value("cppp_emails_total", found) == 0


def test_attempts_are_counted_by_template_language_and_result():
    metrics = Metrics("notify")
    counted = NotifyMetrics(metrics)
    recipient = a_recipient(language="zh-Hans")

    counted.count(a_notification(), recipient, Sent("<1@x>", "zh-Hans", NOW), 0.02)
    counted.count(a_notification(), recipient, Deferred("smtp-450", 1, NOW, NOW), 0.02)

    labels = 'language="zh-Hans",result="{}",service="notify",template="eligible"'
    for result in ("sent", "temporary-failure"):
        assert f"cppp_emails_total{{{labels.format(result)}}} 1.0" in text_of(metrics)
    assert 'cppp_email_send_duration_seconds_count{service="notify"} 2.0' in text_of(metrics)


def test_the_time_from_the_decision_to_its_mail_is_counted_for_decisions_alone():
    metrics = Metrics("notify")
    counted, recipient = NotifyMetrics(metrics), a_recipient()
    sent = Sent("<1@x>", "en", NOW + timedelta(seconds=7))
    labels = '{from="decided",service="notify",to="mailed"}'
    assert f"cppp_end_to_end_seconds_count{labels} 0.0" in text_of(metrics)

    counted.count(a_notification(about="eligibility", occurred_at=NOW), recipient, sent, 0.02)
    counted.count(a_notification(about="received", occurred_at=NOW), recipient, sent, 0.02)
    counted.count(
        a_notification(about="eligibility", occurred_at=NOW),
        recipient,
        Deferred("smtp-450", 1, NOW, NOW),
        0.02,
    )

    assert f"cppp_end_to_end_seconds_sum{labels} 7.0" in text_of(metrics)
    assert f"cppp_end_to_end_seconds_count{labels} 1.0" in text_of(metrics)


async def test_what_waits_is_watched_by_state_and_an_outage_ends_nothing():
    metrics, closing, calls = Metrics("notify"), asyncio.Event(), []

    async def waiting():
        calls.append(True)
        if len(calls) == 1:
            return {"due": 3, "sending": 0}
        raise TransientError

    async def begun_today():
        return 7

    watching = asyncio.create_task(
        NotifyMetrics(metrics).watch(waiting, begun_today, lambda: "refuses", closing)
    )
    await eventually_async(lambda: 'state="due"} 3.0' in text_of(metrics))

    closing.set()
    await watching
    assert 'cppp_notifications_waiting{service="notify",state="sending"} 0.0' in text_of(metrics)
    unusable = 'cppp_mail_server_unusable{service="notify",why="%s"} %.1f'
    assert unusable % ("refuses", 1) in text_of(metrics)
    assert unusable % ("unreachable", 0) in text_of(metrics)
    assert 'cppp_emails_begun_today{service="notify"} 7.0' in text_of(metrics)
