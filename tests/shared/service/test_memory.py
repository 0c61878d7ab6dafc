"""The buffers of a batch reuse memory."""

import subprocess
import sys

import pytest

PROGRAM = """
from resource import RUSAGE_SELF, getrusage
from shared.service.memory import share_one_heap

share_one_heap()
b"x" * 2**21
before = getrusage(RUSAGE_SELF).ru_minflt
for _ in range(100):
    b"x" * 2**21
print(getrusage(RUSAGE_SELF).ru_minflt - before)
"""


@pytest.mark.skipif(sys.platform != "linux", reason="glibc's malloc is what is tuned")
def test_large_buffers_use_the_same_pages_again():
    done = subprocess.run(  # noqa: S603  # our own program
        [sys.executable, "-c", PROGRAM], capture_output=True, check=True, text=True
    )

    assert int(done.stdout) < 512  # the pages of one of the hundred buffers
