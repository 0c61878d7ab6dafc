"""A release with a mistake in it: what it gave up is redriven when it is mended."""

import subprocess
import sys

from devstack.stack.program import PROJECT
from tests.faults.load.plan import applications
from tests.faults.run import Run
from tests.faults.scenario import scenario
from tests.faults.scenarios.topics import NO_LIMIT, expect_stopped

WRONG = ("tests.faults.broken_release",)
LETTERS, REDRIVES = "eligibility.dead-letters.v1", "eligibility.redrives.v1"
MOST_RUNS = 10


@scenario("handler fails for every record: the breaker stops the consumer", short=1.0)
def wrong_handler(run: Run) -> None:
    wrong = run.start("eligibility", through=WRONG)
    run.load(run.writer(applications(2_000, amended_every=0), per_second=1_000))
    expect_stopped(run, wrong)
    wrong.terminate()
    with run.fault("eligibility"):
        run.start("eligibility")
        expect_letters(run, len(run.kafka.read(LETTERS)))
        redrive(run, per_second=1_000)


@scenario("kill -9 of Kafka while dead letters are redriven")
def kill_kafka_while_redriving(run: Run) -> None:
    count = run.count(200)
    wrong = run.start("eligibility", NO_LIMIT, through=WRONG)
    run.load(run.writer(applications(count, amended_every=0), per_second=count))
    run.eventually(lambda: run.progress.records(LETTERS) == count, "not all were given up")
    expect_letters(run, count)
    wrong.terminate()
    run.start("eligibility")
    redriving = start_redriving(run, per_second=20)
    run.eventually(
        lambda: (run.progress.records(REDRIVES) or 0) > count // 4, "nothing was redriven"
    )
    with run.fault("eligibility"):
        run.stack.kill("kafka")
    expect_plain_words(run, redriving)
    run.measure(f"that run of the command ended with {redriving.returncode}")
    redrive(run, per_second=20)
    twice = len(run.kafka.read(REDRIVES)) - count
    run.expect(twice in {0, 1}, f"{twice} were redriven twice: more than were not noted yet")


def expect_letters(run: Run, count: int) -> None:
    """Take so many records for given up: the wrong service is to blame, and they are no poison."""
    run.ledger.poison["eligibility"] = run.ledger.poison.get("eligibility", 0) + count


def redrive(run: Run, per_second: int) -> None:
    """Redrive all that is open, as an operator would: again and again until it succeeds."""
    for _ in range(MOST_RUNS):
        redriving = start_redriving(run, per_second)
        expect_plain_words(run, redriving)
        if redriving.returncode == 0:
            return
    run.measured.complaints.append("the letters were not redriven")


def start_redriving(run: Run, per_second: int) -> "subprocess.Popen[str]":
    """Start the command that redrives all that is open."""
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


def expect_plain_words(run: Run, redriving: "subprocess.Popen[str]") -> None:
    """Wait for the end of the command: whatever happened, it tells it to a person."""
    said = redriving.communicate()[1]
    run.expect("redriven." in said and "Traceback" not in said, f"it said: {said}")
