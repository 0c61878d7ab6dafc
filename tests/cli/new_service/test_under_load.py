"""A service is made, added, replaced and removed while events flow: nobody else notices."""

from dataclasses import dataclass
from time import monotonic

import pytest

from tests.cli.new_service.bystander import Bystander
from tests.cli.new_service.scene import new_scene, peak_bytes
from tests.waiting import eventually

pytestmark = pytest.mark.timeout(300)
PEAK_BYTES = 200_000_000


@dataclass(frozen=True)
class Length:
    """How many applications there are before, how many arrive a second, and events at least."""

    before: int
    per_second: int
    during: int


every_length = pytest.mark.parametrize(
    "length",
    [
        pytest.param(Length(1_000, 150, 300), id="short"),
        pytest.param(Length(20_000, 300, 9_000), id="full", marks=pytest.mark.faults),
    ],
)


@pytest.fixture
def scene(project, infra, service_process):
    with new_scene(project, infra, service_process) as scene:
        yield scene


@pytest.fixture
def others(scene, service_process):
    names = ("eligibility", "recognition")
    return [Bystander(each, service_process(each), scene.kafka) for each in names]


@every_length
def test_a_service_joins_and_leaves_and_nobody_else_notices(length, scene, others, record_property):
    scene.load(length.before, 10_000).join(60)
    for each in others:
        scene.wait_caught_up(each.group)
        eventually(each.has_settled)
    before = [(each.undisturbed(), each.ages()) for each in others]

    writer = scene.load(None, length.per_second)
    began = monotonic()
    scene.make()
    joined = scene.start()
    record_property("seconds from the command to ready", round(monotonic() - began, 1))
    assert writer.is_running
    scene.finish(writer, length.during)

    assert scene.complaints() == []
    assert peak_bytes(joined.pid) < PEAK_BYTES
    for each, (undisturbed, ages) in zip(others, before, strict=True):
        assert each.undisturbed() == undisturbed
        record_property(f"mean age of an event, {each.group}", each.mean_age(ages))
    record_property("peak memory of the new service", peak_bytes(joined.pid))

    leave(scene, joined)
    assert scene.left() == []
    assert [each.undisturbed() for each in others] == [undisturbed for undisturbed, _ in before]


def leave(scene, process):
    changes = scene.project.changes()
    assert set(changes.values()) == {"??"}, "only new files may have been made"
    process.terminate()
    for each in changes:
        (scene.project.root / each).unlink()
    scene.remove()


@every_length
def test_a_newer_version_replaces_a_service_and_nothing_is_lost_or_doubled(length, scene):
    scene.make()
    older = scene.start()
    writer = scene.load(None, length.per_second)
    version = scene.project.root / "shared" / "__init__.py"
    version.write_text(version.read_text().replace('__version__ = "', '__version__ = "9.'))

    newer = scene.start()
    eventually(lambda: [scene.members_of(each) for each in (older, newer)] == [3, 3])
    assert writer.is_running
    older.terminate()
    scene.finish(writer, length.during)

    assert scene.complaints() == []
    assert [scene.members_of(each) for each in (older, newer)] == [0, 3]
