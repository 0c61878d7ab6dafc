"""Where to look, and how often."""

from pathlib import Path
from typing import Annotated

from pydantic import Field, StringConstraints
from pydantic_settings import SettingsConfigDict

from shared.settings import Settings

HttpAddress = Annotated[str, StringConstraints(pattern=r"^https?://[^/\s@]+(/[^\s@]*)?$")]
Seconds = Annotated[float, Field(ge=0.1, le=60)]


class SourcesSettings(Settings):
    """What is asked: the services that Prometheus' target files name, and Prometheus itself.

    `targets` is the folder with those files. Without `prometheus_url` the page shows no alerts.
    Each is asked every `look_seconds`, and has `answer_seconds` for its answer.
    """

    model_config = SettingsConfigDict(env_prefix="OPERATIONS_")

    targets: Path = Path("deploy/prometheus/targets")
    prometheus_url: HttpAddress | None = Field(
        None, description="Must be an address without a password, such as http://prometheus:9090."
    )
    runbooks: Path = Path("docs/runbooks")
    look_seconds: Seconds = 5
    answer_seconds: Seconds = 2
