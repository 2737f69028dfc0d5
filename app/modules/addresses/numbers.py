"""The one narrow table of phone numbers: read what was typed, keep the rows of an owner, read them all again."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

from sqlalchemy import delete, insert, select, update
from sqlalchemy.orm import Session

from app.core.database import transaction
from app.core.events import publish
from app.core.phones import (
    MIN_STEM_DIGITS,
    NumberReading,
    format_display,
    is_mobile,
    may_be_switchboard,
    read_number,
)
from app.modules.addresses import repeated
from app.modules.addresses.events import AddressChanged, NumbersChanged
from app.modules.addresses.findings import finding_of, split
from app.modules.addresses.indexing import index_addresses
from app.modules.addresses.models import Address, PhoneNumber
from app.modules.addresses.records import NumberDetail, NumberInput

#: Rows that are read again in one piece.
BATCH = 1000
Columns = dict[str, Any]


@dataclass(slots=True)
class Change:
    """The numbers whose owner may be another now; published once at the end of a use case."""

    e164s: set[str]
    stems: set[str]

    @classmethod
    def none(cls) -> Change:
        """Nothing so far."""
        return cls(set(), set())

    def add(self, rows: Iterable[Any]) -> None:
        """Take in rows with ``e164`` and ``stem``."""
        for row in rows:
            if row.e164:
                self.e164s.add(row.e164)
            if row.stem:
                self.stems.add(row.stem)

    def publish(self, session: Session, address_id: int, by: int | None = None) -> None:
        """The end of each use case that changes an address, its contacts or numbers; see ``publish_together``."""
        publish_together(session, {address_id: self}, by)


def publish_together(session: Session, changes: Mapping[int, Change], by: int | None = None) -> None:
    """The end of a use case that changes addresses, their contacts or numbers: the search and the table of repeated
    numbers know them as they are now, and after the commit others learn that they were saved and whose numbers are
    concerned, if any are.

    A fixed number of statements for 500 addresses. ``by``: the user who did it.
    """
    index_addresses(session, changes)
    e164s: frozenset[str] = frozenset().union(*(change.e164s for change in changes.values()))
    stems: frozenset[str] = frozenset().union(*(change.stems for change in changes.values()))
    repeated.refresh(session, e164s)
    address_id = next(iter(changes)) if len(changes) == 1 else None
    publish(session, AddressChanged(address_id))
    if e164s or stems:
        publish(session, NumbersChanged(e164s, address_id, stems, by))


def as_read(number: NumberInput, country: str) -> Columns:
    """The columns of a number as the country reads it."""
    return dict(_as_read(number, country))


@lru_cache(maxsize=4096)
def _as_read(number: NumberInput, country: str) -> Columns:
    """Kept for a while: an import reads its rows before it holds what others wait for."""
    reading = read_number(number.raw, country)
    return {
        "raw": number.raw,
        "e164": reading.e164,
        "kind": number.kind,
        "label": number.label,
        "extension": (reading.extension or "")[:20] or None,
        "switchboard": number.switchboard,
        "stem": _stem(number, reading),
        "problem": reading.problem if reading.e164 is None else None,
        "finding": finding_of(number.raw, reading, country),
    }


def _stem(number: NumberInput, reading: NumberReading) -> str | None:
    """How the numbers behind it begin, where it is a switchboard's. Mobile numbers, and faxes, never are."""
    if reading.e164 is None or number.kind == "fax":
        return None
    stem = reading.stem
    if stem is None and (number.switchboard or reading.is_switchboard) and may_be_switchboard(reading.e164):
        # Without a final 0 it stands for all numbers that begin like itself.
        stem = reading.e164
    return stem if stem and len(stem) > MIN_STEM_DIGITS else None


def parts_of_field(raw: str, country: str) -> tuple[str, ...]:
    """The numbers of a field as they may stand in rows of their own; () unless all of them are clear."""
    return tuple(number.raw for number in split(NumberInput(raw), country))


def guessed_kind(raw: str, country: str) -> str:
    """``mobile`` for a number that is one for certain, else ``phone``: what a new row proposes."""
    e164 = read_number(raw, country).e164
    return "mobile" if e164 is not None and is_mobile(e164) else "phone"


def detail(row: Any, region: str) -> NumberDetail:
    """A row for the eye; ``region`` is where the reader sits."""
    return NumberDetail(
        raw=row.raw,
        e164=row.e164,
        kind=row.kind,
        label=row.label,
        extension=row.extension,
        switchboard=row.switchboard,
        problem=row.problem,
        display=format_display(row.e164, region) if row.e164 else row.raw,
        stem_display=format_display(row.stem, region) if row.stem else "",
    )


