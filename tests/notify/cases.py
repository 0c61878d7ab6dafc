"""Cases as they run over the topics, and what the running service shows of them."""

import httpx
import orjson

from shared.clock import milliseconds, utc_now
from shared.events.notify import NOTIFICATIONS
from tests.factories import a_contact_event, a_record, a_submission, eligibility_decided


def write(kafka, topic, data, *, time=None, timestamp=None):
    """Write an event of now; its time and the record's timestamp may be others."""
    record = a_record(data, topic=topic.name, time=time or utc_now())
    written_at = milliseconds(timestamp or utc_now())
    kafka.write(topic.name, record.value, record.headers, record.key, written_at)


def a_funding_case(language="en"):
    """Build the events about one application for funding."""
    submitted = a_submission("new-technology", received_at=utc_now())
    decided = eligibility_decided(application_id=submitted.application_id)
    contact = a_contact_event(submitted.application_id, name="陳大文", language=language)
    return submitted, decided, contact


def shown(service, application_id):
    answer = httpx.get(f"{service.url}/v1/notifications/{application_id}")
    return answer.json() if answer.is_success else []


def states(service, application_id):
    return [each["state"] for each in shown(service, application_id)]


def announced(kafka, application_id):
    return [
        (dict(message.headers())["ce_type"].decode(), orjson.loads(message.value()))
        for message in kafka.read(NOTIFICATIONS.name)
        if message.key() == application_id.encode()
    ]
