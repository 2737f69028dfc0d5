"""Several calls at once, and cards beside unfinished work: what is readable, what moves, what is lost (nothing)."""

from __future__ import annotations

from typing import Any

import pytest
from playwright.sync_api import Locator, Page, expect

from tests.browser.conftest import People
from tests.browser.screen import beginning, card, cards
from tests.browser.stack import ANNA, BEN, ZENTRALE, Stack
from tests.wire import seconds_until

MAX, WAECHTERS, STRANGER = "03023125123", "03023125720", "069900098{:02}"
HEIGHT = 900


def ring(stack: Stack, number: str) -> str:
    return stack.simulator.incoming(number, ZENTRALE).call_id


def boxes(page: Page) -> dict[str, Any]:
    """Where the parts of the page are."""
    found: dict[str, Any] = page.evaluate(
        """() => Object.fromEntries(["h1", "header", "main table", "main input[type=search]"].map((part) => {
            const { x, y, width, height } = document.querySelector(part).getBoundingClientRect();
            return [part, { x, y, width, height }];
        }))"""
    )
    return found


def reachable(button: Locator) -> bool:
    """Whether nothing lies over it."""
    found: bool = button.evaluate(
        """(element) => {
            const { x, y, width, height } = element.getBoundingClientRect();
            return element.contains(document.elementFromPoint(x + width / 2, y + height / 2));
        }"""
    )
    return found


@pytest.mark.parametrize("width", [1440, 390])
def test_five_that_ring_and_two_that_are_talked_to_stay_readable(people: People, stack: Stack, width: int) -> None:
    anna = people("anna", "/addresses/", width=width)
    before = boxes(anna)
    mine, bens = ring(stack, MAX), ring(stack, STRANGER.format(1))
    stack.simulator.accept(mine, ANNA)
    others = [ring(stack, STRANGER.format(number)) for number in range(2, 6)]
    expect(anna.get_by_role("button", name=beginning("+"))).to_have_text("+1 weiterer Anruf")
    others.append(ring(stack, STRANGER.format(6)))
    # Last, as what a colleague has taken goes away after a while.
    stack.simulator.accept(bens, BEN)
    expect(cards(anna).filter(has_text="069 90009806")).to_be_visible()
    shown = cards(anna).filter(visible=True)
    # The newest is first and whole; of the five shown one is the own conversation, whatever came later.
    expect(shown).to_have_count(5)
    expect(shown.first).to_contain_text("069 90009806")
    expect(shown.first.get_by_role("link", name="Telefonnotiz anlegen")).to_be_visible()
    expect(shown.filter(has_text="Max Mustermann")).to_have_count(1)
    expect(anna.get_by_role("button", name=beginning("+"))).to_have_text("+2 weitere Anrufe")
    # Each says who it is, also in one line, and none hangs over the edge.
    for one in shown.all():
        box = one.bounding_box()
        assert box is not None
        assert box["x"] >= 0
        assert box["x"] + box["width"] <= width
        assert box["y"] + box["height"] <= HEIGHT
        expect(one).to_contain_text("Mustermann" if "Mustermann" in one.inner_text() else "069 9000980")
    # The page has not moved, and its own buttons can be pressed.
    assert boxes(anna) == before
    assert reachable(anna.get_by_role("link", name="Neue Adresse"))
    assert anna.evaluate("document.documentElement.scrollWidth <= window.innerWidth")
    last = anna.locator("main").get_by_role("link", name="Als CSV mit Kommas speichern")

    def reached_at_the_end() -> bool:
        anna.evaluate("window.scrollTo(0, document.documentElement.scrollHeight)")
        return reachable(last)

    # Cards grow by what is told of the caller a little later, and the page with them.
    seconds_until(reached_at_the_end)
    for call_id in (*others, mine, bens):
        stack.simulator.hangup(call_id)


def test_what_is_over_steps_back_while_something_goes_on(people: People, stack: Stack) -> None:
    anna = people("anna", "/addresses/")
    first, second = ring(stack, STRANGER.format(11)), ring(stack, STRANGER.format(12))
    expect(cards(anna).first).to_contain_text("069 90009812")
    stack.simulator.hangup(second, "missed")
    over = card(anna, "069 90009812")
    expect(over).to_have_class("call-card is-new is-folded")
    expect(cards(anna).first).to_contain_text("069 90009811")
    expect(cards(anna).last).to_contain_text("069 90009812")
    # Opened by hand it stays open; when nothing goes on any more all are whole.
    over.get_by_role("button", name=beginning("Karte aufklappen")).click()
    expect(over.get_by_role("link", name="Telefonnotiz anlegen")).to_be_visible()
    stack.simulator.hangup(first, "missed")
    expect(card(anna, "069 90009811").get_by_role("link", name="Telefonnotiz anlegen")).to_be_visible()


def test_a_card_is_folded_by_hand_and_stays_so_in_every_window_and_after_a_reload(people: People, stack: Stack) -> None:
    anna, call = people("anna"), ring(stack, MAX)
    shown = card(anna, "Max Mustermann")
    note = shown.get_by_role("link", name="Telefonnotiz anlegen")
    expect(note).to_be_visible()
    anna.keyboard.press("F8")
    shown.get_by_role("button", name=beginning("Karte zuklappen")).focus()
    anna.keyboard.press("Enter")
    expect(note).to_be_hidden()
    expect(shown).to_contain_text("Max Mustermann · Eingehender Anruf")
    unfold = shown.get_by_role("button", name=beginning("Karte aufklappen"))
    expect(unfold).to_be_focused()
    # What happens to the call changes nothing about it.
    stack.simulator.accept(call, ANNA)
    expect(shown).to_contain_text("Max Mustermann · Anruf angenommen")
    other = anna.context.new_page()
    other.goto(stack.url)
    others_note = card(other, "Max Mustermann").get_by_role("link", name="Telefonnotiz anlegen")
    expect(card(other, "Max Mustermann")).to_be_visible()
    expect(others_note).to_be_hidden()
    anna.reload()
    expect(unfold).to_be_visible()
    expect(note).to_be_hidden()
    unfold.focus()
    anna.keyboard.press("Enter")
    expect(note).to_be_visible()
    expect(shown.get_by_role("button", name=beginning("Karte zuklappen"))).to_be_focused()
    expect(others_note).to_be_visible()
    anna.reload()
    expect(note).to_be_visible()
    stack.simulator.hangup(call)


