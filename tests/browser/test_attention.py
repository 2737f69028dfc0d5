"""Many tabs of one person: one sounds, one tells the desktop, all show it; do not disturb; what opens by itself."""

from __future__ import annotations

import re
import time
from collections.abc import Iterator

import pytest
from playwright.sync_api import BrowserContext, Page, expect

from tests.browser.conftest import People
from tests.browser.screen import beginning, card, cards, save
from tests.browser.stack import ANNA, ANNAS_LINE, BEN, BENS_LINE, ZENTRALE, Stack

MAX, STRANGER, WAECHTERS = "03023125123", "06990009777", "03023125720"
TABS = 6
#: Counts what a tab does instead of doing it: sounds, and notifications of the desktop.
COUNTING = """() => {
    window.sounds = 0;
    window.silenced = 0;
    window.notes = [];
    window.open_notes = 0;
    class Wave extends EventTarget {
        frequency = {};
        connect(other) { return other; }
        start() { window.sounds += 1; }
        stop() { window.silenced += 1; }
    }
    class Loudness {
        gain = {
            setValueAtTime() {},
            linearRampToValueAtTime(loudness) { window.loudness = loudness; },
            exponentialRampToValueAtTime() {},
        };
        connect(other) { return other; }
    }
    window.AudioContext = class {
        state = "running";
        currentTime = 0;
        createOscillator() { return new Wave(); }
        createGain() { return new Loudness(); }
    };
    Object.defineProperty(navigator, "userActivation", { value: { hasBeenActive: true } });
    window.Notification = class extends EventTarget {
        static permission = "granted";
        static asked = 0;
        static async requestPermission() { this.asked += 1; this.permission = "granted"; return "granted"; }
        constructor(title, options) {
            super();
            window.notes.push([title, options.body, options.tag]);
            window.open_notes += 1;
        }
        close() { window.open_notes -= 1; }
    };
}"""
#: Within which another tab leads when the leading one has closed.
TAKEN_OVER_SECONDS = 2.0
WITHOUT_WEB_LOCKS = "Object.defineProperty(navigator, 'locks', { value: undefined })"
LEADS = """async () => {
    const { src } = document.querySelector('script[src$="callcenter/calls.js"]');
    return (await import(src.replace("calls.js", "tabs.js"))).isLeading();
}"""
FOCUS = "focus => window.durchwahl.readFocusBy(() => focus)"


@pytest.fixture(autouse=True)
def _as_chosen_at_first(stack: Stack) -> Iterator[None]:
    yield
    stack.forget_choices()


def choose(page: Page, stack: Stack, *radios: str, check: tuple[str, ...] = ()) -> None:
    """Choose in the personal settings."""
    page.goto(f"{stack.url}/account/settings")
    for name in radios:
        page.get_by_role("radio", name=name, exact=True).check()
    for name in check:
        page.get_by_role("checkbox", name=name).check()
    save(page)
    expect(page.get_by_role("status").filter(has_text="Gespeichert.")).to_be_visible()


def open_tabs(people: People, first: Page, stack: Stack, count: int, path: str = "/callcenter/calls") -> list[Page]:
    """So many tabs of one browser, none with the focus; each counts instead of sounding."""
    context: BrowserContext = first.context
    context.add_init_script(f"({COUNTING})()")
    found = []
    for _tab in range(count):
        page = context.new_page()
        people.watch(page)
        page.goto(stack.url + path)
        people.wait_for_calls(page)
        page.evaluate(FOCUS, False)
        found.append(page)
    first.close()
    return found


def together(tabs: list[Page], what: str) -> int:
    return sum(page.evaluate(what) for page in tabs if not page.is_closed())


def until(tabs: list[Page], what: str, wanted: int) -> None:
    """Wait until the tabs together have come to this."""
    alive = next(page for page in tabs if not page.is_closed())
    for _look in range(300):
        if together(tabs, what) == wanted:
            return
        alive.wait_for_timeout(50)
    raise AssertionError(f"{what}: {together(tabs, what)}, not {wanted}")


