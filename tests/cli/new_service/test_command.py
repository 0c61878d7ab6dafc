"""`cppp new-service`: new files only, in the service's own places; wrong answers are refused."""

import re
import shutil
import sys
from itertools import product
from pathlib import Path

import pytest
import typer
import yaml
from typer.testing import CliRunner

from cli.main import app
from cli.new_service.checks import check_nothing_exists, free_port
from cli.new_service.rendering import add_service
from cli.new_service.topics import answers_about, topic_names
from devstack.servers.registration import registered_port
from tests.cli.new_service.project import READS, ROOT, Project

ONE_TOPIC = ("--reads", "intake.applications.v1")
OWN_PLACES = re.compile(
    r"services/journal/.+|tests/journal/.+|deploy/prometheus/(targets|rules|tests)/journal\.yml"
    r"|docs/runbooks/journal\.md|shared/events/journal\.py|samples/events/JournalNoted\.json"
)
KINDS = [
    dict(zip(("store", "publishes", "page"), chosen, strict=True))
    for chosen in product((True, False), repeat=3)
]
TOPICS = (
    ["intake.applications.v1"],
    ["intake.applications.v1", "eligibility.decisions.v1"],
    topic_names(),
    ["notify.notifications.v1"],
    ["recognition.decisions.v1", "eligibility.decisions.v1", "casework.rulings.v1"],
)


def refused(*arguments):
    """Run the command in this process, where it must refuse before it writes anything."""
    result = CliRunner().invoke(app, ["new-service", *arguments])
    assert result.exit_code == 2
    return " ".join(re.sub(r"[│╭╰─╮╯]", " ", result.output).split())


def test_all_that_it_makes_is_new_and_in_the_places_of_the_service(project):
    project.new_service("journal", *READS, "--publishes", "--page")

    changes = project.changes()
    assert set(changes.values()) == {"??"}
    assert [each for each in changes if not OWN_PLACES.fullmatch(each)] == []
    assert not [each for each in changes if str(project.root) in (project.root / each).read_text()]
    assert registered_port("journal", project.root) == 8010
    answers = yaml.safe_load((project.root / "services/journal/.copier-answers.yml").read_text())
    assert answers["_src_path"] == "."
    assert answers["_commit"]


@pytest.fixture
def every_kind(tmp_path):
    """A service for each combination of answers; their names are as short or as long as can be."""
    project = Project.copied_to(tmp_path / "project", with_git=False)
    names = [f"k{number}{'x' * (number % 2 * 18)}" for number in range(len(KINDS))]
    for port, (name, kind) in enumerate(zip(names, KINDS, strict=True), start=8010):
        reads = answers_about(TOPICS[port % len(TOPICS)])
        add_service({"name": name, "port": port, "reads": reads, **kind}, project.root)
    return project, names


@pytest.mark.timeout(400)
def test_a_service_of_every_kind_is_formatted_and_without_a_finding(every_kind):
    project, names = every_kind
    project.python("ruff", "check", "--no-cache", "services", "tests", "shared")
    project.python("ruff", "format", "--check", "--no-cache", "services", "tests", "shared")
    project.python(
        *("pytest", "-q", "--without-infrastructure", "-p", "no:cacheprovider"),
        *("-k", "not (alerts_fire and (flow or objectives or promises))"),  # not the services'
        *("tests/deploy", *(f"tests/{each}" for each in names)),
    )


@pytest.mark.faults
@pytest.mark.timeout(600)
def test_a_service_of_every_kind_has_right_types_imports_and_descriptions(every_kind):
    project, _names = every_kind
    releases = "tests/contracts/releases"
    shutil.copytree(ROOT / releases, project.root / releases)
    project.python("mypy", "services", "shared")
    project.run(str(Path(sys.executable).with_name("lint-imports")), "--no-cache")
    project.python(
        *("pytest", "-q", "-p", "no:cacheprovider", "tests/contracts/test_openapi.py"),
        "tests/contracts/test_documentation_pages.py",
    )
    for page in ("cli.api_docs", "devstack.metrics_page"):
        written = project.python(page)
        if written:
            (project.root / "docs/metrics.md").write_text(written)
    project.python(
        *("pytest", "-q", "--without-infrastructure", "-p", "no:cacheprovider"),
        *("tests/contracts/test_api_docs.py", "tests/contracts/test_schemas.py"),
        *("tests/devstack/test_metrics_page.py", "tests/devstack/stack/test_ports.py"),
    )


def test_the_python_of_a_minimal_service_is_short(project):
    project.new_service("journal", *ONE_TOPIC, "--no-store")

    code = (project.root / "services/journal").glob("*.py")
    assert sum(len(each.read_text().splitlines()) for each in code) <= 104


@pytest.mark.parametrize(
    "name", ["Journal", "a", "2nd", "two-words", "two_words", "class", "x" * 21]
)
def test_a_name_that_cannot_be_used_everywhere_is_refused(name):
    assert "Must be one word of 2 to 20 small letters and digits" in refused(name, *ONE_TOPIC)


def test_a_name_that_is_taken_is_refused():
    assert "services/notify exists" in refused("notify", *ONE_TOPIC)
    assert "another part of the platform" in refused("kafka", *ONE_TOPIC)
    assert "tests/faults: exists already" in refused("faults", *ONE_TOPIC)


def test_nothing_is_replaced(tmp_path):
    (tmp_path / "shared").mkdir()
    (tmp_path / "shared" / "journal.py").touch()

    with pytest.raises(typer.BadParameter, match="exists already"):
        check_nothing_exists("journal", [Path("shared/journal.py")], tmp_path)


@pytest.mark.parametrize(
    ("topics", "says"),
    [
        ((), "Must be at least one of casework.rulings.v1,"),
        (("--reads", "intake.application.v1"), "not 'intake.application.v1'"),
        (("--reads", "intake.contacts.v1"), "has personal data"),
        (("--reads", "eligibility.programme.v1"), "is not about applications"),
    ],
)
def test_a_topic_that_cannot_be_read_is_refused(topics, says):
    assert says in refused("journal", *topics)


def test_topics_with_the_same_constant_get_names_of_their_own():
    answers = answers_about(["eligibility.decisions.v1", "recognition.decisions.v1"])

    assert [each["import"] for each in answers] == [
        "DECISIONS as ELIGIBILITY_DECISIONS",
        "DECISIONS as RECOGNITION_DECISIONS",
    ]


def test_a_port_that_is_taken_is_passed_over():
    assert free_port() == 8010
    assert free_port(8003) == 8005
    assert free_port(8020) == 8020
