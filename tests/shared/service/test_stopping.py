"""A service that is asked to stop exits with success."""

import signal

import pytest

from tests.shared.service.sample_process import sample_process
from tests.waiting import DEADLINE_SECONDS


@pytest.mark.parametrize("asked_by", [signal.SIGTERM, signal.SIGINT])
def test_it_ends_with_success(asked_by):
    with sample_process() as (service, _):
        service.send_signal(asked_by)

        assert service.wait(DEADLINE_SECONDS) == 0
