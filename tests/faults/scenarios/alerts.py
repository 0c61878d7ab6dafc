"""A service that is gone: who is told, when, and of nothing else."""

from collections import Counter

from tests.faults.observe.alerts import Alerts, seconds_until, watched
from tests.faults.observe.outage import start_all
from tests.faults.run import Run
from tests.faults.scenario import scenario

TOLD_SECONDS = 180  # as promised in docs/reliability.md
GONE, BACK = "Page: ConsumerGone of eligibility", "Resolved: ConsumerGone of eligibility"


@scenario("eligibility frozen (SIGSTOP) until a mail says so, then restarted: one alert, no other")
def eligibility_is_gone(run: Run) -> None:
    start_all(run)
    run.start("reconciliation")
    alerts = watched(run)
    run.submit(None, per_second=10)
    run.wait_for_effects("eligibility")
    [eligibility] = run.processes["eligibility"]

    run.measured.faults += 1
    eligibility.pause()
    fired, mailed = _until_told(run, alerts)
    run.measured.crashes += 1
    eligibility.kill()  # supervisord starts it again
    eligibility.wait_ready()
    silent = seconds_until(run, lambda: "ConsumerGone" not in alerts.firing(), "still fires")
    ended = silent + seconds_until(run, lambda: BACK in alerts.mails(), "its end is not mailed")

    # By now the applications are decided that have waited, and count as late.
    left, told = sorted(alerts.firing()), Counter(alerts.mails())
    run.expect(told == Counter([GONE, BACK]), f"these mails were sent: {dict(told)}")
    run.expect(not alerts.unrecorded(), f"rules without a series: {alerts.unrecorded()}")
    run.measure(
        f"alert after {fired:.0f} s, its mail after {mailed:.0f} s; from the restart: alert ended "
        f"after {silent:.0f} s, mail after {ended:.0f} s; silenced: {', '.join(left) or 'nothing'}"
    )


def _until_told(run: Run, alerts: Alerts) -> tuple[float, float]:
    fired = seconds_until(run, lambda: "ConsumerGone" in alerts.firing(), "no alert")
    mailed = fired + seconds_until(run, lambda: GONE in alerts.mails(), "no mail")
    run.expect(mailed <= TOLD_SECONDS, f"the mail came after {mailed:.0f} s")
    return fired, mailed