def test_of_six_tabs_all_show_the_card_one_sounds_and_one_tells_the_desktop(people: People, stack: Stack) -> None:
    first = people("anna", own_login=True)
    choose(first, stack, "klassisch", check=("Mitteilungen auf dem Desktop",))
    tabs = open_tabs(people, first, stack, TABS)
    call = stack.simulator.incoming(MAX, ZENTRALE)
    for page in tabs:
        expect(card(page, "Max Mustermann")).to_be_visible()
        expect(page).to_have_title(beginning("☎ Max Mustermann ruft an – "))
        expect(page.locator("link[rel=icon]")).to_have_attribute("href", re.compile("icon-ringing"))
    until(tabs, "window.notes.length", 1)
    until(tabs, "window.sounds > 0 ? 1 : 0", 1)
    title, body, tag = next(notes[0] for page in tabs if (notes := page.evaluate("window.notes")))
    assert title == "Eingehender Anruf von Max Mustermann"
    assert body.startswith("030 23125123 · auf ")
    assert tag.startswith("durchwahl-call-")

    stack.simulator.accept(call.call_id, ANNA)
    until(tabs, "window.open_notes", 0)
    for page in tabs:
        expect(page).not_to_have_title(beginning("☎"))

    # A colleague's call is none of hers any more the moment he takes it.
    other = stack.simulator.incoming(STRANGER, ZENTRALE)
    until(tabs, "window.open_notes", 1)
    stack.simulator.accept(other.call_id, BEN)
    until(tabs, "window.open_notes", 0)
    sounds = together(tabs, "window.sounds")
    tabs[0].wait_for_timeout(3_500)  # longer than a tone's repetition
    assert together(tabs, "window.sounds") == sounds
    assert together(tabs, "window.notes.length") == 2


@pytest.mark.parametrize("missing", ["", WITHOUT_WEB_LOCKS], ids=["web locks", "without web locks"])
def test_exactly_one_tab_leads_and_another_one_within_two_seconds_of_its_end(
    people: People, stack: Stack, missing: str
) -> None:
    first = people("anna", own_login=True)
    first.context.add_init_script(missing or "undefined")
    tabs = open_tabs(people, first, stack, 4)
    while len(tabs) > 1:
        until(tabs, LEADS, 1)
        leading = next(page for page in tabs if page.evaluate(LEADS))
        tabs.remove(leading)
        began = time.monotonic()
        leading.close()
        until(tabs, LEADS, 1)
        assert time.monotonic() - began < TAKEN_OVER_SECONDS


def test_when_the_tab_that_sounds_closes_another_one_goes_on(people: People, stack: Stack) -> None:
    first = people("anna", own_login=True)
    choose(first, stack, "hell")
    tabs = open_tabs(people, first, stack, 3)
    stack.simulator.incoming(MAX, ZENTRALE)
    until(tabs, "window.sounds > 0 ? 1 : 0", 1)
    sounding = next(page for page in tabs if page.evaluate("window.sounds"))
    sounding.close()
    until(tabs, "window.sounds > 0 ? 1 : 0", 1)


def test_with_the_focus_on_a_tab_the_desktop_is_not_told(people: People, stack: Stack) -> None:
    first = people("anna", own_login=True)
    choose(first, stack, "dezent", check=("Mitteilungen auf dem Desktop",))
    tabs = open_tabs(people, first, stack, 2)
    tabs[1].evaluate(FOCUS, True)
    stack.simulator.incoming(MAX, ZENTRALE)
    # The tab that has the focus is the one that sounds.
    until([tabs[1]], "window.sounds > 0 ? 1 : 0", 1)
    assert together(tabs, "window.notes.length") == 0
    tabs[1].evaluate(FOCUS, False)
    until(tabs, "window.notes.length", 1)


def test_the_callers_name_can_be_hidden_from_the_desktop(people: People, stack: Stack) -> None:
    first = people("anna", own_login=True)
    choose(first, stack, check=("Mitteilungen auf dem Desktop", "Den Namen des Anrufers darauf verbergen"))
    tabs = open_tabs(people, first, stack, 1)
    stack.simulator.incoming(MAX, ZENTRALE)
    until(tabs, "window.notes.length", 1)
    shown = tabs[0].evaluate("window.notes")[0]
    assert shown[0] == "Jemand ruft an"
    assert "Max" not in "".join(shown)
    assert "23125123" not in "".join(shown)


def test_without_web_locks_one_tab_leads_all_the_same(people: People, stack: Stack) -> None:
    first = people("anna", own_login=True)
    choose(first, stack, "klassisch")
    first.context.add_init_script(WITHOUT_WEB_LOCKS)
    tabs = open_tabs(people, first, stack, 3)
    stack.simulator.incoming(MAX, ZENTRALE)
    until(tabs, "window.sounds > 0 ? 1 : 0", 1)
    next(page for page in tabs if page.evaluate("window.sounds")).close()
    until(tabs, "window.sounds > 0 ? 1 : 0", 1)


