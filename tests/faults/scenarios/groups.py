"""Consumer groups whose members stop, join, freeze and resume."""

import asyncio
import logging
import time
from contextlib import suppress

from aiokafka import AIOKafkaConsumer
from aiokafka.errors import KafkaError

from tests.faults.observe.history import READS
from tests.faults.observe.service_client import metric
from tests.faults.run import Run
from tests.faults.scenario import scenario

STOP_SECONDS = 10
SESSION_SECONDS = 6
CAUGHT_UP_LAG = 400
REBALANCE_EVERY_SECONDS = 2  # the fault itself: rebalances that follow each other


@scenario("SIGTERM and rolling restart of three replicas under load")
def rolling_restart(run: Run) -> None:
    replicas = [run.start("eligibility") for _ in range(3)]
    run.write(None, per_second=300)
    slowest = 0.0
    for each in replicas:
        with run.fault("eligibility"):
            started_at = time.monotonic()
            each.terminate()
            slowest = max(slowest, time.monotonic() - started_at)
        each.start()
    run.measure(f"slowest stop {slowest:.1f} s")
    run.expect(slowest < STOP_SECONDS, f"a graceful stop took {slowest:.1f} s")


@scenario("rebalance storm: a consumer joins or leaves every 2 s")
def rebalance_storm(run: Run) -> None:
    run.start("eligibility")
    run.write(None, per_second=200)
    joins = run.count(8, at_least=2)
    with run.fault("eligibility"):
        asyncio.run(_join_and_leave(run.addresses.kafka_bootstrap_servers, joins))
    run.measure(f"{2 * joins} rebalances caused")


async def _join_and_leave(servers: str, times: int) -> None:
    logging.getLogger("aiokafka").setLevel(logging.CRITICAL + 1)  # it logs every rebalance
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
        await asyncio.sleep(REBALANCE_EVERY_SECONDS)
        with suppress(KafkaError, asyncio.CancelledError):
            await consumer.stop()
        await asyncio.sleep(REBALANCE_EVERY_SECONDS)


@scenario("zombie consumer: paused beyond its session timeout (SIGSTOP), then resumed")
def zombie_consumer(run: Run) -> None:
    zombie, _other = run.start("eligibility"), run.start("eligibility")
    run.write(None, per_second=200)
    for _ in range(run.count(2)):
        run.sleep(0.5, 1.5)
        zombie.pause()
        run.sleep(SESSION_SECONDS + 2, SESSION_SECONDS + 4)  # beyond the session time-out
        run.expect_eventually(
            lambda: run.progress.lag("eligibility") < CAUGHT_UP_LAG,
            "no consumer took over the partitions of the zombie",
        )
        with run.fault("eligibility"):
            zombie.resume()


@scenario("a new consumer group starts after 10,000 events")
def new_group(run: Run) -> None:
    eligibility = run.start("eligibility")
    run.write(run.count(8_000), per_second=2_000, recognition_every=5)
    run.settle()
    before = run.members("eligibility"), metric(eligibility, "cppp_rebalances_total")
    with run.fault("recognition"):
        run.start("recognition")
    run.settle()
    after = run.members("eligibility"), metric(eligibility, "cppp_rebalances_total")
    run.expect(before == after, f"the other group rebalanced: {before[1]:.0f}, then {after[1]:.0f}")
    run.measure(f"rebalances of the other group: {after[1] - before[1]:.0f}")
