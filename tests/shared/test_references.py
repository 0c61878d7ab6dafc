"""The short reference of an application."""

from uuid import UUID, uuid4

import pytest
from hypothesis import given
from hypothesis import strategies as st
from stdnum.iso7064 import mod_37_36

from shared.events.envelope import EventIdentity
from shared.events.intake import APPLICATIONS, CONTACTS
from shared.references import id_prefix, parse_reference, reference_of
from tests.factories import NOW

ID = "5683f927-9752-8bef-bb81-b06046b53d29"
ids = st.uuids().map(str)


def test_the_reference_of_an_id_never_changes():
    assert reference_of(ID) == "AT1Z-J9WQ-AAZQ"


@given(ids)
def test_the_last_character_is_the_check_character_of_iso_7064(application_id):
    digits = reference_of(application_id).replace("-", "")

    assert mod_37_36.is_valid(digits, "0123456789ABCDEFGHJKMNPQRSTVWXYZ")


@given(ids)
def test_a_reference_has_three_groups_of_characters_that_are_not_mistaken(application_id):
    reference = reference_of(application_id)

    assert [len(each) for each in reference.split("-")] == [4, 4, 4]
    assert not set("ILOU") & set(reference)
    assert reference.isascii()


@pytest.mark.parametrize(
    "typed",
    [
        lambda reference: reference,
        str.lower,
        lambda reference: reference.replace("-", ""),
        lambda reference: reference.replace("-", " "),
        lambda reference: f"  {reference}\n",
        lambda reference: reference.replace("-", "\N{NON-BREAKING HYPHEN}"),
        lambda reference: reference.replace("0", "o").replace("1", "l"),
        lambda reference: "".join(chr(ord(each) + 0xFEE0) for each in reference),  # full width
    ],
)
@given(application_id=ids)
def test_a_reference_is_read_as_people_type_it(typed, application_id):
    reference = reference_of(application_id)

    assert parse_reference(typed(reference)) == reference


@given(ids, st.integers(0, 11), st.sampled_from("0123456789ABCDEFGHJKMNPQRSTVWXYZ"))
def test_one_wrong_character_is_always_noticed(application_id, place, character):
    digits = reference_of(application_id).replace("-", "")
    mistyped = digits[:place] + character + digits[place + 1 :]

    assert (parse_reference(mistyped) is None) == (mistyped != digits)


@given(st.text(max_size=14))
def test_any_other_text_is_no_reference(text):
    found = parse_reference(text)

    assert found is None or parse_reference(found) == found


@pytest.mark.parametrize("text", ["", "-", ID, "7K3D-9QXM", "U" * 12, "é" * 12, str(UUID(int=0))])
def test_what_is_no_reference_is_not_read(text):
    assert parse_reference(text) is None


@given(ids)
def test_the_ids_of_a_reference_begin_with_its_prefix(application_id):
    assert application_id.startswith(id_prefix(reference_of(application_id)))


def test_ids_that_differ_only_behind_what_a_reference_has_share_it():
    other = ID[:20] + "0000-000000000000"

    assert other != ID
    assert reference_of(other) == reference_of(ID)


def test_different_applications_have_different_references():
    assert len({reference_of(str(uuid4())) for _ in range(20_000)}) == 20_000


def test_what_is_said_about_one_application_derives_its_reference_once():
    derived = reference_of.cache_info().misses
    identity = EventIdentity("A", str(uuid4()), "1", NOW)

    for topic in (APPLICATIONS, CONTACTS):
        identity.record(topic, b"{}")
    reference_of(identity.application_id)

    assert reference_of.cache_info().misses == derived + 1
