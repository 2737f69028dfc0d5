"""What a screen reader is told of calls, word for word, and what never happens meanwhile: the focus does not move, no
page shifts, and who wants no motion sees none.
"""  # fmt: skip

from __future__ import annotations

from collections.abc import Iterator

import pytest
from playwright.sync_api import Page, expect

from tests.browser.conftest import People
from tests.browser.measure import moving
from tests.browser.screen import card, cards, heard, live, transcript
from tests.browser.stack import ANNA, ANNAS_LINE, BEN, ZENTRALE, Stack
from tests.browser.test_attention import FOCUS
from tests.browser.wire import Wire

MAX, SABINE, STRANGER = "03023125123", "01713920010", "06990009777"
#: Whoever might announce has done so: longer than the slowest tab waits.
SETTLED = 1_200

WATCH_FOCUS = """() => {
    window.moved = [];
    for (const kind of ["focusin", "focusout"]) {
        document.addEventListener(kind, (event) => window.moved.push(`${kind} ${event.target.outerHTML.slice(0, 80)}`));
    }
}"""
# Everything outside the cards, by its place on the page.
PLACES = """() => [...document.querySelectorAll("header *, main *")].filter((one) => one.checkVisibility())
    .map((one) => [one.tagName, one.className, ...Object.values(one.getBoundingClientRect().toJSON())].join(" "))"""
WATCH_SHIFTS = """() => {
    window.shifts = [];
    const element = (node) => node instanceof Element ? node : node?.parentElement;
    const elsewhere = ({ node }) => element(node)?.isConnected && !element(node).closest("[data-call-cards]");
    new PerformanceObserver((list) => {
        for (const shift of list.getEntries()) {
            window.shifts.push(...shift.sources.filter(elsewhere).map(({ node }) => element(node).outerHTML));
        }
    }).observe({ type: "layout-shift" });
}"""


@pytest.fixture
def wire(stack: Stack) -> Iterator[Wire]:
    wire = Wire(stack.port)
    yield wire
    wire.close()


def test_each_state_of_a_call_is_told_in_one_sentence(people: People, stack: Stack) -> None:
    anna = people("anna")
    transcript(anna)
    mine = stack.simulator.incoming(MAX, ZENTRALE).call_id
    expect(live(anna)).to_have_text("Eingehender Anruf von Max Mustermann")
    stack.simulator.accept(mine, ANNA)
    expect(live(anna)).to_have_text("Anruf angenommen von Max Mustermann")
    stack.simulator.hangup(mine)
    expect(live(anna)).to_have_text("Anruf beendet von Max Mustermann")
    bens = stack.simulator.incoming(SABINE, ZENTRALE).call_id
    expect(live(anna)).to_have_text("Eingehender Anruf von Sabine Krüger")
    stack.simulator.accept(bens, BEN)
    expect(live(anna)).to_have_text("Anruf angenommen von Sabine Krüger – angenommen von Ben Yilmaz")
    missed = stack.simulator.incoming(STRANGER, ANNAS_LINE).call_id
    expect(live(anna)).to_contain_text("Eingehender Anruf von Unbekannt")
    stack.simulator.hangup(missed, "missed")
    expect(live(anna)).to_contain_text("Verpasster Anruf von Unbekannt")
    anna.wait_for_timeout(SETTLED)
    assert [text.split(" (")[0] for text in heard(anna)] == [
        "Eingehender Anruf von Max Mustermann",
        "Anruf angenommen von Max Mustermann",
        "Anruf beendet von Max Mustermann",
        "Eingehender Anruf von Sabine Krüger",
        "Anruf angenommen von Sabine Krüger – angenommen von Ben Yilmaz",
        "Eingehender Anruf von Unbekannt",
        "Verpasster Anruf von Unbekannt",
    ]


