"""A caller is blocked from his card: the next call is refused, and the journal shows it."""

from __future__ import annotations

from playwright.sync_api import expect

from tests.browser.conftest import People
from tests.browser.screen import card, cards
from tests.browser.stack import ZENTRALE, Stack

STRANGER = "06990009701"


def test_a_caller_is_blocked_from_the_card_and_rings_nowhere_from_then_on(people: People, stack: Stack) -> None:
    anna = people("anna", "/callcenter/calls")
    first = stack.simulator.incoming(STRANGER, ZENTRALE).call_id
    shown = card(anna, "90009701")
    shown.get_by_role("button", name="Sperren").click()
    expect(shown.get_by_role("link", name="Gesperrt. Der nächste Anruf wird abgewiesen.")).to_be_visible()
    stack.simulator.hangup(first, "missed")
    anna.keyboard.press("Escape")
    expect(cards(anna)).to_have_count(0)

    stack.simulator.incoming("+496990009701", ZENTRALE)
    newest = anna.locator("tr[data-call-id]").first
    expect(newest).to_contain_text("Blockierter Anruf")
    expect(cards(anna)).to_have_count(0)
    newest.locator("td.cell-time a").click()
    expect(anna.get_by_test_id("decision")).to_contain_text("Anruf abweisen")
    expect(anna.get_by_test_id("decision")).to_contain_text("Sperrliste")

    anna.goto(f"{stack.url}/callcenter/blocks?number={STRANGER}")
    anna.get_by_role("button", name="Entfernen").click()
    expect(anna.get_by_role("status").first).to_contain_text("kommt wieder durch")
    third = stack.simulator.incoming(STRANGER, ZENTRALE).call_id
    expect(card(anna, "90009701")).to_contain_text("Eingehender Anruf")
    stack.simulator.hangup(third, "missed")
