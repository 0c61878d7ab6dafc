"""Mail servers that refuse, hang, drop the connection or defer mails for a long time."""

from collections import deque
from collections.abc import Iterator
from contextlib import contextmanager

from tests.faults.observe.reading import mail
from tests.faults.run import Run
from tests.faults.scenario import scenario
from tests.faults.scenarios.crashes import write_with_contacts
from tests.notify.mail_server import DROP, HANG, MailServer

# Retries 360 times as frequent, so that 10 s stand for an hour.
QUICK_RETRIES = {"NOTIFY_FIRST_RETRY_SECONDS": "0.2", "NOTIFY_LONGEST_RETRY_SECONDS": "1"}
OUTAGE_SECONDS = 10.0  # how long the server fails


class Always(deque[str]):
    """Gives the same reply to every command."""

    def popleft(self) -> str:
        return self[0]


@contextmanager
def notify_with_mail_server(run: Run, **settings: str) -> Iterator[MailServer]:
    """Start notify with a mail server that can be made to fail, and with receipts to send."""
    server = MailServer()
    server.start()
    run.on_close(server.stop)
    run.read_mails = lambda: [mail(each) for each in server.taken]
    run.start("notify", {**QUICK_RETRIES, **settings, "SMTP_URL": server.url})
    write_with_contacts(run, per_second=40)
    run.wait_for_effects("notify")
    yield server


@scenario("SMTP server refuses connections")
def refusing(run: Run) -> None:
    with notify_with_mail_server(run) as server, run.fault("notify"):
        server.stop()
        run.sleep(OUTAGE_SECONDS, OUTAGE_SECONDS)
        server.start()


@scenario("SMTP server does not respond")
def hanging(run: Run) -> None:
    with notify_with_mail_server(run) as server, run.fault("notify"):
        server.answers["RCPT"] = Always([HANG])
        run.sleep(OUTAGE_SECONDS, OUTAGE_SECONDS)
        server.answers["RCPT"] = deque()
        server.stop()  # a person restarts it: the time limits of RFC 5321 are minutes
        server.start()


@scenario("SMTP server drops the connection after it accepted a mail")
def dropping(run: Run) -> None:
    drops = run.count(20)
    with notify_with_mail_server(run) as server:
        for _ in range(drops):
            with run.fault("notify"):
                server.answers["DATA"].append(DROP)
    run.measured.repeats_allowed = drops
    run.measure(f"connections dropped after a mail was accepted: {drops}")


@scenario("SMTP server answers 4xx for an hour (simulated in 10 s)")
def deferring(run: Run) -> None:
    with notify_with_mail_server(run) as server, run.fault("notify"):
        server.answers["RCPT"] = Always(["451 come back later"])
        run.sleep(OUTAGE_SECONDS, OUTAGE_SECONDS)
        server.answers["RCPT"] = deque()
