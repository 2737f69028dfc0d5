"""Add one number, as a telephone system or a person gave it, to an address or to one of its contacts; take it back.

Other than an edit this needs no version: a number more is in nobody's way. What the person who adds it has seen comes
along, and is compared with what is there when it is stored.
"""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime
from typing import Any

from flask import current_app
from sqlalchemy import delete, func, select
from sqlalchemy.orm import Session

from app.core.database import storable, transaction
from app.core.phones import read_number, with_country_code, written_for_all
from app.modules.addresses import contacts as contacts_
from app.modules.addresses.additions import Added, GivenNumber, Holder, NotAdded, Owner, Seen
from app.modules.addresses.fields import MAX_LABEL_LENGTH, MAX_NUMBERS, cleaned_contact
from app.modules.addresses.folding import sort_key
from app.modules.addresses.models import Address, Contact, Note, PhoneNumber
from app.modules.addresses.note_services import attach_notes_of_origin, detach_notes
from app.modules.addresses.numbers import Change, inputs_of, save_numbers
from app.modules.addresses.records import ContactInput, Invalid, NumberInput
from app.modules.addresses.settings import NUMBER_KINDS


def add_number(
    number: GivenNumber,
    owner: Owner,
    seen: Seen,
    *,
    kind: str = "phone",
    label: str = "",
    origin: str | None = None,
    by: int | None = None,
) -> Added:
    """Store a number with its owner; notes of ``origin`` without an address get this one.

    Raises NotAdded, Invalid (``name``, ``kind``, ``label``). Pressed twice it is stored once: the second time the
    owner has it already.
    """
    label = " ".join(storable(label).split())
    if kind not in NUMBER_KINDS:
        raise Invalid({"kind": "unknown_kind"})
    if len(label) > MAX_LABEL_LENGTH:
        raise Invalid({"label": "too_long"})
    person = cleaned_contact(ContactInput(owner.new_contact)) if owner.new_contact.strip() else None
    moment = _now()
    with transaction() as session:
        _hold(session, number)
        address = _address(session, owner.address_id)
        contact = _contact(session, address, owner.contact_id) if person is None else None
        name = contact.name if contact is not None else address.name
        if seen.name and seen.name != name:
            raise NotAdded("renamed", name)
        given = NumberInput(_written(number, address.country), kind, label)
        if person is not None:
            _refuse_namesake(session, address, person.name, number, given)
        else:
            _refuse_again(session, address, contact, number, given)
        _refuse_unseen(session, number, seen)
        change = Change.none()
        if person is not None:
            contact = contacts_.append(session, address, replace(person, numbers=(given,)), moment, by, change)
        else:
            own = [*inputs_of(session, address.id, contact.id if contact else None), given]
            if len(own) > MAX_NUMBERS:
                raise Invalid({"number": "too_many"})
            _save(session, address, contact, own, moment, by, change)
        contact_id = contact.id if contact is not None else None
        notes = attach_notes_of_origin(session, origin, address.id, moment, contact_id) if origin else ()
        change.publish(session, address.id, by)
        return Added(
            address_id=address.id,
            contact_id=contact_id,
            raw=given.raw,
            kind=given.kind,
            label=given.label,
            contact_version=contact.version if contact is not None and person is not None else 0,
            notes=notes,
            name=contact.name if contact is not None else address.name,
            company=address.name,
        )


def take_back(added: Added, *, by: int | None = None) -> None:
    """Undo ``add_number``: the number goes, the notes are without an address again, and so goes a contact that was
    added with it and is still as it was. Raises NotAdded (``changed``, ``gone``): then everything stays.
    """  # fmt: skip
    moment = _now()
    with transaction() as session:
        address = _locked(session, Address, added.address_id)
        contact = _locked(session, Contact, added.contact_id) if added.contact_id is not None else None
        if address is None or (added.contact_id is not None and contact is None):
            raise NotAdded("gone")
        own = inputs_of(session, added.address_id, added.contact_id)
        stored = NumberInput(added.raw, added.kind, added.label)
        if stored not in own or (contact is not None and contact.address_id != address.id):
            raise NotAdded("changed")
        own.remove(stored)
        change = Change.none()
        detach_notes(session, added.notes, moment)
        _save(session, address, contact, own, moment, by, change, was=added.contact_version)
        change.publish(session, address.id, by)


