"""Tables of the callcenter.

No foreign key leads to the tables of addresses: a call keeps the names that were shown at the time, and addresses may
be restored, merged or removed without touching the history of calls.
"""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import ForeignKey, Index, LargeBinary, String, Text, UniqueConstraint, false, text
from sqlalchemy.orm import Mapped, mapped_column

from app.core.database import Base, UTCDateTime
from app.modules.callcenter.audit_models import AuditEntry as AuditEntry
from app.modules.callcenter.callback_models import Callback as Callback
from app.modules.callcenter.callback_models import CallbackCall as CallbackCall
from app.modules.callcenter.connection_models import ConnectionRow as ConnectionRow
from app.modules.callcenter.control_models import BlockEntry as BlockEntry
from app.modules.callcenter.control_models import ControlRule as ControlRule
from app.modules.callcenter.domain.belonging import FIRST_CONNECTION as FIRST_CONNECTION
from app.modules.callcenter.gap_models import Comparison as Comparison
from app.modules.callcenter.gap_models import DoubtfulEntry as DoubtfulEntry
from app.modules.callcenter.group_models import CallTaker as CallTaker
from app.modules.callcenter.group_models import Group as Group
from app.modules.callcenter.group_models import GroupMember as GroupMember
from app.modules.callcenter.group_models import LineGroup as LineGroup
from app.modules.callcenter.purged_models import PurgedCall as PurgedCall

#: The condition on calls with somebody outside of whom nobody is known: an index's too, so written in one way only.
UNKNOWN_PARTY = "grade = 'none' AND remote_kind IN ('dialable', 'unverified')"

#: How numbers begin: with so many signs, each an index of its own. They tell country, area, and a part of it.
NUMBER_HEAD_LENGTHS = (3, 6, 8)
#: What is checked on a walk along all calls: in the index, so that no row is read in vain.
_CHECKED = ("direction", "line_key", "user_id", "missed", "grade", "remote_kind", "passed_on")


def number_head(length: int) -> str:
    """The beginning of so many signs: an index's too, written in one way only."""
    return f"substr(remote_e164, 1, {length})"


def _part(name: str, condition: str, *columns: str) -> Index:
    """An index of the calls to which this applies. SQLite has no booleans, and knows its own spelling only."""
    on_sqlite = f"{condition} = 1" if condition.isidentifier() else condition
    return Index(name, *columns, sqlite_where=text(on_sqlite), postgresql_where=text(condition))


class Notification(Base):
    """What a PBX posted, exactly as it came: the inbox. Committed before it is understood."""

    __tablename__ = "callcenter_notification"
    id: Mapped[int] = mapped_column(primary_key=True)
    connection: Mapped[str] = mapped_column(String(40))
    provider: Mapped[str] = mapped_column(String(40))
    received_at: Mapped[datetime] = mapped_column(UTCDateTime, index=True)
    remote_addr: Mapped[str] = mapped_column(String(64), default="")
    query: Mapped[str] = mapped_column(Text, default="")
    headers: Mapped[str] = mapped_column(Text, default="{}")
    """JSON; only those that a parser may need (content-type)."""
    body: Mapped[bytes] = mapped_column(LargeBinary)
    state: Mapped[str] = mapped_column(String(16), default="new")
    """new, processed, repeated, unsupported, malformed or failed."""
    event: Mapped[str | None] = mapped_column(String(40))
    """What it reported, in our words, for the log: started, answered, ended."""
    reason: Mapped[str | None] = mapped_column(Text)
    attempts: Mapped[int] = mapped_column(default=0)
    next_attempt_at: Mapped[datetime | None] = mapped_column(UTCDateTime)
    call_id: Mapped[int | None] = mapped_column(ForeignKey("callcenter_call.id", ondelete="SET NULL"), index=True)
    answer: Mapped[str | None] = mapped_column(Text)
    spool_key: Mapped[str | None] = mapped_column(String(64))
    """Where it was taken in from the spool: which one it was there, so that it is taken in once."""

    __table_args__ = (
        Index("ix_callcenter_notification_state", "state", "next_attempt_at"),
        # Of the few that have one, for every notification would wait for it.
        Index(
            "uq_callcenter_notification_spool_key",
            "spool_key",
            unique=True,
            sqlite_where=text("spool_key IS NOT NULL"),
            postgresql_where=text("spool_key IS NOT NULL"),
        ),
    )


