"""Describes the machine, and divides its cores between the contender and the stack."""

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


def contender_cores(number: int = 1) -> list[int]:
    """Return the cores for the contender: the last ones."""
    return _CORES[-number:]


def all_cores() -> list[int]:
    """Return every core that this process may use."""
    return _CORES


def stack_cores() -> list[int]:
    """Return the cores for Kafka, MongoDB and the benchmark; a single core is shared."""
    return _CORES[:-1] or _CORES


def pin_current_process(cores: Sequence[int]) -> None:
    """Pin this process and its children to these cores."""
    if hasattr(os, "sched_setaffinity"):
        os.sched_setaffinity(0, cores)


def pinned_command(command: Sequence[str], cores: Sequence[int]) -> tuple[str, ...]:
    """Return a command line that pins `command` with all its threads to these cores."""
    taskset = shutil.which("taskset")
    if taskset is None:
        return tuple(command)
    return (taskset, "-c", ",".join(map(str, cores)), *command)


def describe_machine() -> dict[str, str | int | float]:
    """Return the properties of the machine, without names of the machine or its owner."""
    return {
        "processor": _processor_name(),
        "cores": len(_CORES),
        "memory_gb": round(psutil.virtual_memory().total / 2**30),
        "system": f"{platform.system()} {platform.release().split('-')[0]}",
        "load_before": round(os.getloadavg()[0], 2),
    }


def software_versions() -> dict[str, str]:
    """Return the versions that affect the figures; lock files have those of the contenders."""
    return {
        "python": platform.python_version(),
        "kafka": _kafka_version(),
        "mongodb": _program_version((str(mongod()), "--version")),
        **{each: version(each) for each in _PACKAGES},
        **{
            name: found
            for name, command in _TOOLCHAINS.items()
            if (found := _program_version(command))
        },
    }


def _kafka_version() -> str:
    names = (jar.file_name for jar in locked_jars())
    return (
        next(n for n in names if n.startswith("kafka-clients-")).split("-")[2].removesuffix(".jar")
    )


def _program_version(command: Sequence[str]) -> str:
    """Return the version that a program prints; empty if it is not installed."""
    if shutil.which(command[0]) is None:
        return ""
    done = subprocess.run(command, capture_output=True, text=True, check=False)  # noqa: S603 - our own command line
    found = _VERSION.search(done.stdout or done.stderr)
    return found.group() if found else ""


def current_commit() -> str:
    """Return the commit that is measured, marked as dirty if files differ from it."""
    described = subprocess.run(
        ["git", "describe", "--always", "--dirty", "--abbrev=12", "--exclude=*"],  # noqa: S607
        cwd=PROJECT,
        capture_output=True,
        text=True,
        check=False,
    )
    return described.stdout.strip() or "unknown"


def _processor_name() -> str:
    try:
        lines = Path("/proc/cpuinfo").read_text().splitlines()
    except OSError:
        return platform.machine()
    names = (line.partition(":")[2].strip() for line in lines if line.startswith("model name"))
    return next(names, platform.machine())
