"""Dialling by click: which telephone rings, what the user is told, and that nothing is dialled twice."""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from pathlib import Path

import pytest
from playwright.sync_api import Locator, Page, Route, expect

from tests.browser.conftest import People
from tests.browser.screen import FOLDS, beginning, card, cards
from tests.browser.stack import ACCOUNTS, ANNA, LINES, ZENTRALE, Stack
from tests.wire import seconds_until

RECEPTION = "7770000004@fpbx.de"
WILL_RING = "Ihr Telefon klingelt gleich – bitte abheben."
UNCERTAIN = "Es ist nicht sicher, ob Ihr Telefon klingelt – bitte schauen Sie aufs Telefon"


def _said(page: Page) -> Locator:
    """What is told about the press of a button."""
    return page.locator("[data-dial-words]")


def _dialled(stack: Stack) -> list[str]:
    """The orders that the telephone system got."""
    orders = stack.simulator.log("api")
    return [str(one["body"]) for one in orders if (one["method"], one["path"]) == ("POST", "/v2/calls")]


def _dial(page: Page, number: str) -> None:
    page.get_by_label("Telefonnummer").fill(number)
    page.get_by_role("button", name="Anrufen", exact=True).click()


def test_a_click_rings_the_own_telephone_and_its_user_alone_sees_the_call(people: People, stack: Stack) -> None:
    anna, ben = people("anna", "/addresses/1"), people("ben")
    anna.get_by_role("button", name="Max Mustermann anrufen: 030 23125123").click()
    expect(_said(anna)).to_have_text(WILL_RING)
    assert stack.simulator.phone(ANNA)["state"] == "click_to_dial"
    expect(cards(anna)).to_have_count(0)
    call = stack.simulator.pick_up(ANNA)
    outgoing = card(anna, "Max Mustermann")
    expect(outgoing).to_contain_text("Ausgehender Anruf")
    expect(outgoing).to_contain_text("030 23125123")
    expect(outgoing.get_by_role("link", name="Telefonnotiz anlegen")).to_be_visible()
    stack.simulator.callee(call.call_id, "answer")
    stack.simulator.hangup(call.call_id, duration=61)
    expect(outgoing).to_contain_text("Anruf beendet")
    expect(outgoing).to_contain_text("Dauer 1:01")
    stack.simulator.incoming("06990009777", ZENTRALE)
    expect(card(ben, "069 90009777")).to_be_visible()
    expect(cards(ben)).to_have_count(1)


def test_an_outgoing_card_folds_to_one_line_after_a_minute_and_unfolds_again(people: People, stack: Stack) -> None:
    anna = people("anna", clock=True)
    call = stack.simulator.outgoing(ANNA, "03023125123")
    shown = card(anna, "Max Mustermann")
    note = shown.get_by_role("link", name="Telefonnotiz anlegen")
    expect(note).to_be_visible()
    anna.clock.fast_forward(FOLDS)
    expect(note).to_be_hidden()
    shown.get_by_role("button", name=beginning("Karte aufklappen")).click()
    expect(note).to_be_visible()
    stack.simulator.hangup(call.call_id)


def test_a_double_click_dials_once_and_a_later_press_dials_again(people: People, stack: Stack) -> None:
    anna = people("anna", "/addresses/3", clock=True)
    button = anna.get_by_role("main").get_by_role("button", name="Sabine Krüger anrufen: 0171 3920010")
    button.dblclick()
    expect(_said(anna)).to_have_text(re.compile("klingelt"))
    # The same number by another button of the page, or the same one once more, is still the same press.
    button.click()
    expect(button).not_to_have_attribute("aria-disabled", "true")
    assert len(_dialled(stack)) == 1
    stack.simulator.put_down(ANNA)

    def dials_again() -> bool:
        # The browser's clock is turned, the server's is not: to it, three seconds must really pass.
        anna.clock.fast_forward(4_000)
        button.click()
        expect(button).not_to_have_attribute("aria-disabled", "true")
        return len(_dialled(stack)) == 2

    seconds_until(dials_again, at_most=20)


