"""Everything that happened with an address in one list, newest first: its notes, and what other modules add.

A module registers a source for each kind of thing that it knows of (calls, call-backs). Pages go on by the place in
time where the last one ended, so that what is new meanwhile moves nothing.
"""

from __future__ import annotations

import heapq
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, and_, false, or_, select, true
from sqlalchemy.orm import Session

from app.core.accounts.models import User
from app.modules.addresses.models import Contact, Note
from app.modules.addresses.paths import note_path

PER_PAGE = 50
#: Texts are cut to this in the list; the whole stands on their own page.
MOST_SIGNS = 300
NOTES = "notes"


@dataclass(frozen=True, slots=True, order=True)
class Place:
    """Where something stands in the list. Of two at the same moment kind and number decide."""

    at: datetime
    kind: str
    number: int


@dataclass(frozen=True, slots=True)
class Happening:
    """One line of the list."""

    place: Place
    title: str
    detail: str
    path: str
    icon: str
    tone: str = "secondary"
    user: str = ""
    contact: str = ""
    facts: tuple[str, ...] = field(default=())
    """Short ones behind the title: a duration, a number."""


Fetch = Callable[[Session, int, int | None, Place | None, int], Iterable[Happening]]
"""Given: session, address, contact (None: whole address), place to begin behind (None: newest), how many at most."""


@dataclass(frozen=True, slots=True)
class Source:
    """A kind of happening. ``title`` is a lazy text; ``usable`` says whether the reader may see it now."""

    kind: str
    title: Any
    fetch: Fetch
    usable: Callable[[], bool]


_sources: dict[str, Source] = {}


def register_timeline(source: Source) -> None:
    """Add a kind; of two equal ones, of two applications in one process, the later holds."""
    _sources[source.kind] = source


def sources() -> list[Source]:
    """All kinds that the reader may see, notes first."""
    return [source for source in _sources.values() if source.usable()]


def page(
    session: Session,
    address_id: int,
    contact_id: int | None = None,
    kinds: Iterable[str] = (),
    behind: Place | None = None,
    per_page: int = PER_PAGE,
) -> tuple[list[Happening], Place | None]:
    """A page of the list, and the place that the next one begins behind; None on the last. No ``kinds``: all."""
    wanted = frozenset(kinds)
    lists = [
        list(source.fetch(session, address_id, contact_id, behind, per_page + 1))
        for source in sources()
        if not wanted or source.kind in wanted
    ]
    merged = heapq.merge(*lists, key=lambda one: one.place, reverse=True)
    found = [one for one, _count in zip(merged, range(per_page + 1), strict=False)]
    shown = found[:per_page]
    return shown, shown[-1].place if len(found) > per_page else None


def later_than(place: Place | None, kind: str, at: Any, number: Any) -> list[ColumnElement[bool]]:
    """The conditions on a source's columns for what stands behind a place; none for the newest page."""
    if place is None:
        return []
    tie = (number < place.number) if kind == place.kind else (true() if kind < place.kind else false())
    return [or_(at < place.at, and_(at == place.at, tie))]


def _notes(
    session: Session, address_id: int, contact_id: int | None, behind: Place | None, most: int
) -> Iterator[Happening]:
    query = (
        select(Note, User.name.label("user_name"), Contact.name.label("contact_name"))
        .outerjoin(User, User.id == Note.user_id)
        .outerjoin(Contact, Contact.id == Note.contact_id)
        .where(Note.address_id == address_id, Note.deleted_at.is_(None))
        .where(*later_than(behind, NOTES, Note.occurred_at, Note.id))
        .order_by(Note.occurred_at.desc(), Note.id.desc())
        .limit(most)
    )
    if contact_id is not None:
        query = query.where(Note.contact_id == contact_id)
    for note, user, contact in session.execute(query):
        yield Happening(
            place=Place(note.occurred_at, NOTES, note.id),
            title=note.subject,
            detail=note.text[:MOST_SIGNS],
            path=note_path(note.id),
            icon="note",
            tone="primary",
            user=user or "",
            contact=contact or "",
        )


def install(title: Any) -> None:
    """Register the notes."""
    register_timeline(Source(NOTES, title, _notes, lambda: True))
