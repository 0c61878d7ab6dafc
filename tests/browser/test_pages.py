"""Every page of the site in a real browser, once: what keeps somebody out is found here."""

import pytest

from services.portal.web.languages import LANGUAGES
from tests.browser.crawling import one_of_each
from tests.browser.situations import SITUATIONS
from tests.browser.states import STATES
from tests.browser.visiting import Look, open_tab, visit_all, visit_states
from tests.serving import served

pytestmark = [
    pytest.mark.asyncio(loop_scope="session"),
    pytest.mark.plays,
    pytest.mark.timeout(900),  # hundreds of pages
]
LARGEST_FIRST_PAGE = 100_000
DESKTOP = [Look()]
CUT_OFF = """() => [...document.querySelectorAll(".site-pair .site-scroll")]
  .filter(each => each.scrollWidth > each.clientWidth)
  .map(each => `${each.getAttribute("aria-labelledby")}: ${each.scrollWidth - each.clientWidth} px`)
"""
TRANSFERRED = """async () => {
  const painted = await new Promise(resolve => new PerformanceObserver(list => {
    const first = list.getEntriesByName("first-contentful-paint")[0];
    if (first) resolve(first.startTime);
  }).observe({type: "paint", buffered: true}));
  const loaded = ["navigation", "resource"].flatMap(kind => performance.getEntriesByType(kind));
  return {bytes: loaded.reduce((sum, each) => sum + each.transferSize, 0), painted};
}"""


async def test_nothing_is_wrong_with_any_page(chromium, site, pages):
    shown = [each for each in pages if each.startswith("/en")]
    shown += one_of_each(each for each in pages if not each.startswith("/en"))

    assert not await visit_all(chromium, site, shown, DESKTOP)


async def test_nothing_is_wrong_with_any_state(chromium, site):
    shown = [state.below(language.code) for language in LANGUAGES for state in STATES]

    assert not await visit_states(chromium, site, shown, DESKTOP)


@pytest.mark.parametrize("situation", SITUATIONS, ids=lambda situation: situation.name)
async def test_nothing_is_wrong_in_any_situation(chromium, situation):
    shown = [state.below(language.code) for language in LANGUAGES for state in situation.states]

    with served(situation.app()) as site:
        assert not await visit_states(chromium, site, shown, DESKTOP)


@pytest.mark.parametrize("width", [768, 900, 1100, 1280, 1920])
async def test_no_table_beside_a_plot_is_cut_off(chromium, site, width):
    cut = []
    async with open_tab(chromium, site, viewport={"width": width, "height": 900}) as tab:
        for language in LANGUAGES:
            await tab.page.goto(f"{site}/{language.code}/statistics")
            cut += [(language.code, each) for each in await tab.page.evaluate(CUT_OFF)]
    assert not cut


@pytest.mark.parametrize("language", [each.code for each in LANGUAGES])
async def test_the_first_page_is_small(chromium, site, language):
    async with open_tab(chromium, site) as tab:
        await tab.page.goto(f"{site}/{language}")
        measured = await tab.page.evaluate(TRANSFERRED)

    print(  # noqa: T201 - what is measured
        f"/{language}: {measured['bytes']:,} bytes, painted after {measured['painted']:.0f} ms"
    )
    assert 0 < measured["bytes"] < LARGEST_FIRST_PAGE
