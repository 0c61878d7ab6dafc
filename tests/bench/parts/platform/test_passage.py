import pytest

from bench.parts.platform.client import Receipt
from bench.parts.platform.decisions import Decided
from bench.parts.platform.passage import Passage


@pytest.fixture
def make_passage():
    def make(**changes):
        fields = {
            "started": 100.0,
            "sent": 2,
            "receipts": [Receipt("a", "x@", 100.0, 100.5), Receipt("b", "y@", 100.0, 101.0)],
            "decided": {"a": Decided(102.0, {"1"}), "b": Decided(103.0, {"2"})},
            "mailed": {"x@": [102.0, 104.0], "y@": [102.0, 103.5]},
            "stored": 2,
            "cpu_seconds": {"kafka": 1.0},
        }
        return Passage(**(fields | changes))

    return make


def test_a_complete_passage_lost_and_doubled_nothing(make_passage):
    found = make_passage()
    assert (found.lost, found.doubled) == (0, 0)
    assert (found.last_accepted, found.last_decided, found.last_mailed) == (101.0, 103.0, 104.0)


def test_what_was_not_accepted_is_refused_and_not_lost(make_passage):
    found = make_passage(sent=3)
    assert (found.refused, found.lost) == (1, 0)


@pytest.mark.parametrize(
    "changes",
    [
        {"decided": {"a": Decided(102.0, {"1"})}},
        {"mailed": {"x@": [102.0], "y@": [102.0, 103.0]}},
        {"stored": 1},
    ],
    ids=["no decision event", "a mail is missing", "no document"],
)
def test_what_is_missing_is_lost(make_passage, changes):
    assert make_passage(**changes).lost == 1


@pytest.mark.parametrize(
    "changes",
    [
        {"decided": {"a": Decided(102.0, {"1", "3"}), "b": Decided(103.0, {"2"})}},
        {"mailed": {"x@": [102.0, 103.0, 104.0], "y@": [102.0, 103.0]}},
        {"stored": 3},
    ],
    ids=["two decision events", "three mails", "three documents"],
)
def test_what_is_there_twice_is_doubled(make_passage, changes):
    assert make_passage(**changes).doubled == 1
