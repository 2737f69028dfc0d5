"""Use cases of addresses. Each opens its own transaction and raises what ``records`` defines."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from collections.abc import Set as AbstractSet
from datetime import datetime
from typing import Any

from flask import current_app
from sqlalchemy import select
from sqlalchemy.orm import Session

from app.core.accounts.models import User
from app.core.database import transaction
from app.core.i18n import local
from app.modules.addresses import contacts as contacts_
from app.modules.addresses import derived
from app.modules.addresses.counters import give_out, hold, is_taken
from app.modules.addresses.fields import (
    FLAGS,
    MAX_CONTACTS,
    SERIES,
    USERS,
    cleaned,
    cleaned_contact,
    cleaned_numbers,
)
from app.modules.addresses.models import Address, Contact
from app.modules.addresses.note_services import attach_notes_of_origin
from app.modules.addresses.numbers import Change, numbers_of_address, read_again, save_numbers
from app.modules.addresses.records import ContactInput, Invalid, NoSuchAddress, NumberInput, Stale
from app.modules.addresses.settings import address_settings

ROLE_FIELDS = FLAGS[:3]
#: A change of these is a change of who is shown when a number calls.
SHOWN = ("name", "kind", "customer_number")


def now() -> datetime:
    """The injected clock's time."""
    found: datetime = current_app.extensions["durchwahl"].clock.now()
    return found


def create_address(
    values: Mapping[str, Any],
    numbers: Sequence[NumberInput] = (),
    contacts: Sequence[ContactInput] = (),
    *,
    by: int | None = None,
    origin: str | None = None,
) -> int:
    """Store a new address; returns its id. Only ``name`` is required. Raises Invalid, KeyError for unknown fields.

    Where no role is named it is a customer. Customers and suppliers get a number unless one is given. Notes of
    ``origin`` that have no address yet are attached. A duplicate is never refused: see ``duplicates``.
    """
    fields = cleaned({"name": "", "country": address_settings().default_country, **values})
    if not any(role in values for role in ROLE_FIELDS):
        fields["is_customer"] = True
    own = cleaned_numbers(list(numbers), "phone_numbers")
    people = _cleaned_contacts(contacts)
    _refuse_foreign(people, frozenset())
    moment = now()
    with transaction() as session:
        address = Address(created_at=moment, updated_at=moment, updated_by=by, version=1, is_customer=False)
        # Before the row is inserted: looking for free numbers must not store a half-filled address.
        _apply(session, address, fields, moment)
        session.add(address)
        session.flush()
        change = Change.none()
        save_numbers(session, address.id, None, own, address.country, change)
        for place, person in enumerate(people):
            contacts_.store(session, address, person, place, moment, by, change)
        change.publish(session, address.id, by)
        if origin:
            attach_notes_of_origin(session, origin, address.id, moment)
        return address.id


def update_address(
    address_id: int,
    version: int | None,
    values: Mapping[str, Any],
    numbers: Sequence[NumberInput] | None = None,
    contacts: Sequence[ContactInput] | None = None,
    *,
    by: int | None = None,
) -> int:
    """Change the given fields; returns the version that is in force then. None leaves numbers or contacts alone.

    ``contacts`` replaces the list: those with an id are changed, those without added, the missing archived. Raises
    NoSuchAddress, Stale when ``version`` is given and not the present one, Invalid, KeyError for unknown fields.
    Saving what is stored already changes nothing.
    """
    fields = cleaned(values)
    own = None if numbers is None else cleaned_numbers(list(numbers), "phone_numbers")
    people = None if contacts is None else _cleaned_contacts(contacts)
    moment = now()
    with transaction() as session:
        address = _locked(session, address_id)
        if version is not None and version != address.version:
            raise Stale(address.version)
        change = Change.none()
        before = {field: getattr(address, field) for field in (*SHOWN, "country")}
        changed = _apply(session, address, fields, moment)
        session.flush()
        if address.country != before["country"]:
            read_again(session, address.id, address.country, change)
        if own is not None:
            changed |= save_numbers(session, address.id, None, own, address.country, change)
        if people is not None:
            changed |= _replace_contacts(session, address, people, moment, by, change)
        if any(getattr(address, field) != before[field] for field in SHOWN):
            change.add(numbers_of_address(session, address.id))
        if changed:
            address.version += 1
            address.updated_at = moment
            address.updated_by = by
        change.publish(session, address.id, by)
        return address.version


