"""What intake takes in: single submissions and NDJSON in bulk, against two other servers."""

import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from functools import partial
from http.client import HTTPConnection
from secrets import token_hex
from statistics import median
from typing import Final

import orjson

from bench.harness.contender import Contender
from bench.harness.dataset import application, templates
from bench.harness.installation import NotRunError, set_up
from bench.harness.percentiles import percentile
from bench.harness.plan import Plan
from bench.harness.process import Process, running
from bench.harness.stack import Station, open_station
from bench.parts.requests import Answers, request, send_all
from bench.report.results import RequestFigures
from devstack.servers.service import answers_ok
from devstack.stack.ports import LOCALHOST, free_ports
from devstack.stack.program import PROJECT
from devstack.waiting import wait_until

Say = Callable[[str], None]
CONNECTIONS: Final = 64
_START_SECONDS: Final = 120
_BULK_TOPICS: Final = ("intake.applications.v1", "intake.contacts.v1", "bench.intake.v1")

OURS: Final = Contender("intake", "service", "the intake service as it ships")
ONE_BY_ONE: Final = Contender(
    "fastapi-one-by-one", "python", "FastAPI body model, motor insert_one, send_and_wait"
)
BARE: Final = Contender("bare-asgi", "python", "an ASGI handler that keeps nothing: the limit")


@dataclass(frozen=True, slots=True)
class Server:
    """A server that is being measured."""

    process: Process
    port: int


@contextmanager
def serving(station: Station, contender: Contender, settings: dict[str, str]) -> Iterator[Server]:
    """Run a server, and wait until it is ready."""
    set_up(contender)
    port = free_ports(["http"])["http"]
    environment = {
        **station.addresses.environment,
        "HTTP_HOST": LOCALHOST,
        "HTTP_PORT": str(port),
        **settings,
    }
    log = station.folder / f"{contender.name}-{port}.log"
    with running(contender.command, environment, log) as process:
        if not wait_until(lambda: answers_ok(port, "/readyz"), _START_SECONDS):
            msg = f"{contender.name} does not become ready: {process.last_words()}"
            raise NotRunError(msg)
        yield Server(process, port)


def measure(plan: Plan, say: Say) -> dict[str, RequestFigures]:
    """Measure all servers, in turn, several rounds."""
    figures: dict[str, list[RequestFigures]] = {}
    with open_station() as station:
        station.create_inputs(*_BULK_TOPICS)
        for number in range(plan.side_rounds):
            for name, measured in _MEASUREMENTS.items():
                found = _attempt(partial(measured, station, plan))
                figures.setdefault(name, []).append(found)
                rate = found.not_run or f"{found.per_second or 0:,.0f}/s"
                say(f"round {number + 1}: {name}: {rate}")
    return {name: combined(each) for name, each in figures.items()}


def _attempt(measured: Callable[[], RequestFigures]) -> RequestFigures:
    try:
        return measured()
    except NotRunError as error:
        return RequestFigures(what="", not_run=str(error))
    except (OSError, TimeoutError) as error:
        return RequestFigures(what="", not_run=f"no answer: {type(error).__name__}")


def combined(rounds: Sequence[RequestFigures]) -> RequestFigures:
    """Take the medians of all rounds."""
    good = [each for each in rounds if each.per_second is not None and not each.failed]
    if not good:
        reason = rounds[-1].not_run or f"{rounds[-1].failed} requests were not accepted"
        return RequestFigures(what=rounds[-1].what, failed=rounds[-1].failed, not_run=reason)
    return good[0].model_copy(
        update={
            "rounds": [each.per_second for each in good],
            "p99_ms_of_rounds": [each.p99_ms for each in good if each.p99_ms is not None],
            **{name: _median(good, name) for name in _FIGURES},
        }
    )


_FIGURES: Final = ("per_second", "cpu_us_each", "p50_ms", "p99_ms")


def _median(rounds: Sequence[RequestFigures], name: str) -> float | None:
    values = [value for each in rounds if (value := getattr(each, name)) is not None]
    return round(median(values), 2) if values else None


def submissions(number: int) -> Iterator[bytes]:
    """Write so many submissions as they are posted, each for a factory of its own."""
    for each in range(number):
        index = each % len(templates())
        contact = orjson.dumps(templates()[index].form.contact)
        yield b'{"application":%b,"contact":%b}' % (application(index, each), contact)


def _posts(number: int) -> list[bytes]:
    run = token_hex(4)
    return [
        request("/v1/applications", body, {"Idempotency-Key": f"{run}-{each}"})
        for each, body in enumerate(submissions(number))
    ]


