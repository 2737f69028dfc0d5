"""Removes all that calls and what belongs to them tell of a person outside the house.

His calls stay without him (``anonymising``), so figures stay. Whatever else would bring him back goes: choices that are
remembered, names in the history of calls, unread notifications, entries of the telephone system's list.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping
from typing import Any
from urllib.parse import unquote_plus

from flask import current_app
from flask_babel import lazy_gettext as _l
from sqlalchemy import ColumnElement, and_, false, func, or_, select, update
from sqlalchemy.orm import Session

from app.core.database import reading, transaction
from app.core.events import publish
from app.core.privacy import batches
from app.core.privacy.persons import NotYet, Part, Person, Removal
from app.core.values import e164_of
from app.modules.callcenter import anonymising, connection, home, staff_removing
from app.modules.callcenter.callbacks import CallbacksChanged
from app.modules.callcenter.control_book import CONTROL_VERSION
from app.modules.callcenter.models import (
    AuditEntry,
    BlockEntry,
    Callback,
    CallChange,
    ControlRule,
    DialOrderRow,
    DoubtfulEntry,
    Notification,
    Rematch,
    RememberedRow,
)
from app.modules.callcenter.stored import CALL

#: What may be a number within a raw notification.
_RUN = re.compile(r"\+?\d[\d ()/.-]{4,30}")
_ORIGIN = {"remote": None, "account": None}

PARTS = (
    *staff_removing.PARTS,
    Part(
        "callcenter.calls",
        _l("Calls"),
        "anonymised",
        _l(
            "Number, name, links and raw notifications go; time, line, direction, result and durations stay, "
            "so figures do not change."
        ),
    ),
    Part(
        "callcenter.names",
        _l("Other calls that showed the name"),
        "anonymised",
        _l("The name goes from them and from their history; they stay with whom they were."),
    ),
    Part("callcenter.callbacks", _l("Call-backs"), "removed", _l("Open ones, too: nobody calls back any more.")),
    Part("callcenter.remembered", _l("Remembered choices"), "removed", _l("Whoever made them.")),
    Part(
        "callcenter.orders",
        _l("Numbers dialled by click"),
        "anonymised",
        _l("The number goes; who dialled when stays."),
    ),
    Part(
        "callcenter.unread",
        _l("Raw notifications that could not be read"),
        "removed",
        _l("Those in which a number stands."),
    ),
    Part(
        "callcenter.doubtful",
        _l("Unclear entries of the telephone system's list"),
        "anonymised",
        _l("The number goes, and nobody is asked about them any more."),
    ),
    Part("callcenter.unblocked", _l("Block list"), "removed", _l("The number gets through again.")),
    Part(
        "callcenter.blocked",
        _l("Entries of the block list"),
        "stays",
        _l("Without their note: the house goes on refusing this number, unless you choose otherwise below."),
    ),
    Part(
        "callcenter.rules",
        _l("Rules for calls in which the number stands"),
        "stays",
        _l("An administrator wrote them; change them under Rules for incoming calls and Dial rules."),
    ),
    Part(
        "callcenter.audit",
        _l("Entries of the audit log"),
        "stays",
        _l("For a year the database refuses to change or delete them: they prove who dialled what. Then they go."),
    ),
)


def plan(session: Session, removal: Removal) -> Iterator[tuple[str, int]]:
    """How much there is."""
    person = removal.person
    if person.user_id is not None:
        yield from staff_removing.plan(session, removal, person.user_id)
        return
    calls = and_(_calls(person), CALL.c.anonymised_at.is_(None))
    yield "callcenter.calls", batches.count(session, CALL, calls)
    yield "callcenter.names", batches.count(session, CALL, and_(_shows(person), ~_calls(person)))
    yield "callcenter.callbacks", batches.count(session, Callback, _callbacks(person))
    yield "callcenter.remembered", batches.count(session, RememberedRow, _remembered(person))
    yield "callcenter.orders", batches.count(session, DialOrderRow, DialOrderRow.target_e164.in_(person.own))
    yield "callcenter.unread", len(list(_unread(session, person)))
    yield "callcenter.doubtful", len(_doubtful(session, person))
    blocked = batches.count(session, BlockEntry, _blocked(person))
    yield "callcenter.unblocked" if removal.unblock else "callcenter.blocked", blocked
    yield "callcenter.rules", _rules(session, person)
    yield "callcenter.audit", batches.count(session, AuditEntry, AuditEntry.number.in_(person.numbers))


def remove(removal: Removal) -> Iterator[tuple[str, int]]:
    """Batch by batch. Raises NotYet while a call of this person is under way, or may still be waited for."""
    person = removal.person
    if person.user_id is not None:
        yield from staff_removing.remove(removal, person.user_id)
        return
    yield "callcenter.callbacks", _remove_callbacks(person)
    yield from _anonymise(person)
    yield from _forget_names(person)
    with transaction() as session:
        remembered = batches.remove_rows(session, RememberedRow, _remembered(person))
        batches.remove_rows(session, Rematch, and_(Rematch.number.in_(person.own), ~Rematch.is_stem))
        orders = update(DialOrderRow).where(DialOrderRow.target_e164.in_(person.own)).returning(DialOrderRow.id)
        blanked = len(session.execute(orders.values(target_raw="", target_e164=None)).all())
    yield "callcenter.remembered", remembered
    yield "callcenter.orders", blanked
    yield "callcenter.unread", _remove_unread(person)
    yield "callcenter.doubtful", _blank_doubtful(person)
    yield "callcenter.unblocked" if removal.unblock else "callcenter.blocked", _settle_blocks(removal)


def _anonymise(person: Person) -> Iterator[tuple[str, int]]:
    wanted = and_(_calls(person), CALL.c.anonymised_at.is_(None))
    while ids := batches.next_batch(select(CALL.c.id).where(wanted, CALL.c.phase == "ended").order_by(CALL.c.id)):
        yield "callcenter.calls", anonymising.anonymise(ids)
    if batches.next_batch(select(CALL.c.id).where(wanted)):
        raise NotYet


def _forget_names(person: Person) -> Iterator[tuple[str, int]]:
    """Calls with others that this person might have been, and what was shown in their history."""
    while ids := batches.next_batch(select(CALL.c.id).where(_shows(person)).order_by(CALL.c.id)):
        with transaction() as session:
            columns = (CALL.c.id, CALL.c.version, CALL.c.matches, CALL.c.choices)
            rows = session.execute(select(*columns).where(CALL.c.id.in_(ids)).order_by(CALL.c.id).with_for_update())
            for row in rows.all():
                matches = [one for one in json.loads(row.matches) if not is_of(person, one)]
                choices = [one for one in json.loads(row.choices) if not is_of(person, one["match"])]
                kept = {name: json.dumps(left, ensure_ascii=False) for name, left in _named(matches, choices)}
                values = {**kept, "version": row.version + 1}
                session.execute(update(CALL).where(CALL.c.id == row.id).values(**values))
        yield "callcenter.names", len(ids)
    texts = (CallChange.before, CallChange.after, CallChange.undo)
    told = or_(false(), *(text.contains(mark, autoescape=True) for text in texts for mark in marks(person)))
    while ids := batches.next_batch(select(CallChange.id).where(told).order_by(CallChange.id)):
        with transaction() as session:
            batches.remove_rows(session, CallChange, CallChange.id.in_(ids))
        yield "callcenter.names", 0


def _named(matches: Any, choices: Any) -> Iterator[tuple[str, Any]]:
    yield "matches", matches
    yield "choices", choices


def _remove_callbacks(person: Person) -> int:
    with transaction() as session:
        gone = batches.remove_rows(session, Callback, _callbacks(person))
        if gone:
            publish(session, CallbacksChanged())
        return gone


def _remove_unread(person: Person) -> int:
    with reading() as session:
        ids = list(_unread(session, person))
    for start in range(0, len(ids), batches.BATCH):
        with transaction() as session:
            batches.remove_rows(session, Notification, Notification.id.in_(ids[start : start + batches.BATCH]))
    return len(ids)


def _blank_doubtful(person: Person) -> int:
    now = current_app.extensions["durchwahl"].clock.now()
    with transaction() as session:
        ids = _doubtful(session, person)
        mine = update(DoubtfulEntry).where(DoubtfulEntry.id.in_(ids))
        session.execute(mine.where(DoubtfulEntry.state == "open").values(state="dropped", decided_at=now))
        # The entry stays: it is recognised by its key, and not asked about again while the list still names it.
        session.execute(mine.values(_ORIGIN))
        return len(ids)


def _settle_blocks(removal: Removal) -> int:
    blocked = _blocked(removal.person)
    with transaction() as session:
        if removal.unblock:
            count = batches.remove_rows(session, BlockEntry, blocked)
        else:
            blank = update(BlockEntry).where(blocked, BlockEntry.note != "").values(note="")
            count = len(session.execute(blank.returning(BlockEntry.id)).all())
        if count:
            current_app.extensions["durchwahl"].versions.bump(session, CONTROL_VERSION)
        return count


def _calls(person: Person) -> ColumnElement[bool]:
    return _concerned(person, CALL.c.remote_e164, CALL.c.address_id, CALL.c.contact_id)


def _callbacks(person: Person) -> ColumnElement[bool]:
    return _concerned(person, Callback.e164, Callback.address_id, Callback.contact_id)


def _remembered(person: Person) -> ColumnElement[bool]:
    return _concerned(person, RememberedRow.number, RememberedRow.address_id, RememberedRow.contact_id)


def _concerned(person: Person, number: Any, address_id: Any, contact_id: Any) -> ColumnElement[bool]:
    conditions: list[ColumnElement[bool]] = [number.in_(person.own)]
    if person.address_id is not None:
        conditions.append(func.coalesce(address_id, 0) == person.address_id)
    if person.contact_id is not None:
        conditions.append(func.coalesce(contact_id, 0) == person.contact_id)
    return or_(*conditions)


def marks(person: Person) -> Iterator[str]:
    """How JSON names the address or the contact, be it the last of its fields or not."""
    for name, number in (("address_id", person.address_id), ("contact_id", person.contact_id)):
        if number is not None:
            yield from (f'"{name}": {number},', f'"{name}": {number}}}')


def _shows(person: Person) -> ColumnElement[bool]:
    texts = (CALL.c.matches, CALL.c.choices)
    return or_(false(), *(text.contains(mark, autoescape=True) for text in texts for mark in marks(person)))


def is_of(person: Person, match: Mapping[str, Any]) -> bool:
    """Whether a match of a call, as it is kept, is this person."""
    if person.address_id is not None:
        return bool(match["address_id"] == person.address_id)
    return person.contact_id is not None and bool(match["contact_id"] == person.contact_id)


def _blocked(person: Person) -> ColumnElement[bool]:
    # Ranges and beginnings tell of nobody in particular.
    return and_(BlockEntry.kind == "exact", BlockEntry.low.in_(person.own))


def _rules(session: Session, person: Person) -> int:
    rules = session.execute(select(ControlRule.conditions, ControlRule.action))
    settings = connection.settings()
    written = [*settings.dial_allowed, *settings.dial_blocked, *(f"{row.conditions} {row.action}" for row in rules)]
    return sum(any(number in text for number in person.own) for text in written)


def _unread(session: Session, person: Person) -> Iterator[int]:
    """Notifications that belong to no call, in which one of the numbers stands."""
    query = select(Notification.id, Notification.body, Notification.query).where(Notification.call_id.is_(None))
    for notification_id, body, asked in session.execute(query.execution_options(yield_per=batches.BATCH)):
        told = unquote_plus(f"{bytes(body).decode('utf-8', 'replace')} {asked}")
        if any(e164_of(home.classify(run.strip())) in person.own for run in _RUN.findall(told)):
            yield notification_id


def _doubtful(session: Session, person: Person) -> list[int]:
    query = select(DoubtfulEntry.id, DoubtfulEntry.remote).where(DoubtfulEntry.remote.is_not(None))
    return [row.id for row in session.execute(query) if e164_of(home.classify(row.remote)) in person.own]
