"""The table of calls that are there no longer."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import String
from sqlalchemy.orm import Mapped, mapped_column

from app.core.database import Base, UTCDateTime


class PurgedCall(Base):
    """A call that was purged: nothing of it but a keyed hash of its id, so that no repetition brings it back."""

    __tablename__ = "callcenter_purged_call"
    digest: Mapped[str] = mapped_column(String(64), primary_key=True)
    purged_at: Mapped[datetime] = mapped_column(UTCDateTime, index=True)
