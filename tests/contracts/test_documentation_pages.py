"""The page `/docs` of every service works without the internet."""

import re
from html.parser import HTMLParser
from http import HTTPStatus
from importlib import import_module

import httpx
import pytest

from devstack.servers.service import service_names


@pytest.fixture(params=service_names())
async def client(request, monkeypatch):
    monkeypatch.setenv("INTAKE_ID_SECRET", "only good enough for tests".ljust(40))
    app = import_module(f"services.{request.param}.app").create_app()
    transport = httpx.ASGITransport(app)
    async with httpx.AsyncClient(transport=transport, base_url="http://service") as client:
        yield client


class Page(HTMLParser):
    """The addresses that a page refers to, and the text of its scripts and styles."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.addresses: list[str] = []
        self.inline: list[str] = []
        self._tag = ""
        self.feed(text)

    def handle_starttag(self, tag, attrs):
        self._tag = tag
        self.addresses += [value for name, value in attrs if name in {"href", "src", "action"}]
        assert not [name for name, _ in attrs if name.startswith("on") or name == "style"]

    def handle_data(self, data):
        if self._tag in {"script", "style"} and data.strip():
            self.inline.append(data)


async def test_the_page_and_everything_that_it_loads_come_from_the_service(client):
    answer = await client.get("/docs")
    page = Page(answer.text)

    assert answer.status_code == HTTPStatus.OK
    assert answer.headers["content-type"] == "text/html; charset=utf-8"
    assert len(page.addresses) >= 4
    assert not page.inline
    for address in page.addresses:
        assert re.match(r"/(?!/)|data:,$", address), address
        if address.startswith("/"):
            asset = await client.get(address)
            assert asset.status_code == HTTPStatus.OK
            assert len(asset.content) > 100


async def test_the_script_names_no_other_host(client):
    script = (await client.get("/docs/start.js")).text

    assert 'url: "/openapi.json"' in script
    assert "validatorUrl: null" in script
    assert "//" not in script


async def test_the_page_may_load_nothing_from_elsewhere(client):
    for path in ("/docs", "/docs/start.js", "/docs/swagger-ui-bundle.js", "/docs/swagger-ui.css"):
        headers = (await client.get(path)).headers
        policy = dict(
            each.strip().split(" ", 1) for each in headers["content-security-policy"].split(";")
        )
        assert policy["default-src"] == "'none'"
        assert policy["script-src"] == policy["connect-src"] == "'self'"
        assert "http" not in headers["content-security-policy"]
        assert "unsafe" not in headers["content-security-policy"]
        assert headers["x-content-type-options"] == "nosniff"


async def test_assets_have_the_types_that_a_browser_needs(client):
    for asset, media_type in (
        ("swagger-ui-bundle.js", "text/javascript"),
        ("start.js", "text/javascript"),
        ("swagger-ui.css", "text/css"),
    ):
        answer = await client.get(f"/docs/{asset}")
        assert answer.headers["content-type"].startswith(media_type)


@pytest.mark.parametrize("path", ["/docs/redoc.standalone.js", "/docs/..%2fcore.py", "/redoc"])
async def test_nothing_else_is_served(client, path):
    answer = await client.get(path)

    assert answer.status_code == HTTPStatus.NOT_FOUND
    if answer.headers["content-type"].startswith("text/html"):
        assert path == "/redoc"  # the public site answers readers with a page
    else:
        assert answer.json()["type"] == "urn:cppp:problem:not-found"
