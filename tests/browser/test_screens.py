"""Photographs of the main pages, for docs/screens: `make screens`."""

from dataclasses import dataclass
from pathlib import Path

import pytest

from tests.browser.labels import NUMBER
from tests.browser.states import ACCEPTED, ESTIMATE
from tests.browser.visiting import Scheme, open_tab

pytestmark = [
    pytest.mark.asyncio(loop_scope="session"),
    pytest.mark.screens,
    pytest.mark.plays,
]
FOLDER = Path(__file__).parents[2] / "docs" / "screens"
REFUSED_FORM = "/self-check/new-technology/1b?check=1"
ANSWER = f"/self-check/new-technology/1b?{ACCEPTED}"
COMPARISON = "/toolbox/compare?item=all-electric-injection-press&item=injection-press-retrofit"
RESULT = f"/toolbox/estimate?{ESTIMATE}"
WIDTHS = {"desktop": 1100, "phone": 390}
TALLEST = {"desktop": 1300, "phone": 1100}
SCALE = 0.75  # small files, and still legible


@dataclass(frozen=True, slots=True)
class Screen:
    """A page, and how it is shown."""

    name: str
    address: str
    device: str = "desktop"
    scheme: Scheme = "light"

    @property
    def file(self) -> Path:
        language = self.address.split("/")[1]
        dark = "-dark" if self.scheme == "dark" else ""
        return FOLDER / f"site-{self.name}-{language}-{self.device}{dark}.png"


SCREENS = (
    Screen("home", "/en"),
    Screen("home", "/tc", "phone"),
    Screen("home", "/sc", "phone", "dark"),
    Screen("programme", "/tc/programme"),
    Screen("self-check", f"/tc{REFUSED_FORM}", "phone"),
    Screen("self-check-answer", f"/tc{ANSWER}"),
    Screen("self-check-answer", f"/sc{ANSWER}", "phone"),
    Screen("toolbox", "/en/toolbox?industry=printing-and-publishing&saves=voc&investment=to-500k"),
    Screen("toolbox", "/tc/toolbox?process=dyeing-and-finishing&saves=water", "phone"),
    Screen("compare", f"/sc{COMPARISON}", "desktop", "dark"),
    Screen("estimate", f"/en{RESULT}"),
    Screen("estimate", f"/tc{RESULT}", "phone"),
    Screen("technology", "/sc/technologies/injection-press-retrofit", "phone", "dark"),
    Screen("recognition", "/sc/recognition"),
    Screen("labels", "/tc/labels"),
    Screen("certificate", f"/en/certificates/{NUMBER}", "phone"),
    Screen("certificate", f"/sc/certificates/{NUMBER}", "phone"),
    Screen("history", "/en/recognition/history"),
)


@pytest.mark.parametrize("screen", SCREENS, ids=lambda screen: screen.file.stem)
async def test_photograph(chromium, site, screen):
    width, tallest = WIDTHS[screen.device], TALLEST[screen.device]
    viewport = {"width": width, "height": 800}
    options = {"viewport": viewport, "color_scheme": screen.scheme, "device_scale_factor": SCALE}
    async with open_tab(chromium, site, **options) as tab:
        await tab.page.goto(f"{site}{screen.address}")
        height = await tab.page.evaluate("document.documentElement.scrollHeight")
        clip = {"x": 0, "y": 0, "width": width, "height": min(height, tallest)}
        await tab.page.screenshot(path=screen.file, clip=clip, full_page=True)
    assert screen.file.stat().st_size < 150_000
