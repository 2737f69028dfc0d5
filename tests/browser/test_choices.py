"""Several matches: chosen in the card or on the call's page, for the call, for oneself or for everybody."""

from __future__ import annotations

import contextlib
import re
import sqlite3

import pytest
from playwright.sync_api import Locator, Page, expect

from tests.browser.conftest import People
from tests.browser.screen import card, cards, note_drawer, save
from tests.browser.stack import ANNA, BEN, ZENTRALE, Stack

#: Annette and Uwe Wächter have this number.
WAECHTERS = "03023125720"
SEVERAL = "Mehrere Adressen haben diese Nummer"
FOR_CALL, FOR_ME, FOR_ALL = "Nur dieser Anruf", "Für mich merken", "Für alle merken"


@pytest.fixture(autouse=True)
def _nothing_remembered(stack: Stack) -> None:
    with contextlib.closing(sqlite3.connect(stack.data_dir / "durchwahl.db", timeout=10)) as database, database:
        database.execute("DELETE FROM callcenter_remembered")


def ring(stack: Stack, number: str = WAECHTERS) -> str:
    return stack.simulator.incoming(number, ZENTRALE).call_id


def choose(shown: Locator, name: str, scope: str) -> None:
    shown.get_by_role("button", name=f"{name} auswählen").click()
    shown.get_by_role("button", name=scope).click()


def end_all(stack: Stack, *pages: Page) -> None:
    """End the call and close its card everywhere."""
    for call in stack.simulator.state()["calls"]:
        if call["phase"] != "ended":
            stack.simulator.hangup(call["call_id"])
    for page in pages:
        expect(card(page, "Verpasster Anruf")).to_be_visible()
        page.keyboard.press("Escape")
        expect(cards(page)).to_have_count(0)


def test_a_choice_for_everybody_shows_at_once_at_the_colleagues_and_at_every_later_call(
    people: People, stack: Stack
) -> None:
    anna, ben = people("anna"), people("ben")
    ring(stack)
    for page in (anna, ben):
        expect(card(page, SEVERAL)).to_be_visible()
    choose(card(anna, SEVERAL), "Uwe Wächter", FOR_ALL)
    expect(card(anna, "Uwe Wächter")).to_contain_text("von Ihnen gemerkt für alle")
    theirs = card(ben, "Uwe Wächter")
    expect(theirs).to_contain_text("gemerkt von Anna Schmidt für alle")
    expect(theirs.get_by_role("link", name="Zur Adresse")).to_be_visible()
    expect(theirs.get_by_role("button", name="Rückgängig")).to_be_hidden()
    end_all(stack, anna, ben)
    ring(stack)
    for page in (anna, ben):
        expect(card(page, "Uwe Wächter")).to_have_accessible_name("Eingehender Anruf von Uwe Wächter")
        expect(card(page, SEVERAL)).to_have_count(0)
    card(ben, "Uwe Wächter").get_by_role("link", name="Telefonnotiz anlegen").click()
    expect(note_drawer(ben)).to_contain_text("Uwe Wächter")


def test_undoing_right_after_shows_the_ambiguity_again_everywhere(people: People, stack: Stack) -> None:
    anna, ben = people("anna"), people("ben")
    ring(stack)
    choose(card(anna, SEVERAL), "Uwe Wächter", FOR_ALL)
    expect(card(ben, "gemerkt von Anna Schmidt")).to_be_visible()
    undo = card(anna, "Uwe Wächter").get_by_role("button", name="Rückgängig")
    expect(undo).to_be_focused()
    undo.press("Enter")
    for page in (anna, ben):
        expect(card(page, SEVERAL).get_by_role("listitem")).to_have_count(2)
        expect(card(page, "gemerkt")).to_have_count(0)
    end_all(stack, anna, ben)
    ring(stack)
    expect(card(anna, SEVERAL)).to_be_visible()


def test_a_choice_for_me_leaves_the_others_their_ambiguity_and_beats_everybodys(people: People, stack: Stack) -> None:
    anna, ben = people("anna"), people("ben")
    ring(stack)
    choose(card(anna, SEVERAL), "Annette Wächter", FOR_ME)
    expect(card(anna, "Annette Wächter")).to_contain_text("von Ihnen gemerkt, nur für Sie")
    expect(card(ben, SEVERAL)).to_be_visible()
    end_all(stack, anna, ben)
    ring(stack)
    expect(card(anna, "Annette Wächter")).to_contain_text("von Ihnen gemerkt, nur für Sie")
    choose(card(ben, SEVERAL), "Uwe Wächter", FOR_ALL)
    expect(card(ben, "Uwe Wächter")).to_contain_text("von Ihnen gemerkt für alle")
    anna.reload()
    people.wait_for_calls(anna)
    expect(card(anna, "Annette Wächter")).to_contain_text("nur für Sie")


