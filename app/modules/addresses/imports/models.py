"""Tables of imports: the file in pieces, how it is to be read, how far it has come, what was refused."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import ForeignKey, Index, LargeBinary, String, Text, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from app.core.database import Base, UTCDateTime


class Import(Base):
    """An import that somebody began in the page. See ``states`` for its way."""

    __tablename__ = "addresses_import"
    id: Mapped[int] = mapped_column(primary_key=True)
    file_name: Mapped[str] = mapped_column(String(200))
    size: Mapped[int] = mapped_column()
    """Of the file, in bytes."""
    state: Mapped[str] = mapped_column(String(10))
    version: Mapped[int] = mapped_column(default=1)
    """Raised by whatever changes what would be imported: a start names what its user has seen."""
    plan: Mapped[str] = mapped_column(Text, default="")
    """JSON of ``stored.Planned``: format, headings, assignment, options."""
    totals: Mapped[str] = mapped_column(Text, default="{}")
    """JSON of ``importing.Totals``."""
    seconds_left: Mapped[int | None] = mapped_column()
    created_at: Mapped[datetime] = mapped_column(UTCDateTime)
    created_by: Mapped[int | None] = mapped_column(ForeignKey("core_user.id", ondelete="SET NULL"), index=True)
    queued_at: Mapped[datetime | None] = mapped_column(UTCDateTime)
    started_by: Mapped[int | None] = mapped_column(ForeignKey("core_user.id", ondelete="SET NULL"), index=True)
    ended_at: Mapped[datetime | None] = mapped_column(UTCDateTime)
    ending: Mapped[bool] = mapped_column(default=False)
    """Somebody wants it to end."""
    worker: Mapped[str | None] = mapped_column(String(32))
    """Who works on it, until ``leased_until``; then another may go on."""
    leased_until: Mapped[datetime | None] = mapped_column(UTCDateTime)
    attempts: Mapped[int] = mapped_column(default=0)
    """Begun so often without a batch being stored."""

    __table_args__ = (Index("ix_addresses_import_state", "state", "queued_at"),)


class ImportPiece(Base):
    """A piece of the file, compressed; gone when the import is over."""

    __tablename__ = "addresses_import_piece"
    import_id: Mapped[int] = mapped_column(ForeignKey("addresses_import.id", ondelete="CASCADE"), primary_key=True)
    place: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    content: Mapped[bytes] = mapped_column(LargeBinary)


class ImportFailure(Base):
    """A row that was refused, as it stands in the file; kept for some weeks."""

    __tablename__ = "addresses_import_failure"
    id: Mapped[int] = mapped_column(primary_key=True)
    import_id: Mapped[int] = mapped_column(ForeignKey("addresses_import.id", ondelete="CASCADE"))
    line: Mapped[int] = mapped_column()
    cells: Mapped[str] = mapped_column(Text)
    """JSON."""
    problems: Mapped[str] = mapped_column(Text)
    """JSON of ``rows.Problem``."""

    __table_args__ = (UniqueConstraint("import_id", "line"),)
