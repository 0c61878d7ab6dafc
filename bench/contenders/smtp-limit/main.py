"""The upper limit of the sink: eight connections send prepared bytes."""

import asyncio
import os

import uvloop

CONNECTIONS = 8
LINES = b"Subject: Your application\r\n\r\n" + b"we have received your application.\r\n" * 20
ENVELOPE = b"MAIL FROM:<no-reply@example.com>\r\nRCPT TO:<applicant@example.com>\r\nDATA\r\n"


async def read_lines(reader, number):
    """Read a number of reply lines."""
    for _ in range(number):
        await reader.readline()


async def send(mails):
    """Send mails over one connection; wait for the reply to DATA before the content of each."""
    reader, writer = await asyncio.open_connection("127.0.0.1", int(os.environ["SMTP_PORT"]))
    writer.write(b"EHLO bench\r\n")
    await read_lines(reader, 5)
    for _ in range(mails):
        writer.write(ENVELOPE)
        await read_lines(reader, 3)
        writer.write(LINES + b".\r\n")
        await read_lines(reader, 1)
    writer.close()


async def main():
    """Send all mails."""
    mails = int(os.environ["BENCH_MAILS"])
    shares = [mails // CONNECTIONS] * (CONNECTIONS - 1)
    await asyncio.gather(*map(send, [*shares, mails - sum(shares)]))


if __name__ == "__main__":
    uvloop.run(main())
