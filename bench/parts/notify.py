"""Mails per second to a sink that only counts: notify beside scripts and the sink's own limit."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from datetime import UTC, datetime
from functools import partial
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
from bench.report.results import RateFigures
from devstack.waiting import wait_until
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
NOTIFY: Final = Contender("notify", "service", "the notify service as it ships, from a backlog")
_SETTINGS: Final[dict[str, dict[str, str]]] = {
    "ours": {},
    "ours-16-in-doubt": {"NOTIFY_IN_DOUBT": "16", "NOTIFY_CONNECTIONS": "16"},
}
_SCRIPTS: Final = (
    Contender("aiosmtplib-one-by-one", "python", "aiosmtplib.send() for each mail, as documented"),
    Contender("aiosmtplib-one-connection", "python", "one open connection, send_message()"),
    Contender("smtp-limit", "python", "8 connections, prepared bytes, pipelined: the upper limit"),
)


def measure(plan: Plan) -> dict[str, RateFigures]:
    """Measure all senders in turn, in several rounds."""
    rounds: dict[str, list[RateFigures]] = {}
    for number in range(plan.side_rounds):
        for name, figures in _measure_round(plan):
            rounds.setdefault(name, []).append(figures)
            log(f"round {number + 1}: {name}: {figures.not_run or f'{figures.per_second:,.0f}/s'}")
    return {name: median_figures(each) for name, each in rounds.items()}


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


def _measure_round(plan: Plan) -> Iterator[tuple[str, RateFigures]]:
    for name, settings in _SETTINGS.items():
        with open_stack() as stack:
            yield name, _try_measure(partial(_measure_notify, stack, plan.mails, settings))
    with open_stack() as stack:
        for each in _SCRIPTS:
            mails = plan.slow_mails if "aiosmtplib" in each.name else plan.mails
            yield each.name, _try_measure(partial(_measure_script, stack, each, mails))


def _try_measure(measurement: Callable[[], RateFigures]) -> RateFigures:
    try:
        return measurement()
    except NotRunError as error:
        return RateFigures(what="", not_run=str(error))


def _measure_notify(stack: BenchmarkStack, mails: int, settings: dict[str, str]) -> RateFigures:
    stack.create_input_topics(*INPUT_TOPICS)
    publish_all(stack, "intake.contacts.v1", contact_events(mails))
    publish_all(stack, "intake.applications.v1", recent_applications(mails))
    changes = (f"{name}={value}" for name, value in settings.items())
    description = "; ".join([NOTIFY.description, *changes])
    with (
        mail_sink() as sink,
        server_running(stack, NOTIFY, {"SMTP_URL": sink.url, **settings}) as server,
    ):
        return _measure_mails(description, server.process, sink, mails)


def _measure_script(stack: BenchmarkStack, contender: Contender, mails: int) -> RateFigures:
    install_contender(contender)
    with mail_sink() as sink:
        environment = {"SMTP_PORT": str(sink.port), "BENCH_MAILS": str(mails)}
        log_file = stack.folder / f"{contender.name}.log"
        with process_running(contender.command, environment, log_file) as process:
            return _measure_mails(contender.description, process, sink, mails)


def _measure_mails(description: str, process: Process, sink: MailSink, mails: int) -> RateFigures:
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
    rate = (len(times) - 1) / (times[-1] - times[0])
    cost = (used - before) * 1e6 / max(1, mails - seen)
    return RateFigures(what=description, per_second=round(rate, 1), cpu_us_each=round(cost, 1))


def _wait_until(condition: Callable[[], bool], process: Process) -> None:
    if not wait_until(condition, _TIMEOUT_SECONDS):
        msg = f"the contender does not send all mails: {process.log_tail()}"
        raise NotRunError(msg)


def recent_applications(number: int) -> Iterator[Message]:
    """Generate applications received just now; notify sends no mail about old ones."""
    now = datetime.now(UTC).replace(microsecond=0)
    for each, message in enumerate(DataSet("", number).messages()):
        application_id = message.key.decode()
        value = submitted_data(application_id, each, each % len(templates()), now)
        headers = _headers("ApplicationSubmitted", application_id, now)
        yield replace(message, value=value, headers=headers, time_ms=milliseconds(now))


def contact_events(number: int) -> Iterator[Message]:
    """Generate the contacts of the same applications, each with its own mail address."""
    now = datetime.now(UTC).replace(microsecond=0)
    for each, message in enumerate(DataSet("", number).messages()):
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


def _headers(event_type: str, application_id: str, now: datetime) -> list[tuple[str, bytes]]:
    event_id = derived_id(event_type, f"{application_id}:1")
    return list(Attributes(event_type, event_id, "intake", application_id, now).headers())