def test_a_choice_for_the_call_is_told_to_all_and_ends_with_it(people: People, stack: Stack) -> None:
    anna, ben = people("anna"), people("ben")
    ring(stack)
    choose(card(ben, SEVERAL), "Annette Wächter", FOR_CALL)
    expect(card(anna, "Annette Wächter")).to_contain_text("zugeordnet von Ben Yilmaz")
    end_all(stack, anna, ben)
    ring(stack)
    expect(card(anna, SEVERAL)).to_be_visible()


def test_of_two_who_choose_the_last_one_counts_on_both_screens(people: People, stack: Stack) -> None:
    anna, ben = people("anna"), people("ben")
    ring(stack)
    theirs = card(ben, SEVERAL)
    theirs.get_by_role("button", name="Uwe Wächter auswählen").click()
    expect(theirs.get_by_role("button", name=FOR_ALL)).to_be_visible()
    choose(card(anna, SEVERAL), "Annette Wächter", FOR_ALL)
    # Ben was about to choose: he is told what Anna chose, and may choose anew.
    expect(card(ben, "Annette Wächter")).to_contain_text("gemerkt von Anna Schmidt für alle")
    card(ben, "Annette Wächter").get_by_role("button", name="Ändern").click()
    choose(card(ben, "Annette Wächter"), "Uwe Wächter", FOR_ALL)
    expect(card(anna, "gemerkt von Ben Yilmaz für alle")).to_contain_text("Uwe Wächter")
    expect(card(anna, "Uwe Wächter").get_by_role("button", name="Rückgängig")).to_be_hidden()


def test_an_open_choice_survives_that_somebody_answers(people: People, stack: Stack) -> None:
    anna = people("anna")
    call = ring(stack)
    shown = card(anna, SEVERAL)
    shown.get_by_role("button", name="Uwe Wächter auswählen").click()
    for_me = shown.get_by_role("button", name=FOR_ME)
    for_me.focus()
    stack.simulator.accept(call, ANNA)
    expect(card(anna, "Anruf angenommen")).to_be_visible()
    expect(for_me).to_be_focused()
    for_me.click()
    expect(card(anna, "Uwe Wächter")).to_contain_text("nur für Sie")


def test_choosing_by_keyboard_where_escape_closes_the_choice_before_the_card(people: People, stack: Stack) -> None:
    anna = people("anna")
    ring(stack)
    shown = card(anna, SEVERAL)
    expect(shown).to_be_visible()
    anna.keyboard.press("F8")
    button = shown.get_by_role("button", name="Uwe Wächter auswählen")
    for _ in range(12):
        if button.evaluate("one => one === document.activeElement"):
            break
        anna.keyboard.press("Tab")
    expect(button).to_be_focused()
    anna.keyboard.press("Enter")
    expect(button).to_have_attribute("aria-expanded", "true")
    anna.keyboard.press("Tab")
    expect(shown.get_by_role("button", name=FOR_CALL)).to_be_focused()
    anna.keyboard.press("Escape")
    expect(button).to_be_focused()
    expect(button).to_have_attribute("aria-expanded", "false")
    anna.keyboard.press("Enter")
    anna.keyboard.press("Tab")
    anna.keyboard.press("Enter")
    chosen = card(anna, "Uwe Wächter")
    expect(chosen.get_by_role("status").filter(has_text="von Ihnen zugeordnet")).to_be_visible()
    expect(chosen.get_by_role("button", name="Rückgängig")).to_be_focused()


def test_a_double_click_unfolds_and_chooses_nothing(people: People, stack: Stack) -> None:
    anna = people("anna")
    ring(stack)
    shown = card(anna, SEVERAL)
    asked: list[str] = []
    anna.on("request", lambda request: asked.append(request.url) if "/assign" in request.url else None)
    where = shown.get_by_role("button", name="Annette Wächter auswählen").bounding_box()
    assert where is not None
    anna.mouse.dblclick(where["x"] + where["width"] / 2, where["y"] + where["height"] / 2)
    expect(shown.locator("[data-choose]").first).to_be_visible()
    assert not asked
    expect(card(anna, SEVERAL)).to_be_visible()


def test_a_server_that_is_away_costs_nothing_but_a_sentence(people: People, stack: Stack) -> None:
    anna = people("anna")
    ring(stack)
    anna.route("**/assign", lambda route: route.abort())
    choose(card(anna, SEVERAL), "Uwe Wächter", FOR_ME)
    expect(card(anna, SEVERAL)).to_contain_text("Der Server ist nicht erreichbar.")
    anna.unroute("**/assign")
    card(anna, SEVERAL).get_by_role("button", name=FOR_ME).click()
    expect(card(anna, "Uwe Wächter")).to_contain_text("nur für Sie")
    expect(card(anna, "Uwe Wächter")).not_to_contain_text("nicht erreichbar")


def test_a_right_that_was_taken_meanwhile_is_said(people: People, stack: Stack) -> None:
    anna = people("anna")
    ring(stack)
    anna.route("**/assign", lambda route: route.fulfill(status=403))
    choose(card(anna, SEVERAL), "Uwe Wächter", FOR_ALL)
    expect(card(anna, SEVERAL)).to_contain_text("Dazu fehlt Ihnen die Berechtigung.")