def _timed(server: Server, what: str, requests: Sequence[bytes]) -> RequestFigures:
    send_all(server.port, _posts(CONNECTIONS * 5), CONNECTIONS)  # connections, caches, pools
    before = server.process.usage().cpu_seconds
    answers = send_all(server.port, requests, CONNECTIONS)
    used = server.process.usage().cpu_seconds - before
    return _figures(what, answers, used)


def _figures(what: str, answers: Answers, cpu_seconds: float) -> RequestFigures:
    return RequestFigures(
        what=what,
        per_second=round(answers.per_second, 1),
        cpu_us_each=round(cpu_seconds * 1e6 / len(answers.milliseconds), 1),
        p50_ms=percentile(answers.milliseconds, 50),
        p99_ms=percentile(answers.milliseconds, 99),
        failed=answers.failed,
    )


def intake_settings(**more: str) -> dict[str, str]:
    """Let intake accept without a limit on one client's rate."""
    unlimited = {"INTAKE_KEY_PER_MINUTE": "0", "INTAKE_ANONYMOUS_PER_MINUTE": "0"}
    return {"INTAKE_ID_SECRET": "b" * 32, **unlimited, **more}


def _single(station: Station, plan: Plan) -> RequestFigures:
    station.mongo.drop_database("intake")
    with serving(station, OURS, intake_settings()) as server:
        return _timed(server, OURS.what, _posts(plan.requests))


def _one_by_one(station: Station, plan: Plan) -> RequestFigures:
    station.mongo.drop_database("bench-intake")
    settings = {"BENCH_DATABASE": "bench-intake", "BENCH_OUTPUT": "bench.intake.v1"}
    with serving(station, ONE_BY_ONE, settings) as server:
        return _timed(server, ONE_BY_ONE.what, _posts(plan.slow_requests))


def _bare(station: Station, plan: Plan) -> RequestFigures:
    with serving(station, BARE, {}) as server:
        return _timed(server, BARE.what, _posts(plan.requests))


def _bulk(station: Station, plan: Plan) -> RequestFigures:
    station.mongo.drop_database("intake")
    key = _bulk_key(station)
    with serving(station, OURS, intake_settings()) as server:
        for body in _bulk_bodies(CONNECTIONS * 5):  # as for single ones
            _send_lines(server.port, key, body)
        bodies = list(_bulk_bodies(plan.requests))
        before, started = server.process.usage().cpu_seconds, time.perf_counter()
        answered = [_send_lines(server.port, key, body) for body in bodies]
        seconds = time.perf_counter() - started
        used = server.process.usage().cpu_seconds - before
    accepted = sum(answered)
    return RequestFigures(
        what="NDJSON in bulk, lines",
        per_second=round(accepted / seconds, 1),
        cpu_us_each=round(used * 1e6 / plan.requests, 1),
        failed=plan.requests - accepted,
    )


_LINES_AT_ONCE: Final = 500  # a client that does not read while it sends stays below some hundred


def _bulk_bodies(number: int) -> Iterator[bytes]:
    run, lines = token_hex(4), []
    for each, body in enumerate(submissions(number)):
        lines.append(b'{"idempotency_key":"%b-%d","submission":%b}\n' % (run.encode(), each, body))
        if len(lines) == _LINES_AT_ONCE or each == number - 1:
            yield b"".join(lines)
            lines = []


def _bulk_key(station: Station) -> str:
    command = (sys.executable, "-m", "services.intake.keys", "create", "Bench", "--right", "bulk")
    made = subprocess.run(  # noqa: S603 - our own command line
        command,
        env={**station.addresses.environment, "INTAKE_ID_SECRET": "b" * 32},
        cwd=PROJECT,
        capture_output=True,
        text=True,
        check=False,
    )
    words = [each for each in made.stdout.split() if each.startswith("cppp_")]
    if not words:
        msg = "intake gives no API key for bulk submissions"
        raise NotRunError(msg)
    return words[0]


def _send_lines(port: int, key: str, body: bytes) -> int:
    """Send one request with many lines; return how many of them are accepted."""
    connection = HTTPConnection(LOCALHOST, port, timeout=60)
    headers = {"Content-Type": "application/x-ndjson", "Authorization": f"Bearer {key}"}
    connection.request("POST", "/v1/applications:batch", body, headers)
    answer = connection.getresponse()
    lines = answer.read().splitlines()
    connection.close()
    if answer.status != 200:  # noqa: PLR2004 - OK
        msg = f"bulk answers {answer.status}"
        raise NotRunError(msg)
    return sum(orjson.loads(line)["status"] == 202 for line in lines)  # noqa: PLR2004 - accepted


_MEASUREMENTS: Final[dict[str, Callable[[Station, Plan], RequestFigures]]] = {
    "single": _single,
    "bulk": _bulk,
    ONE_BY_ONE.name: _one_by_one,
    BARE.name: _bare,
}
