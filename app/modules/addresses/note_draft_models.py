"""The table of drafts: notes that somebody has begun and not saved yet."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import ForeignKey, String, Text, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from app.core.database import Base, UTCDateTime


class NoteDraft(Base):
    """What one user has typed into the form of one new note: about a call, an address, or neither."""

    __tablename__ = "addresses_note_draft"
    id: Mapped[int] = mapped_column(primary_key=True)
    user_id: Mapped[int] = mapped_column(ForeignKey("core_user.id", ondelete="CASCADE"))
    about: Mapped[str] = mapped_column(String(100))
    """What the note is about, as ``note_drafts.about_of`` says."""
    open_about: Mapped[str | None] = mapped_column(String(100))
    """``about`` until the draft is discarded, then NULL: one draft a user and subject."""
    kind: Mapped[str] = mapped_column(String(8))
    """phone or note."""
    origin: Mapped[str | None] = mapped_column(String(80))
    address_id: Mapped[int | None] = mapped_column(ForeignKey("addresses_address.id", ondelete="SET NULL"), index=True)
    """The address that the form showed when it was last typed in."""
    submission: Mapped[str] = mapped_column(String(40))
    """What the form is called: all windows with this draft make one note."""
    fields: Mapped[str] = mapped_column(Text)
    """What was typed or chosen, JSON as ``note_merging`` writes it; fields that nobody touched are absent."""
    version: Mapped[int] = mapped_column(default=0)
    created_at: Mapped[datetime] = mapped_column(UTCDateTime)
    updated_at: Mapped[datetime] = mapped_column(UTCDateTime, index=True)
    discarded_at: Mapped[datetime | None] = mapped_column(UTCDateTime)

    __table_args__ = (UniqueConstraint("user_id", "open_about"),)
