"""What a card knows of the caller: at ring time, live while it is open, after a reload; and silence of the system."""

from __future__ import annotations

import re

from playwright.sync_api import Locator, expect

from tests.browser.conftest import People
from tests.browser.screen import beginning, card, cards, heard, save, transcript
from tests.browser.stack import ANNA, ZENTRALE, Stack

MAX, BLOCKED, STRANGER = "03023125123", "04066969310", "06990009791"
#: Whether one part of a card ends where another begins; both measured at the same moment, as cards move.
ABOVE = """(card, [upper, lower]) =>
  card.querySelector(upper).getBoundingClientRect().bottom <= card.querySelector(lower).getBoundingClientRect().top"""


def ring(stack: Stack, number: str) -> str:
    return stack.simulator.incoming(number, ZENTRALE).call_id


def fact(shown: Locator, label: str) -> Locator:
    return shown.locator(".call-fact").filter(has_text=label)


def test_at_ring_time_the_card_says_what_is_known_of_the_caller(people: People, stack: Stack) -> None:
    anna, ben = people("anna"), people("ben")
    ring(stack, BLOCKED)
    for page in (anna, ben):
        shown = card(page, "Schröder Werkzeuge")
        expect(shown.locator(".call-detail").first).to_contain_text("10006")
        block = fact(shown, "Liefersperre")
        expect(block).to_contain_text("Zwei Rechnungen seit 90 Tagen offen · seit 14.09.2026")
        # Told by a sign and in words, not by its colour alone.
        expect(block.locator("svg")).to_be_visible()
        expect(fact(shown, "Anrufe heute")).to_contain_text("1")
    ring(stack, MAX)
    shown = card(anna, "Max Mustermann")
    expect(fact(shown, "Vertrieb")).to_contain_text("Anna Schmidt")
    expect(fact(shown, "Innendienst")).to_contain_text("Ben Yilmaz")
    expect(fact(shown, "Letzter Kontakt")).to_contain_text("Rückfrage zur Lieferung")
    anna.reload()
    expect(fact(card(anna, "Max Mustermann"), "Vertrieb")).to_be_visible()
    expect(fact(card(anna, "Schröder"), "Liefersperre")).to_be_visible()


def test_a_screen_reader_hears_of_the_delivery_block_with_the_call(people: People, stack: Stack) -> None:
    anna = people("anna")
    transcript(anna)
    call_id = ring(stack, BLOCKED)
    said = "Eingehender Anruf von Schröder Werkzeuge GmbH & Co. KG", "Liefersperre: Zwei Rechnungen seit 90 Tagen offen"
    for words in said:
        anna.wait_for_function("(words) => window.heard.some((said) => said.includes(words))", arg=words)
    stack.simulator.accept(call_id, ANNA)
    anna.wait_for_function("() => window.heard.some((said) => said.includes('Anruf angenommen'))")
    assert sum("Liefersperre" in one for one in heard(anna)) == 1


def test_facts_change_while_the_card_is_open(people: People, stack: Stack) -> None:
    anna, ben = people("anna"), people("ben")
    stack.simulator.hangup(ring(stack, MAX), "missed")
    ring(stack, MAX)
    shown = cards(anna).filter(has_text="Eingehender Anruf")
    # The first one may have been yesterday's: midnight can lie between them.
    expect(fact(shown, "Anrufe heute")).to_contain_text(re.compile("[12]"))
    expect(fact(shown, "Offene Rückrufe")).to_contain_text("1")
    expect(fact(shown, "Liefersperre")).to_have_count(0)

    # Ben sets a delivery block, and settles the call-back.
    card(ben, "Eingehender Anruf").get_by_role("link", name="Zur Adresse").click()
    ben.locator("main").get_by_role("link", name="Bearbeiten").first.click()
    ben.get_by_label("Liefersperre", exact=True).check()
    ben.get_by_label("Grund", exact=True).fill("<b>Insolvenz</b> angemeldet")
    save(ben)
    expect(fact(shown, "Liefersperre")).to_contain_text("<b>Insolvenz</b> angemeldet")
    ben.goto(f"{stack.url}/callcenter/callbacks?show=open")
    row = ben.get_by_role("row").filter(has_text="Max Mustermann")
    row.get_by_role("checkbox").check()
    ben.get_by_role("button", name="Erledigt", exact=True).first.click()
    expect(fact(shown, "Offene Rückrufe")).to_have_count(0)
    expect(fact(shown, "Liefersperre")).to_be_visible()


def test_a_call_that_was_closed_without_an_end_says_that_it_was_assumed(people: People, stack: Stack) -> None:
    clara = people("clara")
    ring(stack, STRANGER)
    expect(card(clara, "069 90009791")).to_be_visible()
    stack.let_calls_be_closed()
    # The server looks every fifteen seconds.
    expect(card(clara, "069 90009791")).to_have_attribute("data-phase", "ended", timeout=60_000)
    expect(card(clara, "069 90009791").locator("strong")).to_have_text("Placetel meldet nichts mehr")
    expect(card(clara, "069 90009791")).to_contain_text("Das Ende wurde nicht gemeldet")


def test_a_card_of_which_nothing_more_is_heard_says_so_until_something_is(people: People, stack: Stack) -> None:
    admin, anna = people("admin", "/callcenter/settings"), people("anna")
    admin.get_by_text("Weitere Einstellungen").click()
    admin.get_by_label("Karten klingeln höchstens").fill("20")
    save(admin)
    expect(admin.get_by_label("Karten klingeln höchstens")).to_have_value("20")
    transcript(anna)
    call_id = ring(stack, STRANGER)
    shown = card(anna, "069 90009791")
    expect(shown.locator("strong")).to_have_text("Eingehender Anruf")
    expect(anna).to_have_title(beginning("☎ Jemand ruft an"))
    expect(shown.locator("strong")).to_have_text("Placetel meldet nichts mehr", timeout=60_000)
    expect(shown).to_contain_text("vielleicht klingelt es nicht mehr")
    assert shown.evaluate(ABOVE, ["[data-news]", ".call-number"]), "the sentence lies over the number"
    expect(anna.locator("[data-call-live]")).to_have_text(beginning("Placetel meldet nichts mehr: Unbekannt (069 9000"))
    # It no longer rings in the title of the window either.
    expect(anna).to_have_title(beginning("Adressen"))
    stack.simulator.accept(call_id, ANNA)
    expect(shown.locator("strong")).to_have_text("Anruf angenommen")
    expect(shown.locator("[data-news]")).to_be_hidden()
