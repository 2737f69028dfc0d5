"""Which personal data of addresses grow old, and what goes with the calls of others."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import datetime

from flask_babel import lazy_gettext as _l
from sqlalchemy import ColumnElement, and_, delete, func, select, update
from sqlalchemy.orm import Session

from app.core.database import reading, transaction
from app.core.kernel import ModuleSetup
from app.core.privacy.kinds import RetentionKind
from app.modules.addresses import personal_data
from app.modules.addresses.models import Note, NoteDraft
from app.modules.addresses.settings import AddressSettings

#: Notes in one transaction.
BATCH = 200
MOST_DAYS = 7300


def install(setup: ModuleSetup) -> None:
    """Declare the kinds."""
    setup.persons(personal_data.SOURCE)
    setup.retention(
        RetentionKind(
            "addresses.notes",
            _l("Notes and phone notes"),
            _l(
                "They go for good; what tax and commercial law demands to be kept, six or ten years, may be among them."
            ),
            "removed",
            AddressSettings,
            "note_days",
            (30, MOST_DAYS),
            _count_notes,
            _delete_notes,
        ),
        RetentionKind(
            "addresses.deleted_notes",
            _l("Deleted notes"),
            _l("For so long a deleted note can be brought back."),
            "removed",
            AddressSettings,
            "deleted_note_days",
            (1, MOST_DAYS),
            _count_deleted,
            _purge_deleted,
        ),
    )


def forget_origins(session: Session, origins: Sequence[str]) -> None:
    """What was begun there leads there no longer; drafts, and notes that stand nowhere else, go."""
    session.execute(delete(NoteDraft).where(NoteDraft.origin.in_(origins)))
    # By their origin: SQLite would take the index of addresses, and read all notes that stand at none.
    loose = func.coalesce(Note.address_id, 0) == 0
    session.execute(delete(Note).where(Note.origin.in_(origins), loose).execution_options(synchronize_session=False))
    kept = update(Note).where(Note.origin.in_(origins))
    session.execute(kept.values(origin=None).execution_options(synchronize_session=False))


def _old(until: datetime) -> ColumnElement[bool]:
    return Note.occurred_at < until


def _deleted(until: datetime) -> ColumnElement[bool]:
    return and_(Note.deleted_at.is_not(None), Note.deleted_at < until)


def _count_notes(session: Session, until: datetime) -> int:
    return _count(session, _old(until))


def _delete_notes(until: datetime) -> Iterator[int]:
    return _delete(_old(until))


def _count_deleted(session: Session, until: datetime) -> int:
    return _count(session, _deleted(until))


def _purge_deleted(until: datetime) -> Iterator[int]:
    return _delete(_deleted(until))


def _count(session: Session, condition: ColumnElement[bool]) -> int:
    return session.execute(select(func.count()).select_from(Note).where(condition)).scalar_one()


def _delete(condition: ColumnElement[bool]) -> Iterator[int]:
    while True:
        with reading() as session:
            ids = list(session.execute(select(Note.id).where(condition).order_by(Note.id).limit(BATCH)).scalars())
        if not ids:
            return
        with transaction() as session:
            gone = delete(Note).where(Note.id.in_(ids), condition).returning(Note.id)
            count = len(session.execute(gone).all())
        yield count
