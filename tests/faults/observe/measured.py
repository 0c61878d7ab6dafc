"""What a scenario measures besides the effects of its load."""

from dataclasses import dataclass, field


@dataclass(frozen=True)
class Recovery:
    """How long it took from a fault until a service had an effect again."""

    service: str
    seconds: float


@dataclass
class Measured:
    """What a scenario measures, and what it sees that must not be.

    `repeats_allowed` is how many mails may come twice.
    """

    faults: int = 0
    crashes: int = 0
    repeats_allowed: int = 0
    recoveries: list[Recovery] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)
    complaints: list[str] = field(default_factory=list)
