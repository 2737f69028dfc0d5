"""A note is written beside the page, kept as it is typed, and saved once, whatever happens meanwhile."""

from __future__ import annotations

import re
from collections.abc import Callable

import pytest
from playwright.sync_api import Locator, Page, Route, expect

from app.core.demo import DEMO_PASSWORD
from tests.browser.conftest import PATIENCE, People, log_in
from tests.browser.screen import beginning, card, save
from tests.browser.stack import ANNA, ANNAS_LINE, ZENTRALE, Stack

MAX = "03023125123"
#: Callers whom nobody knows: each test has one of its own, as drafts belong to calls.
UNKNOWN = "06990009{}"
SAVED = re.compile(r"^Entwurf gespeichert \d\d:\d\d$")
OFFLINE = re.compile("^Nicht gespeichert – Verbindung fehlt.")
PATIENT = 20_000


def drawer(page: Page) -> Locator:
    return page.get_by_role("dialog", name="Neue Telefonnotiz")


def text_of(place: Locator) -> Locator:
    return place.get_by_role("textbox", name="Text")


def status_of(place: Locator) -> Locator:
    return place.locator("[data-note-status]")


def told(page: Page) -> Locator:
    """What is said beside the page."""
    return page.locator("[data-note-words]")


def opened(page: Page, shown: Locator) -> Locator:
    """The drawer, opened from a card or a row; returns when the form is there."""
    shown.get_by_role("link", name=beginning("Telefonnotiz anlegen")).first.click()
    expect(text_of(drawer(page))).to_be_focused()
    return drawer(page)


def typed(place: Locator, text: str) -> None:
    """Type, and wait until the server has it."""
    text_of(place).fill(text)
    expect(status_of(place)).to_have_text(SAVED)


def own_drafts(page: Page, stack: Stack) -> Locator:
    page.goto(f"{stack.url}/addresses/notes/drafts")
    return page.get_by_role("listitem").filter(has=page.get_by_role("button", name=beginning("Verwerfen")))


def notes_of(page: Page, stack: Stack, text: str) -> Locator:
    """Notes without an address in which this stands."""
    page.goto(f"{stack.url}/addresses/notes")
    return page.get_by_role("listitem").filter(has_text=text)


@pytest.fixture
def ring(stack: Stack) -> Callable[[str], str]:
    """``ring("601")``: a stranger calls; returns the call's id."""

    def call(ending: str) -> str:
        call_id: str = stack.simulator.incoming(UNKNOWN.format(ending), ANNAS_LINE).call_id
        return call_id

    return call


def test_a_note_is_written_beside_a_half_filled_form_and_saved_with_one_key(people: People, stack: Stack) -> None:
    anna = people("anna", "/addresses/new")
    anna.get_by_label("Name", exact=True).fill("Halb ausgefüllt")
    ben = people("ben", "/addresses/1/timeline")
    parts = ben.get_by_role("navigation", name="Bereiche dieser Adresse")
    expect(parts.get_by_role("link", name="CRM (2)")).to_be_visible()
    parts.get_by_role("link", name="Details").focus()
    stack.simulator.incoming(MAX, ANNAS_LINE)
    link = card(anna, "Max Mustermann").get_by_role("link", name="Telefonnotiz anlegen")
    form = opened(anna, card(anna, "Max Mustermann"))
    expect(form).to_contain_text("Rheinwerk Maschinenbau GmbH")
    expect(form.get_by_label("Telefonnummer")).to_have_value("030 23125123")
    expect(form.get_by_label("Richtung").locator("option:checked")).to_have_text("eingehend")
    expect(form.get_by_label("Ansprechpartner").locator("option:checked")).to_have_text("Max Mustermann")
    # The page underneath stays usable, and labels lead to fields of their own form.
    anna.get_by_label("Ort", exact=True).first.fill("Köln")
    anna.locator("main").get_by_text("Abteilung", exact=True).first.click()
    text_of(form).fill("Bittet um ein Angebot.")
    expect(form.get_by_role("button", name="Speichern")).to_contain_text("Strg+Enter")
    anna.keyboard.press("Control+Enter")
    expect(drawer(anna)).to_be_hidden()
    expect(told(anna)).to_have_text("Die Notiz ist gespeichert.")
    expect(link).to_be_focused()
    expect(anna.get_by_label("Name", exact=True)).to_have_value("Halb ausgefüllt")
    expect(anna.get_by_label("Ort", exact=True).first).to_have_value("Köln")
    # Whoever has a page of the address open sees it at once, and his focus stays where it was.
    expect(parts.get_by_role("link", name="CRM (3)")).to_be_visible()
    expect(ben.get_by_role("listitem").filter(has_text="Bittet um ein Angebot.")).to_have_count(1)
    expect(parts.get_by_role("link", name="Details")).to_be_focused()


