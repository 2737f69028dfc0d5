"""The cards themselves: their words, how long they stay, keyboard and screen reader, and names that are no markup."""

from __future__ import annotations

import re

import pytest
from playwright.sync_api import Page, expect

from tests.browser.conftest import People
from tests.browser.screen import (
    NEARLY,
    STAYS,
    beginning,
    call_bell,
    card,
    cards,
    heard,
    save,
    save_note,
    transcript,
)
from tests.browser.stack import ANNA, ANNAS_LINE, BEN, ZENTRALE, Stack

MAX, SABINE, STRANGER = "03023125123", "01713920010", "06990009777"
#: A second more than what the test is about, for the half second between two looks at the clock.
SECOND = 1_000


def _call(stack: Stack, number: str = SABINE, line: str = ZENTRALE) -> str:
    return stack.simulator.incoming(number, line).call_id


def test_a_card_says_how_a_call_ended_that_nobody_took(people: People, stack: Stack) -> None:
    anna = people("anna")
    ends = {"missed": "Verpasster Anruf", "voicemail": "Mailbox", "blocked": "Blockierter Anruf"}
    for place, (outcome, words) in enumerate(ends.items()):
        call_id = _call(stack, f"0699000991{place}")
        shown = card(anna, f"069 9000991{place}")
        expect(shown).to_have_attribute("data-phase", "ringing")
        stack.simulator.hangup(call_id, outcome)
        expect(shown).to_have_attribute("data-phase", "ended")
        expect(shown.locator("strong")).to_have_text(words)


def test_a_card_says_why_an_outgoing_call_came_to_nothing(people: People, stack: Stack) -> None:
    anna = people("anna")
    ends = {
        "busy": "Besetzt",
        "unavailable": "Nicht erreichbar",
        "canceled": "Abgebrochener Anruf",
        "congestion": "Netz überlastet",
        "missed": "Nicht angenommen",
    }
    for place, (outcome, words) in enumerate(ends.items()):
        call_id = stack.simulator.outgoing(ANNA, f"0699000991{place}").call_id
        shown = card(anna, f"069 9000991{place}")
        expect(shown.locator("strong")).to_have_text("Ausgehender Anruf")
        stack.simulator.callee(call_id, outcome)
        expect(shown.locator("strong")).to_have_text(words)


def test_the_bell_counts_missed_calls_until_it_is_opened_and_shows_them(people: People, stack: Stack) -> None:
    anna = people("anna")
    stack.simulator.hangup(_call(stack, line=ANNAS_LINE), "missed")
    bell = anna.get_by_role("button", name="Anrufe, 1 verpasst")
    expect(bell).to_be_visible()
    bell.click()
    latest = anna.locator("[data-call-latest] [data-call-id]").filter(has_text="Sabine Krüger").first
    expect(latest).to_contain_text("Verpasster Anruf")
    expect(latest.get_by_role("link", name="Zur Adresse")).to_be_visible()
    expect(latest.get_by_role("link", name="Telefonnotiz anlegen")).to_be_visible()
    anna.keyboard.press("Escape")
    expect(anna.get_by_role("button", name="Anrufe", exact=True)).to_be_visible()


def test_behind_the_bell_do_not_disturb_is_at_hand_however_many_calls_there_are(people: People, stack: Stack) -> None:
    anna = people("anna", "/addresses/")
    for _call in range(12):
        stack.simulator.hangup(stack.simulator.incoming(MAX, ZENTRALE).call_id, "missed")
    call_bell(anna).click()
    quiet = anna.get_by_role("button", name="30 Min.")
    opened, latest = anna.locator(".call-bell-menu"), anna.locator("[data-call-latest]")
    expect(opened.get_by_text("Verpasster Anruf").nth(7)).to_be_attached()
    assert latest.evaluate("list => list.scrollHeight > list.clientHeight")
    box, menu, calls = quiet.bounding_box(), opened.bounding_box(), latest.bounding_box()
    assert box is not None
    assert menu is not None
    assert calls is not None
    assert box["y"] + box["height"] <= menu["y"] + menu["height"]
    # It covers no call, so nothing of one is too small to be hit.
    assert calls["y"] + calls["height"] <= box["y"]


