"""Mails per second to a sink that only counts: notify beside scripts and the sink's own limit.

The sink accepts a mail at once, or after some time, as mail servers do that scan and queue it.
"""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from functools import partial
from itertools import islice
from statistics import median
from typing import Final

import orjson

from bench.harness.contender import Contender
from bench.harness.dataset import DataSet, Message, submitted_data, templates
from bench.harness.installation import NotRunError, install_contender
from bench.harness.log import log
from bench.harness.plan import Plan
from bench.harness.process import Process, process_running
from bench.harness.stack import BenchmarkStack, open_stack, publish_all
from bench.parts.mail_sink import MailSink, mail_sink
from bench.parts.serving import server_running
from bench.report.results import MailRate, RateFigures
from devstack.waiting import wait_until
from services.notify.settings import NotifySettings
from shared.clock import milliseconds
from shared.events.envelope import Attributes, derived_id

_TIMEOUT_SECONDS: Final = 180
INPUT_TOPICS: Final = (
    "intake.applications.v1",
    "intake.contacts.v1",
    "eligibility.decisions.v1",
    "recognition.decisions.v1",
    "casework.rulings.v1",
)
OURS: Final = "ours"
NOTIFY: Final = Contender("notify", "service", "the notify service as it ships, from a backlog")
CONNECTIONS: Final[int] = NotifySettings.model_fields["connections"].default
ANSWER_MS: Final = (0, 10, 100, 300)
_SECONDS: Final = 8.0  # how long a slow mail server is measured
_WARM_UP_SECONDS: Final = 2.0  # notify is still reading its backlog then
_FEWEST_MAILS: Final = 12


@dataclass(frozen=True, slots=True)
class Script:
    """A contender that sends a number of mails over its connections, with no other work."""

    contender: Contender
    connections: int = 1
    is_limit: bool = False


_SCRIPTS: Final = (
    Script(
        Contender("aiosmtplib-one-by-one", "python", "aiosmtplib.send() for each, as documented")
    ),
    Script(Contender("aiosmtplib-one-connection", "python", "one open connection, send_message()")),
    Script(
        Contender(
            "aiosmtplib-sixteen-connections", "python", "16 open connections, send_message()"
        ),
        16,
    ),
    Script(
        Contender("smtp-limit", "python", "8 connections, prepared bytes, pipelined: the limit"),
        connections=8,
        is_limit=True,
    ),
)


def measure(plan: Plan) -> dict[str, object]:
    """Measure all senders in turn with every mail server, in several rounds."""
    rounds: dict[tuple[str, int], list[RateFigures]] = {}
    for number in range(plan.side_rounds):
        for name, answer_ms, figures in _measure_round(plan):
            rounds.setdefault((name, answer_ms), []).append(figures)
            rate = figures.not_run or f"{figures.per_second:,.0f}/s"
            log(f"round {number + 1}: {name}, answer after {answer_ms} ms: {rate}")
    return results_of({key: median_figures(each) for key, each in rounds.items()})


def results_of(figures: Mapping[tuple[str, int], RateFigures]) -> dict[str, object]:
    """Return the part's results: the senders at full speed, and their rates by answer time."""
    rates = [
        MailRate(sender=name, answer_ms=answer_ms, per_second=each.per_second)
        for (name, answer_ms), each in figures.items()
    ]
    return {
        "notify": {name: each for (name, answer_ms), each in figures.items() if not answer_ms},
        "mail_rates": rates,
        "mail_connections": CONNECTIONS,
    }


def median_figures(rounds: Sequence[RateFigures]) -> RateFigures:
    """Return the medians over the rounds that were run."""
    good = [each for each in rounds if each.per_second is not None]
    if not good:
        return rounds[-1]
    rates = [each.per_second or 0.0 for each in good]
    costs = [each.cpu_us_each for each in good if each.cpu_us_each is not None]
    cost = round(median(costs), 1) if costs else None
    update = {"per_second": round(median(rates), 1), "cpu_us_each": cost, "rounds": rates}
    return good[0].model_copy(update=update)


def _measure_round(plan: Plan) -> Iterator[tuple[str, int, RateFigures]]:
    with open_stack() as stack:
        stack.create_input_topics(*INPUT_TOPICS)
        first = 0
        for answer_ms in ANSWER_MS:
            mails = number_of_mails(plan.mails, CONNECTIONS, answer_ms)
            measurement = partial(_measure_notify, stack, first, mails, answer_ms)
            yield OURS, answer_ms, _try_measure(measurement)
            first += mails
    with open_stack() as stack:
        for script in _SCRIPTS:
            most = plan.mails if script.is_limit else plan.slow_mails
            for answer_ms in ANSWER_MS[:1] if script.is_limit else ANSWER_MS:
                mails = number_of_mails(most, script.connections, answer_ms)
                measurement = partial(_measure_script, stack, script, mails, answer_ms)
                yield script.contender.name, answer_ms, _try_measure(measurement)


