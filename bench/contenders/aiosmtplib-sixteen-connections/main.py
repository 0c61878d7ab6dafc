"""aiosmtplib with a pool by hand: sixteen open connections, each with one mail after the other."""

import asyncio
import os
from email.message import EmailMessage

import aiosmtplib
import uvloop

CONNECTIONS = 16
BODY = "Dear Sir or Madam,\n\nwe have received your application.\n\n" + "Yours faithfully\n" * 20


def message(number):
    """Build one mail."""
    mail = EmailMessage()
    mail["From"] = "no-reply@example.com"
    mail["To"] = f"applicant-{number}@example.com"
    mail["Subject"] = f"Your application {number}"
    mail.set_content(BODY)
    return mail


async def send(numbers):
    """Send mails over one connection, until all connections have sent them all."""
    port = int(os.environ["SMTP_PORT"])
    async with aiosmtplib.SMTP(hostname="127.0.0.1", port=port) as smtp:
        for number in numbers:
            await smtp.send_message(message(number))


async def main():
    """Send all mails."""
    numbers = iter(range(int(os.environ["BENCH_MAILS"])))
    await asyncio.gather(*(send(numbers) for _ in range(CONNECTIONS)))


if __name__ == "__main__":
    uvloop.run(main())
