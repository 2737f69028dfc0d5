"""A call that came while nobody listened is there afterwards, and says so."""

from __future__ import annotations

import re

from playwright.sync_api import expect

from tests.browser.conftest import People
from tests.browser.stack import ZENTRALE, Stack

CALLER = "069 90009841"
PATIENT = 60_000


def test_a_call_that_came_while_the_server_was_away_is_in_the_journal_after_its_start(
    people: People, stack: Stack
) -> None:
    ada = people("admin", "/callcenter/gaps")
    stack.stop_server()
    call = stack.simulator.incoming(CALLER, ZENTRALE).call_id
    stack.simulator.hangup(call, "missed")
    stack.start_server()
    # The list is compared by itself, and the journal follows it live.
    ada.goto(f"{stack.url}/callcenter/calls")
    row = ada.get_by_role("row").filter(has_text=CALLER)
    expect(row).to_contain_text("nachgetragen", timeout=PATIENT)
    expect(row).to_contain_text("verpasst", ignore_case=True)
    ada.goto(f"{stack.url}/callcenter/gaps")
    ada.get_by_role("button", name="Jetzt abgleichen").click()
    expect(ada.get_by_text(re.compile("Keiner davon fehlte hier"))).to_be_visible(timeout=PATIENT)
    ada.goto(f"{stack.url}/callcenter/calls")
    expect(row).to_have_count(1)


def test_the_self_test_comes_back_to_the_browser_that_asked(people: People) -> None:
    ada = people("admin", "/callcenter/log")
    ada.get_by_role("link", name="Selbsttest").click()
    ada.get_by_role("button", name="Testbenachrichtigung senden").click()
    expect(ada.get_by_text("Sie ist in diesem Browser angekommen.")).to_be_visible(timeout=PATIENT)
    expect(ada.get_by_text("Sie wurde verstanden.")).to_be_visible()
    expect(ada.locator("[data-self-test-part=waiting]")).to_be_hidden()
