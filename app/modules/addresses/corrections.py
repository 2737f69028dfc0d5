"""Correct a stored number, leave it as it is, undo: each keeps what had been typed, and none overwrites another's work.

Whoever corrects names the number as he saw it. If it is another by now, nothing is changed.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Sequence
from contextlib import suppress
from dataclasses import asdict, dataclass
from datetime import datetime
from hashlib import blake2s
from typing import Any

from flask import current_app
from sqlalchemy import delete, insert, select, update
from sqlalchemy.orm import Session

from app.core.database import MAX_ID, transaction
from app.modules.addresses.fields import MAX_NUMBERS, cleaned_numbers
from app.modules.addresses.models import Address, Contact, Correction, PhoneNumber, RepeatedNumber
from app.modules.addresses.numbers import Change, as_read, publish_together
from app.modules.addresses.records import Invalid, NumberInput


class Changed(Exception):
    """The number is another by now, or gone. Nothing was done."""


@dataclass(frozen=True, slots=True)
class Seen:
    """A number as somebody saw it; ``sign`` stands for what had been typed."""

    number_id: int
    address_id: int
    sign: str


def sign_of(raw: str) -> str:
    """Differs when something else is typed. For forms: a browser changes the line ends of a text."""
    return blake2s(raw.encode(), digest_size=8).hexdigest()


@dataclass(frozen=True, slots=True)
class Replacement:
    """A number as it was seen, and what is to take its place; nothing at all removes it."""

    seen: Seen
    numbers: tuple[NumberInput, ...]
    finding: str


def correct(replacement: Replacement, *, by: int | None = None) -> int:
    """Replace one number; returns the id of the correction, for ``undo``. Raises Changed, Invalid."""
    return correct_together([replacement], by=by)[0]


def correct_together(
    replacements: Sequence[Replacement], *, by: int | None = None, batch: str | None = None
) -> list[int]:
    """All of them or none, in one transaction; returns the ids of the corrections. Raises Changed, Invalid."""
    cleaned = [(one, cleaned_numbers(one.numbers, "phone_numbers")) for one in replacements]
    with transaction() as session:
        work = _Work(session, by, batch)
        work.lock(one.seen.address_id for one in replacements)
        made = [work.replace(one.seen, numbers, one.finding) for one, numbers in cleaned]
        work.finish()
    return made


def correct_each(
    replacements: Sequence[Replacement], *, by: int | None = None, batch: str | None = None
) -> tuple[int, int]:
    """Whatever of them can be, in one transaction; how many were corrected, and how many are another by now."""
    done = skipped = 0
    with transaction() as session:
        work = _Work(session, by, batch)
        work.lock(one.seen.address_id for one in replacements)
        for one in replacements:
            try:
                work.replace(one.seen, cleaned_numbers(one.numbers, "phone_numbers"), one.finding)
                done += 1
            except (Changed, Invalid):
                skipped += 1
        work.finish()
    return done, skipped


def undo(correction_id: int, *, by: int | None = None) -> None:
    """Put back what had been typed. Raises Changed where the numbers are no longer those of the correction."""
    with transaction() as session:
        work = _Work(session, by, None)
        work.undo(correction_id)
        work.finish()


def undo_each(correction_ids: Iterable[int], *, by: int | None = None) -> tuple[int, int]:
    """Undo whatever of them can be, in one transaction; how many were undone, and how many could not be."""
    ids = list(correction_ids)
    done = skipped = 0
    with transaction() as session:
        work = _Work(session, by, None)
        work.lock(session.execute(select(Correction.address_id).where(Correction.id.in_(ids))).scalars())
        for correction_id in ids:
            try:
                work.undo(correction_id)
                done += 1
            except Changed:
                skipped += 1
        work.finish()
    return done, skipped


def keep(seen: Seen, *, kept: bool = True) -> None:
    """Leave a number as it is: it is no longer listed, until somebody types it anew. Raises Changed."""
    with transaction() as session:
        _seen(session, seen)
        session.execute(
            update(PhoneNumber)
            .where(PhoneNumber.id == seen.number_id)
            .values(kept=kept)
            .execution_options(synchronize_session=False)
        )


def keep_repeated(e164: str, owners: str, *, kept: bool = True) -> None:
    """Its owners share a number rightly: it is no longer listed, until others get it too. Raises Changed."""
    with transaction() as session:
        is_it = (RepeatedNumber.e164 == e164, RepeatedNumber.owners == owners)
        if session.execute(select(RepeatedNumber.e164).where(*is_it)).first() is None:
            raise Changed
        session.execute(
            update(RepeatedNumber).where(*is_it).values(kept=kept).execution_options(synchronize_session=False)
        )


def _seen(session: Session, seen: Seen) -> Any:
    """The row, as it was seen. Raises Changed."""
    if not 0 < seen.number_id <= MAX_ID:
        raise Changed
    row = session.execute(select(*PhoneNumber.__table__.c).where(PhoneNumber.id == seen.number_id)).one_or_none()
    if row is None or (row.address_id, sign_of(row.raw)) != (seen.address_id, seen.sign):
        raise Changed
    return row


class _Work:
    """What one transaction corrects: owners are locked, marked as changed once, and told of at the end."""

    def __init__(self, session: Session, by: int | None, batch: str | None) -> None:
        self._session = session
        self._by = by
        self._batch = batch
        self._moment: datetime = current_app.extensions["durchwahl"].clock.now()
        self._addresses: dict[int, Address] = {}
        self._owners: dict[tuple[int, int | None], Any] = {}
        self._changes: dict[int, Change] = {}

    def lock(self, address_ids: Iterable[int]) -> None:
        """In the order of their ids: two who correct many at once do not wait for each other."""
        for address_id in sorted(set(address_ids)):
            with suppress(Changed):
                self._address(address_id)

    def replace(self, seen: Seen, numbers: Sequence[NumberInput], finding: str) -> int:
        address = self._address(seen.address_id)
        row = _seen(self._session, seen)
        before = NumberInput(row.raw, row.kind, row.label, row.switchboard)
        place = self._exchange(address, row.contact_id, [row], numbers)
        return self._session.execute(
            insert(Correction)
            .values(
                address_id=address.id,
                contact_id=row.contact_id,
                finding=finding,
                before=written([before]),
                after=written(numbers),
                place=place,
                batch=self._batch,
                made_at=self._moment,
                made_by=self._by,
            )
            .returning(Correction.id)
        ).scalar_one()

    def undo(self, correction_id: int) -> None:
        found = self._session.execute(select(*Correction.__table__.c).where(Correction.id == correction_id))
        correction = found.one_or_none()
        if correction is None:
            raise Changed
        address = self._address(correction.address_id)
        rows = self._rows(address.id, correction.contact_id)
        mine = []
        for number in read(correction.after):
            match = next((row for row in rows if row not in mine and _input(row) == number), None)
            if match is None:
                raise Changed
            mine.append(match)
        # Locked with its address by now: whoever undoes it twice finds it undone.
        undone = self._session.execute(
            update(Correction)
            .where(Correction.id == correction_id, Correction.undone_at.is_(None))
            .values(undone_at=self._moment, undone_by=self._by)
            .execution_options(synchronize_session=False)
            .returning(Correction.id)
        )
        if undone.one_or_none() is None:
            raise Changed
        self._exchange(address, correction.contact_id, mine, read(correction.before), correction.place)

    def finish(self) -> None:
        """Mark the owners as changed, and publish whose numbers are others now."""
        for owner in self._owners.values():
            owner.version += 1
            owner.updated_at = self._moment
            owner.updated_by = self._by
        self._session.flush()
        if self._changes:
            publish_together(self._session, self._changes, self._by)

    def _exchange(
        self,
        address: Address,
        contact_id: int | None,
        old: Sequence[Any],
        new: Sequence[NumberInput],
        place: int | None = None,
    ) -> int:
        """Put numbers in the place of rows, the first in the row itself; returns the place in the owner's list."""
        rows = list(self._rows(address.id, contact_id))
        if len(rows) - len(old) + len(new) > MAX_NUMBERS:
            raise Invalid({"phone_numbers": "too_many"})
        self._owner(address, contact_id)
        ids = [row.id for row in rows]
        place = min(ids.index(old[0].id) if old else place or 0, len(ids))
        change = self._changes.setdefault(address.id, Change.none())
        change.add(old)
        taken = [row.id for row in old[: len(new)]]
        for number_id, number in zip(taken, new, strict=False):
            self._set(number_id, kept=False, **as_read(number, address.country))
        for row in old[len(new) :]:
            self._session.execute(
                delete(PhoneNumber).where(PhoneNumber.id == row.id).execution_options(synchronize_session=False)
            )
        for number in new[len(taken) :]:
            columns = {"address_id": address.id, "contact_id": contact_id, **as_read(number, address.country)}
            inserted = self._session.execute(insert(PhoneNumber).values(**columns).returning(PhoneNumber.id))
            taken.append(inserted.scalar_one())
        rest = [number_id for number_id in ids if number_id not in {row.id for row in old}]
        sorts = {row.id: row.sort for row in rows}
        for sort, number_id in enumerate([*rest[:place], *taken, *rest[place:]]):
            if sorts.get(number_id) != sort:
                self._set(number_id, sort=sort)
        if taken:
            is_new = PhoneNumber.id.in_(taken)
            change.add(self._session.execute(select(PhoneNumber.e164, PhoneNumber.stem).where(is_new)))
        return place

    def _set(self, number_id: int, **columns: Any) -> None:
        self._session.execute(
            update(PhoneNumber)
            .where(PhoneNumber.id == number_id)
            .values(**columns)
            .execution_options(synchronize_session=False)
        )

    def _rows(self, address_id: int, contact_id: int | None) -> Sequence[Any]:
        return self._session.execute(
            select(*PhoneNumber.__table__.c)
            .where(PhoneNumber.address_id == address_id, PhoneNumber.contact_id.is_not_distinct_from(contact_id))
            .order_by(PhoneNumber.sort, PhoneNumber.id)
        ).all()

    def _address(self, address_id: int) -> Address:
        if address_id not in self._addresses:
            found = self._locked(Address, address_id)
            if found is None:
                raise Changed
            self._addresses[address_id] = found
        return self._addresses[address_id]

    def _owner(self, address: Address, contact_id: int | None) -> None:
        if (address.id, contact_id) not in self._owners:
            owner = address if contact_id is None else self._locked(Contact, contact_id)
            if owner is None:
                raise Changed
            self._owners[address.id, contact_id] = owner

    def _locked(self, table: Any, row_id: int) -> Any:
        if not 0 < row_id <= MAX_ID:
            return None
        return self._session.execute(select(table).where(table.id == row_id).with_for_update()).scalar_one_or_none()


def _input(row: Any) -> NumberInput:
    return NumberInput(row.raw, row.kind, row.label, row.switchboard)


def written(numbers: Sequence[NumberInput]) -> str:
    """Numbers as a correction keeps them."""
    return json.dumps([asdict(number) for number in numbers], ensure_ascii=False)


def read(text: str) -> tuple[NumberInput, ...]:
    """The same read back."""
    return tuple(NumberInput(**fields) for fields in json.loads(text))
