"""aiosmtplib with one open connection: build and send one mail after the other."""

import os
from email.message import EmailMessage

import aiosmtplib
import uvloop

BODY = "Dear Sir or Madam,\n\nwe have received your application.\n\n" + "Yours faithfully\n" * 20


def message(number):
    """Build one mail."""
    mail = EmailMessage()
    mail["From"] = "no-reply@example.com"
    mail["To"] = f"applicant-{number}@example.com"
    mail["Subject"] = f"Your application {number}"
    mail.set_content(BODY)
    return mail


async def main():
    """Send all mails."""
    port = int(os.environ["SMTP_PORT"])
    async with aiosmtplib.SMTP(hostname="127.0.0.1", port=port) as smtp:
        for number in range(int(os.environ["BENCH_MAILS"])):
            await smtp.send_message(message(number))


if __name__ == "__main__":
    uvloop.run(main())
