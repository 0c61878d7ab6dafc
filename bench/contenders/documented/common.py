"""What the four programs have in common: addresses, names, and the models of their messages."""

import os
from datetime import datetime

import faststream  # noqa: F401  # fails at once where the environment is another one
from pydantic import BaseModel

from bench.contenders import lenient  # noqa: F401  # before the event models
from shared.events.intake import Application, Contact

KAFKA = os.environ["KAFKA_BOOTSTRAP_SERVERS"]
MONGODB = os.environ["MONGODB_URL"]
APPLICATIONS = "bench.documented.applications"
ELIGIBILITY = "bench.documented.eligibility"
RECOGNITION = "bench.documented.recognition"


class Submission(BaseModel):
    """The body of a POST."""

    application: Application
    contact: Contact


class Submitted(BaseModel):
    """An application that was accepted, with the address that mails about it go to."""

    application_id: str
    received_at: datetime
    email: str
    application: Application


class Decided(BaseModel):
    """A decision, with the address that the mail about it goes to."""

    application_id: str
    email: str
    outcome: str
    grant_cents: int | None = None
    reasons: list[str]
    decided_at: datetime
