"""Events of another producer's transactions: committed, aborted, and left open."""

from tests.factories import a_record, a_submission
from tests.faults.observe.history import APPLICATIONS
from tests.faults.observe.outage import expect_ready, expect_waiting_for
from tests.faults.run import Run
from tests.faults.scenario import scenario
from tests.kafka import Transaction

OPEN_TOO_LONG = {"CONSUMER_OPEN_TRANSACTION_SECONDS": "2"}
DECIDING = ("eligibility", "recognition")


@scenario("aborted transactions among the events, and one that stays open", short=0.2)
def aborted_transactions(run: Run) -> None:
    """What is aborted has no effect: whatever came of it would have no cause on the topic."""
    for each in DECIDING:
        run.start(each, OPEN_TOO_LONG)
    run.write(None, per_second=100, recognition_every=5)
    for _ in range(run.count(20, at_least=2)):
        run.measured.faults += 1
        _applications(run, 10).abort()
        _applications(run, 1, accepted=True).commit()
    still_open = _applications(run, 10)
    expect_waiting_for(run, "open-transaction", services=DECIDING)
    with run.fault("eligibility"):
        still_open.abort()
    expect_ready(run)


def _applications(run: Run, count: int, *, accepted: bool = False) -> Transaction:
    """Write applications in a transaction; those of one that is to be committed are accepted."""
    transaction = run.kafka.transaction()
    for _ in range(count):
        submitted = a_submission("new-technology")
        transaction.write(APPLICATIONS, a_record(submitted))
        if accepted:
            run.ledger.accept(submitted.application_id, 1, "eligibility")
    return transaction
