"""Other addresses that have the same number, e-mail address, VAT id or name: a hint, never a reason to refuse.

Everything is compared by a key with an index of its own: numbers by E.164, e-mail addresses and VAT ids folded. An
address with all its contacts is one: a contact who has the company's number is no duplicate.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any, Literal

from sqlalchemy import Select, case, null, or_, select
from sqlalchemy.orm import InstrumentedAttribute, Session

from app.core.database import reading, storable
from app.core.phones import read_numbers
from app.modules.addresses.folding import email_key, sort_key, vat_key
from app.modules.addresses.models import Address, Contact, PhoneNumber
from app.modules.addresses.records import NumberInput

Reason = Literal["number", "email", "vat_id", "name"]
#: Addresses that are named at most.
MAX_DUPLICATES = 10
#: An address may share several numbers, each at several contacts; so many rows are read for each that is named.
ROWS_PER_DUPLICATE = 8


@dataclass(frozen=True, slots=True)
class Sought:
    """What is looked for at others, by the keys that are compared."""

    e164s: frozenset[str] = frozenset()
    emails: frozenset[str] = frozenset()
    vat_ids: frozenset[str] = frozenset()

    def beyond(self, known: Sought) -> Sought:
        """What is not among the known: who edits an address is told of what was added."""
        return Sought(self.e164s - known.e164s, self.emails - known.emails, self.vat_ids - known.vat_ids)


@dataclass(frozen=True, slots=True)
class Shared:
    """One thing that the other has too. ``contact`` is empty where it is the address's own."""

    reason: Reason
    value: str
    """The number in E.164, the e-mail address and the VAT id folded, the name as stored."""
    contact: str = ""
    former: bool = False
    """The contact is archived."""


@dataclass(frozen=True, slots=True)
class Duplicate:
    """Another address that may be the same one, with everything by which it was found."""

    address_id: int
    name: str
    city: str
    customer_number: str | None
    archived: bool
    shared: tuple[Shared, ...]


def sought(
    numbers: Iterable[NumberInput], country: str, *, emails: Iterable[str] = (), vat_id: str | None = None
) -> Sought:
    """What an address, or a contact of one in this country, would share."""
    # Several in one field are kept as typed for now; somebody may have any of them.
    readings = (one for number in numbers for one in read_numbers(number.raw, country))
    return Sought(
        frozenset(one.e164 for one in readings if one.e164),
        frozenset(filter(None, (email_key(storable(email)) for email in emails))),
        frozenset(filter(None, [vat_key(storable(vat_id or ""))])),
    )


def find_duplicates(wanted: Sought, *, but: int | None = None) -> list[Duplicate]:
    """Addresses that have any of it, the active ones first; ``but`` is the address itself. One query a kind."""
    found: dict[int, _Found] = {}
    with reading() as session:
        if wanted.e164s:
            _collect(session, found, "number", _by_number(wanted.e164s), but)
        if wanted.emails:
            _collect(session, found, "email", _of_address(Address.email_key, wanted.emails), but)
            _collect(session, found, "email", _of_contact(wanted.emails), but)
        if wanted.vat_ids:
            _collect(session, found, "vat_id", _of_address(Address.vat_key, wanted.vat_ids), but)
    return _ordered(found)


def find_of_same_name(name: str, postcode: str, *, but: int | None = None) -> list[Duplicate]:
    """Those of the same name, unless both say where they are and it is not the same place."""
    key = sort_key(name)
    if not key:
        return []
    query = _query(Address.name).where(Address.name_key == key)
    if postcode:
        query = query.where(or_(Address.postcode == postcode, Address.postcode == ""))
    found: dict[int, _Found] = {}
    with reading() as session:
        _collect(session, found, "name", query, but)
    return _ordered(found)


@dataclass(slots=True)
class _Found:
    row: Any
    shared: dict[tuple[Reason, str], Shared] = field(default_factory=dict)


Query = Select[*tuple[Any, ...]]


def _query(value: Any, contact: Any = None, contact_archived_at: Any = None) -> Query:
    """What is read of an address, with the value that it shares and the contact who has it."""
    return select(
        Address.id,
        Address.name,
        Address.city,
        Address.customer_number,
        Address.archived_at,
        value.label("value"),
        (null() if contact is None else contact).label("contact"),
        (null() if contact_archived_at is None else contact_archived_at).label("contact_archived_at"),
    )


def _of_address(key: InstrumentedAttribute[str], values: Iterable[str]) -> Query:
    return _query(key).where(key.in_(sorted(values)))


def _of_contact(emails: Iterable[str]) -> Query:
    query = _query(Contact.email_key, Contact.name, Contact.archived_at)
    return query.join(Contact, Contact.address_id == Address.id).where(Contact.email_key.in_(sorted(emails)))


def _by_number(e164s: Iterable[str]) -> Query:
    query = _query(PhoneNumber.e164, Contact.name, Contact.archived_at)
    return (
        query.join(PhoneNumber, PhoneNumber.address_id == Address.id)
        .outerjoin(Contact, Contact.id == PhoneNumber.contact_id)
        .where(PhoneNumber.e164.in_(sorted(e164s)))
    )


def _collect(session: Session, found: dict[int, _Found], reason: Reason, query: Query, but: int | None) -> None:
    """Add what the query finds; where the address and its contacts have the same, the address is named."""
    if but is not None:
        query = query.where(Address.id != but)
    query = query.order_by(case((Address.archived_at.is_(None), 0), else_=1), Address.id)
    for row in session.execute(query.limit(MAX_DUPLICATES * ROWS_PER_DUPLICATE)):
        shared = Shared(reason, row.value, row.contact or "", row.contact_archived_at is not None)
        of_address = found.setdefault(row.id, _Found(row)).shared
        if not shared.contact or (reason, row.value) not in of_address:
            of_address[reason, row.value] = shared


def _ordered(found: Mapping[int, _Found]) -> list[Duplicate]:
    duplicates = [
        Duplicate(
            address_id=address_id,
            name=one.row.name,
            city=one.row.city,
            customer_number=one.row.customer_number,
            archived=one.row.archived_at is not None,
            shared=tuple(one.shared.values()),
        )
        for address_id, one in found.items()
    ]
    return sorted(duplicates, key=lambda one: (one.archived, one.address_id))[:MAX_DUPLICATES]
