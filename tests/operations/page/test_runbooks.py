"""Which files are shown as runbooks."""

import pytest

from services.operations.page.runbooks import read_runbook


@pytest.mark.parametrize(
    "name", ["../settings.md", "x.txt", "inner/page.md", "./page.md", ".page.md", ""]
)
def test_only_the_pages_of_the_folder_itself_are_shown(tmp_path, name):
    folder = tmp_path / "runbooks"
    (folder / "inner").mkdir(parents=True)
    for each in (folder / "page.md", folder / (name or "other.md")):
        each.write_text("# Page")

    assert "Page" in (read_runbook(folder, "page.md") or "")
    assert read_runbook(folder, name) is None
