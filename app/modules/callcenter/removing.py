"""Removes all that calls and what belongs to them tell of a person outside the house.

His calls stay without him (``anonymising``), so figures stay. Whatever else would bring him back goes: choices that are
remembered, names in the history of calls, unread notifications, entries of the telephone system's list.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator
from typing import Any
from urllib.parse import unquote_plus

from flask import current_app
from flask_babel import lazy_gettext as _l
from sqlalchemy import ColumnElement, and_, false, or_, select, update
from sqlalchemy.orm import Session

from app.core.database import reading, transaction
from app.core.events import publish
from app.core.privacy import batches
from app.core.privacy.batches import among, same
from app.core.privacy.persons import SHORTEST_NAME, NotYet, Part, Person, Removal
from app.core.values import e164_of
from app.modules.callcenter import anonymising, connection, home, names_shown, staff_removing
from app.modules.callcenter.callbacks import CallbacksChanged
from app.modules.callcenter.control_book import CONTROL_VERSION
from app.modules.callcenter.models import (
    AuditEntry,
    BlockEntry,
    Callback,
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
        "callcenter.mentions",
        _l("Call-backs and notes of the block list for others in which the name stands"),
        "stays",
        _l("Nobody but a person can tell who is meant. Look for the name there, and change them."),
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
    yield "callcenter.names", names_shown.count(session, person, _calls(person))
    yield "callcenter.callbacks", batches.count(session, Callback, _callbacks(person))
    yield "callcenter.remembered", batches.count(session, RememberedRow, _remembered(person))
    yield "callcenter.orders", batches.count(session, DialOrderRow, DialOrderRow.target_e164.in_(person.own))
    yield "callcenter.unread", len(list(unread(session, person.own)))
    yield "callcenter.doubtful", len(_doubtful(session, person))
    blocked = batches.count(session, BlockEntry, _blocked(person))
    yield "callcenter.unblocked" if removal.unblock else "callcenter.blocked", blocked
    yield "callcenter.rules", _rules(session, person)
    yield "callcenter.mentions", _mentions(session, person)
    yield "callcenter.audit", batches.count(session, AuditEntry, audited(person.numbers))


def remove(removal: Removal) -> Iterator[tuple[str, int]]:
    """Batch by batch. Raises NotYet while a call of this person is under way, or may still be waited for."""
    person = removal.person
    if person.user_id is not None:
        yield from staff_removing.remove(removal, person.user_id)
        return
    yield from _remove_callbacks(person)
    yield from _anonymise(person)
    for names in names_shown.forget(person):
        yield "callcenter.names", names
    for ids in batches.in_batches(select(RememberedRow.id).where(_remembered(person))):
        with transaction() as session:
            remembered = batches.remove_rows(session, RememberedRow, RememberedRow.id.in_(ids))
        yield "callcenter.remembered", remembered
    with transaction() as session:
        batches.remove_rows(session, Rematch, and_(Rematch.number.in_(person.own), ~Rematch.is_stem))
    for ids in batches.in_batches(select(DialOrderRow.id).where(DialOrderRow.target_e164.in_(person.own))):
        with transaction() as session:
            orders = update(DialOrderRow).where(DialOrderRow.id.in_(ids))
            session.execute(orders.values(target_raw="", target_e164=None))
        yield "callcenter.orders", len(ids)
    yield "callcenter.unread", _remove_unread(person)
    yield "callcenter.doubtful", _blank_doubtful(person)
    yield "callcenter.unblocked" if removal.unblock else "callcenter.blocked", _settle_blocks(removal)


def _anonymise(person: Person) -> Iterator[tuple[str, int]]:
    wanted = and_(_calls(person), CALL.c.anonymised_at.is_(None))
    ended = select(CALL.c.id).where(wanted, CALL.c.phase == "ended")
    for ids in batches.in_batches(ended, anonymising.BATCH):
        yield "callcenter.calls", anonymising.anonymise(ids)
    if batches.next_batch(select(CALL.c.id).where(wanted)):
        raise NotYet


def _remove_callbacks(person: Person) -> Iterator[tuple[str, int]]:
    for ids in batches.in_batches(select(Callback.id).where(_callbacks(person))):
        with transaction() as session:
            gone = batches.remove_rows(session, Callback, Callback.id.in_(ids))
            publish(session, CallbacksChanged())
        yield "callcenter.callbacks", gone


def _remove_unread(person: Person) -> int:
    with reading() as session:
        ids = list(unread(session, person.own))
    for start in range(0, len(ids), batches.BATCH):
        with transaction() as session:
            batches.remove_rows(session, Notification, Notification.id.in_(ids[start : start + batches.BATCH]))
    return len(ids)


def _blank_doubtful(person: Person) -> int:
    now = current_app.extensions["durchwahl"].clock.now()
    with reading() as session:
        ids = _doubtful(session, person)
    with transaction() as session:
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
    return concerned(person, person.own, CALL.c.remote_e164, CALL.c.address_id, CALL.c.contact_id)


def _callbacks(person: Person) -> ColumnElement[bool]:
    columns = (Callback.e164, Callback.address_id, Callback.contact_id)
    return concerned(person, person.own, *columns, together=False)


def _remembered(person: Person) -> ColumnElement[bool]:
    return concerned(person, person.own, RememberedRow.number, RememberedRow.address_id, RememberedRow.contact_id)


def concerned(
    person: Person,
    numbers: Collection[str],
    number: Any,
    address_id: Any,
    contact_id: Any,
    *,
    together: bool = True,
) -> ColumnElement[bool]:
    """Rows with one of these numbers, or with the address or the contact; never NULL.

    ``together``: who names a contact names his address, too. A contact stays there, and by it there is an index.
    """
    his = same(contact_id, person.contact_id)
    if together and person.company_id is not None:
        his = and_(same(address_id, person.company_id), his)
    return or_(among(number, numbers), same(address_id, person.address_id), his)


def audited(numbers: Collection[str]) -> ColumnElement[bool]:
    """Entries of the audit log about these numbers: what was dialled, and changes such as of the block list."""
    written = [*numbers, *map(home.format_display, numbers)]
    changes = (AuditEntry.before, AuditEntry.after)
    named = (text.contains(one, autoescape=True) for text in changes for one in written)
    return or_(among(AuditEntry.number, numbers), *named)


def _mentions(session: Session, person: Person) -> int:
    """Call-backs and entries of the block list of others in whose texts he stands."""
    names = sorted(name for name in person.names if len(name) >= SHORTEST_NAME)
    texts = (Callback.name, Callback.reason, Callback.comment)
    callbacks = or_(false(), *(text.icontains(name, autoescape=True) for text in texts for name in names))
    notes = or_(false(), *(BlockEntry.note.icontains(name, autoescape=True) for name in names))
    others = batches.count(session, Callback, and_(callbacks, ~_callbacks(person)))
    return others + batches.count(session, BlockEntry, and_(notes, ~_blocked(person)))


def _blocked(person: Person) -> ColumnElement[bool]:
    # Ranges and beginnings tell of nobody in particular.
    return and_(BlockEntry.kind == "exact", among(BlockEntry.low, person.own))


def _rules(session: Session, person: Person) -> int:
    rules = session.execute(select(ControlRule.conditions, ControlRule.action))
    settings = connection.settings()
    written = [*settings.dial_allowed, *settings.dial_blocked, *(f"{row.conditions} {row.action}" for row in rules)]
    return sum(any(number in text for number in person.own) for text in written)


def unread(session: Session, numbers: Collection[str]) -> Iterator[int]:
    """Notifications that belong to no call, in which one of the numbers stands."""
    query = select(Notification.id, Notification.body, Notification.query).where(Notification.call_id.is_(None))
    for notification_id, body, asked in session.execute(query.execution_options(yield_per=batches.BATCH)):
        told = unquote_plus(f"{bytes(body).decode('utf-8', 'replace')} {asked}")
        if any(e164_of(home.classify(run.strip())) in numbers for run in _RUN.findall(told)):
            yield notification_id


def _doubtful(session: Session, person: Person) -> list[int]:
    query = select(DoubtfulEntry.id, DoubtfulEntry.remote).where(DoubtfulEntry.remote.is_not(None))
    return [row.id for row in session.execute(query) if e164_of(home.classify(row.remote)) in person.own]
