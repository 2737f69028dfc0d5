"""Takes away what nobody needs any more: files that never arrived or were never imported, failures, old entries."""

from __future__ import annotations

from datetime import timedelta

from flask import current_app
from sqlalchemy import ColumnElement, delete, or_, select, update

from app.core.database import reading, transaction
from app.modules.addresses.imports.files import remove_file
from app.modules.addresses.imports.states import OPEN, OVER
from app.modules.addresses.imports.stored import FAILURE, IMPORT

#: A file that nobody imports, or an import that failed and that nobody takes up again.
FILE_KEPT = timedelta(days=2)
FAILURES_KEPT = timedelta(days=30)
ENTRY_KEPT = timedelta(days=365)
#: Failures that one transaction removes.
REMOVED_AT_ONCE = 500


def drop_given_up() -> None:
    """Forget files that broke off on their way, and what is left of those that somebody discarded."""
    now = current_app.extensions["durchwahl"].clock.now()
    _forget((IMPORT.c.state == "arriving") & or_(IMPORT.c.leased_until.is_(None), IMPORT.c.leased_until < now))


def tidy() -> None:
    """Remove what is too old; in short transactions."""
    drop_given_up()
    now = current_app.extensions["durchwahl"].clock.now()
    age = IMPORT.c.created_at
    _forget(
        or_(
            IMPORT.c.state.in_(OPEN) & (age < now - FILE_KEPT),
            IMPORT.c.state.in_(OVER) & (age < now - ENTRY_KEPT),
        )
    )
    for import_id in _ids(IMPORT.c.state.in_(OVER) & (IMPORT.c.ended_at < now - FAILURES_KEPT)):
        _remove_failures(import_id)
    for import_id in _ids((IMPORT.c.state == "failed") & (IMPORT.c.ended_at < now - FILE_KEPT)):
        with transaction() as session:
            # Nobody can take it up again without its file.
            this = (IMPORT.c.id == import_id, IMPORT.c.state == "failed")
            session.execute(update(IMPORT).where(*this).values(state="cancelled"))
        remove_file(import_id)
    for import_id in _ids(IMPORT.c.state.in_(("done", "cancelled"))):
        remove_file(import_id)  # whoever ended it may have died before


def _forget(unwanted: ColumnElement[bool]) -> None:
    for import_id in _ids(unwanted):
        _remove_failures(import_id)
        remove_file(import_id)
        with transaction() as session:
            session.execute(delete(IMPORT).where(IMPORT.c.id == import_id, unwanted))


def _ids(condition: object) -> list[int]:
    with reading() as session:
        return list(session.execute(select(IMPORT.c.id).where(condition)).scalars())  # type: ignore[arg-type] # SQL


def _remove_failures(import_id: int) -> None:
    while True:
        query = select(FAILURE.c.id).where(FAILURE.c.import_id == import_id).limit(REMOVED_AT_ONCE)
        with reading() as session:
            ids = session.execute(query).scalars().all()
        if not ids:
            return
        with transaction() as session:
            session.execute(delete(FAILURE).where(FAILURE.c.id.in_(ids)))
