"""The removal of a person: nothing in the database tells of him any more, figures stay, and nothing brings him back."""

from __future__ import annotations

import io
import json
import re
from datetime import timedelta
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import LargeBinary, String, insert, select, update

from app.core.accounts import service
from app.core.accounts.models import User
from app.core.database import Base, reading, transaction
from app.core.privacy import persons, removing
from app.core.privacy.models import RemovalRow
from app.modules.addresses import note_drafts
from app.modules.addresses.imports import files
from app.modules.addresses.imports import services as imports
from app.modules.addresses.imports.files import Received
from app.modules.addresses.imports.stored import FAILURE, IMPORT
from app.modules.addresses.models import Address, Contact
from app.modules.addresses.note_drafts import Place
from app.modules.addresses.note_services import NoteInput, create_note
from app.modules.addresses.records import ContactInput, NumberInput
from app.modules.addresses.services import create_address
from app.modules.callcenter import blocking, callback_tasks, choices, statistics
from app.modules.callcenter.audit_models import AuditEntry
from app.modules.callcenter.blocking import Terms
from app.modules.callcenter.callback_tasks import Written
from app.modules.callcenter.domain.choices import Scope
from app.modules.callcenter.domain.matching import Person
from app.modules.callcenter.models import (
    FIRST_CONNECTION,
    Account,
    Callback,
    DialOrderRow,
    DoubtfulEntry,
    KnownPbxUser,
)
from tests.conftest import PASSWORD, csrf_of, logged_in_client, run_background
from tests.integration.callcenter.personal_columns import CLEARED, KEPT, NOTHING, listed
from tests.integration.callcenter.phone_system import (
    ANNA,
    CUSTOMER,
    CUSTOMER_E164,
    EVERYTHING,
    PhoneSystem,
    all_calls,
    call_id,
    give_account,
    the_call,
)
from tests.integration.callcenter.told_anywhere import cells, where

NAME, COMPANY = "Xaver Quendelbach", "Muster Werkzeugbau AG"
SHARED, SHARED_E164 = "0221 4710-980", "+492214710980"
OTHER = "Fremdfirma Rheinau"
TABLE = f"name;telefon\nFremd;0221 4710-985\nNeu;0171 / 392 00-01\n{COMPANY};\n"


def _call(phones: PhoneSystem, number: str, **more: str) -> int:
    call = call_id()
    phones.incoming(call, number)
    phones.accepted(call, caller=number)
    phones.hung_up(call, **{"from": number, **more})
    return the_call(call).id


