"""Importing addresses: the same rows as by hand, in bulk."""

from __future__ import annotations

import csv
import io
from collections.abc import Callable
from dataclasses import replace
from datetime import date
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import event, func, select

from app.core.clock import FixedClock
from app.core.database import reading, transaction
from app.modules.addresses import services
from app.modules.addresses.contacts import update_contact
from app.modules.addresses.models import Address, PhoneNumber
from app.modules.addresses.records import AddressDetail, ContactInput, NumberInput
from app.modules.addresses.services import create_address
from app.modules.addresses.settings import AddressSettings
from app.modules.addresses.transfer import importing, own_ids
from tests.integration.addresses.conftest import names, person
from tests.integration.addresses.importing import Watcher, addresses, counted, everything, refused, run, the_address

WHOLE = {
    "Typ": "Frau",
    "Name": "Erika Muster",
    "Ansprechpartner": "Zentrale",
    "Abteilung": "Einkauf",
    "Unterabteilung": "Nord",
    "Adresszusatz": "Hinterhaus",
    "Straße": "Marktplatz 4",
    "PLZ": "80331",
    "Ort": "München",
    "Land": "Österreich",
    "Telefon": "+49 89 99998-0",
    "Telefon 2": "089 99998 100 / 0171 3920010",
    "Telefax": "+49 89 99998-9",
    "E-Mail": "Info@muster.example",
    "Internetseite": "www.muster.example",
    "Anschreiben": "Sehr geehrte Frau Muster",
    "Sprache": "de",
    "USt-ID": "de 123456789",
    "Kundennummer": "K-7",
    "Lieferantennummer": "L-8",
    "Externe ID": "4711",
    "Kunde": "x",
    "Lieferant": "ja",
    "Mitarbeiter": "1",
    "Vertrieb": "anna",
    "Liefersperre": "1",
    "Liefersperregrund": "offen",
    "Sonstiges": "Zeile 1\nZeile 2",
    "Ansprechpartner 1 Name": "Max Müller",
    "Ansprechpartner 1 Position": "Lager",
    "Ansprechpartner 1 E-Mail": "Max@muster.example",
    "Ansprechpartner 1 Mobil": "+49 171 3920011",
}


def table(*rows: dict[str, str]) -> str:
    """The text of a CSV file with these rows."""
    text = io.StringIO(newline="")
    writer = csv.DictWriter(text, list(rows[0]), delimiter=";")
    writer.writeheader()
    writer.writerows(rows)
    return text.getvalue()


def test_an_imported_address_is_stored_as_one_that_was_typed(app: Flask, make_user: Callable[..., int]) -> None:
    anna = make_user("anna", name="Anna Schmidt")
    assert counted(run(table(WHOLE), by=anna)) == {"created": 1, "unread": 1}
    with reading() as session:
        imported = everything(session)
    values = {
        "kind": "ms",
        "name": "Erika Muster",
        "contact_person": "Zentrale",
        "department": "Einkauf",
        "subdepartment": "Nord",
        "address_supplement": "Hinterhaus",
        "street": "Marktplatz 4",
        "postcode": "80331",
        "city": "München",
        "country": "AT",
        "email": "Info@muster.example",
        "website": "www.muster.example",
        "salutation": "Sehr geehrte Frau Muster",
        "language": "de",
        "vat_id": "DE123456789",
        "customer_number": "K-7",
        "supplier_number": "L-8",
        "external_id": "4711",
        "is_customer": True,
        "is_supplier": True,
        "is_employee": True,
        "account_manager_id": anna,
        "delivery_block": True,
        "delivery_block_reason": "offen",
        "notes": "Zeile 1\nZeile 2",
    }
    with transaction() as session:
        for model in (PhoneNumber, Address):
            session.query(model).delete()
    numbers = [
        NumberInput("+49 89 99998-0"),
        NumberInput("089 99998 100 / 0171 3920010"),
        NumberInput("+49 89 99998-9", "fax"),
    ]
    max_ = ContactInput("Max Müller", "Lager", "", "Max@muster.example", (NumberInput("+49 171 3920011", "mobile"),))
    create_address(values, numbers, [max_], by=anna)
    with reading() as session:
        typed = everything(session)
    for rows in (*imported.values(), *typed.values()):
        for row in rows:
            row.pop("address_id", None)
            row["contact_id"] = row.get("contact_id") is not None
    # Austria's own numbers: the second field is none of them, so nothing parts it.
    assert imported == typed


