"""A service is made, added, replaced and removed while events flow: nobody else notices.

At full length (`make faults`) the whole platform runs, and half as many applications are posted as
it can take to the last mail. The figures are printed: `pytest -m faults -rP` shows them.
"""

from dataclasses import dataclass
from time import monotonic

import pytest
from rich.console import Console
from rich.table import Table

from tests.cli.new_service.bystander import Bystander
from tests.cli.new_service.scene import new_scene, peak_bytes
from tests.cli.new_service.whole_platform import bulk_key, services_running
from tests.log_lines import log_lines, undocumented
from tests.waiting import eventually

pytestmark = pytest.mark.timeout(300)
PEAK_BYTES = 200_000_000


@dataclass(frozen=True)
class Length:
    """How many applications there are before, how many arrive a second, and events at least.

    They go through the `whole` platform, or their events are written for two of its services.
    """

    before: int
    per_second: int
    during: int
    whole: bool = False


every_length = pytest.mark.parametrize(
    "length",
    [
        pytest.param(Length(1_000, 150, 300), id="short"),
        pytest.param(
            Length(10_000, 460, 13_800, whole=True), id="full", marks=pytest.mark.faults
        ),  # `docs/performance.md`: 925 a second to the last mail
    ],
)


@pytest.fixture
def scene(project, infra, service_process):
    with new_scene(project, infra, service_process) as scene:
        yield scene


@pytest.fixture
def others(length, scene, infra, service_process):
    if not length.whole:
        names = ("eligibility", "recognition")
        yield [Bystander(each, service_process(each), scene.kafka) for each in names]
        return
    with services_running(service_process) as services:
        scene.post_to(services["intake"], bulk_key(infra))
        yield [Bystander(*each, scene.kafka) for each in services.items()]


def wait_settled(scene, others):
    for each in others:
        eventually(each.has_settled)
        if each.reads:
            scene.wait_caught_up(each.group)


@pytest.fixture
def figures():
    """Figures by what they are of, printed as a table."""
    found: dict[str, object] = {}
    yield found
    table = Table("figure", "value")
    for name, value in found.items():
        table.add_row(name, str(value))
    Console(width=100).print(table)


@every_length
def test_a_service_joins_and_leaves_and_nobody_else_notices(length, scene, others, figures):
    scene.load(length.before, 10_000).join(90)
    wait_settled(scene, others)
    before = [each.undisturbed() for each in others]

    load = scene.load(None, length.per_second)
    figures |= mean_ages(others, "alone", lambda: scene.wait_loaded(length.during // 3))
    began = monotonic()
    scene.make()
    joined = scene.start()
    figures["from the command to ready, s"] = round(monotonic() - began, 1)
    assert load.is_running
    figures |= mean_ages(others, "while it joins", lambda: scene.finish(load, length.during))

    assert scene.complaints() == []
    assert [each.undisturbed() for each in others] == before
    assert peak_bytes(joined.pid) < PEAK_BYTES
    figures |= scene.figures() | {"memory at most, MB": peak_bytes(joined.pid) // 1_000_000}
    if length.whole:
        eventually(lambda: scene.undecided() == 0, within_seconds=90)

    leave(scene, joined)
    assert scene.left() == []
    assert [each.undisturbed() for each in others] == before


def mean_ages(others, when, happens):
    """Return how old events were on average when each of the others handled them meanwhile."""
    then = [each.ages() for each in others]
    happens()
    return {
        f"age of an event in {each.group} {when}, s": each.mean_age(ages)
        for each, ages in zip(others, then, strict=True)
        if each.reads
    }


def leave(scene, process):
    changes = scene.project.changes()
    assert set(changes.values()) == {"??"}, "only new files may have been made"
    process.terminate()
    assert [each for line in log_lines(process.log()) for each in undocumented(line)] == []
    for each in changes:
        (scene.project.root / each).unlink()
    scene.remove()


@every_length
def test_a_newer_version_replaces_a_service_and_nothing_is_lost_or_doubled(
    length, scene, others, figures
):
    scene.make()
    older = scene.start()
    wait_settled(scene, others)
    before = [each.undisturbed() for each in others]
    load = scene.load(None, length.per_second)
    version = scene.project.root / "shared" / "__init__.py"
    version.write_text(version.read_text().replace('__version__ = "', '__version__ = "9.'))

    newer = scene.start()
    eventually(lambda: [scene.members_of(each) for each in (older, newer)] == [3, 3])
    scene.wait_loaded(length.during // 2)
    assert load.is_running
    older.terminate()
    scene.finish(load, length.during)

    assert scene.complaints() == []
    assert [scene.members_of(each) for each in (older, newer)] == [0, 3]
    assert [each.undisturbed() for each in others] == before
    figures |= scene.figures()
