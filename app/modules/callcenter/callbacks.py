"""Call-backs that make and close themselves: follows every call that ends.

After the commit of the call, so never on the way of its notification; what is missed here (the process ended between
the two) is found by ``catch_up``. Everything can be done twice without harm.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from flask import current_app
from sqlalchemy import ColumnElement, Select, and_, delete, func, or_, select, update
from sqlalchemy.orm import Session, aliased

from app.core.database import insert_or_ignore, lock_row, reading, transaction
from app.core.events import publish
from app.core.kernel import ModuleSetup
from app.modules.callcenter.callback_models import Callback, CallbackCall
from app.modules.callcenter.domain.callbacks import TALKED, Deed, Talk, closing, deed_of
from app.modules.callcenter.events import CallChanged
from app.modules.callcenter.shown import shown
from app.modules.callcenter.stored import CALL, StoredCall, call_of, stored

OPEN, DONE = "open", "done"
#: Before the number of the call, in place of a party's number.
MESSAGE = "message:"
#: How far back ``catch_up`` looks for missed calls that have no task.
CAUGHT_UP = timedelta(days=7)
CATCH_UP_SECONDS = 60
MOST_AT_ONCE = 200


#: Calls that can be somebody's task, as ``party_of`` and ``_message_of`` say: the others would fill up ``catch_up``.
_CONCERNS = or_(
    CALL.c.remote_kind.in_(("dialable", "unverified")),
    and_(CALL.c.remote_kind == "withheld", CALL.c.outcome == "voicemail"),
)


@dataclass(frozen=True, slots=True)
class CallbacksChanged:
    """Call-backs were made, changed or closed."""

    call_id: int | None = None
    """The call by which it came; None where a person did it."""


def install(setup: ModuleSetup) -> None:
    """Follow calls, and catch up."""
    setup.on(CallChanged, lambda event: follow(event.call, event.before))
    setup.job("catch_up_callbacks", CATCH_UP_SECONDS, _catch_up)


def follow(call: StoredCall, before: StoredCall | None = None) -> None:
    """Take in what a call that has changed means for the tasks of its number."""
    deed, party = deed_of(call_of(call)), party_of(call)
    if deed is Deed.MISSED:
        if key := party or _message_of(call):
            _missed(call, key)
        return
    if before is not None and before.missed:
        withdraw_miss(call.id)
    if party is None:
        return
    if deed in TALKED or deed is Deed.TRIED:
        for callback_id in _open_for(call, party):
            _answer(callback_id, call, deed)


def catch_up() -> int:
    """Make tasks of missed calls that have none, close those that somebody has settled; how many were looked at."""
    since = current_app.extensions["durchwahl"].clock.now() - CAUGHT_UP
    has_task = select(CallbackCall.call_id).where(CallbackCall.call_id == CALL.c.id).exists()
    with reading() as session:
        missing = (
            select(CALL)
            .where(CALL.c.phase == "ended", CALL.c.received_at > since, CALL.c.missed, ~has_task, _CONCERNS)
            .order_by(CALL.c.received_at, CALL.c.id)
            .limit(MOST_AT_ONCE)
        )
        lost = [stored(row) for row in session.execute(missing).mappings()]
        settled = select(Callback.id, Callback.party, Callback.wanted_at).where(Callback.state == OPEN)
        open_ones = [
            (row.id, talk)
            for row in session.execute(settled)
            if (talk := closing(row.wanted_at, _talks(session, row.party, row.wanted_at)))
        ]
    for call in lost:
        follow(call)
    for callback_id, talk in open_ones:
        with transaction() as session:
            _close(session, callback_id, talk)
    return len(lost) + len(open_ones)


def _catch_up() -> None:
    catch_up()


def party_of(call: StoredCall) -> str | None:
    """What a call's far party is compared by; None for colleagues and withheld numbers: nobody can be called back."""
    if call.remote_kind == "dialable":
        return call.remote_e164
    return call.remote_raw if call.remote_kind == "unverified" else None


