"""Use cases of contacts: the persons at an address."""

from __future__ import annotations

from datetime import datetime

from flask import current_app
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from app.core.database import transaction
from app.modules.addresses import derived
from app.modules.addresses.fields import CONTACT_TEXTS, cleaned_contact
from app.modules.addresses.models import Address, Contact, PhoneNumber
from app.modules.addresses.numbers import Change, save_numbers
from app.modules.addresses.records import ContactInput, NoSuchAddress, Stale


def add_contact(address_id: int, contact: ContactInput, *, by: int | None = None) -> int:
    """Add a contact at the end of the list; returns the id. Raises NoSuchAddress, Invalid."""
    contact = cleaned_contact(contact)
    moment = current_app.extensions["durchwahl"].clock.now()
    with transaction() as session:
        change = Change.none()
        row = append(session, _address(session, address_id), contact, moment, by, change)
        change.publish(session, address_id, by)
        return row.id


def update_contact(contact_id: int, version: int | None, contact: ContactInput, *, by: int | None = None) -> None:
    """Change a contact and its numbers. Raises NoSuchAddress, Stale (its own version), Invalid."""
    contact = cleaned_contact(contact)
    moment = current_app.extensions["durchwahl"].clock.now()
    with transaction() as session:
        # The address first, as everybody locks it before its contacts: two who wait for each other would both fail.
        address = _address(session, _address_id(session, contact_id))
        row = _locked(session, contact_id)
        if version is not None and version != row.version:
            raise Stale(row.version)
        change = Change.none()
        _fill(session, address, row, contact, moment, by, change)
        change.publish(session, row.address_id, by)


def archive_contact(contact_id: int, *, by: int | None = None) -> None:
    """Who has left: the contact goes from the list, notes keep it, it can be restored. Raises NoSuchAddress."""
    _change_archived(contact_id, True, by)


def restore_contact(contact_id: int, *, by: int | None = None) -> None:
    """Bring an archived contact back. Raises NoSuchAddress."""
    _change_archived(contact_id, False, by)


def _change_archived(contact_id: int, archived: bool, by: int | None) -> None:
    moment = current_app.extensions["durchwahl"].clock.now()
    with transaction() as session:
        row = _locked(session, contact_id)
        if (row.archived_at is not None) is archived:
            return
        change = Change.none()
        set_archived(session, contact_id, moment, by, change, archived=archived)
        change.publish(session, row.address_id, by)


def set_archived(
    session: Session,
    contact_id: int,
    moment: datetime,
    by: int | None,
    change: Change,
    *,
    archived: bool = True,
) -> None:
    """Archive or bring back within the transaction of a larger use case."""
    row = _locked(session, contact_id)
    row.archived_at = moment if archived else None
    row.version += 1
    row.updated_at = moment
    row.updated_by = by
    _concern(session, contact_id, change)


def append(
    session: Session, address: Address, contact: ContactInput, moment: datetime, by: int | None, change: Change
) -> Contact:
    """Add a cleaned contact at the end of the list of a locked address."""
    last = session.execute(select(func.max(Contact.sort)).where(Contact.address_id == address.id)).scalar()
    row = Contact(address_id=address.id, version=0)
    _fill(session, address, row, contact, moment, by, change)
    row.sort = 0 if last is None else last + 1
    return row


def store(
    session: Session,
    address: Address,
    contact: ContactInput,
    place: int,
    moment: datetime,
    by: int | None,
    change: Change,
) -> bool:
    """Add a cleaned contact or change the one with its id, at this place of the list. True when anything differs."""
    row = _locked(session, contact.id) if contact.id is not None else Contact(address_id=address.id, version=0)
    changed = _fill(session, address, row, contact, moment, by, change)
    if row.sort != place:
        row.sort = place
        changed = True
    return changed


def _fill(
    session: Session,
    address: Address,
    row: Contact,
    contact: ContactInput,
    moment: datetime,
    by: int | None,
    change: Change,
) -> bool:
    renamed = row.name != contact.name
    changed = False
    for field in CONTACT_TEXTS:
        if getattr(row, field) != getattr(contact, field):
            setattr(row, field, getattr(contact, field))
            changed = True
    for column, value in derived.of_contact({field: getattr(contact, field) for field in CONTACT_TEXTS}).items():
        setattr(row, column, value)
    if row.id is None:
        row.sort = 0
        row.updated_at = moment
        session.add(row)
    session.flush()
    changed |= save_numbers(session, address.id, row.id, contact.numbers, address.country, change)
    if changed:
        row.version += 1
        row.updated_at = moment
        row.updated_by = by
    if renamed:
        _concern(session, row.id, change)
    return changed


def _concern(session: Session, contact_id: int, change: Change) -> None:
    change.add(session.execute(select(PhoneNumber.e164, PhoneNumber.stem).where(PhoneNumber.contact_id == contact_id)))


def _address(session: Session, address_id: int) -> Address:
    """The address, locked: two who add contacts at once get different places."""
    address = session.execute(select(Address).where(Address.id == address_id).with_for_update()).scalar_one_or_none()
    if address is None:
        raise NoSuchAddress(address_id)
    return address


def _address_id(session: Session, contact_id: int) -> int:
    found = session.execute(select(Contact.address_id).where(Contact.id == contact_id)).scalar_one_or_none()
    if found is None:
        raise NoSuchAddress(contact_id)
    return found


def _locked(session: Session, contact_id: int) -> Contact:
    row = session.execute(select(Contact).where(Contact.id == contact_id).with_for_update()).scalar_one_or_none()
    if row is None:
        raise NoSuchAddress(contact_id)
    return row
