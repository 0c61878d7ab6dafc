"""What is measured: this checkout, another one, and the pipeline from the documentations."""

from collections.abc import Callable
from contextlib import AbstractContextManager
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any, Final

from bench.harness.plan import Plan
from bench.parts.platform import documented
from bench.parts.platform.running import Running, platform_running
from devstack.stack.program import PROJECT


@dataclass(frozen=True, slots=True)
class Records:
    """A collection and the filter for the documents that are counted."""

    database: str
    collection: str
    filter: dict[str, Any]


@dataclass(frozen=True, slots=True)
class Subject:
    """A pipeline to measure.

    `decisions` are the collections of the decisions, `topics` their topics in the same order, and
    `mails` has a document for every mail that was sent. One without `bulk` gets every application
    in a request of its own.
    """

    name: str
    what: str
    running: Callable[[], AbstractContextManager[Running]]
    topics: tuple[str, ...]
    decisions: tuple[Records, ...]
    mails: Records
    bulk: bool = True


def _checkout(name: str, what: str, folder: Path) -> Subject:
    return Subject(
        name,
        what,
        partial(platform_running, folder),
        ("eligibility.decisions.v1", "recognition.decisions.v1"),
        (Records("eligibility", "decisions", {}), Records("recognition", "decisions", {})),
        Records("notify", "notifications", {"state": "sent"}),
    )


def _documented() -> Subject:
    kept = documented.DATABASE
    return Subject(
        documented.NAME,
        "FastAPI, FastStream and aiosmtplib as their documentations show them",
        documented.documented_running,
        documented.TOPICS,
        (Records(kept, "eligibility", {}), Records(kept, "recognition", {})),
        Records(kept, "notifications", {}),
        bulk=False,
    )


OURS: Final = "ours"
BASELINE: Final = "baseline"


def subjects(plan: Plan) -> list[Subject]:
    """Return the subjects of a plan, in the order in which they take turns."""
    found = [_checkout(OURS, "the platform as it ships", PROJECT)]
    if plan.baseline:
        found.append(_checkout(BASELINE, "the same, of another commit", Path(plan.baseline)))
    found.append(_documented())
    return [each for each in found if not plan.only or each.name in plan.only]
