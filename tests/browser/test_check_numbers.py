"""*Rufnummern prüfen*: what cannot be recognised is corrected in the list, one by one or all, and taken back."""

from __future__ import annotations

import re
from pathlib import Path

from playwright.sync_api import Locator, Page, expect

from tests.browser.conftest import People, log_in
from tests.browser.screen import beginning, card, save
from tests.browser.stack import ANNAS_LINE, Stack

CHECK = "/addresses/check/"


def _import(stack: Stack, folder: Path, rows: list[str]) -> None:
    """Addresses that are there already: name, phone number, contact, the contact's phone number."""
    file = folder / "addresses.csv"
    head = "Name;Telefon;Ansprechpartner 1 Name;Ansprechpartner 1 Telefon"
    file.write_text("\n".join([head, *rows]) + "\n", "utf-8")
    stack.flask("addresses", "import", str(file))


def _create(page: Page, stack: Stack, name: str, number: str) -> None:
    """An address as somebody types it; an import would give each number a row of its own."""
    page.goto(f"{stack.url}/addresses/new")
    page.get_by_label("Name", exact=True).fill(name)
    page.get_by_role("textbox", name="Telefonnummer").first.fill(number)
    save(page)
    expect(page.get_by_role("heading", level=1)).to_contain_text(name)


def _item(page: Page, text: str) -> Locator:
    return page.locator("[data-check-item]").filter(has_text=text)


def _tab(page: Page, title: str) -> Locator:
    return page.get_by_role("navigation", name="Was gefunden wurde").get_by_role("link", name=beginning(title))


def _done(page: Page, text: str) -> Locator:
    return page.locator(".check-done").filter(has_text=text)


def test_a_proposal_is_applied_in_the_list_its_caller_is_known_at_once_and_it_is_undone(
    people: People, stack: Stack
) -> None:
    anna = people("anna")
    _create(anna, stack, "Zwillingswerk", "0221 4710-870 oder -871")
    anna.goto(f"{stack.url}/addresses/")
    stack.simulator.incoming("02214710871", ANNAS_LINE)
    expect(card(anna, "Eingehender Anruf")).to_contain_text("0221 4710871")
    anna.get_by_role("link", name=beginning("Rufnummern prüfen")).click()
    _tab(anna, "Mehrere in einem Feld").click()
    item = _item(anna, "Zwillingswerk")
    expect(item).to_contain_text("0221 4710-870 oder -871")
    expect(item).to_contain_text("Das sind mehrere Nummern")
    expect(item.locator(".check-after")).to_contain_text("0221 4710871")
    before = _tab(anna, "Mehrere in einem Feld").inner_text()
    item.get_by_role("button", name=beginning("Übernehmen")).click()
    done = _done(anna, "Berichtigt: aus 0221 4710-870 oder -871 wurde")
    expect(done.get_by_role("button", name="Rückgängig")).to_be_focused()
    expect(_tab(anna, "Mehrere in einem Feld")).not_to_have_text(before)
    expect(card(anna, "Zwillingswerk")).to_be_visible()
    done.get_by_role("button", name="Rückgängig").click()
    expect(_done(anna, "Dort steht wieder 0221 4710-870 oder -871")).to_be_visible()
    expect(_tab(anna, "Mehrere in einem Feld")).to_have_text(before)
    anna.reload()
    expect(_item(anna, "Zwillingswerk")).to_contain_text("0221 4710-870 oder -871")