def test_a_draft_outlives_closing_reload_another_page_and_a_restart_of_the_server(
    people: People, stack: Stack, ring: Callable[[str], str]
) -> None:
    anna = people("anna", "/addresses/")
    ring("801")
    shown = card(anna, "069 90009801")
    form = opened(anna, shown)
    typed(form, "Noch nicht fertig")
    anna.keyboard.press("Escape")
    expect(drawer(anna)).to_be_hidden()
    expect(told(anna)).to_contain_text("Ihr Entwurf bleibt erhalten.")
    note = shown.get_by_role("link", name=beginning("Telefonnotiz anlegen"))
    expect(note).to_be_focused()
    expect(note).to_contain_text("Entwurf")
    expect(anna.get_by_role("link", name="Entwürfe: 1")).to_be_visible()

    anna.reload()
    expect(text_of(opened(anna, card(anna, "069 90009801")))).to_have_value("Noch nicht fertig")
    stack.stop_server()
    text_of(drawer(anna)).press_sequentially(", gleich")
    expect(status_of(drawer(anna))).to_have_text(OFFLINE)
    stack.start_server()
    expect(status_of(drawer(anna))).to_have_text(SAVED, timeout=PATIENT)
    other = people("anna", "/callcenter/calls")
    row = other.get_by_role("row").filter(has_text="069 90009801")
    row.get_by_role("link", name="Telefonnotiz anlegen (Entwurf)").click()
    expect(text_of(drawer(other))).to_have_value("Noch nicht fertig, gleich")
    drawer(other).get_by_role("button", name="Entwurf verwerfen").click()
    expect(told(other)).to_contain_text("Der Entwurf ist verworfen.")
    other.locator("[data-note-undo]").click()
    expect(told(other)).to_have_text("Der Entwurf ist wieder da.")
    expect(own_drafts(other, stack)).to_contain_text("Noch nicht fertig, gleich")


def test_what_is_typed_without_a_network_is_kept_in_the_browser_until_it_is_back(
    people: People, stack: Stack, ring: Callable[[str], str]
) -> None:
    anna = people("anna", "/addresses/")
    ring("802")
    form = opened(anna, card(anna, "069 90009802"))
    anna.context.set_offline(True)
    text_of(form).fill("Ohne Netz geschrieben")
    expect(status_of(form)).to_have_text(OFFLINE)
    # Saving says so, and nothing is lost.
    anna.keyboard.press("Control+Enter")
    expect(form.get_by_role("alert")).to_contain_text("Nicht gespeichert – Verbindung fehlt.")
    expect(text_of(form)).to_have_value("Ohne Netz geschrieben")
    anna.context.set_offline(False)
    expect(status_of(form)).to_have_text(SAVED, timeout=PATIENT)

    # The page is closed before the network is back: the browser still has it.
    anna.context.set_offline(True)
    text_of(form).fill("Ohne Netz geschrieben und weitergeschrieben")
    expect(status_of(form)).to_have_text(OFFLINE)
    again = anna.context.new_page()
    anna.close()
    again.context.set_offline(False)
    again.goto(f"{stack.url}/addresses/")
    # Whatever page is opened next sends it: it is offered again everywhere.
    expect(again.locator("[data-note-drafts]")).to_be_visible()
    again.wait_for_function("Object.keys(localStorage).every((key) => !key.startsWith('note-draft'))")
    expect(own_drafts(again, stack).filter(has_text="und weitergeschrieben")).to_have_count(1)
    again.goto(f"{stack.url}/callcenter/calls")
    opened(again, again.get_by_role("row").filter(has_text="069 90009802"))
    expect(text_of(drawer(again))).to_have_value("Ohne Netz geschrieben und weitergeschrieben")
    expect(status_of(drawer(again))).to_have_text(SAVED)


