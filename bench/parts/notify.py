"""Mails a second to a sink that only counts, against one mail after the other and its own limit."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from datetime import UTC, datetime
from functools import partial
from statistics import median
from typing import Final

import orjson

from bench.harness.contender import Contender
from bench.harness.dataset import DataSet, Message, submitted, templates
from bench.harness.installation import NotRunError, set_up
from bench.harness.plan import Plan
from bench.harness.process import Process, running
from bench.harness.stack import Station, open_station, publish_all
from bench.parts.intake import serving
from bench.parts.mail_sink import MailSink, mail_sink
from bench.report.results import RateFigures
from devstack.waiting import wait_until
from shared.clock import milliseconds
from shared.events.envelope import Attributes, derived_id

Say = Callable[[str], None]
_PATIENCE_SECONDS: Final = 180
TOPICS: Final = (
    "intake.applications.v1",
    "intake.contacts.v1",
    "eligibility.decisions.v1",
    "recognition.decisions.v1",
    "casework.rulings.v1",
)
OURS: Final = Contender("notify", "service", "the notify service as it ships, from a backlog")
SETTINGS: Final[dict[str, dict[str, str]]] = {
    "ours": {},
    "ours-16-in-doubt": {"NOTIFY_IN_DOUBT": "16", "NOTIFY_CONNECTIONS": "16"},
}
SCRIPTS: Final = (
    Contender("aiosmtplib-one-by-one", "python", "aiosmtplib.send() for each mail, as documented"),
    Contender("aiosmtplib-one-connection", "python", "one kept connection, send_message()"),
    Contender("smtp-limit", "python", "8 connections, bytes made beforehand, pipelined: the limit"),
)


def measure(plan: Plan, say: Say) -> dict[str, RateFigures]:
    """Measure all senders, in turn, several rounds."""
    figures: dict[str, list[RateFigures]] = {}
    for number in range(plan.side_rounds):
        for name, found in _round(plan):
            figures.setdefault(name, []).append(found)
            say(f"round {number + 1}: {name}: {found.not_run or f'{found.per_second:,.0f}/s'}")
    return {name: combined(each) for name, each in figures.items()}


def combined(rounds: Sequence[RateFigures]) -> RateFigures:
    """Take the medians of the rounds that were run."""
    good = [each for each in rounds if each.per_second is not None]
    if not good:
        return rounds[-1]
    rates = [each.per_second or 0.0 for each in good]
    costs = [each.cpu_us_each for each in good if each.cpu_us_each is not None]
    cost = round(median(costs), 1) if costs else None
    update = {"per_second": round(median(rates), 1), "cpu_us_each": cost, "rounds": rates}
    return good[0].model_copy(update=update)


def _round(plan: Plan) -> Iterator[tuple[str, RateFigures]]:
    for name, settings in SETTINGS.items():
        with open_station() as station:
            yield name, _attempt(partial(_ours, station, plan.mails, settings))
    with open_station() as station:
        for each in SCRIPTS:
            mails = plan.slow_mails if "aiosmtplib" in each.name else plan.mails
            yield each.name, _attempt(partial(_script, station, each, mails))


def _attempt(measured: Callable[[], RateFigures]) -> RateFigures:
    try:
        return measured()
    except NotRunError as error:
        return RateFigures(what="", not_run=str(error))


def _ours(station: Station, mails: int, settings: dict[str, str]) -> RateFigures:
    station.create_inputs(*TOPICS)
    publish_all(station, "intake.contacts.v1", contacts(mails))
    publish_all(station, "intake.applications.v1", fresh(mails))
    what = "; ".join([OURS.what, *(f"{name}={value}" for name, value in settings.items())])
    with (
        mail_sink() as sink,
        serving(station, OURS, {"SMTP_URL": sink.url, **settings}) as server,
    ):
        return _timed(what, server.process, sink, mails)


def _script(station: Station, contender: Contender, mails: int) -> RateFigures:
    set_up(contender)
    with mail_sink() as sink:
        environment = {"SMTP_PORT": str(sink.port), "BENCH_MAILS": str(mails)}
        log = station.folder / f"{contender.name}.log"
        with running(contender.command, environment, log) as process:
            return _timed(contender.what, process, sink, mails)


def _timed(what: str, process: Process, sink: MailSink, mails: int) -> RateFigures:
    """Time from the first mail to the last; what the first one cost is not known."""
    _wait(lambda: bool(sink.arrivals), process)
    seen, before = len(sink.arrivals), process.usage().cpu_seconds
    used = before

    def all_are_there() -> bool:
        nonlocal used
        used = max(used, process.usage().cpu_seconds)  # nothing once it has ended
        return len(sink.arrivals) >= mails

    _wait(all_are_there, process)
    times = sorted(at for at, _ in sink.arrivals)
    rate = (len(times) - 1) / (times[-1] - times[0])
    cost = (used - before) * 1e6 / max(1, mails - seen)
    return RateFigures(what=what, per_second=round(rate, 1), cpu_us_each=round(cost, 1))


def _wait(condition: Callable[[], bool], process: Process) -> None:
    if not wait_until(condition, _PATIENCE_SECONDS):
        msg = f"it does not send all mails: {process.last_words()}"
        raise NotRunError(msg)


def fresh(number: int) -> Iterator[Message]:
    """Make applications that have just been received: old ones are not written about."""
    now = datetime.now(UTC).replace(microsecond=0)
    for each, message in enumerate(DataSet("", number).messages()):
        application_id = message.key.decode()
        value = submitted(application_id, each, each % len(templates()), now)
        headers = _headers("ApplicationSubmitted", application_id, now)
        yield replace(message, value=value, headers=headers, time_ms=milliseconds(now))


def contacts(number: int) -> Iterator[Message]:
    """Make the contact persons of the same applications, an address for each."""
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


def _headers(kind: str, application_id: str, now: datetime) -> list[tuple[str, bytes]]:
    event_id = derived_id(kind, f"{application_id}:1")
    return list(Attributes(kind, event_id, "intake", application_id, now).headers())