def test_another_correction_is_typed_and_read_in_the_list_of_a_narrow_screen(
    people: People, stack: Stack, tmp_path: Path
) -> None:
    _import(stack, tmp_path, ["Rätselhaft KG;frag doch den Otto", "Ungelöst KG;frag doch den Emil"])
    anna = people("anna", f"{CHECK}?show=unreadable", width=390)
    item = _item(anna, "Rätselhaft KG")
    item.get_by_role("link", name=beginning("Bearbeiten")).click()
    number = item.get_by_role("textbox", name="Telefonnummer")
    expect(number).to_be_focused()
    expect(number).to_have_value("frag doch den Otto")
    number.fill("0221 4710-880, 0171 39200 80")
    item.get_by_role("button", name="Auf Zeilen verteilen").click()
    expect(item.locator("[data-number-read]").last).to_contain_text("0171 3920080")
    assert anna.evaluate("document.scrollingElement.scrollWidth <= innerWidth")
    # Another editor beside it has fields of its own.
    other = _item(anna, "Ungelöst KG")
    other.get_by_role("link", name=beginning("Bearbeiten")).click()
    other.get_by_role("textbox", name="Telefonnummer").fill("0221 4710-881")
    expect(other.locator("[data-number-read]")).to_contain_text("0221 4710881")
    ids = anna.evaluate("[...document.querySelectorAll('[id]')].map((one) => one.id)")
    assert len(ids) == len(set(ids))
    other.get_by_role("link", name="Abbrechen").click()
    expect(other.get_by_role("textbox")).to_have_count(0)
    expect(other.get_by_role("link", name=beginning("Bearbeiten"))).to_be_focused()
    item.get_by_role("button", name="Speichern").click()
    expect(_done(anna, "wurde 0221 4710-880, 0171 39200 80")).to_be_visible()
    _tab(anna, "Verlauf").click()
    made = _item(anna, "Rätselhaft KG")
    expect(made.locator(".check-before")).to_contain_text("frag doch den Otto")
    expect(made.locator(".check-after")).to_contain_text("0171 39200 80")
    expect(made).to_contain_text("Anna Schmidt")
    made.get_by_role("button", name=beginning("Rückgängig")).click()
    expect(_done(anna, "Dort steht wieder frag doch den Otto")).to_be_visible()


def test_who_comes_second_is_told_and_keeps_what_he_typed(people: People, stack: Stack, tmp_path: Path) -> None:
    _import(stack, tmp_path, ["Umkämpft GmbH;frag doch die Emma"])
    anna, ben = (people(name, f"{CHECK}?show=unreadable") for name in ("anna", "ben"))
    for page, number in ((ben, "0221 4710-890"), (anna, "0221 4710-891")):
        item = _item(page, "Umkämpft GmbH")
        item.get_by_role("link", name=beginning("Bearbeiten")).click()
        item.get_by_role("textbox", name="Telefonnummer").fill(number)
    _item(anna, "Umkämpft GmbH").get_by_role("button", name="Speichern").click()
    expect(_done(anna, "wurde 0221 4710-891")).to_be_visible()
    mine = _item(ben, "Umkämpft GmbH")
    mine.get_by_role("button", name="Speichern").click()
    expect(mine.get_by_role("alert")).to_contain_text("wurde inzwischen von jemandem geändert")
    expect(mine.locator(".check-before")).to_contain_text("0221 4710-891")
    expect(mine.get_by_role("textbox", name="Telefonnummer")).to_have_value("0221 4710-890")
    mine.get_by_role("button", name="Speichern").click()
    expect(_done(ben, "aus 0221 4710-891 wurde 0221 4710-890")).to_be_visible()


def test_all_proposals_are_applied_with_a_bar_that_moves_and_undone_together(
    people: People, stack: Stack, tmp_path: Path
) -> None:
    _import(stack, tmp_path, [f"Reihe {n:03};0221 4710 {n:03} Zimmer {n}" for n in range(250)])
    anna = people("anna", f"{CHECK}?show=remark")
    expect(anna.locator("[data-check-item]")).to_have_count(25)
    first = anna.locator("[data-check-item]").first.inner_text()
    anna.get_by_role("link", name="Nächste Seite").click()
    expect(anna.locator("[data-check-item]").first).not_to_have_text(first)
    anna.get_by_role("link", name="Alle Vorschläge übernehmen").click()
    expect(anna.get_by_role("checkbox", name="die Bemerkung wird zur Bezeichnung (250)")).to_be_checked()
    expect(anna.get_by_role("listitem").filter(has_text="Reihe 000")).to_contain_text("Zimmer 0")
    bars: list[float] = []
    anna.expose_function("moved", lambda value: bars.append(value))
    anna.evaluate(
        """new MutationObserver(() => {
            const bar = document.querySelector("progress");
            if (bar) window.moved(bar.value / bar.max);
        }).observe(document.getElementById("check-run"), { childList: true, subtree: true })"""
    )
    anna.get_by_role("button", name="Übernehmen").click()
    expect(anna.get_by_role("status").filter(has_text="250 Nummern sind berichtigt.")).to_be_visible()
    assert sorted(set(bars)) == [0.4, 0.8]
    anna.get_by_role("button", name="Alles rückgängig machen").click()
    expect(anna.get_by_role("status").filter(has_text="250 Berichtigungen sind rückgängig gemacht.")).to_be_visible()
    anna.get_by_role("link", name="Zurück zur Liste").click()
    expect(_tab(anna, "Mit Bemerkung")).to_contain_text("(250)")


