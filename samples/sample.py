"""One sample: a submission, and what is to be decided on it."""

from dataclasses import asdict, dataclass
from datetime import datetime
from typing import Any, TypeAlias

import orjson

Json: TypeAlias = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Form:
    """A filled form as `POST /v1/applications` takes it, but for the moment of receipt."""

    application: Json
    contact: Json


@dataclass(frozen=True, slots=True)
class Expected:
    """What is to be decided, by which service; reasons are codes in order."""

    service: str
    outcome: str
    grant_cents: int | None
    reasons: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Sample:
    """A form, the moment of its receipt in the time zone it was written in, and the decision."""

    form: Form
    received_at: datetime
    expected: Expected

    def submission(self) -> bytes:
        """Write the submission's body on one line."""
        return orjson.dumps({**asdict(self.form), "received_at": rfc3339(self.received_at)})

    def expectation(self, line: int) -> bytes:
        """Write what is to be decided on one line."""
        return orjson.dumps({"line": line, **asdict(self.expected)})


def rfc3339(moment: datetime) -> str:
    """Write a moment with the offset of its own time zone, and milliseconds if it has any."""
    timespec = "milliseconds" if moment.microsecond else "seconds"
    return moment.isoformat(timespec=timespec).replace("+00:00", "Z")


def eligible(grant_cents: int, reason: str = "grant-is-share") -> Expected:
    """Expect a grant."""
    return Expected("eligibility", "eligible", grant_cents, (reason,))


def ineligible(*reasons: str) -> Expected:
    """Expect a refusal of funding."""
    return Expected("eligibility", "ineligible", 0, reasons)


def referred(*reasons: str) -> Expected:
    """Expect that an officer has to rule on the funding."""
    return Expected("eligibility", "referred", None, reasons)


def recognised(outcome: str, *reasons: str) -> Expected:
    """Expect an outcome of the Recognition Scheme."""
    return Expected("recognition", outcome, None, reasons)
