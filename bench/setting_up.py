"""Gives every contender what it needs, each in a place of its own; what cannot be had is told."""

import hashlib
import shutil
import subprocess
import sys
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Final

from bench.contender import FOLDER, WORKPLACE, Contender, environment_of

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


def _ours(_name: str) -> None:
    """Have nothing to do: the product is installed already."""


def _python(name: str) -> None:
    lock, environment = FOLDER / name / "requirements.lock", environment_of(name)
    stamp = environment / "installed"
    wanted = hashlib.sha256(lock.read_bytes() + sys.version.encode()).hexdigest()
    if stamp.exists() and stamp.read_text() == wanted:
        return
    uv = str(Path(sys.executable).with_name("uv"))
    _run([uv, "venv", "-q", "--clear", "--no-project", "-p", sys.executable, str(environment)])
    python = str(environment / "bin" / "python")
    options = ("-q", "--require-hashes", "--only-binary=:all:")
    _run([uv, "pip", "sync", "--python", python, *options, str(lock)])
    stamp.write_text(wanted)


def _go(name: str) -> None:
    target = WORKPLACE / "go" / name
    _need("go")
    _run(["go", "build", "-mod=readonly", "-o", str(target), "."], FOLDER / name)


def _java(name: str) -> None:
    _need("java")
    _need("mvn")
    built = WORKPLACE / "java" / name
    options = ("-q", "-B", f"-Dbench.build={built}")
    _run(["mvn", *options, "package"], FOLDER / name)


_SET_UPS: Final[Mapping[str, Callable[[str], None]]] = {
    "ours": _ours,
    "python": _python,
    "go": _go,
    "java": _java,
}


def _need(program: str) -> None:
    if shutil.which(program) is None:
        msg = f"{program} is not installed"
        raise NotRunError(msg)


def _run(command: Sequence[str], folder: Path | None = None) -> None:
    done = subprocess.run(  # noqa: S603 - our own command line
        command, cwd=folder, capture_output=True, text=True, check=False
    )
    if done.returncode:
        said = " ".join((done.stdout + done.stderr).strip().splitlines()[-_LINES_TOLD:])
        msg = f"{Path(command[0]).name} failed: {said}"
        raise NotRunError(msg)
