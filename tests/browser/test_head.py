"""The head of each page is one line at any width, in both languages, whoever is logged in; also beside an open note."""

from __future__ import annotations

from itertools import pairwise

import pytest
from playwright.sync_api import Page, expect

from tests.browser.conftest import People
from tests.browser.screen import note_drawer, save
from tests.browser.stack import Stack
from tests.conftest import PASSWORD

WIDTHS = (390, 430, 576, 768, 991, 992, 1024, 1100, 1199, 1200, 1279, 1280, 1366, 1399, 1400, 1440, 1600, 1920)
LONG_NAME = "Dr. Maximiliane-Alexandra Freifrau von Hohenstein-Wolkenburg zu Donaueschingen"
#: Left, right and middle height of all that stands in the head, from left to right.
_PLACES = """() => [...document.querySelectorAll("header :is(.navbar-brand, .navbar-toggler, .nav-link)")]
    .filter((one) => one.checkVisibility() && !one.closest(".dropdown-menu"))
    .map((one) => [one, one.getBoundingClientRect()])
    .sort(([, one], [, other]) => one.left - other.left)
    .map(([one, { left, right, top, bottom }]) => [one.innerText.trim(), left, right, (top + bottom) / 2])"""
_ROOM = """() => document.querySelector("[data-note-drawer][open]")?.getBoundingClientRect().left ?? innerWidth"""
_NAME = """() => {
    const name = document.querySelector(".head-name");
    return [name.checkVisibility(), name.scrollHeight > name.clientHeight + 1];
}"""

_UNDER_THE_HEAD = """() => {
    const here = document.activeElement;
    const edge = document.querySelector("header").getBoundingClientRect().bottom;
    return here.closest("main") && here.getBoundingClientRect().top < edge ? here.outerHTML.slice(0, 120) : "";
}"""


def _wrong(page: Page) -> list[str]:
    """What stands in another line than the brand, over its neighbour, or outside."""
    places = page.evaluate(_PLACES)
    middle = places[0][3]
    found = [f"{text} is in another line" for text, _left, _right, height in places if abs(height - middle) > 4]
    for (text, _left, right, _height), (other, left, _right, _other) in pairwise(places):
        if left < right - 0.5:
            found.append(f"{other} lies over {text}")
    if places[-1][2] > page.evaluate(_ROOM) + 0.5:
        found.append(f"{places[-1][0]} is outside")
    return found


def _person(people: People, stack: Stack, role: str, language: str) -> Page:
    """Somebody of this role whose name is long; he has a draft, so that the head holds all that it can."""
    name = f"{role}-{language}"
    stack.flask("users", "create", name, "--role", role, "--password-stdin", given=f"{PASSWORD}\n")
    page = people(name, "/account/settings", password=PASSWORD)
    page.locator("input#name").fill(LONG_NAME)
    page.locator("select#language").select_option(language)
    save(page)
    expect(page.locator("html")).to_have_attribute("lang", {"de": "de", "en": "en-GB"}[language])
    page.goto(f"{stack.url}/addresses/1/crm")
    page.evaluate("document.querySelector('[data-note-drafts]').hidden = false")
    return page


@pytest.mark.parametrize("language", ["de", "en"])
@pytest.mark.parametrize("role", ["administrator", "staff"])
def test_the_head_is_one_line_at_any_width(people: People, stack: Stack, role: str, language: str) -> None:
    page = _person(people, stack, role, language)
    wrong: list[object] = []
    for width in WIDTHS:
        page.set_viewport_size({"width": width, "height": 800})
        wrong += [(width, found) for found in _wrong(page)]
    page.set_viewport_size({"width": 1440, "height": 800})
    page.locator('a[href*="new=phone"]').first.click()
    expect(page.locator("[data-note-drawer][open] textarea").first).to_be_visible()
    for width in (one for one in WIDTHS if one >= 992):
        page.set_viewport_size({"width": width, "height": 800})
        wrong += [(width, "beside a note", found) for found in _wrong(page)]
    assert not wrong, "\n".join(map(str, wrong))


def test_a_name_of_usual_length_is_whole_and_a_long_one_is_cut(people: People, stack: Stack) -> None:
    admin = people("admin", width=1280)
    assert admin.evaluate(_NAME) == [True, False]
    admin.locator(".head-name").evaluate("(name, long) => { name.textContent = long; }", LONG_NAME)
    assert admin.evaluate(_NAME) == [True, True]


def test_beside_a_note_in_a_window_without_room_the_menu_opens_and_leads_on(people: People, stack: Stack) -> None:
    anna = people("anna", "/addresses/1/crm", width=1024)
    anna.get_by_role("link", name="Telefonnotiz anlegen").first.click()
    expect(note_drawer(anna).get_by_label("Text", exact=True)).to_be_visible()
    menu = anna.get_by_role("navigation", name="Hauptmenü")
    expect(menu).to_be_hidden()
    anna.get_by_role("button", name="Menü", exact=True).click()
    menu.get_by_role("link", name="Telefonbuch").click()
    expect(anna.get_by_role("heading", name="Telefonbuch")).to_be_visible()


def test_what_has_the_focus_never_lies_under_the_head(people: People, stack: Stack) -> None:
    anna = people("anna", "/addresses/", width=1024, reduced_motion="reduce")
    anna.locator("main a:visible").last.focus()
    hidden = []
    for _step in range(60):
        anna.keyboard.press("Shift+Tab")
        found = anna.evaluate(_UNDER_THE_HEAD)
        if found:
            hidden.append(found)
    assert not hidden, hidden[0]
    anna.goto(f"{stack.url}/addresses/1/crm#history")
    history, head = anna.locator("#history").bounding_box(), anna.locator("header").bounding_box()
    assert history is not None
    assert head is not None
    assert history["y"] >= head["height"]
