"""A run of a whole platform in which everything goes wrong once, to somebody."""

import json
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from dataclasses import dataclass, field
from http import HTTPStatus
from typing import Any
from uuid import uuid4

import httpx
from typer.testing import CliRunner

from cli.main import app as cppp
from services.intake.keys import app as keys
from shared.events.casework import RULINGS, CaseRuled
from shared.events.envelope import Reason
from shared.events.intake import CONTACTS
from tests.end_to_end.observed_platform import ObservedPlatform
from tests.end_to_end.people import Person, a_person, a_word
from tests.end_to_end.wrong_input import (
    BAD_FOR_NOTIFY,
    BAD_FOR_OTHERS,
    bad_records,
    wrong_bodies,
    wrong_headers,
    wrong_lines,
)
from tests.factories import NOW, a_record
from tests.waiting import eventually

PATH = "/v1/applications"
TRACE = "00-{}-b7ad6b7169203331-01"


@dataclass
class FaultyRun:
    """Plays the faults one after another, and remembers every personal value that it sent."""

    on: ObservedPlatform
    values: list[str] = field(default_factory=list)
    ids: dict[str, str] = field(default_factory=dict)
    traces: dict[str, str] = field(default_factory=dict)

    def play(self) -> None:
        """Play all; what is asynchronous is over when this returns."""
        self.ordinary_ones()
        self.refused_requests()
        self.bulk_and_changes()
        self.on.look()
        self.bad_records()
        self.wait_for_mails()
        self.on.look()
        self.outages()
        self.mail_server_down()
        self.kills()
        self.on.look()
        self.commands()
        self.wait_until_said_to_be_ready()

    def person(self, key: str) -> Person:
        found = a_person(key)
        self.values += found.values
        return found

    def submit(self, key: str, **contact: Any) -> Any:
        """Submit the application of a new person, in a trace of its own."""
        return self.post(key, self.person(key).body(**contact))

    def post(self, key: str, body: dict[str, Any] | bytes, **headers: str) -> Any:
        content = body if isinstance(body, bytes) else json.dumps(body, ensure_ascii=False).encode()
        self.traces[key] = uuid4().hex
        given = {
            "Content-Type": "application/json",
            "Idempotency-Key": str(uuid4()),
            "traceparent": TRACE.format(self.traces[key]),
            **headers,
        }
        answer = self.on.request("POST", PATH, content=content, headers=given)
        if answer.status_code == HTTPStatus.ACCEPTED:
            self.ids[key] = answer.json()["application_id"]
        return answer

    def ordinary_ones(self) -> None:
        """Applications in several languages, and mails that the mail server does not take."""
        self.submit("ordinary", language="en")
        self.submit("refused")
        self.submit("postponed")
        self.submit("policy")
        self.submit("unrendered")
        self.submit("erased")
        self.values.append(name := "歐陽鳳翎")
        self.submit("chinese", name=name)

    def refused_requests(self) -> None:
        """Requests that are wrong in every way, each with somebody's data in it."""
        person = self.person("invalid")
        body = person.body()
        for wrong in wrong_bodies(person):
            assert self.post("invalid", wrong).status_code >= HTTPStatus.BAD_REQUEST
        for headers in wrong_headers(person):
            assert self.post("invalid", body, **headers).status_code >= HTTPStatus.BAD_REQUEST
        self.post("odd trace", body, traceparent=person.email)
        for key_holder in ("again", "again too"):
            again = self.person(key_holder).body()
            self.post(key_holder, again, **{"Idempotency-Key": "again"})
            self.post(key_holder, again, **{"Idempotency-Key": "again"})
        for path in (
            f"/{person.email}",
            f"{PATH}/{person.email}",
            f"{PATH}?reference={person.email}",
        ):
            self.on.request("GET", path)
        for service in ("eligibility", "recognition", "notify", "operations"):
            self.on.request("GET", f"/v1/decisions/{person.email}?q={person.name}", service)

    def bulk_and_changes(self) -> None:
        """A bulk request with good and bad lines, an amendment and a withdrawal."""
        mongo = {"MONGODB_URL": self.on.platform.addresses.mongodb_url}
        self.values.append(owner := f"Mr {a_word('owner')}")
        created = CliRunner().invoke(keys, ["create", owner, "--right", "bulk"], env=mongo)
        key = {"Authorization": f"Bearer {created.stdout.strip()}"}
        self.values.append(created.stdout.strip())
        person = self.person("bulk")
        content = wrong_lines(person)
        headers = {"Content-Type": "application/x-ndjson", **key}
        answer = self.on.request("POST", f"{PATH}:batch", content=content, headers=headers)
        assert answer.status_code == HTTPStatus.OK, answer.text
        changed = self.person("changed")
        for method, path, body in (
            ("PUT", "", changed.body()),
            ("PUT", "", changed.body(email=changed.name)),
            ("POST", "/withdrawal", None),
        ):
            headers = {"Idempotency-Key": str(uuid4())}
            url = f"{PATH}/{self.ids['ordinary']}{path}"
            self.on.request(method, url, json=body, headers=headers)

    def bad_records(self) -> None:
        """Records that no service can read, and an erasure."""
        person = self.person("unreadable")
        application_id = self.ids["bad record"] = str(uuid4())
        self.traces["bad record"] = uuid4().hex
        trace = TRACE.format(self.traces["bad record"])
        for each in bad_records(person, application_id, trace):
            self.on.kafka.write(*each)
        self.rule("chinese")
        self.on.kafka.write(CONTACTS.name, None, [], self.ids["erased"].encode())
        eventually(lambda: len(self.on.dead_letters("notify")) >= BAD_FOR_NOTIFY)
        for group in ("eligibility", "recognition"):
            eventually(lambda group=group: len(self.on.dead_letters(group)) >= BAD_FOR_OTHERS)

    def rule(self, key: str) -> None:
        """Publish a ruling with an officer's own words."""
        self.values.append(reason := f"Says {a_word('reason')}")
        ruling = a_record(
            CaseRuled(
                application_id=self.ids[key],
                version=1,
                ruling_id="R-1",
                step="funding",
                ruling="refused",
                ruled_at=NOW,
                reasons=(Reason("officer", "S1", reason, reason, reason),),
            )
        )
        self.on.kafka.write(RULINGS.name, ruling.value, ruling.headers, ruling.key)

    def wait_for_mails(self) -> None:
        """Wait until somebody got mails, and others' failed for good."""
        eventually(lambda: len(self.mails_to("chinese")) >= 2, within_seconds=60)
        eventually(lambda: "notification.failed" in self.on.log("notify"))
        eventually(lambda: "notification.not_rendered" in self.on.log("notify"))

    def mails_to(self, key: str) -> list[Any]:
        wanted = self.ids[key]
        return [each for each in self.on.mail_server.mails if each["X-Application-Id"] == wanted]

    def outages(self) -> None:
        """Kafka and MongoDB die and come back, while applications arrive."""
        people = [self.person(f"outage-{number}").body() for number in range(6)]
        with ThreadPoolExecutor(4) as pool:
            pool.submit(self.on.stack.kill, "mongodb")
            pool.submit(self.on.stack.kill, "kafka")
            answers = [pool.submit(self._try, body) for body in people]
        for each in answers:
            each.result()
        for name in ("mongodb", "kafka", *self.on.platform.service_urls):
            self.on.stack.wait_ready(name)
        self.submit("recovered")
        eventually(lambda: len(self.mails_to("recovered")) >= 2, within_seconds=60)

    def _try(self, body: dict[str, Any]) -> None:
        with suppress(httpx.TransportError):
            self.post("outage", body)

    def mail_server_down(self) -> None:
        """The mail server is away for a moment."""
        with self.on.mail_server.away():
            self.submit("waiting")
            eventually(lambda: '"dependency": "mail-server"' in self.on.log("notify"))
        eventually(lambda: len(self.mails_to("waiting")) >= 2, within_seconds=60)

    def kills(self) -> None:
        """Services are killed in their work, and one is asked to stop."""
        self.on.stack.stop_program("recognition")
        self.on.stack.begin_program("recognition")
        self.submit("killed")
        with ThreadPoolExecutor(2) as pool:
            for name in ("eligibility", "notify"):
                pool.submit(self.on.stack.kill, name)
        for name in ("eligibility", "notify", "recognition"):
            self.on.stack.wait_ready(name)
        eventually(lambda: len(self.mails_to("killed")) >= 2, within_seconds=60)

    def commands(self) -> None:
        """What operators look at."""
        kafka = ["--kafka", self.on.platform.addresses.kafka_bootstrap_servers]
        for command in (
            ["trace", *kafka, self.ids["chinese"]],
            ["trace", *kafka, self.ids["bad record"]],
            ["dead-letters", "list", *kafka, "--letters"],
            ["lag", *kafka],
        ):
            self.on.see("commands", CliRunner().invoke(cppp, command).output)

    def wait_until_said_to_be_ready(self) -> None:
        """Wait until each service has logged that it is ready, which it looks at now and then."""
        for name in self.on.platform.service_urls:
            eventually(lambda name=name: '"service.ready"' in self.on.log(name))
