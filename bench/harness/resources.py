"""The topics, consumer group and database of one run, and the settings that name them."""

from dataclasses import dataclass
from typing import Final

from bench.harness.contender import Contender
from bench.harness.dataset import DataSet
from bench.harness.rules_file import rules_file
from bench.harness.stack import BenchmarkStack
from devstack.stack.ports import LOCALHOST, free_ports
from services.eligibility.store.history_documents import (
    COMPLETIONS_BY_FACTORY,
    DECISIONS_BY_FACTORY,
)

# Every contender looks up a factory's earlier applications by these, as the service does.
_INDEXES: Final = {"completions": COMPLETIONS_BY_FACTORY, "decisions": DECISIONS_BY_FACTORY}


@dataclass(frozen=True, slots=True)
class RunResources:
    """Where one run reads and writes; no other contender uses them, except for the input topic."""

    topic: str
    group: str
    database: str
    output: str

    @property
    def dead_letters(self) -> str:
        """The topic for records that can never be handled."""
        return f"{self.group}.dead-letters.v1"

    @property
    def environment(self) -> dict[str, str]:
        """The environment variables that name them."""
        return {
            "BENCH_TOPIC": self.topic,
            "BENCH_GROUP": self.group,
            "BENCH_DATABASE": self.database,
            "BENCH_OUTPUT": self.output,
            "BENCH_DEAD_LETTERS": self.dead_letters,
        }


ELIGIBILITY_RESOURCES: Final = RunResources(
    "intake.applications.v1", "eligibility", "eligibility", "eligibility.decisions.v1"
)


def resources_of(contender: Contender, data_set: DataSet) -> RunResources:
    """Return a contender's own group, database and topics; those of the service are fixed."""
    if contender.toolchain == "ours":
        return ELIGIBILITY_RESOURCES
    name = f"bench-{contender.name}"
    return RunResources(data_set.topic, name, name, f"bench.{contender.name}.decisions.v1")


def contender_environment(stack: BenchmarkStack, resources: RunResources) -> dict[str, str]:
    """Return the environment variables of a contender."""
    return {
        **stack.addresses.environment,
        **resources.environment,
        "BENCH_RULES": str(rules_file()),
        "HTTP_HOST": LOCALHOST,
        "HTTP_PORT": str(free_ports(["http"])["http"]),
    }


def prepare_resources(
    stack: BenchmarkStack, resources: RunResources, *, redelivered: bool = False
) -> None:
    """Delete the group and the database of an earlier run, and create missing output topics.

    With `redelivered` the database stays: only the offsets are forgotten.
    """
    if not redelivered:
        stack.mongo.drop_database(resources.database)
        database = stack.mongo[resources.database]
        for name, index in _INDEXES.items():
            database[name].create_index(index)
    stack.delete_group(resources.group)
    existing = stack.admin.list_topics(timeout=10).topics
    missing = [each for each in (resources.output, resources.dead_letters) if each not in existing]
    if missing:
        stack.create_output_topics(*missing)
