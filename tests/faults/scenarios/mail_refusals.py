"""Mail servers that refuse us, take long to answer, or refuse nearly everything."""

import threading
import time
from collections import deque
from itertools import cycle

from tests.faults.observe.outage import expect_ready, expect_waiting_for
from tests.faults.observe.service_client import request
from tests.faults.run import Run
from tests.faults.scenario import scenario
from tests.faults.scenarios.crashes import UNRECORDED, write_with_contacts
from tests.faults.scenarios.mail import notify_with_mail_server
from tests.notify.mail_server import MailServer

QUICK_PROBES = {"NOTIFY_PROBE_SECONDS": "1"}
# As Postfix gives them in reply to RCPT, about our name, our sender and our rights.
ABOUT_US = (
    "504 5.5.2 <notify>: Helo command rejected: need fully-qualified hostname",
    "550 5.1.8 <no-reply@cppp.example>: Sender address rejected: Domain not found",
    "553 5.7.1 <no-reply@cppp.example>: Sender address rejected: not owned by user",
    "554 5.7.1 <chan@example.org>: Relay access denied",
)
REFUSED_SECONDS, SHORT_REFUSED_SECONDS = 10.0, 3.0
ANSWER_SECONDS = 40.0  # longer than most programs wait; RFC 5321 asks for ten minutes
SHORT_ANSWER_SECONDS = 8.0
BACKLOG = 400
MOST_OFFERED = 600  # a probe a second; one that is accepted lets some 40 mails go


class InTurn(deque[str]):
    """Gives its answers in turn, without end."""

    def __init__(self, *answers: str) -> None:
        super().__init__(answers)
        self._answers = cycle(answers)

    def popleft(self) -> str:
        return next(self._answers)


class NearlyAlways(deque[str]):
    """Gives the same answer to nearly every command, and counts them all; "" accepts."""

    def __init__(self, answer: str, accepts_every: int) -> None:
        super().__init__([answer])
        self._accepts_every = accepts_every
        self.given = 0

    def popleft(self) -> str:
        self.given += 1
        return "" if self.given % self._accepts_every == 0 else self[0]


@scenario("SMTP server refuses us in reply to RCPT: HELO, sender and relay", short=0.3)
def refusing_us(run: Run) -> None:
    with notify_with_mail_server(run, **QUICK_PROBES) as server, run.fault("notify"):
        server.answers["RCPT"] = InTurn(*ABOUT_US)
        expect_waiting_for(run, "mail-server", services=["notify"])
        expect_a_reason(run)
        run.sleep(*_outage(run))
        server.answers["RCPT"] = deque()
    expect_ready(run)


@scenario("SMTP server takes 40 s to accept each mail", short=0.2)
def slow(run: Run) -> None:
    with notify_with_mail_server(run) as server, run.fault("notify"):
        before = len(server.taken)
        server.answer_after_seconds = SHORT_ANSWER_SECONDS if run.is_short else ANSWER_SECONDS
        run.expect_eventually(lambda: len(server.taken) > before, "no mail met the slow server")
        run.sleep(1, 2)  # until all connections wait
        server.answer_after_seconds = 0.0
    run.measured.repeats_allowed = 0


@scenario("SMTP server refuses nearly all mails: the breaker stops sending", short=0.3)
def refusing_nearly_all(run: Run) -> None:
    answer = NearlyAlways("550 5.7.1 Message rejected due to local policy", accepts_every=30)
    with notify_with_mail_server(run, **QUICK_PROBES) as server, run.fault("notify"):
        server.answers["RCPT"] = answer
        expect_waiting_for(run, "mail-server", services=["notify"])
        expect_a_reason(run)
        run.sleep(*_outage(run))
        run.measure(f"mails offered to a server that refuses nearly all: {answer.given}")
        run.expect(answer.given < MOST_OFFERED, f"{answer.given} mails were offered")
        server.answers["RCPT"] = deque()
    expect_ready(run)


def _outage(run: Run) -> tuple[float, float]:
    seconds = SHORT_REFUSED_SECONDS if run.is_short else REFUSED_SECONDS
    return seconds, seconds


def expect_a_reason(run: Run) -> None:
    """Expect that `/readyz` names the answer by which the mail server refuses us."""
    [notify] = run.processes["notify"]
    run.expect_eventually(
        lambda: bool(request(notify.url, "/readyz")[2].get("reasons", {}).get("mail-server")),
        "notify does not say why the mail server refuses",
    )


@scenario(f"kill -9 of notify with up to {UNRECORDED} accepted mails not yet recorded", short=0.5)
def crash_with_unrecorded(run: Run) -> None:
    with notify_with_mail_server(run) as server:
        server.answer_after_seconds = 0.2
        for _ in range(run.count(2)):
            # The mails of an earlier crash are recorded once their claims have expired.
            run.expect_eventually(
                lambda: _unrecorded(run, server) == 0, "the mails of a crash are not recorded"
            )
            write_with_contacts(run, per_second=BACKLOG, count=BACKLOG)
            _crash_with_unrecorded(run, server)
    run.measured.repeats_allowed = UNRECORDED * run.measured.crashes


def _crash_with_unrecorded(run: Run, server: MailServer) -> None:
    """Kill notify when the database is stuck and the mail server has taken all that it gets."""
    [notify] = run.processes["notify"]
    _stop_database_while_sending(run, server)
    seen = 0
    while seen != len(server.taken):
        seen = len(server.taken)
        run.sleep(1, 1)
    run.measured.faults += 1
    run.measured.crashes += 1
    killed_at = time.monotonic()
    notify.kill()
    run.stack.resume("mongodb")
    # Their claims have not expired yet, so nothing is repeated meanwhile.
    unrecorded = _unrecorded(run, server)
    run.measure(f"accepted and not recorded: {unrecorded}")
    run.expect(0 < unrecorded <= UNRECORDED, f"{unrecorded} mails were not recorded")
    run.measure_recovery("notify", killed_at)


def _stop_database_while_sending(run: Run, server: MailServer) -> None:
    """Stop the database with a mail that has no answer yet, and with more to come."""
    last, is_stopped = len(server.taken) + UNRECORDED, threading.Event()

    def stop(_mail: bytes) -> None:
        if len(server.taken) > last and not is_stopped.is_set():
            run.stack.pause("mongodb")
            is_stopped.set()

    server.on_taken = stop
    run.expect_eventually(is_stopped.is_set, "few mails were sent")


def _unrecorded(run: Run, server: MailServer) -> int:
    """Count the mails that the server has taken and notify has not stored as sent."""
    recorded = run.progress.mongo.notify.notifications.count_documents({"state": "sent"})
    return len(set(server.taken)) - recorded
