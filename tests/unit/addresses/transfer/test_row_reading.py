from __future__ import annotations

from datetime import date
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.modules.addresses.records import NumberInput
from app.modules.addresses.transfer.row_reading import RowReader
from app.modules.addresses.transfer.rows import Row
from app.modules.addresses.transfer.source import Record
from app.modules.addresses.transfer.targets import ADDRESS_TARGETS, contact_targets


def reader(assignment: str, headings: str = "") -> RowReader:
    targets = assignment.split(";")
    return RowReader(
        headings.split(";") if headings else targets,
        targets,
        country="DE",
        users={"anna": 7},
        own_id=lambda text: 12 if text == "A12-x" else None,
    )


def read(assignment: str, *cells: str, headings: str = "") -> Row:
    return reader(assignment, headings).read(Record(2, list(cells)))


def problems(row: Row) -> list[tuple[str, int | None, str]]:
    return [(problem.code, problem.column, problem.value) for problem in row.problems]


def raws(numbers: dict[str, list[NumberInput]]) -> dict[str, list[str]]:
    return {kind: [number.raw for number in found] for kind, found in numbers.items()}


def test_every_field_is_read_as_it_is_stored() -> None:
    given = {
        "kind": ("Frau", "ms"),
        "name": (" Erika  Muster ", "Erika Muster"),
        "country": ("Österreich", "AT"),
        "language": ("Deutsch", "de"),
        "vat_id": ("de 123 456", "DE123456"),
        "email": ("erika@muster.example", "erika@muster.example"),
        "customer_number": ("K-7", "K-7"),
        "is_customer": ("x", True),
        "is_supplier": ("nein", False),
        "account_manager_id": ("Anna", 7),
        "delivery_block": ("ja", True),
        "delivery_block_date": ("31.12.2026", date(2026, 12, 31)),
        "notes": ("eins\r\nzwei", "eins\nzwei"),
    }
    row = read(";".join(given), *(typed for typed, _stored in given.values()))
    assert row.problems == []
    assert row.values == {name: stored for name, (_typed, stored) in given.items()}


def test_empty_cells_are_known_as_empty_and_missing_columns_are_not() -> None:
    row = read("name;city;email", "A", " ")
    assert (row.values, row.empty) == ({"name": "A"}, frozenset(("city", "email")))


def test_parts_are_put_together() -> None:
    row = read(
        "first_name;last_name;street;house_number;postcode_city",
        "Eva",
        "Weiß",
        "Hauptstraße",
        "5a",
        "50667 Köln am Rhein",
    )
    assert row.values == {"name": "Eva Weiß", "street": "Hauptstraße 5a", "postcode": "50667", "city": "Köln am Rhein"}
    assert row.person
    assert read("postcode_city", "Köln").values == {"city": "Köln"}


def test_several_columns_of_notes_are_lines() -> None:
    assert read("name;notes;notes", "A", "eins", "zwei").values["notes"] == "eins\nzwei"


@pytest.mark.parametrize(
    ("target", "value", "code"),
    [
        ("name", "x" * 201, "too_long"),
        ("email", "nobody", "bad_email"),
        ("website", "ftp://x", "bad_website"),
        ("country", "Absurdistan", "unknown_country"),
        ("kind", "Dr.", "unknown_kind"),
        ("language", "Klingon", "unknown_language"),
        ("delivery_block", "vielleicht", "bad_boolean"),
        ("delivery_block_date", "01/02/2026", "ambiguous_date"),
        ("account_manager_id", "ben", "unknown_user"),
        ("own_id", "A12-y", "foreign_id"),
        ("phone", "0" * 501, "too_long"),
        ("contact1.email", "nobody", "bad_email"),
        ("archived", "Montag", "bad_boolean"),
    ],
)
def test_a_fault_is_named_with_its_column_and_value(target: str, value: str, code: str) -> None:
    row = read(f"name;contact1.name;{target}" if target != "name" else f"city;postcode;{target}", "A", "B", value)
    assert problems(row) == [(code, 2, value[:100])]


def test_all_faults_of_a_row_are_named_at_once() -> None:
    row = read("name;email;country", "A", "nobody", "Absurdistan")
    assert sorted(problems(row)) == [("bad_email", 1, "nobody"), ("unknown_country", 2, "Absurdistan")]


