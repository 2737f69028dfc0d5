"""Strangers and colleagues on the screen: where a call comes from, whose telephone it is, and what is offered then."""

from __future__ import annotations

from playwright.sync_api import expect

from tests.browser.conftest import People
from tests.browser.screen import call_bell, card, heard, transcript
from tests.browser.stack import ANNA, ANNAS_LINE, ZENTRALE, Stack

VIENNA, FRANKFURT, MOBILE, PREMIUM = "+4315885812", "06990009777", "017604069088", "09001000000"


def test_a_strangers_card_tells_place_or_country_and_kind_of_line(people: People, stack: Stack) -> None:
    anna = people("anna")
    transcript(anna)
    told = {
        FRANKFURT: "Frankfurt am Main · Festnetz",
        VIENNA: "Wien, Österreich · Festnetz",
        MOBILE: "Deutschland · Mobilfunk",
        PREMIUM: "Deutschland · Premium-Rufnummer",
    }
    for caller, words in told.items():
        stack.simulator.incoming(caller, ZENTRALE)
        expect(card(anna, words).locator("[data-who]")).to_have_text("Unbekannt")
    expect(anna.locator("[data-call-live]")).to_contain_text("Deutschland")
    assert any("(069 90009777, Frankfurt am Main)" in text for text in heard(anna))
    call_bell(anna).click()
    expect(anna.locator("[data-call-latest]")).to_contain_text("Wien, Österreich · Festnetz")


def test_a_withheld_number_comes_from_nowhere(people: People, stack: Stack) -> None:
    anna = people("anna")
    stack.simulator.incoming("anonymous", ZENTRALE)
    shown = card(anna, "Nummer unterdrückt")
    expect(shown).to_be_visible()
    expect(shown.locator("[data-origin]")).to_be_hidden()


def test_a_new_address_takes_the_country_and_offers_the_town_of_the_caller(people: People, stack: Stack) -> None:
    anna = people("anna")
    stack.simulator.incoming(VIENNA, ANNAS_LINE)
    card(anna, "Wien, Österreich").get_by_role("link", name="Adresse anlegen").click()
    expect(anna.get_by_label("Land")).to_have_value("AT")
    town = anna.get_by_label("Ort", exact=True)
    expect(town).to_have_value("")
    anna.get_by_role("button", name="Wien übernehmen").click()
    expect(town).to_have_value("Wien")
    expect(town).to_be_focused()
    expect(anna.get_by_text("Vorwahl von Wien.")).to_have_count(0)


def test_an_inside_call_shows_the_colleague_in_both_directions(people: People, stack: Stack) -> None:
    stack.flask("callcenter", "placetel", "check")
    anna = people("anna")
    stack.simulator.incoming("12", ZENTRALE)
    calling = card(anna, "Eingehender Anruf")
    expect(calling.locator("[data-who]")).to_have_text("Ben Yilmaz (Durchwahl 12)")
    expect(calling.get_by_role("link", name="Adresse anlegen")).to_be_hidden()
    expect(calling.locator("[data-origin]")).to_be_hidden()
    dialled = stack.simulator.outgoing(ANNA, "12").call_id
    expect(card(anna, "Ausgehender Anruf").locator("[data-who]")).to_have_text("Ben Yilmaz (Durchwahl 12)")
    stack.simulator.callee(dialled, "answer")
    stack.simulator.hangup(dialled)
    expect(card(anna, "Anruf beendet").locator("[data-who]")).to_have_text("Ben Yilmaz (Durchwahl 12)")
    anna.goto(f"{stack.url}/callcenter/calls")
    expect(anna.locator("main [data-call-id]").first).to_contain_text("Ben Yilmaz (Durchwahl 12)")
