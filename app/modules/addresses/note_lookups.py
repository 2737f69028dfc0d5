"""What the modules from which notes come may ask and say about them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import select, update
from sqlalchemy.orm import Session

from app.core.accounts.models import User
from app.modules.addresses.models import Note
from app.modules.addresses.paths import note_path


@dataclass(frozen=True, slots=True)
class NoteSummary:
    """A note in somebody else's list."""

    id: int
    origin: str
    subject: str
    created_by_name: str
    """Empty when the user no longer exists."""
    occurred_at: datetime
    address_id: int | None
    path: str
    """Where it is seen and edited."""


def notes_of_origins(session: Session, origins: Sequence[str]) -> dict[str, list[NoteSummary]]:
    """The notes that were begun there, oldest first; origins without notes are absent. One query."""
    if not origins:
        return {}
    rows = session.execute(
        select(Note.id, Note.origin, Note.subject, User.name, Note.occurred_at, Note.address_id)
        .outerjoin(User, User.id == Note.created_by)
        .where(Note.origin.in_(list(origins)), Note.deleted_at.is_(None))
        .order_by(Note.id)
    )
    found: dict[str, list[NoteSummary]] = {}
    for note_id, origin, subject, name, occurred_at, address_id in rows:
        if origin is None:  # cannot be: the query asks for origins
            continue
        summary = NoteSummary(note_id, origin, subject, name or "", occurred_at, address_id, note_path(note_id))
        found.setdefault(origin, []).append(summary)
    return found


def set_note_duration(session: Session, origin: str, seconds: int) -> None:
    """The call has ended: note its length where nobody typed one. Changes no version, so nobody's edit conflicts."""
    session.execute(
        update(Note)
        .where(Note.origin == origin, Note.kind == "phone", Note.duration_by_hand.is_(False))
        .values(duration_seconds=seconds)
        .execution_options(synchronize_session=False)
    )