def test_a_number_of_two_addresses_stays_at_the_one_that_is_chosen_and_confirmed(
    people: People, stack: Stack, tmp_path: Path
) -> None:
    _import(stack, tmp_path, ["Links GmbH;0221 4710-937", "Rechts GmbH;;Rosa Rot;0221 4710937"])
    anna = people("anna", f"{CHECK}?show=shared")
    item = _item(anna, "0221 4710937")
    expect(item).to_contain_text("bei 2 Adressen")
    with anna.expect_popup() as opened:
        item.get_by_role("link", name=beginning("Links GmbH")).click()
    expect(opened.value.get_by_role("heading", level=1)).to_contain_text("Links GmbH")
    opened.value.close()
    item.get_by_role("link", name=beginning("Vergleichen")).click()
    expect(anna.get_by_role("heading", name=beginning("Links GmbH"))).to_be_visible()
    anna.get_by_role("radio", name=re.compile("Nummer nur hier behalten.*Links GmbH")).check()
    remove = anna.get_by_role("button", name="Bei den anderen entfernen")
    remove.click()
    expect(anna.get_by_role("alert")).to_contain_text("Bitte bestätigen Sie")
    expect(anna.get_by_role("radio", name=re.compile("Links GmbH"))).to_be_checked()
    anna.get_by_role("checkbox", name=beginning("Ja, diese Nummer bei allen anderen entfernen")).check()
    remove.click()
    expect(anna.get_by_role("status").filter(has_text="Die Nummer bleibt bei Links GmbH.")).to_be_visible()
    expect(item).to_have_count(0)
    _tab(anna, "Verlauf").click()
    made = _item(anna, "Rosa Rot").first
    expect(made).to_contain_text("entfernt")
    made.get_by_role("button", name=beginning("Rückgängig")).click()
    expect(_done(anna, "Dort steht wieder 0221 4710937")).to_be_visible()
    _tab(anna, "Bei mehreren Adressen").click()
    item.get_by_role("button", name=beginning("So lassen")).click()
    expect(_done(anna, "Bleibt, wie es ist: 0221 4710937")).to_be_visible()
    anna.reload()
    expect(item).to_have_count(0)
    anna.get_by_role("link", name="Belassene").click()
    expect(item).to_be_visible()


def test_it_works_without_scripts_too(people: People, stack: Stack) -> None:
    page = people.nobody(java_script_enabled=False)
    log_in(page, stack.url, "anna")
    _create(page, stack, "Schlicht GmbH", "0221 4710-951 oder -952")
    page.goto(f"{stack.url}{CHECK}?show=several")
    _item(page, "Schlicht GmbH").get_by_role("button", name=beginning("Übernehmen")).click()
    told = page.get_by_role("status").filter(has_text="Berichtigt:")
    expect(told).to_be_visible()
    told.get_by_role("button", name="Rückgängig").click()
    expect(page.get_by_role("status").filter(has_text="Dort steht wieder")).to_be_visible()
    _item(page, "Schlicht GmbH").get_by_role("link", name=beginning("Bearbeiten")).click()
    page.get_by_role("textbox", name="Telefonnummer").fill("0221 4710-953")
    page.get_by_role("button", name="Speichern").click()
    expect(page.get_by_role("status").filter(has_text="wurde 0221 4710-953")).to_be_visible()
