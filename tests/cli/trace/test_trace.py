"""`cppp trace` on the running platform: the whole path, and what waits while a service is down."""

import json
from uuid import uuid4

import pytest
from typer.testing import CliRunner

from cli.main import app
from devstack.testing.service_process import ServiceProcesses
from shared.clock import milliseconds
from shared.events.casework import CaseRuled
from shared.events.envelope import dead_letter_topic
from shared.references import reference_of
from tests.end_to_end.platform import CONTACT, Platform, eligible_applications
from tests.factories import NOW, a_record
from tests.waiting import eventually


@pytest.fixture(scope="module")
def platform(infra, service_stack):
    processes = ServiceProcesses(service_stack, infra)
    platform = Platform(infra, processes.start)
    yield platform
    platform.mongo.close()
    processes.stop_all()


def run(infra, *arguments: str):
    return CliRunner().invoke(app, ["trace", "--kafka", infra.kafka_bootstrap_servers, *arguments])


def path(infra, application_id: str):
    result = run(infra, application_id, "--json")
    assert result.exit_code == 0, result.output
    return json.loads(result.output)


@pytest.mark.timeout(300)
def test_the_path_of_an_application_is_shown_from_its_acceptance_to_its_mails(platform, infra):
    [application_id] = platform.submit(*eligible_applications(1))
    platform.wait_until_mailed([application_id])
    found = eventually(lambda: complete(path(infra, application_id)))

    steps = {each["what"]: each for each in found["steps"]}
    assert next(iter(steps)) in {"ApplicationSubmitted", "ContactRegistered"}
    assert [each["what"] for each in found["steps"]].count("NotificationSent") == 2
    assert steps["EligibilityDecided"]["waited_seconds"] >= 0
    assert steps["NotificationSent"]["waited_seconds"] >= 0
    assert steps["ApplicationSubmitted"]["waited_seconds"] is None
    assert (found["unread"], found["unmailed"]) == ([], [])
    table = run(infra, application_id).output
    assert reference_of(application_id) in table
    assert CONTACT["name"] not in table
    assert CONTACT["email"] not in table


def complete(found):
    return found if not found["unread"] and not found["unmailed"] else None


@pytest.mark.timeout(300)
def test_a_service_that_is_down_is_named_with_what_it_has_not_handled(platform, infra):
    platform.services["eligibility"].terminate()
    [application_id] = platform.submit(*eligible_applications(1))

    found = eventually(lambda: waits_for_eligibility_alone(path(infra, application_id)))

    assert [each["what"] for each in found["steps"]].count("EligibilityDecided") == 0
    assert "eligibility has not handled ApplicationSubmitted" in run(infra, application_id).output
    platform.services["eligibility"].start()
    platform.wait_until_mailed([application_id])


def waits_for_eligibility_alone(found):
    groups = {each["group"] for each in found["unread"]}
    return found if groups == {"eligibility"} and not found["unmailed"] else None


@pytest.mark.timeout(300)
def test_a_ruling_of_an_earlier_day_is_on_the_path(platform, infra):
    [application_id] = platform.submit(*eligible_applications(1))
    long_ago = a_record(an_approval(application_id), topic="casework.rulings.v1", time=NOW)
    eventually(lambda: run(infra, application_id).exit_code == 0)
    platform.kafka.write(
        long_ago.topic, long_ago.value, long_ago.headers, long_ago.key, milliseconds(NOW)
    )

    found = eventually(lambda: path_with(infra, application_id, "CaseRuled"))

    assert found["steps"][0]["what"] == "CaseRuled"


def path_with(infra, application_id: str, what: str):
    found = path(infra, application_id)
    return found if what in {each["what"] for each in found["steps"]} else None


def an_approval(application_id: str) -> CaseRuled:
    return CaseRuled(
        application_id=application_id,
        version=1,
        ruling_id="R-1",
        step="funding",
        ruling="approved",
        ruled_at=NOW,
    )


def test_a_dead_letter_is_a_step_with_the_command_that_shows_it(platform, infra):
    application_id = str(uuid4())
    headers = [("ce_type", b"ApplicationSubmitted"), ("ce_time", b"2026-11-02T01:30:00.000Z")]
    platform.kafka.write("intake.applications.v1", b"{", headers, application_id.encode())

    found = eventually(lambda: with_dead_letters(path(infra, application_id)))

    steps = {each["what"]: each["details"] for each in found["steps"]}
    letters = dead_letter_topic("eligibility").name
    place = next(each["where"] for each in found["steps"] if each["where"].startswith(letters))
    partition, offset = place.removeprefix(f"{letters}/").split("@")
    shown = f"cppp dead-letters show eligibility/{partition}/{offset}"
    assert steps["dead letter of eligibility"] == f"invalid; {shown}"


def with_dead_letters(found):
    return (
        found
        if any("dead letter of eligibility" in each["what"] for each in found["steps"])
        else None
    )


@pytest.mark.usefixtures("platform")  # its topics exist
def test_an_application_of_which_no_topic_has_a_record_is_an_error(infra):
    result = run(infra, str(uuid4()))

    assert result.exit_code == 1
    assert "No topic has a record about" in result.stderr


def test_an_unreachable_kafka_is_an_error_of_one_line():
    result = CliRunner().invoke(app, ["trace", "--kafka", "127.0.0.1:1", str(uuid4())])

    assert result.exit_code == 1
    assert "Kafka at 127.0.0.1:1 cannot be reached" in result.stderr