def test_the_ring_tone_is_as_loud_as_chosen_and_silent_when_it_is_off(people: People, stack: Stack) -> None:
    loudness = {}
    for volume in ("leise", "laut"):
        first = people("anna", own_login=True)
        choose(first, stack, "klassisch", volume)
        (tab,) = open_tabs(people, first, stack, 1)
        call = stack.simulator.incoming(MAX, ZENTRALE)
        until([tab], "window.sounds > 0 ? 1 : 0", 1)
        loudness[volume] = tab.evaluate("window.loudness")
        stack.simulator.hangup(call.call_id)
        tab.close()
    assert 0 < loudness["leise"] < loudness["laut"] / 4
    first = people("anna", own_login=True)
    choose(first, stack, "aus")
    (tab,) = open_tabs(people, first, stack, 1)
    stack.simulator.incoming(MAX, ZENTRALE)
    expect(card(tab, "Eingehender Anruf")).to_be_visible()
    tab.wait_for_timeout(1_500)
    assert tab.evaluate("window.sounds") == 0


def test_the_ring_tone_of_a_call_is_stopped_in_every_tab(people: People, stack: Stack) -> None:
    first = people("anna", own_login=True)
    choose(first, stack, "klassisch")
    tabs = open_tabs(people, first, stack, 2)
    stack.simulator.incoming(MAX, ZENTRALE)
    until(tabs, "window.sounds > 0 ? 1 : 0", 1)
    silent = next(page for page in tabs if not page.evaluate("window.sounds"))
    silent.get_by_role("button", name="Klingelton ausschalten").click()
    for page in tabs:
        expect(page.get_by_role("button", name="Klingelton ausschalten")).to_be_hidden()
        expect(card(page, "Max Mustermann")).to_be_visible()
    assert together(tabs, "window.silenced") > 0
    sounds = together(tabs, "window.sounds")
    tabs[0].wait_for_timeout(3_500)
    assert together(tabs, "window.sounds") == sounds


def test_who_does_not_want_to_be_disturbed_gets_one_silent_line(people: People, stack: Stack) -> None:
    first = people("anna", own_login=True)
    choose(first, stack, "klassisch", check=("Mitteilungen auf dem Desktop",))
    tabs = open_tabs(people, first, stack, 2)
    bell = tabs[0].locator("[data-call-bell]")
    bell.locator("[data-bs-toggle]").click()
    bell.get_by_role("button", name="30 Min.").click()
    for page in tabs:
        expect(page.locator("[data-quiet-words]")).to_contain_text("Nicht stören bis")
    stack.simulator.incoming(MAX, ZENTRALE)
    for page in tabs:
        expect(cards(page)).to_have_count(1)
        expect(cards(page)).to_have_class(re.compile("is-folded"))
        expect(page).not_to_have_title(beginning("☎"))
    assert together(tabs, "window.sounds + window.notes.length") == 0
    # Another page of hers knows it from the start; ended, the call that still rings is told at once.
    tabs[1].reload()
    people.wait_for_calls(tabs[1])
    expect(tabs[1].locator("[data-quiet-words]")).to_contain_text("Nicht stören bis")
    tabs[0].get_by_role("button", name="Wieder melden").click()
    for page in tabs:
        expect(page).to_have_title(beginning("☎ Max Mustermann ruft an"))
    until(tabs, "window.sounds > 0 ? 1 : 0", 1)


def test_of_several_that_ring_the_title_says_how_many(people: People, stack: Stack) -> None:
    anna = people("anna", own_login=True)
    first = stack.simulator.incoming(MAX, ZENTRALE).call_id
    expect(anna).to_have_title(re.compile("^☎ Max Mustermann ruft an – "))
    stack.simulator.incoming("anonymous", ZENTRALE)
    expect(anna).to_have_title(re.compile("^☎ 2 Anrufe klingeln – "))
    stack.simulator.hangup(first)
    expect(anna).to_have_title(re.compile("^☎ Jemand ruft an – "))


def test_missed_calls_are_counted_in_the_title(people: People, stack: Stack) -> None:
    anna = people("anna", own_login=True)
    stack.simulator.hangup(stack.simulator.incoming(MAX, ZENTRALE).call_id, "missed")
    expect(anna).to_have_title(re.compile(r"^\(\d+\) "))
    expect(anna.locator("link[rel=icon]")).to_have_attribute("href", re.compile("icon-missed"))
    anna.get_by_role("button", name=beginning("Anrufe, ")).click()
    expect(anna).not_to_have_title(re.compile(r"^\("))


def test_the_desktop_is_asked_only_by_a_click(people: People, stack: Stack) -> None:
    anna = people("anna", own_login=True)
    anna.context.add_init_script(f"({COUNTING})(); window.Notification.permission = 'default'")
    anna.goto(f"{stack.url}/account/settings")
    expect(anna.get_by_text("Dieser Browser wurde noch nicht gefragt.")).to_be_visible()
    assert anna.evaluate("window.Notification.asked") == 0
    anna.get_by_role("button", name="Erlauben").click()
    expect(anna.get_by_text("Dieser Browser darf sie zeigen.")).to_be_visible()
    anna.get_by_role("button", name="Eine zeigen").click()
    assert anna.evaluate("window.notes.length") == 1
    anna.get_by_role("button", name="„hell“ anhören").click()
    assert anna.evaluate("window.sounds") > 0


