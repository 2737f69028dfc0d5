"""Somebody of the house who has left: his telephones and choices go, open call-backs go on with somebody else.

Calls, orders to dial and call-backs name him by the number of his account only, which has another name then.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from flask import current_app
from flask_babel import lazy_gettext as _l
from sqlalchemy import delete, func, or_, select, update
from sqlalchemy.orm import Session

from app.core.database import transaction
from app.core.events import publish
from app.core.privacy import batches
from app.core.privacy.persons import Part, Removal
from app.modules.callcenter.accounts import SETUP_VERSION
from app.modules.callcenter.callbacks import OPEN, CallbacksChanged
from app.modules.callcenter.models import (
    Account,
    AuditEntry,
    Callback,
    CallTaker,
    GroupMember,
    KnownPbxUser,
    LineUser,
    RememberedRow,
)
from app.modules.callcenter.stored import CALL

PARTS = (
    Part(
        "callcenter.handed_on",
        _l("Open call-backs"),
        "handed_on",
        _l("To whom you choose below; without a choice they are there for everybody of their line."),
    ),
    Part(
        "callcenter.telephones",
        _l("Telephones, lines and groups"),
        "removed",
        _l(
            "They belong to nobody then. What the telephone system itself calls them is changed there, "
            "else its list brings the name back."
        ),
    ),
    Part(
        "callcenter.own_choices",
        _l("Remembered choices for this user alone"),
        "removed",
        _l("For everybody stays what was chosen for everybody."),
    ),
    Part(
        "callcenter.taken",
        _l("Calls that this user had"),
        "anonymised",
        _l("They show the name that the account has then; figures do not change."),
    ),
    Part(
        "callcenter.staff_audit",
        _l("Entries of the audit log"),
        "stays",
        _l("With the name as it was then: for a year the database refuses to change them. Then they go."),
    ),
)


def plan(session: Session, removal: Removal, user_id: int) -> Iterator[tuple[str, int]]:
    """How much there is."""
    yield "callcenter.handed_on", batches.count(session, Callback, _open(user_id))
    links = (Account, LineUser, GroupMember)
    yield "callcenter.telephones", sum(batches.count(session, one, one.user_id == user_id) for one in links)
    yield "callcenter.own_choices", batches.count(session, RememberedRow, RememberedRow.user_id == user_id)
    taken = select(CallTaker.call_id).where(CallTaker.user_id == user_id)
    yield "callcenter.taken", batches.count(session, CALL, or_(CALL.c.user_id == user_id, CALL.c.id.in_(taken)))
    yield "callcenter.staff_audit", batches.count(session, AuditEntry, AuditEntry.user_id == user_id)


def remove(removal: Removal, user_id: int) -> Iterator[tuple[str, int]]:
    """In one transaction: there is little."""
    with transaction() as session:
        given = update(Callback).where(_open(user_id)).returning(Callback.id)
        values: dict[str, Any] = {"assigned_to": removal.successor, "version": Callback.version + 1}
        handed = len(session.execute(given.values(values)).all())
        if handed:
            publish(session, CallbacksChanged())
        for one in session.execute(select(Account.connection, Account.uid).where(Account.user_id == user_id)).all():
            here = (KnownPbxUser.connection == one.connection, func.lower(KnownPbxUser.uid) == one.uid)
            session.execute(delete(KnownPbxUser).where(*here))
        telephones = sum(
            batches.remove_rows(session, one, one.user_id == user_id) for one in (Account, LineUser, GroupMember)
        )
        choices = batches.remove_rows(session, RememberedRow, RememberedRow.user_id == user_id)
        if telephones:
            current_app.extensions["durchwahl"].versions.bump(session, SETUP_VERSION)
    yield "callcenter.handed_on", handed
    yield "callcenter.telephones", telephones
    yield "callcenter.own_choices", choices


def _open(user_id: int) -> Any:
    return (Callback.assigned_to == user_id) & (Callback.state == OPEN)
