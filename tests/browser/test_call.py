"""A call from its first ring to the note about it, on the screens of those whom it concerns."""

from __future__ import annotations

import re

from playwright.sync_api import expect

from tests.browser.conftest import People
from tests.browser.screen import LINE_STAYS, beginning, card, cards, note_drawer, notify_me, save, save_note
from tests.browser.stack import ANNA, ANNAS_LINE, BEN, ZENTRALE, Stack

MAX, COMPANY = "03023125123", "03023125100"
SABINE, STRANGER = "01713920010", "06990009777"


def test_a_call_rings_on_both_screens_and_ends_as_a_note_at_the_address(people: People, stack: Stack) -> None:
    anna, ben = people("anna"), people("ben", clock=True)
    call = stack.simulator.incoming(MAX, ZENTRALE)
    for page in (anna, ben):
        shown = card(page, "Max Mustermann")
        expect(shown).to_be_visible()
        expect(shown).to_contain_text("Eingehender Anruf")
        expect(shown).to_contain_text("Rheinwerk Maschinenbau GmbH")
        expect(shown).to_contain_text("Kundennummer 10000")
        expect(shown).to_contain_text("030 23125123")
        expect(shown).to_contain_text("0221 4710000")
        expect(shown.locator("time")).to_have_text(re.compile(r"^um \d\d:\d\d:\d\d Uhr$"))

    stack.simulator.accept(call.call_id, ANNA)
    expect(card(anna, "Anruf angenommen")).to_be_visible()
    expect(card(ben, "angenommen von Anna Schmidt")).to_be_visible()
    expect(card(ben, "Max Mustermann").get_by_role("link", name="Zur Adresse")).to_be_hidden()
    ben.clock.fast_forward(LINE_STAYS)
    expect(cards(ben)).to_have_count(0)

    stack.simulator.hangup(call.call_id, duration=83)
    ended = card(anna, "Anruf beendet")
    expect(ended).to_contain_text("Dauer 1:23")
    expect(cards(ben)).to_have_count(0)

    ended.get_by_role("link", name="Telefonnotiz anlegen").click()
    form = note_drawer(anna)
    for label, chosen in (
        ("Ansprechpartner", "Max Mustermann"),
        ("Bearbeiter", "Anna Schmidt"),
        ("Richtung", "eingehend"),
    ):
        expect(form.get_by_label(label).locator("option:checked")).to_have_text(chosen)
    expect(form.get_by_label("Telefonnummer")).to_have_value("030 23125123")
    expect(form.get_by_label("Dauer")).to_have_value("1:23")
    expect(form.get_by_label("Datum", exact=True)).to_have_value(re.compile(r"\d{4}-\d\d-\d\d"))
    expect(form.get_by_label("Uhrzeit", exact=True)).to_have_value(re.compile(r"\d\d:\d\d"))
    form.get_by_label("Betreff").fill("Ersatzteile bestellt")
    form.get_by_role("textbox", name="Text").fill("Drei Dichtungen, Lieferung bis Freitag.")
    save_note(anna)
    note = (
        anna.get_by_role("region", name=re.compile("Telefonate"))
        .get_by_role("listitem")
        .filter(has_text="Ersatzteile bestellt")
    )
    for text in ("Drei Dichtungen", "eingehend", "mit Max Mustermann", "030 23125123", "1:23", "Anna Schmidt"):
        expect(note).to_contain_text(text)
    anna.goto(f"{stack.url}/callcenter/calls")
    expect(anna.get_by_role("row").filter(has_text="Ersatzteile bestellt")).to_contain_text("Max Mustermann")


def test_a_call_to_annas_line_is_shown_to_her_alone_when_ben_wants_only_his_own(people: People, stack: Stack) -> None:
    anna, ben = people("anna"), people("ben", "/account/settings")
    notify_me(ben, stack.url, of="nur meine Leitungen und meine Gespräche")
    people.wait_for_calls(ben)
    stack.simulator.incoming(SABINE, ANNAS_LINE)
    expect(card(anna, "Sabine Krüger")).to_be_visible()
    stack.simulator.incoming(MAX, ZENTRALE)
    expect(card(ben, "Max Mustermann")).to_be_visible()
    expect(cards(ben)).to_have_count(1)
    notify_me(ben, stack.url)
    expect(card(ben, "Sabine Krüger")).to_be_visible()


