"""The preview command, run as its user runs it."""

import subprocess
import sys
from typing import get_args

import pytest
from typer.testing import CliRunner

from services.notify.mails.rendering import LANGUAGES
from services.notify.preview import app
from shared.events.notify import Template


@pytest.mark.parametrize("template", get_args(Template))
@pytest.mark.parametrize("language", LANGUAGES)
def test_every_message_can_be_looked_at_in_every_language(template, language):
    shown = CliRunner().invoke(app, ["--template", template, "--language", language]).stdout

    assert "0000-0000-000" in shown  # the reference of the sample
    assert f'<html lang="{language}">' in shown


@pytest.mark.parametrize(("part", "has_page"), [("text", False), ("html", True), ("both", True)])
def test_a_part_can_be_chosen(part, has_page):
    arguments = ["--template", "eligible", "--language", "zh-Hant", "--part", part]

    assert ("<html" in CliRunner().invoke(app, arguments).stdout) == has_page


def test_it_runs_as_a_command_and_says_what_can_be_chosen():
    command = [sys.executable, "-m", "services.notify.preview"]

    shown = subprocess.run(  # noqa: S603 - our own command
        [*command, "--template", "received", "--language", "en"],
        capture_output=True,
        check=True,
        encoding="utf-8",
    )
    wrong = subprocess.run(  # noqa: S603 - our own command
        [*command, "--template", "nonsense", "--language", "en"],
        capture_output=True,
        check=False,
        encoding="utf-8",
    )

    assert "Your application has been received" in shown.stdout
    assert "by 16 November 2026 at the latest" in shown.stdout, "ten working days, as set"
    assert wrong.returncode == 2
    assert "recognition-qualified" in wrong.stderr
