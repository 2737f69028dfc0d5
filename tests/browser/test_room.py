"""Five calls on the line: the page stays usable, and what an inactive app offered is gone from open pages."""

from __future__ import annotations

from playwright.sync_api import Page, expect

from tests.browser.conftest import People
from tests.browser.screen import cards, note_drawer
from tests.browser.stack import ZENTRALE, Stack

CALLERS = tuple(f"0699000977{n}" for n in range(5))


def _top(page: Page) -> float:
    """Where the uppermost card begins, in pixels from the top of the window."""
    boxes = [card.bounding_box() for card in cards(page).all() if card.is_visible()]
    return min(box["y"] for box in boxes if box is not None)


def test_cards_leave_the_head_of_the_page_free_and_the_newest_is_whole(people: People, stack: Stack) -> None:
    anna = people("anna", "/addresses/1")
    for caller in CALLERS:
        stack.simulator.incoming(caller, ZENTRALE)
    expect(cards(anna)).to_have_count(5)
    edit = anna.get_by_role("link", name="Bearbeiten", exact=True).bounding_box()
    assert edit is not None
    assert _top(anna) >= edit["y"] + edit["height"]
    expect(cards(anna).first.get_by_role("link", name="Telefonnotiz anlegen")).to_be_visible()
    anna.get_by_role("link", name="Bearbeiten", exact=True).click()
    anna.wait_for_url("**/addresses/1/edit")


def test_a_note_is_saved_while_its_call_is_on_the_screen(people: People, stack: Stack) -> None:
    anna = people("anna")
    stack.simulator.incoming(CALLERS[0], ZENTRALE)
    cards(anna).first.get_by_role("link", name="Telefonnotiz anlegen").click()
    anna.get_by_label("Text", exact=True).fill("Bitte zurückrufen")
    expect(cards(anna)).to_have_count(1)
    note_drawer(anna).get_by_role("button", name="Speichern", exact=True).click()
    expect(anna.get_by_text("Die Notiz ist gespeichert.")).to_be_visible()


def test_an_open_page_loses_phone_buttons_and_menu_with_the_app(people: People, stack: Stack) -> None:
    anna = people("anna", "/addresses/")
    buttons, menu = anna.locator(".phone-button:visible"), anna.get_by_role("link", name="Telefonbuch")
    expect(menu).to_be_visible()
    shown = buttons.count()
    assert shown
    stack.flask("modules", "deactivate", "callcenter")
    try:
        expect(buttons).to_have_count(0)
        expect(menu).to_be_hidden()
    finally:
        stack.flask("modules", "activate", "callcenter")
    expect(buttons).to_have_count(shown)
    expect(menu).to_be_visible()