def test_no_card_moves_under_the_pointer_or_the_focus(people: People, stack: Stack) -> None:
    anna = people("anna", "/addresses/")
    ring(stack, STRANGER.format(21))
    call_id = ring(stack, STRANGER.format(22))
    expect(cards(anna)).to_have_count(2)
    anna.keyboard.press("F8")
    stack.simulator.hangup(call_id, "missed")
    expect(card(anna, "Verpasster Anruf")).to_be_visible()
    expect(cards(anna).first).to_contain_text("069 90009822")
    expect(cards(anna).first).to_be_focused()
    anna.keyboard.press("F8")
    expect(cards(anna).first).to_contain_text("069 90009821")


def test_calls_have_one_order_whatever_order_they_come_in(people: People) -> None:
    anna = people("anna")
    found = anna.evaluate(
        """async () => {
            const { compare, linesOf, shownOf } = await import("/static/js/callcenter/order.js");
            const me = JSON.parse(document.getElementById("call-told").textContent).user_id;
            const plain = { form: "full", phase: "ringing", user: null };
            const call = (id, more) => ({ ...plain, id, received_at: String(id), ...more });
            const calls = [
                call(1, { phase: "talking", user: { id: me } }), call(2, { phase: "ended", outcome: "missed" }),
                call(3, { silent_at: "2020-01-01T00:00:00Z" }), call(4), call(5, { phase: "talking", form: "line" }),
                call(6), call(7, { phase: "talking", user: { id: me + 1 } }),
            ];
            const orders = [calls, [...calls].reverse()].map((some) => [...some].sort(compare));
            const ids = (some) => [...some].map((one) => one.id);
            return {
                orders: orders.map(ids), shown: ids(shownOf(orders[0], 3)),
                wide: ids(linesOf(orders[0], false)), phone: ids(linesOf(orders[0], true)),
                over: ids(linesOf([calls[1]], false)),
            };
        }"""
    )
    order = [7, 6, 4, 1, 3, 5, 2]
    assert found == {"orders": [order, order], "shown": [1, 7, 6], "wide": [5, 2], "phone": order[1:], "over": []}


def test_a_long_name_is_cut_and_there_in_full(people: People, stack: Stack) -> None:
    anna = people("anna", "/addresses/new")
    name = "<b>" + "Donaudampfschifffahrtsgesellschaft " * 5 + "x" * 20
    anna.get_by_label("Name", exact=True).fill(name)
    anna.get_by_role("textbox", name="Telefonnummer").first.fill("069 90009831")
    anna.get_by_role("button", name="Speichern", exact=True).first.click()
    expect(anna.get_by_role("heading", level=1)).to_contain_text("Donaudampfschifffahrtsgesellschaft")
    ring(stack, "06990009831")
    who = card(anna, "Donaudampfschiff").locator("[data-who]")
    expect(who).to_have_text(name)
    expect(who).to_have_attribute("title", name)
    assert who.evaluate("(element) => element.scrollHeight > element.clientHeight")
    assert who.evaluate("(element) => element.scrollWidth <= element.clientWidth")


def test_choice_assignment_and_address_leave_a_half_filled_form_alone(people: People, stack: Stack) -> None:
    anna = people("anna", "/addresses/new")
    name = anna.get_by_label("Name", exact=True)
    name.fill("Halb getippt")
    page = anna.url
    ring(stack, WAECHTERS)
    shown = card(anna, "Mehrere Adressen haben diese Nummer")
    shown.get_by_role("button", name="Annette Wächter auswählen").click()
    shown.get_by_role("button", name="Nur dieser Anruf").click()
    chosen = card(anna, "Annette Wächter")
    expect(chosen.get_by_role("link", name="Zur Adresse")).to_be_visible()

    # What would lead away opens in a window of its own, and says why.
    with anna.context.expect_page() as opened:
        chosen.get_by_role("link", name="Zur Adresse").click()
    expect(opened.value.get_by_role("heading", level=1)).to_contain_text("Annette Wächter")
    opened.value.close()
    expect(chosen.get_by_role("status").last).to_contain_text("In einem neuen Fenster geöffnet")

    ring(stack, STRANGER.format(41))
    card(anna, "069 90009841").get_by_role("link", name="Nummer zuordnen").click()
    dialog = anna.get_by_role("dialog", name="Nummer zuordnen")
    dialog.get_by_role("searchbox", name="Adressen suchen").press_sequentially("rheinwerk mustermann")
    dialog.get_by_role("radio", name=beginning("Max Mustermann")).first.check()
    dialog.get_by_role("button", name="Speichern").click()
    expect(card(anna, "069 90009841")).to_contain_text("Max Mustermann")
    expect(name).to_have_value("Halb getippt")
    assert anna.url == page

    # With nothing unsaved the same link simply leads there.
    name.fill("")
    chosen.get_by_role("link", name="Zur Adresse").click()
    expect(anna.get_by_role("heading", level=1)).to_contain_text("Annette Wächter")
