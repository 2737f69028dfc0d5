"""Gives the number of a call to an address or contact that is there already, and takes it back.

The addresses store it, and say so to everybody. Here the call itself is looked at again, also one that is older than
what changes of numbers reach.
"""

from __future__ import annotations

from sqlalchemy import select

from app.core.database import MAX_ID, reading
from app.modules.addresses import api as addresses
from app.modules.addresses.api import Added, GivenNumber, Owner, Seen
from app.modules.callcenter import history, recognition
from app.modules.callcenter.storable import extension_at
from app.modules.callcenter.stored import CALL, StoredCall, stored
from app.modules.callcenter.visibility import visible_to

#: Other calls of the number that are looked at within the request; a job sees to the rest.
MOST_AT_ONCE = 20


def find(call_id: int, viewer: int) -> StoredCall | None:
    """A call; None where there is none, or none that this user may see."""
    if not 0 < call_id <= MAX_ID:
        return None
    with reading() as session:
        row = session.execute(select(CALL).where(CALL.c.id == call_id, visible_to(viewer))).mappings().one_or_none()
    return stored(row) if row is not None else None


def store(row: StoredCall, owner: Owner, seen: Seen, *, kind: str, label: str, by: int) -> Added:
    """Give the call's number to the owner. Raises what ``addresses.add_number`` raises: then nothing was stored."""
    extension = extension_at(row, owner.address_id)
    stem = (row.remote_e164 or "").removesuffix(extension) if extension else ""
    number = GivenNumber(row.remote_raw or "", row.remote_e164, stem)
    added = addresses.add_number(number, owner, seen, kind=kind, label=label, origin=row.origin, by=by)
    _look_again(row, by)
    return added


def take_back(row: StoredCall, added: Added, *, by: int) -> None:
    """Take the number from its owner again. Raises NotAdded where it is no longer as it was stored."""
    addresses.take_back(added, by=by)
    _look_again(row, by)


def _look_again(row: StoredCall, by: int) -> None:
    """At this call, however old it is, and at the newest others of the number: a page shows them at once."""
    recognition.rematch(row.id, history.NUMBERS, by)
    if row.remote_e164 is None:
        return
    with reading() as session:
        others = session.execute(
            select(CALL.c.id)
            .where(CALL.c.remote_e164 == row.remote_e164, CALL.c.assigned_by.is_(None), CALL.c.id != row.id)
            .order_by(CALL.c.id.desc())
            .limit(MOST_AT_ONCE)
        ).scalars()
        ids = list(others)
    for call_id in ids:
        recognition.rematch(call_id, history.NUMBERS, by)
