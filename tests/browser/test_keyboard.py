"""The whole way of a call by keyboard alone, and the list of shortcuts."""

from __future__ import annotations

import re

from playwright.sync_api import Locator, Page, expect

from tests.browser.conftest import People
from tests.browser.screen import beginning, card, cards, note_drawer, save
from tests.browser.stack import ANNA, ZENTRALE, Stack

MAX, WAECHTERS = "03023125123", "03023125720"
#: Steps with Tab after which whatever is looked for counts as out of reach.
STEPS = 60


def tab_to(page: Page, wanted: Locator, key: str = "Tab") -> None:
    """Press Tab, or another key, until the focus is there."""
    expect(wanted).to_be_visible()
    for _step in range(STEPS):
        if wanted.evaluate("one => one === document.activeElement"):
            return
        page.keyboard.press(key)
    raise AssertionError(f"{wanted} is out of reach of the Tab key")


def press(page: Page, wanted: Locator) -> None:
    """Go there and press Enter."""
    tab_to(page, wanted)
    page.keyboard.press("Enter")


def test_a_call_is_followed_to_its_note_by_keyboard_alone(people: People, stack: Stack) -> None:
    anna = people("anna", "/callcenter/calls")
    call = stack.simulator.incoming(MAX, ZENTRALE)
    shown = card(anna, "Max Mustermann")
    expect(shown).to_be_visible()
    anna.keyboard.press("F8")
    expect(shown).to_be_focused()
    press(anna, shown.get_by_role("link", name="Zur Adresse"))
    expect(anna.get_by_role("heading", level=1)).to_contain_text("Rheinwerk")
    stack.simulator.accept(call.call_id, ANNA)
    expect(shown).to_contain_text("Anruf angenommen")
    anna.keyboard.press("F8")
    press(anna, shown.get_by_role("link", name="Telefonnotiz anlegen"))
    subject = anna.get_by_label("Betreff")
    expect(anna.get_by_label("Text", exact=True)).to_be_focused()
    tab_to(anna, subject, "Shift+Tab")
    anna.keyboard.press("Control+a")
    anna.keyboard.type("Ohne Maus? Ja.")
    stack.simulator.hangup(call.call_id)
    expect(shown).to_contain_text("Anruf beendet")
    expect(subject).to_be_focused()
    anna.keyboard.press("Control+Enter")
    expect(anna.get_by_text("Die Notiz ist gespeichert.")).to_be_visible()
    anna.keyboard.press("Escape")
    expect(cards(anna)).to_have_count(0)
    press(anna, anna.get_by_role("link", name=beginning("CRM")))
    expect(anna.get_by_text("Ohne Maus? Ja.").first).to_be_visible()


def test_from_the_card_one_key_leads_to_its_note_and_one_to_its_address(people: People, stack: Stack) -> None:
    anna = people("anna", "/callcenter/statistics")
    stack.simulator.incoming(MAX, ZENTRALE)
    shown = card(anna, "Max Mustermann")
    expect(shown).to_be_visible()
    # Elsewhere it is a letter like any other.
    anna.keyboard.press("n")
    anna.keyboard.press("F8")
    expect(shown).to_be_focused()
    anna.keyboard.press("n")
    drawer = note_drawer(anna)
    expect(drawer.get_by_label("Text")).to_be_focused()
    expect(drawer.get_by_label("Text")).to_have_value("")
    anna.keyboard.press("Escape")
    expect(drawer).to_be_hidden()
    anna.keyboard.press("F8")
    for _there_and_back in range(2):
        if not shown.evaluate("one => one === document.activeElement"):
            anna.keyboard.press("F8")
    expect(shown).to_be_focused()
    anna.keyboard.press("Enter")
    expect(anna.get_by_role("heading", level=1)).to_contain_text("Rheinwerk Maschinenbau GmbH")


def test_one_key_begins_the_address_of_an_unknown_caller_and_unfolds_a_card(people: People, stack: Stack) -> None:
    anna = people("anna", "/callcenter/statistics")
    stack.simulator.incoming("06990009791", ZENTRALE)
    shown = card(anna, "069 90009791")
    shown.get_by_role("button", name=beginning("Karte zuklappen")).click()
    shown.focus()
    anna.keyboard.press("Enter")
    expect(shown.get_by_role("link", name="Adresse anlegen")).to_be_visible()
    shown.focus()
    anna.keyboard.press("Enter")
    expect(anna.get_by_label("Telefonnummer").first).to_have_value(re.compile("69 ?90009791"))


def test_one_of_several_matches_is_chosen_by_keyboard_alone_and_the_focus_goes_back(
    people: People, stack: Stack
) -> None:
    anna = people("anna", "/addresses/")
    search = anna.get_by_role("searchbox", name="Adressen suchen")
    search.focus()
    stack.simulator.incoming(WAECHTERS, ZENTRALE)
    shown = cards(anna)
    expect(shown).to_contain_text("Uwe Wächter")
    anna.keyboard.press("F8")
    press(anna, shown.get_by_role("button", name="Uwe Wächter auswählen"))
    press(anna, shown.get_by_role("button", name="Nur dieser Anruf"))
    expect(shown).to_have_accessible_name("Eingehender Anruf von Uwe Wächter")
    press(anna, shown.get_by_role("button", name="Rückgängig"))
    expect(shown.get_by_role("button", name="Uwe Wächter auswählen")).to_be_visible()
    assert anna.evaluate("document.activeElement !== document.body"), "the focus is lost"
    anna.keyboard.press("F8")
    expect(search).to_be_focused()
    anna.keyboard.press("Escape")
    expect(cards(anna)).to_have_count(0)
    expect(search).to_be_focused()