def test_a_duration_unknown_while_they_talk_is_filled_into_the_note_when_the_call_ends(
    people: People, stack: Stack
) -> None:
    ben = people("ben")
    call = stack.simulator.incoming(COMPANY, ZENTRALE)
    stack.simulator.accept(call.call_id, BEN)
    card(ben, "Anruf angenommen").get_by_role("link", name="Telefonnotiz anlegen").click()
    expect(ben.get_by_label("Dauer")).to_have_value("")
    ben.get_by_label("Betreff").fill("Während des Gesprächs notiert")
    save_note(ben)
    note = ben.locator("li.note").filter(has_text="Während des Gesprächs notiert")
    expect(note).to_be_visible()
    expect(note).not_to_contain_text("2:05")
    stack.simulator.hangup(call.call_id, duration=125)
    expect(card(ben, "Anruf beendet")).to_contain_text("Dauer 2:05")
    ben.reload()
    expect(note).to_contain_text("2:05")


def test_a_note_without_a_subject_is_named_after_the_call(people: People, stack: Stack) -> None:
    anna = people("anna")
    stack.simulator.incoming(SABINE, ZENTRALE)
    card(anna, "Sabine Krüger").get_by_role("link", name="Telefonnotiz anlegen").click()
    anna.get_by_role("textbox", name="Text").fill("Bittet um Rückruf.")
    save_note(anna)
    note = anna.locator("li.note").filter(has_text="Bittet um Rückruf.")
    expect(note.locator(".note-subject")).to_have_text("Eingehender Anruf")


def test_an_unknown_caller_becomes_an_address_with_his_number(people: People, stack: Stack) -> None:
    anna = people("anna")
    stack.simulator.incoming("06990009778", ZENTRALE)
    shown = card(anna, "069 90009778")
    expect(shown).to_contain_text("Unbekannt")
    expect(shown.get_by_role("link", name="Zur Adresse")).to_be_hidden()
    shown.get_by_role("link", name="Adresse anlegen").click()
    # With its country code, so that it stays right whatever country is chosen.
    expect(anna.get_by_role("textbox", name="Telefonnummer").first).to_have_value("+496990009778")
    anna.get_by_label("Name", exact=True).fill("Feinkost Anders")
    save(anna)
    expect(anna.get_by_role("heading", level=1)).to_contain_text("Feinkost Anders")
    # The ringing call is known at once, here and on the next page.
    expect(card(anna, "Feinkost Anders")).to_contain_text("Eingehender Anruf")
    card(anna, "Feinkost Anders").get_by_role("link", name="Zur Adresse").click()
    expect(anna.get_by_role("heading", level=1)).to_contain_text("Feinkost Anders")


def test_a_note_about_an_unknown_caller_stays_at_the_call_and_is_attached_later(people: People, stack: Stack) -> None:
    anna = people("anna")
    call = stack.simulator.incoming(STRANGER, ZENTRALE)
    stack.simulator.accept(call.call_id, ANNA)
    card(anna, "Anruf angenommen").get_by_role("link", name="Telefonnotiz anlegen").click()
    expect(anna.get_by_role("radio", name="vorerst keine")).to_be_checked()
    anna.get_by_label("Betreff").fill("Fragt nach einem Angebot")
    save_note(anna)
    stack.simulator.hangup(call.call_id)
    anna.goto(f"{stack.url}/callcenter/calls")
    anna.get_by_role("row").filter(has_text="069 90009777").get_by_role("link", name="Fragt nach einem Angebot").click()

    anna.get_by_role("searchbox", name="Adressen suchen").press_sequentially("sonnenschein")
    anna.get_by_role("radio", name=re.compile("^Bäckerei Sonnenschein")).check()
    save(anna)
    expect(anna.get_by_role("heading", level=1)).to_contain_text("Bäckerei Sonnenschein")
    expect(anna.locator("li.note").filter(has_text="Fragt nach einem Angebot")).to_be_visible()
    anna.goto(f"{stack.url}/addresses/notes")
    expect(anna.locator("main")).not_to_contain_text("Fragt nach einem Angebot")