def test_a_card_stays_as_long_as_it_rings_and_as_its_own_user_talks(people: People, stack: Stack) -> None:
    anna = people("anna", clock=True)
    ringing, talking = _call(stack), _call(stack, MAX)
    stack.simulator.accept(talking, ANNA)
    expect(card(anna, "Anruf angenommen")).to_be_visible()
    expect(card(anna, "Eingehender Anruf")).to_be_visible()
    anna.clock.fast_forward(STAYS + SECOND)
    anna.clock.run_for(SECOND)
    expect(cards(anna)).to_have_count(2)
    stack.simulator.hangup(ringing)


def test_a_card_stays_twenty_seconds_after_the_call_ended_and_then_goes(people: People, stack: Stack) -> None:
    anna = people("anna", clock=True)
    stack.simulator.hangup(_call(stack), "missed")
    expect(card(anna, "Verpasster Anruf")).to_be_visible()
    anna.clock.pause_at(_now(anna) + NEARLY / 1000)
    anna.clock.run_for(SECOND // 2)
    expect(card(anna, "Verpasster Anruf")).to_be_visible()
    anna.clock.run_for(STAYS - NEARLY + SECOND)
    expect(cards(anna)).to_have_count(0)


def _now(page: Page) -> float:
    """The browser's clock in seconds."""
    seconds: float = page.evaluate("Date.now() / 1000")
    return seconds


def test_a_card_counts_how_long_somebody_waits_and_talks_and_no_screen_reader_hears_it(
    people: People, stack: Stack
) -> None:
    anna = people("anna")
    transcript(anna)
    call = _call(stack, MAX)
    shown = card(anna, "Max Mustermann")
    since = shown.locator("[data-since]").filter(visible=True)
    expect(since).to_have_text(re.compile(r"0:\d\d"))
    begun = since.inner_text()
    expect(since).not_to_have_text(begun)
    shown.get_by_role("button", name=beginning("Karte zuklappen")).click()
    folded = since.inner_text()
    assert folded >= begun
    expect(since).not_to_have_text(folded)
    expect(since).to_have_attribute("aria-hidden", "true")
    stack.simulator.accept(call, ANNA)
    expect(shown).to_contain_text("Anruf angenommen")
    expect(anna.locator("[data-call-live]")).to_have_text("Anruf angenommen von Max Mustermann")
    assert [words for words in heard(anna) if ":" in words] == []
    stack.simulator.hangup(call)
    expect(shown).to_contain_text("Anruf beendet")
    expect(since).to_have_count(0)


@pytest.mark.parametrize("by", ["pointer", "focus"])
def test_the_time_of_a_card_stands_still_while_somebody_is_at_it(people: People, stack: Stack, by: str) -> None:
    anna = people("anna", clock=True)
    stack.simulator.hangup(_call(stack), "missed")
    shown = card(anna, "Verpasster Anruf")
    expect(shown).to_be_visible()
    if by == "pointer":
        shown.hover()
    else:
        shown.get_by_role("link", name="Zur Adresse").focus()
    anna.clock.run_for(STAYS // 2)
    if by == "pointer":
        anna.mouse.move(5, 5)
    else:
        anna.get_by_role("link", name="Durchwahl").focus()
    # Without the rest of ten seconds it would go now.
    anna.clock.run_for(STAYS // 2 + 2 * SECOND)
    expect(shown).to_be_visible()
    anna.clock.run_for(STAYS // 2)
    expect(shown).to_have_count(0)


def test_five_cards_are_shown_and_the_older_ones_fold_into_a_number(people: People, stack: Stack) -> None:
    anna = people("anna")
    for number in range(7):
        _call(stack, f"0699000990{number}")
    expect(cards(anna)).to_have_count(7)
    shown = cards(anna).filter(visible=True)
    expect(shown).to_have_count(5)
    expect(shown.first).to_contain_text("069 90009906")
    anna.get_by_role("button", name="+2 weitere Anrufe").click()
    expect(shown).to_have_count(7)
    anna.get_by_role("button", name="Weniger zeigen").click()
    expect(shown).to_have_count(5)
    cards(anna).first.get_by_role("button", name=beginning("Karte schließen")).click()
    expect(shown).to_have_count(5)
    expect(anna.get_by_role("button", name="+1 weitere")).to_be_visible()


def test_a_card_is_there_at_once_after_a_reload_and_a_closed_one_stays_closed(people: People, stack: Stack) -> None:
    anna = people("anna")
    _call(stack)
    expect(card(anna, "Sabine Krüger")).to_be_visible()
    _call(stack, MAX)
    card(anna, "Max Mustermann").get_by_role("button", name=beginning("Karte schließen")).click()
    expect(card(anna, "Max Mustermann")).to_have_count(0)
    # Before any socket is open: the page itself contains the call.
    anna.route("**/socket.io/**", lambda route: route.abort())
    anna.route_web_socket("**/socket.io/**", lambda _socket: None)
    anna.reload()
    expect(card(anna, "Sabine Krüger")).to_contain_text("Eingehender Anruf")
    expect(cards(anna)).to_have_count(1)


def test_escape_closes_the_newest_card_and_f8_goes_to_it_and_back(people: People, stack: Stack) -> None:
    anna = people("anna", "/addresses/")
    search = anna.get_by_role("searchbox", name="Adressen suchen")
    search.focus()
    _call(stack)
    _call(stack, MAX)
    expect(cards(anna)).to_have_count(2)
    anna.keyboard.press("F8")
    expect(card(anna, "Max Mustermann")).to_be_focused()
    for button in ("Karte zuklappen", "Karte schließen"):
        anna.keyboard.press("Tab")
        expect(card(anna, "Max Mustermann").get_by_role("button", name=beginning(button))).to_be_focused()
    anna.keyboard.press("F8")
    expect(search).to_be_focused()
    anna.keyboard.press("Escape")
    expect(card(anna, "Max Mustermann")).to_have_count(0)
    expect(card(anna, "Sabine Krüger")).to_be_visible()
    expect(search).to_be_focused()
    anna.keyboard.press("Escape")
    expect(cards(anna)).to_have_count(0)


def test_a_screen_reader_hears_each_state_once_and_the_focus_is_never_moved(people: People, stack: Stack) -> None:
    anna = people("anna", "/addresses/new")
    name = anna.get_by_label("Name", exact=True)
    name.fill("Mitten im Tippen")
    expect(name).to_be_focused()
    anna.evaluate("() => document.addEventListener('focusout', () => { window.left = true; })")
    transcript(anna)
    live = anna.locator("[data-call-live]")
    call_id = _call(stack, MAX)
    expect(live).to_have_text("Eingehender Anruf von Max Mustermann")
    stack.simulator.accept(call_id, ANNA)
    expect(live).to_have_text("Anruf angenommen von Max Mustermann")
    stack.simulator.quirk(repeat_notifications=2)
    stack.simulator.hangup(call_id)
    expect(live).to_have_text("Anruf beendet von Max Mustermann")
    assert [text.split(" von ")[0] for text in heard(anna)] == [
        "Eingehender Anruf",
        "Anruf angenommen",
        "Anruf beendet",
    ]
    expect(name).to_be_focused()
    assert anna.evaluate("window.left") is None
    expect(name).to_have_value("Mitten im Tippen")
    anna.reload()
    people.wait_for_calls(anna)
    expect(card(anna, "Anruf beendet")).to_be_visible()
    expect(live).to_be_empty()


@pytest.mark.parametrize("name", ["<script>window.hit=1</script>Krause", "<img src=x onerror=window.hit=1>Kraus"])
def test_a_name_that_looks_like_markup_is_shown_as_text_everywhere(people: People, stack: Stack, name: str) -> None:
    anna, ben = people("anna", "/addresses/new"), people("ben")
    number = f"069 90009{500 + 20 + len(name)}"
    anna.get_by_label("Name", exact=True).fill(name)
    anna.get_by_role("textbox", name="Telefonnummer").first.fill(number)
    save(anna)
    expect(anna.get_by_role("heading", level=1)).to_contain_text(name)
    call_id = _call(stack, number.replace(" ", ""))
    expect(card(anna, name)).to_be_visible()
    stack.simulator.accept(call_id, BEN)
    expect(card(anna, "angenommen von Ben Yilmaz")).to_contain_text(name)
    card(ben, name).get_by_role("link", name="Telefonnotiz anlegen").click()
    save_note(ben)
    call_bell(ben).click()
    expect(ben.locator("[data-call-latest]")).to_contain_text(name)
    for path in ("/callcenter/calls", "/callcenter/?q=Kraus", "/addresses/?q=Kraus"):
        ben.goto(stack.url + path)
        expect(ben.locator("main")).to_contain_text(name)
    for page in (anna, ben):
        assert page.evaluate("window.hit") is None
        assert page.locator("main img, main script").count() == 0
