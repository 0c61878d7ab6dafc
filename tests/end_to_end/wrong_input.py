"""Requests and records that are wrong in every way, each with somebody's data in it."""

import json
from collections.abc import Iterator, Sequence
from typing import Any, NamedTuple

from shared.events.intake import APPLICATIONS, CONTACTS
from tests.end_to_end.people import Person
from tests.factories import a_contact_event, a_record


class Written(NamedTuple):
    """A record as a test writes it."""

    topic: str
    value: bytes | None
    headers: Sequence[tuple[str, bytes]]
    key: bytes | None


def wrong_bodies(person: Person) -> Iterator[dict[str, Any] | bytes]:
    """Yield bodies that `intake` refuses."""
    body = person.body()
    yield person.body(email=f"{person.email} or {person.name}")
    yield person.body(name=person.name * 20)
    yield person.body(telephone=person.name)
    yield person.body(language=person.name)
    yield person.body(unknown=person.email)
    yield {**body, "more": person.name}
    yield {**body, "contact": [person.name, person.email]}
    yield {**body, "received_at": person.email}
    text = json.dumps(body)
    yield text[: text.index(person.name) + len(person.name)].encode()
    yield text.replace(person.name, f'{person.name}" {person.email}').encode()
    yield text.encode("utf-16")
    yield text.encode().replace(person.name.encode(), person.name.encode() + b"\xff")


def wrong_headers(person: Person) -> Iterator[dict[str, str]]:
    """Yield headers with which the best body is refused."""
    yield {"Idempotency-Key": f"{person.name} {person.email}"}
    yield {"Authorization": f"Bearer {person.email}"}
    yield {"Content-Type": person.email}


def wrong_lines(person: Person) -> str:
    """Return a bulk request; its first and third line are right."""
    lines: list[dict[str, Any]] = [
        {"idempotency_key": person.email, "submission": person.body()},
        {"idempotency_key": "2", "submission": person.body(email=person.name)},
        {"idempotency_key": person.telephone[-8:], "submission": person.body()},
        {"idempotency_key": "4", "surname": person.name},
    ]
    return "\n".join([*map(json.dumps, lines), f'{{"{person.name}'])


def bad_records(person: Person, application_id: str, traceparent: str) -> Iterator[Written]:
    """Yield records that become dead letters, of `notify` all and of others two."""
    key, name, email = application_id.encode(), person.name.encode(), person.email.encode()
    event = a_contact_event(application_id, name=person.name, email=person.email)
    good = a_record(event)
    value, headers = good.value or b"", [*good.headers, ("traceparent", traceparent.encode())]
    for bad in (
        value.replace(b'"version":1', b'"version":"' + name + b'"'),
        value.replace(email, name),
        value.replace(b'"language":"en"', b'"language":"' + name + b'"'),
        value[: value.index(email) + 5],
        value.replace(name, name + b"\xff"),
        value.replace(email, b"unprocessable." + email),
    ):
        yield Written(CONTACTS.name, bad, headers, key)
    yield Written(CONTACTS.name, None, [], email)
    yield Written(CONTACTS.name, value, [("ce_type", email + b"\xff")], key)
    yield Written(CONTACTS.name, value, [*headers, ("ce_time", email)], key)
    submitted = [("ce_type", b"ApplicationSubmitted"), ("traceparent", email)]
    yield Written(APPLICATIONS.name, value, submitted, email)
    yield Written(APPLICATIONS.name, name, submitted, key)


BAD_FOR_NOTIFY = 11
BAD_FOR_OTHERS = 2
