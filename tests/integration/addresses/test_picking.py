"""The search that picks an address or a contact: several words, names of contacts, town, customer number."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import event

from app.modules.addresses import contacts, services
from app.modules.addresses.picking import people_at, picks
from app.modules.addresses.views.picker import OnChoice, picker
from tests.conftest import csrf_of
from tests.integration.addresses.conftest import person


@pytest.fixture
def rheinwerk(make_address: Callable[..., int]) -> int:
    make_address("Isarwerk GmbH", city="München", postcode="80331")
    return make_address(
        "Rheinwerk Maschinenbau GmbH",
        "0221 4710-0",
        city="Köln",
        postcode="50667",
        contacts=[
            person("Max Mustermann", position="Einkauf", email="max@rheinwerk.example"),
            person("Erika Mustermann", email="erika@rheinwerk.example"),
            person("Jörg Müller"),
        ],
    )


def _found(text: str) -> list[tuple[str, list[str]]]:
    return [(pick.hit.name, [contact.name for contact in pick.contacts]) for pick in picks(text).found]


RHEINWERK = "Rheinwerk Maschinenbau GmbH"


@pytest.mark.parametrize(
    ("text", "people"),
    [
        ("rheinwerk", []),
        ("maschinenbau köln", []),
        ("50667", []),
        ("0221 4710", []),
        ("10001", []),
        ("mustermann", ["Max Mustermann", "Erika Mustermann"]),
        ("rheinwerk erika", ["Erika Mustermann"]),
        ("Erika Mustermann", ["Erika Mustermann"]),
        ("rheinwerk.example", []),
        ("mueller köln", ["Jörg Müller"]),
        ("einkauf", ["Max Mustermann"]),
    ],
)
def test_words_find_the_address_and_who_is_meant_there(rheinwerk: int, text: str, people: list[str]) -> None:
    assert _found(text) == [(RHEINWERK, people)]


def test_nothing_is_found_by_nothing(rheinwerk: int) -> None:
    for text in ("", "   ", "niemand", "%"):
        assert _found(text) == []


def test_who_has_left_is_not_offered(rheinwerk: int) -> None:
    people = people_at(rheinwerk)
    assert people is not None
    contacts.archive_contact(people.contacts[0].id)
    assert _found("mustermann") == [(RHEINWERK, ["Erika Mustermann"])]
    services.archive(rheinwerk)
    assert _found("mustermann") == []


def test_however_much_is_found_it_takes_the_same_few_queries(
    make_address: Callable[..., int], kernel: Any, database_kind: str
) -> None:
    for number in range(12):
        make_address(f"Firma {number:02}", contacts=[person(f"Max {place} Muster") for place in range(6)])
    statements: list[str] = []

    def count(*details: Any) -> None:
        statements.append(details[2])

    event.listen(kernel.database.engine, "before_cursor_execute", count)
    found = picks("max").found
    event.remove(kernel.database.engine, "before_cursor_execute", count)
    assert [len(pick.contacts) for pick in found] == [4] * 8
    # PostgreSQL is asked first whether nearly everything would be found.
    expected = 4 if database_kind == "sqlite" else 5
    assert len([one for one in statements if one.startswith(("SELECT", "WITH"))]) == expected


def test_an_address_is_told_with_everybody_at_it(rheinwerk: int) -> None:
    people = people_at(rheinwerk)
    assert people is not None
    assert (people.name, people.is_company, people.town, people.archived) == (RHEINWERK, True, "50667 Köln", False)
    assert [(one.name, one.position) for one in people.contacts] == [
        ("Max Mustermann", "Einkauf"),
        ("Erika Mustermann", ""),
        ("Jörg Müller", ""),
    ]
    assert [people_at(nobody) for nobody in (0, -1, 4711, 2**40)] == [None] * 4


def test_the_picker_shows_again_what_was_typed_and_chosen(app: Flask, rheinwerk: int) -> None:
    people = people_at(rheinwerk)
    assert people is not None
    erika = f"{rheinwerk}:{people.contacts[1].id}"
    with app.test_request_context("/"):
        markup = str(picker("mine", "erika", erika, OnChoice("/somewhere", "#there")))
        assert 'id="mine"' in markup
        assert 'value="erika"' in markup
        assert f'value="{erika}" checked' in markup
        assert markup.count(" checked") == 1
        assert 'hx-get="/somewhere"' in markup
        assert 'hx-target="#there"' in markup
        assert "checked" not in picker("mine", "erika")


def test_a_note_that_cannot_be_saved_keeps_whom_one_picked(staff: FlaskClient, rheinwerk: int) -> None:
    form = {
        "kind": "phone",
        "pick": "rheinwerk",
        "owner": f"{rheinwerk}:",
        "duration": "nonsense",
        "subject": "Angebot",
    }
    page = staff.post("/addresses/notes/new", data={**form, "csrf_token": csrf_of(staff)}).get_data(as_text=True)
    assert f'value="{rheinwerk}:" checked' in page
    assert 'value="rheinwerk"' in page


def test_a_contact_that_was_picked_for_a_note_is_noted(staff: FlaskClient, rheinwerk: int) -> None:
    people = people_at(rheinwerk)
    assert people is not None
    form = {"kind": "phone", "owner": f"{rheinwerk}:{people.contacts[1].id}", "subject": "Angebot"}
    answer = staff.post("/addresses/notes/new", data={**form, "csrf_token": csrf_of(staff)})
    assert answer.status_code == 302
    page = staff.get(f"/addresses/{rheinwerk}/crm").get_data(as_text=True)
    assert "mit Erika Mustermann" in page
