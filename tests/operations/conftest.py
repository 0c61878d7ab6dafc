"""The service as a process, looking at others that a test starts."""

from pathlib import Path
from typing import Any

import httpx
import pytest
import yaml

from services.operations.settings import SERVICE
from tests.waiting import DEADLINE_SECONDS, eventually


class Operations:
    """The running service, with a folder of target files of its own."""

    def __init__(self, folder: Path, start: Any) -> None:
        self.folder = folder
        self._start = start
        self.process: Any = None

    def start(self, **settings: str) -> "Operations":
        environment = {"OPERATIONS_TARGETS": str(self.folder), "OPERATIONS_LOOK_SECONDS": "0.3"}
        self.process = self._start(SERVICE, environment | settings)
        return self

    def watch(self, name: str, *urls: str) -> None:
        """Write the target file of a service, as Prometheus reads it."""
        targets = [each.removeprefix("http://") for each in urls]
        content = [{"targets": targets, "labels": {"job": name}}]
        (self.folder / f"{name}.yml").write_text(yaml.safe_dump(content))

    def overview(self) -> dict[str, Any]:
        answer = httpx.get(f"{self.process.url}/v1/overview", timeout=DEADLINE_SECONDS)
        assert answer.status_code == httpx.codes.OK, answer.text
        found: dict[str, Any] = answer.json()
        return found

    def page(self, path: str = "/") -> str:
        answer = httpx.get(f"{self.process.url}{path}", timeout=DEADLINE_SECONDS)
        assert answer.status_code == httpx.codes.OK, answer.text
        return answer.text

    def until(self, condition: Any) -> dict[str, Any]:
        """Wait until the overview meets a condition, and return it."""

        def met() -> dict[str, Any] | None:
            found = self.overview()
            return found if condition(found) else None

        found: dict[str, Any] = eventually(met)
        return found


@pytest.fixture
def operations(tmp_path: Path, service_process: Any) -> Operations:
    return Operations(tmp_path, service_process)
