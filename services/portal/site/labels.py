"""All labels awarded on the platform, in memory. Pure."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import Literal

from services.portal.site.folding import folded
from shared.events.recognition import LabelAwarded, LabelExpired
from shared.identifiers import canonical

LabelStatus = Literal["valid", "expired", "not-yet-valid"]


@dataclass(frozen=True, slots=True)
class Label:
    """A label; `key` is the canonical form of its certificate's number, `name` the folded name."""

    key: str
    number: str
    category: str
    enterprise: str
    name: str
    year: int
    valid_from: date
    valid_to: date
    has_expired: bool = False

    def status_on(self, today: date) -> LabelStatus:
        """Return whether the label is valid on a Hong Kong day, its last one included."""
        if self.has_expired or self.valid_to < today:
            return "expired"
        return "not-yet-valid" if today < self.valid_from else "valid"


@dataclass(frozen=True, slots=True)
class Register:
    """All labels, and by their keys; the latest round first, in it by name."""

    all: Sequence[Label] = ()
    by_key: Mapping[str, Label] = field(default_factory=dict)


@dataclass(slots=True)
class LabelFacts:
    """Awards and expiries so far. They come in any order: the result is the same."""

    _awarded: dict[str, LabelAwarded] = field(default_factory=dict)
    _expired: set[str] = field(default_factory=set)
    _register: Register | None = None

    def award(self, label: LabelAwarded) -> None:
        """Take a label in."""
        self._awarded[canonical(label.certificate_number)] = label
        self._register = None

    def expire(self, label: LabelExpired) -> None:
        """Take in that a label has expired, also before the label itself."""
        self._expired.add(canonical(label.certificate_number))
        self._register = None

    def register(self) -> Register:
        """Return what holds now."""
        if self._register is None:
            labels = [
                _label(key, own, has_expired=key in self._expired)
                for key, own in self._awarded.items()
            ]
            labels.sort(key=lambda each: (-each.year, each.name, each.key))
            self._register = Register(labels, {each.key: each for each in labels})
        return self._register


def _label(key: str, own: LabelAwarded, *, has_expired: bool) -> Label:
    return Label(
        key,
        own.certificate_number,
        own.category,
        own.enterprise_name,
        folded(own.enterprise_name),
        own.round_year,
        own.valid_from,
        own.valid_to,
        has_expired,
    )