def test_an_address_is_changed_as_if_by_hand(app: Flask, make_address: Callable[..., int], clock: FixedClock) -> None:
    for key in ("K-1", "K-2"):
        people = [person("Max", "0221 4710-1", position="Lager"), person("Eva", "0221 4710-9")]
        make_address("Rheinwerk", "0221 4710-100", customer_number=key, city="Köln", contacts=people)
    clock.advance(60)
    headings = "Kundennummer;Ort;Telefon;Ansprechpartner 1 Name;Ansprechpartner 1 Telefon"
    run(f"{headings}\nK-1;Bonn;0221 4710-5;Max;0221 4710-2\n")
    other = addresses()[1]
    services.update_address(other.id, None, {"city": "Bonn"}, [NumberInput("0221 4710-5")])
    update_contact(other.contacts[0].id, None, person("Max", "0221 4710-2", position="Lager"))
    imported, typed = addresses()

    def without_ids(one: AddressDetail) -> AddressDetail:
        people = tuple(replace(contact, id=0, address_id=0) for contact in one.contacts)
        return replace(one, id=0, customer_number="", contacts=people)

    assert without_ids(imported) == without_ids(typed)
    assert imported.updated_at == clock.now() != imported.created_at
    with reading() as session:
        searched = session.execute(select(Address.search_text).order_by(Address.id)).scalars().all()
    assert searched[0].replace("k-1", "") == searched[1].replace("k-2", "")


def test_importing_the_same_file_again_changes_nothing(
    app: Flask, make_user: Callable[..., int], heard: list[Any]
) -> None:
    make_user("anna")
    text = table(
        WHOLE, {**WHOLE, "Kundennummer": "K-8", "Lieferantennummer": "L-9", "Externe ID": "4712", "Vertrieb": ""}
    )
    run(text)
    with reading() as session:
        before = everything(session)
    heard.clear()
    assert counted(run(text)) == {"same": 2}
    with reading() as session:
        assert everything(session) == before
    assert heard == []


def test_a_trial_run_finds_out_the_same_and_stores_nothing(app: Flask, make_address: Callable[..., int]) -> None:
    make_address("Da", customer_number="10001", city="Köln")
    text = (
        "Kundennummer;Name;Ort;Ansprechpartner 1 Name;E-Mail\n"
        "10001;Da;Bonn;;\n"
        "10001;;;Max;\n"
        "10001;;Berlin;;\n"  # contradicts line 2
        "N-1;Neu;;Eva;\n"
        "N-1;Neu;;Ute;\n"
        "N-1;Neu;;Ute;\n"
        "N-2;;;;\n"  # no name
        ";Ohne;;;\n"
        ";Ohne;;;\n"  # the same again
        ";Kaputt;;;nobody\n"
    )
    with reading() as session:
        before = everything(session)
    trial, real = Watcher(), Watcher()
    expected = run(text, trial, dry_run=True)
    with reading() as session:
        assert everything(session) == before
    assert run(text, real) == expected
    assert trial.failures == real.failures
    assert counted(expected) == {"created": 2, "updated": 3, "same": 1, "failed": 4}
    assert real.codes == {4: ["contradicts"], 8: ["required"], 10: ["same_row"], 11: ["bad_email"]}


def test_numbers_are_given_out_and_skip_those_that_stand_in_the_file(app: Flask) -> None:
    text = "Kundennummer;Name\n;Erste\n;Zweite\n10001;Dritte\n10000;Vierte\n;Fünfte\n"
    assert counted(run(text)) == {"created": 5}
    assert [address.customer_number for address in addresses()] == ["10002", "10003", "10001", "10000", "10004"]