class Refusal(Base):
    """A request that was not authentic: when, from where, why. Never its content."""

    __tablename__ = "callcenter_refusal"
    id: Mapped[int] = mapped_column(primary_key=True)
    provider: Mapped[str] = mapped_column(String(40))
    connection: Mapped[str | None] = mapped_column(String(40))
    """NULL where none was told apart: its token was wrong."""
    received_at: Mapped[datetime] = mapped_column(UTCDateTime, index=True)
    remote_addr: Mapped[str] = mapped_column(String(64))
    reason: Mapped[str] = mapped_column(String(40))


class CallRow(Base):
    """A call as folded from its events, with who it is and what was decided."""

    __tablename__ = "callcenter_call"
    id: Mapped[int] = mapped_column(primary_key=True)
    connection: Mapped[str] = mapped_column(String(40))
    provider: Mapped[str] = mapped_column(String(40))
    external_id: Mapped[str] = mapped_column(String(200))
    version: Mapped[int] = mapped_column(default=0)
    """Raised by every change: browsers drop older snapshots."""
    direction: Mapped[str | None] = mapped_column(String(3))
    phase: Mapped[str] = mapped_column(String(8))
    outcome: Mapped[str | None] = mapped_column(String(12))
    provisional: Mapped[bool] = mapped_column(default=False)
    missed: Mapped[bool] = mapped_column(default=False)
    remote_kind: Mapped[str | None] = mapped_column(String(10))
    remote_raw: Mapped[str | None] = mapped_column(String(200))
    remote_e164: Mapped[str | None] = mapped_column(String(20))
    line_raw: Mapped[str | None] = mapped_column(String(200))
    line_key: Mapped[str | None] = mapped_column(String(200))
    """E.164 of our number where it is one, else the raw text: what lines are compared by (``domain.belonging``)."""
    peer: Mapped[str | None] = mapped_column(String(200))
    """The account that answered (in) or dialled (out), with its connection (``domain.belonging``)."""
    answered_by: Mapped[str] = mapped_column(Text, default="[]")
    """JSON: all accounts that took an incoming call; several when it was passed on."""
    user_id: Mapped[int | None] = mapped_column(ForeignKey("core_user.id", ondelete="SET NULL"))
    """The user of that account."""
    received_at: Mapped[datetime] = mapped_column(UTCDateTime)
    answered_at: Mapped[datetime | None] = mapped_column(UTCDateTime)
    ended_at: Mapped[datetime | None] = mapped_column(UTCDateTime)
    waiting_seconds: Mapped[int | None]
    talk_seconds: Mapped[int | None]
    grade: Mapped[str] = mapped_column(String(12), default="none")
    matches: Mapped[str] = mapped_column(Text, default="[]")
    """JSON: who it may be, as known when last matched; the names stay when addresses go."""
    address_id: Mapped[int | None]
    contact_id: Mapped[int | None]
    assigned_by: Mapped[int | None] = mapped_column(ForeignKey("core_user.id", ondelete="SET NULL"))
    """Who chose the address by hand for this call; such a call is not looked at again."""
    choices: Mapped[str] = mapped_column(Text, default="[]", server_default="[]")
    """JSON: which of several matches was chosen, by whom and for whom (``domain.choices``)."""
    decision: Mapped[str | None] = mapped_column(String(40))
    """What we answered to the PBX; a repeated request gets the same again."""
    added_at: Mapped[datetime | None] = mapped_column(UTCDateTime)
    """When it was added from the PBX's own list, as nobody had reported it (see ``gaps``)."""
    anonymised_at: Mapped[datetime | None] = mapped_column(UTCDateTime)
    """Since when nothing tells whom it was with (see ``anonymising``)."""
    control: Mapped[str | None] = mapped_column(Text)
    """JSON: which rule decided what, and how long that took (``control_log``); NULL where no rule was asked."""
    passed_on: Mapped[bool] = mapped_column(default=False, server_default=false())
    """Several accounts took it, as ``answered_by`` tells: only then ``CallTaker`` says whose it is too."""

    __table_args__ = (
        UniqueConstraint("connection", "external_id"),
        # Whatever the journal can be narrowed to is found in the order of time (see ``journal_filters``).
        Index("ix_callcenter_call_remote", "remote_e164", "received_at", "id", *_CHECKED),
        Index("ix_callcenter_call_received", "received_at", "id", *_CHECKED, "remote_e164"),
        *(
            Index(
                f"ix_callcenter_call_head_{length}",
                text(number_head(length)),
                *("received_at", "id", *_CHECKED, "remote_e164"),
            )
            for length in NUMBER_HEAD_LENGTHS
        ),
        Index("ix_callcenter_call_phase", "phase", "received_at"),
        Index("ix_callcenter_call_direction", "direction", "received_at", "id"),
        Index("ix_callcenter_call_line", "line_key", "received_at", "id", "direction", "grade", "remote_kind"),
        Index(
            "ix_callcenter_call_user", "user_id", "received_at", "id", "line_key", "direction", "grade", "remote_kind"
        ),
        Index(
            "ix_callcenter_call_user_line",
            *("user_id", "line_key", "received_at", "id", "direction", "grade", "remote_kind"),
        ),
        Index("ix_callcenter_call_address", "address_id", "received_at", "id", *_CHECKED),
        _part("ix_callcenter_call_control", "control IS NOT NULL", "received_at", "id"),
        _part("ix_callcenter_call_missed", "missed", "received_at", "id"),
        _part("ix_callcenter_call_line_missed", "missed", "line_key", "received_at", "id", "grade", "remote_kind"),
        _part("ix_callcenter_call_unknown", UNKNOWN_PARTY, "received_at", "id"),
    )


