"""Applicants who submit applications over HTTP and read their mails."""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any
from uuid import uuid4

import httpx

from tests.containers.compose import Platform
from tests.factories import application_body

Mails = dict[str, list[dict[str, Any]]]


@dataclass(frozen=True)
class Accepted:
    """An accepted application."""

    id: str
    stream: str
    email: str

    @property
    def decided_by(self) -> str:
        """The service that decides it."""
        return "recognition" if self.stream == "recognition" else "eligibility"


@dataclass(frozen=True)
class Applicants:
    """All applicants of one platform."""

    platform: Platform
    http: httpx.Client

    def submit(self, stream: str) -> Accepted:
        """Submit a complete application of a new applicant; it must be accepted."""
        key = str(uuid4())
        email = f"{key}@example.org"
        answer = self.http.post(
            f"{self.platform.url('intake')}/v1/applications",
            headers={"Idempotency-Key": key},
            json={
                "application": application_body(stream),
                "contact": {"name": "Chan Tai Man", "email": email, "language": "zh-Hant"},
            },
        )
        assert answer.status_code == httpx.codes.ACCEPTED, answer.text
        return Accepted(answer.headers["Location"].rsplit("/", 1)[1], stream, email)

    def decisions(self, application: Accepted) -> list[dict[str, Any]]:
        """Read the decisions on an application; the list is empty while there is none."""
        path = f"{self.platform.url(application.decided_by)}/v1/decisions/{application.id}"
        try:
            answer = self.http.get(path)
        except httpx.TransportError:  # it may be restarting
            return []
        return list(answer.json()) if answer.status_code == httpx.codes.OK else []

    def mails(self, applications: Sequence[Accepted]) -> Mails:
        """Return the mails to each of these applicants, by application id."""
        received = self.http.get(f"{self.platform.url('mail-web')}/email").json()
        return {
            each.id: [
                mail for mail in received if each.email in [to["address"] for to in mail["to"]]
            ]
            for each in applications
        }

    def both_mails(self, applications: Sequence[Accepted]) -> Mails | None:
        """Return all mails once every applicant has the receipt and the outcome."""
        mails = self.mails(applications)
        return mails if all(len(each) >= 2 for each in mails.values()) else None


@contextmanager
def applicants_of(platform: Platform) -> Iterator[Applicants]:
    """Open an HTTP client for the applicants of a platform."""
    with httpx.Client(timeout=30) as http:
        yield Applicants(platform, http)