def test_numbers_keep_the_order_of_their_columns_and_what_is_said_of_them() -> None:
    row = read(
        "name;phone;label;switchboard;mobile;phone",
        *("A", "0221 4710-0", "Zentrale", "ja", "0171 3920010", "0221 4710-5"),
        headings="Name;Telefon;Bez;Z;Handy;Telefon privat",
    )
    assert row.numbers == {
        "phone": [
            NumberInput("0221 4710-0", "phone", "Zentrale", switchboard=True),
            NumberInput("0221 4710-5", "phone", "privat"),
        ],
        "mobile": [NumberInput("0171 3920010", "mobile")],
    }


@pytest.mark.parametrize(
    ("cell", "parts"),
    [
        ("0221 4710-100 / 0171 3920010", ["0221 4710-100", "0171 3920010"]),
        ("0221 4710-100 oder 0221 4710-101", ["0221 4710-100", "0221 4710-101"]),
        ("beim Pförtner fragen", ["beim Pförtner fragen"]),
        ("0221 4710-100 / kaputt", ["0221 4710-100 / kaputt"]),
        ("-", ["-"]),
    ],
)
def test_several_numbers_in_a_cell_are_parted_where_each_is_clear(cell: str, parts: list[str]) -> None:
    assert raws(read("name;phone", "A", cell).numbers) == {"phone": parts}


def test_numbers_are_parted_as_the_country_of_the_row_reads_them() -> None:
    row = read("name;country;phone", "A", "CH", "044 668 18 00")
    assert (row.country, raws(row.numbers)) == ("CH", {"phone": ["044 668 18 00"]})


def test_a_contact_is_read_with_its_numbers() -> None:
    row = read(
        "name;contact2.first_name;contact2.last_name;contact2.position;contact2.mobile",
        "A",
        "Max",
        "Muster",
        "",
        "0171 3920010",
    )
    (contact,) = row.contacts
    assert (contact.place, contact.texts, contact.empty) == (2, {"name": "Max Muster"}, frozenset(("position",)))
    assert raws(contact.numbers) == {"mobile": ["0171 3920010"]}
    assert read("name;contact1.name", "A", "").contacts == []


def test_what_a_contact_without_a_name_has_is_the_address_own() -> None:
    row = read("name;contact1.name;contact1.phone;contact1.email", "A", "", "0221 4710-1", "a@b.example")
    assert (row.contacts, raws(row.numbers), row.values["email"]) == ([], {"phone": ["0221 4710-1"]}, "a@b.example")
    row = read("name;email;contact1.name;contact1.email", "A", "own@b.example", "", "a@b.example")
    assert row.values["email"] == "own@b.example"
    assert problems(read("name;contact1.name;contact1.position", "A", "", "Einkauf")) == [
        ("contact_without_name", 1, "Einkauf")
    ]


def test_a_row_with_more_cells_than_columns_is_refused_unless_they_are_empty() -> None:
    assert read("name;city", "A", "Bonn", "", " ").problems == []
    assert problems(read("name;city", "A", "Bonn", "53111")) == [("too_many_cells", None, "53111")]


def test_a_record_that_could_not_be_read_is_refused_with_its_reason() -> None:
    row = reader("name").read(Record(9, ["A;x"], "unclosed_quote"))
    assert (row.line, problems(row)) == (9, [("unclosed_quote", None, "A;x")])


TARGETS = st.sampled_from(("", *ADDRESS_TARGETS, *contact_targets(1), *contact_targets(2)))


@given(
    st.lists(TARGETS, min_size=1, max_size=10),
    st.lists(st.text(max_size=12) | st.sampled_from(["0221 4710", "x", "DE"])),
)
def test_any_row_in_any_assignment_is_read_or_refused(assignment: list[str], cells: list[str]) -> None:
    made = RowReader(assignment, assignment, country="DE", users={}, own_id=lambda _text: None)
    row = made.read(Record(2, cells))
    known: Any = set(assignment)
    assert all(problem.column is None or problem.column < len(assignment) for problem in row.problems)
    assert set(row.numbers) <= known | {target.partition(".")[2] for target in known}
    assert all(contact.name for contact in row.contacts)
