"""The contenders, and the command line of each."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final, Literal

from devstack.stack.program import PROJECT

CONTENDERS_FOLDER: Final = PROJECT / "bench" / "contenders"
BUILD_FOLDER: Final = PROJECT / "var" / "bench"
SERVICES_ENVIRONMENT: Final = "services"
"""The virtual environment of the services, with the packages of their images only."""

Toolchain = Literal["ours", "service", "python", "go", "java"]


@dataclass(frozen=True, slots=True)
class Contender:
    """One implementation of the same work.

    `slow` contenders handle one event at a time, and get fewer events. Those with `warm_up` first
    handle events that do not count. `quick` ones take part in the quick benchmark.
    """

    name: str
    toolchain: Toolchain
    description: str
    slow: bool = False
    warm_up: bool = False
    quick: bool = True
    settings: Mapping[str, str] = field(default_factory=dict)

    @property
    def command(self) -> tuple[str, ...]:
        """The command line that starts it."""
        return _COMMANDS[self.toolchain](self.name)


def _our_command(name: str) -> tuple[str, ...]:
    script = CONTENDERS_FOLDER / name / "main.py"
    if not script.exists():  # the service as it ships, perhaps with other settings
        return _service_command("eligibility")
    return _python_in(SERVICES_ENVIRONMENT), str(script)


def _service_command(name: str) -> tuple[str, ...]:
    return _python_in(SERVICES_ENVIRONMENT), "-m", f"services.{name}"


def _script_command(name: str) -> tuple[str, ...]:
    return _python_in(name), str(CONTENDERS_FOLDER / name / "main.py")


def _python_in(environment: str) -> str:
    return str(virtual_environment(environment) / "bin" / "python")


def _go_command(name: str) -> tuple[str, ...]:
    return (str(BUILD_FOLDER / "go" / name),)


def _java_command(name: str) -> tuple[str, ...]:
    built = BUILD_FOLDER / "java" / name
    return "java", "-cp", f"{built}/spring-batch-1.jar:{built}/libraries/*", "bench.Main"


_COMMANDS: Final[Mapping[Toolchain, Callable[[str], tuple[str, ...]]]] = {
    "ours": _our_command,
    "service": _service_command,
    "python": _script_command,
    "go": _go_command,
    "java": _java_command,
}


def virtual_environment(name: str) -> Path:
    """Return the folder of a virtual environment."""
    return BUILD_FOLDER / "environments" / name


ELIGIBILITY: Final = Contender("ours", "ours", "the eligibility service as it ships")
CONTENDERS: Final = (
    ELIGIBILITY,
    Contender(
        "faststream-per-message",
        "python",
        "FastStream, a typed handler for each message, motor",
        slow=True,
    ),
    Contender("faststream-batches", "python", "FastStream, batch=True with list[Model], motor"),
    Contender("aiokafka-batches", "python", "aiokafka by hand, the same durability"),
    Contender("confluent-floor", "python", "confluent-kafka, pydantic, bulk insert, no framework"),
    Contender("quix", "python", "Quix Streams with its MongoDB sink", quick=False),
    Contender("arroyo", "python", "sentry-arroyo, batches, dead-letter policy", quick=False),
    Contender("faust", "python", "Faust, stream.take", quick=False),
    Contender(
        "spring-batch",
        "java",
        "Spring for Apache Kafka, batch listener, concurrency 3, warmed up",
        warm_up=True,
        quick=False,
    ),
    Contender("franz-go", "go", "Go with franz-go, three loops"),
)


def contender_named(name: str) -> Contender:
    """Return the contender of that name."""
    return next(each for each in CONTENDERS if each.name == name)
