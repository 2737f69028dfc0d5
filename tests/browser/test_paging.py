"""Leafing through long lists, and what a mistyped search was probably meant to be."""

from __future__ import annotations

from pathlib import Path

import pytest
from playwright.sync_api import Locator, Page, expect

from tests.browser.conftest import People
from tests.browser.stack import Stack

NAMES = [f"Wanderverein Nr. {place:03}" for place in range(120)]


@pytest.fixture(scope="module")
def long_list(stack: Stack, tmp_path_factory: pytest.TempPathFactory) -> None:
    """A hundred and twenty addresses of one name, with a number each."""
    file: Path = tmp_path_factory.mktemp("long") / "addresses.csv"
    lines = [f"{name};0221 4710 {place:03};Wuppertal" for place, name in enumerate(NAMES)]
    file.write_text("\n".join(["Name;Telefon;Ort", *lines]), encoding="utf-8")
    stack.flask("addresses", "import", str(file))


def _names(page: Page) -> Locator:
    return page.locator("#address-list a.address-name")


def _leaf(page: Page, title: str, first: str) -> None:
    page.locator("#address-list").get_by_role("link", name=title).click()
    expect(_names(page).first).to_have_text(first)


@pytest.mark.usefixtures("long_list")
def test_a_long_list_is_leafed_through_and_the_browser_goes_back(people: People, stack: Stack) -> None:
    page = people("anna", "/addresses/?q=wanderverein&sort=name")
    expect(_names(page)).to_have_text(NAMES[:50])
    expect(page.locator("#address-list")).to_contain_text("1–50 von 120")
    _leaf(page, "Nächste Seite", NAMES[50])
    second = page.url
    _leaf(page, "Nächste Seite", NAMES[100])
    expect(_names(page)).to_have_text(NAMES[100:])
    expect(page.get_by_role("link", name="Nächste Seite")).to_have_count(0)
    page.go_back()
    expect(page).to_have_url(second)
    expect(_names(page)).to_have_text(NAMES[50:100])
    _leaf(page, "Vorige Seite", NAMES[0])
    expect(_names(page)).to_have_text(NAMES[:50])
    page.goto(f"{stack.url}/addresses/?sort=city&order=desc")
    page.get_by_role("link", name="Letzte Seite").click()
    expect(page.get_by_role("link", name="Nächste Seite")).to_have_count(0)
    page.get_by_role("link", name="Erste Seite").click()
    expect(page.get_by_role("link", name="Vorige Seite")).to_have_count(0)


@pytest.mark.usefixtures("long_list")
def test_the_phone_book_is_leafed_through_by_its_keyboard(people: People) -> None:
    page = people("anna", "/callcenter/?q=wanderverein")
    companies = page.locator(".phonebook-company a")
    expect(companies.first).to_have_text(NAMES[0])
    page.get_by_role("link", name="Nächste Seite").focus()
    page.keyboard.press("Enter")
    expect(companies.first).to_have_text(NAMES[50])
    page.go_back()
    expect(companies.first).to_have_text(NAMES[0])


@pytest.mark.usefixtures("long_list")
def test_a_mistyped_name_is_corrected_while_typing_and_its_hits_are_shown(people: People) -> None:
    page = people("anna", "/addresses/")
    field = page.get_by_role("searchbox", name="Adressen suchen")
    field.press_sequentially("Wandervreein wuppertal")
    meant = page.get_by_role("link", name="Meinten Sie „Wanderverein wuppertal“?")
    expect(meant).to_be_visible()
    expect(_names(page)).to_have_text(NAMES[:50])
    meant.click()
    expect(field).to_have_value("Wanderverein wuppertal")
    expect(_names(page)).to_have_text(NAMES[:50])
    expect(meant).to_have_count(0)


@pytest.mark.usefixtures("long_list")
def test_a_pick_list_offers_what_was_meant(people: People) -> None:
    page = people("anna", "/addresses/notes/new")
    page.get_by_role("searchbox", name="Adressen suchen").press_sequentially("Wandervreein wuppertal")
    found = page.locator(".picked")
    expect(found).to_contain_text("Meinten Sie „Wanderverein wuppertal“?")
    found.get_by_role("radio").first.check()
    expect(found.get_by_role("radio").first).to_be_checked()
