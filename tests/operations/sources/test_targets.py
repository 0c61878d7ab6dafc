from services.operations.sources.targets import Target, read_targets
from tests.deploy.repository import PROMETHEUS, SERVICES


def test_prometheus_files_name_every_service():
    found = read_targets(PROMETHEUS / "targets")

    assert {each.job for each in found.found} == set(SERVICES)
    assert not found.unreadable


def test_several_targets_json_and_a_missing_label_are_understood(tmp_path):
    (tmp_path / "a.json").write_text('[{"targets": ["h:1", "h:2"], "labels": {"job": "x"}}]')
    (tmp_path / "b.yaml").write_text("- targets: [h:3]\n")
    (tmp_path / "empty.yml").write_text("")
    (tmp_path / "README.md").write_text("[")

    found = read_targets(tmp_path)

    assert found.found == [Target("b", "h:3"), Target("x", "h:1"), Target("x", "h:2")]
    assert not found.unreadable


def test_a_missing_folder_is_told(tmp_path):
    assert read_targets(tmp_path / "gone").unreadable == ["gone"]