def number_of_mails(most: int, connections: int, answer_ms: int) -> int:
    """Return how many mails keep a mail server busy for some seconds."""
    if not answer_ms:
        return most
    rate = connections * 1_000 / answer_ms
    return min(most, max(_FEWEST_MAILS, int(rate * _SECONDS)))


def _try_measure(measurement: Callable[[], RateFigures]) -> RateFigures:
    try:
        return measurement()
    except NotRunError as error:
        return RateFigures(what="", not_run=str(error))


def _measure_notify(stack: BenchmarkStack, first: int, mails: int, answer_ms: int) -> RateFigures:
    publish_all(stack, "intake.contacts.v1", contact_events(mails, first))
    publish_all(stack, "intake.applications.v1", recent_applications(mails, first))
    with (
        mail_sink(answer_ms / 1_000) as sink,
        server_running(stack, NOTIFY, {"SMTP_URL": sink.url}) as server,
    ):
        rate = _measure_mails(server.process, sink, mails, CONNECTIONS)
        return rate.model_copy(update={"what": NOTIFY.description})


def _measure_script(
    stack: BenchmarkStack, script: Script, mails: int, answer_ms: int
) -> RateFigures:
    contender = script.contender
    install_contender(contender)
    with mail_sink(answer_ms / 1_000) as sink:
        environment = {"SMTP_PORT": str(sink.port), "BENCH_MAILS": str(mails)}
        log_file = stack.folder / f"{contender.name}-{answer_ms}.log"
        with process_running(contender.command, environment, log_file) as process:
            rate = _measure_mails(process, sink, mails, script.connections)
            return rate.model_copy(update={"what": contender.description})


def _measure_mails(process: Process, sink: MailSink, mails: int, connections: int) -> RateFigures:
    """Measure from the first mail to the last, because the first includes the process's start."""
    _wait_until(lambda: bool(sink.arrivals), process)
    seen, before = len(sink.arrivals), process.usage().cpu_seconds
    used = before

    def all_have_arrived() -> bool:
        nonlocal used
        used = max(used, process.usage().cpu_seconds)  # 0 after the process has exited
        return len(sink.arrivals) >= mails

    _wait_until(all_have_arrived, process)
    times = sorted(at for at, _ in sink.arrivals)
    rate = rate_of(steady(times) if sink.answer_seconds else times, connections)
    cost = (used - before) * 1e6 / max(1, mails - seen)
    return RateFigures(what="", per_second=round(rate, 1), cpu_us_each=round(cost, 1))


def steady(times: Sequence[float]) -> Sequence[float]:
    """Return arrivals after the warm-up, which is at most a quarter of all the time."""
    since = times[0] + min(_WARM_UP_SECONDS, (times[-1] - times[0]) / 4)
    return [each for each in times if each > since]


def rate_of(times: Sequence[float], connections: int) -> float:
    """Return the rate of mails. The first one of each connection has waited for no answer."""
    return (len(times) - connections) / (times[-1] - times[0])


def _wait_until(condition: Callable[[], bool], process: Process) -> None:
    if not wait_until(condition, _TIMEOUT_SECONDS):
        msg = f"the contender does not send all mails: {process.log_tail()}"
        raise NotRunError(msg)


def recent_applications(number: int, first: int = 0) -> Iterator[Message]:
    """Generate applications received just now; notify sends no mail about old ones."""
    now = datetime.now(UTC).replace(microsecond=0)
    for each, message in _messages(number, first):
        application_id = message.key.decode()
        value = submitted_data(application_id, each, each % len(templates()), now)
        headers = _headers("ApplicationSubmitted", application_id, now)
        yield replace(message, value=value, headers=headers, time_ms=milliseconds(now))


def contact_events(number: int, first: int = 0) -> Iterator[Message]:
    """Generate the contacts of the same applications, each with its own mail address."""
    now = datetime.now(UTC).replace(microsecond=0)
    for each, message in _messages(number, first):
        application_id = message.key.decode()
        contact = templates()[each % len(templates())].form.contact
        data = {
            "application_id": application_id,
            "version": 1,
            "contact": contact | {"email": f"{application_id}@example.com"},
        }
        headers = _headers("ContactRegistered", application_id, now)
        value = orjson.dumps(data)
        yield replace(message, value=value, headers=headers, time_ms=milliseconds(now))


def _messages(number: int, first: int) -> Iterator[tuple[int, Message]]:
    return islice(enumerate(DataSet("", first + number).messages()), first, None)


def _headers(event_type: str, application_id: str, now: datetime) -> list[tuple[str, bytes]]:
    event_id = derived_id(event_type, f"{application_id}:1")
    return list(Attributes(event_type, event_id, "intake", application_id, now).headers())
