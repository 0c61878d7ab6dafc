"""Submissions per second: single POSTs and NDJSON in bulk, beside two other servers."""

import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Sequence
from functools import partial
from http.client import HTTPConnection
from secrets import token_hex
from statistics import median
from typing import Final

import orjson

from bench.harness.contender import Contender
from bench.harness.dataset import application_json, templates
from bench.harness.installation import NotRunError
from bench.harness.log import log
from bench.harness.percentiles import percentile
from bench.harness.plan import Plan
from bench.harness.stack import BenchmarkStack, open_stack
from bench.parts.requests import Responses, post_request, send_all
from bench.parts.serving import Server, server_running
from bench.report.results import RequestFigures
from devstack.stack.ports import LOCALHOST
from devstack.stack.program import PROJECT

CONNECTIONS: Final = 64
_LINES_PER_REQUEST: Final = 500  # a client that sends before it reads must stay below a few hundred
_TOPICS: Final = ("intake.applications.v1", "intake.contacts.v1", "bench.intake.v1")
_MEDIANS: Final = ("per_second", "cpu_us_each", "p50_ms", "p99_ms")
_SETTINGS: Final = {
    "INTAKE_ID_SECRET": "b" * 32,
    "INTAKE_KEY_PER_MINUTE": "0",
    "INTAKE_ANONYMOUS_PER_MINUTE": "0",
}

INTAKE: Final = Contender("intake", "service", "the intake service as it ships")
ONE_BY_ONE: Final = Contender(
    "fastapi-one-by-one", "python", "FastAPI body model, motor insert_one, send_and_wait"
)
BARE_ASGI: Final = Contender(
    "bare-asgi", "python", "an ASGI handler that stores nothing: the upper limit"
)


def measure(plan: Plan) -> dict[str, RequestFigures]:
    """Measure all servers in turn, in several rounds."""
    rounds: dict[str, list[RequestFigures]] = {}
    with open_stack() as stack:
        stack.create_input_topics(*_TOPICS)
        for number in range(plan.side_rounds):
            for name, measurement in _MEASUREMENTS.items():
                figures = _try_measure(partial(measurement, stack, plan))
                rounds.setdefault(name, []).append(figures)
                rate = figures.not_run or f"{figures.per_second or 0:,.0f}/s"
                log(f"round {number + 1}: {name}: {rate}")
    return {name: median_figures(each) for name, each in rounds.items()}


def _try_measure(measurement: Callable[[], RequestFigures]) -> RequestFigures:
    try:
        return measurement()
    except NotRunError as error:
        return RequestFigures(what="", not_run=str(error))
    except (OSError, TimeoutError) as error:
        return RequestFigures(what="", not_run=f"no response: {type(error).__name__}")


def median_figures(rounds: Sequence[RequestFigures]) -> RequestFigures:
    """Return the medians over the rounds in which every request was accepted."""
    good = [each for each in rounds if each.per_second is not None and not each.failed]
    if not good:
        reason = rounds[-1].not_run or f"{rounds[-1].failed} requests were not accepted"
        return RequestFigures(what=rounds[-1].what, failed=rounds[-1].failed, not_run=reason)
    return good[0].model_copy(
        update={
            "rounds": [each.per_second for each in good],
            "p99_ms_of_rounds": [each.p99_ms for each in good if each.p99_ms is not None],
            **{name: _median(good, name) for name in _MEDIANS},
        }
    )


def _median(rounds: Sequence[RequestFigures], name: str) -> float | None:
    values = [value for each in rounds if (value := getattr(each, name)) is not None]
    return round(median(values), 2) if values else None


def intake_settings() -> dict[str, str]:
    """Return settings of intake without rate limits."""
    return dict(_SETTINGS)


def submissions(number: int) -> Iterator[bytes]:
    """Generate the bodies of submissions, each for a different factory."""
    for each in range(number):
        index = each % len(templates())
        contact = orjson.dumps(templates()[index].form.contact)
        yield b'{"application":%b,"contact":%b}' % (application_json(index, each), contact)


def _measure_single(stack: BenchmarkStack, plan: Plan) -> RequestFigures:
    stack.mongo.drop_database("intake")
    with server_running(stack, INTAKE, intake_settings()) as server:
        return _measure_requests(server, INTAKE, _post_requests(plan.requests))


def _measure_one_by_one(stack: BenchmarkStack, plan: Plan) -> RequestFigures:
    stack.mongo.drop_database("bench-intake")
    settings = {"BENCH_DATABASE": "bench-intake", "BENCH_OUTPUT": "bench.intake.v1"}
    with server_running(stack, ONE_BY_ONE, settings) as server:
        return _measure_requests(server, ONE_BY_ONE, _post_requests(plan.slow_requests))


