"""The rows of the phone book that belong to an address, a contact or a number."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import ColumnElement, Select, select
from sqlalchemy.orm import Session

from app.core.ui.leaves import Key
from app.modules.addresses.models import Address, Contact, PhoneNumber
from app.modules.addresses.paths import address_path

Condition = ColumnElement[bool]
#: Owners in their order behind a key: each with its key and its id.
Owners = Callable[[Key | None, bool, int], Sequence[tuple[Key, int]]]


@dataclass(frozen=True, slots=True)
class PhoneBookRow:
    """A number and whose it is. ``contact`` is empty for the address's own."""

    address_id: int
    contact_id: int | None
    company: str
    contact: str
    raw: str
    e164: str
    kind: str
    label: str
    path: str


def dialled() -> tuple[Condition, ...]:
    """What a number of the phone book is; faxes are none, nor numbers that cannot be read."""
    return PhoneNumber.e164.is_not(None), PhoneNumber.kind != "fax"


def has_number(*of_owner: Condition) -> Condition:
    """Whether an owner has a number that can be dialled.

    As a value, not as EXISTS: of that PostgreSQL may make a join with all numbers.
    """
    some = select(PhoneNumber.id).where(*of_owner, *dialled()).limit(1)
    return some.correlate(Address, Contact).scalar_subquery().is_not(None)


def all_rows(*conditions: Condition) -> Select[Any]:
    """The rows of active owners that fit."""
    columns: tuple[Any, ...] = (
        PhoneNumber.id,
        PhoneNumber.address_id,
        PhoneNumber.contact_id,
        PhoneNumber.raw,
        PhoneNumber.e164,
        PhoneNumber.kind,
        PhoneNumber.label,
        PhoneNumber.sort,
        Address.name.label("company"),
        Contact.name.label("contact"),
        Contact.name_key.label("contact_key"),
    )
    return (
        select(*columns)
        .join(Address, Address.id == PhoneNumber.address_id)
        .outerjoin(Contact, Contact.id == PhoneNumber.contact_id)
        .where(*dialled(), Address.archived_at.is_(None), Contact.archived_at.is_(None), *conditions)
    )


@dataclass(frozen=True, slots=True)
class Book:
    """A part of the phone book: owners in an order, and which rows of each are meant.

    The key of a row is its owner's, then the contact's name and the id of the number. Not the number itself: keys
    stand in the addresses of pages.
    """

    session: Session
    owners: Owners
    owner: Any
    """The column of PhoneNumber that names the owner."""
    conditions: tuple[Condition, ...] = ()
    descending: bool = False

    def rows(self, beyond: Key | None, backwards: bool, limit: int) -> list[tuple[Key, PhoneBookRow]]:
        """A stretch as ``leaves`` takes it."""
        found: list[tuple[Key, PhoneBookRow]] = []
        turned = self.descending != backwards
        behind: Key | None = None
        if beyond is not None:
            *owner, contact_key, number_id = beyond
            behind = tuple(owner)
            rows = self._of([behind[-1]], turned).get(behind[-1], [])
            found += _keyed(behind, _beyond(rows, contact_key, number_id, turned))
        while len(found) < limit:
            owners = self.owners(behind, backwards, limit)
            rows_of = self._of([one for _key, one in owners], turned)
            for key, one in owners:
                found += _keyed(key, rows_of.get(one, []))
            if not owners:
                break
            behind = owners[-1][0]
        return found[:limit]

    def _of(self, owners: Iterable[int], turned: bool) -> dict[int, list[Any]]:
        ids = list(owners)
        rows = self.session.execute(all_rows(self.owner.in_(ids), *self.conditions)).all() if ids else []
        found: dict[int, list[Any]] = {}
        for row in sorted(rows, key=_in_owner, reverse=turned):
            found.setdefault(getattr(row, self.owner.key), []).append(row)
        return found


def shown(row: Any) -> PhoneBookRow:
    """A row as it is shown."""
    return PhoneBookRow(
        address_id=row.address_id,
        contact_id=row.contact_id,
        company=row.company,
        contact=row.contact or "",
        raw=row.raw,
        e164=row.e164,
        kind=row.kind,
        label=row.label,
        path=address_path(row.address_id, row.contact_id),
    )


def _in_owner(row: Any) -> tuple[Any, ...]:
    return row.contact_key or "", row.e164, row.sort, row.id


def _keyed(owner: Key, rows: Iterable[Any]) -> list[tuple[Key, PhoneBookRow]]:
    return [((*owner, row.contact_key or "", row.id), shown(row)) for row in rows]


def _beyond(rows: list[Any], contact_key: str, number_id: int, turned: bool) -> list[Any]:
    """Those behind a number. If it is gone by now, those of its contact once more: better twice than not at all."""
    for place, row in enumerate(rows):
        if row.id == number_id:
            return rows[place + 1 :]
    return [
        row
        for row in rows
        if ((row.contact_key or "") <= contact_key if turned else (row.contact_key or "") >= contact_key)
    ]
