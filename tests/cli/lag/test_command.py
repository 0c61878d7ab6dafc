"""`cppp lag` on a real Kafka: what it shows, and that it shows what Kafka's own tool does."""

import json
import re
from uuid import uuid4

import pytest
from typer.testing import CliRunner

from cli.main import app
from shared.events.casework import RULINGS
from shared.events.envelope import Topic
from shared.kafka.topics import provide_topics
from shared.settings import KafkaSettings
from tests.kafka import KafkaClient
from tests.kafka_tools import described_groups

COMPLETION = {
    "type": "ProjectCompleted",
    "stream": "assessment",
    "factory_registration_number": "91441900PDY0001750",
    "completed_on": "2024-05-31",
    "report_approved": True,
}


@pytest.fixture
def servers(infra):
    return infra.kafka_bootstrap_servers


@pytest.fixture
def kafka(servers):
    return KafkaClient(servers)


@pytest.fixture
def run(servers):
    def command(*arguments, kafka=servers):
        environment = {"COLUMNS": "200", "KAFKA_BOOTSTRAP_SERVERS": kafka}
        return CliRunner().invoke(app, [*map(str, arguments)], env=environment)

    return command


@pytest.fixture
async def group(servers, kafka):
    """A group that is behind by 3, 1 and 0 records, and has never committed the fourth of 2."""
    name = f"test-{uuid4().hex[:12]}"
    settings = KafkaSettings(bootstrap_servers=servers, topic_partitions=4)
    await provide_topics(settings, [Topic(topic := f"{name}.facts.v1")])
    while any(end < 3 for end in ends(kafka, topic).values()):
        kafka.write(topic, b"v", key=uuid4().bytes)
    behind = {0: 3, 1: 1, 2: 0}
    kafka.commit(name, topic, {p: (ends(kafka, topic)[p] - lag, "") for p, lag in behind.items()})
    return name


def ends(kafka, topic):
    found = dict.fromkeys(range(4), 0)
    for each in kafka.read(topic):
        found[each.partition()] += 1
    return found


def partitions(run, group):
    said = run("lag", "--group", group, "--json")
    assert said.exit_code == 0, said.output
    [found] = json.loads(said.stdout)["groups"]
    return found["partitions"]


def test_it_shows_what_kafka_s_own_tool_shows(run, servers, group):
    ours = {each["partition"]: (each["committed"], each["lag"]) for each in partitions(run, group)}
    theirs = {
        each["PARTITION"]: (each["CURRENT-OFFSET"], each["LAG"])
        for each in described_groups(servers, group)
    }

    assert {
        str(each): (str(at), str(lag)) for each, (at, lag) in ours.items() if each < 3
    } == theirs
    assert ours[3][0] is None, "which it leaves out"
    assert ours[3][1] >= 3


def test_the_table_has_a_line_for_each_topic(run, group):
    said = run("lag", "--group", group)

    assert said.exit_code == 0
    words = re.sub(r"[│┃]", " ", said.stdout).split()
    assert {group, f"{group}.facts.v1"} <= {*words}
    assert "has no members" not in said.stdout, "as it is no service, it may come and go"


def test_a_line_for_each_partition_on_request(run, group):
    said = run("lag", "--group", group, "--partitions")

    assert said.stdout.count(f"{group}.facts.v1") == 4


def test_an_imported_ruling_of_years_ago_is_as_young_as_its_import(run, kafka, tmp_path):
    group, file = f"test-{uuid4().hex[:12]}", tmp_path / "rulings.ndjson"
    file.write_text(json.dumps({**COMPLETION, "case_number": f"OIA-{uuid4()}"}) + "\n")
    assert run("import-rulings", file).exit_code == 0
    commit_all(kafka, group)

    file.write_text(json.dumps({**COMPLETION, "case_number": f"OIA-{uuid4()}"}) + "\n")
    assert run("import-rulings", file).exit_code == 0

    behind = [each for each in partitions(run, group) if each["lag"]]
    assert [each["lag"] for each in behind] == [1]
    assert behind[0]["lag_seconds"] < 60


def commit_all(kafka, group):
    ends: dict[int, int] = dict.fromkeys(range(6), 0)
    for each in kafka.read(RULINGS.name):
        ends[each.partition()] = each.offset() + 1
    kafka.commit(group, RULINGS.name, {part: (end, "") for part, end in ends.items()})


def test_services_are_known_before_they_have_ever_run(run):
    said = run("lag", "--json")

    groups = {each["group"] for each in json.loads(said.stdout)["groups"]}
    assert {"eligibility", "recognition", "notify", "reconciliation"} <= groups


def test_an_unknown_group_is_refused_with_those_that_there_are(run):
    said = run("lag", "--group", "nobody")

    assert said.exit_code == 1
    assert "There is no group nobody. Must be one of: " in said.stderr
    assert "eligibility" in said.stderr


def test_without_kafka_one_line_says_so(run, caplog):
    said = run("lag", kafka="127.0.0.1:1")

    assert (said.exit_code, said.stdout) == (1, "")
    assert "Kafka at 127.0.0.1:1 cannot be reached" in said.stderr
    assert not caplog.records
