"""Creates .venv with everything in requirements-dev.lock, and the project itself.

`make` runs it first, with the system's Python. It therefore uses only the standard library and the
syntax of Python 3.6, so that an old Python can still print that it is too old.
"""

import contextlib
import fcntl
import hashlib
import importlib.util
import json
import os
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

from devstack.setup_advice import (
    DISK_IS_FULL,
    THEN_AGAIN,
    SetupError,
    advice_on,
    advice_on_failure,
)

ROOT = Path(__file__).resolve().parent.parent
VENV = ROOT / ".venv"
LOCK = ROOT / "requirements-dev.lock"
_NEEDED_PYTHON = (3, 11)
_NEEDED_BYTES = 1_200_000_000
_STAMP = VENV / "cppp-installed.json"
_STARTED = VENV / "cppp-installing"
_LOG = VENV / "install.log"
_PYTHON = VENV / "bin" / "python"
_PIP = (str(_PYTHON), "-m", "pip", "--disable-pip-version-check", "--no-input", "install")
_SAY_EVERY = 20
_START_OF_LINE = "\r\033[K" if sys.stdout.isatty() else ""


def main() -> int:
    """Complete .venv if necessary; return the exit code."""
    try:
        require_python(sys.version_info[:2])
        _end_with_parent()
        with _only_one_at_a_time():
            make_complete()
    except SetupError as error:
        return _fail(str(error))
    except OSError as error:
        return _fail(advice_on(error))
    except KeyboardInterrupt:
        return _fail("Stopped. Run the same command to resume.")
    return 0


def require_python(version: "tuple[int, ...]") -> None:
    """Check that Python is new enough, and can create virtual environments.

    Raises `SetupError` if it is not, or cannot.
    """
    name = "python{}.{}".format(*version)
    if version < _NEEDED_PYTHON:
        needed = "python{}.{}".format(*_NEEDED_PYTHON)
        msg = f"This is {name}, but {needed} or later is needed: run `make PYTHON={needed} …`."
        raise SetupError(msg)
    missing = [each for each in ("venv", "ensurepip") if importlib.util.find_spec(each) is None]
    if missing:
        msg = (
            f"{name} lacks {' and '.join(missing)}: install it, on Debian or Ubuntu "
            f"with `apt-get install {name}-venv`, {THEN_AGAIN}"
        )
        raise SetupError(msg)


def make_complete() -> None:
    """Install what the lock file lists; return at once if that is installed already.

    Raises `SetupError` if that fails; the next attempt resumes from there.
    """
    wanted = _wanted()
    found = _found()
    if found == wanted and _PYTHON.exists():
        return
    if shutil.disk_usage(ROOT).free < _NEEDED_BYTES:
        raise SetupError(DISK_IS_FULL)
    if not _is_usable(found, wanted):
        _make_new()
    _install()
    _STAMP.write_text(json.dumps(wanted))
    _STARTED.unlink()
    _say("Installed.")


def _make_new() -> None:
    _say("Making a virtual environment in .venv …")
    _run([os.path.realpath(sys.executable), "-m", "venv", "--clear", "--without-pip", str(VENV)])
    _STARTED.touch()
    _run([str(_PYTHON), "-m", "ensurepip", "--default-pip"])


def _install() -> None:
    _STARTED.touch()
    _LOG.write_text("")
    _STAMP.unlink(missing_ok=True)
    _say(f"Installing {LOCK.name} (log: {_LOG.relative_to(ROOT)}) …")
    _run([*_PIP, "--progress-bar=off", "--require-hashes", "--only-binary=:all:", "-r", str(LOCK)])
    # Nothing is downloaded for the project itself: its build tool is among the packages.
    _run([*_PIP, "--no-deps", "--no-build-isolation", "--editable", str(ROOT)])


def _wanted() -> "dict[str, str]":
    """Return what .venv depends on, including its folder: its scripts contain the path."""
    return {
        "folder": str(ROOT),
        "python": "{}.{}".format(*sys.version_info),
        "lock": hashlib.sha256(LOCK.read_bytes()).hexdigest(),
        "project": hashlib.sha256((ROOT / "pyproject.toml").read_bytes()).hexdigest(),
    }


def _found() -> "dict[str, str]":
    try:
        found: dict[str, str] = json.loads(_STAMP.read_text())
    except (OSError, ValueError):
        return {}
    return found


def _is_usable(found: "dict[str, str]", wanted: "dict[str, str]") -> bool:
    """Return whether .venv can be updated; an interrupted installation cannot be trusted."""
    if _STARTED.exists() or not _PYTHON.exists():
        return False
    if found and any(found.get(key) != wanted[key] for key in ("folder", "python")):
        return False
    check = "import pip, sys; print('{}.{}'.format(*sys.version_info))"
    result = subprocess.run(  # noqa: S603 - our own command line
        [str(_PYTHON), "-c", check], stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, check=False
    )
    return result.stdout.decode().strip() == wanted["python"]


def _run(command: "list[str]") -> None:
    """Run `command`, show its progress, and append its output to the log.

    Raises `SetupError` if it failed.
    """
    parent = os.getpid()
    with subprocess.Popen(  # noqa: S603 - our own command line
        command,
        cwd=str(ROOT),
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        preexec_fn=lambda: _tie("KILL", parent),  # noqa: PLW1509 - this program has one thread
    ) as process:
        assert process.stdout is not None
        said = "".join(_shown(line.decode(errors="replace") for line in process.stdout))
    # If the disk is full, report the command's error and not this one.
    with contextlib.suppress(OSError), _LOG.open("a") as log:
        log.write(said)
    if process.returncode:
        raise SetupError(advice_on_failure(said, _LOG))


def _shown(lines: "Iterator[str]") -> "Iterator[str]":
    """Pass on pip's output, and show the current package."""
    packages = 0
    for line in lines:
        if line.startswith("Collecting "):
            packages += 1
            _show_progress(packages, line.split()[1])
        if packages and line.startswith("Installing collected packages"):
            _say(f"{_START_OF_LINE}  {packages} packages downloaded and checked; installing …")
        yield line


def _show_progress(packages: int, name: str) -> None:
    if sys.stdout.isatty():
        print(f"{_START_OF_LINE}  {packages} {name}", end="", flush=True)
    elif packages % _SAY_EVERY == 0:
        _say(f"  {packages} packages …")


@contextlib.contextmanager
def _only_one_at_a_time() -> "Iterator[None]":
    """Wait for another installation in this folder; the lock ends with the process holding it."""
    with LOCK.open() as file:
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            _say("Waiting for another `make` to finish installing …")
            fcntl.flock(file, fcntl.LOCK_EX)
        yield


def _end_with_parent() -> None:
    """End this process when `make` is killed."""
    _tie("TERM", os.getppid())


def _tie(signal_name: str, parent_pid: int) -> None:
    # Imported late: an old Python could not load it.
    from devstack.stack.tether import tie_to_parent  # noqa: PLC0415

    tie_to_parent(signal_name, parent_pid)


def _say(text: str) -> None:
    print(text, flush=True)


def _fail(text: str) -> int:
    print(f"error: {text}", file=sys.stderr)
    return 1


if __name__ == "__main__":
    sys.exit(main())