@pytest.fixture
def story(app: Flask, phones: PhoneSystem, make_user: Any, clock: Any) -> dict[str, int]:
    """A contact with a number of his own and one that a stranger has, too; and everything that can be kept of him."""
    user_id = make_user()
    give_account(app, user_id, ANNA)
    numbers = (NumberInput("+49 (171) 392 00 01", kind="mobile"), NumberInput(SHARED))
    contact = ContactInput(NAME, "Einkauf", email="quendelbach@example.org", numbers=numbers)
    values = {"name": COMPANY, "contact_person": NAME, "salutation": "Sehr geehrter Herr Quendelbach"}
    address_id = create_address(values, [NumberInput("0221 4710-500")], [contact])
    other_id = create_address({"name": OTHER}, [NumberInput(SHARED)])
    with reading() as session:
        contact_id = session.execute(select(Contact.id)).scalar_one()
    mine, shared = _call(phones, CUSTOMER), _call(phones, SHARED)
    missed = call_id()
    phones.incoming(missed)
    phones.hung_up(missed, "missed", "0")
    person = Person(address_id, contact_id)
    choices.choose(shared, person, user_id, Scope.ALL)
    choices.choose(_call(phones, SHARED), person, user_id, Scope.MINE)
    choices.choose(_call(phones, SHARED), Person(other_id, None), user_id, Scope.CALL)
    note = NoteInput(f"Gespräch mit {NAME}", "Zwei Kisten", address_id=address_id, contact_id=contact_id)
    create_note(note, by=user_id)
    create_note(NoteInput("Ohne Adresse", number=CUSTOMER), by=user_id)
    typed = {"contact_id": str(contact_id), "text": f"{NAME} will mehr"}
    note_drafts.keep(user_id, Place("phone", None, address_id), "a form", typed, 0)
    note_drafts.keep(user_id, Place("phone", f"call:{mine}", None), "b form", {"text": NAME}, 0)
    callback_tasks.create(Written(CUSTOMER, NAME, f"{NAME} bittet um Rückruf", address_id=None), user_id)
    blocking.add(blocking.numbers_of(CUSTOMER), Terms(note=NAME), user_id)
    phones.post(f"event=Unsinn&from={CUSTOMER}&call_id=x".encode())
    now = clock.now()
    imports.receive(Received(io.BytesIO(TABLE.encode())), "kunden.csv", user_id)
    clean = imports.receive(Received(io.BytesIO(b"name;telefon\nFremd;0221 4710-985\n")), "fremde.csv", user_id)
    order = {"connection": FIRST_CONNECTION, "user_id": user_id, "idempotency_key": "k", "created_at": now}
    entry = {"connection": FIRST_CONNECTION, "day": now.date(), "key": "list:1", "at": now, "direction": "in"}
    with transaction() as session:
        session.add(DialOrderRow(**order, target_raw="0171 3920001", target_e164=CUSTOMER_E164, state="accepted"))
        session.add(DoubtfulEntry(**entry, remote="00491713920001", outcome="missed", talk_seconds=0, doubt="similar"))
        cells = json.dumps([NAME, "0171-3920001"])
        session.execute(insert(FAILURE).values(import_id=clean, line=2, cells=cells, problems="[]"))
    return {"address": address_id, "contact": contact_id, "user": user_id, "clean": clean}


def _figures(admin: FlaskClient, clock: Any) -> tuple[Any, str]:
    span = (clock.now() - timedelta(days=1), clock.now() + timedelta(days=1))
    page = admin.get("/callcenter/statistics").text
    page = re.sub(r'name="csrf_token" value="[^"]*"', "", page[page.index("<main") : page.index("</main>")])
    return statistics.buckets(*span, seen_by=EVERYTHING), page


def _remove(client: FlaskClient, key: str, **more: str) -> Any:
    page = client.post("/privacy/persons/removal", data={"key": key, "csrf_token": csrf_of(client)}).text
    submission = re.search(r'name="submission" value="(\w+)"', page)
    assert submission is not None, page
    data = {"key": key, "submission": submission[1], "confirmed": "1", "csrf_token": csrf_of(client), **more}
    answer = client.post("/privacy/persons/remove", data=data, follow_redirects=True)
    run_background()
    return answer


def test_every_column_that_may_hold_personal_data_is_known_to_the_removal() -> None:
    columns = {
        f"{table.name}.{column.name}"
        for table in Base.metadata.sorted_tables
        for column in table.columns
        if isinstance(column.type, String | LargeBinary)
    }
    assert columns - listed(CLEARED) - listed(KEPT) - listed(NOTHING) == set()


@pytest.mark.parametrize("who", ["contact", "address", "number"])
def test_nothing_in_the_database_tells_of_a_removed_person_and_figures_stay(
    who: str, admin: FlaskClient, phones: PhoneSystem, story: dict[str, int], clock: Any
) -> None:
    if who == "number":
        # Of somebody whom no address knows.
        _remove(admin, f"contact-{story['contact']}")
        _call(phones, CUSTOMER)
        callback_tasks.create(Written(CUSTOMER, "Jemand"), story["user"])
    words = {"contact": ["Quendelbach"], "address": ["Quendelbach", "Werkzeugbau"], "number": []}[who]
    assert where(*words, digits="1713920001") >= {"callcenter_call.remote_e164", "callcenter_callback.e164"}
    key = f"number-{CUSTOMER_E164}" if who == "number" else f"{who}-{story[who]}"
    before = _figures(admin, clock)
    page = _remove(admin, key, unblock="1")
    assert "Die Löschung hat begonnen." in page.text
    assert where(*words, digits="1713920001") <= listed({"callcenter_audit": "number before after"})
    assert _figures(admin, clock) == before
    # Whoever shares a number with him is there still, and his calls are.
    assert {"addresses_address.name", "callcenter_call.matches"} <= where(OTHER)
    with reading() as session:
        assert session.execute(select(IMPORT.c.id)).scalars().all() == [story["clean"]]
        assert session.execute(select(Address.name).order_by(Address.id)).scalars().all() == (
            [OTHER] if who == "address" else [COMPANY, OTHER]
        )


