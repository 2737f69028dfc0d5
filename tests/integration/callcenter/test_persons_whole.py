"""What a file about a person must not leave out, and what a removal must not leave behind: the rarer places."""

from __future__ import annotations

import io
import json
import zipfile
from dataclasses import replace
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import select, update

from app.core.database import reading, transaction
from app.core.privacy import persons, removing
from app.modules.addresses import note_drafts
from app.modules.addresses.imports import services as imports
from app.modules.addresses.imports.files import Received
from app.modules.addresses.imports.stored import IMPORT, Planned
from app.modules.addresses.models import Contact
from app.modules.addresses.note_drafts import Place
from app.modules.addresses.records import ContactInput, NumberInput
from app.modules.addresses.services import create_address
from app.modules.callcenter import blocking, callback_tasks
from app.modules.callcenter.blocking import Terms
from app.modules.callcenter.callback_tasks import Written
from tests.integration.callcenter.phone_system import CUSTOMER, PhoneSystem, call_id, the_call
from tests.integration.callcenter.told_anywhere import where

NAME = "Xaver Quendelbach"
OTHER = "0221 4710-980"


@pytest.fixture
def person(app: Flask, phones: PhoneSystem, make_user: Any) -> dict[str, int]:
    """A contact who called, of whom a draft is begun at the call and one at no address, and who was blocked."""
    user = make_user()
    create_address({"name": "Muster AG"}, [], [ContactInput(NAME, numbers=(NumberInput(CUSTOMER),))])
    with reading() as session:
        contact = session.execute(select(Contact.id)).scalar_one()
    call = call_id()
    phones.incoming(call)
    phones.hung_up(call, "missed", "0")
    note_drafts.keep(user, Place("phone", f"call:{the_call(call).id}", None), "a form", {"text": "Am Anruf"}, 0)
    note_drafts.keep(user, Place("note", None, None), "b form", {"contact_id": str(contact), "text": "Anderswo"}, 0)
    phones.post(f"event=Unsinn&from={CUSTOMER}&call_id=x".encode())
    entry_id = blocking.add(blocking.numbers_of(CUSTOMER), Terms(note="ruft nachts an"), user)
    blocking.remove(entry_id, user)
    return {"contact": contact, "user": user}


def chapters(person: dict[str, int]) -> dict[str, list[dict[str, Any]]]:
    packed = persons.export(f"contact-{person['contact']}", person["user"], "Somebody")
    assert packed is not None
    with zipfile.ZipFile(io.BytesIO(packed)) as archive:
        told: dict[str, list[dict[str, Any]]] = json.loads(archive.read("person.json"))["chapters"]
        return told


def counts(person: dict[str, int]) -> dict[str, int]:
    seen = removing.preview(f"contact-{person['contact']}")
    assert seen is not None
    return {part.key: count for part, count in seen.parts}


def remove(person: dict[str, int]) -> None:
    seen = removing.preview(f"contact-{person['contact']}")
    assert seen is not None
    assert removing.order(seen.removal, "whole", "Somebody")
    assert removing.work_off()


def test_the_file_holds_drafts_wherever_they_were_begun_and_what_could_not_be_read(
    app: Flask, person: dict[str, int]
) -> None:
    told = chapters(person)
    assert ["Am Anruf" in row["Text"] for row in told["Entwürfe von Notizen zu Anrufen"]] == [True]
    assert ["Anderswo" in row["Text"] for row in told["Entwürfe von Notizen"]] == [True]
    (unread,) = told["Rohe Meldungen, die zu keinem Anruf gehören"]
    assert "event=Unsinn" in unread["Inhalt"]


def test_the_file_and_the_preview_know_changes_of_the_block_list_from_the_audit_log(
    app: Flask, person: dict[str, int]
) -> None:
    assert [row["Art"] for row in chapters(person)["Revisionsprotokoll"]] == ["change", "change"]
    assert counts(person)["callcenter.audit"] == 2


def test_texts_of_others_that_name_him_are_counted_in_call_backs_and_the_block_list_too(
    app: Flask, person: dict[str, int]
) -> None:
    callback_tasks.create(Written(OTHER, reason=f"Will {NAME} sprechen"), person["user"])
    blocking.add(blocking.numbers_of(OTHER), Terms(note=f"gibt sich als {NAME} aus"), person["user"])
    assert counts(person)["callcenter.mentions"] == 2
    remove(person)
    assert where("Quendelbach") - {"callcenter_audit.after"} == {
        "callcenter_callback.reason",
        "callcenter_block_entry.note",
    }


def test_a_row_that_was_taken_for_headings_does_not_stay_with_the_import(app: Flask, person: dict[str, int]) -> None:
    table = f"{NAME};0221 4710-985\nFremd;0221 4710-986\n".encode()
    import_id = imports.receive(Received(io.BytesIO(table)), "ohne.csv", person["user"])
    with transaction() as session:
        plan = Planned.from_text(session.execute(select(IMPORT.c.plan)).scalar_one())
        taken = replace(plan, format=replace(plan.format, header=True), headings=(NAME, "0221 4710-985"))
        session.execute(update(IMPORT).values(plan=taken.text(), state="done"))
    assert "addresses_import.plan" in where("Quendelbach")
    remove(person)
    assert "addresses_import.plan" not in where("Quendelbach")
    with reading() as session:
        kept = Planned.from_text(session.execute(select(IMPORT.c.plan).where(IMPORT.c.id == import_id)).scalar_one())
    assert kept.headings == ("", "")
    assert kept.assignment == plan.assignment
