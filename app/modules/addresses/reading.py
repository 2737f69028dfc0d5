"""Addresses read whole: one, several, page by page."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import fields
from typing import Literal

from sqlalchemy import ColumnElement, select
from sqlalchemy.orm import Session

from app.core.accounts.models import User
from app.core.database import MAX_ID, reading
from app.modules.addresses.models import OF_ADDRESS_ITSELF, Address, Contact, PhoneNumber
from app.modules.addresses.numbers import detail
from app.modules.addresses.records import AddressDetail, ContactDetail, NumberDetail
from app.modules.addresses.search import address_matches
from app.modules.addresses.settings import address_settings

Archived = Literal["active", "archived", "all"]
#: Fields of AddressDetail that are columns of the same name.
_COLUMNS = tuple(field.name for field in fields(AddressDetail) if hasattr(Address, field.name))


def get_address(address_id: int) -> AddressDetail | None:
    """An address, archived or not; None when there is none."""
    if not 0 < address_id <= MAX_ID:
        return None
    with reading() as session:
        return next(iter(details(session, [address_id])), None)


def get_contact(contact_id: int) -> ContactDetail | None:
    """A contact, archived or not; None when there is none."""
    with reading() as session:
        row = session.get(Contact, contact_id)
        if row is None:
            return None
        numbers = _numbers(session, PhoneNumber.contact_id == contact_id)
        return _contact(row, numbers.get(contact_id, ()), _user_names(session, [row.updated_by]))


def details(session: Session, ids: Sequence[int]) -> list[AddressDetail]:
    """Addresses in the order of these ids, those that do not exist left out. Four queries, however many."""
    found = {row.id: row for row in session.execute(select(Address).where(Address.id.in_(ids))).scalars()}
    contacts = list(
        session.execute(select(Contact).where(Contact.address_id.in_(ids)).order_by(Contact.sort, Contact.id)).scalars()
    )
    own = _numbers(session, PhoneNumber.address_id.in_(ids) & OF_ADDRESS_ITSELF, by_address=True)
    theirs = _numbers(session, PhoneNumber.address_id.in_(ids) & PhoneNumber.contact_id.is_not(None))
    users = [user for row in found.values() for user in (row.account_manager_id, row.inside_sales_id, row.updated_by)]
    names = _user_names(session, [*users, *(contact.updated_by for contact in contacts)])
    people: dict[int, list[ContactDetail]] = {}
    for row in contacts:
        people.setdefault(row.address_id, []).append(_contact(row, theirs.get(row.id, ()), names))
    return [
        _address(found[one], own.get(one, ()), people.get(one, []), names) for one in dict.fromkeys(ids) if one in found
    ]


def _address(
    row: Address, numbers: Sequence[NumberDetail], people: list[ContactDetail], names: Mapping[int, str]
) -> AddressDetail:
    return AddressDetail(
        **{name: getattr(row, name) for name in _COLUMNS},
        account_manager_name=names.get(row.account_manager_id or 0, ""),
        inside_sales_name=names.get(row.inside_sales_id or 0, ""),
        updated_by_name=names.get(row.updated_by or 0, ""),
        numbers=tuple(numbers),
        contacts=tuple(person for person in people if person.archived_at is None),
        former_contacts=tuple(person for person in people if person.archived_at is not None),
    )


def _contact(row: Contact, numbers: Sequence[NumberDetail], names: Mapping[int, str]) -> ContactDetail:
    return ContactDetail(
        id=row.id,
        address_id=row.address_id,
        name=row.name,
        position=row.position,
        department=row.department,
        email=row.email,
        archived_at=row.archived_at,
        version=row.version,
        updated_by_name=names.get(row.updated_by or 0, ""),
        updated_at=row.updated_at,
        numbers=tuple(numbers),
    )


def _numbers(
    session: Session, condition: ColumnElement[bool], *, by_address: bool = False
) -> dict[int, list[NumberDetail]]:
    region = address_settings().default_country
    found: dict[int, list[NumberDetail]] = {}
    columns = PhoneNumber.__table__.c
    for row in session.execute(select(*columns).where(condition).order_by(columns.sort, columns.id)):
        found.setdefault(row.address_id if by_address else row.contact_id, []).append(detail(row, region))
    return found


def _user_names(session: Session, ids: Iterable[int | None]) -> dict[int, str]:
    wanted = {one for one in ids if one is not None}
    if not wanted:
        return {}
    return dict(session.execute(select(User.id, User.name).where(User.id.in_(wanted))).all())


def conditions(*, role: str = "", archived: Archived = "active") -> list[ColumnElement[bool]]:
    """What the filters of a list ask of an address. ``role``: customer, supplier, employee or empty."""
    found: list[ColumnElement[bool]] = []
    if role:
        found.append(getattr(Address, f"is_{role}"))
    if archived == "active":
        found.append(Address.archived_at.is_(None))
    elif archived == "archived":
        found.append(Address.archived_at.is_not(None))
    return found


def page_after(
    session: Session,
    after_id: int,
    limit: int,
    *,
    query: str = "",
    role: str = "",
    archived: Archived = "active",
) -> list[AddressDetail]:
    """The next addresses by id: pages that neither skip nor repeat while others write."""
    filters = conditions(role=role, archived=archived)
    matches = address_matches(session, query)
    if matches is not None:
        filters.append(matches)
    ids = session.execute(
        select(Address.id).where(Address.id > after_id, *filters).order_by(Address.id).limit(limit)
    ).scalars()
    return details(session, list(ids))
