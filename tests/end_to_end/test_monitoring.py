"""The checks of metrics and rules find what they are for."""

from pathlib import Path

import pytest

from tests.end_to_end import monitoring
from tests.end_to_end.monitoring import (
    Selector,
    empty_counters,
    identifying_labels,
    selectors,
    series,
    unrecorded_names,
)

EXPORTED = """\
# TYPE cppp_orphans gauge
cppp_orphans{stage="decided"} 1.0
# TYPE cppp_retries_total counter
# TYPE cppp_emails_total counter
cppp_emails_total{result="sent"} 0.0
"""
RULES = """\
groups:
  - name: orphans
    rules:
      - record: orphans:max
        expr: max(cppp_orphans{stage=~"decided|mailed"})
      - alert: Orphans
        expr: orphans:maxx > 0 and sum by (stage) (cppp_orphan{stage!="mailed"}) > 0
"""


@pytest.fixture
def rules(tmp_path, monkeypatch):
    (tmp_path / "rules").mkdir()
    (tmp_path / "rules" / "orphans.yml").write_text(RULES)
    monkeypatch.setattr(monitoring, "PROMETHEUS", Path(tmp_path))


@pytest.mark.usefixtures("rules")
def test_selectors_of_recording_and_alerting_rules_are_found():
    assert selectors() == {
        Selector("cppp_orphans", (("stage", "=~", "decided|mailed"),)),
        Selector("cppp_orphan", (("stage", "!=", "mailed"),)),
    }


@pytest.mark.usefixtures("rules")
def test_a_name_that_no_rule_records_is_found():
    assert unrecorded_names() == {"orphans:maxx"}


def test_every_name_that_a_rule_selects_is_recorded():
    assert unrecorded_names() == set()


@pytest.mark.parametrize(
    ("selector", "matches"),
    [
        (Selector("cppp_orphans"), True),
        (Selector("cppp_orphan"), False),
        (Selector("cppp_orphans", (("stage", "=", "mailed"),)), False),
        (Selector("cppp_orphans", (("stage", "=~", "mailed|decided"),)), True),
        (Selector("cppp_orphans", (("stage", "!~", "mailed|decided"),)), False),
        (Selector("cppp_orphans", (("job", "=", "reconciliation"),)), True),
        (Selector("cppp_orphans", (("team", "=", "a"),)), False),
    ],
)
def test_a_selector_matches_only_what_is_exported(selector, matches):
    exported = series("reconciliation", EXPORTED)

    assert any(selector.selects(*each) for each in exported) is matches


def test_a_counter_without_a_sample_is_found():
    assert empty_counters(EXPORTED) == {"cppp_retries"}


@pytest.mark.parametrize(
    "value",
    [
        "383dd6c4-d698-8d4c-899f-4659b671ad9c",
        "chan@example.com",
        "10.1.2.3",
        "::1",
        "00012345678",
        "/root/programme.toml",
    ],
)
def test_ids_and_addresses_are_found_among_labels(value):
    assert identifying_labels(f'cppp_orphans{{stage="{value}"}} 1.0\n') == {value}


@pytest.mark.parametrize(
    "value", ["intake.applications.v1", "smtp-450", "0.25", "/v1/applications", "2026-11-01"]
)
def test_words_of_a_vocabulary_are_no_ids(value):
    assert identifying_labels(f'cppp_orphans{{stage="{value}"}} 1.0\n') == set()
