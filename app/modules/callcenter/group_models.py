"""Tables of groups of users, and of who took calls that were passed on."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import ForeignKey, Index, String
from sqlalchemy.orm import Mapped, mapped_column

from app.core.database import Base, UTCDateTime


class Group(Base):
    """Users who answer the same lines, such as *Verkauf*. ``name_key``: names match ignoring case."""

    __tablename__ = "callcenter_group"
    id: Mapped[int] = mapped_column(primary_key=True)
    name: Mapped[str] = mapped_column(String(80))
    name_key: Mapped[str] = mapped_column(String(160), unique=True)


class GroupMember(Base):
    """Who belongs to a group."""

    __tablename__ = "callcenter_group_member"
    group_id: Mapped[int] = mapped_column(ForeignKey("callcenter_group.id", ondelete="CASCADE"), primary_key=True)
    user_id: Mapped[int] = mapped_column(ForeignKey("core_user.id", ondelete="CASCADE"), primary_key=True, index=True)


class LineGroup(Base):
    """A group whom calls to a line concern."""

    __tablename__ = "callcenter_line_group"
    line_id: Mapped[int] = mapped_column(ForeignKey("callcenter_line.id", ondelete="CASCADE"), primary_key=True)
    group_id: Mapped[int] = mapped_column(
        ForeignKey("callcenter_group.id", ondelete="CASCADE"), primary_key=True, index=True
    )


class CallTaker(Base):
    """A user who took a call that several took, because it was passed on: the one of its ``user_id`` too. Of any other
    call that alone tells it.
    """

    __tablename__ = "callcenter_call_taker"
    user_id: Mapped[int] = mapped_column(ForeignKey("core_user.id", ondelete="CASCADE"), primary_key=True)
    call_id: Mapped[int] = mapped_column(
        ForeignKey("callcenter_call.id", ondelete="CASCADE"), primary_key=True, index=True
    )
    received_at: Mapped[datetime] = mapped_column(UTCDateTime)
    """As the call's, so that the newest are found first."""
    line_key: Mapped[str | None] = mapped_column(String(200))
    """As the call's, so that those on a line are."""
    other_id: Mapped[int] = mapped_column(default=0, server_default="0")
    """The other user where just two are known to have taken it, else 0: tells where the calls of two are found. That he
    took it his own row says, as he may be gone."""

    __table_args__ = (
        Index("ix_callcenter_call_taker_received", "user_id", "received_at", "call_id"),
        Index("ix_callcenter_call_taker_other", "user_id", "other_id", "received_at", "call_id"),
        Index("ix_callcenter_call_taker_line", "user_id", "line_key", "received_at", "call_id"),
    )
