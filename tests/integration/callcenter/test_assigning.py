"""A caller's number is given to an address or contact that is there: search, choose, save, undo."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient

from app.modules.addresses import services
from app.modules.addresses.note_services import NoteInput, create_note
from app.modules.addresses.records import NumberInput
from app.modules.addresses.services import create_address
from tests.conftest import csrf_of, logged_in_client
from tests.integration.callcenter.assign_page import (
    DIALOG,
    DIRECT,
    Form,
    address_of,
    called,
    contact_of,
    new_rheinwerk,
    numbers_of,
    page,
    undo,
)
from tests.integration.callcenter.phone_system import PhoneSystem, call_id, the_call


@pytest.fixture
def rheinwerk(app: Flask) -> int:
    return new_rheinwerk()


# ------------------------------------------------------------------------------------------------------------ the form


def test_a_search_names_addresses_and_contacts(phones: PhoneSystem, staff: FlaskClient, rheinwerk: int) -> None:
    number = called(phones)
    path = f"/callcenter/calls/{number}/number"
    assert "Nummer zuordnen" in page(staff, path)
    found = page(staff, f"{path}?pick=rheinwerk+eva")
    eva = f"{rheinwerk}:{contact_of(rheinwerk, 'Eva Falk')}"
    assert f'value="{rheinwerk}:"' in found
    assert f'value="{eva}"' in found
    chosen = page(staff, f"{path}?pick=rheinwerk+eva&owner={eva}")
    assert f'name="owner" value="{eva}" checked' in chosen
    assert f'name="who" value="{contact_of(rheinwerk, "Eva Falk")}" checked' in chosen


def test_the_dialog_gets_the_inside_alone_with_ids_of_its_own(
    phones: PhoneSystem, staff: FlaskClient, rheinwerk: int
) -> None:
    number = called(phones)
    inside = page(staff, f"/callcenter/calls/{number}/number?owner={rheinwerk}:", headers=DIALOG)
    assert "<html" not in inside
    whole = page(staff, f"/callcenter/calls/{number}/number?owner={rheinwerk}:")
    assert set(re.findall(r'\bid="([^"]+)"', inside)).isdisjoint(re.findall(r'\bid="([^"]+)"', whole))
    part = page(staff, f"/callcenter/calls/{number}/number/owner?dialog=1&owner={rheinwerk}:", headers=DIALOG)
    assert 'id="assign-dialog-name"' in part
    assert "data-assign-search" not in part


@pytest.mark.parametrize(
    ("caller", "kind"),
    [("01713920001", "mobile"), ("0221471057", "phone"), ("0041791234567", "mobile"), ("0123456789", "phone")],
)
def test_the_kind_is_proposed_by_the_number(
    phones: PhoneSystem, staff: FlaskClient, rheinwerk: int, caller: str, kind: str
) -> None:
    assert Form(staff, called(phones, caller), f"{rheinwerk}:").fields["kind"] == kind


@pytest.mark.parametrize("caller", ["anonymous", "23", "7771000001@fpbx.de", ""])
def test_what_is_nobodys_number_can_not_be_stored(phones: PhoneSystem, staff: FlaskClient, caller: str) -> None:
    number = called(phones, caller)
    for path in ("/callcenter/calls", f"/callcenter/calls/{number}"):
        assert f"/callcenter/calls/{number}/number" not in page(staff, path)
    assert staff.get(f"/callcenter/calls/{number}/number").status_code == 404
    data = {"csrf_token": csrf_of(staff), "address": "1", "who": ""}
    assert staff.post(f"/callcenter/calls/{number}/number", data=data).status_code == 404


def test_the_offer_stands_where_calls_are_shown(
    app: Flask, phones: PhoneSystem, staff: FlaskClient, rheinwerk: int
) -> None:
    unknown, direct, known = called(phones), called(phones, DIRECT), called(phones, "022147100")
    for path in ("/callcenter/calls", "/callcenter/bell"):
        shown = page(staff, path).partition("<template")[0]
        assert f'href="/callcenter/calls/{unknown}/number" data-assign' in shown, path
        assert shown.count(">Nummer zuordnen</") == 1, path
        assert f'href="/callcenter/calls/{direct}/number" data-assign' in shown, path
        assert shown.count(">Durchwahl speichern</") == 1, path
        assert shown.count(">Adresse anlegen</") == 1, path
        assert f"/callcenter/calls/{known}/number" not in shown, path
        assert "wahrscheinlich Rheinwerk GmbH, Durchwahl 57" in shown, path
    assert "wahrscheinlich Rheinwerk GmbH, Durchwahl 57" in page(staff, f"/callcenter/calls/{direct}")
    assert ">Durchwahl speichern</" in page(staff, f"/callcenter/calls/{direct}")


def test_a_caller_behind_the_switchboard_of_several_is_taken_for_none_of_them(
    phones: PhoneSystem, staff: FlaskClient, rheinwerk: int
) -> None:
    create_address({"name": "Rheinbau AG"}, [NumberInput("0221 4710-0")])
    number = called(phones, DIRECT)
    text = page(staff, "/callcenter/calls")
    assert "wahrscheinlich eine von mehreren Adressen, Durchwahl 57:" in text
    assert "Rheinbau AG" in text
    form = page(staff, f"/callcenter/calls/{number}/number")
    assert form.count('name="owner"') == 2
    assert "data-assign-form>" not in form


def test_the_stem_itself_is_the_company_without_a_durchwahl(
    phones: PhoneSystem, staff: FlaskClient, rheinwerk: int
) -> None:
    called(phones, "02214710")
    assert "wahrscheinlich Rheinwerk GmbH</a>" in page(staff, "/callcenter/calls")


# ------------------------------------------------------------------------------------------------------------- storing


def test_an_unknown_caller_becomes_a_contact_who_was_there(
    phones: PhoneSystem, staff: FlaskClient, rheinwerk: int
) -> None:
    number = called(phones)
    eva = contact_of(rheinwerk, "Eva Falk")
    told = Form(staff, number, f"{rheinwerk}:{eva}").saved(label="Auto")
    assert told["message"] == "0171 3920001 ist jetzt bei Eva Falk (Rheinwerk GmbH) gespeichert."
    assert numbers_of(rheinwerk)[1:] == [("Eva Falk", "+49 171 3920001", "mobile", "Auto")]
    call = the_call()
    assert (call.grade, call.address_id, call.contact_id) == ("exact", rheinwerk, eva)


def test_the_address_itself_gets_the_number(phones: PhoneSystem, staff: FlaskClient, rheinwerk: int) -> None:
    called(phones)
    told = Form(staff, the_call().id, f"{rheinwerk}:").saved(kind="fax")
    assert told["message"] == "0171 3920001 ist jetzt bei Rheinwerk GmbH gespeichert."
    assert numbers_of(rheinwerk)[1:] == [("Rheinwerk GmbH", "+49 171 3920001", "fax", "")]


def test_a_durchwahl_is_stored_with_a_new_contact(phones: PhoneSystem, staff: FlaskClient, rheinwerk: int) -> None:
    number = called(phones, DIRECT)
    form = Form(staff, number, "")
    # The company is chosen already, and so is a new contact.
    assert (form.fields["address"], form.fields["who"]) == (str(rheinwerk), "new")
    told = form.saved(name="Rosa Rot")
    assert told["message"] == "Rosa Rot ist jetzt Ansprechpartner von Rheinwerk GmbH, mit der Nummer 0221 471057."
    assert numbers_of(rheinwerk)[1:] == [("Rosa Rot", "+49 221 4710-57", "phone", "")]
    call = the_call()
    assert (call.grade, call.contact_id) == ("exact", contact_of(rheinwerk, "Rosa Rot"))
    # Others behind the switchboard are still only likely to be the company.
    called(phones, "0221471058")
    assert "wahrscheinlich Rheinwerk GmbH, Durchwahl 58" in page(staff, "/callcenter/calls")


def test_a_durchwahl_without_a_name_is_the_companys(phones: PhoneSystem, staff: FlaskClient, rheinwerk: int) -> None:
    told = Form(staff, called(phones, DIRECT), "").saved(name="  ")
    assert told["message"] == "0221 471057 ist jetzt bei Rheinwerk GmbH gespeichert."
    assert numbers_of(rheinwerk)[1:] == [("Rheinwerk GmbH", "+49 221 4710-57", "phone", "")]


def test_a_durchwahl_is_stored_with_a_contact_who_was_there(
    phones: PhoneSystem, staff: FlaskClient, rheinwerk: int
) -> None:
    form = Form(staff, called(phones, DIRECT), "")
    form.saved(who=str(contact_of(rheinwerk, "Max Muster")), name="left from before")
    assert [one[:2] for one in numbers_of(rheinwerk)] == [
        ("Rheinwerk GmbH", "0221 4710-0"),
        ("Max Muster", "+49 221 4710-57"),
    ]


def test_all_late_calls_of_the_number_are_known_and_this_one_however_old_it_is(
    app: Flask, phones: PhoneSystem, make_user: Callable[..., int], rheinwerk: int, clock: Any
) -> None:
    old = call_id()
    phones.incoming(old)
    clock.advance(timedelta(days=90).total_seconds())
    late = call_id()
    phones.incoming(late)
    staff = logged_in_client(app, make_user())
    Form(staff, the_call(old).id, f"{rheinwerk}:").saved()
    assert [the_call(call).address_id for call in (old, late)] == [rheinwerk, rheinwerk]


def test_a_number_of_no_plan_is_stored_as_it_came(phones: PhoneSystem, staff: FlaskClient, rheinwerk: int) -> None:
    number = called(phones, "0123456789")
    assert "in keinem Nummernplan" in page(staff, f"/callcenter/calls/{number}/number")
    told = Form(staff, number, f"{rheinwerk}:").saved()
    assert told["message"].endswith("gespeichert. Anrufe sind daran nicht zu erkennen.")
    assert numbers_of(rheinwerk)[1:] == [("Rheinwerk GmbH", "0123456789", "phone", "")]


def test_a_note_about_the_caller_comes_along(phones: PhoneSystem, staff: FlaskClient, rheinwerk: int) -> None:
    number = called(phones)
    create_note(NoteInput("Angebot gewünscht", origin=f"call:{number}"))
    told = Form(staff, number, f"{rheinwerk}:").saved()
    assert "Angebot gewünscht" in page(staff, f"/addresses/{rheinwerk}/crm")
    undo(staff, told)
    assert "Angebot gewünscht" not in page(staff, f"/addresses/{rheinwerk}/crm")
    assert "Angebot gewünscht" in page(staff, "/addresses/notes")


# ---------------------------------------------------------------------------------------------------------------- undo


def test_it_can_be_undone(phones: PhoneSystem, staff: FlaskClient, rheinwerk: int) -> None:
    number = called(phones, DIRECT)
    before = the_call()
    told = Form(staff, number, "").saved(name="Rosa Rot", label="Durchwahl")
    assert undo(staff, told) == "Die Nummer ist nicht mehr bei Rosa Rot gespeichert."
    assert numbers_of(rheinwerk) == [("Rheinwerk GmbH", "0221 4710-0", "phone", "")]
    assert [one.name for one in address_of(rheinwerk).contacts] == ["Max Muster", "Eva Falk"]
    after = the_call()
    assert after.version > before.version
    assert replace(after, version=before.version) == before
    assert undo(staff, told) == "Sie ist schon nicht mehr da; es gab nichts rückgängig zu machen."


def test_what_somebody_changed_since_is_left_alone(phones: PhoneSystem, staff: FlaskClient, rheinwerk: int) -> None:
    told = Form(staff, called(phones), f"{rheinwerk}:").saved()
    services.update_address(rheinwerk, None, {}, [NumberInput("+49 171 3920001", "mobile", "Pforte")])
    assert undo(staff, told) == "Die Nummer wurde inzwischen geändert und deshalb so gelassen, wie sie ist."
    assert numbers_of(rheinwerk) == [("Rheinwerk GmbH", "+49 171 3920001", "mobile", "Pforte")]


def test_without_scripts_the_calls_page_says_it_and_offers_the_undo(
    phones: PhoneSystem, staff: FlaskClient, rheinwerk: int
) -> None:
    number = called(phones)
    answer = Form(staff, number, f"{rheinwerk}:").send()
    assert answer.headers["Location"] == f"/callcenter/calls/{number}"
    said = page(staff, answer.headers["Location"])
    assert "0171 3920001 ist jetzt bei Rheinwerk GmbH gespeichert." in said
    form = re.search(r'<form class="undo".*?</form>', said, re.DOTALL)
    assert form is not None
    fields = dict(re.findall(r'name="([^"]+)" value="([^"]*)"', form.group()))
    answer = staff.post(f"/callcenter/calls/{number}/number/undo", data=fields)
    assert "Die Nummer ist nicht mehr bei Rheinwerk GmbH gespeichert." in page(staff, answer.headers["Location"])
    assert numbers_of(rheinwerk) == [("Rheinwerk GmbH", "0221 4710-0", "phone", "")]


@pytest.mark.parametrize("fields", [{}, {"address": "x"}, {"address": "1", "contact": "1;2"}, {"address": "1" * 30}])
def test_an_undo_of_nothing_we_did_is_refused(phones: PhoneSystem, staff: FlaskClient, fields: dict[str, str]) -> None:
    data = {**fields, "csrf_token": csrf_of(staff)}
    assert staff.post(f"/callcenter/calls/{called(phones)}/number/undo", data=data).status_code == 400