def test_every_refusal_has_its_own_sentence_with_the_next_step(people: People, stack: Stack) -> None:
    anna = people("anna", "/callcenter/")
    for place, (quirk, value, words) in enumerate(
        (
            ("api_401", True, "Placetel nimmt den API-Key nicht an, es wurde nichts gewählt. Ein Administrator muss"),
            ("api_403", True, "Der API-Key darf keine Anrufe starten, es wurde nichts gewählt."),
            ("api_429", 1, "nimmt gerade keine weiteren Anrufe an. Bitte versuchen Sie es in 3 Sekunden noch einmal."),
            ("api_500_after_ringing", True, UNCERTAIN),
            ("api_down", True, UNCERTAIN),
        )
    ):
        stack.simulator.quirk(**{quirk: value})
        _dial(anna, f"069 9000922{place}")
        expect(_said(anna)).to_contain_text(words)
        stack.simulator.reset()


def test_after_an_uncertain_outcome_the_telephone_may_ring_and_the_call_is_shown(people: People, stack: Stack) -> None:
    anna = people("anna", "/callcenter/")
    stack.simulator.quirk(api_500_after_ringing=True)
    _dial(anna, "069 90009227")
    expect(_said(anna)).to_contain_text(UNCERTAIN)
    assert len(_dialled(stack)) == 1
    assert stack.simulator.phone(ANNA)["state"] == "click_to_dial"
    stack.simulator.pick_up(ANNA)
    expect(card(anna, "069 90009227")).to_contain_text("Ausgehender Anruf")


def test_a_telephone_system_that_is_away_is_told_and_the_next_press_works(people: People, stack: Stack) -> None:
    anna = people("anna", "/callcenter/")
    stack.stop_simulator()
    try:
        _dial(anna, "069 90009228")
        expect(_said(anna)).to_contain_text("Placetel ist nicht erreichbar, es wurde nichts gewählt.")
        expect(anna.get_by_role("link", name="Mit diesem Gerät wählen")).to_have_attribute("href", "tel:+496990009228")
    finally:
        stack.start_simulator()
    _dial(anna, "069 90009228")
    expect(_said(anna)).to_have_text(WILL_RING)
    assert stack.simulator.phone(ANNA)["state"] == "click_to_dial"


def test_the_box_dials_any_number_right_and_no_two_at_once(people: People, stack: Stack) -> None:
    anna = people("anna", "/callcenter/")
    _dial(anna, "+44 (0)20 7946 0123")
    expect(_said(anna)).to_have_text(WILL_RING)
    (order,) = _dialled(stack)
    assert "00442079460123" in order
    _dial(anna, "030 23125 610 oder 611")
    expect(_said(anna)).to_contain_text("Das lässt sich nicht als eine Telefonnummer lesen.")
    assert len(_dialled(stack)) == 1


@pytest.mark.parametrize("number", ["110", "112", "0049 112", "+49 110"])
def test_an_emergency_number_is_never_dialled(people: People, stack: Stack, number: str) -> None:
    anna = people("anna", "/callcenter/")
    _dial(anna, number)
    expect(_said(anna)).to_contain_text(
        "Notrufnummern werden nie per Klick gewählt. Bitte wählen Sie direkt am Telefon."
    )
    expect(anna.get_by_role("link", name="Mit diesem Gerät wählen")).to_be_hidden()
    assert _dialled(stack) == []


def test_a_phone_button_stands_beside_every_number_but_fax(people: People, stack: Stack) -> None:
    anna = people("anna")
    stack.simulator.hangup(stack.simulator.incoming("03023125123", ZENTRALE).call_id, "missed")
    button = card(anna, "Max Mustermann").get_by_role("button", name="030 23125123 anrufen")
    expect(button).to_be_visible()
    for path in (
        "/addresses/1",
        "/addresses/1/contacts",
        "/addresses/?q=Mustermann",
        "/callcenter/?q=Rheinwerk",
        "/callcenter/calls",
    ):
        anna.goto(stack.url + path)
        expect(
            anna.locator("main").get_by_role("button", name=re.compile("anrufen: 030 23125123")).first
        ).to_be_visible()
    anna.goto(f"{stack.url}/addresses/1")
    fax = anna.get_by_role("listitem").filter(has_text="030 23125199")
    expect(fax).to_be_visible()
    expect(fax.get_by_role("button")).to_have_count(0)
    # The card's own button dials like the others.
    anna.goto(stack.url)
    button.click()
    expect(_said(anna)).to_have_text(WILL_RING)


