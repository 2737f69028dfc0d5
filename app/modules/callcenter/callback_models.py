"""Tables of call-backs: tasks to call somebody, and the calls that belong to them."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import ForeignKey, Index, String, Text
from sqlalchemy.orm import Mapped, mapped_column

from app.core.database import Base, UTCDateTime


class Callback(Base):
    """A task to call somebody. ``missed`` ones make and close themselves, ``manual`` ones are written by people.

    No foreign key leads to the tables of addresses: the name is kept as it was shown.
    """

    __tablename__ = "callcenter_callback"
    id: Mapped[int] = mapped_column(primary_key=True)
    kind: Mapped[str] = mapped_column(String(8))
    """missed or manual."""
    state: Mapped[str] = mapped_column(String(8), default="open")
    """open or done."""
    number_raw: Mapped[str] = mapped_column(String(200), default="")
    e164: Mapped[str | None] = mapped_column(String(20))
    party: Mapped[str] = mapped_column(String(200), index=True)
    """E.164, else the number as it came: what calls are compared by. Of a message without a number: its call."""
    open_party: Mapped[str | None] = mapped_column(String(200), unique=True)
    """``party`` while a task of missed calls is open, else NULL: one open task a number."""
    line_key: Mapped[str | None] = mapped_column(String(200))
    """Our number that was called last: whose task it is while nobody has it."""
    address_id: Mapped[int | None] = mapped_column(index=True)
    contact_id: Mapped[int | None] = mapped_column()
    name: Mapped[str] = mapped_column(String(400), default="")
    reason: Mapped[str] = mapped_column(String(300), default="")
    comment: Mapped[str] = mapped_column(Text, default="")
    assigned_to: Mapped[int | None] = mapped_column(ForeignKey("core_user.id", ondelete="SET NULL"), index=True)
    due_at: Mapped[datetime | None] = mapped_column(UTCDateTime)
    reminded_at: Mapped[datetime | None] = mapped_column(UTCDateTime)
    misses: Mapped[int] = mapped_column(default=0)
    attempts: Mapped[int] = mapped_column(default=0)
    wanted_at: Mapped[datetime] = mapped_column(UTCDateTime)
    """The last miss; of a manual one when it was made. What is talked later settles it."""
    created_at: Mapped[datetime] = mapped_column(UTCDateTime)
    created_by: Mapped[int | None] = mapped_column(ForeignKey("core_user.id", ondelete="SET NULL"))
    done_at: Mapped[datetime | None] = mapped_column(UTCDateTime)
    done_by: Mapped[int | None] = mapped_column(ForeignKey("core_user.id", ondelete="SET NULL"))
    done_how: Mapped[str | None] = mapped_column(String(12))
    """by_hand, got_through, called_back or withdrawn (it was no missed call after all)."""
    done_call_id: Mapped[int | None] = mapped_column(ForeignKey("callcenter_call.id", ondelete="SET NULL"))
    version: Mapped[int] = mapped_column(default=1)

    __table_args__ = (
        Index("ix_callcenter_callback_state", "state", "wanted_at", "id"),
        Index("ix_callcenter_callback_due", "state", "due_at"),
    )


class CallbackCall(Base):
    """A call that belongs to a task: a miss that made it, or an attempt to call back."""

    __tablename__ = "callcenter_callback_call"
    callback_id: Mapped[int] = mapped_column(ForeignKey("callcenter_callback.id", ondelete="CASCADE"), primary_key=True)
    call_id: Mapped[int] = mapped_column(
        ForeignKey("callcenter_call.id", ondelete="CASCADE"), primary_key=True, index=True
    )
    deed: Mapped[str] = mapped_column(String(12))
    """missed or tried."""
    at: Mapped[datetime] = mapped_column(UTCDateTime)