def save_numbers(
    session: Session,
    address_id: int,
    contact_id: int | None,
    numbers: Sequence[NumberInput],
    country: str,
    change: Change,
) -> bool:
    """Make these the numbers of the owner. True when anything was stored or removed; ``change`` gets both sides."""
    owner = (PhoneNumber.address_id == address_id, PhoneNumber.contact_id.is_not_distinct_from(contact_id))
    before = session.execute(
        select(*_columns(), PhoneNumber.kept).where(*owner).order_by(PhoneNumber.sort, PhoneNumber.id)
    ).all()
    after = [as_read(number, country) for number in numbers]
    if [_comparable(row._asdict()) for row in before] == [_comparable(columns) for columns in after]:
        return False
    change.add(before)
    session.execute(delete(PhoneNumber).where(*owner).execution_options(synchronize_session=False))
    if after:
        kept = {row.raw for row in before if row.kept}
        rows = [
            {
                "address_id": address_id,
                "contact_id": contact_id,
                "sort": place,
                "kept": columns["raw"] in kept,
                **columns,
            }
            for place, columns in enumerate(after)
        ]
        change.add(session.execute(insert(PhoneNumber).returning(PhoneNumber.e164, PhoneNumber.stem), rows))
    return True


def inputs_of(session: Session, address_id: int, contact_id: int | None) -> list[NumberInput]:
    """The numbers of an owner as they would be typed to store them again, in their order."""
    columns = (PhoneNumber.raw, PhoneNumber.kind, PhoneNumber.label, PhoneNumber.switchboard)
    rows = session.execute(
        select(*columns)
        .where(PhoneNumber.address_id == address_id, PhoneNumber.contact_id.is_not_distinct_from(contact_id))
        .order_by(PhoneNumber.sort, PhoneNumber.id)
    )
    return [NumberInput(*row) for row in rows]


def numbers_of_address(session: Session, address_id: int) -> Sequence[Any]:
    """``e164`` and ``stem`` of all numbers of an address and its contacts."""
    return session.execute(select(PhoneNumber.e164, PhoneNumber.stem).where(PhoneNumber.address_id == address_id)).all()


def read_again(session: Session, address_id: int, country: str, change: Change) -> None:
    """Read all numbers of an address again, its contacts' too: its country has changed."""
    _rewrite(session, [(row, country) for row in _rows(session, PhoneNumber.address_id == address_id)], change)


def rebuild_numbers() -> tuple[int, int]:
    """Read every stored number again from what was typed; how many there are and how many changed.

    For a new version of the numbering plans, or rows that were changed by hand. Each thousand is a transaction.
    """
    seen = changed = last = 0
    while True:
        with transaction() as session:
            rows = _rows(session, PhoneNumber.id > last, limit=BATCH)
            if not rows:
                return seen, changed
            last = rows[-1].id
            seen += len(rows)
            countries = dict(
                session.execute(
                    select(Address.id, Address.country).where(Address.id.in_({row.address_id for row in rows}))
                ).all()
            )
            for address_id in sorted({row.address_id for row in rows}):
                change = Change.none()
                own = [(row, countries[address_id]) for row in rows if row.address_id == address_id]
                if rewritten := _rewrite(session, own, change):
                    change.publish(session, address_id)
                    changed += rewritten


def _rewrite(session: Session, rows: Sequence[tuple[Any, str]], change: Change) -> int:
    changed = 0
    for row, country in rows:
        columns = as_read(NumberInput(row.raw, row.kind, row.label, row.switchboard), country)
        if _comparable(row._asdict()) == _comparable(columns):
            continue
        changed += 1
        change.add([row])
        session.execute(
            update(PhoneNumber)
            .where(PhoneNumber.id == row.id)
            .values(**columns)
            .execution_options(synchronize_session=False)
        )
        change.add(session.execute(select(PhoneNumber.e164, PhoneNumber.stem).where(PhoneNumber.id == row.id)))
    return changed


def _rows(session: Session, *conditions: Any, limit: int | None = None) -> Sequence[Any]:
    query = select(PhoneNumber.id, PhoneNumber.address_id, *_columns()).where(*conditions).order_by(PhoneNumber.id)
    return session.execute(query.limit(limit)).all()


def _columns() -> tuple[Any, ...]:
    return tuple(getattr(PhoneNumber, name) for name in _COMPARED)


_COMPARED = ("raw", "e164", "kind", "label", "extension", "switchboard", "stem", "problem", "finding")


def _comparable(columns: Columns) -> tuple[Any, ...]:
    return tuple(columns[name] for name in _COMPARED)
