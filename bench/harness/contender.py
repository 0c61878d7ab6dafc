"""Who takes part, and how each is started."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final, Literal

from devstack.stack.program import PROJECT

FOLDER: Final = PROJECT / "bench" / "contenders"
WORKPLACE: Final = PROJECT / "var" / "bench"
SERVICES: Final = "services"
"""The environment of the product: what its images install, and nothing else."""

Toolchain = Literal["ours", "service", "python", "go", "java"]


@dataclass(frozen=True, slots=True)
class Contender:
    """One way to do the work.

    `slow` ones handle one event after the other, and get fewer of them. `warm_up` is how many
    events are handled before it counts. `quick` ones take part in the short benchmark.
    """

    name: str
    toolchain: Toolchain
    what: str
    slow: bool = False
    warm_up: bool = False
    quick: bool = True
    settings: Mapping[str, str] = field(default_factory=dict)

    @property
    def command(self) -> tuple[str, ...]:
        """The command line that runs it."""
        return _COMMANDS[self.toolchain](self.name)


def _ours(_name: str) -> tuple[str, ...]:
    return _service("eligibility")


def _service(name: str) -> tuple[str, ...]:
    return _python_of(SERVICES), "-m", f"services.{name}"


def _python(name: str) -> tuple[str, ...]:
    return _python_of(name), str(FOLDER / name / "main.py")


def _python_of(environment: str) -> str:
    return str(environment_of(environment) / "bin" / "python")


def _go(name: str) -> tuple[str, ...]:
    return (str(WORKPLACE / "go" / name),)


def _java(name: str) -> tuple[str, ...]:
    built = WORKPLACE / "java" / name
    return "java", "-cp", f"{built}/spring-batch-1.jar:{built}/libraries/*", "bench.Main"


_COMMANDS: Final[Mapping[Toolchain, Callable[[str], tuple[str, ...]]]] = {
    "ours": _ours,
    "service": _service,
    "python": _python,
    "go": _go,
    "java": _java,
}


def environment_of(name: str) -> Path:
    """The virtual environment of a contender in Python."""
    return WORKPLACE / "environments" / name


CONTENDERS: Final = (
    Contender("ours", "ours", "the eligibility service as it ships"),
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
