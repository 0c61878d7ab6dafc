"""How long a mail server may take to answer, by command (RFC 5321, section 4.5.3.2)."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class TimeLimits:
    """Seconds for each answer; `block` is for sending a part of the mail.

    Servers scan and queue a mail before they answer its final dot: a shorter limit would send it
    again although it was accepted.
    """

    greeting: float = 300
    command: float = 300
    mail: float = 300
    rcpt: float = 300
    data: float = 120
    block: float = 180
    end: float = 600
