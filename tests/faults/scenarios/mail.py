"""Mail servers that refuse, hang, drop the line or put off for a long time."""

from collections import deque
from collections.abc import Iterator
from contextlib import contextmanager

from tests.faults.observe.reading import mail
from tests.faults.run import Run
from tests.faults.scenario import scenario
from tests.faults.scenarios.crashes import write_with_contacts
from tests.notify.mail_server import DROP, HANG, MailServer

# An hour, 360 times as fast.
QUICK_RETRIES = {"NOTIFY_FIRST_RETRY_SECONDS": "0.2", "NOTIFY_LONGEST_RETRY_SECONDS": "1"}
IMPATIENT = {"NOTIFY_SEND_SECONDS": "1"}
OUTAGE_SECONDS = 10.0


class Forever(deque[str]):
    """The same answer, however often it is taken."""

    def popleft(self) -> str:
        return self[0]


@contextmanager
def mailing(run: Run, **settings: str) -> Iterator[MailServer]:
    """Run notify on a mail server that can be told to misbehave, with receipts to send."""
    server = MailServer()
    server.start()
    run.on_close(server.stop)
    run.read_mails = lambda: [mail(each) for each in server.taken]
    run.start("notify", {**QUICK_RETRIES, **settings, "SMTP_URL": server.url})
    write_with_contacts(run, per_second=40)
    run.pause(1, 2)
    yield server


@scenario("SMTP server refuses connections")
def refusing(run: Run) -> None:
    with mailing(run) as server, run.fault("notify"):
        server.stop()
        run.pause(OUTAGE_SECONDS, OUTAGE_SECONDS)
        server.start()


@scenario("SMTP server does not respond")
def hanging(run: Run) -> None:
    with mailing(run, **IMPATIENT) as server, run.fault("notify"):
        server.answers["RCPT"] = Forever([HANG])
        run.pause(OUTAGE_SECONDS, OUTAGE_SECONDS)
        server.answers["RCPT"] = deque()


@scenario("SMTP server drops the connection after it accepted a mail")
def dropping(run: Run) -> None:
    drops = run.count(20)
    with mailing(run) as server:
        for _ in range(drops):
            with run.fault("notify"):
                server.answers["DATA"].append(DROP)
    run.measured.repeats_allowed = drops
    run.measure(f"lines dropped after the mail was taken: {drops}")


@scenario("SMTP server answers 4xx for an hour (simulated in 10 s)")
def putting_off(run: Run) -> None:
    with mailing(run) as server, run.fault("notify"):
        server.answers["RCPT"] = Forever(["451 come back later"])
        run.pause(OUTAGE_SECONDS, OUTAGE_SECONDS)
        server.answers["RCPT"] = deque()
