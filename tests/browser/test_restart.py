"""What happens to cards when the server goes away, or the network between it and the browser."""

from __future__ import annotations

import re
import signal
from collections.abc import Iterator

import pytest
from playwright.sync_api import Page, expect

from tests.browser.conftest import People
from tests.browser.screen import beginning, card, cards
from tests.browser.stack import ANNA, BEN, ZENTRALE, Stack
from tests.browser.wire import Wire

MAX, SABINE, HANSEATIC = "03023125123", "01713920010", "04066969200"
#: A hint is shown when a connection has been away for a while; the browser tries again within five seconds.
PATIENT = 20_000


@pytest.fixture
def wire(stack: Stack) -> Iterator[Wire]:
    wire = Wire(stack.port)
    yield wire
    wire.close()


def _stay(page: Page) -> None:
    """Mark the page, so that it can be told from one that was loaded again."""
    page.evaluate("window.neverReloaded = true")


def _stayed(page: Page) -> bool:
    return page.evaluate("window.neverReloaded === true") is True


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGKILL])
def test_a_server_that_is_restarted_while_it_rings_brings_the_card_back_without_a_reload(
    people: People, stack: Stack, number: signal.Signals
) -> None:
    anna, ben = people("anna"), people("ben")
    call = stack.simulator.incoming(MAX, ZENTRALE)
    for page in (anna, ben):
        _stay(page)
        expect(card(page, "Max Mustermann")).to_be_visible()
    stack.stop_server(number)
    # Whoever loads the page anew must find the call too: it is on disk.
    stack.start_server()
    late = people("clara")
    expect(card(late, "Max Mustermann")).to_contain_text("Eingehender Anruf")
    for page in (anna, ben):
        people.wait_for_calls(page)
        expect(card(page, "Max Mustermann")).to_contain_text("Eingehender Anruf")
    stack.simulator.accept(call.call_id, ANNA)
    expect(card(anna, "Max Mustermann")).to_contain_text("Anruf angenommen")
    expect(card(ben, "Max Mustermann")).to_contain_text("angenommen von Anna Schmidt")
    assert _stayed(anna)
    assert _stayed(ben)


def test_what_happened_while_the_network_was_away_is_on_the_screen_when_it_is_back(
    people: People, stack: Stack, wire: Wire
) -> None:
    anna = people("anna", url=wire.url)
    _stay(anna)
    ended = stack.simulator.incoming(SABINE, ZENTRALE)
    others = stack.simulator.incoming(HANSEATIC, ZENTRALE)
    expect(cards(anna)).to_have_count(2)
    wire.cut()
    stack.simulator.hangup(ended.call_id, "missed")
    stack.simulator.accept(others.call_id, BEN)
    stack.simulator.incoming(MAX, ZENTRALE)
    expect(anna.locator("[data-call-offline]")).to_be_visible(timeout=PATIENT)
    expect(anna.locator("[data-call-offline]")).to_contain_text("Keine Verbindung: Anrufe werden gerade nur verzögert")
    expect(card(anna, "Sabine Krüger")).to_contain_text("Eingehender Anruf")
    expect(card(anna, "Max Mustermann")).to_have_count(0)
    wire.mend()
    expect(card(anna, "Max Mustermann")).to_contain_text("Eingehender Anruf", timeout=PATIENT)
    expect(card(anna, "Sabine Krüger")).to_contain_text("Verpasster Anruf")
    expect(card(anna, "Hanseatic")).to_contain_text("angenommen von Ben Yilmaz")
    expect(anna.locator("[data-call-offline]")).to_be_hidden()
    expect(anna.get_by_role("button", name="Anrufe, 1 verpasst")).to_be_visible()
    # And it hears again what comes.
    stack.simulator.incoming("06990009777", ZENTRALE)
    expect(card(anna, "069 90009777")).to_be_visible()
    assert _stayed(anna)


def test_a_call_that_came_and_went_meanwhile_is_found_behind_the_bell(people: People, stack: Stack, wire: Wire) -> None:
    anna = people("anna", url=wire.url)
    wire.cut()
    stack.simulator.hangup(stack.simulator.incoming(SABINE, ZENTRALE).call_id, "missed")
    wire.mend()
    people.wait_for_calls(anna)
    anna.get_by_role("button", name=re.compile("^Anrufe, 1 verpasst")).click()
    latest = anna.locator("[data-call-latest] [data-call-id]").first
    expect(latest).to_contain_text("Sabine Krüger")
    expect(latest.get_by_role("link", name="Telefonnotiz anlegen")).to_be_visible()


def test_while_the_network_is_away_a_press_on_a_phone_button_says_so_and_dials_once_later(
    people: People, stack: Stack, wire: Wire
) -> None:
    anna = people("anna", "/addresses/3", url=wire.url)
    button = anna.get_by_role("button", name=beginning("Sabine Krüger anrufen")).first
    wire.cut()
    button.click()
    said = anna.locator("[data-dial-words]")
    expect(said).to_have_text(
        "Der Server hat nicht geantwortet. Bitte drücken Sie noch einmal: Es wird nicht doppelt gewählt."
    )
    wire.mend()
    button.click()
    expect(said).to_have_text("Ihr Telefon klingelt gleich – bitte abheben.")
    orders = [one for one in stack.simulator.log("api") if (one["method"], one["path"]) == ("POST", "/v2/calls")]
    assert len(orders) == 1