class CallEventRow(Base):
    """One report about one call. Of repeated reports the earliest is kept.

    Reports that differ in anything are reports of their own: which of them counts is decided by the fold, not by the
    order of their arrival.
    """

    __tablename__ = "callcenter_call_event"
    id: Mapped[int] = mapped_column(primary_key=True)
    call_id: Mapped[int] = mapped_column(ForeignKey("callcenter_call.id", ondelete="CASCADE"))
    notification_id: Mapped[int | None] = mapped_column(
        ForeignKey("callcenter_notification.id", ondelete="SET NULL"), index=True
    )
    kind: Mapped[str] = mapped_column(String(10))
    peer: Mapped[str] = mapped_column(String(200), default="")
    outcome: Mapped[str] = mapped_column(String(12), default="")
    content: Mapped[str] = mapped_column(String(32))
    """Digest of all that the report says besides: part of the key, as wide columns of a key would be slow."""
    received_at: Mapped[datetime] = mapped_column(UTCDateTime)
    direction: Mapped[str | None] = mapped_column(String(3))
    remote: Mapped[str | None] = mapped_column(String(200))
    line: Mapped[str | None] = mapped_column(String(200))
    first: Mapped[str | None] = mapped_column(String(200))
    second: Mapped[str | None] = mapped_column(String(200))
    talk_seconds: Mapped[int | None]
    provisional: Mapped[bool] = mapped_column(default=False)
    listed: Mapped[bool] = mapped_column(default=False, server_default=false())
    """Not reported, but read in the PBX's own list (see ``gaps``)."""

    __table_args__ = (UniqueConstraint("call_id", "kind", "peer", "outcome", "content"),)


