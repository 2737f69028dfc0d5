"""Use cases of drafts: what a user types into the form of a new note is kept until it is saved or discarded.

A draft belongs to the user who writes it and is shown to nobody else. All windows of a user with the same call or
address have the same draft (``note_merging``).
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from flask import current_app
from sqlalchemy import Connection, bindparam, delete, or_, select, update
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from app.core.database import insert_or_ignore, lock_row, reading, storable, transaction
from app.core.events import publish
from app.core.kernel import ModuleSetup
from app.core.prepared import Prepared
from app.modules.addresses.models import Address, Note
from app.modules.addresses.note_draft_models import NoteDraft
from app.modules.addresses.note_merging import Typed, merged, read, written
from app.modules.addresses.records import Invalid

#: Days after which a draft in which nothing was typed any more is deleted.
KEPT_DAYS = 60
#: Days for which one that was discarded can be brought back.
DISCARDED_DAYS = 7
CLEAN_SECONDS = 3600
#: Tells the windows of the draft's user what has changed, never what was typed.
MESSAGE = "note_draft"
MOST_TEXT = 100_000
MOST_VALUE = 1_000
LONG_FIELDS = ("text",)
TABLE = NoteDraft.__table__
#: Every page tells how many there are.
_OPEN_PLACES = Prepared(
    select(NoteDraft.about)
    .where(NoteDraft.user_id == bindparam("user"), NoteDraft.open_about.is_not(None))
    .order_by(NoteDraft.id)
)


@dataclass(frozen=True, slots=True)
class Place:
    """Which form it is."""

    kind: str
    origin: str | None
    address_id: int | None

    @property
    def about(self) -> str:
        """What all windows with the same draft have in common: the call, else the address."""
        if self.origin:
            return f"{self.kind}:{self.origin}"
        return f"{self.kind}:address:{self.address_id}" if self.address_id else f"{self.kind}:-"


@dataclass(frozen=True, slots=True)
class Draft:
    """A draft as it is kept."""

    id: int
    about: str
    kind: str
    origin: str | None
    address_id: int | None
    address_name: str
    submission: str
    fields: Mapping[str, Typed]
    version: int
    updated_at: datetime
    discarded: bool

    @property
    def values(self) -> dict[str, str]:
        """What stands in the fields that somebody touched."""
        return {name: one.value for name, one in self.fields.items()}


@dataclass(frozen=True, slots=True)
class Kept:
    """What came of telling what was typed."""

    draft: Draft | None
    """None where there is none (any more)."""
    refused: Mapping[str, str]
    note_id: int | None = None
    """The note that was made of it meanwhile."""


@dataclass(frozen=True, slots=True)
class DraftChanged:
    """Somebody's draft was begun, typed in, discarded, brought back, or has become a note."""

    user_id: int
    about: str
    version: int
    """0 where it is gone."""
    window: str
    """In which window; empty where it does not matter."""


def install(setup: ModuleSetup) -> None:
    """Tell the user's open windows of changes, and delete what is old."""
    setup.on(DraftChanged, _tell)
    setup.job("old_drafts", CLEAN_SECONDS, _clean)


def _tell(event: DraftChanged) -> None:
    with reading() as session:
        places = open_places(session, event.user_id)
    message = {"about": event.about, "version": event.version, "window": event.window, "places": places}
    current_app.extensions["durchwahl"].realtime.emit(MESSAGE, message, [event.user_id])


def _clean() -> None:
    clean()


def keep(user_id: int, place: Place, submission: str, typed: Mapping[str, str], base: int, window: str = "") -> Kept:
    """Take over what was typed in a window that knows the draft as of version ``base`` (0: none).

    With nothing typed only tells what is there. A draft that is gone, as it was saved or discarded elsewhere, is begun
    anew by ``base`` 0 only. Raises Invalid for what is too long.
    """
    typed = {name: storable(value) for name, value in typed.items()}
    _check(typed)
    with transaction() as session:
        if typed and not base:
            _begin(session, user_id, place, submission)
        row = lock_row(session, TABLE, NoteDraft.user_id == user_id, NoteDraft.open_about == place.about)
        # One that was begun anew counts its versions anew: what is known of the old one says nothing of it.
        if row is None or (base and row["submission"] != submission):
            return Kept(None, {}, _note_of(session, user_id, submission))
        result = merged(read(row["fields"]), row["version"], typed, base)
        if result.version != row["version"]:
            values = {"fields": written(result.fields), "version": result.version, "updated_at": _now()}
            if place.address_id is not None:
                values["address_id"] = place.address_id
            _set(session, row["id"], values)
            publish(session, DraftChanged(user_id, place.about, result.version, window))
        return Kept(_one(session, NoteDraft.id == row["id"]), result.refused)


def draft_of(session: Session, user_id: int, place: Place) -> Draft | None:
    """The user's draft for this form."""
    return _one(session, NoteDraft.user_id == user_id, NoteDraft.open_about == place.about)


