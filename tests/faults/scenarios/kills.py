"""Services that end without warning."""

from tests.faults.run import Run
from tests.faults.scenario import scenario


@scenario("kill -9 of eligibility at random", short=0.1)
def kill_eligibility(run: Run) -> None:
    eligibility = run.start("eligibility")
    run.write(run.count(20_000), per_second=150)
    for _ in range(run.count(20, at_least=2)):
        run.pause(0.2, 1.0)
        run.kill(eligibility)
