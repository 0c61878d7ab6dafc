"""Who may do what, and how soon a revoked key stops working."""

from dataclasses import replace
from http import HTTPStatus

import pytest

from services.intake.access.authentication import ANONYMOUS, Authenticator, new_key
from services.intake.store.api_keys import ApiKey, Right
from shared.errors import TransientError
from shared.http.problems import Problem
from tests.factories import NOW

KEY = new_key()
RECORD = ApiKey(KEY.id, "samples", KEY.secret_sha256, frozenset({Right.BACKDATE}), NOW)


class FakeKeys:
    """API keys in memory; counts look-ups."""

    def __init__(self) -> None:
        self.record: ApiKey | None = RECORD
        self.is_down = False
        self.lookups = 0

    async def find(self, key_id: str) -> ApiKey | None:
        self.lookups += 1
        if self.is_down:
            raise TransientError
        return self.record if self.record and self.record.id == key_id else None


class Clock:
    """Monotonic seconds that a test moves."""

    seconds = 1_000.0

    def __call__(self) -> float:
        return self.seconds


@pytest.fixture
def keys():
    return FakeKeys()


@pytest.fixture
def clock():
    return Clock()


@pytest.fixture
def authenticator(keys, clock):
    return Authenticator(keys.find, allow_anonymous=True, cache_seconds=5, now=clock)


async def refusal(authenticator, header) -> Problem:
    with pytest.raises(Problem) as raised:
        await authenticator.client(header)
    assert raised.value.status == HTTPStatus.UNAUTHORIZED
    assert raised.value.headers["WWW-Authenticate"] == 'Bearer realm="cppp"'
    return raised.value


async def test_a_key_tells_its_client_and_its_rights(authenticator):
    client = await authenticator.client(f"Bearer {KEY.text}")

    assert client.id == KEY.id
    assert client.rights == {"backdate"}


async def test_without_a_key_one_is_anonymous_where_that_is_allowed(authenticator, keys):
    assert await authenticator.client(None) == ANONYMOUS

    strict = Authenticator(keys.find, allow_anonymous=False, cache_seconds=5)
    assert "requires an API key" in (await refusal(strict, None)).detail


@pytest.mark.parametrize(
    "header",
    [
        "",
        "Bearer",
        "Bearer x",
        f"Basic {KEY.text}",
        f"Bearer {KEY.text}0",
        f"Bearer {KEY.text[:-1]}",
        f"Bearer {KEY.text.upper()}",
        f"Bearer {new_key().text}",
        f"Bearer cppp_{KEY.id}_{'0' * 64}",
    ],
    ids=[
        "nothing",
        "no key",
        "no such form",
        "another scheme",
        "one more character",
        "one character less",
        "upper case",
        "an unknown key",
        "a wrong secret",
    ],
)
async def test_any_other_key_is_refused_and_never_anonymous(authenticator, header):
    await refusal(authenticator, header)


async def test_a_revoked_key_is_refused_once_its_record_is_looked_up_again(
    authenticator, keys, clock
):
    await authenticator.client(f"Bearer {KEY.text}")
    keys.record = replace(RECORD, revoked_at=NOW)

    clock.seconds += 4.9
    assert await authenticator.client(f"Bearer {KEY.text}")
    clock.seconds += 0.1
    await refusal(authenticator, f"Bearer {KEY.text}")


async def test_a_record_is_remembered_between_requests(authenticator, keys):
    for _ in range(10):
        await authenticator.client(f"Bearer {KEY.text}")

    assert keys.lookups == 1


async def test_while_nobody_can_tell_a_key_is_neither_accepted_nor_refused(authenticator, keys):
    keys.is_down = True

    with pytest.raises(TransientError):
        await authenticator.client(f"Bearer {KEY.text}")


async def test_inventing_keys_does_not_fill_the_memory(authenticator, keys):
    for _ in range(2_500):
        await refusal(authenticator, f"Bearer {new_key().text}")

    assert keys.lookups == 2_500
    assert len(authenticator._cache) <= 1_000  # noqa: SLF001  # what the promise is about


def test_of_a_secret_nothing_can_be_read_in_its_record():
    assert KEY.text.split("_")[2] not in repr(RECORD)
    assert new_key().text != new_key().text
