"""What traces cost: the service without them, with one in a hundred, and with all of them."""

import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Final

from bench.harness.contender import ELIGIBILITY, Contender
from bench.harness.plan import Plan
from bench.harness.process import Process
from bench.parts.pipeline import measure_rounds, summarize
from bench.report.results import TracingFigures
from devstack.stack.ports import accepts_connections, free_ports
from devstack.testing.otlp import tracing_to
from devstack.waiting import wait_until

_START_SECONDS: Final = 10
_ONE_PERCENT: Final = {"OTEL_TRACES_SAMPLER": "traceidratio", "OTEL_TRACES_SAMPLER_ARG": "0.01"}


def measure(plan: Plan) -> TracingFigures:
    """Measure the eligibility service in turn; a local receiver takes the spans."""
    with TemporaryDirectory() as folder, _receiver(Path(folder)) as (port, file):
        contenders = variants(port)
        rounds = measure_rounds(contenders, plan)
        off, one_percent, every = (summarize(each, rounds[each.name]) for each in contenders)
        spans = file.read_bytes().count(b"\n")
    return TracingFigures(off=off, one_percent=one_percent, all=every, spans=spans)


def variants(port: int) -> tuple[Contender, Contender, Contender]:
    """Return the service without traces, with one in a hundred, and with all of them."""
    # A longer queue than by default: what is dropped would cost nothing.
    settings = tracing_to(port) | {
        "OTEL_BSP_SCHEDULE_DELAY": "5000",
        "OTEL_BSP_MAX_QUEUE_SIZE": "200000",
    }
    return (
        ELIGIBILITY,
        replace(ELIGIBILITY, name="ours-traced-1-percent", settings=settings | _ONE_PERCENT),
        replace(ELIGIBILITY, name="ours-traced", settings=settings),
    )


@contextmanager
def _receiver(folder: Path) -> Iterator[tuple[int, Path]]:
    port, file = free_ports(["otlp"])["otlp"], folder / "spans.ndjson"
    command = [sys.executable, "-m", "devstack.testing.otlp_receiver", str(file), str(port)]
    receiver = Process(command, {}, folder / "receiver.log")  # not on the contender's core
    try:
        wait_until(lambda: accepts_connections(port), _START_SECONDS)
        yield port, file
    finally:
        receiver.stop()
