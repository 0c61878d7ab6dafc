"""What a scenario measures besides the effects of its load."""

from dataclasses import dataclass, field


@dataclass(frozen=True)
class Recovery:
    """How long it took from a fault to the service's next effect."""

    service: str
    seconds: float


@dataclass
class Measurements:
    """What a scenario measured, and which of its expectations failed (`complaints`).

    `repeats_allowed` is how many mails may be repeated.
    """

    faults: int = 0
    crashes: int = 0
    repeats_allowed: int = 0
    recoveries: list[Recovery] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)
    complaints: list[str] = field(default_factory=list)
