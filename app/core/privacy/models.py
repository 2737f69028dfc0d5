"""The table of the run that lets old personal data go."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import String, Text
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