def test_a_new_call_of_the_number_brings_nobody_back(
    admin: FlaskClient, phones: PhoneSystem, story: dict[str, int]
) -> None:
    _remove(admin, f"contact-{story['contact']}")
    for number in (CUSTOMER, SHARED):
        _call(phones, number)
    new = all_calls()[-2:]
    assert [(row.grade, row.contact_id) for row in new] == [("none", None), ("exact", None)]
    assert not where("Quendelbach") - listed({"callcenter_audit": "before after"})
    assert admin.get("/addresses?q=Quendelbach").text.count("Werkzeugbau") == 0


def test_the_preview_tells_what_goes_and_what_stays_and_changes_nothing(
    admin: FlaskClient, story: dict[str, int]
) -> None:
    before = cells()
    data = {"key": f"contact-{story['contact']}", "csrf_token": csrf_of(admin)}
    page = admin.post("/privacy/persons/removal", data=data).text
    for told in ("Anrufe: 4", "Notizen und Telefonnotizen: 2", "Rückrufe: 2", "Einträge der Sperrliste: 1", "bleibt"):
        assert told in page, told
    assert f"Endgültig löschen: {NAME}, {COMPANY}" in page
    assert {key: texts for key, texts in cells().items() if not key.startswith("core_")} == {
        key: texts for key, texts in before.items() if not key.startswith("core_")
    }


def test_it_is_asked_for_a_confirmation_and_a_form_sent_twice_removes_once(
    admin: FlaskClient, story: dict[str, int]
) -> None:
    key = f"contact-{story['contact']}"
    refused = _remove(admin, key, confirmed="")
    assert refused.status_code == 422
    assert "noch nichts gelöscht" in refused.text
    twice = {"submission": "the same form"}
    _remove(admin, key, **twice)
    # Whom it is about is there no longer; a form that was open still is told so.
    with transaction() as session:
        assert session.execute(select(RemovalRow.submission)).scalars().all() == ["the same form"]
    data = {"key": key, "confirmed": "1", "csrf_token": csrf_of(admin), **twice}
    again = admin.post("/privacy/persons/remove", data=data, follow_redirects=True)
    assert "Diese Person gibt es nicht mehr." in again.text


def test_the_block_list_keeps_the_number_unless_somebody_chooses_otherwise(
    admin: FlaskClient, story: dict[str, int]
) -> None:
    _remove(admin, f"contact-{story['contact']}")
    assert where(digits="1713920001") - listed({"callcenter_audit": "number before after"}) == {
        "callcenter_block_entry.low",
        "callcenter_block_entry.high",
    }
    assert not where("Quendelbach") - listed({"callcenter_audit": "before after"})


def test_it_is_audited_by_kind_and_counts_and_does_not_say_whom(admin: FlaskClient, story: dict[str, int]) -> None:
    _remove(admin, f"contact-{story['contact']}")
    with reading() as session:
        kept = session.execute(select(AuditEntry.after, AuditEntry.user_name).order_by(AuditEntry.id.desc()).limit(2))
        (done, who), (ordered, _who) = kept.all()
    assert json.loads(ordered or "") == {"removal": ["contact"]}
    assert {"contact", "callcenter.calls: 4", "addresses.contacts: 1"} <= set(json.loads(done or "")["removal_done"])
    assert who
    page = admin.get("/callcenter/audit").text
    assert "Person gelöscht" in page
    assert "Anrufe: 4" in page
    assert "Ansprechpartner" in page
    assert "callcenter.calls:" not in page


