"""What is promised of every page: axe-core finds nothing, targets are large enough, a window may be zoomed."""

from __future__ import annotations

from typing import Literal

import pytest
from playwright.sync_api import Locator, Page, ViewportSize, expect

from tests.browser.axe import findings
from tests.browser.conftest import People
from tests.browser.measure import cut_off, too_small
from tests.browser.screen import beginning, call_bell, cards
from tests.browser.stack import ZENTRALE, Stack
from tests.browser.test_pages import NARROW, PAGES, STICKS_OUT, WIDE, furnished

#: How the pages of a language are looked at by axe-core; widths and schemes do not differ with the language.
LOOK: dict[str, tuple[ViewportSize, Literal["light", "dark"]]] = {"de": (NARROW, "dark"), "en": (WIDE, "light")}
#: A window of 1440 pixels that is zoomed to 200 % is 720 pixels wide for the page.
ZOOMED = ViewportSize(width=720, height=450)
#: Two seconds at most. A function of the page, as its content policy lets nobody wait for a text of code.
_UNTIL_IT_FITS = """async () => {
    const fits = () => document.scrollingElement.scrollWidth <= innerWidth;
    for (let turn = 0; turn < 40 && !fits(); turn += 1) await new Promise((done) => setTimeout(done, 50));
}"""


def _sizes(page: Page) -> list[object]:
    """What is too small to hit in a wide window, and what does not stand a page or letters of double size."""
    page.set_viewport_size(WIDE)
    wrong: list[object] = [*too_small(page)]
    page.set_viewport_size(ZOOMED)
    # Charts are drawn anew a moment after the window has changed.
    page.evaluate(_UNTIL_IT_FITS)
    wrong += [*page.evaluate(STICKS_OUT), *cut_off(page)]
    # Larger letters in a window that keeps its size: whoever has set them so in the browser.
    page.set_viewport_size(WIDE)
    page.evaluate("document.documentElement.style.fontSize = '200%'")
    page.evaluate(_UNTIL_IT_FITS)
    return [*wrong, *page.evaluate(STICKS_OUT)]


@pytest.mark.parametrize("language", ["de", "en"])
def test_on_every_page_axe_finds_nothing_targets_are_large_and_double_size_fits(
    people: People, stack: Stack, language: str
) -> None:
    page = furnished(people, stack, language)
    size, scheme = LOOK[language]
    page.emulate_media(color_scheme=scheme, reduced_motion="reduce")
    wrong: list[object] = []
    for path in PAGES:
        page.set_viewport_size(size)
        page.goto(stack.url + path)
        if page.evaluate("document.contentType") != "text/html":
            continue  # for programs
        page.locator(f"html[data-bs-theme={scheme}]").wait_for(state="attached")
        wrong += [(path, *found) for found in findings(page)]
        wrong += [(path, found) for found in too_small(page)]
        if language == "de":
            wrong += [(path, found) for found in _sizes(page)]
    assert not wrong, "\n".join(map(str, wrong))


@pytest.mark.parametrize(("width", "scheme"), [(1440, "light"), (390, "dark")])
def test_axe_finds_nothing_in_what_opens(people: People, stack: Stack, width: int, scheme: str) -> None:
    outside = people.nobody(width=width, color_scheme=scheme, reduced_motion="reduce")
    outside.goto(f"{stack.url}/login")
    wrong = [("login", *found) for found in findings(outside)]
    outside.fill("#username", "nobody")
    outside.fill("#password", "wrong")
    outside.get_by_role("button", name="Anmelden").click()
    outside.get_by_role("alert").first.wait_for()
    wrong += [("login refused", *found) for found in findings(outside)]

    page = people("admin", "/addresses/3", width=width, color_scheme=scheme, reduced_motion="reduce")

    def look(name: str, seen: Locator) -> None:
        expect(seen).to_be_visible()
        wrong.extend((name, *found) for found in findings(page))
        wrong.extend((name, found) for found in too_small(page))
        wrong.extend((name, found) for found in page.evaluate(STICKS_OUT))

    menu = page.get_by_role("button", name=beginning("Mein Bereich"))
    menu.click()
    look("my area", page.get_by_role("button", name="Abmelden"))
    page.get_by_role("button", name="Tastenkürzel").last.click()
    look("shortcuts", page.get_by_role("dialog", name="Tastenkürzel"))
    page.keyboard.press("Escape")
    bell = call_bell(page)
    bell.click()
    look("bell", page.get_by_role("heading", name="Letzte Anrufe"))
    page.keyboard.press("Escape")
    if width < 768:
        page.get_by_role("button", name="Menü", exact=True).click()
    page.get_by_role("button", name="Administration").click()
    look("administration", page.get_by_role("link", name="Benutzer", exact=True))
    page.goto(f"{stack.url}/addresses/3")
    stack.simulator.incoming("03023125720", ZENTRALE)
    several = cards(page)
    several.get_by_role("button", name="Uwe Wächter auswählen").click()
    look("several matches", several.get_by_role("button", name="Nur dieser Anruf"))
    for _call in range(6):
        stack.simulator.hangup(stack.simulator.incoming("06990009777", ZENTRALE).call_id, "missed")
    look("many cards", page.get_by_role("button", name=beginning("+2 weitere")))
    cards(page).get_by_role("button", name=beginning("Karte aufklappen")).first.click()
    cards(page).get_by_role("link", name="Nummer zuordnen").locator("visible=true").first.click()
    look("assignment", page.locator("dialog[open]").get_by_role("heading").first)
    assert not wrong, "\n".join(map(str, wrong))
