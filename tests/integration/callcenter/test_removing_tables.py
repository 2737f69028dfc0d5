"""Imported tables in which a person's first and last name stand in columns of their own: told, shown, removed."""

from __future__ import annotations

import io
import json
import zipfile
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import insert, select

from app.core.database import reading, transaction
from app.core.privacy import persons, removing
from app.modules.addresses.imports import services as imports
from app.modules.addresses.imports.files import Received
from app.modules.addresses.imports.stored import FAILURE, IMPORT
from app.modules.addresses.models import Contact
from app.modules.addresses.records import ContactInput, NumberInput
from app.modules.addresses.services import create_address
from tests.conftest import csrf_of, run_background

NAME = "Jörg Müller"
SHARED = "0221 4710-980"
HEADINGS = "Firma;Vorname;Nachname;Ort;Telefon"
#: Line → what stands there, and whether he is meant.
ROWS = {
    2: "Fremd AG;JOERG;Mueller ;Köln;0221 4710-985",
    3: "Müller Bau GmbH;Jörg;Meier;Köln;",
    4: "Fremd AG;Erika;Müller;Köln;",
    5: f"Fremd AG;Erika;Muster;Köln;{SHARED}",
    6: ";Dr. Jörg Emil;Müller;;",
}
HIS, PERHAPS, OTHERS = {2, 6}, {3}, {4, 5}


def stored(by: int, name: str, *rows: str) -> int:
    content = "\n".join((HEADINGS, *rows)) + "\n"
    return imports.receive(Received(io.BytesIO(content.encode())), name, by)


@pytest.fixture
def tables(app: Flask, make_user: Any) -> dict[str, int]:
    """A contact; a table with refused rows; files that wait, in one of which he stands, in one of which he may."""
    user = make_user()
    numbers = (NumberInput("+49 (171) 392 00 01"), NumberInput(SHARED))
    create_address({"name": "Muster Werkzeugbau AG"}, [], [ContactInput(NAME, numbers=numbers)])
    create_address({"name": "Fremdfirma Rheinau"}, [NumberInput(SHARED)])
    with reading() as session:
        contact_id = session.execute(select(Contact.id)).scalar_one()
    made = {
        "refused": stored(user, "abgelehnt.csv", "Fremd AG;;;Köln;0221 4710-985"),
        "his": stored(user, "seine.csv", ROWS[4], ROWS[2]),
        "perhaps": stored(user, "fraglich.csv", ROWS[4], ROWS[3], ROWS[3]),
        "others": stored(user, "fremde.csv", ROWS[4], ROWS[5]),
    }
    with transaction() as session:
        for line, row in ROWS.items():
            values = {"import_id": made["refused"], "line": line, "cells": json.dumps(row.split(";")), "problems": "[]"}
            session.execute(insert(FAILURE).values(values))
    return {"contact": contact_id, "user": user, **made}


def lines() -> set[int]:
    with reading() as session:
        return set(session.execute(select(FAILURE.c.line)).scalars())


def names() -> set[str]:
    with reading() as session:
        return set(session.execute(select(IMPORT.c.file_name)).scalars())


def removed(contact_id: int, *also: str) -> dict[str, int]:
    seen = removing.preview(f"contact-{contact_id}", also=also)
    assert seen is not None
    assert removing.order(seen.removal, "tables", "Somebody")
    assert removing.work_off()
    return {part.key: count for part, count in removing.listed()[0].counts}


def test_a_row_with_first_and_last_name_in_two_columns_goes_and_what_may_be_others_stays(
    app: Flask, tables: dict[str, int]
) -> None:
    counts = removed(tables["contact"])
    assert lines() == PERHAPS | OTHERS
    assert names() == {"abgelehnt.csv", "fraglich.csv", "fremde.csv"}
    assert (counts["addresses.failures"], counts["addresses.imports"]) == (len(HIS), 1)


def test_the_preview_shows_what_is_unclear_and_what_is_chosen_goes(
    app: Flask, admin: FlaskClient, tables: dict[str, int]
) -> None:
    key = f"contact-{tables['contact']}"
    with reading() as session:
        row = session.execute(select(FAILURE.c.id).where(FAILURE.c.line == 3)).scalar_one()
    page = admin.post("/privacy/persons/removal", data={"key": key, "csrf_token": csrf_of(admin)}).text
    assert "abgelehnt.csv, Zeile 3: Müller Bau GmbH · Jörg · Meier · Köln" in page
    assert "fraglich.csv, noch nicht importiert, Zeile 3: Müller Bau GmbH · Jörg · Meier · Köln (und 1 weitere)" in page
    for told in (
        "Abgelehnte Zeilen importierter Tabellen: 2",
        "noch niemand importiert hat: 1",
        "betreffen könnten: 2",
    ):
        assert told in page, told
    assert "Erika" not in page
    chosen = [f"addresses.row-{row}", f"addresses.file-{tables['perhaps']}"]
    data: dict[str, Any] = {"key": key, "submission": "x", "also": chosen, "csrf_token": csrf_of(admin)}
    again = admin.post("/privacy/persons/remove", data=data)
    assert again.status_code == 422
    assert again.text.count('name="also"') == again.text.count('name="also" value="addresses.') == 2
    assert again.text.count(" checked") == 2
    assert "Abgelehnte Zeilen importierter Tabellen: 3" in again.text
    admin.post("/privacy/persons/remove", data={**data, "confirmed": "1"})
    run_background()
    assert lines() == OTHERS
    assert names() == {"abgelehnt.csv", "fremde.csv"}


