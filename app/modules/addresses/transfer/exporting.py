"""Addresses as a table for a spreadsheet, which an import takes back as it went.

A row for each contact, and one for an address without any; what belongs to the address is repeated in each. As many
columns of numbers as somebody has. Which addresses it is about is decided at the start; then they are read piece by
piece, so that memory does not grow and no connection waits for a browser that reads slowly.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from sqlalchemy import func, or_, select

from app.core.accounts.models import User
from app.core.database import reading
from app.core.spreadsheets import BOM, csv_line
from app.modules.addresses.fields import CONTACT_TEXTS, FIELDS, USERS
from app.modules.addresses.models import Contact, PhoneNumber
from app.modules.addresses.settings import NUMBER_KINDS
from app.modules.addresses.transfer import own_ids
from app.modules.addresses.transfer.loading import stored_states
from app.modules.addresses.transfer.states import AddressState, ContactState
from app.modules.addresses.transfer.targets import ARCHIVED, LABEL, OWN_ID, SWITCHBOARD
from app.modules.addresses.transfer.words import heading
from app.modules.addresses.views.texts import kind_name

#: Addresses that are read at once.
BATCH = 500
#: Have a column whether or not anybody has such a number, so that a table looks alike each time.
ALWAYS = ("phone", "mobile", "fax")
_YES = "x"


@dataclass(frozen=True, slots=True)
class NumberColumns:
    """How many numbers of a kind somebody has, and whether anything is said of them."""

    kind: str
    count: int
    labels: bool
    switchboards: bool


def export_lines(ids: Sequence[int], separator: str = ";") -> Iterator[str]:
    """The lines of the table with these addresses, in their order, many at once; in the language in force.

    Nothing of the database is held between two pieces.
    """
    own, theirs = _columns(ids)
    with reading() as session:
        users = dict(session.execute(select(User.id, User.username)).all())
    headings = [heading(OWN_ID), *(heading(name) for name in FIELDS), heading(ARCHIVED)]
    headings += _number_headings(own, "")
    headings += [heading(f"contact1.{name}") for name in CONTACT_TEXTS]
    headings += _number_headings(theirs, "contact1.")
    yield BOM + csv_line(headings, separator)
    for start in range(0, len(ids), BATCH):
        part = list(ids[start : start + BATCH])
        with reading() as session:
            states = {state.id: state for state in stored_states(session, {OWN_ID: part})}
        found = [states[one] for one in part if one in states]
        yield "".join(csv_line(cells, separator) for state in found for cells in _rows(state, own, theirs, users))


def _columns(ids: Sequence[int]) -> tuple[list[NumberColumns], list[NumberColumns]]:
    """The columns of numbers that these addresses and their contacts need."""
    needed: dict[tuple[bool, str], NumberColumns] = {}
    number = PhoneNumber.__table__.c
    per_owner = select(
        number.contact_id.is_not(None).label("of_contact"),
        number.kind,
        func.count().label("owned"),
        func.max(func.length(number.label)).label("label"),
        func.count().filter(number.switchboard).label("switchboards"),
    ).outerjoin(Contact, Contact.id == number.contact_id)
    for start in range(0, len(ids), BATCH):
        statement = per_owner.where(
            number.address_id.in_(list(ids[start : start + BATCH])),
            or_(number.contact_id.is_(None), Contact.archived_at.is_(None)),
        ).group_by(number.address_id, number.contact_id, number.kind)
        with reading() as session:
            for row in session.execute(statement):
                key = bool(row.of_contact), row.kind
                known = needed.get(key, NumberColumns(row.kind, 0, labels=False, switchboards=False))
                needed[key] = NumberColumns(
                    row.kind,
                    max(known.count, row.owned),
                    labels=known.labels or bool(row.label),
                    switchboards=known.switchboards or bool(row.switchboards),
                )

    def of(contact: bool) -> list[NumberColumns]:
        return [
            needed.get((contact, kind), NumberColumns(kind, 1, labels=False, switchboards=False))
            for kind in NUMBER_KINDS
            if kind in ALWAYS or (contact, kind) in needed
        ]

    return of(False), of(True)


def _number_headings(columns: Sequence[NumberColumns], prefix: str) -> Iterator[str]:
    for column in columns:
        for place in range(1, column.count + 1):
            yield heading(f"{prefix}{column.kind}", place)
            if column.labels:
                yield heading(f"{prefix}{column.kind}", place, LABEL)
            if column.switchboards:
                yield heading(f"{prefix}{column.kind}", place, SWITCHBOARD)


def _rows(
    state: AddressState,
    own: Sequence[NumberColumns],
    theirs: Sequence[NumberColumns],
    users: Mapping[int, str],
) -> Iterator[list[str]]:
    fields = [_cell(name, state.values[name], users) for name in FIELDS]
    address = [own_ids.written(state.id or 0), *fields, _YES if state.archived else "", *_numbers(state, own)]
    contacts: list[ContactState | None] = [contact for contact in state.contacts if not contact.archived]
    for contact in contacts or [None]:
        if contact is None:
            yield [*address, *("" for _name in CONTACT_TEXTS), *_numbers(None, theirs)]
        else:
            yield [*address, *(contact.values[name] for name in CONTACT_TEXTS), *_numbers(contact, theirs)]


def _cell(name: str, value: Any, users: Mapping[int, str]) -> str:
    if name in USERS:
        return users.get(value, "")
    if name == "kind":
        return kind_name(value)
    if isinstance(value, bool):
        return _YES if value else ""
    return value.isoformat() if isinstance(value, date) else str(value or "")


def _numbers(owner: AddressState | ContactState | None, columns: Sequence[NumberColumns]) -> Iterator[str]:
    for column in columns:
        numbers = [number for number in owner.numbers if number["kind"] == column.kind] if owner else []
        for place in range(column.count):
            number = numbers[place] if place < len(numbers) else None
            yield number["raw"] if number else ""
            if column.labels:
                yield number["label"] if number else ""
            if column.switchboards:
                yield _YES if number and number["switchboard"] else ""
