"""An editor with a folder of valid content."""

import pytest

from tests.cli.content.editing import Editor


@pytest.fixture
def editor(tmp_path):
    return Editor(tmp_path / "content")
