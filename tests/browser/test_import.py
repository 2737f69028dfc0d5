"""Importing in the page: upload, columns, preview, progress that moves by itself, failures to correct; ending early."""

from __future__ import annotations

import contextlib
import signal
import sqlite3
from collections.abc import Iterator
from pathlib import Path

from playwright.sync_api import Page, expect

from tests.browser.conftest import People
from tests.browser.stack import LONG_AGO, Stack

IMPORT = "/addresses/import/"
#: Milliseconds that a check or an import of some hundred rows may take on a busy machine.
PATIENCE = 120_000
#: Rows of a file that is stored in more than one batch, and the name in its last row.
ROWS, BARRIER = 600, "Schranke GmbH"
HEAD = "Kundennummer;Firma;Telefon;E-Mail"


def _file(folder: Path, rows: list[str], name: str = "kunden.csv", head: str = HEAD) -> Path:
    file = folder / name
    file.write_bytes("\r\n".join([head, *rows, ""]).encode("cp1252"))
    return file


def _many(begins: str) -> list[str]:
    return [*(f"{begins}{n};Größe {n} GmbH;0221 4711-{n:04};" for n in range(ROWS - 1)), f"{begins}X;{BARRIER};;"]


@contextlib.contextmanager
def _barrier(stack: Stack) -> Iterator[None]:
    """No import stores the last row of ``_many`` before this is over, as if the disk were full.

    Its worker gives up as when the database is away, and another goes on where the lease ends: however fast or slow
    the machine is, the import stands with some rows done.
    """
    with _database(stack) as database:
        database.execute(
            "CREATE TRIGGER barrier BEFORE INSERT ON addresses_address "
            f"WHEN NEW.name = '{BARRIER}' BEGIN SELECT json('not JSON'); END"
        )
    try:
        yield
    finally:
        with _database(stack) as database:
            database.execute("DROP TRIGGER barrier")


def _let_leases_end(stack: Stack) -> None:
    """As if so much time had passed that whoever worked on an import is taken for dead."""
    with _database(stack) as database:
        database.execute("UPDATE addresses_import SET leased_until = ? WHERE leased_until IS NOT NULL", (LONG_AGO,))


@contextlib.contextmanager
def _database(stack: Stack) -> Iterator[sqlite3.Connection]:
    with contextlib.closing(sqlite3.connect(stack.data_dir / "durchwahl.db", timeout=60)) as database, database:
        yield database


def _expect_half(page: Page) -> None:
    """Some rows are done, which the page has learnt by itself, and not all."""
    bar = page.get_by_role("progressbar", name="Fortschritt")
    expect(bar).to_have_attribute("max", str(ROWS), timeout=PATIENCE)
    expect(page.locator("[data-count=done]")).not_to_have_text("0", timeout=PATIENCE)
    assert 0 < int(_count(page, "done")) < int(_count(page, "total")) == ROWS


def _upload(page: Page, file: Path) -> None:
    page.get_by_label("CSV-Datei").set_input_files(file)
    page.get_by_role("button", name="Hochladen und weiter").click()
    expect(page.get_by_role("heading", name=file.name)).to_be_visible()


def _check(page: Page) -> None:
    page.get_by_role("button", name="Prüfen, was geschehen wird").click()
    expect(page.get_by_role("button", name="Import starten")).to_be_visible(timeout=PATIENCE)


def _count(page: Page, name: str) -> str:
    return page.locator(f"[data-count={name}]").inner_text()


def test_a_file_is_imported_and_what_was_refused_is_corrected_and_imported_again(
    people: People, stack: Stack, tmp_path: Path
) -> None:
    rows = ["I-1;Größenwahn GmbH;0221/4711-0;", "I-2;Kleinod KG;siehe Karte;kaputt"]
    ada = people("admin", "/addresses/")
    ada.get_by_role("link", name="Importieren").click()
    _upload(ada, _file(tmp_path, rows))
    expect(ada.get_by_label("Zeichensatz")).to_have_value("windows-1252")
    expect(ada.locator("#cells-1")).to_contain_text("Größenwahn GmbH")
    expect(ada.locator("#cells-2")).to_contain_text("0221 47110")
    expect(ada.locator("#cells-2")).to_contain_text("Das ist keine Telefonnummer.")
    expect(ada.locator("#import-rows")).to_contain_text("Wird abgewiesen: E-Mail: Das ist keine E-Mail-Adresse.")
    # What is chosen changes what stands beside it at once, and is kept.
    ada.get_by_label("Wird zu: E-Mail").select_option("notes")
    expect(ada.locator("#import-rows")).not_to_contain_text("Wird abgewiesen")
    ada.reload()
    expect(ada.get_by_label("Wird zu: E-Mail")).to_have_value("notes")
    ada.get_by_label("Zeichensatz").select_option("utf-8")
    expect(ada.locator("#cells-1")).not_to_contain_text("Größenwahn")
    ada.get_by_label("Zeichensatz").select_option("windows-1252")
    expect(ada.locator("#cells-1")).to_contain_text("Größenwahn")
    ada.get_by_role("button", name="Neu vorschlagen").click()
    expect(ada.get_by_label("Wird zu: E-Mail")).to_have_value("email")
    _check(ada)
    assert (_count(ada, "created"), _count(ada, "failed")) == ("1", "1")
    ada.get_by_role("button", name="Import starten").click()
    expect(ada.get_by_text("Der Import ist fertig.")).to_be_visible(timeout=PATIENCE)
    with ada.expect_download() as download:
        ada.get_by_role("link", name="Als CSV speichern").click()
    refused = download.value.path().read_text("utf-8-sig")
    assert "kaputt;3;kaputt;E-Mail: Das ist keine E-Mail-Adresse." in refused
    corrected = tmp_path / "berichtigt.csv"
    corrected.write_text(refused.replace(";kaputt;3", ";info@kleinod.example;3"), "utf-8")
    ada.get_by_role("link", name="Weitere Datei importieren").click()
    expect(ada.get_by_text("1 angelegt, 0 geändert, 1 abgewiesen")).to_be_visible()
    _upload(ada, corrected)
    expect(ada.get_by_label("Wird zu: Import: Grund")).to_have_value("")
    _check(ada)
    ada.get_by_role("button", name="Import starten").click()
    expect(ada.get_by_text("Der Import ist fertig.")).to_be_visible(timeout=PATIENCE)
    ada.goto(f"{stack.url}/addresses/?q=Kleinod")
    expect(ada.get_by_role("link", name="Kleinod KG")).to_be_visible()


