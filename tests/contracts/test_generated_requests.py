"""Generated requests to every route of every service: no 500, and every answer as described."""

import json
from typing import Any
from urllib.parse import quote

import httpx
import jsonschema_rs
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from devstack.servers.service import service_names
from tests.contracts.generated import VALUES, FromSchema
from tests.waiting import DEADLINE_SECONDS

HTTP_ERRORS = st.sampled_from(["", "application/json; charset=big5", "text/plain", "a/b;=;"])
ODD_BODIES = st.binary(max_size=40) | VALUES.map(lambda value: json.dumps(value).encode())
# A slash would name another path, even where it is encoded; clients resolve dots.
SEGMENTS = st.text(min_size=1, max_size=40).filter(
    lambda text: "/" not in text and text.strip(".") != ""
)
ASCII = st.text(st.characters(min_codepoint=0x20, max_codepoint=0x7E), max_size=20)


class Operation:
    """One method of one path, as the document of a service describes it."""

    def __init__(self, document: dict[str, Any], path: str, method: str) -> None:
        self.path, self.method = path, method
        self._components = document.get("components", {})
        self._described = document["paths"][path][method]
        self._values = FromSchema({"$defs": self._components.get("schemas", {})})

    def requests(self) -> st.SearchStrategy[dict[str, Any]]:
        """Generate requests that the document allows, and others."""
        parameters = self._described.get("parameters", [])
        by_place: dict[str, dict[str, Any]] = {"path": {}, "query": {}, "header": {}}
        for each in parameters:
            by_place[each["in"]][each["name"]] = self._values.of(each["schema"]).map(str)
        return st.builds(
            self._request,
            st.fixed_dictionaries(_each_or_odd(by_place["path"], SEGMENTS)),
            st.fixed_dictionaries({}, optional=_each_or_odd(by_place["query"], st.text())),
            st.fixed_dictionaries({}, optional=_each_or_odd(by_place["header"], ASCII)),
            self._bodies(),
        )

    def _request(
        self, path: dict[str, str], query: dict[str, str], header: dict[str, str], body: Any
    ) -> dict[str, Any]:
        media_type, content = body
        url = self.path
        for name, value in path.items():
            url = url.replace(f"{{{name}}}", quote(value, safe="") or "-")
        headers = {name: _field_value(value) for name, value in header.items()}
        if media_type:
            headers["Content-Type"] = media_type.encode()
        return {"url": url, "params": query, "headers": headers, "content": content}

    def _bodies(self) -> st.SearchStrategy[tuple[str, bytes]]:
        described = self._described.get("requestBody", {}).get("content", {})
        if not described:
            return st.just(("", b""))
        [(media_type, content)] = described.items()
        documents = self._values.of(content["schema"]) if "schema" in content else VALUES
        valid = documents.map(lambda value: json.dumps(value).encode())
        return st.tuples(st.just(media_type), valid | ODD_BODIES) | st.tuples(
            HTTP_ERRORS, valid | ODD_BODIES
        )

    def check(self, answer: httpx.Response) -> None:
        """Fail unless the document describes this answer."""
        assert answer.status_code < 500, answer.text
        described = self._described["responses"].get(str(answer.status_code))
        assert described, f"{answer.status_code} is not described: {answer.text}"
        media_type = answer.headers.get("content-type", "").partition(";")[0]
        content = described.get("content", {})
        if not answer.content:
            return
        assert media_type in content
        if media_type.endswith("json"):
            schema = {**content[media_type].get("schema", {}), "components": self._components}
            jsonschema_rs.Draft202012Validator(schema).validate(answer.json())


def _field_value(text: str) -> bytes:
    """Encode what a client can send as the value of a header (RFC 9110)."""
    visible = "".join(each for each in text if " " <= each <= "~" or each >= "\xa0")
    return visible.encode("latin-1", "replace").strip()


def _each_or_odd(
    values: dict[str, st.SearchStrategy[str]], odd: st.SearchStrategy[str]
) -> dict[str, st.SearchStrategy[str]]:
    return {name: each | odd for name, each in values.items()}


@pytest.mark.parametrize("service", service_names())
def test_every_answer_to_a_generated_request_is_described(service, service_process):
    running = service_process(service)
    with httpx.Client(base_url=running.url, timeout=DEADLINE_SECONDS) as client:
        document = client.get("/openapi.json").json()
        operations = [
            Operation(document, path, method)
            for path, methods in document["paths"].items()
            for method in methods
        ]
        for operation in operations:
            _try(client, operation)
        assert client.get("/livez").status_code == 200

    assert operations


def _try(client: httpx.Client, operation: Operation) -> None:
    @settings(max_examples=60, deadline=None, suppress_health_check=list(HealthCheck))
    @given(request=operation.requests())
    def answers(request: dict[str, Any]) -> None:
        operation.check(client.request(operation.method, **request))

    answers()
