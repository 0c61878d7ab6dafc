"""The page of all log events: what is committed is what the code says."""

import re

import pytest

from devstack.logs_page import LogEvent, log_events_in, page
from devstack.stack.program import PROJECT

EVENTS = [each for folder in ("shared", "services") for each in log_events_in(PROJECT / folder)]


def test_the_committed_page_is_current():
    assert (PROJECT / "docs" / "logs.md").read_text() == page(), "run `make docs`"


@pytest.mark.parametrize("event", EVENTS, ids=lambda each: each.name)
def test_an_event_has_a_stable_name_and_a_meaning(event):
    assert re.fullmatch(r"[a-z_]+\.[a-z_]+", event.name)
    assert event.meaning.endswith("."), "must have a comment `# Log: …` above the call"


def test_a_name_has_one_meaning():
    assert len({each.name for each in EVENTS}) == len(EVENTS)


def test_events_are_found_with_level_fields_and_meaning():
    assert (
        LogEvent(
            "commit.failed",
            "warning",
            ("error",),
            "Offsets could not be committed: Kafka refused or did not answer. Their records are "
            "delivered again, which changes nothing.",
        )
        in EVENTS
    )


def test_a_log_call_without_the_comment_has_no_meaning(tmp_path):
    (tmp_path / "module.py").write_text(
        "log = structlog.get_logger()\n"
        "# Why it is so.\n"
        "log.info('a.b', x=1)\n"
        "# Log: What\n"
        "# happened.\n"
        "log.error('c.d', **more)\n"
    )

    assert log_events_in(tmp_path) == [
        LogEvent("a.b", "info", ("x",), ""),
        LogEvent("c.d", "error", (), "What happened."),
    ]
