"""Addresses, contacts and notes from creating to undoing, and the phone book."""

from __future__ import annotations

import csv
import re
from pathlib import Path

from playwright.sync_api import Dialog, Locator, Page, expect

from tests.browser.conftest import People
from tests.browser.screen import beginning, save, save_note
from tests.browser.stack import Stack


def _said(page: Page, text: str) -> Locator:
    """The message at the top of a page."""
    return page.get_by_role("status").filter(has_text=text)


def _names(page: Page) -> list[str]:
    """The names in the list of addresses."""
    return page.locator("#address-list a.address-name").all_inner_texts()


def _create(people: People, name: str, number: str = "") -> Page:
    page = people("anna", "/addresses/new")
    page.get_by_label("Name", exact=True).fill(name)
    if number:
        page.get_by_role("textbox", name="Telefonnummer").first.fill(number)
    save(page)
    expect(page.get_by_role("heading", level=1)).to_contain_text(name)
    return page


def test_an_address_is_created_with_a_number_of_its_own_and_found_by_any_of_its_parts(
    people: People, stack: Stack
) -> None:
    page = people("anna", "/addresses/new")
    page.get_by_label("Name", exact=True).fill("Orgelbau Quistorp")
    page.get_by_label("Straße").fill("Kantatenweg 1")
    page.get_by_label("PLZ").fill("50667")
    page.get_by_label("Ort").fill("Köln")
    number = page.get_by_role("textbox", name="Telefonnummer").first
    number.fill("0221/4710-520")
    read = page.locator("[data-number-read]").first
    expect(read).to_have_text(beginning("0221 4710520"))
    page.get_by_role("button", name="Telefonnummer hinzufügen").click()
    second = page.get_by_role("textbox", name="Telefonnummer").last
    expect(second).to_be_focused()
    second.fill("4710 521")
    expect(page.locator("[data-number-read]").last).to_contain_text("Die Vorwahl fehlt")
    save(page)
    heading = page.get_by_role("heading", level=1)
    expect(heading).to_have_text(re.compile(r"^\s*Orgelbau Quistorp \(Kunde: \d{5}\)"))
    expect(page.locator("main")).to_contain_text("0221 4710520")
    # What cannot be read is kept and explained.
    expect(page.locator("main")).to_contain_text("4710 521")
    expect(page.locator("main")).to_contain_text("Die Vorwahl fehlt")
    page.goto(f"{stack.url}/addresses/")
    for words in ("quistorp", "0221 4710 52", "50667 Orgelbau"):
        page.get_by_role("searchbox", name="Adressen suchen").fill(words)
        expect(page.locator("#address-list a.address-name")).to_have_text(["Orgelbau Quistorp"])


def test_the_second_of_two_editors_is_told_and_loses_nothing(people: People, stack: Stack) -> None:
    anna = _create(people, "Doppelt & Gemoppelt")
    address = anna.url.split("?")[0]
    ben = people("ben")
    for page in (anna, ben):
        page.goto(f"{address}/edit")
    anna.get_by_label("Ort").fill("Bonn")
    anna.get_by_label("Abteilung", exact=True).fill("Einkauf")
    save(anna)
    expect(anna.get_by_role("heading", level=1)).to_contain_text("Doppelt & Gemoppelt")
    ben.get_by_label("Ort").fill("Aachen")
    ben.get_by_label("Straße").fill("Ringstraße 5")
    save(ben)
    told = ben.get_by_role("alert")
    expect(told).to_contain_text("Anna Schmidt hat um")
    expect(told.get_by_role("group", name="Ort")).to_contain_text("Bonn")
    expect(told.get_by_role("group", name="Ort")).to_contain_text("Aachen")
    expect(ben.get_by_label("Ort", exact=True)).to_have_value("Aachen")
    save(ben)
    main = ben.locator("main")
    for text in ("Aachen", "Ringstraße 5", "Einkauf"):
        expect(main).to_contain_text(text)
    expect(main).not_to_contain_text("Bonn")