def test_of_six_tabs_the_one_with_the_focus_tells_it_and_a_new_connection_tells_nothing_again(
    people: People, stack: Stack, wire: Wire
) -> None:
    first = people("anna", url=wire.url)
    tabs = [first, *(first.context.new_page() for _tab in range(5))]
    for page in tabs[1:]:
        people.watch(page)
        page.goto(wire.url + "/callcenter/calls")
    for page in tabs:
        people.wait_for_calls(page)
        page.evaluate(FOCUS, page is tabs[3])
        transcript(page)
    call = stack.simulator.incoming(MAX, ZENTRALE)
    for page in tabs:
        expect(card(page, "Max Mustermann")).to_be_visible()
    expect(live(tabs[3])).to_have_text("Eingehender Anruf von Max Mustermann")
    wire.cut()
    wire.mend()
    for page in tabs:
        people.wait_for_calls(page)
    stack.simulator.accept(call.call_id, ANNA)
    expect(live(tabs[3])).to_have_text("Anruf angenommen von Max Mustermann")
    # Without any focus, somebody tells it all the same, and only once.
    tabs[3].evaluate(FOCUS, False)
    stack.simulator.hangup(call.call_id)
    for page in tabs:
        expect(card(page, "Anruf beendet")).to_be_visible()
    tabs[0].wait_for_timeout(SETTLED)
    told = [text for page in tabs for text in heard(page)]
    assert sorted(told) == [
        "Anruf angenommen von Max Mustermann",
        "Anruf beendet von Max Mustermann",
        "Eingehender Anruf von Max Mustermann",
    ]
    assert heard(tabs[3])[:2] == ["Eingehender Anruf von Max Mustermann", "Anruf angenommen von Max Mustermann"]


def test_whatever_comes_the_focus_stays_where_one_types(people: People, stack: Stack, wire: Wire) -> None:
    anna = people("anna", "/addresses/new", url=wire.url, clock=True)
    name = anna.get_by_label("Name", exact=True)
    name.press_sequentially("Mitten ")
    anna.evaluate(WATCH_FOCUS)
    ended = stack.simulator.incoming(MAX, ZENTRALE).call_id
    expect(card(anna, "Max Mustermann")).to_be_visible()
    name.press_sequentially("im ")
    stack.simulator.accept(ended, ANNA)
    expect(card(anna, "Anruf angenommen")).to_be_visible()
    bens = stack.simulator.incoming(SABINE, ZENTRALE).call_id
    stack.simulator.accept(bens, BEN)
    expect(card(anna, "angenommen von Ben Yilmaz")).to_be_visible()
    stack.simulator.hangup(ended)
    stack.simulator.hangup(stack.simulator.incoming(STRANGER, ZENTRALE).call_id, "missed")
    expect(card(anna, "Verpasster Anruf")).to_be_visible()
    name.press_sequentially("Tip")
    wire.cut()
    wire.mend()
    people.wait_for_calls(anna)
    anna.clock.fast_forward(30_000)
    expect(cards(anna)).to_have_count(0)
    name.press_sequentially("pen")
    expect(name).to_have_value("Mitten im Tippen")
    assert anna.evaluate("window.moved") == []


@pytest.mark.parametrize("width", [1440, 390])
def test_nothing_on_the_page_shifts_when_cards_come_and_go(people: People, stack: Stack, width: int) -> None:
    # In a browser whose scroll bars take room, as on most desks.
    browser = people.chromium.browser_type.launch(
        executable_path="/usr/bin/chromium", args=["--no-sandbox"], ignore_default_args=["--hide-scrollbars"]
    )
    try:
        desk = People(browser, stack)
        for path in ("/addresses/", "/apps/", "/addresses/3"):
            anna = desk("anna", path, width=width)
            anna.evaluate(WATCH_SHIFTS)
            before = anna.evaluate(PLACES)
            call = stack.simulator.incoming(MAX, ZENTRALE)
            expect(card(anna, "Max Mustermann")).to_be_visible()
            other = stack.simulator.incoming(STRANGER, ZENTRALE)
            expect(cards(anna)).to_have_count(2)
            assert anna.evaluate(PLACES) == before, path
            stack.simulator.accept(call.call_id, ANNA)
            expect(card(anna, "Anruf angenommen")).to_be_attached()
            anna.keyboard.press("Escape")
            anna.keyboard.press("Escape")
            expect(cards(anna)).to_have_count(0)
            assert anna.evaluate(PLACES) == before, path
            assert anna.evaluate("window.shifts") == [], path
            anna.context.close()
            for one in (call, other):
                stack.simulator.hangup(one.call_id)
            stack.let_calls_be_old()
    finally:
        browser.close()


def _motion(page: Page, stack: Stack) -> list[str]:
    """What moves while a call rings and its card is new."""
    stack.simulator.incoming(MAX, ZENTRALE)
    expect(card(page, "Max Mustermann").first).to_be_visible()
    return moving(page)


def test_who_wants_no_motion_sees_none(people: People, stack: Stack) -> None:
    assert _motion(people("anna", reduced_motion="no-preference"), stack), "the bell of a card that rings"
    ben = people("ben", reduced_motion="reduce")
    assert _motion(ben, stack) == []
    ben.get_by_role("button", name="Mein Bereich: Ben Yilmaz").click()
    ben.get_by_role("button", name="Abmelden").hover()
    assert moving(ben) == []
