"""A network that is cut, refuses or is slow: cards come right by themselves, the page says what is missing, and nothing
that was typed is lost.
"""  # fmt: skip

from __future__ import annotations

import re
import time
from collections.abc import Iterator

import pytest
from playwright.sync_api import Locator, Page, Route, expect

from tests.browser.conftest import People
from tests.browser.screen import beginning, card, cards, save
from tests.browser.stack import ANNA, BEN, ZENTRALE, Stack
from tests.browser.wire import Wire

MAX, SABINE, OSTERMANN = "03023125123", "01713920010", "08999998222"
TABS = 6
#: Milliseconds within which the browser tries again, and a bit; a hint is shown after four seconds.
PATIENT = 20_000
STILL_HERE = (
    "Der Server antwortet nicht. Was Sie eingegeben haben, steht noch hier: Bitte versuchen Sie es noch einmal."
)


@pytest.fixture
def wire(stack: Stack) -> Iterator[Wire]:
    wire = Wire(stack.port)
    yield wire
    wire.close()


def _hint(page: Page) -> Locator:
    """What the page says of the connection."""
    return page.locator("[aria-live=polite] > [data-call-offline]").filter(has_text="Keine Verbindung")


def test_a_call_that_ended_while_six_tabs_were_cut_off_is_right_in_all_of_them_without_a_reload(
    people: People, stack: Stack, wire: Wire
) -> None:
    ben = people("ben")
    first = people("anna", url=wire.url)
    tabs = [first, *(first.context.new_page() for _tab in range(TABS - 1))]
    for page in tabs[1:]:
        people.watch(page)
        page.goto(wire.url + "/addresses/3")
    for page in tabs:
        people.wait_for_calls(page)
        page.evaluate("window.neverReloaded = true")
    bens = stack.simulator.incoming(MAX, ZENTRALE).call_id
    missed = stack.simulator.incoming(SABINE, ZENTRALE).call_id
    for page in (ben, *tabs):
        expect(cards(page)).to_have_count(2)
    wire.cut()
    stack.simulator.accept(bens, BEN)
    expect(card(ben, "Anruf angenommen")).to_be_visible()
    stack.simulator.hangup(bens)
    stack.simulator.hangup(missed, "missed")
    expect(card(ben, "Anruf beendet")).to_be_visible()
    for page in tabs:
        expect(card(page, "Sabine Krüger")).to_contain_text("Eingehender Anruf")
    wire.mend()
    for page in tabs:
        expect(card(page, "Sabine Krüger")).to_contain_text("Verpasster Anruf", timeout=PATIENT)
        # Ben has had it: that concerns nobody else any more.
        expect(card(page, "Eingehender Anruf")).to_have_count(0)
        assert page.evaluate("window.neverReloaded") is True


def test_as_long_as_nothing_gets_through_the_page_says_that_calls_come_late(
    people: People, stack: Stack, wire: Wire
) -> None:
    anna = people("anna", url=wire.url)
    expect(_hint(anna)).to_be_hidden()
    wire.cut()
    expect(_hint(anna)).to_be_visible(timeout=PATIENT)
    expect(_hint(anna)).to_be_in_viewport()
    anna.get_by_role("button", name="Anrufe", exact=True).click()
    expect(anna.get_by_text("Die Anrufe können gerade nicht geladen werden.")).to_be_visible()
    anna.keyboard.press("Escape")
    wire.mend()
    expect(_hint(anna)).to_be_hidden(timeout=PATIENT)
    stack.simulator.incoming(MAX, ZENTRALE)
    expect(card(anna, "Max Mustermann")).to_be_visible()


