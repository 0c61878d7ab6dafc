"""What every contender works on: applications of 1.2 KB, made from the samples' forms.

Which outcome each has to get comes from the samples' yardstick, not from anybody's rules. Every
application names a factory of its own, so that no history bears on it.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import cache
from random import Random
from typing import Any, Final
from uuid import UUID

import orjson

from samples.generate import samples
from samples.sample import Expected, Sample
from shared.clock import milliseconds
from shared.events.envelope import Attributes, Headers, derived_id

RECORD_BYTES: Final = 1_190
PARTITIONS: Final = 6
_SEED: Final = 20_08
_FACTORY: Final = b"FACTORY-OF-ITS-OWN"  # as long as the number that takes its place
_LONGEST_LINE: Final = 195  # characters; the event model takes 200
_FILLERS: Final = {
    "en": " with metering of steam, water and power before and after the works, as quoted",
    "zh-Hant": "，包括工程前後的蒸汽、用水及用電計量，並按報價所列計劃分期安裝及測試",
    "zh-Hans": "，包括工程前后的蒸汽、用水及用电计量，并按报价所列计划分期安装及测试",
}


@dataclass(frozen=True, slots=True)
class Message:
    """A record to put on the topic. Poison has nothing to be expected of it."""

    key: bytes
    value: bytes
    headers: Headers
    time_ms: int
    expected: Expected | None


@dataclass(frozen=True, slots=True)
class DataSet:
    """So many records on a topic; `poison_every` of them one can never be handled."""

    topic: str
    records: int
    poison_every: int = 0
    partitions: int = PARTITIONS

    def messages(self) -> Iterator[Message]:
        """Make the records; the same data set always has the same bytes."""
        random = Random(_SEED)
        for number in range(self.records):
            message = _message(number, random)
            yield _poison(message, number) if self._is_poison(number) else message

    def _is_poison(self, number: int) -> bool:
        return bool(self.poison_every) and number % self.poison_every == self.poison_every // 2

    def expected(self) -> dict[str, Expected]:
        """Tell what has to be decided on each application that can be handled."""
        return _expected(self)

    @property
    def poison(self) -> int:
        """How many of the records can never be handled."""
        return sum(map(self._is_poison, range(self.records)))


@cache
def _expected(data_set: DataSet) -> dict[str, Expected]:
    return {each.key.decode(): each.expected for each in data_set.messages() if each.expected}


@cache
def templates() -> tuple[Sample, ...]:
    """Return the samples that ask for funding: every stream, outcome and reason among them."""
    return tuple(each for each in samples() if each.expected.service == "eligibility")


def _message(number: int, random: Random) -> Message:
    index = random.randrange(len(templates()))
    template = templates()[index]
    application_id = str(UUID(int=random.getrandbits(128), version=4))
    received_at = template.received_at.astimezone(UTC)
    value = submitted(application_id, number, index, received_at)
    attributes = Attributes(
        type="ApplicationSubmitted",
        id=derived_id("ApplicationSubmitted", f"{application_id}:1"),
        source="intake",
        subject=application_id,
        time=received_at,
        traceparent=f"00-{random.getrandbits(128):032x}-{random.getrandbits(64):016x}-00",
    )
    return Message(
        application_id.encode(),
        value,
        attributes.headers(),
        milliseconds(received_at),
        template.expected,
    )


def submitted(application_id: str, number: int, index: int, received_at: datetime) -> bytes:
    """Write the data of one `ApplicationSubmitted`, for a factory that no other one names."""
    moment = received_at.isoformat(timespec="milliseconds").replace("+00:00", "Z")
    head = f'{{"application_id":"{application_id}","version":1,"received_at":"{moment}",'
    return b'%b"application":%b}' % (head.encode(), application(index, number))


def application(index: int, number: int) -> bytes:
    """Write a template's application as JSON, for the factory of that number."""
    return _lengthened(index).replace(_FACTORY, b"914419%012d" % number)


@cache
def _lengthened(index: int) -> bytes:
    """Lengthen the lines of text as people do who fill in a form with care."""
    form = templates()[index].form
    application: dict[str, Any] = orjson.loads(orjson.dumps(form.application))
    if "factory" in application:
        application["factory"]["registration_number"] = _FACTORY.decode()
    filler = _FILLERS[form.contact["language"]]
    room = RECORD_BYTES - len(orjson.dumps(application)) - 116  # what is around it
    for part, name in _lines_of_text(application):
        longer = _longer(part[name], filler, room)
        room -= len(longer.encode()) - len(part[name].encode())
        part[name] = longer
    return orjson.dumps(application)


def _lines_of_text(application: dict[str, Any]) -> Iterator[tuple[dict[str, Any], str]]:
    yield application["project"], "title"
    for part in ("organisation", "factory", "enterprise"):
        if part in application:
            yield application[part], "name"
    if "factory" in application:
        yield application["factory"], "city"


def _longer(line: str, filler: str, room_bytes: int) -> str:
    while room_bytes > 0 and len(line) < _LONGEST_LINE:
        piece = filler[: min(_LONGEST_LINE - len(line), max(1, room_bytes // 3))]
        line, room_bytes = line + piece, room_bytes - len(piece.encode())
    return line.strip()


def _poison(good: Message, number: int) -> Message:
    """Spoil a record in one of three ways, in turn."""
    kinds = (_truncated, _impossible, _undecodable)
    value, headers = kinds[number // 1_000 % len(kinds)](good)
    return Message(good.key, value, headers, good.time_ms, None)


def _truncated(good: Message) -> tuple[bytes, Headers]:
    return good.value[: len(good.value) // 2], good.headers


def _impossible(good: Message) -> tuple[bytes, Headers]:
    spoilt = orjson.loads(good.value)
    spoilt["application"]["project"]["cost_cents"] = -5
    return orjson.dumps(spoilt), good.headers


def _undecodable(good: Message) -> tuple[bytes, Headers]:
    value, headers = _truncated(good)
    return value, [(name, b"\xff\xfe" if name == "ce_id" else text) for name, text in headers]
