"""Use cases of notes: write, change, attach, delete with undo."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import uuid4

from flask import current_app
from sqlalchemy import select
from sqlalchemy.orm import Session

from app.core.accounts.models import User
from app.core.database import insert_or_ignore, storable, transaction
from app.core.events import publish
from app.core.phones import read_number
from app.modules.addresses.events import NoteSaved
from app.modules.addresses.models import SUBMISSION_LENGTH, Address, Contact, Note
from app.modules.addresses.note_extras import NewNote, Store
from app.modules.addresses.records import Invalid, NoSuchAddress, Stale
from app.modules.addresses.settings import address_settings

KINDS = ("phone", "note")
MAX_TEXT_LENGTH = 100_000


@dataclass(frozen=True, slots=True)
class NoteInput:
    """A note as typed. ``subject`` is never empty: the pages propose one from the call."""

    subject: str
    text: str = ""
    kind: str = "phone"
    occurred_at: datetime | None = None
    """None: now."""
    user_id: int | None = None
    """The editor; None: whoever saves it."""
    address_id: int | None = None
    contact_id: int | None = None
    number: str = ""
    direction: str | None = None
    duration_seconds: int | None = None
    duration_by_hand: bool = False
    """False leaves the stored duration of a note alone: it comes from the call."""
    tags: str = ""
    origin: str | None = None
    """Only for a new note."""
    submission: str | None = None
    """Only for a new note: what the form was called, so that sending it twice makes one note. None: no repetition."""


class AlreadyCreated(Exception):
    """The same form was sent before and its note is there; nothing was stored."""

    def __init__(self, note_id: int) -> None:
        super().__init__(f"note {note_id}")
        self.note_id = note_id


def create_note(given: NoteInput, *, by: int | None = None, along: Iterable[Store] = ()) -> int:
    """Store a note, and ``along`` in the same transaction; returns the id. Raises Invalid, AlreadyCreated."""
    moment = _now()
    submission = f"{by or 0}:{storable(given.submission)}"[:SUBMISSION_LENGTH] if given.submission else uuid4().hex
    with transaction() as session:
        begun = {
            "submission": submission,
            "subject": "",
            "origin": storable(given.origin or "") or None,
            "occurred_at": moment,
            "created_at": moment,
            "updated_at": moment,
            "created_by": by,
            "user_id": by,
            "version": 0,
        }
        # A second one waits here until the first is committed, and finds it.
        is_first = insert_or_ignore(session, Note, begun, ["submission"])
        note = session.execute(select(Note).where(Note.submission == submission)).scalar_one()
        if not is_first:
            raise AlreadyCreated(note.id)
        _fill(session, note, given, moment, by)
        session.flush()
        for store in along:
            store(session, _new(note, by))
        publish(session, NoteSaved(note.id, note.origin, note.address_id))
        return note.id


def _new(note: Note, by: int | None) -> NewNote:
    return NewNote(note.id, note.subject, note.text, note.number_raw, note.origin, note.address_id, note.contact_id, by)


def update_note(note_id: int, version: int | None, given: NoteInput, *, by: int | None = None) -> None:
    """Change a note; its origin stays. Raises NoSuchAddress, Stale, Invalid."""
    moment = _now()
    with transaction() as session:
        note = _locked(session, note_id)
        if version is not None and version != note.version:
            raise Stale(note.version)
        former = note.address_id
        _fill(session, note, given, moment, by)
        _publish(session, note, former)


def delete_note(note_id: int, *, by: int | None = None) -> None:
    """Take a note away; ``undelete_note`` brings it back. Raises NoSuchAddress."""
    _set_deleted(note_id, _now(), by)


def undelete_note(note_id: int, *, by: int | None = None) -> None:
    """Bring a deleted note back. Raises NoSuchAddress."""
    _set_deleted(note_id, None, by)


def attach_notes_of_origin(
    session: Session, origin: str, address_id: int, moment: datetime, contact_id: int | None = None
) -> tuple[tuple[int, int], ...]:
    """Give the notes of an origin that have no address this one, and the contact; their ids with their new versions."""
    notes = session.execute(
        select(Note)
        .where(Note.origin == origin, Note.address_id.is_(None), Note.deleted_at.is_(None))
        .order_by(Note.id)
    ).scalars()
    return tuple(_place_note(session, note, address_id, contact_id, moment) for note in notes)


def detach_notes(session: Session, attached: Iterable[tuple[int, int]], moment: datetime) -> None:
    """Take the address from notes again that ``attach_notes_of_origin`` gave one, and that nobody changed since."""
    for note_id, version in attached:
        note = session.execute(select(Note).where(Note.id == note_id).with_for_update()).scalar_one_or_none()
        if note is not None and note.version == version and note.deleted_at is None:
            _place_note(session, note, None, None, moment)


def _place_note(
    session: Session, note: Note, address_id: int | None, contact_id: int | None, moment: datetime
) -> tuple[int, int]:
    former, note.address_id = note.address_id, address_id
    note.contact_id = contact_id
    note.version += 1
    note.updated_at = moment
    _publish(session, note, former)
    return note.id, note.version


def _publish(session: Session, note: Note, former: int | None) -> None:
    moved = former if former != note.address_id else None
    publish(session, NoteSaved(note.id, note.origin, note.address_id, moved))


def _now() -> datetime:
    found: datetime = current_app.extensions["durchwahl"].clock.now()
    return found


def _set_deleted(note_id: int, deleted_at: datetime | None, by: int | None) -> None:
    with transaction() as session:
        note = _locked(session, note_id)
        if (note.deleted_at is None) is (deleted_at is None):
            return
        note.deleted_at = deleted_at
        note.version += 1
        note.updated_at = _now()
        note.updated_by = by
        publish(session, NoteSaved(note.id, note.origin, note.address_id))


def _locked(session: Session, note_id: int) -> Note:
    note = session.execute(select(Note).where(Note.id == note_id).with_for_update()).scalar_one_or_none()
    if note is None:
        raise NoSuchAddress(note_id)
    return note


def _fill(session: Session, note: Note, given: NoteInput, moment: datetime, by: int | None) -> None:
    values = _cleaned(given)
    _check_references(session, given)
    is_new = note.version == 0
    if is_new or given.duration_by_hand:
        # Else it stays: the call may have ended while the note was being written.
        note.duration_seconds = given.duration_seconds
        note.duration_by_hand = given.duration_by_hand
    for field, value in values.items():
        setattr(note, field, value)
    if given.occurred_at is not None or is_new:
        note.occurred_at = given.occurred_at or moment
    if given.user_id is not None:
        note.user_id = given.user_id
    note.version += 1
    note.updated_at = moment
    note.updated_by = by


def _cleaned(given: NoteInput) -> dict[str, Any]:
    problems: dict[str, str] = {}
    subject = " ".join(storable(given.subject).split())
    text = storable(given.text).replace("\r\n", "\n").strip()
    tags = ", ".join(dict.fromkeys(tag for tag in (part.strip() for part in storable(given.tags).split(",")) if tag))
    number = " ".join(storable(given.number).split())
    if not subject:
        problems["subject"] = "required"
    for field, value, longest in (("subject", subject, 300), ("text", text, MAX_TEXT_LENGTH), ("tags", tags, 300)):
        if len(value) > longest:
            problems[field] = "too_long"
    if given.kind not in KINDS:
        problems["kind"] = "unknown_kind"
    if given.direction not in (None, "in", "out"):
        problems["direction"] = "unknown_direction"
    if len(number) > 500:
        problems["number"] = "too_long"
    if given.duration_seconds is not None and not 0 <= given.duration_seconds < 1_000_000:
        problems["duration"] = "bad_duration"
    if problems:
        raise Invalid(problems)
    return {
        "kind": given.kind,
        "subject": subject,
        "text": text,
        "tags": tags,
        "address_id": given.address_id,
        "contact_id": given.contact_id,
        "number_raw": number,
        "number_e164": read_number(number, address_settings().default_country).e164 if number else None,
        "direction": given.direction,
    }


def _check_references(session: Session, given: NoteInput) -> None:
    if given.address_id is not None and session.get(Address, given.address_id) is None:
        raise Invalid({"address_id": "unknown_address"})
    if given.contact_id is not None:
        contact = session.get(Contact, given.contact_id)
        if contact is None or contact.address_id != given.address_id:
            raise Invalid({"contact_id": "unknown_contact"})
    if given.user_id is not None and session.get(User, given.user_id) is None:
        raise Invalid({"user_id": "unknown_user"})