def test_a_removal_that_was_killed_is_taken_up_again_and_ends_as_it_would_have(
    admin: FlaskClient, story: dict[str, int], clock: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    seen = removing.preview(f"contact-{story['contact']}")
    assert seen is not None
    assert removing.order(seen.removal, "killed", "Somebody")
    renew, left = removing._renew, iter([True, True, True])

    def die(holder: str, counts: Any) -> bool:
        if next(left, None) is None:
            raise KeyboardInterrupt
        return renew(holder, counts)

    monkeypatch.setattr(removing, "_renew", die)
    monkeypatch.setattr(removing, "_give_back", lambda *_arguments, **_more: None)
    with pytest.raises(KeyboardInterrupt):
        removing.work_off()
    monkeypatch.undo()
    assert where("Quendelbach")
    # Whoever had it is dead, which nobody knows before its lease is over.
    assert not removing.work_off()
    clock.advance(removing.LEASE.total_seconds() + 1)
    assert removing.work_off()
    assert not where("Quendelbach") - listed({"callcenter_audit": "before after"})
    assert removing.work_off()


def test_it_waits_for_a_call_that_is_under_way(
    admin: FlaskClient, phones: PhoneSystem, story: dict[str, int], clock: Any
) -> None:
    call = call_id()
    phones.incoming(call, SHARED)
    _remove(admin, f"contact-{story['contact']}")
    assert "Wartet, bis ein laufender Anruf" in admin.get("/privacy/persons").text
    phones.hung_up(call, "missed", "0", **{"from": SHARED})
    clock.advance(removing.LOOK_SECONDS + 1)
    assert removing.work_off()
    assert not where("Quendelbach") - listed({"callcenter_audit": "before after"})


def test_an_upload_that_broke_off_holds_it_back_for_minutes_only(
    admin: FlaskClient, story: dict[str, int], clock: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    def store_and_die(import_id: int, received: Received) -> int:
        files.store_file(import_id, received)
        raise KeyboardInterrupt

    with monkeypatch.context() as patched:
        patched.setattr(imports, "store_file", store_and_die)
        with pytest.raises(KeyboardInterrupt):
            imports.receive(Received(io.BytesIO(TABLE.encode())), "abgebrochen.csv", story["user"])
    _remove(admin, f"contact-{story['contact']}")
    assert "Wartet, bis ein laufender Anruf" in admin.get("/privacy/persons").text
    clock.advance(files.SILENT_AFTER.total_seconds() + 1)
    assert removing.work_off()
    assert not where("Quendelbach", digits="1713920001") & {"addresses_contact.name", "addresses_import_piece.content"}
    with reading() as session:
        assert session.execute(select(IMPORT.c.id)).scalars().all() == [story["clean"]]


def test_a_number_that_somebody_has_is_not_removed_without_him(admin: FlaskClient, story: dict[str, int]) -> None:
    data = {"key": f"number-{CUSTOMER_E164}", "csrf_token": csrf_of(admin)}
    page = admin.post("/privacy/persons/removal", data=data).text
    assert "hat jemand unter den Adressen" in page
    assert 'name="confirmed"' not in page


def test_somebody_who_has_left_is_a_former_user_and_another_goes_on(
    app: Flask, admin: FlaskClient, phones: PhoneSystem, make_user: Any, clock: Any
) -> None:
    leaver = make_user("walburga", name="Walburga Zettelhuber", email="zettelhuber@example.org")
    heir = make_user("nachfolger", name="Nora Nachfolge")
    give_account(app, leaver, ANNA)
    address_id = create_address({"name": "Rheinwerk", "account_manager_id": leaver}, [NumberInput(CUSTOMER)])
    own = logged_in_client(app, leaver)
    _call(phones, CUSTOMER)
    create_note(NoteInput("Angebot", address_id=address_id, user_id=leaver), by=leaver)
    callback = callback_tasks.create(Written(CUSTOMER, assigned_to=leaver), leaver)
    with transaction() as session:
        pbx = {"connection": FIRST_CONNECTION, "uid": ANNA, "name": "Zettelhuber, W.", "seen_at": clock.now()}
        session.add(KnownPbxUser(**pbx, email="zettelhuber@example.org"))
    before = _figures(admin, clock)
    _remove(admin, f"user-{leaver}", successor=str(heir))
    assert _figures(admin, clock) == before
    assert where("Zettelhuber", "walburga") <= listed({"callcenter_audit": "user_name before after"})
    assert own.get("/account/settings").status_code == 302
    assert service.verify("walburga", PASSWORD) is None
    with reading() as session:
        assert session.execute(select(Account.id)).all() == []
        assert session.execute(select(Callback.assigned_to).where(Callback.id == callback)).scalar_one() == heir
        assert session.execute(select(Address.account_manager_id)).scalar_one() == heir
        gone = session.execute(select(User).where(User.id == leaver)).scalar_one()
    assert (gone.name, gone.email, gone.active) == (f"Ehemaliger Benutzer {leaver}", "", False)
    assert f"Ehemaliger Benutzer {leaver}" in admin.get(f"/callcenter/calls/{the_call().id}").text
    assert "ist bereits gelöscht" in _refusal(admin, f"user-{leaver}")


def test_nobody_removes_himself_nor_the_last_administrator(app: Flask, admin: FlaskClient) -> None:
    with reading() as session:
        own = session.execute(select(User.id).where(User.role == "administrator", User.active)).scalars().all()[-1]
    assert "nicht selbst löschen" in _refusal(admin, f"user-{own}")
    with transaction() as session:
        session.execute(update(User).where(User.id != own).values(active=False))
    last = removing.preview(f"user-{own}")
    assert last is not None
    assert last.refusal is not None
    with pytest.raises(removing.Refused):
        removing.order(last.removal, "last", "")


def _refusal(client: FlaskClient, key: str) -> str:
    return client.post("/privacy/persons/removal", data={"key": key, "csrf_token": csrf_of(client)}).text


@pytest.mark.parametrize("path", ["/privacy/persons/removal", "/privacy/persons/remove"])
@pytest.mark.parametrize("key", ["", "address-987654", "user-x", "number-0171"])
def test_who_is_not_there_is_not_removed(admin: FlaskClient, path: str, key: str) -> None:
    data = {"key": key, "confirmed": "1", "submission": "x", "csrf_token": csrf_of(admin)}
    assert "Diese Person gibt es nicht mehr." in admin.post(path, data=data, follow_redirects=True).text
    assert persons.find("") == []


def test_the_command_tells_who_may_be_meant_and_removes_one(app: Flask, story: dict[str, int]) -> None:
    run = app.test_cli_runner()
    several = run.invoke(args=["privacy", "remove", "Quendelbach", "--yes"])
    assert several.exit_code == 1
    assert f"contact-{story['contact']}  {NAME}, {COMPANY}" in several.output
    key = f"contact-{story['contact']}"
    seen = run.invoke(args=["privacy", "remove", key, "--dry-run"])
    assert "callcenter.calls: 4 anonymised" in seen.output
    assert run.invoke(args=["privacy", "remove", key], input="n\n").exit_code == 1
    assert where("Quendelbach")
    assert "There is no active user nobody." in run.invoke(args=["privacy", "remove", key, "--successor=nobody"]).output
    done = run.invoke(args=["privacy", "remove", key, "--yes"])
    assert done.output.endswith("Removed.\n")
    assert not where("Quendelbach") - listed({"callcenter_audit": "before after"})
    again = run.invoke(args=["privacy", "remove", key, "--yes"])
    assert (again.exit_code, again.output) == (1, "Error: This person is not there any more.\n")