class CallChange(Base):
    """Whom a call was said to be with, before and after a change: the names that were shown stay in its history.

    Written with a change only: until the first one, a call shows what it showed when it came.
    """

    __tablename__ = "callcenter_call_change"
    id: Mapped[int] = mapped_column(primary_key=True)
    call_id: Mapped[int] = mapped_column(ForeignKey("callcenter_call.id", ondelete="CASCADE"), index=True)
    changed_at: Mapped[datetime] = mapped_column(UTCDateTime)
    cause: Mapped[str] = mapped_column(String(10))
    """numbers, report, chosen, remembered or undone."""
    scope: Mapped[str | None] = mapped_column(String(4))
    """Of a choice: call, me or all."""
    user_id: Mapped[int | None] = mapped_column(ForeignKey("core_user.id", ondelete="SET NULL"))
    """Who did it, where a person did."""
    for_user_id: Mapped[int | None] = mapped_column(ForeignKey("core_user.id", ondelete="CASCADE"))
    """On whose screen alone; NULL for everybody."""
    before: Mapped[str] = mapped_column(Text)
    """JSON: what was shown until then."""
    after: Mapped[str] = mapped_column(Text)
    """JSON: what is shown since."""
    undo: Mapped[str | None] = mapped_column(Text)
    """JSON: what a choice took the place of."""


class RememberedRow(Base):
    """Who calls from a number that several have: chosen by somebody, for himself or for everybody.

    It takes effect while its person is among several matches of the number, and is kept while not.
    """

    __tablename__ = "callcenter_remembered"
    id: Mapped[int] = mapped_column(primary_key=True)
    number: Mapped[str] = mapped_column(String(20))
    """E.164."""
    user_id: Mapped[int | None] = mapped_column(ForeignKey("core_user.id", ondelete="CASCADE"), index=True)
    """For whom; NULL for everybody."""
    address_id: Mapped[int] = mapped_column(index=True)
    contact_id: Mapped[int | None]
    name: Mapped[str] = mapped_column(String(200))
    """As shown when it was chosen, as is the company."""
    company: Mapped[str] = mapped_column(String(200), default="")
    chosen_by: Mapped[int | None] = mapped_column(ForeignKey("core_user.id", ondelete="SET NULL"))
    chosen_at: Mapped[datetime] = mapped_column(UTCDateTime)
    change_id: Mapped[int | None] = mapped_column(
        ForeignKey("callcenter_call_change.id", ondelete="SET NULL"), index=True
    )
    """The choice on a call with which it was remembered."""

    __table_args__ = (
        UniqueConstraint("number", "user_id"),
        # To the constraint above two NULLs are two users.
        Index(
            "uq_callcenter_remembered_everybody",
            "number",
            unique=True,
            sqlite_where=text("user_id IS NULL"),
            postgresql_where=text("user_id IS NULL"),
        ),
    )


class Rematch(Base):
    """A number, or a stem, whose calls wait to be looked at again; the job works them off."""

    __tablename__ = "callcenter_rematch"
    id: Mapped[int] = mapped_column(primary_key=True)
    number: Mapped[str] = mapped_column(String(20))
    is_stem: Mapped[bool]
    """Every number that begins so is meant."""
    cause: Mapped[str] = mapped_column(String(10))
    user_id: Mapped[int | None] = mapped_column(ForeignKey("core_user.id", ondelete="SET NULL"))
    """Who caused it."""
    queued_at: Mapped[datetime] = mapped_column(UTCDateTime)
    after_id: Mapped[int] = mapped_column(default=0)
    """The calls up to this one are done."""

    __table_args__ = (UniqueConstraint("number", "is_stem"),)


class Account(Base):
    """A SIP user of the PBX that belongs to a user of ours. The one with the lowest position dials."""

    __tablename__ = "callcenter_account"
    id: Mapped[int] = mapped_column(primary_key=True)
    connection: Mapped[str] = mapped_column(String(40))
    uid: Mapped[str] = mapped_column(String(200))
    """Lower case, as in ``777…@fpbx.de``."""
    user_id: Mapped[int] = mapped_column(ForeignKey("core_user.id", ondelete="CASCADE"), index=True)
    position: Mapped[int] = mapped_column(default=0)

    __table_args__ = (UniqueConstraint("connection", "uid"),)


