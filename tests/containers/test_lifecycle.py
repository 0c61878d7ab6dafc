"""How containers run, stop, die and come back."""

from concurrent.futures import ThreadPoolExecutor

import pytest

from tests.containers.applicants import Applicants
from tests.containers.compose import SERVICES, Platform, described
from tests.kafka import KafkaClient
from tests.waiting import eventually

pytestmark = [pytest.mark.docker, pytest.mark.timeout(900)]

GRACE_SECONDS = 30


def all_healthy(platform: Platform) -> bool:
    return {platform.health(part) for part in platform.containers()} == {"healthy"}


def test_nothing_runs_as_root(platform: Platform):
    running = platform.containers()
    assert running.keys() == described().keys()

    for part, container in running.items():
        processes = container.top(ps_args="-eo pid,uid")["Processes"]
        users = {uid for _pid, uid in processes}
        assert processes, part
        assert "0" not in users, f"{part} runs as root"


def test_nothing_listens_beyond_this_machine(platform: Platform):
    for part, container in platform.containers().items():
        bindings = container.attrs["NetworkSettings"]["Ports"].values()
        assert {each["HostIp"] for binding in bindings for each in binding or []} == {
            "127.0.0.1"
        }, part


def test_an_eligibility_killed_in_mid_run_loses_and_doubles_nothing(
    applicants: Applicants, platform: Platform
):
    sent = [applicants.send("assessment") for _ in range(40)]
    with ThreadPoolExecutor(1) as pool:
        killing = pool.submit(platform.crash, "eligibility")
        while not killing.done():
            sent.append(applicants.send("new-technology"))
    sent += [applicants.send("demonstration") for _ in range(40)]

    for each in sent:
        eventually(lambda each=each: applicants.decisions(each), because=f"{each} is undecided")
        assert len(applicants.decisions(each)) == 1
    kafka = KafkaClient(f"127.0.0.1:{platform.ports['kafka']}")
    published = [
        (record.key().decode(), dict(record.headers())["ce_id"], record.value())
        for record in kafka.read("eligibility.decisions.v1")
    ]
    ours = {each for each in published if each[0] in {one.id for one in sent}}
    # A repeat is allowed, another decision is not: for each application, always the same bytes.
    assert sorted(key for key, _id, _value in ours) == sorted(each.id for each in sent)
    eventually(lambda: applicants.both_mails(sent), within_seconds=60, because="mails are missing")
    assert not dead_letters(kafka)
    assert {len(each) for each in applicants.mails(sent).values()} == {2}


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
def test_a_stopped_service_ends_in_order_within_its_grace(platform: Platform, service: str):
    container = platform.containers()[service]

    container.stop()  # with the grace of the compose file: past it the exit code is 137

    container.reload()
    container.start()
    assert container.attrs["State"]["ExitCode"] == 0
    eventually(lambda: all_healthy(platform), within_seconds=120)
