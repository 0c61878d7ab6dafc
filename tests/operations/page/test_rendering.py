"""What the page claims while nothing is wrong."""

import pytest

from services.operations.page.rendering import Plots, overview_page
from services.operations.sources.objectives import Objective
from tests.factories import NOW
from tests.operations.overview.seeing import lag, overview, ready

NO_PLOTS = Plots({}, {})
NOTHING_WAITS = ", and nothing waits for a person"


@pytest.mark.parametrize(("counted_at", "is_claimed"), [(NOW, True), (None, False)])
def test_nothing_is_said_to_wait_before_it_was_counted(counted_at, is_claimed):
    found = overview(ready("x"), letters_counted_at=counted_at, lag=lag())

    page = bytes(overview_page(found, NO_PLOTS).body).decode()

    assert found.state == "fine"
    assert (NOTHING_WAITS in page) is is_claimed
    assert "Every service answers and is ready" in page


def test_an_objective_that_is_missed_is_marked():
    missed = Objective(
        name="decided-in-5s", target_percent=95, hour_percent=None, budget_left_percent=-12.5
    )
    kept = Objective(
        name="intake-available",
        target_percent=99.9,
        hour_percent=99.9999,
        budget_left_percent=100,
    )

    page = bytes(overview_page(overview(objectives=[missed, kept]), NO_PLOTS).body).decode()

    rows = [each.partition("</tr>")[0] for each in page.split('<tr><th scope="row">')[1:]]
    shown = {each.partition("<")[0]: each for each in rows}
    assert "-12.5 %: <b>MISSED</b>" in shown["decided-in-5s"]
    assert "none to judge" in shown["decided-in-5s"]
    assert "99.99 %" in shown["intake-available"]
    assert "MISSED" not in shown["intake-available"]
    assert "Objectives" not in bytes(overview_page(overview(), NO_PLOTS).body).decode()
