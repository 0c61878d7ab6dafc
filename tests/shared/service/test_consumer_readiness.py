"""A service that consumes is ready once it has joined its group, and not before."""

from shared.consumer.consumer import Subscription
from shared.consumer.handling import Handler, no_event, no_lookup
from shared.events.envelope import Topic
from shared.metrics import Metrics
from shared.service.app import Service
from shared.service.lifespan import consumer_running


async def keep(_proposals):
    return []


async def prepare() -> None:
    """Nothing is needed."""


async def test_a_service_is_not_ready_while_it_prepares(monkeypatch):
    monkeypatch.setenv("KAFKA_BOOTSTRAP_SERVERS", "127.0.0.1:1")
    service = Service("sample", Metrics("sample"))
    handler = Handler({}, no_lookup(lambda _event: None), keep, no_event)
    subscription = Subscription("sample", [Topic("owner.facts.v1")], handler)

    async with consumer_running(service, subscription, [], prepare):
        service.readiness_checks["kafka"] = prepared  # as after it is found

        assert await service.waiting_for() == ["consumer-group"]


async def prepared() -> bool:
    return True
