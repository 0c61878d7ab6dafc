"""What happens to a consumer group: members that stop, join, freeze and come back."""

import asyncio
import logging
import time
from contextlib import suppress

from aiokafka import AIOKafkaConsumer
from aiokafka.errors import KafkaError

from tests.faults.observe.history import READS
from tests.faults.observe.looking import metric
from tests.faults.run import Run
from tests.faults.scenario import scenario

STOP_SECONDS = 10
SESSION_SECONDS = 6
CAUGHT_UP = 400


@scenario("SIGTERM and rolling restart of three replicas under load")
def rolling_restart(run: Run) -> None:
    replicas = [run.start("eligibility") for _ in range(3)]
    run.write(None, per_second=300)
    slowest = 0.0
    for each in replicas:
        with run.fault("eligibility"):
            began = time.monotonic()
            each.terminate()
            slowest = max(slowest, time.monotonic() - began)
        each.start()
    run.measure(f"slowest stop {slowest:.1f} s")
    run.expect(slowest < STOP_SECONDS, f"a graceful stop took {slowest:.1f} s")


@scenario("rebalance storm: a consumer comes or goes every 2 s")
def rebalance_storm(run: Run) -> None:
    run.start("eligibility")
    run.write(None, per_second=200)
    comings = run.count(8, at_least=2)
    with run.fault("eligibility"):
        asyncio.run(_come_and_go(run.addresses.kafka_bootstrap_servers, comings))
    run.measure(f"{2 * comings} rebalances asked for")


async def _come_and_go(servers: str, times: int) -> None:
    logging.getLogger("aiokafka").setLevel(logging.CRITICAL + 1)  # it complains of the storm
    for _ in range(times):
        consumer = AIOKafkaConsumer(
            *READS["eligibility"],
            bootstrap_servers=servers,
            group_id="eligibility",
            enable_auto_commit=False,
            isolation_level="read_committed",
            session_timeout_ms=SESSION_SECONDS * 1000,
        )
        await consumer.start()
        await asyncio.sleep(2)
        with suppress(KafkaError, asyncio.CancelledError):
            await consumer.stop()
        await asyncio.sleep(2)


@scenario("a zombie consumer that wakes up")
def zombie(run: Run) -> None:
    sleeper, _other = run.start("eligibility"), run.start("eligibility")
    run.write(None, per_second=200)
    for _ in range(run.count(2)):
        run.pause(0.5, 1.5)
        sleeper.pause()
        run.pause(SESSION_SECONDS + 2, SESSION_SECONDS + 4)
        run.eventually(
            lambda: run.progress.lag("eligibility") < CAUGHT_UP, "nobody took over from the zombie"
        )
        with run.fault("eligibility"):
            sleeper.resume()


@scenario("a new consumer group joins after 10,000 events")
def newcomer(run: Run) -> None:
    veteran = run.start("eligibility")
    run.write(run.count(8_000), per_second=2_000, recognition_every=5)
    run.settle()
    before = run.members("eligibility"), metric(veteran, "cppp_rebalances_total")
    with run.fault("recognition"):
        run.start("recognition")
    run.settle()
    after = run.members("eligibility"), metric(veteran, "cppp_rebalances_total")
    run.expect(before == after, f"the others rebalanced: {before[1]:.0f}, then {after[1]:.0f}")
    run.measure(f"rebalances of the others: {after[1] - before[1]:.0f}")