def test_whoever_leaves_what_he_typed_is_asked_first(people: People, stack: Stack) -> None:
    anna = people("anna", "/addresses/new")
    asked: list[str] = []
    answer = {"leave": False}

    def on_dialog(dialog: Dialog) -> None:
        asked.append(dialog.type)
        if answer["leave"]:
            dialog.accept()
        else:
            dialog.dismiss()

    anna.on("dialog", on_dialog)
    menu = anna.get_by_role("navigation").get_by_role("link", name="Telefonbuch")
    name = anna.get_by_label("Name", exact=True)
    name.click()
    anna.keyboard.type("Halb getipp")
    menu.click(no_wait_after=True)
    expect(name).to_have_value("Halb getipp")
    assert asked == ["beforeunload"]
    answer["leave"] = True
    menu.click()
    anna.wait_for_url(re.compile("/callcenter/"))
    assert asked == ["beforeunload"] * 2

    # Whoever cancels, saves or has typed nothing is not asked.
    for leave in ("cancel", "save", "look"):
        anna.goto(f"{stack.url}/addresses/new")
        if leave != "look":
            name.click()
            anna.keyboard.type("Ganz getippt")
        buttons = anna.locator("main")
        if leave == "cancel":
            buttons.get_by_role("link", name="Abbrechen").first.click()
        elif leave == "save":
            save(anna)
        else:
            menu.click()
        anna.wait_for_url(lambda url: not url.endswith("/new"))
    assert len(asked) == 2


def test_an_archived_address_leaves_the_list_and_comes_back(people: People, stack: Stack) -> None:
    anna = _create(people, "Kurzlebig GmbH")
    address = anna.url
    anna.get_by_role("button", name="Archivieren").click()
    expect(_said(anna, "Die Adresse ist archiviert.")).to_be_visible()
    anna.goto(f"{stack.url}/addresses/?q=Kurzlebig")
    assert _names(anna) == []
    anna.get_by_label("Archiviert").select_option(label="archiviert")
    expect(anna.locator("#address-list a.address-name")).to_have_text(["Kurzlebig GmbH"])
    anna.goto(address)
    anna.get_by_role("button", name="Wiederherstellen").click()
    expect(_said(anna, "Die Adresse ist wieder aktiv.")).to_be_visible()
    anna.goto(f"{stack.url}/addresses/?q=Kurzlebig")
    assert _names(anna) == ["Kurzlebig GmbH"]


def test_a_contact_is_added_changed_taken_out_and_brought_back(people: People, stack: Stack) -> None:
    anna = _create(people, "Kontaktfreude AG")
    anna.get_by_role("link", name="Ansprechpartner (0)").click()
    anna.get_by_role("link", name="Neuer Ansprechpartner").click()
    anna.get_by_label("Name", exact=True).fill("Rosa Rot")
    anna.get_by_label("Position").fill("Vertrieb")
    anna.get_by_role("textbox", name="Telefonnummer").first.fill("0171 39200 77")
    save(anna)
    contact = anna.get_by_role("listitem").filter(has_text="Rosa Rot")
    expect(contact).to_contain_text("0171 3920077")
    contact.get_by_role("link", name="Bearbeiten: Rosa Rot").click()
    anna.get_by_label("Position").fill("Geschäftsführung")
    save(anna)
    expect(contact).to_contain_text("Geschäftsführung")
    contact.get_by_role("button", name="Kein Ansprechpartner mehr: Rosa Rot").click()
    expect(anna.get_by_role("link", name="Ansprechpartner (0)")).to_be_visible()
    # Back by the message's button, and once more by the list of former ones.
    anna.get_by_role("button", name="Rückgängig").click()
    expect(anna.get_by_role("link", name="Ansprechpartner (1)")).to_be_visible()
    contact.get_by_role("button", name="Kein Ansprechpartner mehr: Rosa Rot").click()
    anna.get_by_text("Frühere Ansprechpartner (1)").click()
    anna.get_by_role("button", name=re.compile(r"^Wiederherstellen\s*: Rosa Rot$")).click()
    expect(anna.get_by_role("link", name="Ansprechpartner (1)")).to_be_visible()


