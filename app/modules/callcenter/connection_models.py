"""The connections to telephone systems."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import String, Text
from sqlalchemy.orm import Mapped, mapped_column

from app.core.database import Base, UTCDateTime


class ConnectionRow(Base):
    """A connection to a telephone system. It is never deleted: its calls stay readable.

    Settings, accounts and lines name it by its key. Its token lies here twice, and neither leads back to it without the
    SECRET_KEY: as a keyed hash, by which it is found, and encrypted, to show the address again.
    """

    __tablename__ = "callcenter_connection"
    key: Mapped[str] = mapped_column(String(40), primary_key=True)
    provider: Mapped[str] = mapped_column(String(40))
    """Its kind: the key of the provider."""
    name: Mapped[str] = mapped_column(String(80))
    active: Mapped[bool] = mapped_column(default=True)
    token_digest: Mapped[str | None] = mapped_column(String(64), unique=True)
    """NULL for the first connection, whose address has no token."""
    token: Mapped[str | None] = mapped_column(Text)
    created_at: Mapped[datetime] = mapped_column(UTCDateTime)