def test_numbers_are_given_out_from_the_configured_start_and_to_whom_they_are_due(app: Flask, kernel: Any) -> None:
    with transaction() as session:
        kernel.settings.save(session, AddressSettings, {"customer_number_start": 500, "supplier_number_start": 900})
    run("Name;Kunde;Lieferant\nA;x;\nB;;x\nC;x;x\nD;;\n")
    assert [(one.customer_number, one.supplier_number) for one in addresses()] == [
        ("500", None),
        (None, "900"),
        ("501", "901"),
        (None, None),
    ]
    create_address({"name": "Nächste"})
    assert addresses()[-1].customer_number == "502"


def test_a_row_that_cannot_be_is_left_out_whole_and_the_others_come_in(app: Flask) -> None:
    text = (
        "Kundennummer;Name;E-Mail;Land;Telefon;Ansprechpartner 1 Name;Ansprechpartner 1 E-Mail\n"
        "1;Gut;;;0221 4710-1;Max;\n"
        "2;Schlecht;nobody;Absurdistan;0221 4710-2;Eva;\n"
        "3;Auch schlecht;;;0221 4710-3;Eva;nobody\n"
        "4;Auch gut;;;;;\n"
    )
    assert refused(text) == {3: ["bad_email", "unknown_country"], 4: ["bad_email"]}
    assert [(one.name, len(one.numbers), len(one.contacts)) for one in addresses()] == [
        ("Gut", 1, 1),
        ("Auch gut", 0, 0),
    ]


def test_numbers_that_cannot_be_read_are_kept_and_marked(app: Flask) -> None:
    assert counted(run("Name;Telefon\nRheinwerk;beim Pförtner fragen\n")) == {"created": 1, "unread": 1}
    (number,) = the_address().numbers
    assert (number.raw, number.e164, bool(number.problem)) == ("beim Pförtner fragen", None, True)


def test_a_caller_is_recognised_as_soon_as_he_is_imported(app: Flask, heard: list[Any]) -> None:
    run("Name;Telefon;Land\nRheinwerk;0221 4710-0 / 0171 3920010;\nAlpen AG;044 668 18 00;Schweiz\n")
    assert names("+492214710123") == ["Rheinwerk"]
    assert names("+491713920010") == ["Rheinwerk"]
    assert names("+41446681800") == ["Alpen AG"]
    (event_,) = heard
    assert event_.address_id is None
    assert event_.e164s == {"+4922147100", "+491713920010", "+41446681800"}
    assert event_.stems == {"+492214710"}


def test_whoever_else_may_be_meant_by_a_number_now_is_told(make_address: Callable[..., int], heard: list[Any]) -> None:
    make_address("Alt", "0221 4710-100", customer_number="K", contacts=[person("Max", "0221 4710-200")])
    for change, numbers in (
        ("Telefon\nK;0221 4710-300", {"+492214710100", "+492214710300"}),
        ("Name\nK;Neu", {"+492214710300", "+492214710200"}),
        ("Ansprechpartner 1 Name\nK;MAX", {"+492214710200"}),
        ("Archiviert\nK;ja", {"+492214710300", "+492214710200"}),
        ("Ort\nK;Köln", None),
    ):
        heard.clear()
        assert counted(run(f"Kundennummer;{change}\n")) == {"updated": 1}, change
        assert [event_.e164s for event_ in heard] == ([numbers] if numbers else []), change


def test_an_address_is_archived_and_brought_back(make_address: Callable[..., int], clock: FixedClock) -> None:
    make_address("Alt", customer_number="K")
    run("Kundennummer;Archiviert\nK;ja\n")
    assert the_address().archived_at == clock.now()
    assert counted(run("Kundennummer;Archiviert\nK;\n")) == {"same": 1}
    run("Kundennummer;Archiviert\nK;nein\n")
    assert the_address().archived_at is None
    run("Name;Archiviert\nGleich weg;x\n")
    assert addresses()[1].archived_at == clock.now()


