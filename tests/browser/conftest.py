"""A site with everything published, and a Chromium, for all tests of a worker."""

from contextlib import asynccontextmanager

import httpx
import pytest
import pytest_asyncio
from playwright.async_api import async_playwright

from devstack.setup_debian import browser_program
from services.portal.app import create_app
from services.portal.site.edition import Edition
from shared.clock import utc_now
from tests.browser.crawling import crawled
from tests.browser.running import running_site
from tests.serving import served

# Without a sandbox root may run it, too. It opens nothing but this machine's pages.
FLAGS = ("--no-sandbox", "--disable-gpu", "--disable-lcd-text", "--disable-background-networking")


@pytest.fixture(scope="session")
def site(tmp_path_factory):
    """The address of the site, without a slash at the end."""
    with running_site(tmp_path_factory.mktemp("site")) as url:
        yield url


@pytest.fixture(scope="session")
def pages(site):
    """The addresses of all pages, as found by following links from the first ones."""
    with httpx.Client(base_url=site) as client:
        return crawled(client)


@pytest.fixture
def starting_site():
    """The address of a site that has read nothing yet."""
    app = create_app()
    app.router.lifespan_context = _nothing_runs
    app.state.site, app.state.now = _Nothing(), utc_now
    with served(app) as url:
        yield url


@pytest_asyncio.fixture(scope="session", loop_scope="session")
async def chromium():
    async with async_playwright() as playwright:
        browser = await playwright.chromium.launch(executable_path=browser_program(), args=[*FLAGS])
        yield browser
        await browser.close()


@asynccontextmanager
async def _nothing_runs(_app):
    yield


class _Nothing:
    edition = Edition()
    as_of = None
