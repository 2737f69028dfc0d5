"""Stores what a batch of rows has made of addresses: a fixed number of statements, however many rows.

The same columns as the services write, with the same rules; tests compare both ways.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from collections.abc import Set as AbstractSet
from datetime import datetime
from itertools import zip_longest
from typing import Any

from sqlalchemy import Table, bindparam, delete, func, insert, select, text, update
from sqlalchemy.orm import Session

from app.core.events import publish
from app.core.i18n import local
from app.core.phones import index_token
from app.modules.addresses import derived, repeated
from app.modules.addresses.counters import give_out_many, hold
from app.modules.addresses.documents import Document, document
from app.modules.addresses.events import AddressChanged, NumbersChanged
from app.modules.addresses.fields import CONTACT_TEXTS, FIELDS, SERIES
from app.modules.addresses.indexing import index_addresses, index_new
from app.modules.addresses.models import Address, Contact, PhoneNumber
from app.modules.addresses.numbers import Columns
from app.modules.addresses.services import SHOWN
from app.modules.addresses.transfer.states import AddressState, ContactState

Values = dict[str, Any]
#: Which of some numbers of a series stand in the file and must not be given out.
Reserved = Callable[[str, Sequence[str]], AbstractSet[str]]

_ADDRESS: Table = Address.__table__  # type: ignore[assignment] # the class says FromClause, and it is a table
_CONTACT: Table = Contact.__table__  # type: ignore[assignment] # likewise
_NUMBER: Table = PhoneNumber.__table__  # type: ignore[assignment] # likewise
_DERIVED = tuple(derived.of_address({}))
_DERIVED_OF_CONTACTS = tuple(derived.of_contact({}))
_STAMP = ("version", "updated_at", "updated_by")


def _update(table: Table, columns: Iterable[str]) -> Any:
    return update(table).where(table.c.id == bindparam("row_id")).values({name: bindparam(name) for name in columns})


_CHANGE_ADDRESS = _update(_ADDRESS, (*FIELDS, *_DERIVED, *_STAMP))
_CHANGE_ARCHIVED = _update(_ADDRESS, ("archived_at",))
_CHANGE_CONTACT = _update(_CONTACT, (*CONTACT_TEXTS, *_DERIVED_OF_CONTACTS, *_STAMP))
_DROP_OWN_NUMBERS = delete(_NUMBER).where(_NUMBER.c.address_id == bindparam("row_id"), _NUMBER.c.contact_id.is_(None))
_DROP_NUMBERS_OF_CONTACT = delete(_NUMBER).where(_NUMBER.c.contact_id == bindparam("row_id"))


def hold_keys(session: Session, keys: Iterable[str]) -> None:
    """Nobody else gives out or takes numbers or ids of these keys until the transaction ends."""
    for key in keys:
        hold(session, key)


def write(
    session: Session, states: Sequence[AddressState], moment: datetime, by: int | None, reserved: Reserved
) -> NumbersChanged | None:
    """Store the addresses that are new or changed. Returns the event to publish, None where no number is concerned.

    Call while the keys are held.
    """
    writer = _Writer(moment, by)
    new = [state for state in states if state.stored is None]
    changed = [state for state in states if state.stored is not None and state.differs(state.stored)]
    for series, role in SERIES.items():
        wanting = [state for state in (*new, *changed) if state.values[role] and not state.values[series]]
        numbers = give_out_many(session, series, len(wanting), lambda ahead, key=series: reserved(key, ahead))  # type: ignore[misc] # mypy cannot infer a lambda with a default
        for state, number in zip(wanting, numbers, strict=True):
            state.values[series] = number
    contacts = [contact for state in (*new, *changed) for contact in state.contacts if contact.id is None]
    for state, one in zip(new, _new_ids(session, _ADDRESS, len(new)), strict=True):
        state.id = one
    for contact, one in zip(contacts, _new_ids(session, _CONTACT, len(contacts)), strict=True):
        contact.id = one
    for state in new:
        writer.create(state)
    for state in changed:
        writer.change(state)
    writer.run(session)
    index_new(session, {state.id: _document(state) for state in new if state.id is not None})
    index_addresses(session, [state.id for state in changed if state.id is not None])
    repeated.refresh(session, writer.e164s)
    if new or changed:
        publish(session, AddressChanged(None))
    return NumbersChanged(frozenset(writer.e164s), None, frozenset(writer.stems), by) if writer.e164s else None


def _document(state: AddressState) -> Document:
    """What the search looks through for a new address: what it would read from the stored rows."""
    texts = [state.values[name] for name in derived.SEARCHED]
    for contact in state.contacts:
        texts += [contact.values[name] for name in derived.SEARCHED_OF_CONTACTS]
    owners = (state.numbers, *(contact.numbers for contact in state.contacts))
    # Of all owners the first number, then of all the second one.
    numbers = [number for of_a_place in zip_longest(*owners) for number in of_a_place if number is not None]
    return document(texts, [index_token(number["e164"], number["raw"]) for number in numbers])


def _new_ids(session: Session, table: Table, count: int) -> Sequence[int]:
    """Ids for new rows, so that what belongs to them can be stored in one go."""
    if not count:
        return ()
    if session.get_bind().dialect.name == "sqlite":
        # We are the only writer, and SQLite itself takes the next one after the largest.
        first = (session.execute(select(func.max(table.c.id))).scalar() or 0) + 1
        return range(first, first + count)
    sequence = text("SELECT nextval(pg_get_serial_sequence(:name, 'id')) FROM generate_series(1, :count)")
    return session.execute(sequence, {"name": table.name, "count": count}).scalars().all()


class _Writer:
    """Gathers rows, then runs one statement a kind."""

    def __init__(self, moment: datetime, by: int | None) -> None:
        self.moment = moment
        self.stamp = {"updated_at": moment, "updated_by": by}
        self.e164s: set[str] = set()
        self.stems: set[str] = set()
        self.rows: dict[str, list[Values]] = {}

    def create(self, state: AddressState) -> None:
        values = state.values
        self._begin_block(values, was_blocked=False)
        self._add(
            "addresses",
            {
                "id": state.id,
                **values,
                **derived.of_address(values),
                "archived_at": self.moment if state.archived else None,
                "version": 1,
                "created_at": self.moment,
                **self.stamp,
            },
        )
        self._numbers(state, None, state.numbers)
        self._concern(state.numbers)
        for contact in state.contacts:
            self._create_contact(state, contact)

    def change(self, state: AddressState) -> None:
        before = state.stored
        if before is None:
            raise ValueError("a new address cannot be changed")
        if state.own_differs(before):
            self._begin_block(state.values, was_blocked=before.values["delivery_block"])
            self._add(
                "changes",
                {
                    "row_id": state.id,
                    **state.values,
                    **derived.of_address(state.values),
                    "version": state.version + 1,
                    **self.stamp,
                },
            )
        if state.archived != before.archived:
            self._add("archived", {"row_id": state.id, "archived_at": self.moment if state.archived else None})
        if state.numbers != before.numbers:
            self._add("own_numbers", {"row_id": state.id})
            self._numbers(state, None, state.numbers)
            self._concern(before.numbers)
            self._concern(state.numbers)
        known = {contact.id: contact for contact in before.contacts}
        for contact in state.contacts:
            if contact.id not in known:
                self._create_contact(state, contact)
            elif not contact.is_like(known[contact.id]):
                self._change_contact(state, contact, known[contact.id])
        if state.archived != before.archived or any(state.values[name] != before.values[name] for name in SHOWN):
            # Who is shown when any of these numbers calls is another now.
            self._concern(before.all_numbers())
            self._concern(state.all_numbers())

    def _create_contact(self, state: AddressState, contact: ContactState) -> None:
        self._add(
            "contacts",
            {
                "id": contact.id,
                "address_id": state.id,
                **contact.values,
                **derived.of_contact(contact.values),
                "sort": contact.sort,
                "version": 1,
                **self.stamp,
            },
        )
        self._numbers(state, contact.id, contact.numbers)
        self._concern(contact.numbers)

    def _change_contact(self, state: AddressState, contact: ContactState, before: ContactState) -> None:
        self._add(
            "contact_changes",
            {
                "row_id": contact.id,
                **contact.values,
                **derived.of_contact(contact.values),
                "version": contact.version + 1,
                **self.stamp,
            },
        )
        if contact.numbers != before.numbers:
            self._add("contact_numbers", {"row_id": contact.id})
            self._numbers(state, contact.id, contact.numbers)
            self._concern(before.numbers)
            self._concern(contact.numbers)
        if contact.values["name"] != before.values["name"]:
            self._concern(contact.numbers)

    def run(self, session: Session) -> None:
        """In an order in which what is referred to exists, and a number that moves is free before it is taken."""
        for name, statement in (
            ("own_numbers", _DROP_OWN_NUMBERS),
            ("contact_numbers", _DROP_NUMBERS_OF_CONTACT),
            ("changes", _CHANGE_ADDRESS),
            ("archived", _CHANGE_ARCHIVED),
            ("contact_changes", _CHANGE_CONTACT),
            ("addresses", insert(_ADDRESS)),
            ("contacts", insert(_CONTACT)),
            ("numbers", insert(_NUMBER)),
        ):
            rows = self.rows.get(name)
            if rows:
                session.connection().execute(statement, rows)

    def _begin_block(self, values: Values, *, was_blocked: bool) -> None:
        if values["delivery_block"] and not was_blocked and values["delivery_block_date"] is None:
            values["delivery_block_date"] = local(self.moment).date()

    def _numbers(self, state: AddressState, contact_id: int | None, numbers: Sequence[Columns]) -> None:
        for place, columns in enumerate(numbers):
            kept = (contact_id, columns["raw"]) in state.kept
            whose = {"address_id": state.id, "contact_id": contact_id, "sort": place, "kept": kept}
            self._add("numbers", {**whose, **columns})

    def _concern(self, numbers: Iterable[Mapping[str, Any]]) -> None:
        for columns in numbers:
            if columns["e164"]:
                self.e164s.add(columns["e164"])
            if columns["stem"]:
                self.stems.add(columns["stem"])

    def _add(self, name: str, row: Values) -> None:
        self.rows.setdefault(name, []).append(row)
