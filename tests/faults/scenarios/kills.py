"""Services that are killed at random times."""

from concurrent.futures import ThreadPoolExecutor

from devstack.testing.service_process import ServiceProcess
from tests.faults.run import Run
from tests.faults.scenario import scenario
from tests.faults.scenarios.crashes import UNRECORDED

NAMES = ("intake", "eligibility", "recognition", "notify")
KILLS = 20
RECOVERY_SECONDS = 10


@scenario("kill -9 of each service at random times", alone=True)
def kill_each_service(run: Run) -> None:
    services = [run.start(name) for name in NAMES]
    run.submit(run.count(20_000), per_second=100, recognition_every=5)
    with ThreadPoolExecutor(len(services)) as executor:
        list(executor.map(lambda each: _kill_repeatedly(run, each), services))
    crashes_of_notify = run.measured.crashes // len(services)
    run.measured.repeats_allowed = crashes_of_notify * UNRECORDED


def _kill_repeatedly(run: Run, process: ServiceProcess) -> None:
    for _ in range(run.count(KILLS, at_least=2)):
        run.sleep(0.1, 1.0)
        run.kill(process)


@scenario("kill -9 of eligibility while it catches up", short=0.1, alone=True)
def kill_eligibility(run: Run) -> None:
    eligibility = run.start("eligibility")
    run.write(run.count(20_000), per_second=run.count(2_000))
    for _ in range(run.count(10, at_least=2)):
        run.sleep(0.0, 0.3)
        run.kill(eligibility)
    _expect_quick_recovery(run)


@scenario("kill -9 of eligibility while it joins its consumer group", alone=True)
def kill_eligibility_while_it_joins(run: Run) -> None:
    eligibility = run.start("eligibility")
    run.write(run.count(5_000), per_second=run.count(100))
    for _ in range(run.count(5, at_least=2)):
        run.sleep(0.5, 1.0)
        before = run.members("eligibility")
        eligibility.kill()
        run.expect_eventually(
            lambda before=before: run.members("eligibility") - before, "no member joined"
        )
        run.kill(eligibility)
    _expect_quick_recovery(run)


def _expect_quick_recovery(run: Run) -> None:
    if not run.is_short:  # slower while other tests use the same processors
        longest = max((each.seconds for each in run.measured.recoveries), default=0)
        run.expect(longest <= RECOVERY_SECONDS, f"the longest recovery took {longest:.1f} s")
