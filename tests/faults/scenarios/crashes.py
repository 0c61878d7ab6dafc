"""Services that are killed between the steps of their work: store, publish, commit."""

from services.notify.settings import NotifySettings
from tests.faults.crash_points import crash
from tests.faults.load.plan import applications
from tests.faults.run import Run
from tests.faults.scenario import scenario

UNRECORDED = NotifySettings().unrecorded  # so many mails each crash of notify may repeat


@scenario("kill -9 of eligibility after the database write, publish or offset commit", short=0.5)
def crash_eligibility(run: Run) -> None:
    run.provide_topics()
    run.write(None, per_second=200)
    for point in ("after-store", "after-publish", "after-commit"):
        crash(run, "eligibility", point, times=run.count(2)).terminate()
    run.start("eligibility")


@scenario("kill -9 of recognition after the database write, publish or offset commit")
def crash_recognition(run: Run) -> None:
    run.provide_topics()
    run.write(None, per_second=200, recognition_every=2)
    for point in ("after-store", "after-publish", "after-commit"):
        crash(run, "recognition", point).terminate()
    run.start("recognition")


@scenario("kill -9 of intake after the database write, publish or outbox update")
def crash_intake(run: Run) -> None:
    healthy = run.start("intake")
    run.submit(None, per_second=60)
    healthy.terminate()
    for point in ("after-store", "after-publish", "after-outbox-update"):
        crash(run, "intake", point, times=3).terminate()
    healthy.start()


@scenario("kill -9 of notify after the database write or offset commit")
def crash_notify(run: Run) -> None:
    run.provide_topics()
    write_with_contacts(run, per_second=50)
    for point in ("after-store", "after-commit"):
        crash(run, "notify", point).terminate()
    run.start("notify")
    run.measured.repeats_allowed = run.measured.crashes * UNRECORDED


@scenario("kill -9 of notify between the mail server's reply and the status update", short=0.4)
def crash_after_the_reply(run: Run) -> None:
    run.provide_topics()
    write_with_contacts(run, per_second=50)
    crash(run, "notify", "after-send", times=run.count(5))
    run.measured.repeats_allowed = run.measured.crashes * UNRECORDED


def write_with_contacts(run: Run, per_second: float, count: int | None = None) -> None:
    """Write the events from which `notify` sends a receipt for each version."""
    writer = run.writer(applications(count), per_second)
    writer.with_contacts = True
    run.load(writer, endless=count is None)
