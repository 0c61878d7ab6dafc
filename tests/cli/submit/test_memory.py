"""`cppp submit` takes as much memory for a large file as for a small one."""

import subprocess
import sys
import threading
from pathlib import Path

import pytest

from devstack.stack.program import PROJECT
from tests.cli.scripted_server import scripted_server
from tests.cli.submit.bulk_server import accepted, keys

LINES = 200_000
FEW = 5_000
MEGABYTE = 1024
GROWTH_KILOBYTES = 6 * MEGABYTE  # of which the caches of SQLite are 2 MB; lists took 80 MB

# The peak of the address space alone: that of `getrusage` includes the parent's.
SUBMIT_ALL = """
import sys
from pathlib import Path
from cli.submit.command import submit_file

def peak():
    status = Path("/proc/self/status").read_text()
    return int(status.partition("VmHWM:")[2].split()[0])

url, *files = sys.argv[1:]
for file in files:
    report = submit_file(Path(file), url, "cppp_id_secret")
    print(report.accepted, report.resumed, report.repeated, peak())
"""


def write(path: Path, lines: int) -> Path:
    with path.open("w") as file:
        file.writelines(f'{{"application":{{"n":{number // 2}}}}}\n' for number in range(lines))
    return path


@pytest.mark.timeout(300)
def test_memory_does_not_grow_with_the_file_nor_with_its_receipts(tmp_path):
    few, many = write(tmp_path / "few", FEW), write(tmp_path / "many", LINES)
    sent, lock = 0, threading.Lock()

    def counted(asked):
        nonlocal sent
        with lock:
            sent += len(keys(asked))
        server.asked.clear()
        return accepted(asked)

    with scripted_server(counted) as server:
        result = subprocess.run(  # noqa: S603  # our own command line
            [sys.executable, "-c", SUBMIT_ALL, server.url, few, few, many, many],
            cwd=PROJECT,
            capture_output=True,
            text=True,
            check=True,
        )

    told = [list(map(int, line.split())) for line in result.stdout.splitlines()]
    assert [each[:3] for each in told] == [
        [FEW, 0, FEW // 2],
        [FEW, FEW, FEW // 2],
        [LINES, 0, LINES // 2],
        [LINES, LINES, LINES // 2],
    ]
    assert sent == FEW + LINES
    peaks = [each[3] for each in told]
    assert peaks[2] - peaks[1] < GROWTH_KILOBYTES, peaks
    assert peaks[3] - peaks[1] < GROWTH_KILOBYTES, peaks
