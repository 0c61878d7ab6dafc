"""What a real browser finds wrong with a page."""

import asyncio
from collections.abc import AsyncIterator, Iterable, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from itertools import chain
from pathlib import Path
from typing import Any, Final, Literal
from urllib.parse import urlsplit

from playwright.async_api import (
    Browser,
    BrowserContext,
    ConsoleMessage,
    Page,
    Request,
    Response,
    Route,
)

from tests.browser.states import State

AXE: Final = Path(__file__).parent / "axe" / "axe.min.js"
_TAGS: Final = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]
# Nothing is fetched again to look at it: the Content-Security-Policy would forbid that.
_RUN_AXE: Final = """async tags => {
  const found = await axe.run({runOnly: tags, preload: false, resultTypes: ["violations"]});
  return found.violations.map(each =>
    `${each.id}: ${each.help}: ` +
    each.nodes.slice(0, 3).map(node => `${node.target} ${node.failureSummary}`).join(" | "));
}"""
_REPORT_VIOLATIONS: Final = """
addEventListener("securitypolicyviolation", event =>
  console.error(`CSP: ${event.violatedDirective} ${event.blockedURI}`));
"""
_OVERFLOW: Final = """() => {
  const root = document.documentElement;
  if (root.scrollWidth <= root.clientWidth) return [];
  const wide = [...document.querySelectorAll("body *")].filter(each =>
    !each.closest(".site-scroll") && each.getBoundingClientRect().right > root.clientWidth + 1);
  const shown = wide.slice(0, 3).map(each => each.outerHTML.slice(0, 120));
  return shown.length ? shown : [`the page, by ${root.scrollWidth - root.clientWidth} px`];
}"""
# What components say by themselves, to those who hear a page: in English, if nobody translates it.
_UNTRANSLATED: Final = """() => {
  if (!document.documentElement.lang.startsWith("zh")) return [];
  const said = [...document.querySelectorAll("[aria-label]")].map(each => each.ariaLabel);
  const hidden = [...document.querySelectorAll(".govuk-visually-hidden")].map(each => {
    const copy = each.cloneNode(true);
    copy.querySelectorAll("[lang]").forEach(other => other.remove());
    return copy.textContent;
  });
  return [...said, ...hidden].filter(each =>
    /^[A-Za-z][A-Za-z :,.]+$/.test(each.trim()));
}"""
_SIZE_TEXT: Final = "size => { document.documentElement.style.fontSize = size; }"
_TABS: Final = 2  # one for each processor of a small machine
Scheme = Literal["light", "dark"]


@dataclass(frozen=True, slots=True)
class Look:
    """How a page is looked at."""

    width: int = 1280
    scheme: Scheme = "light"
    double_text: bool = False

    def __str__(self) -> str:
        return f"{self.width} px, {self.scheme}{', 200 % text' if self.double_text else ''}"


@dataclass
class Tab:
    """A page of the browser, and what went wrong in it since it was last asked."""

    page: Page
    site: str
    complaints: list[str] = field(default_factory=list)

    def hear(self, message: ConsoleMessage) -> None:
        # The browser itself says this of each page that is not there.
        missing = message.location["url"] == self.page.url
        expected = missing and "Failed to load resource" in message.text
        if message.type in ("error", "warning") and not expected:
            self.complaints.append(f"console: {message.text}")

    def watch(self, request: Request) -> None:
        address = urlsplit(request.url)
        if f"{address.scheme}://{address.netloc}" != self.site:
            self.complaints.append(f"request to another host: {request.url}")

    def told(self) -> list[str]:
        """Return what went wrong, and forget it."""
        complaints, self.complaints = self.complaints, []
        return complaints


@asynccontextmanager
async def open_tab(chromium: Browser, site: str, **options: Any) -> AsyncIterator[Tab]:
    """Open a page that listens to its console and its requests."""
    context = await chromium.new_context(**options)
    try:
        yield await _listening(context, site)
    finally:
        await context.close()


async def _listening(context: BrowserContext, site: str) -> Tab:
    await context.add_init_script(_REPORT_VIOLATIONS)
    await context.add_init_script(path=AXE)
    tab = Tab(await context.new_page(), site)
    tab.page.on("console", tab.hear)
    tab.page.on("request", tab.watch)
    tab.page.on("pageerror", lambda error: tab.complaints.append(f"script: {error}"))
    return tab


async def visit_all(
    chromium: Browser, site: str, addresses: Sequence[str], looks: Sequence[Look]
) -> list[str]:
    """Return what is wrong with these pages."""

    async def some(number: int) -> list[str]:
        async with open_tab(chromium, site) as tab:
            found = [await visit(tab, each, looks) for each in addresses[number::_TABS]]
        return [*chain.from_iterable(found)]

    return [*chain.from_iterable(await asyncio.gather(*map(some, range(_TABS))))]


async def visit_states(
    chromium: Browser, site: str, states: Iterable[State], looks: Sequence[Look]
) -> list[str]:
    """Return what is wrong with these states; their paths begin with the language."""
    async with open_tab(chromium, site) as tab:
        found = [await visit(tab, each.path, looks, each.status, each.method) for each in states]
    return [*chain.from_iterable(found)]


async def visit(
    tab: Tab, address: str, looks: Sequence[Look], status: int = 200, method: str = "GET"
) -> list[str]:
    """Return what is wrong with a page in any of these looks, each with its address."""
    response = await _open(tab.page, f"{tab.site}{address}", method)
    if response is None or response.status != status:
        return [f"{address}: status {response and response.status}, not {status}"]
    found = [f"{address}: {each}" for each in tab.told()]
    untranslated = await tab.page.evaluate(_UNTRANSLATED)
    found += [f"{address}: not translated: {each}" for each in untranslated]
    for look in looks:
        found += [f"{address} ({look}): {each}" for each in await faults(tab, look)]
    return found


async def _open(page: Page, address: str, method: str) -> Response | None:
    async def ask(route: Route) -> None:
        await route.continue_(method=method)

    if method == "GET":
        return await page.goto(address)
    await page.route(address, ask)
    response = await page.goto(address)
    await page.unroute(address)
    return response


async def faults(tab: Tab, look: Look) -> list[str]:
    """Return what is wrong with the open page in one look."""
    await tab.page.set_viewport_size({"width": look.width, "height": 900})
    await tab.page.emulate_media(color_scheme=look.scheme, reduced_motion="reduce")
    await tab.page.evaluate(_SIZE_TEXT, "200%" if look.double_text else "")
    violations: list[str] = await tab.page.evaluate(_RUN_AXE, _TAGS)
    overflow = await tab.page.evaluate(_OVERFLOW)
    wide = [f"scrolls sideways: {each}" for each in overflow]
    return [*violations, *wide, *tab.told()]
