"""A faulty release: its dead letters are redriven after it is fixed."""

import subprocess
import sys

from devstack.stack.program import PROJECT
from tests.faults.load.plan import applications
from tests.faults.run import Run
from tests.faults.scenario import scenario
from tests.faults.scenarios.topics import NO_BREAKER, expect_stopped

BROKEN = ("tests.faults.broken_release",)
DEAD_LETTERS, REDRIVES = "eligibility.dead-letters.v1", "eligibility.redrives.v1"
MAX_RUNS = 10


@scenario("handler fails for every record: the breaker stops the consumer", short=1.0)
def broken_handler(run: Run) -> None:
    broken = run.start("eligibility", through=BROKEN)
    run.load(run.writer(applications(2_000, amended_every=0), per_second=1_000))
    expect_stopped(run, broken)
    broken.terminate()
    with run.fault("eligibility"):
        run.start("eligibility")
        expect_dead_letters(run, len(run.kafka.read(DEAD_LETTERS)))
        redrive(run, per_second=1_000)


@scenario("kill -9 of Kafka while dead letters are redriven")
def kill_kafka_while_redriving(run: Run) -> None:
    count = run.count(200)
    broken = run.start("eligibility", NO_BREAKER, through=BROKEN)
    run.load(run.writer(applications(count, amended_every=0), per_second=count))
    run.expect_eventually(
        lambda: run.progress.records(DEAD_LETTERS) == count, "not every record became a dead letter"
    )
    expect_dead_letters(run, count)
    broken.terminate()
    run.start("eligibility")
    redriving = start_redriving(run, per_second=20)
    run.expect_eventually(
        lambda: (run.progress.records(REDRIVES) or 0) > count // 4, "no dead letter was redriven"
    )
    with run.fault("eligibility"):
        run.stack.kill("kafka")
    expect_summary(run, redriving)
    run.measure(f"exit code of the interrupted redrive: {redriving.returncode}")
    redrive(run, per_second=20)
    twice = len(run.kafka.read(REDRIVES)) - count
    run.expect(twice in {0, 1}, f"{twice} records were redriven twice, more than one")


def expect_dead_letters(run: Run, count: int) -> None:
    """Expect dead letters of good records, which the broken release could not handle."""
    run.ledger.expected_dead_letters["eligibility"] = (
        run.ledger.expected_dead_letters.get("eligibility", 0) + count
    )


def redrive(run: Run, per_second: int) -> None:
    """Redrive all open dead letters, as an operator would: repeat the command until it succeeds."""
    for _ in range(MAX_RUNS):
        redriving = start_redriving(run, per_second)
        expect_summary(run, redriving)
        if redriving.returncode == 0:
            return
    run.measured.complaints.append("the dead letters were not redriven")


def start_redriving(run: Run, per_second: int) -> "subprocess.Popen[str]":
    """Start the command that redrives all open dead letters."""
    words = ("--group", "eligibility", "--rate", str(per_second), "--execute", "--by", "operator")
    servers = ("--kafka", run.addresses.kafka_bootstrap_servers)
    redriving = subprocess.Popen(  # noqa: S603  # our own command
        (sys.executable, "-m", "cli.main", "dead-letters", "redrive", *words, *servers),
        cwd=PROJECT,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.PIPE,
        text=True,
    )
    run.on_close(redriving.kill)
    return redriving


def expect_summary(run: Run, redriving: "subprocess.Popen[str]") -> None:
    """Wait for the command, and expect a readable summary instead of a traceback."""
    output = redriving.communicate()[1]
    run.expect("redriven." in output and "Traceback" not in output, f"it printed: {output}")
