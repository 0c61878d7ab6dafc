"""The records for every contender: applications of 1.2 KB, generated from the samples.

The expected decisions come from the samples, not from the rules of any contender. Every application
names a different factory, so that no earlier application affects the decision.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import cache
from random import Random
from typing import Any, Final
from uuid import UUID

import orjson

from samples.credit_codes import credit_code
from samples.generate import samples
from samples.sample import Expected, Sample
from shared.clock import milliseconds
from shared.events.envelope import Attributes, Headers, derived_id

RECORD_BYTES: Final = 1_190
PARTITIONS: Final = 6
_SEED: Final = 20_08
_ENVELOPE_BYTES: Final = 116  # of the event's data around the application
_FACTORY_PLACEHOLDER: Final = b"FACTORY-OF-ITS-OWN"  # as long as the code that replaces it
_NUMBER_IS_WRONG: Final = "credit-code-not-valid"
_MAX_LINE_LENGTH: Final = 195  # characters; the event model allows 200
_PADDING: Final = {
    "en": " with metering of steam, water and power before and after the works, as quoted",
    "zh-Hant": "，包括工程前後的蒸汽、用水及用電計量，並按報價所列計劃分期安裝及測試",
    "zh-Hans": "，包括工程前后的蒸汽、用水及用电计量，并按报价所列计划分期安装及测试",
}


@dataclass(frozen=True, slots=True)
class Message:
    """A record to publish; a bad one has no expected decision."""

    key: bytes
    value: bytes
    headers: Headers
    time_ms: int
    expected: Expected | None


@dataclass(frozen=True, slots=True)
class DataSet:
    """A number of records on a topic; one in `poison_every` of them can never be handled."""

    topic: str
    records: int
    poison_every: int = 0
    partitions: int = PARTITIONS

    def messages(self) -> Iterator[Message]:
        """Generate the records; the same data set always has the same bytes."""
        random = Random(_SEED)
        for number in range(self.records):
            message = _message(number, random)
            yield _make_poison(message, number) if self._is_poison(number) else message

    def _is_poison(self, number: int) -> bool:
        return bool(self.poison_every) and number % self.poison_every == self.poison_every // 2

    def expected(self) -> dict[str, Expected]:
        """Return the expected decision on each application that can be handled."""
        return _expected(self)

    @property
    def poison_count(self) -> int:
        """How many records can never be handled."""
        return sum(map(self._is_poison, range(self.records)))


@cache
def _expected(data_set: DataSet) -> dict[str, Expected]:
    return {each.key.decode(): each.expected for each in data_set.messages() if each.expected}


@cache
def templates() -> tuple[Sample, ...]:
    """Return the samples for funding, with every stream and outcome.

    The contenders in Go and Java know the form of release 0.1.0, so samples that state more than
    it asked for are left out. So are those whose factory's number is wrong: every application gets
    a number of its own.
    """
    return tuple(
        each
        for each in samples()
        if each.expected.service == "eligibility"
        and not each.states_more
        and _NUMBER_IS_WRONG not in each.expected.reasons
    )


def _message(number: int, random: Random) -> Message:
    index = random.randrange(len(templates()))
    template = templates()[index]
    application_id = str(UUID(int=random.getrandbits(128), version=4))
    received_at = template.received_at.astimezone(UTC)
    value = submitted_data(application_id, number, index, received_at)
    attributes = Attributes(
        type="ApplicationSubmitted",
        id=derived_id("ApplicationSubmitted", f"{application_id}:1"),
        source="intake",
        subject=application_id,
        time=received_at,
        traceparent=f"00-{random.getrandbits(128):032x}-{random.getrandbits(64):016x}-01",
    )
    return Message(
        application_id.encode(),
        value,
        attributes.headers(),
        milliseconds(received_at),
        template.expected,
    )


def submitted_data(application_id: str, number: int, index: int, received_at: datetime) -> bytes:
    """Return the data of an `ApplicationSubmitted` event, for the factory of that number."""
    moment = received_at.isoformat(timespec="milliseconds").replace("+00:00", "Z")
    head = f'{{"application_id":"{application_id}","version":1,"received_at":"{moment}",'
    return b'%b"application":%b}' % (head.encode(), application_json(index, number))


def application_json(index: int, number: int) -> bytes:
    """Return a template's application as JSON, for the factory of that number."""
    code = credit_code(number + 1).encode()
    return _padded_application(index).replace(_FACTORY_PLACEHOLDER, code)


@cache
def _padded_application(index: int) -> bytes:
    """Lengthen the text fields to what people write who describe a project in detail."""
    form = templates()[index].form
    application: dict[str, Any] = orjson.loads(orjson.dumps(form.application))
    if "factory" in application:
        application["factory"]["registration_number"] = _FACTORY_PLACEHOLDER.decode()
    padding = _PADDING[form.contact["language"]]
    missing_bytes = RECORD_BYTES - len(orjson.dumps(application)) - _ENVELOPE_BYTES
    for part, name in _text_fields(application):
        padded = _padded(part[name], padding, missing_bytes)
        missing_bytes -= len(padded.encode()) - len(part[name].encode())
        part[name] = padded
    return orjson.dumps(application)


def _text_fields(application: dict[str, Any]) -> Iterator[tuple[dict[str, Any], str]]:
    yield application["project"], "title"
    for part in ("organisation", "factory", "enterprise"):
        if part in application:
            yield application[part], "name"
    if "factory" in application:
        yield application["factory"], "city"


def _padded(line: str, padding: str, missing_bytes: int) -> str:
    while missing_bytes > 0 and len(line) < _MAX_LINE_LENGTH:
        piece = padding[: min(_MAX_LINE_LENGTH - len(line), max(1, missing_bytes // 3))]
        line, missing_bytes = line + piece, missing_bytes - len(piece.encode())
    return line.strip()


def _make_poison(good: Message, number: int) -> Message:
    """Make a bad record, in one of three ways in turn."""
    kinds = (_truncated, _invalid, _undecodable)
    value, headers = kinds[number // 1_000 % len(kinds)](good)
    return Message(good.key, value, headers, good.time_ms, None)


def _truncated(good: Message) -> tuple[bytes, Headers]:
    return good.value[: len(good.value) // 2], good.headers


def _invalid(good: Message) -> tuple[bytes, Headers]:
    data = orjson.loads(good.value)
    data["application"]["project"]["cost_cents"] = -5
    return orjson.dumps(data), good.headers


def _undecodable(good: Message) -> tuple[bytes, Headers]:
    value, headers = _truncated(good)
    return value, [(name, b"\xff\xfe" if name == "ce_type" else text) for name, text in headers]
