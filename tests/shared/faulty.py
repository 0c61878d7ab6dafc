"""A Kafka that answers with injected errors; see `faulty_cluster.py`."""

import subprocess
import sys
from pathlib import Path


class FaultyCluster:
    def __init__(self, topic: str) -> None:
        self._process = subprocess.Popen(  # noqa: S603  # our own program
            [sys.executable, str(Path(__file__).with_name("faulty_cluster.py")), topic],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )
        self.address = self._process.stdout.readline().strip()

    def answer_with(self, api_key: int, code: int, times: int) -> None:
        self._process.stdin.write(f"error {api_key} {code} {times}\n")
        self._process.stdin.flush()
        assert self._process.stdout.readline() == "done\n"

    def stop(self) -> None:
        self._process.communicate()