def test_a_number_is_dialled_and_the_call_watched_by_keyboard_alone(people: People, stack: Stack) -> None:
    anna = people("anna", "/addresses/3")
    press(anna, anna.get_by_role("button", name=beginning("Sabine Krüger anrufen")).first)
    expect(anna.locator("[data-dial-words]")).to_have_text("Ihr Telefon klingelt gleich – bitte abheben.")
    call = stack.simulator.pick_up(ANNA)
    shown = card(anna, "Sabine Krüger")
    expect(shown).to_contain_text("Ausgehender Anruf")
    stack.simulator.callee(call.call_id, "busy")
    expect(shown).to_contain_text("Besetzt")
    expect(anna.get_by_role("button", name=beginning("Sabine Krüger anrufen")).first).to_be_focused()
    anna.keyboard.press("F8")
    expect(shown).to_be_focused()
    anna.keyboard.press("Escape")
    expect(cards(anna)).to_have_count(0)
    expect(anna.get_by_role("button", name=beginning("Sabine Krüger anrufen")).first).to_be_focused()


def test_cards_show_through_where_they_lie_over_what_has_the_focus(people: People, stack: Stack) -> None:
    anna = people("anna", "/addresses/1/edit")
    place, free = anna.get_by_role("region", name="Aktuelle Anrufe"), anna.get_by_label("Name", exact=True)
    stack.simulator.incoming(MAX, ZENTRALE)
    shown = card(anna, "Max Mustermann")
    # Its facts make it higher when they come.
    expect(shown).to_contain_text("Anrufe heute")
    anna.evaluate(
        """() => {
            const card = document.querySelector("[data-call-id]").getBoundingClientRect();
            const below = document.createElement("button");
            below.id = "below";
            const [top, left] = [card.top + 40, card.left + 20];
            below.style.cssText = `position: fixed; top: ${top}px; left: ${left}px; width: 80px; height: 24px`;
            document.querySelector("main").append(below);
        }"""
    )
    anna.locator("#below").focus()
    expect(shown).to_have_css("opacity", "1")
    # Whoever comes there by key.
    anna.keyboard.press("Shift+Tab")
    anna.keyboard.press("Tab")
    expect(anna.locator("#below")).to_be_focused()
    expect(place).to_have_css("opacity", "1")
    expect(shown).to_have_css("opacity", "0.15")
    free.focus()
    expect(shown).to_have_css("opacity", "1")


def test_the_first_tab_leads_past_the_menu_to_the_content(people: People, stack: Stack) -> None:
    anna = people("anna", "/addresses/3")
    link = anna.get_by_role("link", name="Zum Inhalt springen")
    anna.keyboard.press("Tab")
    expect(link).to_be_focused()
    expect(link).to_be_in_viewport()
    anna.keyboard.press("Enter")
    expect(anna.locator("main")).to_be_focused()
    anna.keyboard.press("Tab")
    assert anna.evaluate("document.querySelector('main').contains(document.activeElement)")


def _list(page: Page) -> Locator:
    return page.get_by_role("dialog", name="Tastenkürzel")


def test_a_question_mark_shows_the_shortcuts_but_not_while_one_types(people: People, stack: Stack) -> None:
    anna = people("anna", "/addresses/")
    search = anna.get_by_role("searchbox", name="Adressen suchen")
    search.focus()
    anna.keyboard.type("?")
    expect(search).to_have_value("?")
    expect(_list(anna)).to_be_hidden()
    heading = anna.get_by_role("link", name="Durchwahl", exact=True)
    heading.focus()
    for key in ("Control+?", "Alt+?", "Meta+?"):
        anna.keyboard.press(key)
    expect(_list(anna)).to_be_hidden()
    anna.keyboard.press("?")
    expect(_list(anna)).to_contain_text("Zum neuesten Anruf und zurück dorthin, wo Sie waren")
    expect(_list(anna)).to_contain_text("Strg+Enter")
    anna.keyboard.press("Escape")
    expect(_list(anna)).to_be_hidden()
    expect(heading).to_be_focused()
    # A key of an open menu stays the menu's.
    anna.get_by_role("button", name="Mein Bereich: Anna Schmidt").press("Enter")
    anna.keyboard.press("?")
    expect(_list(anna)).to_be_hidden()


def test_escape_closes_the_list_and_leaves_the_card(people: People, stack: Stack) -> None:
    anna = people("anna")
    stack.simulator.incoming(MAX, ZENTRALE)
    expect(cards(anna)).to_have_count(1)
    anna.get_by_role("button", name="Tastenkürzel").click()
    expect(_list(anna)).to_be_visible()
    anna.keyboard.press("Escape")
    expect(_list(anna)).to_be_hidden()
    expect(cards(anna)).to_have_count(1)


def test_who_wants_no_shortcut_of_a_character_switches_it_off(people: People, stack: Stack) -> None:
    ben = people("ben", "/account/settings")
    choice = ben.get_by_role("checkbox", name="Tastenkürzel aus einem einzelnen Zeichen")
    expect(choice).to_be_checked()
    choice.uncheck()
    save(ben)
    expect(ben.get_by_role("status").filter(has_text="Gespeichert.")).to_be_visible()
    ben.locator("body").press("?")
    ben.get_by_role("button", name="Tastenkürzel").click()
    expect(_list(ben)).to_contain_text(re.compile("ausgeschaltet"))
    expect(_list(ben)).not_to_contain_text("Diese Liste zeigen")
    stack.simulator.incoming(MAX, ZENTRALE)
    ben.keyboard.press("Escape")
    expect(cards(ben)).to_have_count(1)
    # No key that types anything: it stays.
    ben.keyboard.press("F8")
    expect(cards(ben)).to_be_focused()