def test_who_was_picked_stays_picked_when_the_list_is_found_anew(people: People, stack: Stack) -> None:
    anna = people("anna", "/addresses/notes/new")
    field = anna.get_by_role("searchbox", name="Adressen suchen")
    field.press_sequentially("sonnen")
    chosen = anna.get_by_role("radio", name=re.compile("^Bäckerei Sonnenschein"))
    chosen.check()
    for text, other in (("bäckerei", "Bäckerei Sonnenschein"), ("kröger", "Bauunternehmung Kröger")):
        field.fill(text)
        expect(anna.get_by_role("radio", name=re.compile(f"^{other}"))).to_be_visible()
        expect(chosen).to_be_checked()


def test_enter_in_the_search_chooses_for_the_note_and_does_not_send_it(people: People, stack: Stack) -> None:
    anna = people("anna")
    stack.simulator.incoming("06990009641", ZENTRALE)
    card(anna, "069 90009641").get_by_role("link", name="Telefonnotiz anlegen").click()
    drawer = note_drawer(anna)
    drawer.get_by_label("Text").fill("Braucht ein Angebot")
    field = drawer.get_by_role("searchbox", name="Adressen suchen")
    field.press("Enter")
    expect(drawer).to_be_visible()
    field.press_sequentially("kröger")
    field.press("Enter")
    hit = drawer.get_by_role("radio", name=beginning("Bauunternehmung Kröger"))
    expect(hit).to_be_checked()
    expect(hit).to_be_focused()
    hit.press("Control+Enter")
    anna.locator("[data-note-told]").get_by_role("link", name="Anzeigen").click()
    expect(anna.get_by_role("heading", level=1)).to_contain_text("Bauunternehmung Kröger")
    expect(anna.get_by_text("Braucht ein Angebot").first).to_be_visible()


def test_an_anonymous_call_has_a_note_but_no_address_to_create(people: People, stack: Stack) -> None:
    anna = people("anna")
    stack.simulator.incoming("anonymous", ZENTRALE)
    shown = card(anna, "Nummer unterdrückt")
    expect(shown).to_have_attribute("aria-label", "Eingehender Anruf: Nummer unterdrückt")
    expect(shown.get_by_role("link", name="Telefonnotiz anlegen")).to_be_visible()
    expect(shown.get_by_role("link", name="Adresse anlegen")).to_be_hidden()
    expect(shown.get_by_role("link", name="Zur Adresse")).to_be_hidden()


def test_several_addresses_with_the_number_are_listed_and_the_note_goes_to_the_chosen_one(
    people: People, stack: Stack
) -> None:
    anna = people("anna")
    stack.simulator.incoming("03023125720", ZENTRALE)
    shown = card(anna, "Mehrere Adressen haben diese Nummer")
    expect(shown).to_have_accessible_name("Eingehender Anruf: Mehrere Adressen haben diese Nummer (030 23125720)")
    expect(shown.get_by_role("listitem")).to_have_count(2)
    expect(shown.get_by_role("link", name="Annette Wächter")).to_be_visible()
    expect(shown.get_by_role("link", name="Zur Adresse")).to_be_hidden()
    uwe = shown.get_by_role("listitem").filter(has_text="Uwe Wächter")
    uwe.get_by_role("link", name="Telefonnotiz anlegen").click()
    expect(note_drawer(anna)).to_contain_text("Uwe Wächter")
    expect(note_drawer(anna).get_by_label("Telefonnummer")).to_have_value("030 23125720")


def test_an_unlisted_extension_of_a_switchboard_is_probably_that_company(people: People, stack: Stack) -> None:
    anna = people("anna")
    stack.simulator.incoming("04066969207", ZENTRALE)
    shown = card(anna, "Hanseatic")
    expect(shown).to_contain_text("wahrscheinlich Hanseatic Logistik GmbH")
    shown.get_by_role("link", name="Zur Adresse").click()
    expect(anna.get_by_role("heading", level=1)).to_contain_text("Hanseatic Logistik GmbH")


def test_a_caller_from_abroad_is_shown_with_his_country_code(people: People, stack: Stack) -> None:
    anna = people("anna")
    stack.simulator.incoming("+442079460123", ZENTRALE)
    expect(card(anna, "+44 20 7946 0123")).to_contain_text("Unbekannt")
