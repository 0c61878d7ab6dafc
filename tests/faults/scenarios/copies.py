"""Topics that were copied, with timestamps that say nothing about their events."""

from datetime import timedelta

from tests.faults.load.plan import applications
from tests.faults.observe.history import APPLICATIONS, CONTACTS
from tests.faults.run import Run
from tests.faults.scenario import scenario

LONG_AGO = timedelta(days=365)
STAMPED = "LogAppendTime"


@scenario("topics copied with other timestamps", short=0.3)
def copied_topics(run: Run) -> None:
    """A new `notify` reads a year's history that was copied today: it mails only what is new."""
    run.provide_topics()
    for topic in (APPLICATIONS, CONTACTS):
        run.kafka.configure(topic, {"message.timestamp.type": STAMPED})
    run.measured.faults += 2
    past = run.writer(applications(run.count(1_000)), per_second=2_000)
    past.with_contacts, past.age = True, LONG_AGO
    run.load(past).join(60)
    run.start("notify")
    present = run.writer(applications(run.count(300)), per_second=300)
    present.with_contacts = True
    run.load(present)
    run.settle()
    mailed = {each.application_id for each in run.read_mails()}
    long_past = {each.application_id for each in run.ledger.past}
    run.expect(not mailed & long_past, f"{len(mailed & long_past)} of a year ago were mailed")
