"""A day in each phase, and decisions on applications received on it."""

from datetime import date

from services.eligibility.rules.programme import load_programme
from services.eligibility.rules.rules import decide
from tests.factories import an_application

PROGRAMME = load_programme()
IN_PHASE = {
    "2": date(2014, 6, 3),
    "3": date(2017, 6, 3),
    "4": date(2023, 6, 3),
    "5": date(2026, 6, 3),
}


def decided(phase, stream, **changes):
    return decide(an_application(stream, **changes), IN_PHASE[phase], PROGRAMME)
