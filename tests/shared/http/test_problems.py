"""Every error over HTTP is a problem document that says what to do, defects included."""

import re
from http import HTTPStatus

import httpx
import pytest
from fastapi import FastAPI

from shared.http.problems import FieldError, Problem, add_problem_handlers


@pytest.fixture
def app():
    app = FastAPI()
    add_problem_handlers(app)
    return app


async def get(app: FastAPI, path: str) -> httpx.Response:
    transport = httpx.ASGITransport(app, raise_app_exceptions=False)
    async with httpx.AsyncClient(transport=transport, base_url="http://service") as client:
        return await client.get(path)


async def test_a_defect_is_a_problem_that_does_not_reveal_its_cause(app):
    @app.get("/defect")
    async def defect() -> None:
        msg = "password of somebody"
        raise RuntimeError(msg)

    answer = await get(app, "/defect")

    assert answer.status_code == HTTPStatus.INTERNAL_SERVER_ERROR
    assert answer.headers["content-type"] == "application/problem+json"
    assert answer.json()["type"] == "urn:cppp:problem:internal-error"
    assert "password" not in answer.text


async def test_a_problem_carries_its_errors_headers_and_more(app):
    @app.get("/refused")
    async def refused() -> None:
        raise Problem(
            HTTPStatus.UNPROCESSABLE_ENTITY,
            "some-kind",
            "Do something.",
            [FieldError("/a/b", "Must be given.")],
            more={"line": 3},
            headers={"Retry-After": "7"},
        )

    answer = await get(app, "/refused")

    document = answer.json()
    assert re.fullmatch("[0-9a-f]{32}", document.pop("correlation_id"))
    assert document == {
        "type": "urn:cppp:problem:some-kind",
        "title": "Some kind",
        "status": 422,
        "detail": "Do something.",
        "line": 3,
        "errors": [{"pointer": "/a/b", "detail": "Must be given."}],
    }
    assert answer.headers["retry-after"] == "7"


async def test_the_answer_to_an_unknown_path_says_where_paths_are_listed(app):
    assert "/openapi.json" in (await get(app, "/nowhere")).json()["detail"]