def test_a_change_raises_the_version_so_that_an_open_form_notices(
    make_address: Callable[..., int], make_user: Any
) -> None:
    make_address("Alt", customer_number="K")
    ben = make_user("ben", name="Ben Yilmaz")
    run("Kundennummer;Ort\nK;Köln\n", by=ben)
    assert (the_address().version, the_address().updated_by_name) == (2, "Ben Yilmaz")
    run("Kundennummer;Ort\nK;Köln\n")
    assert (the_address().version, the_address().updated_by_name) == (2, "Ben Yilmaz")


def test_our_own_id_finds_an_address_and_that_of_another_installation_none(make_address: Callable[..., int]) -> None:
    one = make_address("Alt", is_customer=False, is_employee=True)
    assert counted(run(f"Durchwahl-ID;Name\n{own_ids.written(one)};Neu\n")) == {"updated": 1}
    assert the_address().name == "Neu"
    foreign = own_ids.written(one)[:-1] + ("0" if own_ids.written(one)[-1] != "0" else "1")
    assert refused(f"Durchwahl-ID;Name\n{foreign};Neu\nA99999-00000000;x\n") == {2: ["foreign_id"], 3: ["foreign_id"]}


def test_a_block_that_names_no_day_begins_today(make_address: Callable[..., int]) -> None:
    make_address("Alt", customer_number="K")
    run("Kundennummer;Liefersperre\nK;1\n")
    assert the_address().delivery_block_date == date(2026, 11, 23)
    run("Kundennummer;Liefersperredatum\nK;01.10.2026\n")
    assert the_address().delivery_block_date == date(2026, 10, 1)


def test_users_are_known_by_name_where_only_one_has_it(make_user: Callable[..., int], app: Flask) -> None:
    anna, ben = make_user("anna", name="Anna Schmidt"), make_user("ben", name="Ben", email="ben@x.example")
    make_user("ben2", name="Ben")
    run("Name;Vertrieb;Innendienst\nA;anna schmidt;BEN@x.example\n")
    assert (the_address().account_manager_id, the_address().inside_sales_id) == (anna, ben)
    assert counted(run("Name;Vertrieb\nB;Ben\n")) == {"created": 1}, "the user name comes first"
    make_user("otto", name="Max Muster")
    make_user("emil", name="Max Muster")
    assert refused("Name;Vertrieb\nB;Max Muster\n") == {2: ["unknown_user"]}


def test_a_file_of_any_length_asks_the_same_of_the_database_for_each_batch(
    app: Flask, kernel: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(importing, "FIRST_BATCH", 150)

    def statements(count: int) -> int:
        asked: list[str] = []
        watcher = Watcher()

        def on_execute(_c: Any, _cursor: Any, statement: str, *_rest: Any) -> None:
            if "SAVEPOINT" not in statement:
                asked.append(statement)

        event.listen(kernel.database.engine, "before_cursor_execute", on_execute)
        rows = "".join(f"{count}-{n};Firma {n};0221 4710-{n:03};Max {n};0221 4711-{n:03}\n" for n in range(count))
        run(f"Kundennummer;Name;Telefon;Ansprechpartner 1 Name;Ansprechpartner 1 Telefon\n{rows}", watcher)
        event.remove(kernel.database.engine, "before_cursor_execute", on_execute)
        assert watcher.batches == 1
        return len(asked)

    statements(2)
    # Who listens to changed numbers asks for so many of them at once.
    few, many = statements(3), statements(150)
    assert many <= few + 3
    assert many <= 30


def test_many_rows_come_in_by_many_transactions(app: Flask) -> None:
    watcher = Watcher()
    rows = "".join(f"Firma {n};0221 4710-{n:04}\n" for n in range(1500))
    assert counted(run(f"Name;Telefon\n{rows}", watcher)) == {"created": 1500}
    assert watcher.batches > 1
    assert watcher.seen[0] == 0
    assert watcher.seen == sorted(set(watcher.seen))
    assert watcher.seen[-1] == 1500
    with reading() as session:
        assert session.execute(select(func.count()).select_from(PhoneNumber)).scalar_one() == 1500


@pytest.mark.parametrize("text", ["Name\n", "Name;Ort\n\n;\n"])
def test_a_file_without_rows_is_imported_at_once(app: Flask, text: str) -> None:
    assert counted(run(text)) == {}
