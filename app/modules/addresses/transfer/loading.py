"""The addresses that a batch of rows means, as they are stored now: a fixed number of queries, however many rows."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from sqlalchemy import or_, select
from sqlalchemy.orm import Session

from app.modules.addresses.fields import CONTACT_TEXTS, FIELDS, KEYS
from app.modules.addresses.models import Address, Contact, PhoneNumber
from app.modules.addresses.transfer.rows import Row
from app.modules.addresses.transfer.states import AddressState, ContactState
from app.modules.addresses.transfer.targets import OWN_ID

_ADDRESS = Address.__table__.c
_CONTACT = Contact.__table__.c
_NUMBER = PhoneNumber.__table__.c
NUMBER_COLUMNS = ("raw", "e164", "kind", "label", "extension", "switchboard", "stem", "problem", "finding")


def keys_of(rows: Iterable[Row]) -> dict[str, list[Any]]:
    """Every value by which the rows name addresses: ``own_id`` and the keys."""
    found: dict[str, dict[Any, None]] = {key: {} for key in (OWN_ID, *KEYS)}
    for row in rows:
        for key in found:
            value = row.key(key)
            if value:
                found[key][value] = None
    return {key: list(values) for key, values in found.items()}


def stored_states(session: Session, keys: dict[str, list[Any]], *, lock: bool = False) -> list[AddressState]:
    """The addresses with one of these keys. ``lock``: nobody else changes them until the transaction ends."""
    columns = {OWN_ID: _ADDRESS.id, **{key: _ADDRESS[key] for key in KEYS}}
    asked = [columns[key].in_(values) for key, values in keys.items() if values]
    if not asked:
        return []
    statement = select(_ADDRESS.id, _ADDRESS.version, _ADDRESS.archived_at, *(_ADDRESS[name] for name in FIELDS)).where(
        or_(*asked)
    )
    if lock and session.get_bind().dialect.name != "sqlite":
        # In one order, so that two imports never wait for each other.
        statement = statement.order_by(_ADDRESS.id).with_for_update()
    states = {
        row.id: AddressState(
            {name: getattr(row, name) for name in FIELDS},
            id=row.id,
            version=row.version,
            archived=row.archived_at is not None,
        )
        for row in session.execute(statement)
    }
    if states:
        _add_contacts_and_numbers(session, states)
    for state in states.values():
        state.stored = state.copy()
    return list(states.values())


def _add_contacts_and_numbers(session: Session, states: dict[int, AddressState]) -> None:
    ids = list(states)
    contacts: dict[int, ContactState] = {}
    names = ("id", "address_id", "version", "archived_at", "sort", *CONTACT_TEXTS)
    for row in session.execute(
        select(*(_CONTACT[name] for name in names))
        .where(_CONTACT.address_id.in_(ids))
        .order_by(_CONTACT.sort, _CONTACT.id)
    ):
        contacts[row.id] = ContactState(
            {name: getattr(row, name) for name in CONTACT_TEXTS},
            id=row.id,
            version=row.version,
            archived=row.archived_at is not None,
            sort=row.sort,
        )
        states[row.address_id].contacts.append(contacts[row.id])
    for number in session.execute(
        select(_NUMBER.address_id, _NUMBER.contact_id, _NUMBER.kept, *(_NUMBER[name] for name in NUMBER_COLUMNS))
        .where(_NUMBER.address_id.in_(ids))
        .order_by(_NUMBER.sort, _NUMBER.id)
    ):
        owner: Any = states[number.address_id] if number.contact_id is None else contacts[number.contact_id]
        owner.numbers.append({name: getattr(number, name) for name in NUMBER_COLUMNS})
        if number.kept:
            states[number.address_id].kept.add((number.contact_id, number.raw))


def taken_meanwhile(session: Session, keys: Mapping[str, Sequence[Any]], states: Iterable[AddressState]) -> bool:
    """Whether an address has one of the keys that none of these states has; ask while the keys are held."""
    ids = [state.id for state in states]
    asked = [_ADDRESS[key].in_(keys[key]) for key in KEYS if keys[key]]
    if not asked:
        return False
    return session.execute(select(_ADDRESS.id).where(or_(*asked), _ADDRESS.id.not_in(ids)).limit(1)).first() is not None
