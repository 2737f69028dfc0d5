"""Removes all that addresses know of a person: the address or contact, notes and drafts.

What imported tables hold of him is in ``imports.removing``.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Any

from flask import current_app
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from sqlalchemy import ColumnElement, and_, false, or_, select, update
from sqlalchemy.orm import Session

from app.core import phones
from app.core.database import reading, transaction
from app.core.privacy import batches
from app.core.privacy.batches import among, same
from app.core.privacy.persons import SHORTEST_NAME, Part, Person, Removal, Unclear
from app.modules.addresses import derived
from app.modules.addresses.folding import sort_key
from app.modules.addresses.imports import removing as tables
from app.modules.addresses.indexing import forget_address
from app.modules.addresses.models import Address, Contact, Note, NoteDraft, PhoneNumber
from app.modules.addresses.note_merging import read
from app.modules.addresses.numbers import Change
from app.modules.addresses.settings import home_country

PARTS = (
    *tables.PARTS,
    Part("addresses.master", _l("Master data"), "removed", _l("With all numbers and their corrections.")),
    Part("addresses.contacts", _l("Contacts"), "removed", _l("With all numbers and their corrections.")),
    Part(
        "addresses.notes",
        _l("Notes and phone notes"),
        "removed",
        _l("Deleted ones, too. Where the law demands that some are kept, download the file before, and keep that."),
    ),
    Part("addresses.drafts", _l("Drafts of notes"), "removed", _l("Whoever writes them is not asked.")),
    Part(
        "addresses.looked_after",
        _l("Addresses looked after"),
        "handed_on",
        _l("To whom you choose below; without a choice nobody looks after them."),
    ),
    Part(
        "addresses.numbers_of_notes",
        _l("Notes about others at this number"),
        "anonymised",
        _l("The number goes; the note stays, for it stands with somebody else."),
    ),
    Part(
        "addresses.shared",
        _l("Numbers that others have, too"),
        "stays",
        _l("They go from this person and stay with the others; so do calls that are not his."),
    ),
    Part(
        "addresses.mentions",
        _l("Texts about others in which the name stands"),
        "stays",
        _l("Nobody but a person can tell who is meant. Look for the name in notes, and change them."),
    ),
)


def refuse(session: Session, removal: Removal) -> str | None:
    """A number that somebody has is removed with him, or taken from him before."""
    person = removal.person
    known = person.user_id is None and person.address_id is None and person.contact_id is None and person.shared
    if not known:
        return None
    return str(
        _("Somebody among the addresses has this number. Remove that person, or take the number from him before.")
    )


def plan(session: Session, removal: Removal) -> Iterator[tuple[str, int]]:
    """How much there is."""
    person = removal.person
    if person.user_id is not None:
        yield "addresses.drafts", batches.count(session, NoteDraft, NoteDraft.user_id == person.user_id)
        yield "addresses.looked_after", batches.count(session, Address, _looked_after(person.user_id))
        return
    yield "addresses.master", batches.count(session, Address, same(Address.id, person.address_id))
    yield "addresses.contacts", batches.count(session, Contact, _at(person, Contact.address_id, Contact.id))
    yield "addresses.notes", batches.count(session, Note, _notes(person))
    yield "addresses.drafts", len(drafts_of(session, person))
    yield "addresses.numbers_of_notes", batches.count(session, Note, _foreign_notes(person))
    yield from tables.plan(session, removal)
    yield "addresses.shared", len(person.shared)
    yield "addresses.mentions", _mentions(session, person)


def unclear(session: Session, removal: Removal) -> Iterable[Unclear]:
    """Rows of tables that may be about this person."""
    return tables.unclear(session, removal) if removal.person.user_id is None else ()


def remove(removal: Removal) -> Iterator[tuple[str, int]]:
    """Batch by batch; the master data at the end, in one transaction with the search and the table of numbers."""
    person = removal.person
    if person.user_id is not None:
        yield from _hand_on(person.user_id, removal)
        return
    yield from tables.remove(removal)
    for ids in batches.in_batches(select(Note.id).where(_notes(person))):
        with transaction() as session:
            notes = batches.remove_rows(session, Note, Note.id.in_(ids))
        yield "addresses.notes", notes
    for ids in batches.in_batches(select(Note.id).where(_foreign_notes(person))):
        with transaction() as session:
            blank = update(Note).where(Note.id.in_(ids)).values(number_raw="", number_e164=None)
            session.execute(blank.execution_options(synchronize_session=False))
        yield "addresses.numbers_of_notes", len(ids)
    with reading() as session:
        found = drafts_of(session, person)
    with transaction() as session:
        drafts = batches.remove_rows(session, NoteDraft, NoteDraft.id.in_(found))
    yield "addresses.drafts", drafts
    if person.address_id is not None:
        yield from _remove_address(person.address_id, removal.by)
    elif person.contact_id is not None:
        yield from _remove_contact(person.contact_id, removal.by)


def _hand_on(user_id: int, removal: Removal) -> Iterator[tuple[str, int]]:
    """The addresses that somebody of the house looks after go to his successor, as many at a time as do not matter."""
    while ids := batches.next_batch(select(Address.id).where(_looked_after(user_id)).order_by(Address.id)):
        with transaction() as session:
            for column in (Address.account_manager_id, Address.inside_sales_id):
                given = update(Address).where(Address.id.in_(ids), column == user_id)
                values = {column.key: removal.successor, "version": Address.version + 1}
                session.execute(given.values(values).execution_options(synchronize_session=False))
        yield "addresses.looked_after", len(ids)
    with transaction() as session:
        drafts = batches.remove_rows(session, NoteDraft, NoteDraft.user_id == user_id)
    yield "addresses.drafts", drafts


def _looked_after(user_id: int) -> ColumnElement[bool]:
    return or_(Address.account_manager_id == user_id, Address.inside_sales_id == user_id)


def _remove_address(address_id: int, by: int | None) -> Iterator[tuple[str, int]]:
    with transaction() as session:
        locked = select(Address.id).where(Address.id == address_id).with_for_update()
        if session.execute(locked).one_or_none() is None:
            return
        change = Change.none()
        change.add(session.execute(_numbers(PhoneNumber.address_id == address_id)))
        # While its words are known; then whatever was added since the batches.
        forget_address(session, address_id)
        notes = batches.remove_rows(session, Note, Note.address_id == address_id)
        batches.remove_rows(session, NoteDraft, NoteDraft.address_id == address_id)
        batches.remove_rows(session, PhoneNumber, PhoneNumber.address_id == address_id)
        people = batches.remove_rows(session, Contact, Contact.address_id == address_id)
        batches.remove_rows(session, Address, Address.id == address_id)
        change.publish(session, address_id, by)
    yield "addresses.notes", notes
    yield "addresses.contacts", people
    yield "addresses.master", 1


def _remove_contact(contact_id: int, by: int | None) -> Iterator[tuple[str, int]]:
    with transaction() as session:
        contact = session.get(Contact, contact_id)
        if contact is None:
            return
        address = session.execute(
            select(Address).where(Address.id == contact.address_id).with_for_update()
        ).scalar_one()
        change = Change.none()
        change.add(session.execute(_numbers(PhoneNumber.contact_id == contact_id)))
        notes = batches.remove_rows(session, Note, Note.contact_id == contact_id)
        batches.remove_rows(session, PhoneNumber, PhoneNumber.contact_id == contact_id)
        _unname(address, contact.name)
        session.delete(contact)
        address.version += 1
        address.updated_at, address.updated_by = current_app.extensions["durchwahl"].clock.now(), by
        session.flush()
        change.publish(session, address.id, by)
    yield "addresses.notes", notes
    yield "addresses.contacts", 1


def _unname(address: Address, name: str) -> None:
    """The company's fields that may name the contact."""
    if sort_key(name) in sort_key(address.contact_person):
        address.contact_person = ""
    surname = sort_key(name).rpartition(" ")[2]
    if len(surname) >= SHORTEST_NAME and surname in sort_key(address.salutation).split():
        address.salutation = ""
    for column, value in derived.of_address({field: getattr(address, field) for field in derived.SEARCHED}).items():
        setattr(address, column, value)