def test_a_choice_outlives_whoever_was_to_carry_it_out(app: Flask, tables: dict[str, int]) -> None:
    also = [f"addresses.file-{tables['perhaps']}"]
    seen = removing.preview(f"contact-{tables['contact']}", also=also)
    assert seen is not None
    assert removing.order(seen.removal, "tables", "Somebody")
    assert removing.work_off()
    assert "fraglich.csv" not in names()


def test_the_file_about_a_person_has_his_rows_and_of_unclear_ones_only_where_they_are(
    app: Flask, tables: dict[str, int]
) -> None:
    packed = persons.export(f"contact-{tables['contact']}", tables["user"], "Somebody")
    assert packed is not None
    with zipfile.ZipFile(io.BytesIO(packed)) as archive:
        told, page = json.loads(archive.read("person.json"))["chapters"], archive.read("person.html").decode()
    sure = [tuple(row.values()) for row in told["Zeilen importierter Tabellen"]]
    assert {line for name, line, _content in sure if name == "abgelehnt.csv"} == HIS
    first = "Firma: Fremd AG; Vorname: JOERG; Nachname: Mueller ; Ort: Köln; Telefon: 0221 4710-985"
    assert sure[0] == ("abgelehnt.csv", 2, first)
    assert ("seine.csv", 3, first) in sure
    perhaps = [tuple(row.values()) for row in told["Zeilen importierter Tabellen, die diese Person betreffen könnten"]]
    # Line 5 has a number that somebody else has, too.
    assert sorted(perhaps) == [
        ("abgelehnt.csv", 3),
        ("abgelehnt.csv", 5),
        ("fraglich.csv", 3),
        ("fraglich.csv", 4),
        ("fremde.csv", 3),
    ]
    for others in ("Erika", "Meier"):
        assert others not in page
        assert others not in json.dumps(told, ensure_ascii=False)


def test_a_file_that_cannot_be_read_goes_and_the_file_about_a_person_names_it(
    app: Flask, tables: dict[str, int]
) -> None:
    with transaction() as session:
        session.execute(IMPORT.update().where(IMPORT.c.id == tables["others"]).values(plan="{}"))
    packed = persons.export(f"contact-{tables['contact']}", tables["user"], "Somebody")
    assert packed is not None
    with zipfile.ZipFile(io.BytesIO(packed)) as archive:
        told = json.loads(archive.read("person.json"))["chapters"]
    assert ["fremde.csv", None] in [
        list(row.values()) for row in told["Zeilen importierter Tabellen, die diese Person betreffen könnten"]
    ]
    removed(tables["contact"])
    assert "fremde.csv" not in names()


def test_more_unclear_rows_than_a_page_shows_are_counted_and_stay(app: Flask, tables: dict[str, int]) -> None:
    with transaction() as session:
        for line in range(100, 160):
            values = {"import_id": tables["refused"], "line": line, "problems": "[]"}
            session.execute(insert(FAILURE).values(**values, cells=json.dumps(ROWS[3].split(";"))))
    seen = removing.preview(f"contact-{tables['contact']}")
    assert seen is not None
    assert len(seen.unclear) == 50
    assert {part.key: count for part, count in seen.parts}["addresses.unclear"] == 62


def test_the_command_lists_what_is_unclear_and_takes_it_along_by_its_key(app: Flask, tables: dict[str, int]) -> None:
    run, key = app.test_cli_runner(), f"contact-{tables['contact']}"
    seen = run.invoke(args=["privacy", "remove", key, "--dry-run"])
    file = f"addresses.file-{tables['perhaps']}"
    assert "addresses.unclear: 2 stays" in seen.output
    assert f"Meier · Köln (und 1 weitere) (stays; --also {file} removes it)" in seen.output
    wrong = run.invoke(args=["privacy", "remove", key, "--yes", "--also", "addresses.row-0"])
    assert (wrong.exit_code, "Nothing unclear is called addresses.row-0." in wrong.output) == (1, True)
    done = run.invoke(args=["privacy", "remove", key, "--yes", "--also", file])
    assert "(goes, too)" in done.output
    assert done.output.endswith("Removed.\n")
    assert names() == {"abgelehnt.csv", "fremde.csv"}
    assert lines() == PERHAPS | OTHERS
