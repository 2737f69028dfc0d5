"""Calls and reports as they lie in the database, and as the domain sees them.

Rows are read as plain values, never as ORM entities: this stands on the way of every notification.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, and_
from sqlalchemy.orm import Session

from app.core.values import Dialable, Internal, Party, SipUser, Unverified, Withheld, e164_of
from app.modules.callcenter import accounts, statements
from app.modules.callcenter.domain.belonging import belonging
from app.modules.callcenter.domain.calls import Call, Phase
from app.modules.callcenter.domain.choices import Choice, Scope
from app.modules.callcenter.domain.events import CallEvent, Direction, EventKind, Outcome, ProviderEvent
from app.modules.callcenter.home import classify
from app.modules.callcenter.statements import CALL as CALL

#: The text of no choices, as nearly every call has it, and of no matches.
NO_CHOICES = NOBODY = "[]"


@dataclass(frozen=True, slots=True)
class StoredCall:
    """A row of calls. The fields are the columns."""

    id: int
    connection: str
    provider: str
    external_id: str
    version: int
    direction: str | None
    phase: str
    outcome: str | None
    provisional: bool
    missed: bool
    remote_kind: str | None
    remote_raw: str | None
    remote_e164: str | None
    line_raw: str | None
    line_key: str | None
    peer: str | None
    answered_by: str
    user_id: int | None
    received_at: datetime
    answered_at: datetime | None
    ended_at: datetime | None
    waiting_seconds: int | None
    talk_seconds: int | None
    grade: str
    matches: str
    address_id: int | None
    contact_id: int | None
    assigned_by: int | None
    choices: str
    decision: str | None
    added_at: datetime | None
    anonymised_at: datetime | None
    control: str | None = None
    passed_on: bool = False

    @property
    def origin(self) -> str:
        """What notes name as the place where they were begun."""
        return f"call:{self.id}"

    @property
    def remote(self) -> Party | None:
        """The far party; None where nobody told, and once the call is anonymised."""
        if self.anonymised_at is not None:
            return None
        return _party(self.remote_kind, self.remote_raw, self.remote_e164)

    @property
    def known(self) -> list[dict[str, Any]]:
        """Who it may be, as found last (see ``recognition``)."""
        found: list[dict[str, Any]] = json.loads(self.matches) if self.matches != NOBODY else []
        return found

    @property
    def chosen(self) -> tuple[Choice, ...]:
        """Which of them somebody chose, and for whom."""
        return choices_of(self.choices)


def stored(row: Mapping[Any, Any]) -> StoredCall:
    """A selected row of ``CALL``."""
    return StoredCall(**{str(name): value for name, value in row.items()})


def choices_of(text: str) -> tuple[Choice, ...]:
    """The choices in the text of ``choices_text``."""
    if text == NO_CHOICES:
        return ()
    return tuple(
        Choice(Scope(one["scope"]), one["user"], one["match"], one["by_hand"], one["remembered"], one["change"])
        for one in json.loads(text)
    )


def choices_text(choices: Iterable[Choice]) -> str:
    """Choices as a column keeps them."""
    found = [
        {
            "scope": one.scope.value,
            "user": one.user_id,
            "match": one.match,
            "by_hand": one.by_hand,
            "remembered": one.remembered,
            "change": one.change_id,
        }
        for one in choices
    ]
    return json.dumps(found, ensure_ascii=False)


def number_begins(start: str) -> ColumnElement[bool]:
    """Calls from or to numbers that begin so, as a range of the index.

    The end is made of digits, which every collation orders alike. ``start`` with its plus.
    """
    return and_(CALL.c.remote_e164 >= start, *number_begins_no_later(start))


def number_begins_no_later(start: str) -> tuple[ColumnElement[bool], ...]:
    """The end of that range; none where no number stands behind these in their order."""
    head = start.rstrip("9")
    return (CALL.c.remote_e164 < head[:-1] + str(int(head[-1]) + 1),) if head[1:] else ()


def lock_call(session: Session, connection: str, external_id: str) -> StoredCall | None:
    """The call of this id at the PBX, locked until the end of the transaction."""
    key = {"this_connection": connection, "this_external_id": external_id}
    return _one(statements.LOCK_CALL.mappings(session, key))


def lock_call_by_id(session: Session, call_id: int) -> StoredCall | None:
    """The same by our own number."""
    return _one(statements.LOCK_CALL_BY_ID.mappings(session, {"this_call": call_id}))


def _one(rows: list[dict[str, Any]]) -> StoredCall | None:
    return StoredCall(**rows[0]) if rows else None


def folded_values(call: Call, connection: str) -> dict[str, Any]:
    """The columns that the fold decides."""
    key = line_key(call.line)
    return {
        "direction": call.direction.value if call.direction else None,
        "phase": call.phase.value,
        "outcome": call.outcome.value if call.outcome else None,
        "provisional": call.provisional,
        "missed": call.is_missed,
        "remote_kind": call.remote.kind if call.remote else None,
        "remote_raw": call.remote.raw if call.remote else None,
        "remote_e164": e164_of(call.remote) if call.remote else None,
        "line_raw": call.line.raw if call.line else None,
        "line_key": belonging(connection, key) if key is not None else None,
        "peer": call.peer,
        "answered_by": json.dumps(list(call.answered_by)),
        "passed_on": len(call.answered_by) > 1,
        "received_at": call.received_at,
        "answered_at": call.answered_at,
        "ended_at": call.ended_at,
        "waiting_seconds": call.waiting_seconds,
        "talk_seconds": call.talk_seconds,
    }


def line_key(line: Party | None) -> str | None:
    """What lines of one connection are compared by: E.164, else digits without blanks; a name in any case."""
    return (e164_of(line) or _unread_key(line.raw)) if line is not None else None


def _unread_key(raw: str) -> str:
    digits = "".join(raw.split())
    return digits if digits.isascii() and digits.isdigit() else " ".join(raw.split()).casefold()


def our_line(event: ProviderEvent, connection: str) -> str | None:
    """Our own number in a report, as it was told; the name of its queue where a line of that name is set up."""
    if event.queue is not None:
        key = line_key(classify(event.queue))
        if key is not None and belonging(connection, key) in accounts.assignments().lines:
            return event.queue
    return event.line


def call_of(row: StoredCall) -> Call:
    """The call again, as far as its row tells: all that ``recipients.audience`` asks for."""
    answered_by: list[str] = json.loads(row.answered_by)
    accounts = tuple(dict.fromkeys(([row.peer] if row.peer else []) + answered_by))
    return Call(
        direction=Direction(row.direction) if row.direction else None,
        phase=Phase(row.phase),
        outcome=Outcome(row.outcome) if row.outcome else None,
        remote=row.remote,
        line=classify(row.line_raw) if row.line_raw is not None else None,
        peers=accounts,
        peer=row.peer,
        started_at=row.received_at,
        answered_at=row.answered_at,
        ended_at=row.ended_at,
        received_at=row.received_at,
        talk_seconds=row.talk_seconds,
        waiting_seconds=row.waiting_seconds,
        provisional=row.provisional,
        answered_by=tuple(answered_by),
    )


def _party(kind: str | None, raw: str | None, e164: str | None) -> Party | None:
    text = raw or ""
    if kind == "dialable" and e164:
        return Dialable(text, e164)
    if kind == "internal":
        return Internal(text)
    if kind == "sip":
        return SipUser(text)
    if kind == "withheld":
        return Withheld(text)
    return Unverified(text) if kind else None


# ------------------------------------------------------------------------------------------------------------ reports

#: What a report says besides its key, in the order in which it is digested.
_CONTENT = ("direction", "remote", "line", "first", "second", "talk_seconds")


def report_values(event: ProviderEvent, connection: str) -> dict[str, Any]:
    """The columns of a report as the provider of a connection told it, parties still raw."""
    values: dict[str, Any] = {
        "kind": event.kind.value,
        "peer": belonging(connection, event.peer) if event.peer else "",
        "outcome": event.outcome.value if event.outcome else "",
        "direction": event.direction.value if event.direction else None,
        "remote": event.remote,
        "line": our_line(event, connection),
        "first": event.first,
        "second": event.second,
        "talk_seconds": event.talk_seconds,
        "provisional": False,
        "listed": False,
    }
    return {**values, "content": _digest([values[name] for name in _CONTENT])}


def assumed_values(event: CallEvent) -> dict[str, Any]:
    """The columns of an end that we assume. It is none of the reports, so its content is its own."""
    return {
        **dict.fromkeys(_CONTENT),
        "kind": event.kind.value,
        "peer": "",
        "outcome": event.outcome.value if event.outcome else "",
        "received_at": event.received_at,
        "provisional": True,
        "listed": False,
        "content": "assumed",
    }


def report_of(row: Mapping[str, Any], received_at: datetime | None = None) -> CallEvent:
    """A row of reports as the domain reads it. Parties are classified now, so a mended reading counts at once."""
    return CallEvent(
        kind=EventKind(row["kind"]),
        received_at=received_at or row["received_at"],
        direction=Direction(row["direction"]) if row["direction"] else None,
        remote=_classified(row["remote"]),
        line=_classified(row["line"]),
        peer=row["peer"] or None,
        outcome=Outcome(row["outcome"]) if row["outcome"] else None,
        talk_seconds=row["talk_seconds"],
        first=_classified(row["first"]),
        second=_classified(row["second"]),
        provisional=row["provisional"],
    )


def _classified(raw: str | None) -> Party | None:
    return classify(raw) if raw is not None else None


def _digest(content: list[Any]) -> str:
    return hashlib.sha256(json.dumps(content).encode()).hexdigest()[:32]
