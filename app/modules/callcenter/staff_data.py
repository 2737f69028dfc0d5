"""What calls and all that belongs to them tell about a user of the house, for him when he asks what is stored.

Who was at the other end is that one's, and is left out.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from flask_babel import gettext as _
from sqlalchemy import or_, select
from sqlalchemy.orm import Session

from app.core.privacy.persons import Chapter
from app.modules.callcenter.connections import system_name
from app.modules.callcenter.domain.belonging import FIRST_CONNECTION, plain
from app.modules.callcenter.models import (
    Account,
    AuditEntry,
    Callback,
    CallTaker,
    DialOrderRow,
    Line,
    LineUser,
    RememberedRow,
)
from app.modules.callcenter.stored import CALL, stored
from app.modules.callcenter.views.call_words import state_words


def tell(session: Session, user_id: int) -> Iterator[Chapter]:
    """Telephones, lines, calls, call-backs, orders to dial, remembered choices, entries of the audit log."""
    yield _telephones(session, user_id)
    yield _calls(session, user_id)
    yield _callbacks(session, user_id)
    yield _orders(session, user_id)
    yield _chapter(
        session,
        _("Remembered choices"),
        (_("Time"),),
        select(RememberedRow.chosen_at)
        .where(or_(RememberedRow.user_id == user_id, RememberedRow.chosen_by == user_id))
        .order_by(RememberedRow.id),
    )
    yield _chapter(
        session,
        _("Audit log"),
        (_("Time"), _("Kind"), _("User"), _("Result")),
        select(AuditEntry.at, AuditEntry.kind, AuditEntry.user_name, AuditEntry.result)
        .where(AuditEntry.user_id == user_id)
        .order_by(AuditEntry.id),
    )


def _telephones(session: Session, user_id: int) -> Chapter:
    accounts = session.execute(
        select(Account.uid, Account.connection)
        .where(Account.user_id == user_id)
        .order_by(Account.connection != FIRST_CONNECTION, Account.connection, Account.position)
    )
    lines = session.execute(
        select(Line.number, Line.connection)
        .join(LineUser, LineUser.line_id == Line.id)
        .where(LineUser.user_id == user_id)
        .order_by(Line.connection != FIRST_CONNECTION, Line.connection, Line.id)
    )
    rows = [(_("Account"), uid, system_name(key)) for uid, key in accounts]
    rows += [(_("Line"), number, system_name(key)) for number, key in lines]
    return Chapter(_("Telephones and lines"), (_("Kind"), _("Value"), _("Connection")), tuple(rows))


def _orders(session: Session, user_id: int) -> Chapter:
    query = select(DialOrderRow.created_at, DialOrderRow.account, DialOrderRow.connection, DialOrderRow.state)
    rows = [
        (at, plain(account or ""), system_name(key), state)
        for at, account, key, state in session.execute(
            query.where(DialOrderRow.user_id == user_id).order_by(DialOrderRow.id)
        )
    ]
    return Chapter(_("Numbers dialled by click"), (_("Time"), _("Account"), _("Connection"), _("Result")), tuple(rows))


def _calls(session: Session, user_id: int) -> Chapter:
    taken = select(CallTaker.call_id).where(CallTaker.user_id == user_id)
    query = select(CALL).where(or_(CALL.c.user_id == user_id, CALL.c.id.in_(taken)))
    rows = []
    for row in session.execute(query.order_by(CALL.c.received_at, CALL.c.id)).mappings():
        call = stored(row)
        direction = {"in": _("incoming"), "out": _("outgoing")}.get(call.direction or "", "")
        line = call.line_raw
        system = system_name(call.connection, call.provider)
        rows.append((call.id, call.received_at, direction, state_words(call).title, line, system, call.talk_seconds))
    headings = (
        _("No."),
        _("Time"),
        _("Direction"),
        _("State"),
        _("Line"),
        _("Connection"),
        _("Seconds of the conversation"),
    )
    return Chapter(_("Calls"), headings, tuple(rows))


def _callbacks(session: Session, user_id: int) -> Chapter:
    part = or_(Callback.assigned_to == user_id, Callback.created_by == user_id, Callback.done_by == user_id)
    query = select(Callback.created_at, Callback.state, Callback.due_at, Callback.done_at).where(part)
    headings = (_("Time"), _("State"), _("Due"), _("Done"))
    return _chapter(session, _("Call-backs"), headings, query.order_by(Callback.id))


def _chapter(session: Session, title: str, headings: tuple[str, ...], query: Any) -> Chapter:
    return Chapter(title, headings, tuple(tuple(row) for row in session.execute(query)))
