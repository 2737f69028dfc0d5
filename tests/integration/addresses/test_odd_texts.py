"""Signs that no keyboard sends and PostgreSQL refuses, and numbers too large for any row: never a 5xx, never a loss."""

from __future__ import annotations

from typing import Any

import pytest
from flask.testing import FlaskClient

from app.modules.addresses.folding import both_ways, search_text
from app.modules.addresses.listing import list_addresses
from app.modules.addresses.note_services import NoteInput, create_note
from app.modules.addresses.reading import get_address
from tests.conftest import csrf_of
from tests.integration.addresses.conftest import person

ODD = "Rhein\x00werk \x1b\x7f \ud800 \uffff \u202e"
#: As it stands in an address: a browser cannot send half a surrogate pair, another program can.
ENCODED = "Rhein%00werk%20%1B%7F%20%ED%A0%80%20%EF%BF%BF%FF"
HUGE = ("99999999999999999999", "-99999999999999999999", "9" * 5000, "2147483648", "\u0663", "1e9", "")


@pytest.mark.parametrize(
    "path",
    [
        "/addresses/?q={}",
        "/addresses/?q=a&role={0}&archived={0}&sort={0}&order={0}&page={0}",
        "/addresses/pick?pick={}",
        "/addresses/new?number={0}&origin={0}",
        "/addresses/notes?page={}",
        "/addresses/notes/new?origin={0}&address_id={0}&contact_id={0}&kind={0}",
        "/addresses/1?contact={}",
        "/addresses/{id}?contact={0}",
        "/addresses/{id}/crm?telefon_notiz_erstellen=1&origin={0}&contact_id={0}&phone_page={0}&note_page={0}",
    ],
)
def test_any_question_is_answered(staff: FlaskClient, make_address: Any, path: str) -> None:
    address_id = make_address(contacts=[person("Max Muster")])
    for value in (ENCODED, "%00", *HUGE):
        asked = path.format(value, id=address_id)
        for headers in ({}, {"HX-Request": "true"}):
            assert staff.get(asked, headers=headers).status_code in (200, 404), asked[:200]


def test_every_text_of_an_address_can_be_typed_oddly(staff: FlaskClient, make_address: Any) -> None:
    address_id = make_address()
    page = f"/addresses/{address_id}/edit"
    fields = (
        *("kind", "name", "contact_person", "department", "subdepartment", "address_supplement", "street", "postcode"),
        *("city", "country", "email", "website", "salutation", "language", "vat_id", "customer_number", "notes"),
        *("supplier_number", "external_id", "account_manager_id", "inside_sales_id"),
        *("delivery_block_reason", "delivery_block_date"),
        *("numbers-0-raw", "numbers-0-kind", "numbers-0-label", "version", "base", "theirs", "origin"),
    )
    for field in fields:
        for value in ("a\x00b", *HUGE):
            sent = {
                "name": "Rheinwerk",
                "kind": "company",
                "country": "DE",
                "version": "1",
                "csrf_token": csrf_of(staff),
            }
            for path in (page, "/addresses/new"):
                answer = staff.post(path, data={**sent, field: value})
                assert answer.status_code in (200, 302), (path, field, value[:30])


def test_signs_that_cannot_be_stored_are_left_out_and_the_rest_is_kept(staff: FlaskClient) -> None:
    sent = {"name": "Rhein\x00werk", "kind": "company", "country": "DE", "notes": "eins\x00\nzwei\x1b"}
    numbers = {"numbers-0-raw": "030\x00 23125-100", "numbers-0-kind": "phone", "numbers-0-label": "Bü\x00ro"}
    answer = staff.post("/addresses/new", data={**sent, **numbers, "csrf_token": csrf_of(staff)})
    address = get_address(int(answer.location.rpartition("/")[2]))
    assert address is not None
    assert address.name == "Rheinwerk"
    assert address.notes.startswith("eins\nzwei")
    assert [(number.e164, number.label) for number in address.numbers] == [("+493023125100", "Büro")]


def test_every_text_of_a_contact_can_be_typed_oddly(staff: FlaskClient, make_address: Any) -> None:
    address_id = make_address(contacts=[person("Max Muster")])
    address = get_address(address_id)
    assert address is not None
    contact_id = address.contacts[0].id
    for field in ("name", "position", "department", "email", "numbers-0-raw", "numbers-0-label", "version", "base"):
        for value in ("a\x00b", *HUGE):
            sent = {"name": "Max", "version": "1", "csrf_token": csrf_of(staff), field: value}
            for path in (f"/addresses/contacts/{contact_id}/edit", f"/addresses/{address_id}/contacts/new"):
                assert staff.post(path, data=sent).status_code in (200, 302), (path, field, value[:30])


def test_every_text_of_a_note_can_be_typed_oddly(staff: FlaskClient, make_address: Any) -> None:
    address_id = make_address()
    note_id = create_note(NoteInput("Rückruf", address_id=address_id))
    fields = (
        *("date", "time", "user_id", "contact_id", "number", "direction", "duration", "tags", "subject", "text"),
        *("address_id", "owner", "origin", "kind", "version", "duration_shown"),
    )
    for field in fields:
        for value in ("a\x00b", "1:\x00", *HUGE):
            sent = {"address_id": str(address_id), "subject": "a", "kind": "phone", "csrf_token": csrf_of(staff)}
            for path in ("/addresses/notes/new", f"/addresses/notes/{note_id}/edit"):
                answer = staff.post(path, data={**sent, field: value})
                assert answer.status_code in (200, 302), (path, field, value[:30])


def test_a_number_that_is_being_typed_may_hold_anything(staff: FlaskClient) -> None:
    for value in (ODD.encode("utf-8", "replace").decode(), "\x00", "0" * 5000):
        for country in ("DE", "\x00", "XX"):
            sent = {"raw": value, "country": country, "csrf_token": csrf_of(staff)}
            assert staff.post("/addresses/numbers/read", data=sent).status_code == 200


def test_an_odd_sign_parts_words_and_finds_nothing_by_itself(make_address: Any) -> None:
    make_address("Rheinwerk GmbH", contacts=[person("Max Muster")])
    assert [row.name for row in list_addresses(query="rheinwerk\x00gmbh").rows] == ["Rheinwerk GmbH"]
    assert list_addresses(query="\x00").rows == ()
    assert list_addresses(query="rheinwerk \x00").rows[0].hits == ()
    assert both_ways("a\x00\ud800b") == ("a b",)
    assert search_text("\x00") == ""
