"""Numbers and names that a person had formerly: found, shown before anything goes, and removed with him."""

from __future__ import annotations

import io
import json
import zipfile
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import select

from app.core.database import reading
from app.core.privacy import persons, removing
from app.core.privacy.persons import Former
from app.modules.addresses.corrections import Replacement, Seen, correct, sign_of
from app.modules.addresses.models import Contact, PhoneNumber
from app.modules.addresses.records import ContactInput, NumberInput
from app.modules.addresses.services import create_address, update_address
from tests.conftest import csrf_of
from tests.integration.callcenter.personal_columns import listed
from tests.integration.callcenter.phone_system import PhoneSystem, call_id, give_line, the_call
from tests.integration.callcenter.told_anywhere import where

OLD, OLD_E164, OLD_DIGITS = "01713920001", "+491713920001", "1713920001"
NEW = "01713920002"
NAME, LATER = "Xaver Quendelbach", "Xaver Zwetschgenmann"
COMPANY = "Muster AG"


def rang(phones: PhoneSystem, number: str) -> int:
    call = call_id()
    phones.incoming(call, number)
    phones.hung_up(call, "missed", "0", **{"from": number})
    return the_call(call).id


def person(contact_id: int) -> persons.Person:
    with reading() as session:
        found = persons.resolve(session, f"contact-{contact_id}")
    assert found is not None
    return found


@pytest.fixture
def contact(app: Flask, phones: PhoneSystem, make_user: Any) -> dict[str, int]:
    """Somebody who called, and has another number and another name since; the number called again."""
    told = ContactInput(NAME, numbers=(NumberInput(OLD),))
    address_id = create_address({"name": COMPANY}, [], [told])
    with reading() as session:
        contact_id = session.execute(select(Contact.id)).scalar_one()
    rang(phones, OLD)
    now = ContactInput(LATER, numbers=(NumberInput(NEW),), id=contact_id)
    update_address(address_id, None, {"name": COMPANY}, contacts=[now])
    rang(phones, OLD)
    return {"contact": contact_id, "user": make_user()}


def removed(contact_id: int) -> None:
    seen = removing.preview(f"contact-{contact_id}")
    assert seen is not None
    assert removing.order(seen.removal, "former", "Somebody")
    assert removing.work_off()


def test_a_number_and_a_name_that_calls_showed_are_his_still_and_go_with_him(
    app: Flask, phones: PhoneSystem, contact: dict[str, int]
) -> None:
    assert person(contact["contact"]).former == Former(frozenset({OLD_E164}), frozenset({NAME}))
    removed(contact["contact"])
    assert where("Quendelbach", "Zwetschgenmann", digits=OLD_DIGITS) == set()


def test_a_number_that_was_corrected_is_his_still_and_goes_with_him(app: Flask, phones: PhoneSystem) -> None:
    address_id = create_address({"name": "Rheinwerk"}, [NumberInput(OLD)])
    with reading() as session:
        number_id = session.execute(select(PhoneNumber.id)).scalar_one()
    correct(Replacement(Seen(number_id, address_id, sign_of(OLD)), (NumberInput(NEW),), "guess"))
    rang(phones, OLD)
    seen = removing.preview(f"address-{address_id}")
    assert seen is not None
    assert seen.removal.person.former.numbers == {OLD_E164}
    assert removing.order(seen.removal, "former", "Somebody")
    assert removing.work_off()
    assert where("Rheinwerk", digits=OLD_DIGITS) <= listed({"callcenter_audit": "number before after"})


@pytest.mark.parametrize("holder", ["somebody else", "the house"])
def test_what_somebody_has_today_is_nobody_elses_former_one(
    app: Flask, phones: PhoneSystem, make_user: Any, contact: dict[str, int], holder: str
) -> None:
    if holder == "the house":
        give_line(app, make_user(), number=OLD, key=OLD_E164)
    else:
        create_address({"name": NAME}, [NumberInput(OLD)])
    found = person(contact["contact"])
    assert OLD_E164 not in found.numbers
    assert found.former == Former(names=frozenset() if holder == "somebody else" else frozenset({NAME}))
    removed(contact["contact"])
    assert "callcenter_call.remote_e164" in where(digits=OLD_DIGITS)


def test_a_number_that_several_had_was_nobodys_alone(app: Flask, phones: PhoneSystem) -> None:
    told = (
        ContactInput(NAME, numbers=(NumberInput(OLD),)),
        ContactInput("Rita Rosenkohl", numbers=(NumberInput(OLD),)),
    )
    address_id = create_address({"name": COMPANY}, [], told)
    with reading() as session:
        ids = session.execute(select(Contact.id).order_by(Contact.id)).scalars().all()
    rang(phones, OLD)
    contacts = [ContactInput(one.name, id=contact_id) for one, contact_id in zip(told, ids, strict=True)]
    update_address(address_id, None, {"name": COMPANY}, contacts=contacts)
    assert all(person(contact_id).former == Former() for contact_id in ids)


def test_the_preview_the_file_and_the_command_show_them(
    app: Flask, admin: FlaskClient, contact: dict[str, int]
) -> None:
    key = f"contact-{contact['contact']}"
    page = admin.post("/privacy/persons/removal", data={"key": key, "csrf_token": csrf_of(admin)}).text
    assert "Frühere Nummern und Namen" in page
    assert f"{NAME} · 0171 3920001" in page
    assert "Anrufe: 2" in page
    seen = app.test_cli_runner().invoke(args=["privacy", "remove", key, "--dry-run"])
    assert f"formerly: {NAME}\nformerly: 0171 3920001\n" in seen.output
    packed = persons.export(key, contact["user"], "Somebody")
    assert packed is not None
    with zipfile.ZipFile(io.BytesIO(packed)) as archive:
        chapters = json.loads(archive.read("person.json"))["chapters"]
    first = next(iter(chapters.values()))
    assert [list(row.values()) for row in first] == [[NAME], ["0171 3920001"]]