def _message_of(call: StoredCall) -> str | None:
    """What a message is known by that a withheld number left: to be heard, each on its own; None for other calls."""
    return f"{MESSAGE}{call.id}" if call.remote_kind == "withheld" and call.outcome == "voicemail" else None


def name_of(call: StoredCall) -> str:
    """How the far party is called, as surely as it is known; empty where it is not."""
    who = shown(call, None)
    if who.certainty not in ("known", "probable"):
        return ""
    match = who.matches[0]
    return str(match["name"] if who.certainty == "known" else match["company"] or match["name"])


# -------------------------------------------------------------------------------------------------------------- making


def _missed(call: StoredCall, party: str) -> None:
    with transaction() as session:
        if (task := session.execute(_task_of(call.id)).mappings().first()) is not None:
            _name_anew(session, task, call)
            return
        # Somebody has talked with the party meanwhile: reports of two calls come in any order.
        if closing(call.received_at, _talks(session, party, call.received_at)):
            return
        now = current_app.extensions["durchwahl"].clock.now()
        values = {
            "kind": "missed",
            "state": OPEN,
            "number_raw": (call.remote_raw or "") if party_of(call) else "",
            "e164": call.remote_e164,
            "party": party,
            "open_party": party,
            "name": "",
            "reason": "",
            "comment": "",
            "misses": 0,
            "attempts": 0,
            "wanted_at": call.received_at,
            "created_at": now,
            "version": 1,
        }
        insert_or_ignore(session, Callback, values, ["open_party"])
        row = lock_row(session, Callback.__table__, Callback.open_party == party)
        if row is None:  # closed in this very moment: the next run of catch_up makes a new one
            return
        link = {"callback_id": row["id"], "call_id": call.id, "deed": Deed.MISSED.value, "at": call.received_at}
        if not insert_or_ignore(session, CallbackCall, link, ["callback_id", "call_id"]):
            return
        who = _who(call)
        _count(session, row["id"], {"line_key": call.line_key, **(who if who["address_id"] else {})})
        publish(session, CallbacksChanged(call.id))


def _who(call: StoredCall) -> dict[str, Any]:
    who = shown(call, None)
    return {"address_id": who.address_id, "contact_id": who.contact_id, "name": name_of(call)}


def _task_of(call_id: int) -> Select[int, str, int | None, int | None, datetime]:
    miss = aliased(CallbackCall)
    newest = select(func.max(miss.at)).where(miss.callback_id == Callback.id, miss.deed == Deed.MISSED.value)
    return (
        select(
            Callback.id, Callback.name, Callback.address_id, Callback.contact_id, newest.scalar_subquery().label("at")
        )
        .join(CallbackCall, CallbackCall.callback_id == Callback.id)
        .where(CallbackCall.call_id == call_id, CallbackCall.deed == Deed.MISSED.value)
    )


def _name_anew(session: Session, task: Mapping[Any, Any], call: StoredCall) -> None:
    """Who has called is known otherwise meanwhile: the newest miss has the name. What people wrote is no other one."""
    who = _who(call)
    if call.received_at < task["at"] or all(task[name] == value for name, value in who.items()):
        return
    session.execute(
        update(Callback).where(Callback.id == task["id"]).values(**who).execution_options(synchronize_session=False)
    )
    publish(session, CallbacksChanged(call.id))


def withdraw_miss(call_id: int) -> None:
    """A call that counted as missed was answered after all, or is not there any more."""
    with transaction() as session:
        query = select(CallbackCall.callback_id).where(CallbackCall.call_id == call_id, CallbackCall.deed == "missed")
        for callback_id in list(session.execute(query).scalars()):
            if lock_row(session, Callback.__table__, Callback.id == callback_id) is None:
                continue
            session.execute(
                delete(CallbackCall).where(CallbackCall.callback_id == callback_id, CallbackCall.call_id == call_id)
            )
            if not _count(session, callback_id, {}):
                now = current_app.extensions["durchwahl"].clock.now()
                _mark_done(session, callback_id, now, {"done_how": "withdrawn", "done_call_id": call_id})
            publish(session, CallbacksChanged(call_id))


