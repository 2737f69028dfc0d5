"""A generated address book lies in the database exactly as if each address had been saved by hand."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import select, text

from app.core.database import Base, reading
from app.core.phones import prefixes_for_switchboard
from app.modules.addresses.api import find_by_number, search
from app.modules.addresses.records import ContactInput, NumberInput
from app.modules.addresses.services import archive, create_address
from benchmarks.large.filling import fill
from benchmarks.large.generator import Entry, entries
from benchmarks.large.numbers import Number, strangers
from tests.conftest import NOW, Databases, build_app

COUNT = 150
TABLES = ("address", "contact", "number", "search", "word", "spelling", "repeated", "counter", "correction", "note")


@pytest.fixture
def filled(own_app: Flask) -> Flask:
    fill([own_app], COUNT, NOW)
    return own_app


def test_the_rows_are_those_that_saving_would_have_written(filled: Flask, databases: Databases, tmp_path: Path) -> None:
    typed = build_app(databases.copy(), tmp_path)
    try:
        with typed.app_context():
            for entry in entries(COUNT):
                save(entry)
        for name in TABLES:
            expected = rows_of(typed, f"addresses_{name}")
            assert rows_of(filled, f"addresses_{name}") == expected, name
            assert expected or name in ("correction", "note")
    finally:
        typed.extensions["durchwahl"].database.dispose()


def test_indexes_and_triggers_are_there_again(filled: Flask, databases: Databases, tmp_path: Path) -> None:
    untouched = build_app(databases.copy(), tmp_path)
    try:
        assert structure_of(filled) == structure_of(untouched)
    finally:
        untouched.extensions["durchwahl"].database.dispose()


def test_the_search_and_the_look_up_find_what_was_filled_in(filled: Flask) -> None:
    with filled.app_context(), reading() as session:
        some = [(place, entry) for place, entry in enumerate(entries(COUNT), 1) if not entry.archived][:60]
        for place, entry in some:
            assert place in [hit.id for hit in search(session, f"{entry.name} {entry.city}")]
            for number in entry.all_numbers():
                assert place in [match.address_id for match in find_by_number(session, number.e164).matches]


def test_another_address_can_be_added_afterwards(filled: Flask) -> None:
    with filled.app_context():
        number = NumberInput("030 23125-100")
        added = create_address({"name": "Rheinwerk GmbH"}, [number], [ContactInput("Anna Weber", numbers=(number,))])
        assert added == COUNT + 1


def test_nobody_of_the_strangers_is_found(filled: Flask) -> None:
    stems = {number.stem for entry in entries(COUNT) for number in entry.all_numbers()} - {None}
    with filled.app_context(), reading() as session:
        for number, _ in zip(strangers(seed=3), range(200), strict=False):
            assert find_by_number(session, number).grade == "none"
            assert not stems & set(prefixes_for_switchboard(number))


def save(entry: Entry) -> None:
    address = create_address(
        {
            "kind": entry.kind,
            "name": entry.name,
            "street": entry.street,
            "postcode": entry.postcode,
            "city": entry.city,
            "country": entry.country,
            "email": entry.email,
            "vat_id": entry.vat_id,
            "is_customer": True,
            "is_supplier": entry.is_supplier,
        },
        typed(entry.numbers),
        [
            ContactInput(person.name, department=person.department, email=person.email, numbers=typed(person.numbers))
            for person in entry.contacts
        ],
    )
    if entry.archived:
        archive(address)


def typed(numbers: tuple[Number, ...]) -> tuple[NumberInput, ...]:
    return tuple(NumberInput(number.raw, number.kind, "", number.marked) for number in numbers)


def rows_of(app: Flask, name: str) -> list[dict[str, Any]]:
    table = Base.metadata.tables[name]
    with app.extensions["durchwahl"].database.engine.connect() as connection:
        return [dict(row) for row in connection.execute(select(table).order_by(*table.primary_key)).mappings()]


def structure_of(app: Flask) -> list[Any]:
    database = app.extensions["durchwahl"].database
    of_sqlite = "SELECT type, name, sql FROM sqlite_master ORDER BY type, name"
    of_postgresql = "SELECT tablename, indexname, indexdef FROM pg_indexes WHERE schemaname = 'public' ORDER BY 1, 2"
    with database.engine.connect() as connection:
        return list(connection.execute(text(of_sqlite if database.is_sqlite else of_postgresql)).all())
