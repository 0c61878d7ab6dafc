"""Applicants who send their applications over HTTP and read their mails."""

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
class Sent:
    """An application that was accepted."""

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

    def send(self, stream: str) -> Sent:
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
        return Sent(answer.headers["Location"].rsplit("/", 1)[1], stream, email)

    def decisions(self, sent: Sent) -> list[dict[str, Any]]:
        """Ask the deciding service for an application's decisions; none yet is an empty list."""
        path = f"{self.platform.url(sent.decided_by)}/v1/decisions/{sent.id}"
        try:
            answer = self.http.get(path)
        except httpx.TransportError:  # it may be restarting
            return []
        return list(answer.json()) if answer.status_code == httpx.codes.OK else []

    def mails(self, sent: Sequence[Sent]) -> Mails:
        """Return the mails to each of these applicants, by application id."""
        caught = self.http.get(f"{self.platform.url('mail-web')}/email").json()
        return {
            each.id: [mail for mail in caught if each.email in [to["address"] for to in mail["to"]]]
            for each in sent
        }

    def both_mails(self, sent: Sequence[Sent]) -> Mails | None:
        """Return all mails once every applicant has that of receipt and that of the outcome."""
        mails = self.mails(sent)
        return mails if all(len(each) >= 2 for each in mails.values()) else None


@contextmanager
def applicants_of(platform: Platform) -> Iterator[Applicants]:
    """Let applicants use a platform."""
    with httpx.Client(timeout=30) as http:
        yield Applicants(platform, http)
