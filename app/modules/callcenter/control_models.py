"""What an administrator set for call control, and who shall not get through."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import ForeignKey, String, Text, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from app.core.database import Base, UTCDateTime


class ControlRule(Base):
    """A rule of the list, or one that holds when no other does (``domain.call_control``)."""

    __tablename__ = "callcenter_control_rule"
    id: Mapped[int] = mapped_column(primary_key=True)
    connection: Mapped[str] = mapped_column(String(40))
    position: Mapped[int]
    name: Mapped[str] = mapped_column(String(80))
    """Empty for the rule of the block list that an installation begins with: it is called so in the reader's words."""
    active: Mapped[bool] = mapped_column(default=True)
    fallback: Mapped[bool] = mapped_column(default=False)
    conditions: Mapped[str] = mapped_column(Text, default="{}")
    """JSON: those that ask something."""
    action: Mapped[str] = mapped_column(Text)
    """JSON."""


class BlockEntry(Base):
    """Numbers that shall not get through (``domain.block_list``)."""

    __tablename__ = "callcenter_block_entry"
    id: Mapped[int] = mapped_column(primary_key=True)
    connection: Mapped[str] = mapped_column(String(40))
    kind: Mapped[str] = mapped_column(String(6))
    low: Mapped[str] = mapped_column(String(20))
    """Digits behind a plus, as in ``phones.number_key``; so is ``high``."""
    high: Mapped[str] = mapped_column(String(20))
    busy: Mapped[bool] = mapped_column(default=False)
    note: Mapped[str] = mapped_column(String(200), default="")
    expires_at: Mapped[datetime | None] = mapped_column(UTCDateTime)
    created_at: Mapped[datetime] = mapped_column(UTCDateTime)
    created_by: Mapped[int | None] = mapped_column(ForeignKey("core_user.id", ondelete="SET NULL"))

    __table_args__ = (UniqueConstraint("connection", "kind", "low", "high"),)
