"""The site while what it reads from is away, and while its own processes and database go."""

import os
import subprocess
import sys

from devstack.stack.program import PROJECT
from devstack.testing.service_process import ServiceProcess
from tests.faults.environments import replica_set_of, three_mongods
from tests.faults.load.editors import Editors
from tests.faults.observe.outage import expect_waiting_for
from tests.faults.observe.service_client import request
from tests.faults.observe.site import SiteMonitor, expect_shown
from tests.faults.run import Run
from tests.faults.scenario import scenario

_OUTAGE_SECONDS = 10.0  # longer than every look at a dependency
_SITE = ("portal",)
_ITEMS = 100
_SETTINGS = {"PORTAL_PER_MINUTE": "0"}  # all that looks has one address


def _started(run: Run, processes: int) -> Editors:
    """Start the site alone: no other service is needed for its pages."""
    for _ in range(processes):
        run.start("portal", _SETTINGS)
    editors = Editors(run)
    editors.publish(run.count(_ITEMS, at_least=10))
    expect_shown(run, editors)
    return editors


@scenario("the site while Kafka is stopped, then MongoDB, then MongoDB frozen")
def site_alone(run: Run) -> None:
    editors = _started(run, 1)
    with SiteMonitor(run, editors) as monitor:
        for name, end, resume in (
            ("kafka", run.stack.stop_program, run.stack.start_program),
            ("mongodb", run.stack.stop_program, run.stack.start_program),
            ("mongodb", run.stack.pause, run.stack.resume),
        ):
            run.measured.faults += 1
            end(name)
            with monitor.outage():
                _expect_degraded(run, name)
                run.sleep(_OUTAGE_SECONDS, _OUTAGE_SECONDS)
            resume(name)
            monitor.expect_caught_up()
        editors.publish(5)
        expect_shown(run, editors)
    _expect_ready(run)


@scenario(
    "the site while MongoDB's primary is killed (replica set of three)", environment=three_mongods
)
def site_without_primary(run: Run) -> None:
    editors = _started(run, 1)
    replica_set = replica_set_of(run.stack)
    with SiteMonitor(run, editors):
        for _ in range(2):
            run.expect_eventually(lambda: replica_set.primary() is not None, "no primary")
            run.measured.faults += 1
            run.stack.kill(replica_set.primary() or "")
            editors.publish(5)
            expect_shown(run, editors)
    _expect_ready(run)


@scenario("kill -9 of the site's two processes in turn while content is published")
def kill_site(run: Run) -> None:
    editors = _started(run, 2)
    processes = run.processes["portal"]
    with SiteMonitor(run, editors):
        for number in range(run.count(10, at_least=2)):
            process = processes[number % len(processes)]
            editors.publish(5)
            run.sleep(0.0, 1.0)
            run.measured.faults += 1
            run.measured.crashes += 1
            process.kill()
            editors.publish(5)
            process.wait_ready()
        expect_shown(run, editors)


@scenario("the site's database dropped and rebuilt from the topics while it serves", short=0.1)
def rebuild_site(run: Run) -> None:
    editors = _started(run, 1 if run.is_short else 2)
    editors.correct()
    for item_id in list(editors.published)[:3]:
        editors.withdraw(item_id)
    run.expect_eventually(lambda: run.progress.lag("portal") == 0, "the site is behind")
    before = _facts(run)
    with SiteMonitor(run, editors):
        run.measured.faults += 1
        run.progress.mongo.drop_database("portal")
        editors.publish(5)
        _rebuild(run)
        run.expect_eventually(lambda: before.keys() <= _facts(run).keys(), "a fact is missing")
        expect_shown(run, editors)
    facts = _facts(run)
    run.expect({each: facts.get(each) for each in before} == before, "a fact is another one")
    run.start("portal")  # has read nothing but the new database
    expect_shown(run, editors)


@scenario("the site reads its topics again from the beginning")
def redeliver_to_site(run: Run) -> None:
    editors = _started(run, 1)
    editors.correct()
    run.expect_eventually(lambda: run.progress.lag("portal") == 0, "the site is behind")
    before = _facts(run)
    [process] = run.processes["portal"]
    process.terminate()
    run.measured.faults += 1
    run.kafka.delete_group("portal")
    process.start()
    run.expect_eventually(lambda: run.progress.lag("portal") == 0, "the site is behind")
    expect_shown(run, editors)
    run.expect(_facts(run) == before, "repeats have changed the read model")


def _expect_degraded(run: Run, check: str) -> None:
    expect_waiting_for(run, check, services=_SITE)
    for each in run.processes["portal"]:
        status, _, state = request(each.url, "/readyz")
        run.expect((status, state.get("status")) == (200, "degraded"), f"{each.name}: {status}")


def _expect_ready(run: Run) -> None:
    for each in run.processes["portal"]:
        run.expect_eventually(
            lambda process=each: _state(process) == "ready", f"{each.name} is not ready again"
        )


def _state(process: ServiceProcess) -> str:
    _, _, state = request(process.url, "/readyz")
    return str(state.get("status"))


def _facts(run: Run) -> dict[str, str]:
    found = run.progress.mongo["portal"].facts.find({}, {"data": True})
    return {each["_id"]: each["data"] for each in found}


def _rebuild(run: Run) -> None:
    done = subprocess.run(  # our own command
        [sys.executable, "-m", "services.portal.rebuild"],
        env={**os.environ, **run.addresses.environment},
        cwd=PROJECT,
        capture_output=True,
        check=False,
    )
    run.expect(done.returncode == 0, "the rebuild has failed")
