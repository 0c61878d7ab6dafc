"""The types of labels: awarded here, imported from earlier years, shown as certificates."""

from dataclasses import dataclass
from datetime import date, datetime
from typing import Final, Literal
from uuid import UUID, uuid5

from typing_extensions import override

from services.recognition.rules.certificate_number import normalised
from services.recognition.rules.claims import claim_to
from services.recognition.rules.steps import Award
from shared.events.intake import Category
from shared.identifiers import canonical

MANUFACTURING: Final[frozenset[Category]] = frozenset(
    {"partner-manufacturing", "excellent-partner-manufacturing"}
)
"""The labels that count as an earlier Partner label: an Excellent Partner has been a Partner."""

_HISTORY_IDS: Final = UUID("3b0f1a52-9f0c-5d0c-8a4e-2f6f3f6b1d90")

Validity = Literal["valid", "expired", "not-yet-valid", "days-not-known"]


@dataclass(frozen=True, slots=True)
class Certificate:
    """The content of a certificate. Days are null if the history does not have them."""

    certificate_number: str
    category: Category
    enterprise_name: str
    round_year: int
    valid_from: date | None
    valid_to: date | None

    def validity(self, today: date) -> Validity:
        """Return whether the label is valid on a Hong Kong day, the last one included."""
        if self.valid_to is None:
            return "days-not-known"
        if self.valid_to < today:
            return "expired"
        return "not-yet-valid" if self.valid_from and today < self.valid_from else "valid"


@dataclass(frozen=True, slots=True)
class AwardedLabel:
    """The data of one `LabelAwarded`, with its trace context."""

    application_id: str
    version: int
    certificate_number: str
    category: Category
    enterprise_name: str
    business_registration_number: str
    round_year: int
    valid_from: date
    valid_to: date
    rule_version: str
    awarded_at: datetime
    traceparent: str = ""

    @property
    def award(self) -> Award:
        """The number and the days of the label."""
        return Award(
            self.version, self.certificate_number, self.valid_from, self.valid_to, self.claim
        )

    @property
    def claim(self) -> str:
        """What the label claims; no other label has the same."""
        return claim_to(self.business_registration_number, self.round_year, self.category)

    @property
    def certificate(self) -> Certificate:
        """The certificate of the label."""
        return Certificate(
            self.certificate_number,
            self.category,
            self.enterprise_name,
            self.round_year,
            self.valid_from,
            self.valid_to,
        )


@dataclass(frozen=True, slots=True, eq=False)
class HistoricalLabel:
    """A label of an earlier round, from an imported file.

    Two are equal if they say the same, however their numbers and names are typed.
    """

    round_year: int
    category: Category
    enterprise_name: str
    business_registration_number: str | None = None
    certificate_number: str | None = None
    valid_from: date | None = None
    valid_to: date | None = None
    source: str | None = None

    @property
    def id(self) -> str:
        """The identity of the label: its number, or enterprise, category and round."""
        if self.certificate_number:
            name = f"number/{normalised(self.certificate_number)}"
        else:
            holder = self.business_registration_number or _name_key(self.enterprise_name)
            name = f"{self.round_year}/{self.category}/{holder}"
        return str(uuid5(_HISTORY_IDS, name))

    @override
    def __eq__(self, other: object) -> bool:  # the class says it
        return isinstance(other, HistoricalLabel) and self._content() == other._content()

    @override
    def __hash__(self) -> int:  # as equality
        return hash(self._content())

    def _content(self) -> tuple[object, ...]:
        return (
            self.round_year,
            self.category,
            _name_key(self.enterprise_name),
            self.business_registration_number,
            normalised(self.certificate_number or ""),
            self.valid_from,
            self.valid_to,
            self.source,
        )

    @property
    def claim(self) -> str | None:
        """What the label claims; `None` without the number of its enterprise."""
        number = self.business_registration_number
        return claim_to(number, self.round_year, self.category) if number else None

    @property
    def certificate(self) -> Certificate:
        """The certificate of the label, as far as it is known."""
        return Certificate(
            self.certificate_number or "",
            self.category,
            self.enterprise_name,
            self.round_year,
            self.valid_from,
            self.valid_to,
        )


def _name_key(name: str) -> str:
    return canonical(name) or name
