"""FastStream and aiosmtplib as their documentations show them: a connection for every mail."""

import asyncio
import os
from datetime import UTC, datetime
from email.message import EmailMessage

import aiosmtplib
import common
from faststream import FastStream
from faststream.kafka import KafkaBroker
from motor.motor_asyncio import AsyncIOMotorClient

broker = KafkaBroker(common.KAFKA, logger=None)
app = FastStream(broker, logger=None)
notifications = AsyncIOMotorClient(common.MONGODB)["bench-documented"]["notifications"]


@broker.subscriber(common.APPLICATIONS, group_id="notifier", auto_offset_reset="earliest")
async def acknowledge(event: common.Submitted):
    """Send the mail about the receipt of an application."""
    text = f"we have received your application {event.application_id}."
    await send(event.application_id, "receipt", event.email, text)


@broker.subscriber(
    common.ELIGIBILITY,
    common.RECOGNITION,
    group_id="notifier-of-decisions",
    auto_offset_reset="earliest",
)
async def inform(event: common.Decided):
    """Send the mail about a decision."""
    reasons = "\n".join(event.reasons)
    text = f"the outcome of your application is: {event.outcome}.\n\n{reasons}"
    await send(event.application_id, "decision", event.email, text)


async def send(application_id, about, email, text):
    """Send one mail, and record it."""
    mail = EmailMessage()
    mail["From"] = "no-reply@example.com"
    mail["To"] = email
    mail["Subject"] = f"Your application: {about}"
    mail.set_content(f"Dear Sir or Madam,\n\n{text}\n\nYours faithfully\n")
    await aiosmtplib.send(mail, hostname="127.0.0.1", port=int(os.environ["SMTP_PORT"]))
    notification = {"_id": f"{application_id}:{about}", "sent_at": datetime.now(UTC)}
    await notifications.insert_one(notification)


if __name__ == "__main__":
    asyncio.run(app.run())
