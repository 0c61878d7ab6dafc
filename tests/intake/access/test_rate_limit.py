"""Each client has its own allowance: who sends too much waits, and nobody else does."""

from http import HTTPStatus
from uuid import uuid4

import pytest
from hypothesis import given
from hypothesis import strategies as st

from shared.http.problems import Problem
from shared.http.rate_limit import RateLimit, network_of
from tests.intake.http import URL, api_key, problem
from tests.intake.running import running_intake
from tests.intake.submissions import body, headers


class Clock:
    """Seconds that a test lets pass."""

    def __init__(self) -> None:
        self.seconds = 1000.0

    def __call__(self) -> float:
        return self.seconds


@pytest.fixture
def clock():
    return Clock()


def taken(limit: RateLimit, client: str, times: int) -> int:
    """Count how many of so many requests are let through."""
    count = 0
    for _ in range(times):
        try:
            limit.take(client)
        except Problem:
            continue
        count += 1
    return count


def test_a_whole_minutes_allowance_may_come_at_once_and_no_more(clock):
    assert taken(RateLimit(60, clock), "a", 200) == 60


def test_it_refills_steadily(clock):
    limit = RateLimit(60, clock)
    taken(limit, "a", 60)

    clock.seconds += 3

    assert taken(limit, "a", 10) == 3


def test_one_clients_spike_takes_nothing_from_others(clock):
    limit = RateLimit(10, clock)
    taken(limit, "a", 1_000)

    assert taken(limit, "b", 20) == 10


def test_who_is_refused_hears_when_it_is_worth_while(clock):
    limit = RateLimit(6, clock)
    taken(limit, "a", 6)

    with pytest.raises(Problem) as refusal:
        limit.take("a")

    clock.seconds += int(refusal.value.headers["Retry-After"])
    assert taken(limit, "a", 5) == 1


def test_refused_requests_do_not_put_off_the_next_one(clock):
    limit = RateLimit(60, clock)
    taken(limit, "a", 10_000)

    clock.seconds += 1

    assert taken(limit, "a", 10) == 1


def test_zero_is_no_limit(clock):
    limit = RateLimit(0, clock)

    assert taken(limit, "a", 10_000) == 10_000
    assert limit.reserve("a", 10_000) == 0


def test_what_is_owed_is_waited_for(clock):
    limit = RateLimit(60, clock)

    assert limit.reserve("a", 60) == 0
    assert limit.reserve("a", 30) == pytest.approx(30)
    clock.seconds += 30
    assert taken(limit, "a", 1) == 0


@given(st.lists(st.tuples(st.floats(0, 30), st.integers(1, 50)), max_size=20))
def test_in_no_minute_more_than_twice_the_allowance_passes(spikes):
    clock = Clock()
    limit, passed = RateLimit(20, clock), []
    for pause, count in spikes:
        clock.seconds += pause
        passed += [clock.seconds] * taken(limit, "a", count)

    for moment in passed:
        assert sum(moment <= each < moment + 60 for each in passed) <= 40


def test_very_many_clients_do_not_fill_the_memory(clock):
    limit = RateLimit(1, clock)
    for n in range(50_100):
        limit.take(str(n))

    assert len(limit._used_until) == 50_000  # noqa: SLF001  # nothing else shows it
    assert taken(limit, "50099", 1) == 0


@pytest.mark.parametrize(
    ("one", "other", "is_same"),
    [
        ("203.0.113.7", "203.0.113.8", False),
        ("2001:db8:1:2::1", "2001:db8:1:2:ffff::9", True),
        ("2001:db8:1:2::1", "2001:db8:1:3::1", False),
        ("fe80::1%eth0", "fe80::2%eth0", True),
        ("no:address", "no:address", True),
        ("::ffff:192.0.2.1", "::ffff:192.0.2.2", False),
        ("::ffff:192.0.2.1", "192.0.2.1", True),
    ],
)
def test_a_network_of_ipv6_is_one_client(one, other, is_same):
    assert (network_of(one) == network_of(other)) is is_same


def post(client, content=None, **more):
    return client.post(URL, content=content or body(), headers=headers(**more))


def test_over_the_limit_the_answer_says_when_to_come_again_and_others_are_served(infra):
    settings = {"INTAKE_ANONYMOUS_PER_MINUTE": "3", "INTAKE_KEY_PER_MINUTE": "2"}
    with running_intake(infra, **settings) as intake, intake.client() as client:
        one, other = api_key(intake)[1], api_key(intake)[1]
        assert {post(client).status_code for _ in range(3)} == {HTTPStatus.ACCEPTED}

        refused = post(client)

        document = problem(refused, HTTPStatus.TOO_MANY_REQUESTS, "too-many-requests")
        assert document["limit_per_minute"] == 3
        assert 0 < int(refused.headers["retry-after"]) <= 20
        for key in (one, other):
            answers = [post(client, **key).status_code for _ in range(3)]
            assert answers == [202, 202, 429]
        counted = 'cppp_applications_rejected_total{reason="too-many-requests",service="intake"} 3'
        assert counted in client.get("/metrics").text
        assert intake.applications.count_documents({}) == 7


def test_changes_and_guessed_keys_count_too(infra):
    with (
        running_intake(infra, INTAKE_ANONYMOUS_PER_MINUTE="3") as intake,
        intake.client() as client,
    ):
        location = post(client).headers["location"]
        guess = {"Authorization": f"Bearer cppp_{'0' * 12}_{'0' * 64}"}
        assert post(client, **guess).status_code == HTTPStatus.UNAUTHORIZED
        assert client.put(location, content=body(), headers=headers()).is_success

        answers = [
            post(client, **guess),
            client.put(location, content=body(), headers=headers()),
            client.post(f"{location}/withdrawal", headers=headers()),
        ]

        for each in answers:
            problem(each, HTTPStatus.TOO_MANY_REQUESTS, "too-many-requests")
        assert client.get(location).json()["version"] == 2


def test_behind_a_trusted_proxy_the_clients_address_counts(infra):
    settings = {"INTAKE_ANONYMOUS_PER_MINUTE": "1", "INTAKE_TRUSTED_PROXIES": "127.0.0.1"}
    with running_intake(infra, **settings) as intake, intake.client() as client:
        statuses = [
            post(client, X_Forwarded_For=address).status_code
            for address in ("203.0.113.7", "203.0.113.8", "203.0.113.7")
        ]

    assert statuses == [202, 202, 429]


def test_of_anybody_else_no_stated_address_is_believed(infra):
    with (
        running_intake(infra, INTAKE_ANONYMOUS_PER_MINUTE="1") as intake,
        intake.client() as client,
    ):
        statuses = [
            post(client, X_Forwarded_For=address).status_code
            for address in ("203.0.113.7", str(uuid4()))
        ]

    assert statuses == [202, 429]
