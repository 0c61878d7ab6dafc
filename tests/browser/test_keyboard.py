"""The site without a mouse, in forced colours, and on paper."""

import pytest

from tests.browser.visiting import Look, faults, open_tab

pytestmark = [
    pytest.mark.asyncio(loop_scope="session"),
    pytest.mark.plays,
    pytest.mark.timeout(600),
]
PAGES = ("/en", "/tc/toolbox", "/sc/technologies", "/en/programme")
FORMS_WITH_ERRORS = (
    "/en/self-check/new-technology/1b?check=1",
    "/en/certificates?number=",
    "/en/toolbox/estimate?item=injection-press-retrofit&electricity=much",
)
MOST_STEPS = 400
FOCUSED = """() => {
  const here = document.activeElement;
  if (here === document.body) return null;
  const box = here.getClientRects()[0], style = getComputedStyle(here);
  const at = document.elementFromPoint(box.left + Math.min(box.width, innerWidth) / 2,
                                       box.top + Math.min(box.height, innerHeight) / 2);
  const all = [...document.querySelectorAll("*")];
  return {
    number: all.indexOf(here),
    what: here.outerHTML.slice(0, 100),
    inMain: !!here.closest("main"),
    marked: style.outlineStyle !== "none" || style.boxShadow !== "none",
    seen: !!at && (here.contains(at) || at.contains(here)),
  };
}"""
STOPS = (
    "document.querySelectorAll(\"a[href], button, input, select, summary, [tabindex='0']\").length"
)
ACTIVE = "a[href], button, select, input"
KINDS = f"""() => {{
  const all = [...document.querySelectorAll("{ACTIVE}")];
  const kind = each => `${{each.tagName}} ${{each.className}} ${{each.parentElement.className}}`;
  const shown = all.map((each, number) => [kind(each), number]).filter(
    ([, number]) => all[number].checkVisibility() && !all[number].className.includes("skip"));
  return [...new Map(shown).values()];
}}"""
SHOWN = """selector => {
  const found = document.querySelector(selector);
  return !!found && getComputedStyle(found).display !== "none";
}"""


async def step(tab):
    await tab.page.keyboard.press("Tab")
    return await tab.page.evaluate(FOCUSED)


@pytest.mark.parametrize("width", [320, 1280])
@pytest.mark.parametrize("address", PAGES)
async def test_every_stop_is_seen_marked_and_in_the_order_of_the_page(
    chromium, site, address, width
):
    async with open_tab(chromium, site, viewport={"width": width, "height": 700}) as tab:
        await tab.page.goto(f"{site}{address}")
        number = await tab.page.evaluate(STOPS)
        stops = [await step(tab) for _ in range(min(number, MOST_STEPS))]

    assert all(stops)
    assert [each for each in stops if not (each["marked"] and each["seen"])] == []
    order = [each["number"] for each in stops]
    assert order == sorted(set(order))


async def test_the_answers_of_the_toolbox_come_into_view_on_a_phone(chromium, site):
    async with open_tab(chromium, site, viewport={"width": 320, "height": 700}) as tab:
        await tab.page.goto(f"{site}/tc/toolbox")
        await tab.page.select_option("select[name=process]", "dyeing-and-finishing")
        await tab.page.click("form[role=search] button")
        await tab.page.wait_for_url("**process=dyeing-and-finishing**#results")
        heading = tab.page.locator("#results")
        top = (await heading.bounding_box())["y"]
        answer = await step(tab)

    assert -1 < top < 100  # parts of a pixel
    assert answer["inMain"]
    assert "/tc/technologies/" in answer["what"]


async def test_the_first_stop_leads_past_the_menu(chromium, site):
    async with open_tab(chromium, site) as tab:
        await tab.page.goto(f"{site}/en/technologies")
        first = await step(tab)
        assert "govuk-skip-link" in first["what"]
        assert first["seen"]
        await tab.page.keyboard.press("Enter")
        assert (await step(tab))["inMain"]


@pytest.mark.parametrize("address", FORMS_WITH_ERRORS)
async def test_each_error_leads_to_its_field(chromium, site, address):
    async with open_tab(chromium, site) as tab:
        await tab.page.goto(f"{site}{address}")
        assert (await tab.page.title()).startswith("Error: ")
        errors = tab.page.locator(".govuk-error-summary a")
        assert await errors.count() > 0
        for error in await errors.all():
            await error.press("Enter")
            field = await error.get_attribute("href")
            assert await tab.page.evaluate("'#' + document.activeElement.id") == field


async def test_nothing_moves_for_those_who_ask_for_that(chromium, site):
    moving = """[...document.querySelectorAll("*")].filter(each => {
      const style = getComputedStyle(each);
      return style.animationName !== "none" || parseFloat(style.transitionDuration) > 0;
    }).length"""
    async with open_tab(chromium, site, reduced_motion="reduce") as tab:
        await tab.page.goto(f"{site}/en/toolbox")
        assert await tab.page.evaluate(moving) == 0


@pytest.mark.parametrize("address", PAGES)
async def test_forced_colours_hide_nothing(chromium, site, address):
    async with open_tab(chromium, site, forced_colors="active") as tab:
        await tab.page.goto(f"{site}{address}")
        assert await faults(tab, Look()) == []
        stop = await step(tab)
    assert stop["marked"]


@pytest.mark.parametrize("address", PAGES)
async def test_paper_has_the_text_without_the_menu(chromium, site, address):
    async with open_tab(chromium, site, viewport={"width": 718, "height": 1000}) as tab:
        await tab.page.goto(f"{site}{address}")
        await tab.page.emulate_media(media="print")
        assert await tab.page.evaluate(SHOWN, "h1")
        assert not await tab.page.evaluate(SHOWN, ".govuk-service-navigation")
        assert not await tab.page.evaluate(SHOWN, ".govuk-skip-link")
        wide = "document.documentElement.scrollWidth > document.documentElement.clientWidth"
        assert not await tab.page.evaluate(wide)


@pytest.mark.parametrize("scheme", ["light", "dark"])
async def test_what_the_mouse_is_over_can_be_read(chromium, site, scheme):
    found = []
    async with open_tab(chromium, site, color_scheme=scheme) as tab:
        await tab.page.goto(f"{site}/en/technologies?q=&page=2")
        for number in await tab.page.evaluate(KINDS):
            await tab.page.locator(ACTIVE).nth(number).hover()
            found += await faults(tab, Look(scheme=scheme))
    assert not found
