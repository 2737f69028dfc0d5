"""Calls that are anonymised: the figures stay, and nothing brings the caller back."""

from __future__ import annotations

import json
from datetime import timedelta
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import delete, select, update

from app.core.database import Base, reading, transaction
from app.modules.addresses import note_drafts
from app.modules.addresses.models import Note, NoteDraft
from app.modules.addresses.note_drafts import Place
from app.modules.addresses.note_services import NoteInput, create_note
from app.modules.addresses.records import NumberInput
from app.modules.addresses.services import create_address
from app.modules.callcenter import anonymising, inbox, statistics
from app.modules.callcenter.inbox import NOTIFICATION
from app.modules.callcenter.models import Callback
from tests.integration.callcenter.phone_system import (
    CUSTOMER,
    CUSTOMER_E164,
    EVERYTHING,
    PhoneSystem,
    all_calls,
    call_id,
    notifications,
    reports,
    the_call,
)

STATE = (
    "direction",
    "phase",
    "outcome",
    "missed",
    "remote_kind",
    "grade",
    "line_raw",
    "line_key",
    "user_id",
    "received_at",
    "answered_at",
    "ended_at",
    "waiting_seconds",
    "talk_seconds",
)


@pytest.fixture
def over(phones: PhoneSystem) -> str:
    """A call with its whole story, by somebody whom an address knows."""
    create_address({"name": "Rheinwerk"}, [NumberInput(CUSTOMER)])
    call = call_id()
    _tell_all(phones, call)
    return call


def _tell_all(phones: PhoneSystem, call: str) -> None:
    phones.incoming(call)
    phones.accepted(call)
    phones.hung_up(call)


def _everything() -> str:
    """All that lies in the database of calls and notes, as one text; the audit log and users are not asked."""
    found = []
    with reading() as session:
        for table in Base.metadata.sorted_tables:
            if table.name.startswith(("callcenter_", "addresses_note")):
                found.append(repr(session.execute(select(table)).all()))
    return "".join(found)


def test_figures_stay_and_the_caller_goes(phones: PhoneSystem, over: str, clock: Any) -> None:
    missed = call_id()
    phones.incoming(missed, "03023125777")
    phones.hung_up(missed, "missed", "0", **{"from": "03023125777"})
    span = (clock.now() - timedelta(days=1), clock.now() + timedelta(days=1))
    before, figures = all_calls(), statistics.buckets(*span, seen_by=EVERYTHING)
    with transaction() as session:
        session.execute(delete(Callback))
    assert anonymising.anonymise([row.id for row in before]) == 2
    after = all_calls()
    for name in STATE:
        assert [getattr(row, name) for row in after] == [getattr(row, name) for row in before]
    assert statistics.buckets(*span, seen_by=EVERYTHING) == figures
    left = _everything()
    for told in (CUSTOMER, CUSTOMER_E164, CUSTOMER[1:], "3023125777", over, missed, "Rheinwerk"):
        assert told not in left
    assert anonymising.anonymise([row.id for row in before]) == 0


def test_late_and_repeated_notifications_neither_restore_nor_double_it(phones: PhoneSystem, over: str) -> None:
    anonymising.anonymise([the_call().id])
    before, told = all_calls(), reports()
    _tell_all(phones, over)
    phones.hung_up(over, "missed", "0")
    assert (all_calls(), reports()) == (before, told)
    assert {(one["state"], one["call_id"]) for one in notifications()} == {("repeated", None)}
    assert inbox.replay() == {"repeated": 4}
    assert (all_calls(), reports()) == (before, told)


def test_a_call_under_way_is_left_alone(phones: PhoneSystem) -> None:
    phones.incoming(call_id())
    assert anonymising.anonymise([the_call().id]) == 0
    assert the_call().remote_e164 == CUSTOMER_E164


def test_what_was_written_at_the_call_alone_goes_with_it(phones: PhoneSystem, over: str, make_user: Any) -> None:
    user_id, row = make_user(), the_call()
    kept = create_note(NoteInput("Am Kunden", address_id=row.address_id, origin=row.origin), by=user_id)
    create_note(NoteInput("Nur am Anruf", origin=row.origin), by=user_id)
    note_drafts.keep(user_id, Place("phone", row.origin, None), "a form", {"text": "Angefangen"}, 0)
    anonymising.anonymise([row.id])
    with reading() as session:
        assert session.execute(select(Note.id, Note.origin)).all() == [(kept, None)]
        assert session.execute(select(NoteDraft.id)).all() == []


def test_a_call_for_which_somebody_shall_be_called_back_waits(phones: PhoneSystem, clock: Any) -> None:
    call = call_id()
    phones.incoming(call)
    phones.hung_up(call, "missed", "0")
    clock.advance(800 * 24 * 3600)
    assert list(anonymising.anonymise_old(clock.now(), unknown_only=False)) == []
    with transaction() as session:
        session.execute(update(Callback).values(state="done", open_party=None, done_at=clock.now()))
    assert list(anonymising.anonymise_old(clock.now(), unknown_only=False)) == [1]
    with reading() as session:
        assert session.execute(select(Callback.id)).all() == []


def test_it_goes_batch_by_batch_and_strangers_can_go_first(
    phones: PhoneSystem, over: str, clock: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(anonymising, "BATCH", 2)
    for number in range(3):
        call = call_id()
        phones.incoming(call, f"0302312577{number}")
        phones.hung_up(call, **{"from": f"0302312577{number}"})
    until = clock.now() + timedelta(seconds=1)
    assert list(anonymising.anonymise_old(until, unknown_only=True)) == [2, 1]
    assert the_call(over).remote_e164 == CUSTOMER_E164
    assert list(anonymising.anonymise_old(until, unknown_only=False)) == [1]
    assert list(anonymising.anonymise_old(until, unknown_only=False)) == []


def test_pages_and_interface_show_the_call_without_anybody(
    app: Flask, phones: PhoneSystem, over: str, admin: Any
) -> None:
    row = the_call()
    anonymising.anonymise([row.id])
    for path in ("/callcenter/calls", f"/callcenter/calls/{row.id}"):
        page = admin.get(path)
        assert page.status_code == 200
        assert "Anonymisiert" in page.text
        assert "Rheinwerk" not in page.text
    table = admin.get("/callcenter/calls.csv").text
    assert "Anonymisiert" in table
    assert json.dumps(CUSTOMER_E164) not in table
    with reading() as session:
        assert session.execute(select(NOTIFICATION.c.id)).all() == []