class Line(Base):
    """One of our own numbers that callers dial."""

    __tablename__ = "callcenter_line"
    id: Mapped[int] = mapped_column(primary_key=True)
    connection: Mapped[str] = mapped_column(String(40))
    number: Mapped[str] = mapped_column(String(200))
    key: Mapped[str] = mapped_column(String(200))
    """E.164 where it is one, else as typed, with its connection: compared with ``CallRow.line_key``."""
    name: Mapped[str] = mapped_column(String(200), default="")

    __table_args__ = (UniqueConstraint("connection", "key"),)


class LineUser(Base):
    """Somebody whom calls to a line concern."""

    __tablename__ = "callcenter_line_user"
    line_id: Mapped[int] = mapped_column(ForeignKey("callcenter_line.id", ondelete="CASCADE"), primary_key=True)
    user_id: Mapped[int] = mapped_column(ForeignKey("core_user.id", ondelete="CASCADE"), primary_key=True, index=True)


class KnownPbxUser(Base):
    """An account as the PBX last listed it, so that pages need not ask."""

    __tablename__ = "callcenter_pbx_user"
    connection: Mapped[str] = mapped_column(String(40), primary_key=True)
    uid: Mapped[str] = mapped_column(String(200), primary_key=True)
    name: Mapped[str] = mapped_column(String(200), default="")
    type: Mapped[str] = mapped_column(String(40), default="")
    extension: Mapped[str | None] = mapped_column(String(40))
    caller_id: Mapped[str | None] = mapped_column(String(40))
    online: Mapped[bool | None]
    email: Mapped[str | None] = mapped_column(String(254))
    automatic_prefix: Mapped[str | None] = mapped_column(String(40))
    blocked_prefixes: Mapped[str | None] = mapped_column(String(200))
    seen_at: Mapped[datetime] = mapped_column(UTCDateTime)


class KnownPbxLine(Base):
    """One of our numbers as the PBX last listed it."""

    __tablename__ = "callcenter_pbx_line"
    connection: Mapped[str] = mapped_column(String(40), primary_key=True)
    number: Mapped[str] = mapped_column(String(200), primary_key=True)
    name: Mapped[str] = mapped_column(String(200), default="")
    decides: Mapped[bool | None]
    """Whether its calls wait for our answer; NULL where the PBX does not tell."""
    seen_at: Mapped[datetime] = mapped_column(UTCDateTime)


class DialOrderRow(Base):
    """An order to dial. Stored before the PBX is asked; a repeated click finds it by its key."""

    __tablename__ = "callcenter_dial_order"
    id: Mapped[int] = mapped_column(primary_key=True)
    connection: Mapped[str] = mapped_column(String(40))
    user_id: Mapped[int] = mapped_column(ForeignKey("core_user.id", ondelete="CASCADE"))
    idempotency_key: Mapped[str] = mapped_column(String(80))
    account: Mapped[str | None] = mapped_column(String(200))
    target_raw: Mapped[str] = mapped_column(String(200))
    target_e164: Mapped[str | None] = mapped_column(String(20))
    state: Mapped[str] = mapped_column(String(10))
    """ordered, accepted, refused, failed, unknown, or repeated: the same press as the order ``same_as_id``."""
    error: Mapped[str | None] = mapped_column(String(40))
    created_at: Mapped[datetime] = mapped_column(UTCDateTime, index=True)
    finished_at: Mapped[datetime | None] = mapped_column(UTCDateTime)
    call_id: Mapped[int | None] = mapped_column(ForeignKey("callcenter_call.id", ondelete="SET NULL"), index=True)
    same_as_id: Mapped[int | None] = mapped_column(ForeignKey("callcenter_dial_order.id", ondelete="SET NULL"))

    __table_args__ = (
        UniqueConstraint("user_id", "idempotency_key"),
        Index("ix_callcenter_dial_order_user", "user_id", "created_at"),
        Index("ix_callcenter_dial_order_target", "target_e164"),
    )
