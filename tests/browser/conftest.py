"""A site with everything published, and a Chromium, for all tests of a worker."""

import httpx
import pytest
import pytest_asyncio
from playwright.async_api import async_playwright

from devstack.setup_debian import browser_program
from tests.browser.crawling import crawled
from tests.browser.running import running_site

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


@pytest_asyncio.fixture(scope="session", loop_scope="session")
async def chromium():
    async with async_playwright() as playwright:
        browser = await playwright.chromium.launch(executable_path=browser_program(), args=[*FLAGS])
        yield browser
        await browser.close()
