"""aiosmtplib as its documentation begins: a connection for every mail, one after the other."""

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
    for number in range(int(os.environ["BENCH_MAILS"])):
        port = int(os.environ["SMTP_PORT"])
        await aiosmtplib.send(message(number), hostname="127.0.0.1", port=port)


if __name__ == "__main__":
    uvloop.run(main())