def test_typed_text_survives_a_log_out_and_a_new_log_in(
    people: People, stack: Stack, ring: Callable[[str], str]
) -> None:
    anna = people("anna", "/addresses/", own_login=True)
    ring("803")
    form = opened(anna, card(anna, "069 90009803"))
    typed(form, "Vor dem Abmelden")
    other = anna.context.new_page()
    other.goto(f"{stack.url}/addresses/")
    other.get_by_role("button", name=beginning("Mein Bereich")).click()
    other.get_by_role("button", name="Abmelden").click()
    expect(other.get_by_label("Benutzername")).to_be_visible()
    text_of(form).fill("Vor dem Abmelden und danach")
    expect(status_of(form)).to_contain_text("Sie sind nicht mehr angemeldet.")

    # Somebody else must not get it.
    log_in(other, stack.url, "ben")
    expect(status_of(form)).to_contain_text("jemand anderes angemeldet", timeout=PATIENT)
    expect(own_drafts(other, stack)).to_have_count(0)
    other.get_by_role("button", name=beginning("Mein Bereich")).click()
    other.get_by_role("button", name="Abmelden").click()
    log_in(other, stack.url, "anna", DEMO_PASSWORD)
    expect(status_of(form)).to_have_text(SAVED, timeout=PATIENT)
    text_of(form).press("Control+Enter")
    expect(told(anna)).to_have_text("Die Notiz ist gespeichert.")
    expect(notes_of(other, stack, "Vor dem Abmelden und danach")).to_have_count(1)


def test_two_windows_come_together_and_where_both_typed_a_person_decides(
    people: People, stack: Stack, ring: Callable[[str], str]
) -> None:
    anna = people("anna", "/addresses/")
    ring("804")
    other = anna.context.new_page()
    people.watch(other)
    other.goto(f"{stack.url}/callcenter/")
    people.wait_for_calls(other)
    first, second = opened(anna, card(anna, "069 90009804")), opened(other, card(other, "069 90009804"))
    typed(first, "Im ersten Fenster")
    expect(text_of(second)).to_have_value("Im ersten Fenster")
    expect(second).to_contain_text("Dieser Entwurf ist auch in einem anderen Fenster offen.")
    second.get_by_label("Betreff").fill("Im zweiten")
    expect(first.get_by_label("Betreff")).to_have_value("Im zweiten")

    # Both type into the same field while one of them is cut off: neither text is lost.
    other.context.set_offline(True)
    text_of(first).fill("A")
    text_of(second).fill("B")
    for place in (first, second):
        expect(status_of(place)).to_have_text(OFFLINE)
    other.context.set_offline(False)
    asked = anna if _shows_conflict(anna, other) else other
    place, kept = (first, "A") if asked is anna else (second, "B")
    shown = asked.locator("[data-note-conflict=text]")
    expect(shown).to_contain_text("B" if kept == "A" else "A")
    expect(text_of(place)).to_have_value(kept)
    text_of(place).press("Control+Enter")
    expect(place).to_contain_text("Bitte entscheiden Sie zuerst, welche Fassung gilt.")
    shown.get_by_role("button", name="Beide behalten").click()
    both = "A\n\nB" if kept == "A" else "B\n\nA"
    for one in (first, second):
        expect(text_of(one)).to_have_value(both, timeout=PATIENT)
    for page in (anna, other):
        expect(page.locator("[data-note-conflict]")).to_have_count(0)

    text_of(first).press("Control+Enter")
    expect(told(anna)).to_have_text("Die Notiz ist gespeichert.")
    expect(second).to_contain_text("Diese Notiz wurde in einem anderen Fenster gespeichert.")
    # Saving there too makes no second note.
    text_of(second).press("Control+Enter")
    expect(told(other)).to_have_text("Die Notiz ist gespeichert.")
    expect(notes_of(anna, stack, "Im zweiten")).to_have_count(1)


