"""What addresses, contacts and notes tell about one person, for whoever asks what is stored about him."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator
from typing import Any

from flask_babel import gettext as _
from sqlalchemy import ColumnElement, and_, false, func, or_, select
from sqlalchemy.orm import Session

from app.core.accounts.models import User
from app.core.privacy.persons import Chapter, Person, PersonSource
from app.modules.addresses import former, removing
from app.modules.addresses.imports import telling as tables
from app.modules.addresses.models import Address, Contact, Correction, Note, NoteDraft, PhoneNumber
from app.modules.addresses.search import ranked

#: Addresses that a search shows.
MOST_FOUND = 20
_ADDRESS, _CONTACT = "address-", "contact-"


def find(session: Session, text: str) -> list[Person]:
    """Addresses, archived ones too, and their contacts."""
    hits = ranked(session, text, [])
    found: list[Person] = []
    for address_id in hits.ids(MOST_FOUND) if hits is not None else ():
        found.extend(filter(None, [resolve(session, f"{_ADDRESS}{address_id}")]))
        contacts = select(Contact.id).where(Contact.address_id == address_id).order_by(Contact.sort, Contact.id)
        for contact_id in session.execute(contacts).scalars():
            found.extend(filter(None, [resolve(session, f"{_CONTACT}{contact_id}")]))
    return found


def resolve(session: Session, key: str) -> Person | None:
    """The address or contact of a key."""
    kind, _dash, number = key.partition("-")
    if f"{kind}-" not in (_ADDRESS, _CONTACT) or not (number.isascii() and number.isdigit() and len(number) < 10):
        return None
    if f"{kind}-" == _ADDRESS:
        address = session.get(Address, int(number))
        if address is None:
            return None
        numbers = _numbers(session, PhoneNumber.address_id == address.id)
        shared = numbers & _numbers(session, PhoneNumber.address_id != address.id, PhoneNumber.e164.in_(numbers))
        people = session.execute(select(Contact.name).where(Contact.address_id == address.id)).scalars()
        return Person(key, address.name, numbers, address.id, names=frozenset([address.name, *people]), shared=shared)
    contact = session.get(Contact, int(number))
    if contact is None:
        return None
    company = session.execute(select(Address.name).where(Address.id == contact.address_id)).scalar_one()
    numbers = _numbers(session, PhoneNumber.contact_id == contact.id)
    others = func.coalesce(PhoneNumber.contact_id, 0) != contact.id
    shared = _numbers(session, others, PhoneNumber.e164.in_(numbers))
    title = f"{contact.name}, {company}"
    names = frozenset([contact.name])
    return Person(key, title, numbers, None, contact.id, contact.address_id, names=names, shared=shared)


def held_numbers(session: Session, numbers: Iterable[str]) -> frozenset[str]:
    """Those of these numbers that an address or a contact has, archived or not."""
    return _numbers(session, PhoneNumber.e164.in_(list(numbers)))


def tell(session: Session, person: Person) -> Iterator[Chapter]:
    """Master data, contacts, numbers, corrections, notes, drafts, rows of tables; of a user, what he wrote."""
    if person.user_id is not None:
        yield from _written_by(session, person.user_id)
        return
    if person.address_id is not None:
        yield _master_data(session, person.address_id)
    yield _contacts(session, person)
    yield _phone_numbers(session, person)
    yield _corrections(session, person)
    yield _notes(session, person)
    yield _drafts(session, person)
    yield from tables.tell(session, person)


SOURCE = PersonSource(
    tell,
    find,
    resolve,
    former=former.former,
    held=former.held,
    parts=removing.PARTS,
    refuse=removing.refuse,
    plan=removing.plan,
    unclear=removing.unclear,
    remove=removing.remove,
)


def _numbers(session: Session, *conditions: ColumnElement[bool]) -> frozenset[str]:
    rows = session.execute(select(PhoneNumber.e164).where(*conditions, PhoneNumber.e164.is_not(None))).scalars()
    return frozenset(one for one in rows if one)


def _master_data(session: Session, address_id: int) -> Chapter:
    one = session.execute(select(Address).where(Address.id == address_id)).scalar_one()
    values = (
        (_("Name"), one.name),
        (_("Contact person"), one.contact_person),
        (_("Department"), one.department),
        (_("Subdepartment"), one.subdepartment),
        (_("Address supplement"), one.address_supplement),
        (_("Street"), one.street),
        (_("Postcode"), one.postcode),
        (_("City"), one.city),
        (_("Country"), one.country),
        (_("E-mail"), one.email),
        (_("Website"), one.website),
        (_("Salutation"), one.salutation),
        (_("Language"), one.language),
        (_("VAT ID"), one.vat_id),
        (_("Customer number"), one.customer_number),
        (_("Supplier number"), one.supplier_number),
        (_("External ID"), one.external_id),
        (_("Customer"), one.is_customer),
        (_("Supplier"), one.is_supplier),
        (_("Employee"), one.is_employee),
        (_("Delivery block"), one.delivery_block),
        (_("Reason of the delivery block"), one.delivery_block_reason),
        (_("Date of the delivery block"), one.delivery_block_date),
        (_("Remarks"), one.notes),
        (_("Created"), one.created_at),
        (_("Changed"), one.updated_at),
        (_("Archived"), one.archived_at),
    )
    return Chapter(_("Master data"), (_("Field"), _("Value")), tuple(pair for pair in values if pair[1]))


def _contacts(session: Session, person: Person) -> Chapter:
    rows = session.execute(
        select(Contact.name, Contact.position, Contact.department, Contact.email, Contact.updated_at)
        .where(_at(person, Contact.address_id, Contact.id))
        .order_by(Contact.id)
    )
    headings = (_("Name"), _("Position"), _("Department"), _("E-mail"), _("Changed"))
    return Chapter(_("Contacts"), headings, tuple(tuple(row) for row in rows))


def _phone_numbers(session: Session, person: Person) -> Chapter:
    mine = or_(_at(person, PhoneNumber.address_id, PhoneNumber.contact_id), _bare(person, PhoneNumber.e164))
    rows = session.execute(
        select(PhoneNumber.raw, PhoneNumber.e164, PhoneNumber.kind, PhoneNumber.label, Address.name)
        .join(Address, Address.id == PhoneNumber.address_id)
        .where(mine)
        .order_by(PhoneNumber.id)
    )
    headings = (_("As typed"), _("Phone number"), _("Kind"), _("Label"), _("Address"))
    return Chapter(_("Phone numbers"), headings, tuple(tuple(row) for row in rows))


def _corrections(session: Session, person: Person) -> Chapter:
    rows = session.execute(
        select(Correction.made_at, Correction.before, Correction.after)
        .where(_at(person, Correction.address_id, Correction.contact_id))
        .order_by(Correction.id)
    )
    return Chapter(_("Corrected numbers"), (_("Time"), _("Before"), _("After")), tuple(tuple(row) for row in rows))


def _notes(session: Session, person: Person) -> Chapter:
    # A number that several share: what is noted at an address of somebody else is not about this one.
    loose = and_(Note.address_id.is_(None), Note.number_e164.in_(person.numbers))
    mine = or_(_at(person, Note.address_id, Note.contact_id), loose, _bare(person, Note.number_e164))
    rows = session.execute(
        select(
            Note.occurred_at,
            Note.kind,
            Note.subject,
            Note.text,
            Note.tags,
            Note.number_raw,
            Note.direction,
            Note.duration_seconds,
            User.name,
            Note.deleted_at,
        )
        .outerjoin(User, User.id == Note.user_id)
        .where(mine)
        .order_by(Note.id)
    )
    headings = (
        _("Time"),
        _("Kind"),
        _("Subject"),
        _("Text"),
        _("Tags"),
        _("Phone number"),
        _("Direction"),
        _("Seconds"),
        _("Editor"),
        _("Deleted"),
    )
    return Chapter(_("Notes and phone notes"), headings, tuple(tuple(row) for row in rows))


def _drafts(session: Session, person: Person) -> Chapter:
    return _drafts_where(session, _("Drafts of notes"), NoteDraft.id.in_(removing.drafts_of(session, person)))


def drafts_at(session: Session, origins: Collection[str]) -> Chapter:
    """Drafts that were begun there, such as at a call."""
    begun = select(NoteDraft.id, NoteDraft.origin).where(NoteDraft.origin.is_not(None))
    # Few drafts and maybe many calls.
    found = [row.id for row in session.execute(begun) if row.origin in origins]
    return _drafts_where(session, _("Drafts of notes at calls"), NoteDraft.id.in_(found))


def _drafts_where(session: Session, title: str, condition: ColumnElement[bool]) -> Chapter:
    query = select(NoteDraft.updated_at, User.name, NoteDraft.fields).join(User, User.id == NoteDraft.user_id)
    rows = session.execute(query.where(condition).order_by(NoteDraft.id))
    return Chapter(title, (_("Time"), _("Editor"), _("Text")), tuple(tuple(row) for row in rows))


def _written_by(session: Session, user_id: int) -> Iterator[Chapter]:
    """What a user of the house wrote; whom it is about is theirs, and is left out of it."""
    mine = or_(Note.user_id == user_id, Note.created_by == user_id, Note.updated_by == user_id)
    notes = select(Note.occurred_at, Note.kind, Note.created_at, Note.updated_at).where(mine).order_by(Note.id)
    headings = (_("Time"), _("Kind"), _("Created"), _("Changed"))
    yield Chapter(_("Notes and phone notes"), headings, tuple(tuple(row) for row in session.execute(notes)))
    drafts = select(NoteDraft.updated_at).where(NoteDraft.user_id == user_id).order_by(NoteDraft.id)
    yield Chapter(_("Drafts of notes"), (_("Time"),), tuple(tuple(row) for row in session.execute(drafts)))
    changed = select(Address.id, Address.updated_at).where(
        or_(Address.account_manager_id == user_id, Address.inside_sales_id == user_id, Address.updated_by == user_id)
    )
    rows = tuple(tuple(row) for row in session.execute(changed.order_by(Address.id)))
    yield Chapter(_("Addresses looked after, or changed last"), (_("No."), _("Changed")), rows)


def _at(person: Person, address_id: Any, contact_id: Any) -> ColumnElement[bool]:
    condition: ColumnElement[bool] = false()
    if person.address_id is not None:
        condition = address_id == person.address_id
    elif person.contact_id is not None:
        condition = contact_id == person.contact_id
    return condition


def _bare(person: Person, number: Any) -> ColumnElement[bool]:
    """Whoever is known by a number alone."""
    if person.address_id is not None or person.contact_id is not None:
        return false()
    condition: ColumnElement[bool] = number.in_(person.numbers)
    return condition
