"""*Datenschutz* as an administrator goes through it: choose days, preview, save, and answer somebody who asks."""

from __future__ import annotations

import json
import re
import zipfile

from playwright.sync_api import expect

from tests.browser.conftest import People
from tests.browser.screen import save
from tests.browser.stack import Stack


def test_days_are_chosen_and_previewed_and_whoever_asks_gets_one_file(people: People, stack: Stack) -> None:
    page = people("admin", "/privacy")
    days = page.get_by_role("textbox", name="Anrufe", exact=True)
    days.fill("20")
    page.keyboard.press("Enter")
    # What was typed is kept, and what is wrong with it stands beside.
    expect(days).to_have_attribute("aria-invalid", "true")
    expect(days).to_have_value("20")
    days.fill("400")
    page.keyboard.press("Enter")
    # Enter looks, and saves nothing.
    expect(page.get_by_role("status").filter(has_text="Vorschau")).to_be_visible()
    expect(days).to_have_value("400")
    save(page)
    expect(page.get_by_role("status").filter(has_text="Gespeichert.")).to_be_visible()
    page.get_by_role("link", name="Auskunft über eine Person").first.click()
    page.get_by_label("Name einer Person oder eines Benutzers").fill("anna")
    page.keyboard.press("Enter")
    with page.expect_download() as download:
        page.get_by_role("button", name=re.compile(r"herunterladen: .*Benutzer von Durchwahl \(anna\)")).click()
    with zipfile.ZipFile(download.value.path()) as archive:
        account = json.loads(archive.read("person.json"))["chapters"]["Benutzerkonto"]
    assert {"Feld": "Benutzername", "Wert": "anna"} in account


def test_a_number_is_removed_after_a_preview_and_a_confirmation_that_names_it(people: People) -> None:
    page = people("admin", "/privacy/persons")
    page.get_by_label("Name einer Person oder eines Benutzers").fill("0171 3920077")
    page.keyboard.press("Enter")
    page.get_by_role("button", name=re.compile(r"Alle Daten löschen: 0171 3920077")).click()
    expect(page.get_by_role("heading", name="0171 3920077")).to_be_visible()
    page.get_by_label("Ich habe gelesen, was verschwindet.").check()
    page.get_by_role("button", name="Endgültig löschen: 0171 3920077").click()
    expect(page.get_by_role("status").filter(has_text="Die Löschung hat begonnen.")).to_be_visible()
    expect(page.get_by_role("heading", name="Gelöschte Personen")).to_be_visible()