def test_who_has_no_account_gets_links_that_the_device_dials(people: People, stack: Stack) -> None:
    admin = people("admin", "/addresses/1")
    link = admin.get_by_role("link", name="Max Mustermann anrufen: 030 23125123")
    expect(link).to_have_attribute("href", "tel:+493023125123")
    admin.goto(f"{stack.url}/callcenter/")
    expect(admin.locator("main")).to_contain_text("Ihnen ist kein Telefon zugeordnet")
    with admin.expect_response("**/callcenter/dial") as answered:
        _dial(admin, "0221 4710 345")
    assert answered.value.json()["tel"] == "tel:+492214710345"
    expect(admin.get_by_role("link", name="Mit diesem Gerät wählen")).to_have_attribute("href", "tel:+492214710345")
    assert _dialled(stack) == []


def test_an_unknown_outcome_is_put_right_on_the_page_when_the_call_is_reported(people: People, stack: Stack) -> None:
    anna = people("anna", "/callcenter/")
    stack.simulator.quirk(api_500_after_ringing=True)
    _dial(anna, "069 90009240")
    expect(_said(anna)).to_contain_text(UNCERTAIN)
    stack.simulator.pick_up(ANNA)
    expect(_said(anna)).to_have_text("Ihr Telefon hat geklingelt: Die Telefonanlage hat den Anruf gemeldet.")
    assert len(_dialled(stack)) == 1


def test_two_windows_that_dial_the_same_number_make_one_call(people: People, stack: Stack) -> None:
    first, second = people("anna", "/addresses/3"), people("anna", "/addresses/3")
    # The first window's request is still under way while the second one's comes.
    stack.simulator.quirk(api_slow=2)
    for window in (first, second):
        window.get_by_role("main").get_by_role("button", name="Sabine Krüger anrufen: 0171 3920010").click()
    expect(_said(second)).to_have_text(
        "Dieser Anruf wird schon aufgebaut – bitte warten Sie, bis Ihr Telefon klingelt."
    )
    expect(_said(first)).to_have_text(WILL_RING)
    assert len(_dialled(stack)) == 1


def test_the_late_answer_to_an_older_press_takes_no_newer_words_away_and_still_dials_once(
    people: People, stack: Stack
) -> None:
    anna = people("anna", "/addresses/1")
    older, newer = (anna.get_by_role("button", name=f"{number}").first for number in ("030 23125123", "030 23125100"))
    held: list[Route] = []
    anna.route("**/callcenter/dial", lambda route: route.continue_() if held else held.append(route))
    with anna.expect_request("**/callcenter/dial"):
        older.click()
    newer.click()
    expect(_said(anna)).to_have_text(WILL_RING)
    held[0].abort()
    unanswered = "Der Server hat nicht geantwortet. Bitte drücken Sie noch einmal: Es wird nicht doppelt gewählt."
    expect(_said(anna)).to_have_text(f"{WILL_RING} 030 23125123: {unanswered}")
    # What is pressed once more is the same order still, though another number was dialled in between.
    with anna.expect_response("**/callcenter/dial") as again:
        older.click()
    bodies = [json.loads(request.post_data or "") for request in (held[0].request, again.value.request)]
    assert bodies[0]["idempotency_key"] == bodies[1]["idempotency_key"]


def test_a_blocked_number_says_why_before_and_when_it_is_pressed_by_key(people: People, stack: Stack) -> None:
    anna = people("anna")
    stack.simulator.hangup(stack.simulator.incoming("09001000000", ZENTRALE).call_id, "missed")
    anna.goto(f"{stack.url}/callcenter/calls")
    blocked = anna.get_by_role("main").get_by_role("button", name=re.compile("Mehrwertnummern sind gesperrt")).first
    expect(blocked).to_have_attribute("aria-disabled", "true")
    blocked.focus()
    expect(blocked).to_be_focused()
    anna.keyboard.press("Enter")
    expect(_said(anna)).to_contain_text("Mehrwertnummern sind gesperrt. Wenn Sie diese brauchen, bitten Sie")
    expect(anna.get_by_role("link", name="Mit diesem Gerät wählen")).to_be_hidden()
    of_card = card(anna, "0900 1 000000").get_by_role("button", name=re.compile("anrufen"))
    expect(of_card).to_have_attribute("title", re.compile("Mehrwertnummern sind gesperrt"))
    anna.get_by_role("button", name="Schließen", exact=True).click()
    of_card.press("Enter")
    expect(_said(anna)).to_contain_text("Mehrwertnummern sind gesperrt.")
    _dial_on_overview(anna, stack, "118 33")
    expect(_said(anna)).to_contain_text("Auskunftsdienste sind gesperrt.")
    assert _dialled(stack) == []


