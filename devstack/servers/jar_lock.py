"""The list of Kafka's jars with their checksums.

`python -m devstack.servers.jar_lock` resolves it again (part of `make lock`).
"""

import hashlib
import re
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory

from jgo.maven import MavenContext, PythonResolver

from devstack.errors import StackError

LOCK_FILE = Path(__file__).with_name("kafka-jars.lock")
# Resolved separately: together, the versions managed by log4j's build would win.
_COORDINATES = (
    "org.apache.kafka:kafka_2.13:4.1.0",
    "org.apache.logging.log4j:log4j-slf4j-impl:2.24.3",  # without it Kafka logs nothing
)
# Its groups tool, with which tests compare `cppp lag`, needs nothing else; its other tools would
# need as many jars again.
_WITHOUT_DEPENDENCIES = ("org.apache.kafka:kafka-tools:4.1.0",)
_LINE = re.compile(r"(?P<coordinate>[^\s:]+:[^\s:]+:[^\s:]+) sha256:(?P<sha256>[0-9a-f]{64})")
_HEADER = "# Kafka's jars: coordinate and checksum. Made by `make lock`.\n"


@dataclass(frozen=True, order=True)
class Jar:
    """A jar, by its Maven coordinate `group:artifact:version`."""

    coordinate: str
    sha256: str

    @property
    def file_name(self) -> str:
        """The file name by Maven's convention."""
        _, artifact, version = self.coordinate.split(":")
        return f"{artifact}-{version}.jar"


def locked_jars(lock_file: Path = LOCK_FILE) -> tuple[Jar, ...]:
    """Read the list of jars, in the order of the classpath.

    Raises `StackError` if a line of the file is damaged.
    """
    lines = [line for line in lock_file.read_text().splitlines() if not line.startswith("#")]
    return tuple(_jar(line) for line in lines)


def sha256_of(path: Path) -> str:
    """Return the checksum of a file."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def resolved_jars(cache: Path) -> list[Jar]:
    """Resolve Kafka and its dependencies, and download them to `cache`."""
    context = MavenContext(repo_cache=cache, resolver=PythonResolver())
    found = set()
    for coordinate in (*_COORDINATES, *_WITHOUT_DEPENDENCIES):
        asked, needed = context.resolver.resolve([context.create_dependency(coordinate)])
        alone = coordinate in _WITHOUT_DEPENDENCIES
        for each in asked if alone else [*asked, *needed]:
            name = f"{each.groupId}:{each.artifactId}:{each.version}"
            found.add(Jar(name, sha256_of(each.artifact.resolve())))
    return sorted(found)


def write_lock() -> None:
    """Resolve the list of jars and write the lock file."""
    with TemporaryDirectory() as cache:
        jars = resolved_jars(Path(cache))
    lines = [f"{jar.coordinate} sha256:{jar.sha256}\n" for jar in jars]
    LOCK_FILE.write_text(_HEADER + "".join(lines))
    print(f"{LOCK_FILE.name}: {len(jars)} jars")


def _jar(line: str) -> Jar:
    match = _LINE.fullmatch(line)
    if match is None:
        msg = f"{LOCK_FILE} is damaged at {line!r}: restore it with `git checkout`."
        raise StackError(msg)
    return Jar(match["coordinate"], match["sha256"])


if __name__ == "__main__":
    write_lock()
