"""What stands before the pages, in the whole application: headers, limits, errors as pages."""

from datetime import datetime, timedelta

import httpx
import pytest

from services.portal.app import create_app
from services.portal.guard.headers import HEADERS
from services.portal.web.formats import minute
from services.portal.web.wording import WORDING
from shared.clock import HONG_KONG
from tests.factories import NOW

HSTS = "strict-transport-security"
EVERYWHERE = {name: value for name, value in HEADERS.items() if name != "Cache-Control"}


@pytest.fixture
def guarded(site, monkeypatch):
    def build(**settings):
        for name, value in settings.items():
            monkeypatch.setenv(f"PORTAL_{name}", value)
        app = create_app()
        app.state.site, app.state.now = site, lambda: NOW

        async def defect():
            message = "secret"
            raise RuntimeError(message)

        app.add_api_route("/en/defect", defect)
        app.add_api_route("/v1/defect", defect)
        app.router.routes.insert(0, app.router.routes.pop())
        app.router.routes.insert(0, app.router.routes.pop())
        transport = httpx.ASGITransport(app, raise_app_exceptions=False)
        return httpx.AsyncClient(transport=transport, base_url="http://site")

    return build


@pytest.mark.parametrize(
    ("method", "path", "status"),
    [
        ("GET", "/", 302),
        ("GET", "/en", 200),
        ("HEAD", "/en", 200),
        ("GET", "/en/no/such", 404),
        ("GET", "/no-such", 404),
        ("POST", "/en/news", 405),
        ("GET", "/en/defect", 500),
        ("GET", "/v1/defect", 500),
        ("GET", "/v1/no-such", 404),
        ("GET", "/images/no-such", 404),
        ("GET", "/static/no-such.css", 404),
        ("GET", "/livez", 200),
        ("GET", "/metrics", 200),
        ("GET", "/en?" + "a=1&" * 200, 414),
    ],
)
async def test_every_answer_has_the_security_headers(guarded, method, path, status):
    async with guarded() as client:
        response = await client.request(method, path)

    assert response.status_code == status
    for name, value in EVERYWHERE.items():
        assert response.headers[name] == value, name
    assert "unsafe" not in response.headers["content-security-policy"]
    assert HSTS not in response.headers


async def test_the_page_of_the_api_keeps_its_own_policy(guarded):
    async with guarded() as client:
        response = await client.get("/docs")

    assert "script-src 'self'" in response.headers["content-security-policy"]
    assert "unsafe" not in response.headers["content-security-policy"]


@pytest.mark.parametrize(
    ("settings", "forwarded", "asked_for"),
    [
        ({}, "https", False),
        ({"TRUSTED_PROXIES": "127.0.0.1"}, "https", True),
        ({"TRUSTED_PROXIES": "127.0.0.1"}, "http", False),
        ({"TRUSTED_PROXIES": "10.0.0.1"}, "https", False),
        ({"PUBLIC_URL": "https://cppp.example"}, "http", True),
    ],
)
async def test_over_tls_browsers_are_asked_to_stay_there(guarded, settings, forwarded, asked_for):
    async with guarded(**settings) as client:
        for path in ("/en", "/en/no-such", "/en/defect", "/"):
            response = await client.get(path, headers={"X-Forwarded-Proto": forwarded})
            assert (HSTS in response.headers) == asked_for


@pytest.mark.parametrize("code", WORDING)
@pytest.mark.parametrize(
    ("request_line", "status", "words"),
    [
        ("GET no-such", 404, "site.not-found"),
        ("POST news", 405, "errors.method"),
        ("GET news?q=" + "a" * 5_000, 414, "errors.too-long"),
    ],
)
async def test_errors_are_pages_in_the_language_of_the_address(
    guarded, code, request_line, status, words
):
    method, path = request_line.split()
    async with guarded() as client:
        response = await client.request(method, f"/{code}/{path}")

    assert response.status_code == status
    assert response.headers["content-type"] == "text/html; charset=utf-8"
    assert f'<h1 class="govuk-heading-xl">{WORDING[code][words]}</h1>' in response.text


@pytest.mark.parametrize("path", ["/sitemap.xml", "/en/events.ics", "/en"])
async def test_a_host_is_no_longer_than_a_name(guarded, path):
    async with guarded() as client:
        refused = await client.get(path, headers={"Host": "a" * 60_000})

    assert refused.status_code == 400
    assert len(refused.content) < 20_000


async def test_a_method_that_is_not_allowed_is_told_which_ones_are(guarded):
    async with guarded() as client:
        response = await client.post("/en/news")

    assert response.headers["allow"] == "GET, HEAD"


