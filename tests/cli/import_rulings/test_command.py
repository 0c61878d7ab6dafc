"""`cppp import-rulings` on a real Kafka: all or nothing, once, resumable; and what follows."""

import json
from datetime import UTC, datetime
from pathlib import Path
from uuid import uuid4

import httpx
import pytest
from typer.testing import CliRunner

from cli.import_rulings.case_numbers import id_of_case
from cli.main import app
from cli.receipt_file import receipts_beside
from services.recognition.rules.procedure import ORDER
from tests.factories import a_record
from tests.intake.submissions import body, headers
from tests.kafka import KafkaClient, repeated_headers
from tests.recognition.rulings import a_candidacy
from tests.waiting import DEADLINE_SECONDS, eventually

TOPIC = "casework.rulings.v1"
SAMPLES = Path(__file__).parents[3] / "samples"


@pytest.fixture
def kafka(infra):
    return KafkaClient(infra.kafka_bootstrap_servers)


@pytest.fixture
def run(infra):
    """Run the command on a file; returns its exit code and what it says."""

    def command(file: Path, *options: str, servers: str = infra.kafka_bootstrap_servers):
        result = CliRunner().invoke(
            app, ["import-rulings", str(file), "--kafka", servers, *options], env={"COLUMNS": "200"}
        )
        return result.exit_code, result.output

    return command


@pytest.fixture
def file(tmp_path):
    return write(tmp_path / "rulings.ndjson", [a_completion() for _ in range(3)])


def a_completion(**changes):
    return {
        "type": "ProjectCompleted",
        "case_number": f"OIA-{uuid4()}",
        "stream": "assessment",
        "factory_registration_number": "91441900PDY0001750",
        "completed_on": "2024-05-31",
        "report_approved": True,
        **changes,
    }


def write(path: Path, lines) -> Path:
    path.write_text("".join(f"{json.dumps(each)}\n" for each in lines))
    return path


def ids_in(file: Path) -> list[str]:
    return [id_of_case(json.loads(each)["case_number"]) for each in file.read_text().splitlines()]


def published(kafka: KafkaClient, ids: list[str]):
    return [
        each for each in kafka.read(TOPIC) if (each.key() or b"").decode(errors="replace") in ids
    ]


def test_every_line_is_published_under_its_application(run, kafka, file):
    code, output = run(file)

    assert (code, "Published 3 to casework.rulings.v1." in output) == (0, True)
    found = published(kafka, ids_in(file))
    assert {each.key().decode() for each in found} == set(ids_in(file))
    for each in found:
        assert dict(each.headers())["ce_type"] == b"ProjectCompleted"
        assert dict(each.headers())["ce_source"] == b"casework"
        assert json.loads(each.value())["application_id"] == each.key().decode()
        assert each.timestamp()[1] == 1_717_084_800_000  # 2024-05-31T00:00+08:00


def test_a_second_run_publishes_nothing_and_a_third_only_new_lines(run, kafka, file):
    run(file)
    repeated = run(file)
    file.write_text(file.read_text() + json.dumps(a_completion()) + "\n")
    grown = run(file)

    assert "Published 0 to casework.rulings.v1 (3 were published earlier)." in repeated[1]
    assert "Published 1 to casework.rulings.v1 (3 were published earlier)." in grown[1]
    assert len(published(kafka, ids_in(file))) == 4


def test_after_an_interruption_the_rest_is_published(run, kafka, file):
    run(file)
    receipts = receipts_beside(file)
    first, rest = receipts.read_bytes().split(b"\n", 1)
    receipts.write_bytes(first + b"\n" + rest[:20])

    code, output = run(file)

    assert (code, "Published 2" in output) == (0, True)
    assert "Published 0" in run(file)[1]
    assert len(published(kafka, ids_in(file))) == 5


def test_a_ruling_published_again_is_byte_for_byte_the_same(run, kafka, file):
    run(file)
    code, output = run(file, "--again")

    assert (code, "Published 3" in output) == (0, True)
    found = published(kafka, ids_in(file))
    assert len(found) == 6
    assert len({(each.key(), each.value(), str(repeated_headers(each))) for each in found}) == 3


