"""Whoever removes a person is killed in the middle of it: the next one goes on, and nothing is half removed."""

from __future__ import annotations

import json
import multiprocessing
import os
import signal
from collections.abc import Callable
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import func, select

from app.core.accounts import service
from app.core.database import reading
from app.core.privacy import removing
from app.core.privacy.models import RemovalRow
from app.modules.addresses.models import Contact, Note, PhoneNumber
from app.modules.addresses.note_services import NoteInput, create_note
from app.modules.addresses.numbers import Change
from app.modules.addresses.records import ContactInput, NumberInput
from app.modules.addresses.services import create_address
from app.modules.callcenter import anonymising, callback_tasks, statistics
from app.modules.callcenter.audit_models import AuditEntry
from app.modules.callcenter.callback_tasks import Written
from app.modules.callcenter.models import Callback
from tests.conftest import PASSWORD
from tests.integration.callcenter.phone_system import (
    CUSTOMER,
    CUSTOMER_E164,
    EVERYTHING,
    PhoneSystem,
    all_calls,
    call_id,
    notifications,
)
from tests.integration.callcenter.told_anywhere import where
from tests.integration.faults.ledger import EVER

NAME = "Xaver Quendelbach"
CALLS = 3


@pytest.fixture
def key(own_app: Flask, phones: PhoneSystem) -> str:
    """A contact with a number, calls with their notifications, a note and a call-back."""
    with own_app.app_context():
        by = service.create_user("watcher", PASSWORD, "administrator")
        contact = ContactInput(NAME, numbers=(NumberInput(CUSTOMER),))
        address_id = create_address({"name": "Muster AG", "contact_person": NAME}, [], [contact])
        for _ in range(CALLS):
            call = call_id()
            phones.incoming(call)
            phones.accepted(call)
            phones.hung_up(call)
        with reading() as session:
            contact_id = session.execute(select(Contact.id)).scalar_one()
        create_note(NoteInput(f"Angebot an {NAME}", address_id=address_id, contact_id=contact_id), by=by)
        callback_tasks.create(Written(CUSTOMER, NAME), by)
        return f"contact-{contact_id}"


def die(*_given: Any, **_named: Any) -> None:
    os.kill(os.getpid(), signal.SIGKILL)


def after_the_first_batch(patched: pytest.MonkeyPatch) -> None:
    patched.setattr(removing, "_renew", die)


def within_the_batch_of_calls(patched: pytest.MonkeyPatch) -> None:
    patched.setattr(anonymising, "_forget", die)


def within_the_master_data(patched: pytest.MonkeyPatch) -> None:
    patched.setattr(Change, "publish", die)


def before_it_is_told_to_be_done(patched: pytest.MonkeyPatch) -> None:
    patched.setattr(removing, "_finish", die)


def remove_and_be_killed(app: Flask, moment: Callable[[pytest.MonkeyPatch], None]) -> None:
    for engine in app.extensions["durchwahl"].database.engines:
        engine.dispose(close=False)  # those are another process's connections
    moment(pytest.MonkeyPatch())
    with app.app_context():
        removing.work_off()


def count(model: Any) -> int:
    with reading() as session:
        return session.execute(select(func.count()).select_from(model)).scalar_one()


def standing() -> dict[str, int]:
    """How much there is of what goes together."""
    return {
        "callbacks": count(Callback),
        "calls": sum(call.remote_e164 is not None for call in all_calls()),
        "notifications": len(notifications()),
        "notes": count(Note),
        "contacts": count(Contact),
        "numbers": count(PhoneNumber),
    }


WHOLE = {"callbacks": 1, "calls": CALLS, "notifications": 3 * CALLS, "notes": 1, "contacts": 1, "numbers": 1}
GONE = dict.fromkeys(WHOLE, 0)
#: When it is killed, and what there is of him at that moment.
MOMENTS: list[tuple[Callable[[pytest.MonkeyPatch], None], dict[str, int]]] = [
    (after_the_first_batch, {**WHOLE, "callbacks": 0}),
    (within_the_batch_of_calls, {**WHOLE, "callbacks": 0}),
    (within_the_master_data, {**GONE, "contacts": 1, "numbers": 1}),
    (before_it_is_told_to_be_done, GONE),
]


@pytest.mark.parametrize(("moment", "left"), MOMENTS, ids=[moment.__name__ for moment, _left in MOMENTS])
def test_a_removal_that_is_killed_goes_on_and_leaves_nothing_half_removed(
    own_app: Flask, key: str, moment: Callable[[pytest.MonkeyPatch], None], left: dict[str, int]
) -> None:
    with own_app.app_context():
        figures = statistics.buckets(*EVER, seen_by=EVERYTHING)
        seen = removing.preview(key)
        assert seen is not None
        assert standing() == WHOLE
        assert removing.order(seen.removal, "killed", "watcher")
    killed = multiprocessing.get_context("fork").Process(target=remove_and_be_killed, args=(own_app, moment))
    killed.start()
    killed.join()
    assert killed.exitcode == -signal.SIGKILL
    with own_app.app_context():
        assert standing() == left
        # Nobody knows that it is dead before its lease is over, and the person can be ordered once only.
        assert not removing.work_off()
        assert not removing.order(seen.removal, "again", "watcher")
        own_app.extensions["durchwahl"].clock.advance(removing.LEASE.total_seconds() + 1)
        assert removing.work_off()
        assert standing() == GONE
        assert where("Quendelbach") == set()
        assert where(digits=CUSTOMER_E164.removeprefix("+49")) <= {"callcenter_audit.number"}
        assert statistics.buckets(*EVER, seen_by=EVERYTHING) == figures
        with reading() as session:
            (row,) = session.execute(select(RemovalRow)).scalars()
            told = [json.loads(after) for after in session.execute(select(AuditEntry.after)).scalars() if after]
        assert (row.removal, row.open_key, row.finished_at is not None) == ("", None, True)
        assert sum("removal_done" in one for one in told) == 1
