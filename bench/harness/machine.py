"""The machine: what it is, and which of its cores do what."""

import os
import platform
import re
import shutil
import subprocess
from collections.abc import Sequence
from importlib.metadata import version
from pathlib import Path
from typing import Final

import psutil  # type: ignore[import-untyped]  # has no type information

from devstack.servers.jar_lock import locked_jars
from devstack.servers.mongodb import mongod
from devstack.stack.program import PROJECT

_PACKAGES: Final = (
    *("aiokafka", "confluent-kafka", "fastapi", "faststream", "motor", "orjson"),
    *("pydantic", "pydantic-core", "pymongo", "uvicorn", "uvloop"),
)
_TOOLCHAINS: Final = {"go": ("go", "version"), "java": ("java", "-version")}
_VERSION: Final = re.compile(r"\d+(\.\d+)+")
_CORES: Final = sorted(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else [0]


def client_cores(number: int = 1) -> list[int]:
    """Return the cores of what is measured: the last ones."""
    return _CORES[-number:]


def other_cores() -> list[int]:
    """Return the cores of Kafka, MongoDB and the measuring program; on one core, that one."""
    return _CORES[:-1] or _CORES


def keep_to(cores: Sequence[int]) -> None:
    """Keep this process and what it starts to these cores."""
    if hasattr(os, "sched_setaffinity"):
        os.sched_setaffinity(0, cores)


def pinned(command: Sequence[str], cores: Sequence[int]) -> tuple[str, ...]:
    """Return the command line that runs `command`, with all its threads, on these cores."""
    taskset = shutil.which("taskset")
    if taskset is None:
        return tuple(command)
    return (taskset, "-c", ",".join(map(str, cores)), *command)


def machine() -> dict[str, str | int | float]:
    """Describe the machine, without anything that names it or its owner."""
    return {
        "processor": _processor(),
        "cores": len(_CORES),
        "memory_gb": round(psutil.virtual_memory().total / 2**30),
        "system": f"{platform.system()} {platform.release().split('-')[0]}",
        "load_before": round(os.getloadavg()[0], 2),
    }


def versions() -> dict[str, str]:
    """Tell the versions that the figures depend on; those of the contenders are in their locks."""
    return {
        "python": platform.python_version(),
        "kafka": _kafka_version(),
        "mongodb": _version_of((str(mongod()), "--version")),
        **{each: version(each) for each in _PACKAGES},
        **{name: told for name, command in _TOOLCHAINS.items() if (told := _version_of(command))},
    }


def _kafka_version() -> str:
    names = (jar.file_name for jar in locked_jars())
    return (
        next(n for n in names if n.startswith("kafka-clients-")).split("-")[2].removesuffix(".jar")
    )


def _version_of(command: Sequence[str]) -> str:
    """Return the version that a program tells; nothing if it is not here."""
    if shutil.which(command[0]) is None:
        return ""
    said = subprocess.run(command, capture_output=True, text=True, check=False)  # noqa: S603 - our own command line
    found = _VERSION.search(said.stdout or said.stderr)
    return found.group() if found else ""


def commit() -> str:
    """Tell the commit that is measured, marked if files differ from it."""
    described = subprocess.run(
        ["git", "describe", "--always", "--dirty", "--abbrev=12", "--exclude=*"],  # noqa: S607
        cwd=PROJECT,
        capture_output=True,
        text=True,
        check=False,
    )
    return described.stdout.strip() or "unknown"


def _processor() -> str:
    try:
        lines = Path("/proc/cpuinfo").read_text().splitlines()
    except OSError:
        return platform.machine()
    names = (line.partition(":")[2].strip() for line in lines if line.startswith("model name"))
    return next(names, platform.machine())
