"""The page of all log events: what is committed is what the code says."""

import re

import pytest

from devstack.logs_page import LogEvent, fields_spread, log_events_in, other_lines_in, page
from devstack.stack.program import PROJECT
from shared.consumer.dead_letters import DeadLetter
from shared.error_fields import error_fields
from tests.factories import raw_record

EVENTS = [each for folder in ("shared", "services") for each in log_events_in(PROJECT / folder)]


def test_the_committed_page_is_current():
    assert (PROJECT / "docs" / "logs.md").read_text() == page(), "run `make docs`"


@pytest.mark.parametrize("event", EVENTS, ids=lambda each: each.name)
def test_an_event_has_a_stable_name_and_a_meaning(event):
    assert re.fullmatch(r"[a-z_]+\.[a-z_]+", event.name)
    assert event.meaning.endswith("."), "must have a comment `# Log: …` above the call"


def test_a_name_has_one_meaning():
    assert len({each.name for each in EVENTS}) == len(EVENTS)


def test_nothing_is_logged_in_another_way():
    found = {each for folder in ("shared", "services") for each in other_lines_in(PROJECT / folder)}

    assert found == {
        # Commands read topics, too, and print their results on stdout.
        "shared/kafka/reader.py: logging.getLogger",
        # It takes what libraries log.
        "shared/service/library_lines.py: logging.getLogger",
        # It silences the SDK.
        "shared/tracing/setup.py: logging.getLogger",
    }


def test_another_way_of_logging_is_found(tmp_path):
    (tmp_path / "module.py").write_text(
        "log = structlog.get_logger()\n"
        "log.exception('a.b')\n"
        "log.info(f'{name} failed')\n"
        "log.bind(x=1).info('c.d')\n"
        "logging.warning('x')\n"
        "logger = structlog.get_logger()\n"
    )

    assert {each.rpartition(": ")[2] for each in other_lines_in(tmp_path)} == {
        "log.exception",
        "log.info without a name",
        "log.bind",
        "logging.warning",
        "logger = get_logger",
    }


def test_fields_that_functions_add_are_known():
    letter = DeadLetter(raw_record(b""), "invalid", "x").log_fields()

    assert {*letter} == {*fields_spread("log_fields"), "correlation_id"}
    assert {*error_fields(FileNotFoundError(2, "x"))} == {*fields_spread("error_fields")}


def test_events_are_found_with_level_fields_and_meaning():
    assert (
        LogEvent(
            "commit.failed",
            "warning",
            ("error",),
            "Offsets could not be committed: Kafka refused or did not answer. Their records are "
            "delivered again, which changes nothing. Of many only some are logged.",
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
        "log.error('c.d', correlation_id=id, **error_fields(error), **more)\n"
    )

    assert log_events_in(tmp_path) == [
        LogEvent("a.b", "info", ("x",), ""),
        LogEvent("c.d", "error", ("error", "caused_by", "errno", "stack"), "What happened."),
    ]
