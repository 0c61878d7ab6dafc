"""What is gone for minutes: who is told, when, and of nothing else."""

from collections import Counter

from devstack.servers.service import service_names
from tests.faults.observe.alerts import Alerts, seconds_until, watched
from tests.faults.observe.outage import start_all
from tests.faults.run import Run
from tests.faults.scenario import scenario

TOLD_SECONDS = 180  # as promised in docs/reliability.md
LATE_SECONDS = 90.0  # an application is late after a minute


@scenario("eligibility frozen (SIGSTOP) until a mail says so, then restarted: one alert, no other")
def eligibility_is_gone(run: Run) -> None:
    alerts = _watched_under_load(run)
    [eligibility] = run.processes["eligibility"]
    eligibility.pause()
    told = _until_told(run, alerts, "ConsumerGone of eligibility")
    run.measured.crashes += 1
    eligibility.kill()  # supervisord starts it again
    eligibility.wait_ready()
    _until_silent(run, alerts, "ConsumerGone of eligibility", told)


@scenario("Kafka stopped for minutes: one alert, and none about what follows from it")
def kafka_is_gone(run: Run) -> None:
    _expect_one_alert(run, "kafka", "KafkaDown")


@scenario("MongoDB stopped for minutes: one alert, and none about what follows from it")
def mongodb_is_gone(run: Run) -> None:
    _expect_one_alert(run, "mongodb", "MongoDown")


def _expect_one_alert(run: Run, server: str, alert: str) -> None:
    alerts = _watched_under_load(run)
    run.stack.stop_program(server)
    told = _until_told(run, alerts, alert)
    run.sleep(LATE_SECONDS, LATE_SECONDS)
    run.stack.start_program(server)
    _until_silent(run, alerts, alert, told)


def _watched_under_load(run: Run) -> Alerts:
    start_all(run)
    for name in service_names():  # Prometheus watches all that there are
        if name not in run.processes:
            run.start(name)
    alerts = watched(run)
    run.submit(None, per_second=10)
    run.wait_for_effects("eligibility")
    run.measured.faults += 1
    return alerts


def _until_told(run: Run, alerts: Alerts, alert: str) -> str:
    """Wait for the alert and its mail; return how long that took."""
    name = alert.split(maxsplit=1)[0]
    fired = seconds_until(run, lambda: name in alerts.firing(), "no alert")
    mailed = fired + seconds_until(run, lambda: f"Page: {alert}" in alerts.mails(), "no mail")
    run.expect(mailed <= TOLD_SECONDS, f"the mail came after {mailed:.0f} s")
    return f"alert after {fired:.0f} s, its mail after {mailed:.0f} s"


def _until_silent(run: Run, alerts: Alerts, alert: str, told: str) -> None:
    """Wait for the end of the alert and its mail, and expect that nobody was told of another."""
    name, back = alert.split(maxsplit=1)[0], f"Resolved: {alert}"
    ended = seconds_until(run, lambda: name not in alerts.firing(), "still fires")
    mailed = ended + seconds_until(run, lambda: back in alerts.mails(), "its end is not mailed")
    # By now the applications are decided that have waited, and count as late.
    left, mails = sorted(alerts.firing()), Counter(alerts.mails())
    run.expect(mails == Counter([f"Page: {alert}", back]), f"these were sent: {dict(mails)}")
    run.expect(not alerts.unrecorded(), f"rules without a series: {alerts.unrecorded()}")
    run.measure(
        f"{told}; from the return: alert ended after {ended:.0f} s, mail after {mailed:.0f} s; "
        f"silenced: {', '.join(left) or 'nothing'}"
    )
