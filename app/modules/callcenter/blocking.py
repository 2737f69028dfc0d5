"""Use cases of the block list: who is on it, put a number on it, take one off. Each is audited, and holds at once."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from flask import current_app
from sqlalchemy import ColumnElement, and_, delete, func, or_, select, update
from sqlalchemy.orm import Session

from app.core import phones
from app.core.database import insert_or_ignore, lock_row, reading, storable, transaction
from app.modules.callcenter import audit, home
from app.modules.callcenter.control_book import CONTROL_VERSION
from app.modules.callcenter.control_models import BlockEntry
from app.modules.callcenter.domain.block_list import EntryKind
from app.modules.callcenter.models import FIRST_CONNECTION

#: All entries are kept in memory.
MAX_ENTRIES = 20_000
MAX_NOTE = 200
#: The plus and a digit: ``+1*`` is a country.
MIN_BEGINNING = 2
_RANGE_SIGNS = ("–", "—", "...", "…", " bis ", " to ", " - ")


class NotANumber(ValueError):
    """What was typed names no numbers. ``code``: number, beginning, range or home."""

    def __init__(self, code: str) -> None:
        super().__init__(code)
        self.code = code


class Full(Exception):
    """The list has as many entries as it may have."""


class AlreadyListed(Exception):
    """The very same numbers are on the list, and in force."""

    def __init__(self, entry_id: int) -> None:
        super().__init__("already listed")
        self.entry_id = entry_id


@dataclass(frozen=True, slots=True)
class Numbers:
    """What an entry names."""

    kind: EntryKind
    low: str
    high: str


@dataclass(frozen=True, slots=True)
class Terms:
    """What holds for the numbers of an entry."""

    busy: bool = False
    note: str = ""
    expires_at: datetime | None = None


def numbers_of(typed: str) -> Numbers:
    """A number in any spelling, ``0900*`` for all that begin so, or a range ``0221 4710000 – 0221 4710099``.

    Raises NotANumber.
    """
    text = storable(typed).strip()
    if text.endswith("*"):
        begins = phones.beginning(text[:-1], home.region())
        if begins is None or len(begins) < MIN_BEGINNING:
            raise NotANumber("beginning")
        if begins == phones.beginning("0", home.region()):
            raise NotANumber("home")
        return Numbers(EntryKind.PREFIX, begins, begins)
    for sign in _RANGE_SIGNS:
        first, found, last = text.partition(sign)
        if found and not _is_parted(first, last):
            return _range(first, last)
    key = key_of(text)
    if key is None:
        raise NotANumber("number")
    return Numbers(EntryKind.EXACT, key, key)


def _is_parted(first: str, last: str) -> bool:
    """Whether these are the area code and the rest of one number: a dash stands there, too."""
    return key_of(first) is None and not last.lstrip().startswith(("0", "+")) and key_of(f"{first} {last}") is not None


def _range(first: str, last: str) -> Numbers:
    low, high = key_of(first), key_of(last)
    if low is None or high is None or len(low) != len(high) or low > high:
        raise NotANumber("range")
    return Numbers(EntryKind.RANGE if low < high else EntryKind.EXACT, low, high)


def key_of(text: str) -> str | None:
    """What a typed number is compared by; None where it is none, or as short as an extension."""
    read = phones.read_number(text, home.region()).e164
    return read or home.number_key(home.classify(text))


def written(entry: BlockEntry | Numbers) -> str:
    """The numbers of an entry as people write them."""
    low, high = home.format_display(entry.low), home.format_display(entry.high)
    if entry.kind == EntryKind.PREFIX.value:
        return f"{entry.low}*"
    return f"{low} – {high}" if entry.kind == EntryKind.RANGE.value else low


@dataclass(frozen=True, slots=True)
class Page:
    """Entries, the newest first."""

    entries: tuple[BlockEntry, ...]
    older: int | None
    """What to ask ``before`` for; None on the last page."""
    total: int


def listed(limit: int, before: int | None = None) -> Page:
    """A page of the list."""
    mine = BlockEntry.connection == FIRST_CONNECTION
    query = select(BlockEntry).where(mine).order_by(BlockEntry.id.desc()).limit(limit + 1)
    if before is not None:
        query = query.where(BlockEntry.id < before)
    with reading() as session:
        rows = list(session.execute(query).scalars())
        total = session.execute(select(func.count()).select_from(BlockEntry).where(mine)).scalar_one()
    shown = rows[:limit]
    return Page(tuple(shown), shown[-1].id if len(rows) > limit else None, total)


def of_number(key: str) -> list[BlockEntry]:
    """The entries that hold this number, expired or not; by index."""
    with reading() as session:
        query = select(BlockEntry).where(BlockEntry.connection == FIRST_CONNECTION, holding((key,)))
        return list(session.execute(query.order_by(BlockEntry.id)).scalars())


def holding(keys: Sequence[str]) -> ColumnElement[bool]:
    """The condition on entries that hold one of these numbers: equality, their beginnings, or between two ends."""
    found: list[ColumnElement[bool]] = []
    for key in keys:
        beginnings = [key[:length] for length in range(2, len(key) + 1)]
        found += [
            and_(BlockEntry.kind == EntryKind.EXACT.value, BlockEntry.low == key),
            and_(BlockEntry.kind == EntryKind.PREFIX.value, BlockEntry.low.in_(beginnings)),
            and_(
                BlockEntry.kind == EntryKind.RANGE.value,
                BlockEntry.low <= key,
                BlockEntry.high >= key,
                func.length(BlockEntry.low) == len(key),
            ),
        ]
    return or_(*found)


def find(entry_id: int) -> BlockEntry | None:
    """An entry by its number."""
    with reading() as session:
        return session.get(BlockEntry, entry_id)


def add(numbers: Numbers, terms: Terms, by: int | None) -> int:
    """Put numbers on the list, also where their entry has expired; returns the entry. Raises AlreadyListed, Full."""
    kernel = current_app.extensions["durchwahl"]
    who = audit.actor(by)
    key = {"connection": FIRST_CONNECTION, "kind": numbers.kind.value, "low": numbers.low, "high": numbers.high}
    same = [getattr(BlockEntry, name) == value for name, value in key.items()]
    now = kernel.clock.now()
    values = {**key, **_values(terms), "created_at": now, "created_by": by}
    with transaction() as session:
        full = session.execute(select(func.count()).select_from(BlockEntry)).scalar_one() >= MAX_ENTRIES
        before = None
        if full or not insert_or_ignore(session, BlockEntry, values, list(key)):
            before = _expired(session, same, now)
            session.execute(update(BlockEntry).where(*same).values(**values))
            session.expire_all()
        entry = session.execute(select(BlockEntry).where(*same)).scalar_one()
        _told(session, who, before, entry)
        return entry.id


def change(entry_id: int, terms: Terms, by: int | None) -> None:
    """Set what holds for the numbers of an entry. Raises LookupError."""
    who = audit.actor(by)
    with transaction() as session:
        before = _plain(_got(session, entry_id))
        session.execute(update(BlockEntry).where(BlockEntry.id == entry_id).values(**_values(terms)))
        session.expire_all()
        _told(session, who, before, _got(session, entry_id))


def remove(entry_id: int, by: int | None) -> None:
    """Take an entry off the list. Raises LookupError."""
    who = audit.actor(by)
    with transaction() as session:
        before = _plain(_got(session, entry_id))
        session.execute(delete(BlockEntry).where(BlockEntry.id == entry_id))
        _told(session, who, before, None)


def _expired(session: Session, same: Sequence[ColumnElement[bool]], now: datetime) -> list[str]:
    """The entry of these numbers as it was, and nobody else changes it. Raises AlreadyListed where it holds, Full."""
    if lock_row(session, BlockEntry.__table__, *same) is None:
        raise Full
    entry = session.execute(select(BlockEntry).where(*same)).scalar_one()
    if entry.expires_at is None or entry.expires_at > now:
        raise AlreadyListed(entry.id)
    return _plain(entry)


def _values(terms: Terms) -> dict[str, Any]:
    return {"busy": terms.busy, "note": storable(terms.note)[:MAX_NOTE], "expires_at": terms.expires_at}


def _got(session: Session, entry_id: int) -> BlockEntry:
    found = session.get(BlockEntry, entry_id)
    if found is None:
        raise LookupError(entry_id)
    return found


def _plain(entry: BlockEntry) -> list[str]:
    """An entry as the audit log tells it; the number first, as it alone is hidden there."""
    until = entry.expires_at.isoformat(timespec="minutes") if entry.expires_at else ""
    return [written(entry), *filter(None, ("busy" if entry.busy else "reject", until, entry.note))]


def _told(session: Session, who: audit.Actor, before: list[str] | None, after: BlockEntry | None) -> None:
    now = _plain(after) if after is not None else None
    audit.record_change(session, who, {"block_list": before}, {"block_list": now})
    current_app.extensions["durchwahl"].versions.bump(session, CONTROL_VERSION)