def drafts_of(session: Session, user_id: int, *, address_id: int | None = None) -> list[Draft]:
    """The user's drafts, the one last typed in first; those about an address where one is given."""
    conditions = [NoteDraft.user_id == user_id, NoteDraft.open_about.is_not(None)]
    if address_id is not None:
        conditions.append(NoteDraft.address_id == address_id)
    rows = session.execute(_query().where(*conditions).order_by(NoteDraft.updated_at.desc(), NoteDraft.id.desc()))
    return [_draft(row) for row in rows.mappings()]


def open_places(on: Session | Connection, user_id: int) -> list[str]:
    """What the user's drafts are about."""
    return [about for (about,) in _OPEN_PLACES.rows(on, {"user": user_id})]


def find(draft_id: int, user_id: int) -> Draft | None:
    """One of the user's own drafts, discarded or not."""
    with reading() as session:
        return _one(session, NoteDraft.id == draft_id, NoteDraft.user_id == user_id)


def discard(draft_id: int, user_id: int) -> bool:
    """Put a draft away; ``restore`` brings it back for some days. False where there is none."""
    with transaction() as session:
        row = lock_row(session, TABLE, NoteDraft.id == draft_id, NoteDraft.user_id == user_id)
        if row is None or row["open_about"] is None:
            return False
        _set(session, draft_id, {"open_about": None, "discarded_at": _now()})
        publish(session, DraftChanged(user_id, row["about"], 0, ""))
        return True


def restore(draft_id: int, user_id: int) -> bool:
    """Bring a discarded draft back. False where there is none, or another one was begun meanwhile."""
    try:
        with transaction() as session:
            row = lock_row(session, TABLE, NoteDraft.id == draft_id, NoteDraft.user_id == user_id)
            if row is None:
                return False
            if row["open_about"] is None:
                _set(session, draft_id, {"open_about": row["about"], "discarded_at": None})
                publish(session, DraftChanged(user_id, row["about"], row["version"], ""))
            return True
    except IntegrityError:
        return False


def drop(session: Session, user_id: int, place: Place) -> None:
    """The draft has become a note: it goes, in the transaction that stores the note."""
    gone = delete(NoteDraft).where(NoteDraft.user_id == user_id, NoteDraft.open_about == place.about)
    if session.execute(gone.returning(NoteDraft.id)).first() is not None:
        publish(session, DraftChanged(user_id, place.about, 0, ""))


def clean() -> int:
    """Delete drafts that nobody has typed in for long, and those discarded some days ago; how many."""
    now = _now()
    with transaction() as session:
        old = delete(NoteDraft).where(
            or_(
                NoteDraft.updated_at < now - timedelta(days=KEPT_DAYS),
                NoteDraft.discarded_at < now - timedelta(days=DISCARDED_DAYS),
            )
        )
        return len(session.execute(old.returning(NoteDraft.id)).all())


def _begin(session: Session, user_id: int, place: Place, submission: str) -> None:
    now = _now()
    values = {
        "user_id": user_id,
        "about": place.about,
        "open_about": place.about,
        "kind": place.kind,
        "origin": place.origin,
        "address_id": place.address_id,
        "submission": submission,
        "fields": written({}),
        "version": 0,
        "created_at": now,
        "updated_at": now,
        "discarded_at": None,
    }
    insert_or_ignore(session, NoteDraft, values, ["user_id", "open_about"])


def _note_of(session: Session, user_id: int, submission: str) -> int | None:
    if not submission:
        return None
    return session.execute(select(Note.id).where(Note.submission == f"{user_id}:{submission}")).scalar_one_or_none()


def _set(session: Session, draft_id: int, values: Mapping[str, Any]) -> None:
    session.execute(
        update(NoteDraft).where(NoteDraft.id == draft_id).values(**values).execution_options(synchronize_session=False)
    )


def _check(typed: Mapping[str, str]) -> None:
    problems = {
        name: "too_long"
        for name, value in typed.items()
        if len(value) > (MOST_TEXT if name in LONG_FIELDS else MOST_VALUE)
    }
    if problems:
        raise Invalid(problems)


def _query() -> Any:
    return select(TABLE, Address.name.label("address_name")).outerjoin(Address, Address.id == NoteDraft.address_id)


def _one(session: Session, *conditions: Any) -> Draft | None:
    row = session.execute(_query().where(*conditions)).mappings().one_or_none()
    return _draft(row) if row is not None else None


def _draft(row: Mapping[Any, Any]) -> Draft:
    return Draft(
        id=row["id"],
        about=row["about"],
        kind=row["kind"],
        origin=row["origin"],
        address_id=row["address_id"],
        address_name=row["address_name"] or "",
        submission=row["submission"],
        fields=read(row["fields"]),
        version=row["version"],
        updated_at=row["updated_at"],
        discarded=row["open_about"] is None,
    )


def _now() -> datetime:
    found: datetime = current_app.extensions["durchwahl"].clock.now()
    return found
