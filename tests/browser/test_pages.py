"""Every page of the site in a real browser, once: what keeps somebody out is found here."""

import hashlib

import pytest

from services.portal.web.languages import LANGUAGES
from tests.browser.crawling import one_of_each
from tests.browser.states import STARTING, STATES
from tests.browser.visiting import AXE, Look, open_tab, visit, visit_all

pytestmark = [
    pytest.mark.asyncio(loop_scope="session"),
    pytest.mark.plays,
    pytest.mark.timeout(900),  # hundreds of pages
]
LARGEST_FIRST_PAGE = 100_000
DESKTOP = [Look()]
TRANSFERRED = """() => ({
  bytes: ["navigation", "resource"].flatMap(kind => performance.getEntriesByType(kind))
    .reduce((sum, each) => sum + each.transferSize, 0),
  paint: performance.getEntriesByName("first-contentful-paint")[0].startTime,
})"""


def test_axe_is_the_file_that_its_page_names():
    named = (AXE.parent / "README.md").read_text()

    assert hashlib.sha256(AXE.read_bytes()).hexdigest() in named


async def test_nothing_is_wrong_with_any_page(chromium, site, pages):
    shown = [each for each in pages if each.startswith("/en")]
    shown += one_of_each(each for each in pages if not each.startswith("/en"))

    assert not await visit_all(chromium, site, shown, DESKTOP)


async def test_nothing_is_wrong_with_any_state(chromium, site, starting_site):
    wrong = []
    async with open_tab(chromium, site) as tab:
        for language in LANGUAGES:
            for state in STATES:
                wrong += await visit(tab, f"/{language.code}{state.path}", DESKTOP, state.status)
    async with open_tab(chromium, starting_site) as tab:
        for language in LANGUAGES:
            wrong += await visit(tab, f"/{language.code}", DESKTOP, STARTING.status)
    assert not wrong


@pytest.mark.parametrize("language", [each.code for each in LANGUAGES])
async def test_the_first_page_is_small(chromium, site, language):
    async with open_tab(chromium, site) as tab:
        await tab.page.goto(f"{site}/{language}")
        measured = await tab.page.evaluate(TRANSFERRED)

    print(  # noqa: T201 - what is measured
        f"/{language}: {measured['bytes']:,} bytes, painted after {measured['paint']:.0f} ms"
    )
    assert 0 < measured["bytes"] < LARGEST_FIRST_PAGE


def test_every_page_is_there_in_every_language(pages):
    codes = [each.code for each in LANGUAGES]
    paths = [{page[3:] for page in pages if page.startswith(f"/{code}")} for code in codes]

    assert paths[0] == paths[1] == paths[2]
