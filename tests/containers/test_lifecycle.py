"""How containers run, stop, crash and restart."""

from concurrent.futures import ThreadPoolExecutor

import pytest

from tests.containers.applicants import Applicants
from tests.containers.compose import SERVICES, Platform
from tests.deploy.repository import JOBS, containers
from tests.kafka import KafkaClient
from tests.waiting import eventually

pytestmark = [pytest.mark.docker, pytest.mark.timeout(900)]

GRACE_SECONDS = 30


def all_healthy(platform: Platform) -> bool:
    running = platform.containers().keys() - JOBS
    return {platform.health(name) for name in running} == {"healthy"}


def test_compose_adds_the_dashboards_if_asked_for(platform: Platform):
    asked = ("--profile", "dashboards", "config", "--services")

    assert {*platform.compose(*asked).split()} == containers().keys()


def test_no_container_runs_as_root(platform: Platform):
    running = platform.containers()
    assert {*running} == {name for name, each in containers().items() if "profiles" not in each}

    for name in running.keys() - JOBS:
        processes = running[name].top(ps_args="-eo pid,uid")["Processes"]
        users = {uid for _pid, uid in processes}
        assert processes, name
        assert "0" not in users, f"{name} runs as root"


def test_ports_are_published_on_localhost_only(platform: Platform):
    running = platform.containers()

    for name in running.keys() - JOBS:
        bindings = running[name].attrs["NetworkSettings"]["Ports"].values()
        assert {each["HostIp"] for binding in bindings for each in binding or []} == {
            "127.0.0.1"
        }, name


def test_killing_eligibility_under_load_loses_and_duplicates_nothing(
    applicants: Applicants, platform: Platform
):
    applications = [applicants.submit("assessment") for _ in range(40)]
    with ThreadPoolExecutor(1) as pool:
        killing = pool.submit(platform.crash, "eligibility")
        while not killing.done():
            applications.append(applicants.submit("new-technology"))
    applications += [applicants.submit("demonstration") for _ in range(40)]

    for each in applications:
        eventually(lambda each=each: applicants.decisions(each), because=f"{each} is undecided")
        assert len(applicants.decisions(each)) == 1
    kafka = KafkaClient(f"127.0.0.1:{platform.ports['kafka']}")
    published = [
        (record.key().decode(), dict(record.headers())["ce_id"], record.value())
        for record in kafka.read("eligibility.decisions.v1")
    ]
    ours = {each for each in published if each[0] in {one.id for one in applications}}
    # An event may be repeated, but only with the same bytes.
    assert sorted(key for key, _id, _value in ours) == sorted(each.id for each in applications)
    eventually(
        lambda: applicants.both_mails(applications), within_seconds=60, because="mails are missing"
    )
    assert not dead_letters(kafka)
    assert {len(each) for each in applicants.mails(applications).values()} == {2}


def dead_letters(kafka: KafkaClient) -> list[str]:
    return [
        str(record.value())
        for service in ("eligibility", "recognition", "notify")
        for record in kafka.read(f"{service}.dead-letters.v1")
    ]


def test_a_crashed_service_is_restarted_and_becomes_healthy(platform: Platform):
    before = {each: platform.containers()[each].attrs["RestartCount"] for each in SERVICES}

    for service in SERVICES:
        platform.crash(service)

    for service in SERVICES:
        eventually(
            lambda service=service: (
                platform.containers()[service].attrs["RestartCount"] == before[service] + 1
            ),
            because=f"{service} was not restarted",
        )
    eventually(lambda: all_healthy(platform), within_seconds=120)


@pytest.mark.parametrize("service", SERVICES)
def test_a_stopped_service_exits_within_its_grace_period(platform: Platform, service: str):
    container = platform.containers()[service]

    container.stop()  # after the grace period of the compose file, Docker kills it: exit code 137

    container.reload()
    container.start()
    assert container.attrs["State"]["ExitCode"] == 0
    eventually(lambda: all_healthy(platform), within_seconds=120)