def _count(session: Session, callback_id: int, values: Mapping[str, Any]) -> int:
    """Bring the counts of a locked task up to date; how many misses it has."""
    links = session.execute(
        select(CallbackCall.deed, func.count(), func.max(CallbackCall.at))
        .where(CallbackCall.callback_id == callback_id)
        .group_by(CallbackCall.deed)
    )
    found = {deed: (count, latest) for deed, count, latest in links}
    misses, last = found.get("missed", (0, None))
    counted: dict[str, Any] = {"misses": misses, "attempts": found.get("tried", (0, None))[0]}
    if last is not None:
        counted["wanted_at"] = last
    session.execute(
        update(Callback)
        .where(Callback.id == callback_id)
        .values(version=Callback.version + 1, **counted, **values)
        .execution_options(synchronize_session=False)
    )
    return int(misses)


# ------------------------------------------------------------------------------------------------------------- closing


def _open_for(call: StoredCall, party: str) -> list[int]:
    """The open tasks that a conversation with this party concerns: of the number, or of the very person."""
    same: list[ColumnElement[bool]] = [Callback.party == party]
    if call.contact_id is not None and call.grade == "exact":
        same.append(Callback.contact_id == call.contact_id)
    with reading() as session:
        query = select(Callback.id).where(Callback.state == OPEN, or_(*same), Callback.wanted_at < call.received_at)
        return list(session.execute(query.order_by(Callback.id)).scalars())


def _answer(callback_id: int, call: StoredCall, deed: Deed | None) -> None:
    with transaction() as session:
        if deed in TALKED and deed is not None:
            _close(session, callback_id, Talk(call.id, call.received_at, deed))
            return
        row = lock_row(session, Callback.__table__, Callback.id == callback_id)
        if row is None or row["state"] != OPEN:
            return
        link = {"callback_id": callback_id, "call_id": call.id, "deed": Deed.TRIED.value, "at": call.received_at}
        if insert_or_ignore(session, CallbackCall, link, ["callback_id", "call_id"]):
            _count(session, callback_id, {})
            publish(session, CallbacksChanged(call.id))


def _close(session: Session, callback_id: int, talk: Talk) -> None:
    row = lock_row(session, Callback.__table__, Callback.id == callback_id)
    if row is None or row["state"] != OPEN or row["wanted_at"] >= talk.at:
        return
    by = session.execute(select(CALL.c.user_id).where(CALL.c.id == talk.call_id)).scalar_one_or_none()
    values = {"done_how": talk.deed.value, "done_call_id": talk.call_id, "done_by": by}
    _mark_done(session, callback_id, current_app.extensions["durchwahl"].clock.now(), values)
    publish(session, CallbacksChanged(talk.call_id))


def _mark_done(session: Session, callback_id: int, now: datetime, values: Mapping[str, Any]) -> None:
    session.execute(
        update(Callback)
        .where(Callback.id == callback_id)
        .values(state=DONE, open_party=None, done_at=now, version=Callback.version + 1, **values)
        .execution_options(synchronize_session=False)
    )


def _talks(session: Session, party: str, since: datetime) -> list[Talk]:
    """Conversations with this party that began later, the first few."""
    same = CALL.c.remote_e164 == party if party.startswith("+") else CALL.c.remote_raw == party
    query = (
        select(CALL)
        .where(and_(same, CALL.c.received_at > since, CALL.c.phase == "ended", ~CALL.c.missed))
        .order_by(CALL.c.received_at, CALL.c.id)
        .limit(20)
    )
    found = (stored(row) for row in session.execute(query).mappings())
    return [
        Talk(call.id, call.received_at, deed) for call in found if (deed := deed_of(call_of(call))) in TALKED and deed
    ]