def _save(
    session: Session,
    address: Address,
    contact: Contact | None,
    numbers: list[NumberInput],
    moment: datetime,
    by: int | None,
    change: Change,
    was: int = 0,
) -> None:
    """Make these the owner's numbers. A contact without any that is as when it was added (``was``) goes itself."""
    row: Any = contact if contact is not None else address
    untouched = contact is not None and contact.version == was and not numbers
    save_numbers(session, address.id, contact.id if contact else None, numbers, address.country, change)
    row.version += 1
    row.updated_at = moment
    row.updated_by = by
    session.flush()
    if contact is not None and untouched and not _has_notes(session, contact.id):
        session.execute(delete(Contact).where(Contact.id == contact.id).execution_options(synchronize_session=False))


def _has_notes(session: Session, contact_id: int) -> bool:
    return session.execute(select(Note.id).where(Note.contact_id == contact_id).limit(1)).first() is not None


def _hold(session: Session, number: GivenNumber) -> None:
    """Whoever adds the same number elsewhere at the same moment waits, and then sees this one."""
    if session.get_bind().dialect.name == "postgresql":
        key = func.hashtextextended(f"addresses.number {number.e164 or number.raw}", 0)
        session.execute(select(func.pg_advisory_xact_lock(key)))


def _address(session: Session, address_id: int) -> Address:
    address: Address | None = _locked(session, Address, address_id)
    if address is None:
        raise NotAdded("gone")
    if address.archived_at is not None:
        raise NotAdded("archived", address.name)
    return address


def _contact(session: Session, address: Address, contact_id: int | None) -> Contact | None:
    if contact_id is None:
        return None
    contact: Contact | None = _locked(session, Contact, contact_id)
    if contact is None or contact.address_id != address.id:
        raise NotAdded("contact_gone", address.name)
    if contact.archived_at is not None:
        raise NotAdded("contact_gone", contact.name)
    return contact


def _locked(session: Session, table: Any, row_id: int | None) -> Any:
    return session.execute(select(table).where(table.id == row_id).with_for_update()).scalar_one_or_none()


def _written(number: GivenNumber, country: str) -> str:
    """The number in a form that means the same whatever the country of its owner."""
    if number.e164 is not None:
        return written_for_all(number.e164, number.stem)
    for text in (number.raw.strip(), with_country_code(number.raw)):
        if text and read_number(text, country).e164 is None:
            return text
    raise NotAdded("misread")


def _is_it(number: GivenNumber, given: NumberInput) -> Any:
    if number.e164 is not None:
        return PhoneNumber.e164 == number.e164
    return PhoneNumber.raw == given.raw


def _refuse_again(
    session: Session, address: Address, contact: Contact | None, number: GivenNumber, given: NumberInput
) -> None:
    owner = (
        PhoneNumber.address_id == address.id,
        PhoneNumber.contact_id.is_not_distinct_from(contact.id if contact else None),
    )
    if session.execute(select(PhoneNumber.id).where(*owner, _is_it(number, given)).limit(1)).first() is not None:
        raise NotAdded("has_it", contact.name if contact else address.name)


def _refuse_namesake(session: Session, address: Address, name: str, number: GivenNumber, given: NumberInput) -> None:
    """A contact of this name is there: chosen from the list it gets the number; added once more it would be double."""
    found = session.execute(
        select(Contact.id, Contact.name)
        .where(Contact.address_id == address.id, Contact.archived_at.is_(None), Contact.name_key == sort_key(name))
        .order_by(Contact.id)
    ).first()
    if found is None:
        return
    has_it = select(PhoneNumber.id).where(PhoneNumber.contact_id == found.id, _is_it(number, given)).limit(1)
    if session.execute(has_it).first() is not None:
        raise NotAdded("has_it", found.name)
    raise NotAdded("contact_exists", found.name, contact_id=found.id)


def _refuse_unseen(session: Session, number: GivenNumber, seen: Seen) -> None:
    others = [one for one in holders(session, number.e164) if (one.address_id, one.contact_id) not in seen.holders]
    if others:
        raise NotAdded("elsewhere", others[0].name, owners=others)


def holders(session: Session, e164: str | None) -> list[Holder]:
    """Who has this very number, archived ones left out, ten at most."""
    if e164 is None:
        return []
    rows = session.execute(
        select(PhoneNumber.address_id, PhoneNumber.contact_id, Address.name, Contact.name)
        .join_from(PhoneNumber, Address, Address.id == PhoneNumber.address_id)
        .outerjoin(Contact, Contact.id == PhoneNumber.contact_id)
        .where(PhoneNumber.e164 == e164, Address.archived_at.is_(None), Contact.archived_at.is_(None))
        .order_by(Address.name_key, Contact.name_key, PhoneNumber.id)
        .limit(10)
    )
    found = {
        (address_id, contact_id): Holder(address_id, contact_id, person or name, name if person else None)
        for address_id, contact_id, name, person in rows
    }
    return list(found.values())


def _now() -> datetime:
    found: datetime = current_app.extensions["durchwahl"].clock.now()
    return found
