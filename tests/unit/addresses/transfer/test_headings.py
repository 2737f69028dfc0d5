from __future__ import annotations

from collections.abc import Sequence

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.modules.addresses.transfer.headings import is_ours, known, label_of, proposal, proposal_without_headings
from app.modules.addresses.transfer.targets import ADDRESS_TARGETS, REPEATED, contact_targets, target_of, twice

XENTRAL = {
    "kundennummer": "customer_number",
    "lieferantennummer": "supplier_number",
    "name": "name",
    "typ": "kind",
    "ansprechpartner": "contact_person",
    "abteilung": "department",
    "unterabteilung": "subdepartment",
    "adresszusatz": "address_supplement",
    "strasse": "street",
    "plz": "postcode",
    "ort": "city",
    "land": "country",
    "telefon": "phone",
    "telefax": "fax",
    "mobil": "mobile",
    "email": "email",
    "internetseite": "website",
    "anschreiben": "salutation",
    "sprache": "language",
    "ustid": "vat_id",
    "vertrieb": "account_manager_id",
    "innendienst": "inside_sales_id",
    "liefersperre": "delivery_block",
    "liefersperregrund": "delivery_block_reason",
    "liefersperredatum": "delivery_block_date",
    "sonstiges": "notes",
    "ansprechpartner1name": "contact1.name",
    "ansprechpartner1bereich": "contact1.position",
    "ansprechpartner1abteilung": "contact1.department",
    "ansprechpartner1telefon": "contact1.phone",
    "ansprechpartner1telefax": "contact1.fax",
    "ansprechpartner1mobil": "contact1.mobile",
    "ansprechpartner1email": "contact1.email",
    "ansprechpartner2name": "contact2.name",
    "ansprechpartner2telefon": "contact2.phone",
    "projekt": "",
}
OUTLOOK = {
    "First Name": "contact1.first_name",
    "Last Name": "contact1.last_name",
    "Company": "name",
    "Job Title": "contact1.position",
    "Business Street": "street",
    "Business City": "city",
    "Business Postal Code": "postcode",
    "Business Country/Region": "country",
    "Business Fax": "fax",
    "Business Phone": "phone",
    "Business Phone 2": "phone",
    "Mobile Phone": "mobile",
    "E-mail Address": "email",
    "Web Page": "website",
    "Notes": "notes",
    "Anniversary": "",
}
AS_WRITTEN = {
    "Kd.-Nr.": "customer_number",
    "Firmenname": "name",
    "Straße / Hausnummer": "street",
    "PLZ/Ort": "postcode_city",
    "Länderkennzeichen": "country",
    "Tel.": "phone",
    "Tel.-Nr. 2": "phone",
    "Handy": "mobile",
    "Fax-Nr.": "fax",
    "E-Mail-Adresse": "email",
    "Homepage": "website",
    "USt-IdNr.": "vat_id",
    "Eigene ID": "external_id",
    "Bemerkungen": "notes",
    "Umsatz 2025": "",
}


@pytest.mark.parametrize("file", [XENTRAL, OUTLOOK, AS_WRITTEN], ids=["Xentral", "Outlook", "as people write"])
def test_the_headings_of_a_file_are_known(file: dict[str, str]) -> None:
    assert dict(zip(file, proposal(list(file)), strict=True)) == file


def assigned(headings: str, *rows: str) -> str:
    return ";".join(proposal(headings.split(";"), [row.split(";") for row in rows]))


@pytest.mark.parametrize(
    ("headings", "targets"),
    [
        ("Vorname;Nachname;Ort", "first_name;last_name;city"),
        ("Name;Vorname;Ort", "last_name;first_name;city"),
        ("Firma;Name;Vorname", "name;contact1.last_name;contact1.first_name"),
        ("Firma;Anrede;Vorname;Nachname", "name;contact1.kind;contact1.first_name;contact1.last_name"),
        ("Anrede;Vorname;Nachname", "kind;first_name;last_name"),
        ("Firma;Name;Telefon", "name;contact1.name;phone"),
        ("Firma;Position", "name;"),
        ("Ansprechpartner;Kontakt 2;Kontakt 2 Telefon", "contact_person;contact2.name;contact2.phone"),
        ("Contact: First name;Contact: Last name", "contact1.first_name;contact1.last_name"),
    ],
)
def test_who_is_meant_by_a_name_depends_on_its_neighbours(headings: str, targets: str) -> None:
    assert assigned(headings) == targets