def test_the_bar_moves_by_itself_outlives_the_page_and_a_killed_server(
    people: People, stack: Stack, tmp_path: Path
) -> None:
    ada = people("admin", IMPORT)
    _upload(ada, _file(tmp_path, _many("L-"), "viele.csv"))
    _check(ada)
    told: list[str] = []
    other = people("admin", IMPORT)
    other.on("websocket", lambda socket: socket.on("framereceived", lambda frame: told.append(str(frame))))
    other.goto(ada.url)
    people.wait_for_calls(other)
    with _barrier(stack):
        ada.get_by_role("button", name="Import starten").click()
        _expect_half(ada)
        _expect_half(other)
        address = ada.url
        # A page that asks while no server answers would complain, and rightly so.
        for page in (ada, other):
            page.goto(f"{stack.url}/addresses/")
        stack.stop_server(signal.SIGKILL)
    _let_leases_end(stack)
    stack.start_server()
    ada.goto(address)
    expect(ada.get_by_text("Der Import ist fertig.")).to_be_visible(timeout=PATIENCE)
    assert any('"import"' in frame and '"running"' in frame for frame in told)
    counts = [_count(ada, name) for name in ("created", "updated", "failed")]
    assert counts == [str(ROWS), "0", "0"]


def test_an_import_that_is_ended_keeps_what_is_done_and_another_window_sees_it(
    people: People, stack: Stack, tmp_path: Path
) -> None:
    ada = people("admin", IMPORT, width=390)
    _upload(ada, _file(tmp_path, _many("M-"), "abbruch.csv"))
    _check(ada)
    other = people("admin", ada.url.removeprefix(stack.url))
    with _barrier(stack):
        ada.get_by_role("button", name="Import starten").click()
        _expect_half(ada)
        # The other window follows by itself: what it offers is what can be done now.
        expect(other.get_by_role("button", name="Import beenden")).to_be_visible(timeout=PATIENCE)
        _expect_half(other)
        other.get_by_role("button", name="Import beenden").click()
        expect(other.get_by_role("button", name="Import beenden")).to_have_count(0)
        _let_leases_end(stack)
        for page in (ada, other):
            expect(page.get_by_text("Was bis dahin importiert war, bleibt.")).to_be_visible(timeout=PATIENCE)
        done = _count(ada, "created")
        assert 0 < int(done) < ROWS
        for page in (ada, other):
            expect(page.get_by_text(f"Der Import wurde nach {done} von {ROWS} Zeilen beendet.")).to_be_visible()
    assert ada.evaluate("() => document.scrollingElement.scrollWidth <= innerWidth")


def test_files_that_cannot_be_imported_are_told_before_and_after_sending(
    people: People, stack: Stack, tmp_path: Path
) -> None:
    ada = people("admin", IMPORT)
    ada.get_by_role("button", name="Hochladen und weiter").click()
    expect(ada.get_by_role("alert")).to_have_text("Bitte wählen Sie eine Datei aus.")
    empty = tmp_path / "leer.csv"
    empty.write_bytes(b"")
    ada.get_by_label("CSV-Datei").set_input_files(empty)
    ada.get_by_role("button", name="Hochladen und weiter").click()
    expect(ada.get_by_role("alert")).to_have_text("Die Datei ist leer.")
    large = tmp_path / "gross.csv"
    with large.open("wb") as file:
        file.truncate(65 * 1024 * 1024)
    ada.get_by_label("CSV-Datei").set_input_files(large)
    expect(ada.get_by_role("alert")).to_contain_text("Die Datei ist größer als 64 MB.")
