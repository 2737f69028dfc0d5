"""Who turns notifications or the whole app off sees nothing more, at once, and finds all as it was when turned on."""

from __future__ import annotations

import re
from collections.abc import Callable

import pytest
from playwright.sync_api import Page, expect

from tests.browser.conftest import People
from tests.browser.screen import call_bell, card, cards, notify_me
from tests.browser.stack import BEN, ZENTRALE, Stack
from tests.wire import PROMISED_SECONDS, seconds_until

MAX, SABINE = "03023125123", "01713920010"


def _status(page: Page, url: str) -> int:
    answer = page.goto(url)
    assert answer is not None
    return answer.status


def _menu(page: Page) -> list[str]:
    return page.get_by_role("navigation", name="Hauptmenü").get_by_role("link").all_inner_texts()


def _switch_name(word: str) -> re.Pattern[str]:
    return re.compile(rf"^{word}\s*: Placetel Anbindung$")


def _switch(page: Page, stack: Stack, word: str) -> None:
    """Press the app's switch in the app store."""
    page.goto(f"{stack.url}/appstore/?q=placetel")
    page.get_by_role("button", name=_switch_name(word)).click()
    expect(page.get_by_role("status").filter(has_text="Placetel Anbindung")).to_be_visible()


def test_who_turns_notifications_off_sees_no_card_and_gets_the_present_ones_back(people: People, stack: Stack) -> None:
    anna, ben, bens_settings = people("anna"), people("ben"), people("ben")
    first = stack.simulator.incoming(SABINE, ZENTRALE)
    expect(card(ben, "Sabine Krüger")).to_be_visible()
    notify_me(bens_settings, stack.url, on=False)
    # The other page of his, untouched: what rings goes, what comes does not come.
    expect(cards(ben)).to_have_count(0)
    stack.simulator.incoming(MAX, ZENTRALE)
    expect(card(anna, "Max Mustermann")).to_be_visible()
    expect(cards(ben)).to_have_count(0)
    ben.reload()
    people.wait_for_calls(ben)
    expect(cards(ben)).to_have_count(0)
    # The bell and the journal stay: he only does not want to be disturbed.
    call_bell(ben).click()
    expect(ben.locator("[data-call-latest]")).to_contain_text("Sabine Krüger")

    notify_me(bens_settings, stack.url)
    expect(card(ben, "Sabine Krüger")).to_be_visible()
    expect(card(ben, "Max Mustermann")).to_be_visible()
    stack.simulator.accept(first.call_id, BEN)
    expect(card(ben, "Sabine Krüger")).to_contain_text("Anruf angenommen")
    expect(card(anna, "Sabine Krüger")).to_contain_text("angenommen von Ben Yilmaz")


@pytest.mark.parametrize("by", ["app store", "command"])
def test_a_deactivated_app_takes_its_cards_menu_buttons_and_webhook_along_and_brings_all_back(
    people: People, stack: Stack, flask: Callable[..., str], by: str
) -> None:
    anna, admin = people("anna", "/addresses/1"), people("admin")
    stack.simulator.incoming(MAX, ZENTRALE)
    expect(card(anna, "Max Mustermann")).to_be_visible()
    expect(call_bell(anna)).to_be_visible()

    if by == "command":
        flask("modules", "deactivate", "callcenter")
    else:
        _switch(admin, stack, "Deaktivieren")
    # The page that was open all the time.
    expect(cards(anna)).to_have_count(0, timeout=PROMISED_SECONDS * 1000)
    expect(call_bell(anna)).to_be_hidden()
    seconds_until(lambda: stack.simulator.incoming(SABINE, ZENTRALE).statuses == [404], at_most=PROMISED_SECONDS)
    for path in ("/callcenter/", "/callcenter/calls", "/index.php?module=placetel&action=list"):
        assert _status(anna, stack.url + path) == 404
    anna.goto(f"{stack.url}/addresses/1")
    assert _menu(anna) == ["Adressen"]
    expect(anna.locator("main").get_by_text("030 23125123")).to_be_visible()
    expect(anna.get_by_role("button", name=re.compile("anrufen"))).to_have_count(0)
    expect(cards(anna)).to_have_count(0)

    if by == "command":
        flask("modules", "activate", "callcenter")
        seconds_until(lambda: _status(anna, f"{stack.url}/callcenter/") == 200, at_most=PROMISED_SECONDS)
    else:
        _switch(admin, stack, "Aktivieren")
    anna.goto(f"{stack.url}/addresses/1")
    people.wait_for_calls(anna)
    assert _menu(anna) == ["Adressen", "Telefonbuch", "Anrufe", "Rückrufe", "Statistik"]
    expect(anna.get_by_role("button", name="Max Mustermann anrufen: 030 23125123").first).to_be_visible()
    # What rang before still rings, what is set up still is, and new calls come.
    expect(card(anna, "Max Mustermann")).to_be_visible()
    assert stack.simulator.incoming("04066969200", ZENTRALE).statuses == [200]
    expect(card(anna, "Hanseatic")).to_be_visible()


def test_an_open_page_gets_its_cards_again_when_the_app_comes_back(people: People, stack: Stack) -> None:
    anna, admin = people("anna"), people("admin")
    stack.simulator.incoming(MAX, ZENTRALE)
    expect(card(anna, "Max Mustermann")).to_be_visible()
    _switch(admin, stack, "Deaktivieren")
    expect(cards(anna)).to_have_count(0)
    _switch(admin, stack, "Aktivieren")
    expect(card(anna, "Max Mustermann")).to_be_visible()
    expect(call_bell(anna)).to_be_visible()


def test_the_switch_stands_beside_the_apps_own_heading_too(people: People, stack: Stack) -> None:
    admin, anna = people("admin", "/callcenter/"), people("anna", "/apps/")
    expect(admin.get_by_role("button", name=_switch_name("Deaktivieren"))).to_be_visible()
    tile = anna.get_by_role("region", name="Placetel Anbindung")
    expect(tile.get_by_role("link", name="Öffnen")).to_be_visible()
    expect(tile.get_by_role("button")).to_have_count(0)


def test_who_logs_out_is_shown_no_more_calls_on_pages_still_open(people: People, stack: Stack) -> None:
    anna = people("anna")
    ben = people("ben", own_login=True)
    other = ben.context.new_page()
    other.goto(stack.url)
    stack.simulator.incoming(SABINE, ZENTRALE)
    expect(card(other, "Sabine Krüger")).to_be_visible()
    ben.get_by_role("button", name="Mein Bereich: Ben Yilmaz").click()
    ben.get_by_role("button", name="Abmelden").click()
    expect(ben).to_have_url(re.compile("/login"))
    expect(cards(other)).to_have_count(0)
    stack.simulator.incoming(MAX, ZENTRALE)
    expect(card(anna, "Max Mustermann")).to_be_visible()
    expect(cards(other)).to_have_count(0)