def _shows_conflict(one: Page, other: Page) -> bool:
    """Whether the first of two windows is the one that is asked; waits until one is."""
    for _attempt in range(PATIENCE // 100):
        if one.locator("[data-note-conflict=text]").count():
            return True
        if other.locator("[data-note-conflict=text]").count():
            return False
        one.wait_for_timeout(100)
    raise AssertionError("nobody is asked")


def test_a_double_click_makes_one_note(people: People, stack: Stack, ring: Callable[[str], str]) -> None:
    anna = people("anna", "/addresses/")
    ring("805")
    form = opened(anna, card(anna, "069 90009805"))
    text_of(form).fill("Doppelt gedrückt")
    form.get_by_role("button", name="Speichern").dblclick()
    expect(told(anna)).to_have_text("Die Notiz ist gespeichert.")
    expect(notes_of(anna, stack, "Doppelt gedrückt")).to_have_count(1)
    expect(anna.locator("[data-note-drafts]")).to_be_attached()


def test_the_length_of_the_call_comes_by_itself_unless_one_was_typed(
    people: People, stack: Stack, ring: Callable[[str], str]
) -> None:
    anna = people("anna", "/addresses/")
    for ending, by_hand in (("806", ""), ("807", "4:30")):
        call = ring(ending)
        stack.simulator.accept(call, ANNA)
        form = opened(anna, card(anna, f"069 90009{ending}"))
        length = form.get_by_label("Dauer")
        if by_hand:
            length.fill(by_hand)
        text_of(form).press_sequentially("Während des Gesprächs")
        where_one_types = text_of(form).bounding_box()
        stack.simulator.hangup(call, duration=95)
        expect(card(anna, f"069 90009{ending}")).to_contain_text("Anruf beendet")
        expect(text_of(form)).to_be_focused()
        expect(length).to_have_value(by_hand or "1:35")
        assert text_of(form).bounding_box() == where_one_types
        expect(status_of(form)).to_have_text(SAVED)
        anna.reload()
        form = opened(anna, card(anna, f"069 90009{ending}"))
        expect(form.get_by_label("Dauer")).to_have_value(by_hand or "1:35")
        text_of(form).press("Control+Enter")
        expect(told(anna)).to_have_text("Die Notiz ist gespeichert.")
    rows = notes_of(anna, stack, "Während des Gesprächs")
    expect(rows.filter(has_text="1:35")).to_have_count(1)
    expect(rows.filter(has_text="4:30")).to_have_count(1)


def test_a_call_back_is_entered_in_the_same_form_and_what_is_wrong_is_said_at_its_field(
    people: People, stack: Stack, ring: Callable[[str], str]
) -> None:
    anna, ben = people("anna", "/addresses/"), people("ben", "/addresses/")
    ring("808")
    form = opened(anna, card(anna, "069 90009808"))
    form.get_by_label("Betreff").fill("Angebot nachreichen")
    form.get_by_label("Dauer").fill("eine Weile")
    expect(form.get_by_label("Bitte erledigen von")).to_be_hidden()
    form.get_by_label("Rückruf eintragen").check()
    form.get_by_label("morgen früh").check()
    form.get_by_label("Bitte erledigen von").select_option("Ben Yilmaz")
    form.get_by_role("button", name="Speichern").click()
    expect(form.get_by_label("Dauer")).to_be_focused()
    expect(form.get_by_label("Dauer")).to_have_attribute("aria-invalid", "true")
    expect(form.get_by_label("Betreff")).to_have_value("Angebot nachreichen")
    expect(form.get_by_label("morgen früh")).to_be_checked()
    form.get_by_label("Dauer").fill("2:10")
    anna.keyboard.press("Control+Enter")
    expect(told(anna)).to_have_text("Die Notiz ist gespeichert.")
    expect(ben.get_by_role("region", name="Ihnen übergebene Rückrufe")).to_contain_text("Angebot nachreichen")
    ben.goto(f"{stack.url}/callcenter/callbacks")
    expect(ben.get_by_role("row").filter(has_text="Angebot nachreichen")).to_contain_text("Ben Yilmaz")


def test_without_scripts_the_link_leads_to_a_page_with_the_same_form(
    people: People, stack: Stack, ring: Callable[[str], str]
) -> None:
    ring("809")
    anna = people.nobody(java_script_enabled=False)
    log_in(anna, stack.url, "anna")
    anna.goto(f"{stack.url}/callcenter/calls")
    row = anna.get_by_role("row").filter(has_text="069 90009809")
    row.get_by_role("link", name="Telefonnotiz anlegen").click()
    text_of(anna.locator("main")).fill("Ganz ohne Skripte")
    anna.get_by_label("Rückruf eintragen").check()
    save(anna)
    expect(anna.get_by_text("Die Notiz ist gespeichert.")).to_be_visible()
    expect(anna.get_by_text("Ganz ohne Skripte")).to_be_visible()


def test_the_page_with_the_form_keeps_its_draft_too(people: People, stack: Stack) -> None:
    anna = people("anna", "/addresses/2/crm?new=phone")
    form = anna.locator("main form[data-note-form]")
    typed(form, "Auf der Seite")
    anna.goto(f"{stack.url}/addresses/2/crm")
    expect(anna.get_by_role("region", name="Ihre Entwürfe")).to_contain_text("Auf der Seite")
    anna.goto(f"{stack.url}/addresses/2/crm?new=phone")
    expect(text_of(form)).to_have_value("Auf der Seite")
    beside = anna.context.new_page()
    people.watch(beside)
    beside.goto(f"{stack.url}/addresses/2/crm")
    people.wait_for_calls(beside)

    def after_other_windows_have_looked(route: Route) -> None:
        if route.request.resource_type == "document":
            expect(beside.get_by_role("region", name="Telefonate")).to_contain_text("Auf der Seite")
            expect(beside.get_by_role("region", name="Ihre Entwürfe")).to_have_count(0)
        route.continue_()

    anna.route("**/addresses/2/crm", after_other_windows_have_looked)
    text_of(form).press("Control+Enter")
    # It is said where it was saved, also when other windows look for what is new before this one has its page.
    expect(anna.get_by_text("Die Notiz ist gespeichert.")).to_be_visible()
    expect(anna.get_by_role("region", name="Telefonate").get_by_text("Auf der Seite")).to_have_count(1)
    expect(anna.get_by_role("region", name="Ihre Entwürfe")).to_have_count(0)
    expect(beside.get_by_text("Die Notiz ist gespeichert.")).to_have_count(0)


def test_on_a_phone_the_drawer_is_a_sheet_that_fits_and_english_is_spoken_in_english(
    people: People, stack: Stack
) -> None:
    anna = people("anna", "/addresses/1/crm", width=390)
    anna.locator("main").get_by_role("link", name="Telefonnotiz anlegen").click()
    expect(text_of(drawer(anna))).to_be_focused()
    box = drawer(anna).bounding_box()
    assert box is not None
    # All the width that a scroll bar leaves.
    assert (box["x"], box["width"]) == (0, anna.evaluate("document.body.getBoundingClientRect().width"))
    assert anna.evaluate("document.querySelector('[data-note-drawer]').scrollWidth") <= 390
    assert anna.evaluate("document.scrollingElement.scrollWidth") <= 390
    # A call that comes in is seen, and saving is still within reach.
    stack.simulator.incoming(UNKNOWN.format("810"), ZENTRALE)
    shown = card(anna, "069 90009810")
    expect(shown).to_be_visible()
    saving = drawer(anna).get_by_role("button", name="Speichern")
    expect(saving).to_be_in_viewport()
    saving.click(trial=True)
    anna.keyboard.press("Escape")

    stack.flask("users", "create", "erika", "--role", "staff", "--password-stdin", given="correct horse battery\n")
    erika = people("erika", "/account/settings", password="correct horse battery")
    erika.locator("select#language").select_option("en")
    save(erika)
    erika.goto(f"{stack.url}/addresses/1/crm")
    erika.locator("main").get_by_role("link", name="Create phone note").click()
    form = erika.get_by_role("dialog", name="New phone note")
    text_of(form).fill("In English")
    expect(status_of(form)).to_have_text(re.compile(r"^Draft saved at "))
    expect(form.get_by_role("button", name="Save")).to_contain_text("Ctrl+Enter")
    expect(form.get_by_label("Enter a call-back")).to_be_visible()
