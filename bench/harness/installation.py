"""Gives every contender what it needs, each in a place of its own; what cannot be had is told."""

import hashlib
import shutil
import subprocess
import sys
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Final

from bench.harness.contender import FOLDER, SERVICES, WORKPLACE, Contender, environment_of
from devstack.stack.program import PROJECT

_LINES_TOLD: Final = 3


class NotRunError(Exception):
    """A contender cannot run on this machine; the text says why."""


def set_up(contender: Contender) -> None:
    """Build or install a contender; takes no time if nothing has changed.

    Raises:
        NotRunError: Something that it needs is missing.
    """
    WORKPLACE.mkdir(parents=True, exist_ok=True)
    _SET_UPS[contender.toolchain](contender.name)


def _service(_name: str) -> None:
    install(PROJECT / "requirements.lock", environment_of(SERVICES))


def _python(name: str) -> None:
    install(FOLDER / name / "requirements.lock", environment_of(name))


def install(lock: Path, environment: Path) -> None:
    """Make a virtual environment with what a lock file names.

    Raises:
        NotRunError: Something cannot be had.
    """
    uv = str(Path(sys.executable).with_name("uv"))
    python = str(environment / "bin" / "python")
    options = ("-q", "--require-hashes", "--only-binary=:all:")
    with _unless_done(environment / "installed", [lock]) as needed:
        if needed:
            _run([uv, "venv", "-q", "--clear", "--no-project", "-p", sys.executable, environment])
            _run([uv, "pip", "sync", "--python", python, *options, lock])


def _go(name: str) -> None:
    _need("go")
    _run(["go", "build", "-mod=readonly", "-o", WORKPLACE / "go" / name, "."], FOLDER / name)


def _java(name: str) -> None:
    _need("java")
    _need("mvn")
    built = WORKPLACE / "java" / name
    with _unless_done(built / "installed", sorted((FOLDER / name).rglob("*.*"))) as needed:
        if needed:
            _run(["mvn", "-q", "-B", f"-Dbench.build={built}", "clean", "package"], FOLDER / name)


@contextmanager
def _unless_done(stamp: Path, sources: Sequence[Path]) -> Iterator[bool]:
    """Tell whether there is anything to do; what succeeds is remembered."""
    text = b"".join(each.read_bytes() for each in sources)
    wanted = hashlib.sha256(text + sys.version.encode()).hexdigest()
    needed = not stamp.exists() or stamp.read_text() != wanted
    yield needed
    if needed:
        stamp.write_text(wanted)


_SET_UPS: Final[Mapping[str, Callable[[str], None]]] = {
    "ours": _service,
    "service": _service,
    "python": _python,
    "go": _go,
    "java": _java,
}


def _need(program: str) -> None:
    if shutil.which(program) is None:
        msg = f"{program} is not installed"
        raise NotRunError(msg)


def _run(command: Sequence[str | Path], folder: Path | None = None) -> None:
    done = subprocess.run(  # noqa: S603 - our own command line
        command, cwd=folder, capture_output=True, text=True, check=False
    )
    if done.returncode:
        said = " ".join((done.stdout + done.stderr).strip().splitlines()[-_LINES_TOLD:])
        msg = f"{Path(command[0]).name} failed: {said}"
        raise NotRunError(msg)