def test_an_address_shows_call_backs_and_notes_as_they_come_and_what_came_while_it_was_cut_off(
    people: People, stack: Stack, wire: Wire
) -> None:
    anna, ben = people("anna", "/addresses/9/crm", url=wire.url), people("ben", "/addresses/9/crm?new=note")
    people.wait_for_calls(anna)
    history = people("clara", "/addresses/9/timeline")
    people.wait_for_calls(history)
    box, counter = anna.get_by_role("region", name="Offene Rückrufe"), anna.locator("[data-callback-counter]")
    expect(box).to_be_hidden()
    first = counter.get_attribute("aria-label") or ""
    stack.simulator.hangup(stack.simulator.incoming(OSTERMANN, ZENTRALE).call_id, "missed")
    expect(box.get_by_role("link")).to_contain_text("Verpasster Anruf")
    expect(history.locator("main li").filter(has_text="Verpasster Anruf")).to_have_count(1)
    # Counts are told once a second, after the call.
    expect(counter).not_to_have_attribute("aria-label", first)
    before = counter.get_attribute("aria-label") or ""
    wire.cut()
    call = stack.simulator.incoming(OSTERMANN, ZENTRALE).call_id
    stack.simulator.accept(call, BEN)
    stack.simulator.hangup(call)
    ben.get_by_label("Betreff").fill("Rezept liegt bereit")
    save(ben)
    expect(box.get_by_role("link")).to_have_count(1)
    wire.mend()
    expect(box).to_be_hidden(timeout=PATIENT)
    expect(anna.get_by_role("region", name=beginning("Notizen"))).to_contain_text("Rezept liegt bereit")
    expect(counter).not_to_have_attribute("aria-label", before)


def test_what_is_told_after_a_page_was_made_and_before_it_is_connected_is_on_it(people: People, stack: Stack) -> None:
    ben, anna = people("ben", "/addresses/9/crm?new=note"), people("anna")
    ben.get_by_label("Betreff").fill("Kam dazwischen")
    made: list[str] = []

    def late(route: Route) -> None:
        # The page is there, and no script of it.
        made.append(route.request.url)
        if len(made) == 1:
            save(ben)
            expect(ben.get_by_role("region", name=beginning("Notizen"))).to_contain_text("Kam dazwischen")
        route.continue_()

    anna.route(re.compile(r"/js/live\.\S+$"), late)
    anna.goto(f"{stack.url}/addresses/9/crm")
    expect(anna.get_by_role("region", name=beginning("Notizen"))).to_contain_text("Kam dazwischen")
    assert made


def test_a_form_that_is_sent_while_the_network_is_away_keeps_what_was_typed(
    people: People, stack: Stack, wire: Wire
) -> None:
    anna = people("anna", "/addresses/new", url=wire.url)
    name = anna.get_by_label("Name", exact=True)
    name.fill("Mühsam Getipptes GmbH")
    wire.cut()
    save(anna)
    expect(anna.get_by_role("alert")).to_have_text(STILL_HERE)
    expect(name).to_have_value("Mühsam Getipptes GmbH")
    # However often one tries.
    save(anna)
    expect(anna.get_by_role("alert")).to_have_count(1)
    wire.mend()
    save(anna)
    expect(anna.get_by_role("heading", level=1)).to_contain_text("Mühsam Getipptes GmbH")
    anna.goto(f"{stack.url}/addresses/?q=M%C3%BChsam")
    expect(anna.get_by_role("link", name="Mühsam Getipptes GmbH")).to_have_count(1)


def test_a_form_outlives_a_server_that_is_started_again(people: People, stack: Stack) -> None:
    ben = people("ben", "/addresses/4/edit")
    city = ben.get_by_label("Ort", exact=True)
    city.fill("Bad Neustart")
    stack.stop_server()
    save(ben)
    expect(ben.get_by_role("alert")).to_have_text(STILL_HERE)
    expect(city).to_have_value("Bad Neustart")
    stack.start_server()
    save(ben)
    expect(ben.locator("main")).to_contain_text("Bad Neustart")
    expect(city).to_be_hidden()


def test_a_network_that_is_slow_shows_each_call_as_it_is_at_last(people: People, stack: Stack, wire: Wire) -> None:
    anna, ben = people("anna", url=wire.url), people("ben")
    wire.slow(1.5)
    first = stack.simulator.incoming(MAX, ZENTRALE).call_id
    second = stack.simulator.incoming(SABINE, ZENTRALE).call_id
    stack.simulator.accept(first, ANNA)
    stack.simulator.hangup(first)
    began = time.monotonic()
    stack.simulator.accept(second, BEN)
    expect(card(ben, "Sabine Krüger")).to_contain_text("Anruf angenommen")
    assert time.monotonic() - began < 10, "who has a fast network does not wait for the others"
    expect(card(anna, "Max Mustermann")).to_contain_text("Anruf beendet", timeout=PATIENT)
    expect(card(anna, "angenommen von Ben Yilmaz")).to_be_visible(timeout=PATIENT)
    wire.slow(0)
