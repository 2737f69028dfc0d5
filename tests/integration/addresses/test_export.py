"""Addresses saved as a table, which an import takes back as it went."""

from __future__ import annotations

import csv
import io
from collections.abc import Callable
from pathlib import Path
from typing import Any

from flask import Flask
from flask.testing import FlaskClient

from app.core import demo
from app.core.database import reading, transaction
from app.core.spreadsheets import as_typed
from app.modules.addresses import services
from app.modules.addresses.models import Address, Contact, PhoneNumber
from app.modules.addresses.records import NumberInput
from tests.integration.addresses.conftest import person
from tests.integration.addresses.importing import addresses, counted, everything, run


def saved(client: FlaskClient, query: str = "") -> str:
    answer = client.get(f"/addresses/addresses.csv{query}")
    assert answer.status_code == 200
    assert answer.mimetype == "text/csv"
    assert 'filename="adressen.csv"' in answer.headers["Content-Disposition"]
    return answer.get_data().decode()


def rows(text: str, separator: str = ";") -> list[dict[str, str]]:
    read = csv.DictReader(io.StringIO(text.removeprefix("\ufeff"), newline=""), delimiter=separator)
    return [{name: as_typed(cell) for name, cell in row.items()} for row in read]


def test_the_table_is_for_a_german_spreadsheet_and_has_a_row_for_each_contact(
    staff: FlaskClient, make_address: Callable[..., int]
) -> None:
    make_address("Müller; Söhne", "0221 4710-0", city="Köln", contacts=[person("Max", "0171 3920010"), person("Eva")])
    make_address("Weiß")
    text = saved(staff)
    assert text.startswith("\ufeffDurchwahl-ID;Typ;Name;")
    assert text.endswith("\r\n")
    found = rows(text)
    assert [(row["Name"], row["Ansprechpartner: Name"], row["Telefon"]) for row in found] == [
        ("Müller; Söhne", "Max", "0221 4710-0"),
        ("Müller; Söhne", "Eva", "0221 4710-0"),
        ("Weiß", "", ""),
    ]
    assert found[0]["Ansprechpartner: Telefon"] == "0171 3920010"
    assert (found[0]["Typ"], found[0]["Kunde"], found[0]["Lieferant"]) == ("Firma", "x", "")


def test_the_table_has_exactly_the_rows_of_the_list_in_its_order(
    staff: FlaskClient, make_address: Callable[..., int]
) -> None:
    for place in range(60):
        make_address(f"Firma {place:02}", city="Köln" if place % 2 else "Bonn", is_supplier=True, is_customer=True)
    gone = make_address("Weg")
    services.archive(gone)
    make_address("Nur Kunde", city="Köln")
    names = [row["Name"] for row in rows(saved(staff, "?q=K%C3%B6ln&role=supplier&sort=name&order=desc"))]
    assert names == [f"Firma {place:02}" for place in range(59, 0, -2)]
    assert [row["Name"] for row in rows(saved(staff, "?archived=archived"))] == ["Weg"]
    assert len(rows(saved(staff, "?archived=all"))) == 62


def test_the_list_offers_the_table_of_what_it_shows(staff: FlaskClient, make_address: Callable[..., int]) -> None:
    make_address("Rheinwerk", city="Köln")
    page = staff.get("/addresses/?q=Rhein&role=customer").get_data(as_text=True)
    assert 'href="/addresses/addresses.csv?q=Rhein&amp;role=customer&amp;separator=semicolon"' in page
    assert "separator=comma" in page


def test_cells_that_a_spreadsheet_would_calculate_are_guarded_and_come_back(
    staff: FlaskClient, make_address: Callable[..., int]
) -> None:
    make_address("=cmd|' /C calc'!A0", "+49 221 4710-100", "-57", city="@SUM(A1)")
    text = saved(staff)
    for guarded in ("'=cmd|' /C calc'!A0", "'+49 221 4710-100", "'-57", "'@SUM(A1)"):
        assert f";{guarded};" in text
    before = addresses()
    assert counted(run(text)) == {"same": 1}
    assert addresses() == before


def test_commas_can_be_chosen_and_nonsense_is_the_ordinary_table(
    staff: FlaskClient, make_address: Callable[..., int]
) -> None:
    make_address("Müller, Söhne")
    assert rows(saved(staff, "?separator=comma"), ",")[0]["Name"] == "Müller, Söhne"
    assert rows(saved(staff, "?separator=nonsense&role=nobody&sort=x"))[0]["Name"] == "Müller, Söhne"


def test_everything_comes_back_into_an_empty_address_book(app: Flask, staff: FlaskClient, make_user: Any) -> None:
    demo.load()
    make_user("berta")
    text = saved(staff, "?archived=all")
    assert counted(run(text)) == {"same": len(rows(text))}
    with reading() as session:
        before = everything(session)
    with transaction() as session:
        for model in (PhoneNumber, Contact):
            session.query(model).delete()
        session.query(Address).update({"is_customer": False})
    names = [(one.name, one.archived_at is None) for one in addresses()]
    # Our own ids find the addresses; what they had lost comes back with all labels and in all kinds.
    run(text)
    with reading() as session:
        after = everything(session)
    assert [(one.name, one.archived_at is None) for one in addresses()] == names

    def numbers(tables: dict[str, Any]) -> list[str]:
        kept = ("raw", "e164", "kind", "label", "extension", "switchboard", "stem", "problem")
        return sorted(str([row[name] for name in kept]) for row in tables["addresses_number"])

    def people(tables: dict[str, Any]) -> list[str]:
        kept = ("name", "position", "department", "email")
        return sorted(str([row[name] for name in kept]) for row in tables["addresses_contact"])

    assert numbers(after) == numbers(before)
    assert people(after) == people(before)
    assert [row["is_customer"] for row in after["addresses_address"]] == [
        row["is_customer"] for row in before["addresses_address"]
    ]


def test_labels_and_switchboards_have_columns_where_somebody_has_them(
    staff: FlaskClient, make_address: Callable[..., int]
) -> None:
    make_address("A", NumberInput("0221 4710-1", label="Büro"), NumberInput("0221 471", switchboard=True))
    (row,) = rows(saved(staff))
    assert (row["Telefon: Bezeichnung"], row["Telefon 2"], row["Telefon 2: ist Zentrale"]) == ("Büro", "0221 471", "x")
    assert "Mobil: Bezeichnung" not in row


def test_the_command_writes_the_same_table(app: Flask, make_address: Callable[..., int], tmp_path: Path) -> None:
    make_address("Rheinwerk", "0221 4710-1")
    services.archive(make_address("Weg"))
    runner = app.test_cli_runner()
    path = tmp_path / "out.csv"
    assert runner.invoke(args=["addresses", "export", str(path)]).exit_code == 0
    assert [row["Name"] for row in rows(path.read_bytes().decode())] == ["Rheinwerk"]
    told = runner.invoke(args=["addresses", "export", "--separator", "comma", "--language", "en", "--with-archived"])
    assert [row["Town"] for row in rows(told.stdout, ",")] == ["", ""]
    refused = runner.invoke(args=["addresses", "export", "/nowhere/at/all"])
    assert refused.exit_code == 1
    assert refused.output == "Error: The file /nowhere/at/all cannot be written (No such file or directory).\n"
