"""`cppp submit --dry-run`: what intake would refuse, without intake."""

import json
from copy import deepcopy

import pytest
from typer.testing import CliRunner

from cli.main import app
from cli.submit.dry_run import wrong_fields
from tests.factories import NOW
from tests.intake.submissions import submission


def dry_run(tmp_path, *documents):
    file = tmp_path / "applications.ndjson"
    file.write_text("".join(f"{json.dumps(each)}\n" for each in documents))
    nowhere = {"CPPP_INTAKE_URL": "http://127.0.0.1:1"}
    return CliRunner().invoke(app, ["submit", str(file), "--dry-run"], env=nowhere), file


def test_a_right_file_passes_and_nothing_is_submitted(tmp_path):
    result, file = dry_run(tmp_path, submission(), submission())

    assert result.exit_code == 0
    assert result.stderr == "2 checked, 0 to correct; nothing was submitted.\n"
    assert list(tmp_path.iterdir()) == [file]  # no receipts


def test_every_wrong_field_is_named_without_its_value(tmp_path):
    wrong = deepcopy(submission())
    wrong["contact"]["email"] = "secret person"
    result, _ = dry_run(tmp_path, submission(), wrong)

    assert result.exit_code == 1
    assert result.stdout.startswith("line 2: /contact/email: Must be an e-mail address")
    assert "secret" not in result.output
    assert "2 checked, 1 to correct" in result.stderr


def test_rules_between_fields_are_checked_too():
    wrong = deepcopy(submission())
    wrong["application"]["project"] |= {"starts_on": "2025-02-01", "ends_on": "2025-01-01"}

    [found] = wrong_fields(json.dumps(wrong).encode(), NOW)

    assert found.pointer == "/application/project/ends_on"


@pytest.mark.parametrize("body", [b"{", b"[]", b"\xff"])
def test_what_is_no_application_is_refused(body):
    assert wrong_fields(body, NOW)
