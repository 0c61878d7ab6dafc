"""How somebody uses a page: with a mouse, or with the keys of a keyboard alone."""

from typing import Protocol

from playwright.async_api import Locator, Page, expect

_MOST_STEPS = 400
_IS_FOCUSED = "each => each === document.activeElement"


class Hand(Protocol):
    """What can be done with links, buttons and fields that are on the page."""

    async def activate(self, target: Locator) -> None:
        """Follow a link or press a button; returns on the page that it leads to."""

    async def unfold(self, summary: Locator) -> None:
        """Open details, or close them."""

    async def choose(self, select: Locator, label: str) -> None:
        """Choose an option of a select."""

    async def tick(self, box: Locator) -> None:
        """Choose a radio, or tick a checkbox."""

    async def write(self, field: Locator, text: str) -> None:
        """Write into a field."""


class Mouse:
    """Points at things."""

    def __init__(self, _page: Page) -> None:
        pass

    async def activate(self, target: Locator) -> None:
        await target.click()

    async def unfold(self, summary: Locator) -> None:
        await summary.click()

    async def choose(self, select: Locator, label: str) -> None:
        await select.select_option(label=label)

    async def tick(self, box: Locator) -> None:
        await box.check()

    async def write(self, field: Locator, text: str) -> None:
        await field.fill(text)


class Keyboard:
    """Uses Tab, Space, Enter, arrows and typed text; nothing else reaches the page."""

    def __init__(self, page: Page) -> None:
        self._page, self._keys = page, page.keyboard

    async def activate(self, target: Locator) -> None:
        await self._go_to(target)
        async with self._page.expect_navigation():
            await self._keys.press("Enter")

    async def unfold(self, summary: Locator) -> None:
        await self._go_to(summary)
        await self._keys.press("Space")

    async def choose(self, select: Locator, label: str) -> None:
        await self._go_to(select)
        options = await select.locator("option").all_text_contents()
        wanted = [each.strip() for each in options].index(label)
        here = await select.evaluate("each => each.selectedIndex")
        for _ in range(abs(wanted - here)):
            await self._keys.press("ArrowDown" if wanted > here else "ArrowUp")
        await expect(select.locator("option:checked")).to_have_text(label)

    async def tick(self, box: Locator) -> None:
        """Tab leads to the first radio of a group, arrows to the others."""
        if await box.get_attribute("type") == "checkbox":
            await self._go_to(box)
            await self._keys.press("Space")
        else:
            await self._choose_radio(box)
        await expect(box).to_be_checked()

    async def write(self, field: Locator, text: str) -> None:
        await self._go_to(field)
        await self._keys.press("ControlOrMeta+a")
        await self._keys.type(text)
        await expect(field).to_have_value(text)

    async def _choose_radio(self, radio: Locator) -> None:
        name = await radio.get_attribute("name")
        group = self._page.locator(f"input[type=radio][name='{name}']")
        values = [await each.get_attribute("value") for each in await group.all()]
        await self._go_to(group.first)
        await self._keys.press("Space")
        for _ in range(values.index(await radio.get_attribute("value"))):
            await self._keys.press("ArrowDown")

    async def _go_to(self, target: Locator) -> None:
        """Press Tab until the target has the focus; from the end of a page it begins again."""
        await expect(target).to_be_visible()
        for _ in range(_MOST_STEPS):
            if await target.evaluate(_IS_FOCUSED):
                return
            await self._keys.press("Tab")
        message = f"Tab does not lead to {target}"
        raise AssertionError(message)