@pytest.mark.parametrize(("language", "code"), [("zh-HK", "tc"), ("zh-CN", "sc"), ("fr", "en")])
async def test_an_error_outside_of_all_languages_is_in_that_of_the_browser(guarded, language, code):
    async with guarded() as client:
        response = await client.get("/no-such", headers={"Accept-Language": language})

    assert response.status_code == 404
    assert WORDING[code]["site.not-found"] in response.text
    assert "Accept-Language" in response.headers["vary"]


async def test_a_defect_says_nothing_but_what_to_report(guarded):
    async with guarded() as client:
        page, problem = await client.get("/en/defect"), await client.get("/v1/defect")

    assert WORDING["en"]["errors.defect"] in page.text
    assert "number" in page.text
    assert "secret" not in page.text + problem.text
    assert problem.json()["type"] == "urn:cppp:problem:internal-error"
    assert page.headers["cache-control"] == problem.headers["cache-control"] == "no-store"


async def test_one_client_is_held_to_its_rate_and_probes_are_not(guarded):
    async with guarded(PER_MINUTE="3") as client:
        statuses = [(await client.get("/tc")).status_code for _ in range(4)]
        refused = await client.get("/tc/news")
        probe = await client.get("/livez")
        program = await client.get("/v1/anything")

    assert statuses == [200, 200, 200, 429]
    assert WORDING["tc"]["errors.too-many"] in refused.text
    assert 0 < int(refused.headers["retry-after"]) <= 60
    assert refused.headers["cache-control"] == "no-store"
    assert probe.status_code == 200
    assert program.json()["limit_per_minute"] == 3


async def test_behind_a_trusted_proxy_each_reader_has_a_rate_of_its_own(guarded):
    async with guarded(PER_MINUTE="1", TRUSTED_PROXIES="127.0.0.1") as client:
        statuses = [
            (await client.get("/en", headers={"X-Forwarded-For": each})).status_code
            for each in ("203.0.113.1", "203.0.113.2", "203.0.113.1")
        ]

    assert statuses == [200, 200, 429]


@pytest.mark.parametrize(
    "path",
    ["//evil.example", "//evil.example/", "/en//evil.example", "/%2F%2Fevil.example", "/\\evil"],
)
async def test_no_address_leads_elsewhere(guarded, path):
    async with guarded() as client:
        response = await client.get(f"http://site{path}")

    assert response.status_code == 404
    assert "location" not in response.headers


async def test_the_address_without_a_language_leads_to_this_site_alone(guarded):
    async with guarded() as client:
        headers = {"Host": "evil.example", "X-Forwarded-Host": "evil.example"}
        response = await client.get("/?next=//evil.example", headers=headers)

    assert response.headers["location"] == "/en"


async def test_a_slash_at_the_end_is_no_other_page(guarded):
    async with guarded() as client:
        response = await client.get("/en/news/")

    assert response.status_code == 200


async def test_head_is_get_without_the_body(guarded):
    async with guarded() as client:
        get = await client.get("/en/news", headers={"Accept-Encoding": "identity"})
        head = await client.head("/en/news", headers={"Accept-Encoding": "identity"})

    assert head.content == b""
    assert head.headers == get.headers


@pytest.mark.parametrize("path", ["/en", "/en/news", "/tc/pages/about"])
async def test_what_a_browser_has_is_not_sent_again(guarded, path):
    async with guarded() as client:
        first = await client.get(path)
        again = await client.get(path, headers={"If-None-Match": first.headers["etag"]})

    assert first.headers["cache-control"] == "public, max-age=0, must-revalidate"
    assert (again.status_code, again.content) == (304, b"")
    assert again.headers["vary"] == first.headers["vary"] == "Accept-Encoding"


@pytest.mark.parametrize(("minutes", "said"), [(0, "10:20"), (9, "10:20"), (10, "10:30")])
async def test_a_page_stays_the_same_for_some_minutes_and_says_nothing_untrue(
    guarded, site, minutes, said
):
    site.read_until = datetime(2026, 9, 1, 10, 20, 30, tzinfo=HONG_KONG)
    async with guarded() as client:
        first = await client.get("/en/news")
        site.read_until += timedelta(minutes=minutes)
        known = {"If-None-Match": first.headers["etag"]}
        again = await client.get("/en/news", headers=known)
        text = (await client.get("/en/news")).text

    assert (again.status_code == 304) == (said == "10:20")
    assert WORDING["en"]["site.as-of"].format(day="1 September 2026", time=said) in text
    assert said <= minute(site.read_until)


async def test_a_compressed_page_is_the_same_page_in_other_bytes(guarded):
    async with guarded() as client:
        plain = await client.get("/en/news", headers={"Accept-Encoding": "identity"})
        packed = await client.get("/en/news", headers={"Accept-Encoding": "gzip"})
        again = await client.get("/en/news", headers={"If-None-Match": packed.headers["etag"]})

    assert packed.headers["content-encoding"] == "gzip"
    assert packed.text == plain.text
    assert packed.headers["etag"] == f"W/{plain.headers['etag']}"
    assert again.status_code == 304
