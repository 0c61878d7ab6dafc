"""What the page claims while nothing is wrong."""

import pytest

from services.operations.page.rendering import Plots, overview_page
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
