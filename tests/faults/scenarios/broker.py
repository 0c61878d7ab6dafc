"""Kafka crashes, freezes or restarts."""

import time

from tests.faults.environments import kafka_cluster_of, three_brokers
from tests.faults.observe.outage import (
    Applicant,
    ServiceMonitor,
    expect_ready,
    expect_waiting_for,
    start_all,
)
from tests.faults.run import Run
from tests.faults.scenario import scenario


@scenario("kill -9 of Kafka", short=0.2)
def kill_kafka(run: Run) -> None:
    start_all(run)
    with ServiceMonitor(run):
        run.submit(None, per_second=40, recognition_every=5)
        for _ in range(run.count(2, at_least=1)):
            run.sleep(2, 4)
            run.measured.faults += 1
            killed_at = time.monotonic()
            run.stack.kill("kafka")
            run.measure_recovery("eligibility", killed_at)
        expect_ready(run)


@scenario("Kafka paused for 30 s (SIGSTOP)")
def pause_kafka(run: Run) -> None:
    start_all(run)
    with ServiceMonitor(run):
        run.submit(None, per_second=40, recognition_every=5)
        run.wait_for_effects("eligibility")
        with run.fault("eligibility"):
            run.stack.pause("kafka")
            Applicant(run).expect_202()
            expect_waiting_for(run, "kafka")
            run.sleep(20, 20)  # the pause itself is the fault
            Applicant(run).expect_202()
            run.stack.resume("kafka")
        expect_ready(run)


@scenario("Kafka stopped (SIGTERM) and started again")
def restart_kafka(run: Run) -> None:
    start_all(run)
    with ServiceMonitor(run):
        run.submit(None, per_second=40, recognition_every=5)
        run.wait_for_effects("eligibility")
        with run.fault("eligibility"):
            run.stack.stop_program("kafka")
            Applicant(run).expect_202()
            expect_waiting_for(run, "kafka")
            run.stack.start_program("kafka")
        expect_ready(run)


@scenario("kill -9 of each of three Kafka brokers in turn", environment=three_brokers)
def kill_one_broker(run: Run) -> None:
    start_all(run, kafka_cluster_of(run.stack).service_settings)
    with ServiceMonitor(run):
        run.submit(None, per_second=40, recognition_every=5)
        for name in ("kafka-1", "kafka-2", "kafka-3"):
            run.sleep(2, 4)
            run.measured.faults += 1
            killed_at = time.monotonic()
            run.stack.kill(name)
            Applicant(run).expect_202()
            run.measure_recovery("eligibility", killed_at)
            run.stack.wait_ready(name)
        expect_ready(run)
