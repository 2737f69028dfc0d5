"""The table of the audit log. Rows are added and never changed.

The database itself refuses UPDATE, and DELETE of rows that are younger than a year, by triggers that the migration
makes (SQLite loses them when a migration copies the table: make them again there). No foreign key leads out of it: what
was done stays done by whoever is gone.
"""

from __future__ import annotations

from datetime import datetime, timedelta

from sqlalchemy import Index, String, Text
from sqlalchemy.orm import Mapped, mapped_column

from app.core.database import Base, UTCDateTime

#: The database refuses to delete what is younger; the job that deletes waits a day longer, as clocks differ.
KEPT = timedelta(days=365)


class AuditEntry(Base):
    """One thing that was done, or refused."""

    __tablename__ = "callcenter_audit"
    id: Mapped[int] = mapped_column(primary_key=True)
    at: Mapped[datetime] = mapped_column(UTCDateTime, index=True)
    kind: Mapped[str] = mapped_column(String(10))
    """``order``: given, the PBX is asked next; ``refused``: by our rules; ``result``: what came of an order;
    ``change``: of rules or settings."""
    user_id: Mapped[int | None]
    """Who; NULL for a command, or for what came by itself."""
    user_name: Mapped[str] = mapped_column(String(200), default="")
    """As it was then."""
    order_id: Mapped[int | None] = mapped_column(index=True)
    account: Mapped[str | None] = mapped_column(String(200))
    number: Mapped[str | None] = mapped_column(String(200))
    """E.164 where it can be read as one, else as typed."""
    result: Mapped[str] = mapped_column(String(10), default="")
    """What ``DialState`` lists; ``ordered`` of an order."""
    code: Mapped[str] = mapped_column(String(40), default="")
    """Why, as ``DialResult.code``."""
    rule: Mapped[str] = mapped_column(String(80), default="")
    """Which rule decided, as ``Verdict.rule``."""
    before: Mapped[str | None] = mapped_column(Text)
    """JSON, of a change: the settings that changed, secrets only as set or not."""
    after: Mapped[str | None] = mapped_column(Text)

    __table_args__ = (
        Index("ix_callcenter_audit_user", "user_id", "id"),
        Index("ix_callcenter_audit_kind", "kind", "id"),
    )
