"""The quick check of an address takes nothing that the full one refuses, and changes nothing."""

import pytest
from email_validator import validate_email
from hypothesis import given
from hypothesis import strategies as st
from pydantic import TypeAdapter, ValidationError

from shared.events.intake import Contact, is_ordinary

CONTACT = TypeAdapter(Contact)
LABELS = st.from_regex(r"[a-z0-9-]{1,64}", fullmatch=True)
ENDS = st.sampled_from(
    ["org", "hk", "test", "local", "arpa", "x", "c0m", "invalid", "onion", "xn--j6w193g"]
)
LOCAL = st.from_regex(r"[A-Za-z0-9_+.-]{1,66}", fullmatch=True)
ADDRESSES = st.builds(
    lambda local, labels, end: f"{local}@{'.'.join([*labels, end])}",
    LOCAL,
    st.lists(LABELS, max_size=5),
    ENDS,
)


@given(ADDRESSES | st.emails() | st.text())
def test_what_is_ordinary_is_right_and_stays_as_it_is(address):
    if is_ordinary(address):
        assert validate_email(address, check_deliverability=False).normalized == address


@pytest.mark.parametrize(
    "address",
    [
        "chan.tai.man@example.org",
        "Chan_Tai-Man+grant@mail.example.com.hk",
        "1@2.hk",
        f"{'a' * 64}@example.org",
        f"a@{'b' * 63}.org",
    ],
)
def test_what_people_have_is_ordinary(address):
    assert is_ordinary(address)


@pytest.mark.parametrize(
    "address",
    [
        "a@localhost",
        "a@example.test",
        "a@printer.local",
        "a@1.in-addr.arpa",
        "a..b@example.org",
        ".a@example.org",
        f"a@{'b' * 64}.org",
        "a@-b.org",
        "a@b-.org",
        "a@b..org",
        f"a@{'b.' * 126}org",
        "a@xn--a.org",
        "a@ab--c.org",
        "a@example.123",
        "a@example.org\n",
        "a b@example.org",
    ],
)
def test_what_is_wrong_is_refused_by_the_full_check(address):
    assert not is_ordinary(address)
    with pytest.raises(ValidationError):
        CONTACT.validate_python({"name": "A", "email": address, "language": "en"})


@pytest.mark.parametrize(
    ("address", "kept"),
    [
        ("a@EXAMPLE.org", "a@example.org"),
        ("o'neil@example.org", "o'neil@example.org"),
        ("a@b\u00fccher.example.org", "a@b\u00fccher.example.org"),
        ("a@xn--bcher-kva.example.org", "a@b\u00fccher.example.org"),
    ],
)
def test_what_is_rare_and_right_is_taken_as_the_full_check_has_it(address, kept):
    assert not is_ordinary(address)
    contact = CONTACT.validate_python({"name": "A", "email": address, "language": "en"})
    assert contact.email == kept
