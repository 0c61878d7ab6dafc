"""The grants of the Programme and their periods by the public sources; the samples rely on them.

Written down here a second time on purpose: the expected outcomes must not follow from the
services' own rules and data, which are tested against them. Marks of sources: docs/sources.md.
"""

from dataclasses import dataclass
from datetime import date
from typing import Final


@dataclass(frozen=True, slots=True)
class Offer:
    """A stream of a phase that gives half of the eligible cost, up to a ceiling.

    The days are those on which the phase is open for certain. Projects of the samples end within
    `days_at_most`, which is within every limit on their length.
    """

    phase: str
    stream: str
    first_day: date
    last_day: date
    ceiling_cents: int
    days_at_most: int
    source: str
    developed_by: str = "others"


PHASE_1: Final = (date(2008, 4, 18), date(2013, 1, 20))  # S6, S13
PHASE_2: Final = (date(2013, 4, 1), date(2015, 3, 31))  # S14
PHASE_3: Final = (date(2015, 6, 15), date(2020, 3, 31))  # S1
PHASE_4: Final = (date(2020, 12, 31), date(2025, 3, 31))  # opening in 2020 (S5), end S11
PHASE_5: Final = (date(2025, 12, 31), date(2026, 10, 31))  # opening in 2025 (S10)

OFFERS: Final = (
    Offer("2", "assessment", *PHASE_2, 2_500_000, 85, "S14"),
    Offer("2", "demonstration", *PHASE_2, 30_000_000, 330, "S14"),
    Offer("3", "assessment", *PHASE_3, 2_800_000, 85, "S1"),
    Offer("3", "demonstration", *PHASE_3, 33_000_000, 330, "S1"),
    Offer("4", "assessment", *PHASE_4, 4_500_000, 85, "S9"),
    Offer("4", "demonstration-i", *PHASE_4, 45_000_000, 330, "S9"),
    Offer("4", "demonstration-ii", *PHASE_4, 65_000_000, 330, "S9"),
    Offer("5", "new-technology", *PHASE_5, 65_000_000, 330, "S10"),
    Offer("5", "new-technology", *PHASE_5, 75_000_000, 330, "S10", "hong-kong"),
    Offer("5", "new-technology", *PHASE_5, 75_000_000, 330, "S10", "hong-kong-and-guangdong"),
)
ASSESSMENTS: Final = tuple(each for each in OFFERS if each.stream == "assessment")
DEMONSTRATIONS: Final = tuple(each for each in OFFERS if each.stream.startswith("demonstration"))

# Days on which no phase was open for certain (S13, S14; S1, S4).
GAPS: Final = ((date(2013, 1, 21), date(2013, 3, 31)), (date(2015, 4, 1), date(2015, 6, 14)))
# Days on which it depends on an opening day that no source gives (S5, S10).
UNSETTLED_DAYS: Final = {
    "demonstration-i": (date(2020, 4, 1), date(2020, 12, 30)),
    "new-technology": (date(2025, 4, 1), date(2025, 12, 30)),
}
# Streams that a phase does not have, though others do (S1, S9, S10, S14).
STREAMS_OF_OTHER_PHASES: Final = (
    ("demonstration-i", *PHASE_2),
    ("new-technology", *PHASE_2),
    ("verification", *PHASE_3),
    ("demonstration-ii", *PHASE_3),
    ("demonstration", *PHASE_4),
    ("verification", *PHASE_4),
    ("assessment", *PHASE_5),
    ("demonstration", *PHASE_5),
)

# Rounds of recognition: no source gives a day, these are the shipped calendar's (a setting).
FIRST_DAY_OF_ROUND: Final = (3, 1)
LAST_DAY_OF_ROUND: Final = (7, 31)
LAST_ROUND_YEAR: Final = 2026
