"""HEAD is answered like GET, and an `ETag` changes whenever the representation does."""

from contextlib import asynccontextmanager
from http import HTTPStatus

import httpx
import pytest
from fastapi import APIRouter, Response
from fastapi.responses import StreamingResponse

from shared.http.problems import Problem
from shared.metrics import Metrics
from shared.service.app import Service, create_app
from tests.serving import served

router = APIRouter()
state = {"version": 1, "status": "accepted"}


@router.get("/plain")
async def plain() -> dict[str, object]:
    return state


@router.get("/tagged")
async def tagged(response: Response) -> dict[str, object]:
    response.headers["ETag"] = f'"{state["version"]}"'
    return state


@router.post("/tagged")
async def change() -> dict[str, object]:
    return {}


@router.delete("/tagged")
async def remove() -> dict[str, object]:
    return {}


@router.get("/streamed")
async def streamed() -> StreamingResponse:
    return StreamingResponse(iter([b"a", b"b"]))


@router.get("/refused")
async def refused() -> None:
    raise Problem(HTTPStatus.CONFLICT, "some-kind", "Do something.")


@asynccontextmanager
async def nothing(_app):
    yield


@pytest.fixture
def client():
    state.update(version=1, status="accepted")
    app = create_app(Service("sample", Metrics("sample")), nothing, [router])
    with served(app) as url, httpx.Client(base_url=url, trust_env=False) as client:
        yield client


PATHS = [
    "/plain",
    "/tagged",
    "/streamed",
    "/refused",
    "/nowhere",
    "/livez",
    "/readyz",
    "/docs",
    "/docs/swagger-ui-bundle.js",
    "/openapi.json",
]


@pytest.mark.parametrize("path", PATHS)
def test_head_is_answered_like_get_without_the_body(client, path):
    of_get, of_head = client.get(path), client.head(path)
    for each in (of_get, of_head):
        each.headers.pop("date")
        each.headers.pop("transfer-encoding", None)  # of a body that is not there

    assert of_head.status_code == of_get.status_code
    assert dict(of_head.headers) == dict(of_get.headers)
    assert of_head.content == b""
    if path != "/streamed":
        assert of_head.headers["content-length"] == str(len(of_get.content))


def test_metrics_are_answered_to_head(client):
    answer = client.head("/metrics")

    assert answer.status_code == HTTPStatus.OK
    assert int(answer.headers["content-length"]) > 1_000


def test_head_is_counted_as_head_by_its_route(client):
    client.head("/plain")

    counted = 'method="HEAD",route="/plain",service="sample",status="200"} 1.0'
    assert counted in client.get("/metrics").text


def test_a_connection_goes_on_after_head(client):
    assert [client.head("/plain").status_code, client.get("/plain").json()] == [200, state]


def test_the_header_allow_names_every_method(client):
    assert client.put("/tagged").headers["allow"] == "GET, HEAD, POST, DELETE"
    assert client.post("/plain").headers["allow"] == "GET, HEAD"
    assert client.request("OPTIONS", "/livez").headers["allow"] == "GET, HEAD"


@pytest.mark.parametrize("path", ["/plain", "/tagged"])
def test_the_etag_changes_whenever_the_representation_does(client, path):
    first, same = client.get(path).headers["etag"], client.get(path).headers["etag"]
    state["status"] = "published"
    second = client.get(path).headers["etag"]
    state["version"] = 2
    third = client.get(path).headers["etag"]

    assert first == same
    assert len({first, second, third}) == 3


def test_a_tag_of_the_route_is_the_beginning_of_the_etag(client):
    assert client.get("/tagged").headers["etag"].startswith('"1-')


@pytest.mark.parametrize("method", ["GET", "HEAD"])
@pytest.mark.parametrize(
    "stated", ["{tag}", "W/{tag}", '"other", {tag}', '"other" ,W/{tag},"more"', "*"]
)
def test_a_client_that_has_the_representation_gets_304(client, stated, method):
    tag = client.get("/plain").headers["etag"]

    answer = client.request(method, "/plain", headers={"If-None-Match": stated.format(tag=tag)})

    assert answer.status_code == HTTPStatus.NOT_MODIFIED
    assert answer.headers["etag"] == tag
    assert answer.content == b""
    assert "content-type" not in answer.headers
    assert client.get("/plain").json() == state


def test_several_headers_are_one_list(client):
    tag = client.get("/plain").headers["etag"]

    stated = [("If-None-Match", '"other"'), ("If-None-Match", tag)]

    assert client.get("/plain", headers=stated).status_code == HTTPStatus.NOT_MODIFIED


@pytest.mark.parametrize("stated", ['"other"', "{bare}", '"{bare}', "", '"*"', '"1"'])
def test_other_tags_get_the_representation(client, stated):
    bare = client.get("/plain").headers["etag"].strip('"')

    answer = client.get("/plain", headers={"If-None-Match": stated.format(bare=bare)})

    assert answer.status_code == HTTPStatus.OK
    assert answer.json() == state


@pytest.mark.parametrize("path", ["/refused", "/nowhere"])
def test_errors_have_no_etag_and_are_never_304(client, path):
    answer = client.get(path, headers={"If-None-Match": "*"})

    assert answer.status_code in {HTTPStatus.CONFLICT, HTTPStatus.NOT_FOUND}
    assert "etag" not in answer.headers