def test_a_page_without_a_secure_connection_says_what_is_missing(people: People, stack: Stack) -> None:
    anna = people("anna", own_login=True)
    anna.context.add_init_script("Object.defineProperty(window, 'isSecureContext', { value: false })")
    anna.goto(f"{stack.url}/account/settings")
    expect(anna.get_by_text("Sie brauchen eine verschlüsselte Verbindung (https).")).to_be_visible()
    expect(anna.get_by_role("button", name="Erlauben")).to_be_hidden()


def test_the_address_opens_when_i_answer_and_in_one_tab_only(people: People, stack: Stack) -> None:
    first = people("anna", own_login=True)
    choose(first, stack, "wenn ich annehme")
    tabs = open_tabs(people, first, stack, 3)
    tabs[1].evaluate(FOCUS, True)
    call = stack.simulator.incoming(MAX, ZENTRALE)
    expect(card(tabs[1], "Max Mustermann")).to_be_visible()
    assert tabs[1].url.endswith("/callcenter/calls")
    stack.simulator.accept(call.call_id, ANNA)
    tabs[1].wait_for_url("**/addresses/*")
    expect(tabs[1].get_by_role("heading", level=1)).to_contain_text("Rheinwerk")
    assert [page.url.endswith("/callcenter/calls") for page in tabs] == [True, False, True]


def test_a_known_caller_on_my_line_opens_the_note_when_it_rings(people: People, stack: Stack) -> None:
    anna = people("anna", own_login=True)
    mine = "wenn es auf einer meiner Leitungen klingelt und der Anrufer sicher bekannt ist"
    choose(anna, stack, mine, "eine Telefonnotiz")
    stack.simulator.incoming(MAX, ANNAS_LINE)
    anna.wait_for_url("**telefon_notiz_erstellen=1**")
    expect(anna.get_by_label("Telefonnummer")).to_have_value("030 23125123")
    # As in the drawer: what one types first.
    expect(anna.get_by_label("Text", exact=True)).to_be_focused()


def test_what_is_not_mine_or_not_unique_opens_nothing_when_it_rings(people: People, stack: Stack) -> None:
    anna = people("anna", own_login=True)
    choose(anna, stack, "wenn es auf einer meiner Leitungen klingelt und der Anrufer sicher bekannt ist")
    people.wait_for_calls(anna)
    for caller, line, shown in ((MAX, BENS_LINE, "Max Mustermann"), (WAECHTERS, ANNAS_LINE, "Uwe Wächter")):
        call = stack.simulator.incoming(caller, line)
        expect(card(anna, shown)).to_be_visible()
        # Longer than tabs are asked which of them is to open something.
        anna.wait_for_timeout(1_500)
        assert anna.url.endswith("/account/settings")
        stack.simulator.hangup(call.call_id)
    stack.simulator.incoming(MAX, ANNAS_LINE)
    anna.wait_for_url("**/addresses/*")


def test_an_unknown_caller_opens_a_new_address_with_his_number(people: People, stack: Stack) -> None:
    anna = people("anna", own_login=True)
    choose(anna, stack, "wenn ich annehme")
    call = stack.simulator.incoming(STRANGER, ZENTRALE)
    stack.simulator.accept(call.call_id, ANNA)
    anna.wait_for_url("**/addresses/new**")
    expect(anna.get_by_role("textbox", name="Telefonnummer").first).to_have_value("+496990009777")


def test_what_is_typed_and_not_saved_stays_and_the_card_offers_instead(people: People, stack: Stack) -> None:
    anna = people("anna", own_login=True)
    choose(anna, stack, "wenn ich annehme")
    anna.goto(f"{stack.url}/addresses/2/edit")
    people.wait_for_calls(anna)
    anna.get_by_label("Name", exact=True).first.fill("Halb getippt")
    call = stack.simulator.incoming(MAX, ZENTRALE)
    stack.simulator.accept(call.call_id, ANNA)
    shown = card(anna, "Max Mustermann")
    expect(shown.get_by_text("Nicht von selbst geöffnet")).to_be_visible()
    assert anna.url.endswith("/addresses/2/edit")
    expect(anna.get_by_label("Name", exact=True).first).to_have_value("Halb getippt")
    with anna.context.expect_page() as beside:
        shown.get_by_role("link", name="Jetzt öffnen").click()
    expect(beside.value.get_by_role("heading", level=1)).to_contain_text("Rheinwerk")
    expect(anna.get_by_label("Name", exact=True).first).to_have_value("Halb getippt")