def test_a_note_is_written_edited_deleted_and_the_deletion_undone(people: People, stack: Stack) -> None:
    anna = _create(people, "Notizbuch KG")
    anna.get_by_role("link", name="CRM (0)").click()
    anna.get_by_role("link", name="Notiz anlegen", exact=True).click()
    anna.get_by_role("textbox", name="Text").fill("Liefert nur dienstags.")
    anna.get_by_label("Tags").fill("Lieferung, wichtig")
    save_note(anna)
    note = anna.locator("li.note")
    # Its subject is taken from the text.
    expect(note.locator(".note-subject")).to_have_text("Liefert nur dienstags.")
    expect(note).to_contain_text("wichtig")
    note.get_by_role("link", name=re.compile("^Bearbeiten")).click()
    anna.get_by_label("Betreff").fill("Liefertage")
    save(anna)
    expect(note.locator(".note-subject")).to_have_text("Liefertage")
    note.get_by_role("button", name="Löschen: Liefertage").click()
    expect(_said(anna, "Die Notiz ist gelöscht: Liefertage")).to_be_visible()
    expect(note).to_have_count(0)
    anna.get_by_role("button", name="Rückgängig").click()
    expect(_said(anna, "Die Notiz ist wieder da.")).to_be_visible()
    expect(note.locator(".note-subject")).to_have_text("Liefertage")
    expect(anna.get_by_role("link", name="CRM (1)")).to_be_visible()


def test_the_phone_book_is_searched_and_sorted(people: People, stack: Stack) -> None:
    anna = people("anna", "/callcenter/")
    rows = anna.get_by_role("region", name="Telefonbuch").locator("tbody tr")
    companies = rows.locator("td:first-child")
    expect(rows).to_have_count(50)
    anna.get_by_role("link", name="Nächste Seite").click()
    expect(rows.first).to_be_visible()
    expect(anna.get_by_role("link", name="Vorige Seite")).to_be_visible()
    expect(anna.get_by_role("link", name="Nächste Seite")).to_have_count(0)
    search = anna.get_by_role("searchbox", name="Telefonbuch durchsuchen")
    for words, found in (
        ("mustermann", "Max Mustermann"),
        ("030 23125-12", "Max Mustermann"),
        ("0171 39200 23", "Max"),
    ):
        search.fill(words)
        search.press("Enter")
        expect(rows.first).to_contain_text(found)
        expect(companies.first).to_have_text("Rheinwerk Maschinenbau GmbH")
    search.fill("hanseatic")
    search.press("Enter")
    expect(rows).to_have_count(4)
    anna.get_by_role("columnheader", name="Telefon").get_by_role("link").click()
    expect(anna.get_by_role("columnheader", name="Telefon")).to_have_attribute("aria-sort", "ascending")
    expect(rows).to_have_count(4)
    rising = rows.locator("td:nth-child(3)").all_inner_texts()
    anna.get_by_role("columnheader", name="Telefon").get_by_role("link").click()
    expect(anna.get_by_role("columnheader", name="Telefon")).to_have_attribute("aria-sort", "descending")
    expect(rows).to_have_count(4)
    assert rows.locator("td:nth-child(3)").all_inner_texts() == rising[::-1]
    # A fax is nothing to dial.
    expect(rows.filter(has_text="040 66969209")).to_have_count(0)


def test_the_phone_book_is_saved_as_a_table_of_what_is_searched(people: People, stack: Stack, tmp_path: Path) -> None:
    anna = people("anna", "/callcenter/?q=Rheinwerk")
    with anna.expect_download() as started:
        anna.get_by_role("link", name="Als CSV speichern").click()
    file = tmp_path / started.value.suggested_filename
    started.value.save_as(file)
    assert file.suffix == ".csv"
    head, *rows = csv.reader(file.read_text("utf-8-sig").splitlines(), delimiter=";")
    assert head == ["Firma", "Ansprechpartner", "Bezeichnung", "Telefon"]
    assert ["Rheinwerk Maschinenbau GmbH", "Max Mustermann", "", "030 23125123"] in rows
    assert {row[0] for row in rows} == {"Rheinwerk Maschinenbau GmbH"}