def _notes(person: Person) -> ColumnElement[bool]:
    loose = and_(Note.address_id.is_(None), among(Note.number_e164, person.own))
    return or_(_at(person, Note.address_id, Note.contact_id), loose)


def _foreign_notes(person: Person) -> ColumnElement[bool]:
    return and_(among(Note.number_e164, person.own), ~_notes(person))


def drafts_of(session: Session, person: Person) -> list[int]:
    """Drafts at the address, or in which the contact or a number of his own was chosen or typed."""
    found = []
    for draft_id, address_id, text in session.execute(select(NoteDraft.id, NoteDraft.address_id, NoteDraft.fields)):
        typed = {name: one.value for name, one in read(text).items()}
        here = person.address_id is not None and address_id == person.address_id
        his = person.contact_id is not None and typed.get("contact_id") == str(person.contact_id)
        if here or his or phones.read_number(typed.get("number", ""), home_country()).e164 in person.own:
            found.append(draft_id)
    return found


def _mentions(session: Session, person: Person) -> int:
    names = sorted(name for name in person.names if len(name) >= SHORTEST_NAME)
    notes = and_(_named(names, Note.subject, Note.text), ~_notes(person))
    others = and_(_named(names, Address.notes), ~same(Address.id, person.address_id))
    return batches.count(session, Note, notes) + batches.count(session, Address, others)


def _named(names: Iterable[str], *columns: Any) -> ColumnElement[bool]:
    return or_(false(), *(column.icontains(name, autoescape=True) for name in names for column in columns))


def _at(person: Person, address_id: Any, contact_id: Any) -> ColumnElement[bool]:
    return or_(same(address_id, person.address_id), same(contact_id, person.contact_id))


def _numbers(condition: ColumnElement[bool]) -> Any:
    return select(PhoneNumber.e164, PhoneNumber.stem).where(condition)