def archive(address_id: int, *, by: int | None = None) -> None:
    """Take an address out of lists and searches; everything stays and can be restored. Raises NoSuchAddress."""
    _set_archived(address_id, True, by)


def restore(address_id: int, *, by: int | None = None) -> None:
    """Bring an archived address back. Raises NoSuchAddress."""
    _set_archived(address_id, False, by)


def _set_archived(address_id: int, archived: bool, by: int | None) -> None:
    with transaction() as session:
        address = _locked(session, address_id)
        if (address.archived_at is not None) is archived:
            return
        moment = now()
        address.archived_at = moment if archived else None
        address.version += 1
        address.updated_at = moment
        address.updated_by = by
        change = Change.none()
        change.add(numbers_of_address(session, address_id))
        change.publish(session, address_id, by)


def _locked(session: Session, address_id: int) -> Address:
    address = session.execute(select(Address).where(Address.id == address_id).with_for_update()).scalar_one_or_none()
    if address is None:
        raise NoSuchAddress(address_id)
    return address


def _apply(session: Session, address: Address, fields: dict[str, Any], moment: datetime) -> bool:
    """Set the fields and what follows from them. True when anything differs."""
    _check_users(session, fields)
    with session.no_autoflush:
        for series, role in SERIES.items():
            _number(session, address, series, role, fields)
        _refuse_taken(session, address, "external_id", fields)
    changed = False
    for field, value in fields.items():
        if getattr(address, field, None) != value:
            setattr(address, field, value)
            changed = True
    if address.delivery_block and address.delivery_block_date is None and fields.get("delivery_block"):
        address.delivery_block_date = local(moment).date()
        changed = True
    for column, value in derived.of_address({field: getattr(address, field) for field in derived.SEARCHED}).items():
        setattr(address, column, value)
    return changed


def _number(session: Session, address: Address, series: str, role: str, fields: dict[str, Any]) -> None:
    """The customer or supplier number: as typed if it is free, else given out to whoever has the role and none."""
    typed = fields.get(series, getattr(address, series))
    if typed:
        _refuse_taken(session, address, series, fields)
    elif fields.get(role, getattr(address, role)):
        fields[series] = give_out(session, series)


def _refuse_taken(session: Session, address: Address, key: str, fields: Mapping[str, Any]) -> None:
    """Raises Invalid where another address has what is typed here; nobody else can take it until the commit."""
    typed = fields.get(key)
    if typed and typed != getattr(address, key):
        hold(session, key)
        if is_taken(session, key, typed, but_by=address.id):
            raise Invalid({key: "taken"})


def _check_users(session: Session, fields: Mapping[str, Any]) -> None:
    for field in USERS:
        user_id = fields.get(field)
        if user_id and session.get(User, user_id) is None:
            raise Invalid({field: "unknown_user"})


def _cleaned_contacts(contacts: Sequence[ContactInput]) -> list[ContactInput]:
    if len(contacts) > MAX_CONTACTS:
        raise Invalid({"contacts": "too_many"})
    return [cleaned_contact(contact, f"contacts.{place}.") for place, contact in enumerate(contacts)]


def _refuse_foreign(people: Sequence[ContactInput], known: AbstractSet[int]) -> None:
    """Raises Invalid for an id that is none of the known contacts', or that is named twice."""
    left = set(known)
    for place, person in enumerate(people):
        if person.id is None:
            continue
        if person.id not in left:
            raise Invalid({f"contacts.{place}.id": "unknown_contact"})
        left.remove(person.id)


def _replace_contacts(
    session: Session,
    address: Address,
    people: Sequence[ContactInput],
    moment: datetime,
    by: int | None,
    change: Change,
) -> bool:
    known = set(
        session.execute(
            select(Contact.id).where(Contact.address_id == address.id, Contact.archived_at.is_(None))
        ).scalars()
    )
    _refuse_foreign(people, known)
    changed = False
    for place, person in enumerate(people):
        changed |= contacts_.store(session, address, person, place, moment, by, change)
    for contact_id in sorted(known - {person.id for person in people}):
        contacts_.set_archived(session, contact_id, moment, by, change)
        changed = True
    return changed
