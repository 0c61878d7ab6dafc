"""Every page and state in every language, size, colour scheme and with twice the size of text."""

import pytest

from services.portal.web.languages import LANGUAGES
from tests.browser.situations import SITUATIONS
from tests.browser.states import STATES
from tests.browser.visiting import Look, visit_all, visit_states
from tests.serving import served

pytestmark = [
    pytest.mark.asyncio(loop_scope="session"),
    pytest.mark.browser,
    pytest.mark.plays,
    pytest.mark.timeout(3600),  # thousands of looks
]
WIDTHS = (320, 768, 1280)
LOOKS = [
    *(Look(width, scheme) for width in WIDTHS for scheme in ("light", "dark")),
    *(Look(width, double_text=True) for width in WIDTHS),
]
CODES = [each.code for each in LANGUAGES]
PARTS = 4  # of the pages of a language, so that one can be run alone


@pytest.mark.parametrize("part", range(PARTS))
@pytest.mark.parametrize("language", CODES)
async def test_nothing_is_wrong_with_any_page(chromium, site, pages, language, part):
    shown = [each for each in pages if each.split("/")[1] == language][part::PARTS]

    wrong = await visit_all(chromium, site, shown, LOOKS)
    print(f"\n{len(shown)} pages in {len(LOOKS)} looks: {len(wrong)} faults")  # noqa: T201
    assert not wrong


@pytest.mark.parametrize("language", CODES)
async def test_nothing_is_wrong_with_any_state(chromium, site, language):
    shown = [each.below(language) for each in STATES]

    wrong = await visit_states(chromium, site, shown, LOOKS)
    print(f"\n{len(shown)} states in {len(LOOKS)} looks: {len(wrong)} faults")  # noqa: T201
    assert not wrong


@pytest.mark.parametrize("situation", SITUATIONS, ids=lambda situation: situation.name)
@pytest.mark.parametrize("language", CODES)
async def test_nothing_is_wrong_in_any_situation(chromium, situation, language):
    shown = [each.below(language) for each in situation.states]

    with served(situation.app()) as site:
        wrong = await visit_states(chromium, site, shown, LOOKS)
    print(f"\n{len(shown)} states in {len(LOOKS)} looks: {len(wrong)} faults")  # noqa: T201
    assert not wrong
