import pytest

from services.operations.sources.targets import Target, Targets, read_targets
from tests.deploy.repository import PROMETHEUS, SERVICES, read_yaml


def test_prometheus_files_name_every_service():
    found = read_targets(PROMETHEUS / "targets")

    assert {each.job for each in found.found} == set(SERVICES)
    assert not found.unreadable


def test_files_are_understood_as_prometheus_does(tmp_path):
    (tmp_path / "a.yml").write_text('[{"targets": ["h:1", "h:2"], "labels": {"job": "x"}}]')
    (tmp_path / "b.yml").write_text("- targets: [h:3]\n")
    (tmp_path / "empty.yml").write_text("")
    for other in ("other.yaml", "other.json", "README.md"):
        (tmp_path / other).write_text("- targets: [h:4]\n")

    found = read_targets(tmp_path)

    [scraped] = [
        each
        for each in read_yaml(PROMETHEUS / "prometheus.yml")["scrape_configs"]
        if "file_sd_configs" in each
    ]
    assert scraped["file_sd_configs"][0]["files"] == ["targets/*.yml"]
    assert found.found == [
        Target(scraped["job_name"], "h:3"),
        Target("x", "h:1"),
        Target("x", "h:2"),
    ]
    assert not found.unreadable


@pytest.mark.parametrize("value", ["2026-13-45", "2026-11-30", "7", "on", "1e9"])
def test_a_label_is_text_whatever_it_looks_like(tmp_path, value):
    (tmp_path / "a.yml").write_text(f"- {{targets: [h:1], labels: {{job: x, shard: {value}}}}}\n")

    assert read_targets(tmp_path) == Targets([Target("x", "h:1")], [])


@pytest.mark.parametrize(
    "content", [b"- targets: {", b"\xff\xfe\xff", b"- {a: 1}", b"7", b"[" * 10_000]
)
def test_a_file_that_is_none_is_named_and_hides_no_other(tmp_path, content):
    (tmp_path / "broken.yml").write_bytes(content)
    (tmp_path / "x.yml").write_text("- {targets: [h:1], labels: {job: x}}")

    assert read_targets(tmp_path) == Targets([Target("x", "h:1")], ["broken.yml"])


def test_a_missing_folder_is_told(tmp_path):
    assert read_targets(tmp_path / "gone").unreadable == ["gone"]
