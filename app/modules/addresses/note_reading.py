"""Notes read for pages: those of an address, those without one, a single one."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import func, select
from sqlalchemy.orm import Session, aliased

from app.core.accounts.models import User
from app.core.phones import format_display
from app.modules.addresses.models import Address, Contact, Note
from app.modules.addresses.settings import address_settings

#: Notes on one page of the CRM tab.
PER_PAGE = 50


@dataclass(frozen=True, slots=True)
class NoteDetail:
    """A note with the names that belong to it."""

    id: int
    kind: str
    address_id: int | None
    address_name: str
    contact_id: int | None
    contact_name: str
    origin: str | None
    occurred_at: datetime
    user_id: int | None
    user_name: str
    number_raw: str
    number_e164: str | None
    number_display: str
    direction: str | None
    duration_seconds: int | None
    duration_by_hand: bool
    tags: tuple[str, ...]
    subject: str
    text: str
    version: int
    updated_at: datetime
    updated_by_name: str
    deleted: bool


def get_note(session: Session, note_id: int) -> NoteDetail | None:
    """A note, deleted or not; None when there is none."""
    found = session.execute(_query().where(Note.id == note_id)).one_or_none()
    return _note(found) if found else None


def notes_of_address(session: Session, address_id: int, kind: str, *, page: int = 1) -> list[NoteDetail]:
    """The phone notes or notes of an address, newest first, a page of them."""
    query = _query().where(Note.address_id == address_id, Note.kind == kind, Note.deleted_at.is_(None))
    return _page(session, query, page)


def notes_without_address(session: Session, *, page: int = 1) -> list[NoteDetail]:
    """Notes that belong to no address yet, newest first, a page of them."""
    return _page(session, _query().where(Note.address_id.is_(None), Note.deleted_at.is_(None)), page)


def count_without_address(session: Session) -> int:
    """How many notes belong to no address yet."""
    return _count(session, Note.address_id.is_(None))


def count_notes(session: Session, address_id: int, kind: str | None = None) -> int:
    """How many notes an address has, of a kind or of both."""
    conditions = [Note.address_id == address_id]
    if kind is not None:
        conditions.append(Note.kind == kind)
    return _count(session, *conditions)


def _count(session: Session, *conditions: Any) -> int:
    return session.execute(
        select(func.count()).select_from(Note).where(Note.deleted_at.is_(None), *conditions)
    ).scalar_one()


def _page(session: Session, query: Any, page: int) -> list[NoteDetail]:
    ordered = query.order_by(Note.occurred_at.desc(), Note.id.desc())
    return [_note(found) for found in session.execute(ordered.limit(PER_PAGE).offset((page - 1) * PER_PAGE))]


def _query() -> Any:
    editor, changer = aliased(User), aliased(User)
    return (
        select(
            *Note.__table__.c,
            Address.name.label("address_name"),
            Contact.name.label("contact_name"),
            editor.name.label("user_name"),
            changer.name.label("updated_by_name"),
        )
        .select_from(Note)
        .outerjoin(Address, Address.id == Note.address_id)
        .outerjoin(Contact, Contact.id == Note.contact_id)
        .outerjoin(editor, editor.id == Note.user_id)
        .outerjoin(changer, changer.id == Note.updated_by)
    )


def _note(row: Any) -> NoteDetail:
    region = address_settings().default_country
    return NoteDetail(
        id=row.id,
        kind=row.kind,
        address_id=row.address_id,
        address_name=row.address_name or "",
        contact_id=row.contact_id,
        contact_name=row.contact_name or "",
        origin=row.origin,
        occurred_at=row.occurred_at,
        user_id=row.user_id,
        user_name=row.user_name or "",
        number_raw=row.number_raw,
        number_e164=row.number_e164,
        number_display=format_display(row.number_e164, region) if row.number_e164 else row.number_raw,
        direction=row.direction,
        duration_seconds=row.duration_seconds,
        duration_by_hand=row.duration_by_hand,
        tags=tuple(tag.strip() for tag in row.tags.split(",") if tag.strip()),
        subject=row.subject,
        text=row.text,
        version=row.version,
        updated_at=row.updated_at,
        updated_by_name=row.updated_by_name or "",
        deleted=row.deleted_at is not None,
    )
