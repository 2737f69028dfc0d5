"""The phone book: every number that can be dialled, of every active address and contact, a row each."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, Literal

from sqlalchemy import ColumnElement, Select, and_, false, func, or_, select
from sqlalchemy.orm import Session

from app.modules.addresses.models import Address, Contact, PhoneNumber
from app.modules.addresses.paths import address_path
from app.modules.addresses.search import contains, number_begins, words_of

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
    query = _query(search)
    total = session.execute(query.with_only_columns(func.count())).scalar_one()
    ordered = query.order_by(*_order(sort, descending)).limit(per_page).offset((max(1, page) - 1) * per_page)
    return [_row(found) for found in session.execute(ordered)], total


def phone_book_all(session: Session, *, search: str, sort: Sort, descending: bool) -> Iterator[PhoneBookRow]:
    """All rows that match, read piece by piece: for the export."""
    query = _query(search).order_by(*_order(sort, descending)).execution_options(yield_per=500)
    for found in session.execute(query):
        yield _row(found)


def _query(text: str) -> Select[*tuple[Any, ...]]:
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
    words = words_of(text)
    if not words:
        return query if not text.strip() else query.where(false())
    conditions = []
    for word in words:
        either: list[ColumnElement[bool]] = [contains(Address.search_text, word), contains(Contact.search_text, word)]
        begins = number_begins(word)
        conditions.append(or_(*either) if begins is None else or_(*either, begins))
    whole = number_begins(text)
    every_word = and_(*conditions)
    return query.where(every_word if whole is None else or_(every_word, whole))


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
