"""The tables of the run that lets old personal data go, and of persons that are removed."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import ForeignKey, String, Text
from sqlalchemy.orm import Mapped, mapped_column

from app.core.database import Base, UTCDateTime


class RetentionRun(Base):
    """The last run, and the lease of the one that is under way. One row."""

    __tablename__ = "core_retention_run"
    name: Mapped[str] = mapped_column(String(20), primary_key=True)
    lease_until: Mapped[datetime] = mapped_column(UTCDateTime)
    holder: Mapped[str] = mapped_column(String(32))
    started_at: Mapped[datetime | None] = mapped_column(UTCDateTime)
    finished_at: Mapped[datetime | None] = mapped_column(UTCDateTime)
    """NULL while it is under way, and of one that was broken off: the next goes on."""
    counts: Mapped[str] = mapped_column(Text)
    """JSON: how many by kind."""


class RemovalRow(Base):
    """A person who is to be removed. Once he is, it tells who did it when, and how much there was, and not whom."""

    __tablename__ = "core_removal"
    id: Mapped[int] = mapped_column(primary_key=True)
    submission: Mapped[str] = mapped_column(String(64), unique=True)
    """What the form was called: sent twice, it is one removal."""
    open_key: Mapped[str | None] = mapped_column(String(80), unique=True)
    """``Person.key`` until he is removed: one removal of a person at a time."""
    kind: Mapped[str] = mapped_column(String(20))
    """What ``Person.key`` begins with."""
    removal: Mapped[str] = mapped_column(Text)
    """JSON: whom, and what was chosen; empty once it is done."""
    asked_at: Mapped[datetime] = mapped_column(UTCDateTime, index=True)
    asked_by: Mapped[int | None] = mapped_column(ForeignKey("core_user.id", ondelete="SET NULL"))
    """NULL for a command."""
    lease_until: Mapped[datetime] = mapped_column(UTCDateTime)
    holder: Mapped[str] = mapped_column(String(32), default="")
    waits: Mapped[bool] = mapped_column(default=False)
    """Something under way has to end first."""
    counts: Mapped[str] = mapped_column(Text, default="{}")
    """JSON: how much of each part."""
    finished_at: Mapped[datetime | None] = mapped_column(UTCDateTime)
