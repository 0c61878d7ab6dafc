"""A copy of this project, in which tests make services."""

import pytest

from tests.cli.new_service.project import Project


@pytest.fixture
def project(tmp_path):
    return Project.copied_to(tmp_path / "project")