def test_receipts_of_another_kafka_do_not_count(run, kafka, file):
    run(file)
    receipts = receipts_beside(file)
    lines = [json.loads(each) for each in receipts.read_text().splitlines()]
    write(receipts, [{**each, "cluster": "another"} for each in lines])

    assert "Published 3" in run(file)[1]
    assert len(published(kafka, ids_in(file))) == 6


def test_receipts_of_a_topic_that_was_made_anew_do_not_count_and_older_ones_without_an_id_do(
    run, kafka, file
):
    run(file)
    receipts = receipts_beside(file)
    lines = [json.loads(each) for each in receipts.read_text().splitlines()]
    assert {each["topic_id"] for each in lines} == {kafka.topic_id(TOPIC)}

    write(receipts, [{**each, "topic_id": "AAAAAAAAAAAAAAAAAAAAAQ"} for each in lines])
    assert "Published 3" in run(file)[1]

    write(receipts, [{k: v for k, v in each.items() if k != "topic_id"} for each in lines])
    assert "Published 0" in run(file)[1]


def test_a_line_that_has_changed_since_it_was_published_is_refused(run, kafka, tmp_path):
    completion, new = a_completion(), a_completion()
    file = write(tmp_path / "rulings.ndjson", [completion])
    run(file)
    write(file, [{**completion, "report_approved": False}, new])

    code, output = run(file)

    assert code == 1
    assert "Must have the values with which this completion was published earlier." in output
    assert "Nothing was published." in output
    assert len(published(kafka, ids_in(file))) == 1

    code, output = run(file, "--skip-invalid", "--again")

    assert (code, "Published 1 to casework.rulings.v1." in output) == (1, True)
    assert "Refused, as they have changed since: 1." in output
    assert len(published(kafka, ids_in(file))) == 2


def test_a_changed_ruling_is_told_to_take_a_new_id(run, tmp_path):
    file = write(tmp_path / "rulings.ndjson", [a_ruling()])
    run(file)
    write(file, [{**a_ruling(), "ruling": "refused"}])

    assert "Give a correction a new ruling_id." in run(file)[1]


def a_ruling(case_number="one-ruling"):
    return {
        "type": "CaseRuled",
        "case_number": case_number,
        "version": 1,
        "ruling_id": "R-1",
        "step": "document-check",
        "ruling": "approved",
        "ruled_at": "2026-11-20T15:00:00+08:00",
    }


def test_repeated_lines_are_published_once_and_named(run, kafka, tmp_path):
    first, second = a_completion(), a_completion()
    file = write(tmp_path / "rulings.ndjson", [first, second, first, second, first])

    code, output = run(file)

    assert code == 0
    assert "Repeated in the file: 3: line 3 (as line 1), line 4 (as line 2)" in output
    assert "Published 2 to casework.rulings.v1." in output
    assert len(published(kafka, ids_in(file))) == 2


@pytest.mark.timeout(120)
def test_an_imported_objection_holds_a_label_until_an_imported_ruling(
    run, service_process, kafka, tmp_path
):
    recognition = service_process("recognition", {"RECOGNITION_SWEEP_SECONDS": "0.05"})
    submission = a_candidacy(datetime(2018, 5, 7, 2, tzinfo=UTC))
    record = a_record(submission)
    kafka.write(record.topic, record.value, record.headers, key=record.key)
    rulings = [
        {
            **a_ruling(),
            "application_id": submission.application_id,
            "ruling_id": step,
            "step": step,
            "ruled_at": "2018-09-03T10:00:00+08:00",
        }
        for step in ORDER
    ]
    objection = {
        "type": "ObjectionReceived",
        "application_id": submission.application_id,
        "objection_id": "O-1",
        "received_at": "2018-09-05T10:00:00+08:00",
    }
    lines = [{**each} for each in (objection, *rulings)]
    for each in lines:
        each.pop("case_number", None)
    assert run(write(tmp_path / "held.ndjson", lines))[0] == 0

    def state():
        answer = httpx.get(f"{recognition.url}/v1/candidacies/{submission.application_id}")
        return answer.is_success and (answer.json()["state"], answer.json()["objections"])

    eventually(lambda: state() == ("objection-unresolved", ["O-1"]))
    ruling = {**lines[-1], "ruling_id": "on-the-objection", "objection_id": "O-1"}
    assert run(write(tmp_path / "lifted.ndjson", [ruling]))[0] == 0
    eventually(lambda: state() == ("expired", []))  # a label of 2018, for two years


