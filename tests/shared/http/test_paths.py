"""Paths: a slash at the end makes no difference, nothing is redirected, ids may be in any case."""

from contextlib import asynccontextmanager
from http import HTTPStatus

import httpx
import pytest
from fastapi import APIRouter, Request

from shared.http.ids import PathId
from shared.metrics import Metrics
from shared.service.app import Service, create_app
from tests.serving import served

router = APIRouter()
ID = "383dd6c4-d698-8d4c-899f-4659b671ad9c"


@router.get("/plain")
async def plain() -> str:
    return "plain"


@router.post("/plain")
async def take(request: Request) -> int:
    return len(await request.body())


@router.get("/ids/{some_id}")
async def show_id(some_id: PathId) -> str:
    return some_id


@asynccontextmanager
async def nothing(_app):
    yield


@pytest.fixture
def client():
    app = create_app(Service("sample", Metrics("sample")), nothing, [router])
    with served(app) as url, httpx.Client(base_url=url, trust_env=False) as client:
        yield client


@pytest.mark.parametrize("path", ["/plain/", "/plain//", "/livez/", "/docs/", "/openapi.json/"])
@pytest.mark.parametrize("method", ["GET", "HEAD"])
def test_a_slash_at_the_end_makes_no_difference(client, path, method):
    answer = client.request(method, path)

    assert answer.status_code == HTTPStatus.OK
    assert answer.content == client.request(method, path.rstrip("/")).content


def test_a_body_arrives_with_a_slash_at_the_end(client):
    assert client.post("/plain/", content=b"abc").json() == 3


@pytest.mark.parametrize("host", ["evil.example", "a:1"])
@pytest.mark.parametrize(
    "path", ["/plain/", "/nowhere/", "//plain", "//evil.example/", "/", "/docs/", "/ids/", "/%2F/"]
)
@pytest.mark.parametrize("method", ["GET", "POST", "HEAD", "PUT"])
def test_nothing_is_redirected(client, method, path, host):
    answer = client.request(method, path, headers={"Host": host})

    assert not answer.is_redirect
    assert "location" not in answer.headers
    assert host not in answer.text


@pytest.mark.parametrize("written", [ID, ID.upper(), ID.title()])
def test_a_uuid_in_a_path_may_be_in_any_case(client, written):
    assert client.get(f"/ids/{written}").json() == ID


@pytest.mark.parametrize("wrong", ["no-id", ID[:-1], ID + "0", ID.replace("-", ""), f"{{{ID}}}"])
def test_what_is_no_uuid_is_refused_with_a_plain_rule(client, wrong):
    answer = client.get(f"/ids/{wrong}")

    assert answer.status_code == HTTPStatus.UNPROCESSABLE_ENTITY
    assert answer.json()["errors"][0]["detail"].startswith("Must be a UUID, such as ")
