"""Who is it? Asks the addresses and keeps the answer with the call, so that names stay when addresses go."""

from __future__ import annotations

import json
from collections.abc import Mapping
from datetime import timedelta
from typing import Any

from flask import current_app
from sqlalchemy import select, update
from sqlalchemy.orm import Session

from app.core.database import reading, transaction
from app.core.events import publish
from app.modules.addresses import api as addresses
from app.modules.callcenter.domain import matching
from app.modules.callcenter.events import CallChanged
from app.modules.callcenter.stored import CALL, StoredCall, lock_call_by_id, stored

#: Calls as old as this are recognised anew when numbers change; older ones keep what they showed.
RECENT = timedelta(hours=24)
#: What a call is said to be when nobody has its number, or it has none.
NOBODY: Mapping[str, Any] = {"grade": "none", "matches": "[]", "address_id": None, "contact_id": None}


def recognise(session: Session, e164: str) -> dict[str, Any]:
    """The columns that tell who has this number. One query."""
    found = addresses.find_by_number(session, e164)
    if not found.matches:
        return dict(NOBODY)
    recognition = matching.choose(found.matches)
    matches = [
        {
            "grade": match.grade,
            "address_id": match.address_id,
            "contact_id": match.contact_id,
            "name": match.name,
            "company": match.company,
            "customer_number": match.customer_number,
            "number": match.number,
            "label": match.label,
            "extension": match.extension,
            "archived": match.archived,
            "path": match.path,
        }
        for match in found.matches
    ]
    return {
        "grade": found.grade,
        "matches": json.dumps(matches, ensure_ascii=False),
        "address_id": recognition.address_id,
        "contact_id": recognition.contact_id,
    }


def rematch_recent(e164s: frozenset[str]) -> int:
    """Look again at the calls that changed numbers may concern; returns how many have changed."""
    since = current_app.extensions["durchwahl"].clock.now() - RECENT
    with reading() as session:
        rows = session.execute(
            select(CALL.c.id, CALL.c.remote_e164).where(
                CALL.c.received_at > since, CALL.c.remote_e164.is_not(None), CALL.c.assigned_by.is_(None)
            )
        )
        # A stem is a stored number, or one without its last digit: what begins like one may be behind it.
        stems = tuple(e164[:-1] for e164 in e164s)
        concerned = sorted(call_id for call_id, remote in rows if remote.startswith(stems))
    return sum(rematch(call_id) for call_id in concerned)


def rematch(call_id: int) -> bool:
    """Look again who a call is with; True when the answer is another one."""
    with transaction() as session:
        before = lock_call_by_id(session, call_id)
        if before is None or before.remote_e164 is None or before.assigned_by is not None:
            return False
        return _store(session, before, recognise(session, before.remote_e164))


def assign(call_id: int, address_id: int, contact_id: int | None, user_id: int) -> bool:
    """A user says which of the matches it is. Kept against every later look; False for none of the matches."""
    with transaction() as session:
        before = lock_call_by_id(session, call_id)
        if before is None:
            return False
        if not any((m["address_id"], m["contact_id"]) == (address_id, contact_id) for m in before.known):
            return False
        _store(session, before, {"address_id": address_id, "contact_id": contact_id, "assigned_by": user_id})
        return True


def _store(session: Session, before: StoredCall, values: Mapping[str, Any]) -> bool:
    if all(getattr(before, name) == value for name, value in values.items()):
        return False
    statement = update(CALL).where(CALL.c.id == before.id).values(version=before.version + 1, **values)
    row = session.execute(statement.returning(*CALL.c)).mappings().one()
    publish(session, CallChanged(stored(row), before))
    return True
