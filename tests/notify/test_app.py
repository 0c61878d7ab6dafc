"""The notifications that the service shows over HTTP."""

from uuid import uuid4

import httpx
import pytest

from services.notify.app import create_app
from services.notify.model import Sent
from services.notify.store.documents import OutcomeUpdate
from services.notify.store.notifications import MongoNotifications
from tests.factories import A_MINUTE, NOW, a_notification


@pytest.fixture
def notifications(database):
    return MongoNotifications(database["notifications"], "this")


@pytest.fixture
async def client(notifications):
    app = create_app()
    app.state.notifications = notifications
    transport = httpx.ASGITransport(app)
    async with httpx.AsyncClient(transport=transport, base_url="http://notify") as client:
        yield client


async def test_a_notification_is_shown_with_its_state_and_nothing_personal(client, notifications):
    notification = a_notification()
    await notifications.keep([notification], NOW)
    await notifications.claim(NOW, NOW + A_MINUTE, 1)
    sent = Sent("<1@cppp.example>", "zh-Hant", NOW)
    await notifications.store_outcomes([OutcomeUpdate(notification.id, sent)], NOW)

    answer = await client.get(f"/v1/notifications/{notification.application_id}")

    assert answer.status_code == 200
    assert answer.json() == [
        {
            "notification_id": notification.id,
            "template": "eligible",
            "state": "sent",
            "occurred_at": "2026-11-02T01:30:00Z",
            "sent_at": "2026-11-02T01:30:00Z",
            "message_id": "<1@cppp.example>",
            "reason": None,
        }
    ]


async def test_an_id_may_be_in_any_case(client, notifications):
    notification = a_notification()
    await notifications.keep([notification], NOW)

    answer = await client.get(f"/v1/notifications/{notification.application_id.upper()}")

    assert [each["notification_id"] for each in answer.json()] == [notification.id]


async def test_an_application_without_notification_is_not_found(client):
    answer = await client.get(f"/v1/notifications/{uuid4()}")

    assert answer.status_code == 404
    assert answer.json()["type"] == "urn:cppp:problem:no-notification"


@pytest.mark.parametrize("wrong", ["no-id", "%00", '{"$gt":""}', "0" * 5000])
async def test_an_id_that_is_none_is_refused_by_name(client, wrong):
    answer = await client.get(f"/v1/notifications/{wrong}")

    assert answer.status_code == 422
    assert answer.json()["errors"][0]["pointer"] == "/path/application_id"
