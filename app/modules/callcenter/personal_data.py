"""What calls and all that belongs to them tell about one person, for whoever asks what is stored about him."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

from flask_babel import gettext as _
from sqlalchemy import ColumnElement, select
from sqlalchemy.orm import Session

from app.core import phones
from app.core.accounts.models import User
from app.core.privacy.persons import Chapter, Person, PersonSource
from app.core.privacy.unhurried import unhurried
from app.core.values import e164_of
from app.modules.addresses import api as addresses
from app.modules.callcenter import former, home, removing, staff_data
from app.modules.callcenter.models import (
    AuditEntry,
    BlockEntry,
    Callback,
    CallChange,
    DialOrderRow,
    DoubtfulEntry,
    Notification,
    RememberedRow,
)
from app.modules.callcenter.statements import REPORT
from app.modules.callcenter.stored import CALL, StoredCall, stored
from app.modules.callcenter.views.call_words import state_words

_NUMBER = "number-"
Headings = tuple[str, ...]


def find(session: Session, text: str) -> list[Person]:
    """Whoever has this number, be he known or not."""
    if not any(sign.isdigit() for sign in text):
        return []
    e164 = e164_of(phones.dialable_target(text, home.region()))
    return [_of(session, e164)] if e164 is not None else []


def resolve(session: Session, key: str) -> Person | None:
    """The number of a key."""
    number = key.removeprefix(_NUMBER)
    plausible = key.startswith(f"{_NUMBER}+") and number[1:].isascii() and number[1:].isdigit() and len(number) <= 20
    return _of(session, number) if plausible else None


def tell(session: Session, person: Person) -> Iterator[Chapter]:
    """Calls, their reports and history, call-backs, remembered choices, orders, audit log, raw notifications."""
    if person.user_id is not None:
        yield from staff_data.tell(session, person.user_id)
        return
    condition = removing.concerned(person, person.numbers, CALL.c.remote_e164, CALL.c.address_id, CALL.c.contact_id)
    mine = select(CALL.c.id).where(condition)
    yield _calls(session, condition)
    yield _reports(session, mine)
    yield _changes(session, mine)
    yield _callbacks(session, person)
    yield _remembered(session, person)
    yield _blocked(session, person)
    yield _orders(session, person)
    yield _audit(session, person)
    yield _notifications(session, _("Raw notifications"), Notification.call_id.in_(mine))
    unread = list(removing.unread(session, person.numbers))
    yield _notifications(session, _("Raw notifications that could not be read"), Notification.id.in_(unread))
    calls = session.execute(mine).scalars()
    yield addresses.drafts_at(session, {f"call:{call_id}" for call_id in calls})
    yield _doubtful(session, person)


SOURCE = PersonSource(
    tell,
    find,
    resolve,
    former=former.former,
    held=former.held,
    parts=removing.PARTS,
    plan=removing.plan,
    remove=removing.remove,
)


def _of(session: Session, e164: str) -> Person:
    number = frozenset({e164})
    return Person(f"{_NUMBER}{e164}", home.format_display(e164), number, shared=addresses.held_numbers(session, number))


def _calls(session: Session, condition: ColumnElement[bool]) -> Chapter:
    query = (
        select(CALL, User.name.label("user_name"))
        .outerjoin(User, User.id == CALL.c.user_id)
        .where(condition)
        .order_by(CALL.c.received_at, CALL.c.id)
    )
    rows = []
    for row in unhurried(session.execute(query).mappings()):
        user_name = row["user_name"]
        call = stored({name: value for name, value in row.items() if name != "user_name"})
        rows.append(_call(call, user_name))
    headings = (
        _("No."),
        _("Time"),
        _("Direction"),
        _("State"),
        _("Phone number"),
        _("Shown as"),
        _("Line"),
        _("User"),
        _("Seconds until the answer"),
        _("Seconds of the conversation"),
    )
    return Chapter(_("Calls"), headings, tuple(rows))


def _call(call: StoredCall, user_name: str | None) -> tuple[Any, ...]:
    return (
        call.id,
        call.received_at,
        {"in": _("incoming"), "out": _("outgoing")}.get(call.direction or "", ""),
        state_words(call).title,
        call.remote_raw,
        ", ".join(str(match["name"]) for match in call.known),
        call.line_raw,
        user_name,
        call.waiting_seconds,
        call.talk_seconds,
    )


def _reports(session: Session, mine: Any) -> Chapter:
    names = ("call_id", "received_at", "kind", "outcome", "peer", "remote", "line", "first", "second")
    query = select(*(REPORT.c[name] for name in names)).where(REPORT.c.call_id.in_(mine)).order_by(REPORT.c.id)
    headings = (
        _("No. of the call"),
        _("Time"),
        _("Report"),
        _("Result"),
        _("Account"),
        _("Phone number"),
        _("Line"),
        _("First number"),
        _("Second number"),
    )
    return Chapter(_("Reports of calls"), headings, _rows(session, query))


def _changes(session: Session, mine: Any) -> Chapter:
    query = select(CallChange.call_id, CallChange.changed_at, CallChange.before, CallChange.after)
    rows = session.execute(query.where(CallChange.call_id.in_(mine)).order_by(CallChange.id))
    told = tuple((call_id, at, _names(before), _names(after)) for call_id, at, before, after in rows)
    return Chapter(_("Names that calls showed"), (_("No. of the call"), _("Time"), _("Before"), _("After")), told)


def _names(kept: str) -> str:
    return ", ".join(str(one["name"]) for one in json.loads(kept)["names"])


def _callbacks(session: Session, person: Person) -> Chapter:
    query = (
        select(
            Callback.created_at,
            Callback.number_raw,
            Callback.name,
            Callback.reason,
            Callback.comment,
            User.name,
            Callback.due_at,
            Callback.done_at,
        )
        .outerjoin(User, User.id == Callback.assigned_to)
        .where(
            removing.concerned(
                person,
                person.numbers,
                Callback.e164,
                Callback.address_id,
                Callback.contact_id,
                together=False,
            )
        )
        .order_by(Callback.id)
    )
    headings = (
        _("Time"),
        _("Phone number"),
        _("Name"),
        _("Reason"),
        _("Comment"),
        _("Assigned to"),
        _("Due"),
        _("Done"),
    )
    return Chapter(_("Call-backs"), headings, _rows(session, query))


def _remembered(session: Session, person: Person) -> Chapter:
    query = (
        select(RememberedRow.chosen_at, RememberedRow.number, RememberedRow.name, RememberedRow.company, User.name)
        .outerjoin(User, User.id == RememberedRow.chosen_by)
        .where(
            removing.concerned(
                person, person.numbers, RememberedRow.number, RememberedRow.address_id, RememberedRow.contact_id
            )
        )
        .order_by(RememberedRow.id)
    )
    headings = (_("Time"), _("Phone number"), _("Name"), _("Company"), _("Chosen by"))
    return Chapter(_("Remembered choices"), headings, _rows(session, query))


def _blocked(session: Session, person: Person) -> Chapter:
    headings = (_("Time"), _("Phone number"), _("Note"), _("User"))
    query = (
        select(BlockEntry.created_at, BlockEntry.low, BlockEntry.note, User.name)
        .outerjoin(User, User.id == BlockEntry.created_by)
        # Ranges and beginnings tell of nobody in particular.
        .where(BlockEntry.kind == "exact", BlockEntry.low.in_(person.numbers))
        .order_by(BlockEntry.id)
    )
    return Chapter(_("Block list"), headings, _rows(session, query))


def _orders(session: Session, person: Person) -> Chapter:
    query = (
        select(DialOrderRow.created_at, DialOrderRow.target_raw, User.name, DialOrderRow.state)
        .join(User, User.id == DialOrderRow.user_id)
        .where(DialOrderRow.target_e164.in_(person.numbers))
        .order_by(DialOrderRow.id)
    )
    headings = (_("Time"), _("Phone number"), _("User"), _("Result"))
    return Chapter(_("Numbers dialled by click"), headings, _rows(session, query))


def _audit(session: Session, person: Person) -> Chapter:
    query = (
        select(AuditEntry.at, AuditEntry.kind, AuditEntry.number, AuditEntry.user_name, AuditEntry.result)
        .where(removing.audited(person.numbers))
        .order_by(AuditEntry.id)
    )
    headings = (_("Time"), _("Kind"), _("Phone number"), _("User"), _("Result"))
    return Chapter(_("Audit log"), headings, _rows(session, query))


def _notifications(session: Session, title: str, condition: ColumnElement[bool]) -> Chapter:
    query = (
        select(Notification.received_at, Notification.call_id, Notification.body)
        .where(condition)
        .order_by(Notification.id)
    )
    rows = tuple(
        (at, call_id, bytes(body).decode("utf-8", "replace")) for at, call_id, body in unhurried(session.execute(query))
    )
    return Chapter(title, (_("Time"), _("No. of the call"), _("Content")), rows)


def _doubtful(session: Session, person: Person) -> Chapter:
    query = select(DoubtfulEntry.at, DoubtfulEntry.remote, DoubtfulEntry.line).order_by(DoubtfulEntry.id)
    found = [row for row in session.execute(query) if e164_of(home.classify(row.remote)) in person.numbers]
    headings = (_("Time"), _("Phone number"), _("Line"))
    return Chapter(_("Unclear entries of the telephone system's list"), headings, tuple(tuple(row) for row in found))


def _rows(session: Session, query: Any) -> tuple[tuple[Any, ...], ...]:
    return tuple(tuple(row) for row in unhurried(session.execute(query)))
