"""The fault suite in pytest: a short selection by default, all of it with `-m faults`."""

import pytest

from tests.faults import scenarios
from tests.faults.reuse import ReusedServers
from tests.faults.scenario import SCENARIOS, Row, play

pytestmark = [pytest.mark.plays, pytest.mark.timeout(600)]
scenarios.load()
SHORT = {each.name: each.short for each in SCENARIOS.values() if each.short is not None}


@pytest.fixture(scope="session")
def servers():
    servers = ReusedServers()
    yield servers
    servers.close()


@pytest.mark.parametrize("name", SHORT)
def test_nothing_is_lost_or_duplicated_or_out_of_order_in_a_short_run(name, servers):
    row = Row(name)
    play(SCENARIOS[name], row, SHORT[name], servers)
    skip_if_not_run(row)
    assert row.complaints + row.suite_errors == []
    assert row.rounds == 1


@pytest.mark.faults
@pytest.mark.parametrize("name", SCENARIOS)
def test_nothing_is_lost_or_duplicated_or_out_of_order(name):
    row = Row(name)
    play(SCENARIOS[name], row)
    skip_if_not_run(row)
    assert row.complaints + row.suite_errors == []


def skip_if_not_run(row):
    if row.not_run:
        pytest.skip(row.not_run)
