"""What statistics keep of an event."""

from datetime import UTC, datetime

import pytest

from samples.vocabulary import CITIES
from services.portal.statistics.entries import TYPES, entry_of
from services.portal.statistics.places import place_of
from tests.examples import event_examples
from tests.factories import FACTORY, a_submission, an_event


def kept(data):
    return entry_of(an_event(data))


@pytest.mark.parametrize("kind", [each.__name__ for each in TYPES])
def test_nothing_that_names_or_identifies_anybody_is_kept(kind):
    for data in event_examples(kind):
        entry = kept(data)

        assert entry.kind == kind
        assert entry.application_id == data.application_id
        assert set(entry.value) <= {
            *("version", "scheme", "stream", "industry", "place", "month"),
            *("rank", "at", "outcome", "phase", "grant_cents"),
        }


def test_other_events_are_not_of_statistics():
    assert kept(event_examples("ProgrammePublished")[0]) is None


def test_an_application_is_kept_by_what_is_counted():
    data = a_submission(received_at=datetime(2026, 10, 31, 16, 0, tzinfo=UTC))

    assert kept(data).value == {
        "version": 1,
        "scheme": "funding",
        "stream": "assessment",
        "industry": "textiles",
        "place": "dongguan",
        "month": "2026-11",  # the first minute of the month in Hong Kong
    }


@pytest.mark.parametrize(
    ("stream", "field", "value"),
    [
        ("organisation-support", "industry", "no-factory"),
        ("organisation-support", "place", "no-factory"),
        ("recognition", "stream", "partner-manufacturing"),
        ("recognition", "scheme", "recognition"),
        ("recognition", "industry", FACTORY["industry"]),
    ],
)
def test_an_application_without_a_factory_and_one_for_a_label(stream, field, value):
    assert kept(a_submission(stream)).value[field] == value


@pytest.mark.parametrize(
    ("place", "city", "code"),
    [
        ("guangdong", "Dongguan", "dongguan"),
        ("guangdong", "DONGGUAN CITY", "dongguan"),
        ("guangdong", "Dong Guan", "dongguan"),
        ("guangdong", "東莞", "dongguan"),
        ("guangdong", "广东省东莞市", "dongguan"),
        ("guangdong", "東莞市長安鎮", "dongguan"),
        ("guangdong", "Chang\u2019an, Dongguan, Guangdong", "dongguan"),
        ("guangdong", "Shunde (Foshan)", "foshan"),
        ("guangdong", "Nanhai", "foshan"),
        ("guangdong", "\uff26oshan", "foshan"),
        ("guangdong", "Nowhere", "other-guangdong"),
        ("guangdong", "123 456", "other-guangdong"),
        ("guangdong", "City", "other-guangdong"),
        ("hong-kong", "Kwun Tong", "hong-kong"),
        ("elsewhere", "Dongguan", "elsewhere"),
    ],
)
def test_a_city_is_known_in_each_language_and_by_its_towns(place, city, code):
    assert place_of(place, city) == code


def test_the_cities_of_the_samples_are_known():
    for names in CITIES["guangdong"]:
        assert len({place_of("guangdong", each) for each in names}) == 1
        assert place_of("guangdong", names[0]) == names[0].lower()