def _dial_on_overview(page: Page, stack: Stack, number: str) -> None:
    page.goto(f"{stack.url}/callcenter/")
    _dial(page, number)


def test_the_administrator_tries_rules_saves_them_and_they_hold_at_once(people: People, stack: Stack) -> None:
    admin, anna = people("admin", "/callcenter/settings/dialling"), people("anna", "/callcenter/")
    admin.get_by_label("Wer anruft").select_option(label="Anna Schmidt")
    number = admin.get_by_label("Telefonnummer")
    number.fill("0221 4710 199")
    tried = admin.locator("#tried")
    admin.get_by_role("button", name="Ausprobieren").click()
    expect(tried).to_contain_text(f"Zuerst klingelt das Telefon {ANNA}.")
    admin.get_by_label("Immer gesperrt").fill("0221 4710 199")
    admin.get_by_role("button", name="Ausprobieren").click()
    expect(tried).to_contain_text("Ausnahme „immer gesperrt“: +492214710199")
    admin.get_by_role("button", name="Speichern").click()
    expect(admin.get_by_text("Die Regeln sind gespeichert.")).to_be_visible()
    _dial(anna, "0221 4710 199")
    expect(_said(anna)).to_contain_text("Diese Nummer ist gesperrt.")
    admin.goto(f"{stack.url}/callcenter/audit")
    rows = admin.get_by_role("row")
    expect(rows.nth(1)).to_contain_text("Abgelehnter Wählauftrag")
    expect(rows.nth(1)).to_contain_text("Anna Schmidt")
    expect(rows.nth(2)).to_contain_text("nachher: 0221 4710199")
    admin.goto(f"{stack.url}/callcenter/settings/dialling")
    admin.get_by_label("Immer gesperrt").fill("")
    admin.get_by_role("button", name="Speichern").click()
    expect(admin.get_by_text("Die Regeln sind gespeichert.")).to_be_visible()
    assert _dialled(stack) == []


# The last one: what is chosen stays chosen.
def test_of_two_accounts_the_first_dials_until_another_one_is_chosen(
    people: People, stack: Stack, flask: Callable[..., str], tmp_path: Path
) -> None:
    anna = people("anna")
    accounts, lines = tmp_path / "accounts.txt", tmp_path / "lines.txt"
    accounts.write_text(f"{ACCOUNTS}anna:{RECEPTION}\n", "utf-8")
    lines.write_text(LINES, "utf-8")
    flask("callcenter", "placetel", "configure", "--accounts-file", str(accounts), "--lines-file", str(lines))

    def offered() -> bool:
        anna.goto(f"{stack.url}/callcenter/")
        return anna.get_by_label("Mit dem Telefon").count() > 0

    seconds_until(offered)
    _dial(anna, "069 90009230")
    expect(_said(anna)).to_have_text(WILL_RING)
    assert stack.simulator.phone(ANNA)["state"] == "click_to_dial"
    stack.simulator.put_down(ANNA)
    anna.get_by_label("Mit dem Telefon").select_option(RECEPTION)
    _dial(anna, "069 90009231")
    expect(_said(anna)).to_have_text(WILL_RING)
    assert stack.simulator.phone(RECEPTION)["state"] == "click_to_dial"
    stack.simulator.put_down(RECEPTION)
    anna.goto(f"{stack.url}/addresses/3")
    anna.get_by_role("button", name="Sabine Krüger anrufen").click()
    expect(_said(anna)).to_have_text(WILL_RING)
    assert stack.simulator.phone(RECEPTION)["state"] == "click_to_dial"
    assert stack.simulator.phone(ANNA)["state"] == "idle"