def _measure_bare_asgi(stack: BenchmarkStack, plan: Plan) -> RequestFigures:
    with server_running(stack, BARE_ASGI, {}) as server:
        return _measure_requests(server, BARE_ASGI, _post_requests(plan.requests))


def _post_requests(number: int) -> list[bytes]:
    run = token_hex(4)
    return [
        post_request("/v1/applications", body, {"Idempotency-Key": f"{run}-{each}"})
        for each, body in enumerate(submissions(number))
    ]


def _measure_requests(
    server: Server, contender: Contender, requests: Sequence[bytes]
) -> RequestFigures:
    # Warms up connections, caches and pools.
    send_all(server.port, _post_requests(CONNECTIONS * 5), CONNECTIONS)
    before = server.process.usage().cpu_seconds
    responses = send_all(server.port, requests, CONNECTIONS)
    used = server.process.usage().cpu_seconds - before
    return _figures(contender.description, responses, used)


def _figures(description: str, responses: Responses, cpu_seconds: float) -> RequestFigures:
    return RequestFigures(
        what=description,
        per_second=round(responses.per_second, 1),
        cpu_us_each=round(cpu_seconds * 1e6 / len(responses.milliseconds), 1),
        p50_ms=percentile(responses.milliseconds, 50),
        p99_ms=percentile(responses.milliseconds, 99),
        failed=responses.failed,
    )


def _measure_bulk(stack: BenchmarkStack, plan: Plan) -> RequestFigures:
    stack.mongo.drop_database("intake")
    key = _create_bulk_key(stack)
    with server_running(stack, INTAKE, intake_settings()) as server:
        for body in _bulk_bodies(CONNECTIONS * 5):  # the same warm-up as for single POSTs
            _send_lines(server.port, key, body)
        bodies = list(_bulk_bodies(plan.requests))
        before, started = server.process.usage().cpu_seconds, time.perf_counter()
        accepted = sum(_send_lines(server.port, key, body) for body in bodies)
        seconds = time.perf_counter() - started
        used = server.process.usage().cpu_seconds - before
    return RequestFigures(
        what="NDJSON in bulk, lines",
        per_second=round(accepted / seconds, 1),
        cpu_us_each=round(used * 1e6 / plan.requests, 1),
        failed=plan.requests - accepted,
    )


def _bulk_bodies(number: int) -> Iterator[bytes]:
    run, lines = token_hex(4), []
    for each, body in enumerate(submissions(number)):
        lines.append(b'{"idempotency_key":"%b-%d","submission":%b}\n' % (run.encode(), each, body))
        if len(lines) == _LINES_PER_REQUEST or each == number - 1:
            yield b"".join(lines)
            lines = []


def _create_bulk_key(stack: BenchmarkStack) -> str:
    command = (sys.executable, "-m", "services.intake.keys", "create", "Bench", "--right", "bulk")
    done = subprocess.run(  # noqa: S603 - our own command line
        command,
        env={
            **stack.addresses.environment,
            "INTAKE_ID_SECRET": _SETTINGS["INTAKE_ID_SECRET"],
        },
        cwd=PROJECT,
        capture_output=True,
        text=True,
        check=False,
    )
    keys = [each for each in done.stdout.split() if each.startswith("cppp_")]
    if not keys:
        msg = "intake gives no API key for bulk submissions"
        raise NotRunError(msg)
    return keys[0]


def _send_lines(port: int, key: str, body: bytes) -> int:
    """Send one bulk request; return how many of its lines are accepted."""
    connection = HTTPConnection(LOCALHOST, port, timeout=60)
    headers = {"Content-Type": "application/x-ndjson", "Authorization": f"Bearer {key}"}
    connection.request("POST", "/v1/applications:batch", body, headers)
    response = connection.getresponse()
    lines = response.read().splitlines()
    connection.close()
    if response.status != 200:  # noqa: PLR2004 - OK
        msg = f"the bulk request got status {response.status}"
        raise NotRunError(msg)
    return sum(orjson.loads(line)["status"] == 202 for line in lines)  # noqa: PLR2004 - accepted


_MEASUREMENTS: Final[dict[str, Callable[[BenchmarkStack, Plan], RequestFigures]]] = {
    "single": _measure_single,
    "bulk": _measure_bulk,
    ONE_BY_ONE.name: _measure_one_by_one,
    BARE_ASGI.name: _measure_bare_asgi,
}
