"""Where one is logged in, the end of log-ins elsewhere, and a password that somebody else chose."""

from __future__ import annotations

import re

import pytest
from playwright.sync_api import expect

from app.core.demo import DEMO_PASSWORD
from tests.browser.axe import findings
from tests.browser.conftest import People, log_in
from tests.browser.screen import beginning, card
from tests.browser.stack import ZENTRALE, Stack

FIRST, OWN = "given by the boss", "known to nobody else"


def test_a_log_in_is_ended_from_another_window_and_loses_its_calls_at_once(people: People, stack: Stack) -> None:
    here = people("clara", "/account/settings", own_login=True)
    elsewhere = people("clara", own_login=True)
    here.reload()
    log_ins = here.locator("#log-ins")
    expect(log_ins).to_contain_text("dieser Browser")
    others = log_ins.get_by_role("checkbox", name=beginning("Chrome"))
    expect(others).not_to_have_count(0)
    log_ins.get_by_label("Bisheriges Passwort").fill("not this one")
    log_ins.get_by_role("button", name="Alle anderen beenden").click()
    expect(here.locator("#log-ins .invalid-feedback")).to_have_text("Das ist nicht Ihr bisheriges Passwort.")
    others.first.check()
    here.locator("#log-ins").get_by_label("Bisheriges Passwort").fill(DEMO_PASSWORD)
    here.locator("#log-ins").get_by_role("button", name="Alle anderen beenden").click()
    expect(here.get_by_role("status").first).to_contain_text("beendet")
    expect(here.locator("#log-ins")).to_contain_text("sonst nirgends angemeldet")
    call = stack.simulator.incoming("06990009701", ZENTRALE)
    people.wait_for_calls(here)
    expect(card(here, "069 90009701")).to_be_visible()
    expect(elsewhere.locator("[data-call-id]")).to_have_count(0)
    elsewhere.goto(f"{stack.url}/account/settings")
    expect(elsewhere).to_have_url(re.compile("/login"))
    stack.simulator.hangup(call.call_id)


@pytest.mark.parametrize("width", [1440, 390])
def test_a_password_that_somebody_else_chose_is_replaced_before_anything_opens(
    people: People, stack: Stack, width: int
) -> None:
    name = f"neu{width}"
    stack.flask("users", "create", name, "--role", "staff", "--password-stdin", "--change-password", given=f"{FIRST}\n")
    page = people.nobody(width=width)
    log_in(page, stack.url, name, FIRST)
    expect(page.get_by_role("heading", name="Passwort wählen")).to_be_visible()
    expect(page.get_by_role("navigation")).to_have_count(0)
    assert findings(page) == []
    page.goto(f"{stack.url}/addresses/")
    expect(page).to_have_url(f"{stack.url}/account/password")
    page.get_by_label("Bisheriges Passwort").fill(FIRST)
    page.get_by_label("Neues Passwort", exact=True).fill(FIRST)
    page.get_by_label("Neues Passwort noch einmal").fill(FIRST)
    page.get_by_role("button", name="Passwort ändern").click()
    expect(page.get_by_text("Das ist das bisherige. Bitte wählen Sie ein anderes.")).to_be_visible()
    page.get_by_label("Bisheriges Passwort").fill(FIRST)
    page.get_by_label("Neues Passwort", exact=True).fill(OWN)
    page.get_by_label("Neues Passwort noch einmal").fill(OWN)
    page.get_by_role("button", name="Passwort ändern").click()
    expect(page.get_by_role("status").first).to_contain_text("Das Passwort ist geändert")
    page.goto(f"{stack.url}/addresses/")
    expect(page).to_have_url(f"{stack.url}/addresses/")
