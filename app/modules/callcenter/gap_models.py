"""Tables of what was read in the telephone system's own lists of calls."""

from __future__ import annotations

from datetime import date, datetime

from sqlalchemy import Date, ForeignKey, Index, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from app.core.database import Base, UTCDateTime


class Comparison(Base):
    """A day's list, compared with the calls that are known. One row a day: the last time counts."""

    __tablename__ = "callcenter_comparison"
    id: Mapped[int] = mapped_column(primary_key=True)
    connection: Mapped[str] = mapped_column(String(40))
    day: Mapped[date] = mapped_column(Date)
    """As the PBX counts days."""
    compared_at: Mapped[datetime] = mapped_column(UTCDateTime)
    listed: Mapped[int] = mapped_column(default=0)
    added: Mapped[int] = mapped_column(default=0)
    """Calls added so far, less those that were withdrawn."""
    completed: Mapped[int] = mapped_column(default=0)
    """Calls whose missing end the list told."""
    error: Mapped[str | None] = mapped_column(String(40))
    """Code of the PBX's error the last time; the counts are those of the time before."""

    __table_args__ = (UniqueConstraint("connection", "day"),)


class DoubtfulEntry(Base):
    """An entry of a list that is left for a person: it may be a call that is known."""

    __tablename__ = "callcenter_doubtful_entry"
    id: Mapped[int] = mapped_column(primary_key=True)
    connection: Mapped[str] = mapped_column(String(40))
    day: Mapped[date] = mapped_column(Date)
    key: Mapped[str] = mapped_column(String(80))
    """What it is recognised by the next time."""
    at: Mapped[datetime] = mapped_column(UTCDateTime)
    direction: Mapped[str] = mapped_column(String(3))
    remote: Mapped[str | None] = mapped_column(String(200))
    """As the PBX wrote it."""
    line: Mapped[str | None] = mapped_column(String(200))
    outcome: Mapped[str] = mapped_column(String(12))
    talk_seconds: Mapped[int]
    account: Mapped[str | None] = mapped_column(String(200))
    doubt: Mapped[str] = mapped_column(String(10))
    state: Mapped[str] = mapped_column(String(8), default="open")
    """open, added or dropped."""
    decided_by: Mapped[int | None] = mapped_column(ForeignKey("core_user.id", ondelete="SET NULL"))
    decided_at: Mapped[datetime | None] = mapped_column(UTCDateTime)

    __table_args__ = (
        UniqueConstraint("connection", "key"),
        Index("ix_callcenter_doubtful_entry_state", "state", "at"),
    )
