"""A caller's number is given to an address while others work there, or by somebody who may not."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from html import unescape
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient

from app.modules.addresses import contacts, services
from app.modules.addresses.records import ContactInput, NumberInput
from app.modules.addresses.services import create_address
from tests.integration.callcenter.assign_page import (
    Form,
    address_of,
    called,
    contact_of,
    new_rheinwerk,
    numbers_of,
    page,
    undo,
)
from tests.integration.callcenter.phone_system import CUSTOMER_E164, PhoneSystem, the_call


@pytest.fixture
def rheinwerk(app: Flask) -> int:
    return new_rheinwerk()


# ----------------------------------------------------------------------------------------------------------- conflicts


def test_sent_twice_it_is_stored_once(phones: PhoneSystem, staff: FlaskClient, rheinwerk: int) -> None:
    form = Form(staff, called(phones), f"{rheinwerk}:")
    form.saved(who="new", name="Rosa Rot")
    again = form.saved(who="new", name="Rosa Rot")
    assert again == {"message": "Rosa Rot hat diese Nummer schon; es wurde nichts doppelt gespeichert.", "undo": None}
    assert [one[0] for one in numbers_of(rheinwerk)] == ["Rheinwerk GmbH", "Rosa Rot"]
    answer = form.send({"who": "new", "name": "Rosa Rot"})
    assert "es wurde nichts doppelt gespeichert" in page(staff, answer.headers["Location"])


def test_whoever_comes_second_is_told_who_has_the_number_now(
    phones: PhoneSystem, staff: FlaskClient, rheinwerk: int
) -> None:
    number = called(phones)
    mine = Form(staff, number, f"{rheinwerk}:")
    isarwerk = create_address({"name": "Isarwerk AG"}, [], [ContactInput("Uwe Wächter")])
    Form(staff, number, f"{isarwerk}:{contact_of(isarwerk, 'Uwe Wächter')}").saved()
    said = mine.refused(label="Werkstatt", who="new", name="Rosa Rot")
    assert "Die Nummer gehört inzwischen auch: Uwe Wächter (Isarwerk AG)." in said
    # What was typed is still there; sent again it is sent with that knowledge.
    assert (mine.fields["label"], mine.fields["who"], mine.fields["name"]) == ("Werkstatt", "new", "Rosa Rot")
    mine.saved()
    assert numbers_of(rheinwerk)[1:] == [("Rosa Rot", "+49 171 3920001", "mobile", "Werkstatt")]
    assert len(the_call().known) == 2


def test_an_address_that_was_archived_meanwhile_gets_nothing(
    phones: PhoneSystem, staff: FlaskClient, rheinwerk: int
) -> None:
    form = Form(staff, called(phones), f"{rheinwerk}:")
    services.archive(rheinwerk)
    said = form.refused()
    assert "Rheinwerk GmbH wurde inzwischen archiviert." in said
    assert f'href="/addresses/{rheinwerk}"' in said
    assert "ist archiviert" in page(staff, f"{form.path}/owner?owner={rheinwerk}:")
    assert len(numbers_of(rheinwerk)) == 1


def test_a_contact_who_left_or_is_called_otherwise_gets_nothing_unseen(
    phones: PhoneSystem, staff: FlaskClient, rheinwerk: int
) -> None:
    eva = contact_of(rheinwerk, "Eva Falk")
    form = Form(staff, called(phones), f"{rheinwerk}:{eva}")
    contacts.update_contact(eva, None, ContactInput("Eva Adler"))
    assert "Eva Falk heißt inzwischen Eva Adler." in form.refused()
    assert form.fields["who"] == str(eva)
    contacts.archive_contact(eva)
    assert "gehört nicht mehr zu dieser Adresse" in form.refused()
    assert "who" not in form.fields
    assert "Bitte wählen Sie, wem die Nummer gehört." in form.refused(422)
    assert len(numbers_of(rheinwerk)) == 1


def test_a_namesake_is_chosen_and_not_added(phones: PhoneSystem, staff: FlaskClient, rheinwerk: int) -> None:
    form = Form(staff, called(phones), f"{rheinwerk}:")
    assert "Eva Falk ist dort schon Ansprechpartner" in form.refused(who="new", name="eva FALK")
    assert form.fields["who"] == str(contact_of(rheinwerk, "Eva Falk"))
    form.saved()
    assert [one.name for one in address_of(rheinwerk).contacts] == ["Max Muster", "Eva Falk"]


def test_a_foreign_address_does_not_make_somebody_elses_number_of_it(phones: PhoneSystem, staff: FlaskClient) -> None:
    copenhagen = create_address({"name": "Havn", "country": "DK"})
    form = Form(staff, called(phones, "33121234"), f"{copenhagen}:")
    assert "die Nummer eines anderen Anschlusses" in form.refused()
    assert numbers_of(copenhagen) == []


@pytest.mark.parametrize(
    ("fields", "said"),
    [
        ({"label": "x" * 101}, "Das ist zu lang."),
        ({"who": "new", "name": "x" * 201}, "Das ist zu lang."),
        ({"kind": "pigeon"}, "Dieser Wert ist hier nicht möglich."),
    ],
)
def test_what_cannot_be_stored_is_said_beside_its_field(
    phones: PhoneSystem, staff: FlaskClient, rheinwerk: int, fields: dict[str, str], said: str
) -> None:
    form = Form(staff, called(phones), f"{rheinwerk}:")
    typed = {"label": "Auto", "who": "new", "name": "Rosa Rot", **fields}
    answer = form.send(typed)
    assert answer.status_code == 422
    markup = unescape(answer.get_data(as_text=True))
    assert said in markup
    for name in ("label", "name"):
        assert f'value="{typed[name]}"' in markup
    assert len(numbers_of(rheinwerk)) == 1


@pytest.mark.parametrize("fields", [{"who": "everybody"}, {"who": "1,2"}, {"address": ""}, {"address": "x"}])
def test_a_form_that_is_not_ours_is_refused(
    phones: PhoneSystem, staff: FlaskClient, rheinwerk: int, fields: dict[str, str]
) -> None:
    assert Form(staff, called(phones), f"{rheinwerk}:").send(fields).status_code == 400


def test_an_address_that_is_none_gets_nothing(phones: PhoneSystem, staff: FlaskClient, rheinwerk: int) -> None:
    form = Form(staff, called(phones), f"{rheinwerk}:")
    assert "Diese Adresse gibt es nicht mehr." in form.refused(address="987654")
    for owner in ("987654:", "x", f"{rheinwerk}:987654", "1:2:3"):
        page(staff, f"{form.path}?owner={owner}")


# --------------------------------------------------------------------------------------------------------- permissions


def test_who_may_not_change_addresses_sees_no_button_and_stores_nothing(
    app: Flask, kernel: Any, phones: PhoneSystem, staff: FlaskClient, rheinwerk: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    number = called(phones)
    form = Form(staff, number, f"{rheinwerk}:")
    told = form.saved()
    undo(staff, told)
    monkeypatch.setitem(
        kernel.permissions, "addresses.edit", replace(kernel.permissions["addresses.edit"], staff=False)
    )
    for path in ("/callcenter/calls", f"/callcenter/calls/{number}", "/callcenter/bell"):
        shown = page(staff, path)
        for nothing in (">Nummer zuordnen</", ">Adresse anlegen</", "data-assign", "assign.js"):
            assert nothing not in shown, (path, nothing)
    fields = {**told["undo"]["fields"], "csrf_token": form.fields["csrf_token"]}
    assert staff.get(form.path).status_code == 403
    assert staff.get(f"{form.path}/owner").status_code == 403
    assert form.send().status_code == 403
    assert staff.post(told["undo"]["url"], data=fields).status_code == 403
    assert len(numbers_of(rheinwerk)) == 1


def test_who_may_not_see_calls_learns_nothing_of_them(
    app: Flask, kernel: Any, phones: PhoneSystem, staff: FlaskClient, rheinwerk: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    form = Form(staff, called(phones), f"{rheinwerk}:")
    monkeypatch.setitem(
        kernel.permissions, "callcenter.calls", replace(kernel.permissions["callcenter.calls"], staff=False)
    )
    assert staff.get(form.path).status_code == 403
    assert form.send().status_code == 403
    assert "data-assign-dialog" not in page(staff, "/addresses/")


@pytest.mark.parametrize("evil", ['<script>alert("1")</script>\'">', "<img src=x onerror=alert(1)>"])
def test_names_are_never_markup(phones: PhoneSystem, staff: FlaskClient, evil: str) -> None:
    address_id = create_address({"name": evil}, [], [ContactInput(evil, evil)])
    number = called(phones)
    path = f"/callcenter/calls/{number}/number"
    markup = staff.get(f"{path}?pick=script+alert&owner={address_id}:").get_data(as_text=True)
    markup += staff.get(f"{path}?pick=onerror&owner={address_id}:").get_data(as_text=True)
    assert "<script>alert" not in markup
    assert "<img" not in markup
    assert the_call().remote_e164 == CUSTOMER_E164


def test_only_the_archived_has_the_number_then_somebody_present_may_get_it(
    phones: PhoneSystem, staff: FlaskClient, rheinwerk: int, make_user: Callable[..., int]
) -> None:
    old = create_address({"name": "Alt GmbH"}, [NumberInput("0171 3920001")])
    services.archive(old)
    number = called(phones)
    assert f'href="/callcenter/calls/{number}/number" data-assign' in page(staff, "/callcenter/calls")
    Form(staff, number, f"{rheinwerk}:").saved()
    assert the_call().address_id == rheinwerk
