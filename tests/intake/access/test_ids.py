"""Ids that a retry finds again and that nobody can guess."""

from uuid import UUID

from hypothesis import given
from hypothesis import strategies as st
from pydantic import TypeAdapter

from services.intake.access.ids import Identity
from shared.events.envelope import ApplicationId

IDENTITY = Identity("a secret of at least 32 characters")
CLIENTS = st.sampled_from(["anonymous", "0123456789ab", "ba9876543210"])
KEYS = st.text(st.characters(min_codepoint=0x21, max_codepoint=0x7E), min_size=1, max_size=255)


@given(CLIENTS, KEYS)
def test_every_id_is_an_application_id_and_a_uuid_of_version_8(client, key):
    application_id = IDENTITY.application_id(client, key)

    assert TypeAdapter(ApplicationId).validate_python(application_id) == application_id
    assert UUID(application_id).version == 8
    assert UUID(application_id).variant == "specified in RFC 4122"


@given(CLIENTS, KEYS)
def test_the_same_client_and_key_always_give_the_same_id(client, key):
    again = Identity("a secret of at least 32 characters")

    assert IDENTITY.application_id(client, key) == again.application_id(client, key)


@given(st.tuples(CLIENTS, KEYS), st.tuples(CLIENTS, KEYS))
def test_different_clients_or_keys_give_different_ids(one, other):
    assert (one == other) == (IDENTITY.application_id(*one) == IDENTITY.application_id(*other))


def test_without_the_secret_neither_id_nor_fingerprint_can_be_derived():
    other = Identity("another secret of at least 32 characters")

    assert other.application_id("c", "k") != IDENTITY.application_id("c", "k")
    assert other.fingerprint(b"body") != IDENTITY.fingerprint(b"body")


@given(st.binary(), st.binary())
def test_fingerprints_are_equal_for_the_same_bytes_only(one, other):
    assert (one == other) == (IDENTITY.fingerprint(one) == IDENTITY.fingerprint(other))


def test_ids_never_change():
    """Otherwise a client's retry would not find its application any more."""
    assert IDENTITY.application_id("anonymous", "key-1") == "753bc301-4ee6-8435-a21e-023b250aedba"
    assert IDENTITY.application_id("anonymous", "key-2") == "32ac4194-a807-83db-8600-b583921511a1"