def test_an_owner_who_is_archived_and_restored_leaves_open_cards_and_comes_back(people: People, stack: Stack) -> None:
    anna, ben = people("anna"), people("ben", "/addresses/?q=Uwe+W%C3%A4chter")
    ring(stack)
    choose(card(anna, SEVERAL), "Uwe Wächter", FOR_ME)
    end_all(stack, anna, ben)
    ring(stack)
    expect(card(anna, "Uwe Wächter")).to_contain_text("nur für Sie")
    ben.locator("main").get_by_role("link", name="Uwe Wächter").click()
    ben.get_by_role("button", name="Archivieren").click()
    for page in (anna, ben):
        expect(card(page, "Annette Wächter")).to_have_accessible_name("Eingehender Anruf von Annette Wächter")
    ben.locator("main").get_by_role("button", name="Rückgängig").click()
    expect(card(ben, SEVERAL)).to_be_visible()
    expect(card(anna, "Uwe Wächter")).to_contain_text("nur für Sie")


def test_without_scripts_the_page_of_the_call_chooses_and_undoes(people: People, stack: Stack) -> None:
    anna = people("anna")
    ring(stack)
    expect(card(anna, SEVERAL)).to_be_visible()
    ben = people("ben", "/callcenter/calls")
    cookies = ben.context.cookies()
    plain = people.nobody(java_script_enabled=False)
    plain.context.add_cookies([{"name": one["name"], "value": one["value"], "url": stack.url} for one in cookies])
    plain.goto(f"{stack.url}/callcenter/calls")
    row = plain.get_by_role("row").filter(has_text="030 23125720").first
    row.get_by_role("link", name="Auswählen").click()
    expect(plain).to_have_url(re.compile(r"/callcenter/calls/\d+#choose$"))
    plain.get_by_role("radio", name=re.compile("^Uwe Wächter")).check()
    plain.get_by_role("radio", name="jeden Anruf mit dieser Nummer – für alle merken").check()
    save(plain)
    expect(plain.get_by_role("region", name="Wer war es?")).to_contain_text("von Ihnen gemerkt für alle")
    expect(card(anna, "Uwe Wächter")).to_contain_text("gemerkt von Ben Yilmaz für alle")
    plain.get_by_role("status").get_by_role("button", name="Rückgängig").click()
    expect(plain.get_by_role("status").filter(has_text="Die Zuordnung ist rückgängig gemacht.")).to_be_visible()
    expect(card(anna, SEVERAL)).to_be_visible()
    history = plain.get_by_role("listitem")
    expect(history.filter(has_text="Angezeigt")).to_contain_text("mehrere: Annette Wächter, Uwe Wächter")
    expect(history.filter(has_text="Zugeordnet und für alle gemerkt (Sie)")).to_contain_text("Uwe Wächter")
    expect(history.filter(has_text="Zuordnung rückgängig gemacht (Sie)")).to_be_visible()


def test_a_colleagues_card_that_is_a_line_names_the_chosen_one(people: People, stack: Stack) -> None:
    anna, ben = people("anna"), people("ben")
    call = ring(stack)
    expect(card(anna, SEVERAL)).to_be_visible()
    stack.simulator.accept(call, BEN)
    choose(card(ben, SEVERAL), "Uwe Wächter", FOR_CALL)
    expect(card(anna, "angenommen von Ben Yilmaz")).to_contain_text("Uwe Wächter")


def test_what_is_remembered_is_listed_changed_and_removed_and_open_cards_follow(people: People, stack: Stack) -> None:
    anna, ben = people("anna"), people("ben")
    ring(stack)
    choose(card(anna, SEVERAL), "Uwe Wächter", FOR_ALL)
    end_all(stack, anna, ben)
    ring(stack)
    expect(card(ben, "Uwe Wächter")).to_contain_text("gemerkt von Anna Schmidt für alle")
    anna.get_by_role("button", name="Mein Bereich: Anna Schmidt").click()
    anna.get_by_role("link", name="Gemerkte Zuordnungen").click()
    row = anna.get_by_role("row").filter(has_text="030 23125720")
    expect(row).to_contain_text("für alle")
    row.locator("summary").click()
    row.get_by_label("Wer ist es?").select_option(label="Annette Wächter")
    row.get_by_role("button", name="Speichern").click()
    expect(card(ben, "Annette Wächter")).to_contain_text("gemerkt von Anna Schmidt für alle")
    row.get_by_role("link", name="Annette Wächter").click()
    box = anna.get_by_role("region", name="Gemerkte Zuordnungen")
    expect(box).to_contain_text("030 23125720")
    box.get_by_role("button", name="Entfernen").click()
    expect(card(ben, SEVERAL)).to_be_visible()
    anna.locator("main").get_by_role("button", name="Rückgängig").click()
    expect(card(ben, "Annette Wächter")).to_contain_text("gemerkt von Anna Schmidt für alle")
