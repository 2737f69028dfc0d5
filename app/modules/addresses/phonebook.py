"""The phone book: every number that can be dialled, of every active address and contact, a row each."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, Literal

from sqlalchemy import ColumnElement, Select, false, func, or_, select
from sqlalchemy.orm import Session

from app.modules.addresses.finding import is_inside, matching
from app.modules.addresses.models import Address, Contact, PhoneNumber
from app.modules.addresses.paths import address_path
from app.modules.addresses.search import address_matches, number_begins, terms
from app.modules.addresses.terms import Term

Sort = Literal["company", "contact", "number"]


@dataclass(frozen=True, slots=True)
class PhoneBookRow:
    """A number and whose it is. ``contact`` is empty for the address's own."""

    address_id: int
    contact_id: int | None
    company: str
    contact: str
    raw: str
    e164: str
    kind: str
    label: str
    path: str


def phone_book(
    session: Session, *, search: str, sort: Sort, descending: bool, page: int, per_page: int
) -> tuple[list[PhoneBookRow], int]:
    """One page (from 1) of the rows that match, and how many there are in all."""
    query = _query(session, search)
    total = session.execute(query.with_only_columns(func.count())).scalar_one()
    ordered = query.order_by(*_order(sort, descending)).limit(per_page).offset((max(1, page) - 1) * per_page)
    return [_row(found) for found in session.execute(ordered)], total


def phone_book_all(session: Session, *, search: str, sort: Sort, descending: bool) -> Iterator[PhoneBookRow]:
    """All rows that match, read piece by piece: for the export."""
    query = _query(session, search).order_by(*_order(sort, descending)).execution_options(yield_per=500)
    for found in session.execute(query):
        yield _row(found)


def _query(session: Session, text: str) -> Select[*tuple[Any, ...]]:
    query: Select[*tuple[Any, ...]] = (
        select(
            PhoneNumber.address_id,
            PhoneNumber.contact_id,
            PhoneNumber.raw,
            PhoneNumber.e164,
            PhoneNumber.kind,
            PhoneNumber.label,
            Address.name.label("company"),
            Contact.name.label("contact"),
        )
        .join(Address, Address.id == PhoneNumber.address_id)
        .outerjoin(Contact, Contact.id == PhoneNumber.contact_id)
        .where(
            PhoneNumber.e164.is_not(None),
            PhoneNumber.kind != "fax",
            Address.archived_at.is_(None),
            Contact.archived_at.is_(None),
        )
    )
    if not text.strip():
        return query
    wanted = terms(text)
    if not any(needle.is_indexed for term in wanted for needle in term):
        named = address_matches(session, text)
        return query.where(false() if named is None else named)
    # The index finds the addresses; which of their rows are meant is looked at then.
    conditions = [_in_row(term) for term in wanted]
    return query.where(PhoneNumber.address_id.in_(matching(session, wanted)), *conditions)


def _in_row(term: Term) -> ColumnElement[bool]:
    """The term in the address's own texts, the contact's, or the number of this row."""
    either: list[ColumnElement[bool]] = []
    for needle in term:
        digits = needle.text if needle.text.isdigit() else ""
        either += [Address.search_text.contains(needle.text, autoescape=True)]
        either += [Contact.search_text.contains(needle.text, autoescape=True)]
        begins = number_begins(f"+{digits}" if needle.begins else digits) if digits else None
        if begins is not None:
            either.append(begins)
        if digits and not needle.begins:
            either.append(is_inside(PhoneNumber.e164, digits))
    return or_(*either)


def _order(sort: Sort, descending: bool) -> list[ColumnElement[Any]]:
    contact: ColumnElement[Any] = func.coalesce(Contact.name_key, "")
    company: ColumnElement[Any] = Address.name_key.expression
    number: ColumnElement[Any] = PhoneNumber.e164.expression
    first = {"company": company, "contact": contact, "number": number}[sort]
    rest = [column for column in (company, contact, number) if column is not first]
    leading = first.desc() if descending else first.asc()
    return [leading, *(column.asc() for column in rest), PhoneNumber.sort.asc(), PhoneNumber.id.asc()]


def _row(found: Any) -> PhoneBookRow:
    return PhoneBookRow(
        address_id=found.address_id,
        contact_id=found.contact_id,
        company=found.company,
        contact=found.contact or "",
        raw=found.raw,
        e164=found.e164,
        kind=found.kind,
        label=found.label,
        path=address_path(found.address_id, found.contact_id),
    )
