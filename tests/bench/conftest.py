from datetime import UTC, datetime

import pytest

from bench.report.results import Results


@pytest.fixture
def make_results():
    def make(**parts):
        now = datetime(2026, 11, 1, tzinfo=UTC)
        return Results(plan="quick", measured_at=now, commit="c", machine={}, versions={}, **parts)

    return make
