"""One sample: a submission and the expected decision."""

from dataclasses import asdict, dataclass
from datetime import datetime
from typing import Any, TypeAlias

import orjson

Json: TypeAlias = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Form:
    """A complete form as `POST /v1/applications` accepts it, without the time of receipt."""

    application: Json
    contact: Json


@dataclass(frozen=True, slots=True)
class Expected:
    """The expected decision and the deciding service; reasons are codes in order."""

    service: str
    outcome: str
    grant_cents: int | None
    reasons: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Sample:
    """A form, its time of receipt in the time zone it was written in, and the expected decision.

    `states_more`: the form has fields that release 0.1.0 did not have.
    """

    form: Form
    received_at: datetime
    expected: Expected
    states_more: bool = False

    def submission(self) -> bytes:
        """Return the body of the submission on one line."""
        return orjson.dumps({**asdict(self.form), "received_at": rfc3339(self.received_at)})

    def expectation(self, line: int) -> bytes:
        """Return the expected decision on one line."""
        return orjson.dumps({"line": line, **asdict(self.expected)})


def rfc3339(moment: datetime) -> str:
    """Format a time with the offset of its own time zone, and with milliseconds if it has any."""
    timespec = "milliseconds" if moment.microsecond else "seconds"
    return moment.isoformat(timespec=timespec).replace("+00:00", "Z")


def eligible(grant_cents: int, reason: str = "grant-is-share") -> Expected:
    """Expect a grant."""
    return Expected("eligibility", "eligible", grant_cents, (reason,))


def ineligible(*reasons: str) -> Expected:
    """Expect a refusal of funding."""
    return Expected("eligibility", "ineligible", 0, reasons)


def referred(*reasons: str) -> Expected:
    """Expect a referral of the funding to an officer."""
    return Expected("eligibility", "referred", None, reasons)


def recognised(outcome: str, *reasons: str) -> Expected:
    """Expect an outcome of the Recognition Scheme."""
    return Expected("recognition", outcome, None, reasons)