@pytest.mark.parametrize(
    ("headings", "targets"),
    [
        ("Telefon;Telefon: Bezeichnung;Telefon 2", "phone;label;phone"),
        ("Phone;Phone: is switchboard;Phone: Label", "phone;switchboard;label"),
        ("Telefon Zentrale;Telefon 2: ist Zentrale", "phone;switchboard"),
        ("Bezeichnung;Telefon", ";phone"),
        ("Telefon: Bezeichnung;Ort", ";city"),
        ("Contact: Mobile 2;Contact: Mobile 2: Label;Contact: Name", "contact1.mobile;label;contact1.name"),
        ("Sonstige Nummer;Other number 2", "other;other"),
        ("Telefon mobil;Telefax;Mobiltelefon;Festnetz;Rufnummer", "mobile;fax;mobile;phone;phone"),
    ],
)
def test_columns_of_numbers_and_what_is_said_of_them(headings: str, targets: str) -> None:
    assert assigned(headings) == targets


@pytest.mark.parametrize(
    ("heading", "label"),
    [
        ("Telefon", ""),
        ("Telefon 2", ""),
        ("Tel.-Nr.", ""),
        ("Telefon (privat)", "privat"),
        ("Telefon geschäftlich", "geschäftlich"),
        ("phoneWork", "Work"),
        ("Zentrale", "Zentrale"),
        ("Telefon Zentrale", "Zentrale"),
        ("Ansprechpartner 2: Telefon privat", "privat"),
        ("Sonstige Nummer", ""),
        ("Other number", ""),
    ],
)
def test_a_heading_labels_its_numbers(heading: str, label: str) -> None:
    assert label_of(heading) == label


def test_rows_of_one_customer_that_differ_in_the_person_are_contacts() -> None:
    headings = "Kundennummer;Name;Ansprechpartner;Telefon;E-Mail;Fax"
    rows = ("1;A;Max;0221;max@a;0229", "1;A;Eva;0222;eva@a;0229", "2;B;Ute;0223;;")
    assert assigned(headings, *rows) == "customer_number;name;contact1.name;contact1.phone;contact1.email;fax"
    assert assigned(headings, rows[0], rows[2]) == "customer_number;name;contact_person;phone;email;fax"


def test_a_column_of_company_ids_beside_the_name_is_left_out() -> None:
    assert assigned("name;firma;ort", "Rheinwerk;1;Köln", "Meier;1;Bonn") == "name;;city"
    assert assigned("name;firma;ort", "Max;Rheinwerk;Köln") == "contact1.name;name;city"


def test_no_field_is_proposed_twice() -> None:
    assert assigned("Name;Firmenname;Ort;Stadt;E-Mail;Mail") == "contact1.name;name;city;;email;"


def test_columns_that_we_added_are_left_out() -> None:
    for ours in ("Import: Zeile;Import: Wert;Import: Grund", "Import: line;Import: value;Import: reason"):
        assert assigned(ours) == ";;"
        assert all(map(is_ours, ours.split(";")))
    assert not is_ours("Import")


def test_without_headings_numbers_and_e_mail_addresses_are_known_by_their_looks() -> None:
    rows = [["Meier", "0221 4710-1", "a@b.example"], ["Müller", "", "c@d.example"], ["Weiß", "0221 4710-2"]]
    assert proposal_without_headings(rows) == ("", "phone", "email")


def test_known_counts_what_means_something() -> None:
    assert known(["Name", "Umsatz", "Telefon", "Import: Grund"]) == 3
    assert known(["Name;Ort;Telefon"]) == 0


@given(
    st.lists(st.text(max_size=20) | st.sampled_from(sorted(XENTRAL) + sorted(OUTLOOK)), max_size=8),
    st.lists(st.lists(st.text(max_size=5), max_size=8), max_size=4),
)
def test_any_headings_get_targets_that_can_be(headings: Sequence[str], rows: Sequence[Sequence[str]]) -> None:
    proposed = proposal(headings, rows)
    assert len(proposed) == len(headings)
    assert all(not target or target_of(target) for target in proposed)
    assert twice(proposed) == ()
    assert all(isinstance(label_of(heading), str) for heading in headings)


def test_every_target_can_be_taken_apart_and_put_together() -> None:
    for text in (*ADDRESS_TARGETS, *contact_targets(1), *contact_targets(9)):
        assert str(target_of(text)) == text
    for text in ("", "nonsense", "contact0.name", "contact1.street", "contact10.name", "contact1.label"):
        assert target_of(text) is None
    assert set(ADDRESS_TARGETS) > REPEATED


def test_every_field_of_an_address_can_be_imported() -> None:
    from app.modules.addresses.fields import CONTACT_TEXTS, FIELDS

    assert set(FIELDS) <= set(ADDRESS_TARGETS)
    assert {f"contact1.{field}" for field in CONTACT_TEXTS} <= set(contact_targets(1))
