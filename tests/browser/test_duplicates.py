"""Who types what another address has is told while typing and before saving; nothing is refused, nothing lost."""

from __future__ import annotations

import re

import pytest
from playwright.sync_api import Locator, Page, expect

from tests.browser.conftest import People, log_in
from tests.browser.screen import save
from tests.browser.stack import Stack

#: Of the demo data: a company and one of its contacts.
COMPANY, NUMBER, CONTACT = "Rheinwerk Maschinenbau GmbH", "030 23125-123", "Max Mustermann"


def _asked(page: Page) -> Locator:
    return page.get_by_role("alert").filter(has_text="Gibt es diese Adresse schon?")


def _number(page: Page) -> Locator:
    return page.get_by_role("textbox", name="Telefonnummer").first


@pytest.mark.parametrize("width", [1440, 390])
def test_a_number_that_somebody_has_is_said_while_it_is_typed_and_once_more_before_saving(
    people: People, stack: Stack, width: int
) -> None:
    name = f"Doppelgänger {width} GmbH"
    page = people("anna", "/addresses/new", width=width)
    page.get_by_label("Name", exact=True).fill(name)
    _number(page).fill(NUMBER)
    hint = page.locator("[data-number-read]").first
    expect(hint).to_contain_text(f"Diese Nummer gibt es schon bei: {COMPANY} ({CONTACT})")
    with page.expect_popup() as opened:
        hint.get_by_role("link", name=COMPANY).click()
    expect(opened.value.get_by_role("heading", level=1)).to_contain_text(COMPANY)
    opened.value.close()
    save(page)
    expect(_asked(page)).to_contain_text(f"gleiche Telefonnummer 030 23125123 ({CONTACT})")
    expect(page.get_by_label("Name", exact=True)).to_have_value(name)
    expect(_number(page)).to_have_value(NUMBER)
    assert page.evaluate("document.scrollingElement.scrollWidth <= innerWidth")
    with page.expect_popup() as opened:
        _asked(page).get_by_role("link", name=COMPANY).click()
    expect(opened.value.get_by_role("heading", level=1)).to_contain_text(COMPANY)
    opened.value.close()
    page.get_by_role("button", name="Trotzdem anlegen").click()
    expect(page.get_by_role("heading", level=1)).to_contain_text(name)


def test_email_and_vat_id_are_said_while_they_are_typed_and_go_when_they_are_mended(
    people: People, stack: Stack
) -> None:
    page = people("anna", "/addresses/new")
    email, vat_id = page.get_by_label("E-Mail"), page.get_by_label("USt-ID")
    vat_id.fill("de 111.111.125")
    told = page.locator("[data-live-of=vat_id]")
    expect(told).to_have_text(re.compile(rf"Diese USt-ID gibt es schon bei:\s+{COMPANY}"))
    vat_id.fill("de 111.111.126")
    expect(told).to_be_empty()
    email.fill("INFO@rheinwerk.example")
    expect(page.locator("[data-live-of=email]")).to_contain_text(COMPANY)
    # Leaving the field is enough; there is no need to wait.
    email.fill("frei@rheinwerk.example")
    email.blur()
    expect(page.locator("[data-live-of=email]")).to_be_empty()


def test_saving_again_saves_without_scripts_too(people: People, stack: Stack) -> None:
    page = people.nobody(java_script_enabled=False)
    log_in(page, stack.url, "anna")
    page.goto(f"{stack.url}/addresses/new")
    page.get_by_label("Name", exact=True).fill("Ohne Skript GmbH")
    _number(page).fill(NUMBER)
    save(page)
    expect(_asked(page)).to_contain_text(COMPANY)
    save(page)
    expect(page.get_by_role("heading", level=1)).to_contain_text("Ohne Skript GmbH")


def test_a_contact_with_a_strangers_number_is_asked_about_but_not_with_the_companys(
    people: People, stack: Stack
) -> None:
    page = people("anna", "/addresses/new")
    page.get_by_label("Name", exact=True).fill("Eigenständig AG")
    _number(page).fill("030 23125 901")
    save(page)
    page.get_by_role("link", name="Ansprechpartner (0)").click()
    page.get_by_role("link", name="Neuer Ansprechpartner").click()
    page.get_by_label("Name", exact=True).fill("Rosa Rot")
    _number(page).fill("030 23125 901")
    read = page.locator("[data-number-read]").first
    expect(read).to_have_text(re.compile("^030 23125901"))
    expect(read).not_to_contain_text("gibt es schon")
    _number(page).fill(NUMBER)
    expect(read).to_contain_text(COMPANY)
    save(page)
    expect(_asked(page)).to_contain_text(CONTACT)
    _number(page).fill("030 23125 901")
    save(page)
    expect(page.get_by_role("listitem").filter(has_text="Rosa Rot")).to_contain_text("030 23125901")