def test_with_one_wrong_line_nothing_is_published_unless_it_may_be_skipped(run, kafka, tmp_path):
    lines = [a_completion(), a_completion(completed_on="2024-02-30"), a_completion()]
    file = write(tmp_path / "rulings.ndjson", lines)

    code, output = run(file)

    assert code == 1
    assert "Invalid lines: 1." in output
    assert "/completed_on" in output
    assert "Must be a valid date" in output
    assert "Nothing was published." in output
    assert published(kafka, ids_in(file)) == []

    code, output = run(file, "--skip-invalid")

    assert (code, "Published 2" in output) == (1, True)
    assert len(published(kafka, ids_in(file))) == 2


def test_a_dry_run_publishes_nothing_and_needs_no_kafka(run, file):
    code, output = run(file, "--dry-run", servers="127.0.0.1:1")

    assert code == 0
    assert "Valid: 3 ProjectCompleted. Invalid lines: 0." in output
    assert not receipts_beside(file).exists()


def test_without_kafka_it_says_so_and_can_be_run_again(run, file):
    code, output = run(file, "--give-up-after", "0", servers="127.0.0.1:1")

    assert code == 1
    assert "Kafka at 127.0.0.1:1 cannot be reached" in output
    assert "Published 3" in run(file)[1]


def test_more_than_one_batch_is_published_in_order(run, kafka, tmp_path):
    rulings = [
        {
            "type": "CaseRuled",
            "case_number": "one-case-of-many-rulings",
            "version": 1,
            "ruling_id": f"R-{n}",
            "step": "document-check",
            "ruling": "refused",
            "ruled_at": "2026-11-20T15:00:00+08:00",
        }
        for n in range(1_200)
    ]
    file = write(tmp_path / "rulings.ndjson", rulings)

    assert "Published 1200" in run(file)[1]

    found = published(kafka, [id_of_case("one-case-of-many-rulings")])
    assert [json.loads(each.value())["ruling_id"] for each in found] == [
        f"R-{n}" for n in range(1_200)
    ]


@pytest.mark.parametrize("servers", ["nowhere", "host:port", ""])
def test_an_address_that_is_none_is_refused(run, file, servers):
    code, output = run(file, servers=servers)

    assert code == 2
    assert "host:port" in output


def test_a_file_that_is_none_of_rulings_is_refused(run, tmp_path):
    file = tmp_path / "rulings.csv"
    file.write_text("name,place\nA,B\n")

    code, output = run(file)

    assert code == 1
    assert "unknown column 'name'" in output


@pytest.mark.timeout(120)
def test_a_referred_application_is_approved_by_an_imported_ruling(run, service_process, tmp_path):
    intake, eligibility = service_process("intake"), service_process("eligibility")
    with httpx.Client(trust_env=False, timeout=DEADLINE_SECONDS) as client:
        receipt = client.post(
            f"{intake.url}/v1/applications",
            content=body("new-technology", application={"factory": {"industry": "other"}}),
            headers=headers(),
        ).json()
        application_id = receipt["application_id"]

        def decisions():
            answer = client.get(f"{eligibility.url}/v1/decisions/{application_id}")
            return answer.json() if answer.is_success else []

        assert [each["outcome"] for each in eventually(decisions)] == ["referred"]
        file = tmp_path / "rulings.csv"
        file.write_text(
            "type,application_id,version,ruling_id,step,ruling,ruled_at\n"
            f"CaseRuled,{application_id},1,PMC-1,funding,approved,2026-11-20T15:00:00+08:00\n"
        )
        assert run(file)[0] == 0

        found = eventually(lambda: len(all_ := decisions()) == 2 and all_)

    assert found[-1]["outcome"] == "eligible"
    assert found[-1]["grant_cents"] == 50_000_00
    assert found[-1]["ruling_id"] == "PMC-1"
