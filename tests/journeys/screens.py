"""The two sizes of screen on which everything is tried, and what must be so on any page."""

from dataclasses import dataclass
from typing import Any

import pytest
from playwright.sync_api import Page

TOO_SMALL = """() => !document.querySelector(".top") ? [] : [...document.querySelectorAll(
        "main :is(button, .button, input, select, textarea, summary), nav :is(a, button)")]
    .filter(one => one.type !== "hidden" && one.checkVisibility())
    .map(one => (one.matches("[type=checkbox], [type=radio]") && one.closest("label")) || one)
    .filter(one => one.getBoundingClientRect().height < 43.5)
    .map(one => one.outerHTML.slice(0, 120))"""
"""What a thumb would miss on a page in our frame (Django's admin has its own): lower than 44 pixels. Of a box its label is touched."""


@dataclass(frozen=True, slots=True)
class Screen:
    """A size of screen. owner: whose shop is used on it, the nth of the site's; so that no journey meets the other size's."""

    name: str
    width: int
    height: int
    touch: bool
    scheme: str
    owner: str
    nth: int

    @property
    def options(self) -> dict[str, Any]:
        """What Chromium is told."""
        return {
            "viewport": {"width": self.width, "height": self.height},
            "color_scheme": self.scheme,
            "has_touch": self.touch,
            "is_mobile": self.touch,
            "locale": "fr-FR",
        }


DESKTOP = Screen("desktop", 1280, 800, touch=False, scheme="light", owner="zoe@example.org", nth=0)
PHONE = Screen("phone", 360, 740, touch=True, scheme="dark", owner="alice@example.org", nth=1)
SCREENS = pytest.mark.parametrize("screen", [DESKTOP, PHONE], ids=lambda screen: screen.name)


def misfits(page: Page, screen: Screen) -> list[str]:
    """What does not fit that screen: a page that scrolls sideways; on a phone what is too small for a thumb."""
    page.wait_for_load_state()
    wide = page.evaluate("document.documentElement.scrollWidth")
    found = [f"scrolls sideways: {wide} pixels wide"] if wide > screen.width else []
    if screen.touch:
        found += [f"too small to touch: {one}" for one in page.evaluate(TOO_SMALL)]
    return found
