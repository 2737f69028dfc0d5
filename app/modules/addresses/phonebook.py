"""The phone book: every number that can be dialled, of every active address and contact, a row each.

A page is as fast wherever in the book it is: owners are read in the order of an index from a place on, then their
numbers.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any, Literal

from sqlalchemy import ColumnElement, Select, func, or_, select
from sqlalchemy.orm import Session

from app.core.ui.leaves import Asked, Key, Leaf, Stretch, leaf, take
from app.modules.addresses.book_rows import Book, Condition, Owners, PhoneBookRow, all_rows, dialled, has_number, shown
from app.modules.addresses.finding import is_inside
from app.modules.addresses.models import OF_ADDRESS_ITSELF, Address, Contact, PhoneNumber
from app.modules.addresses.ranking import Ranked
from app.modules.addresses.search import number_begins, ranked
from app.modules.addresses.suggesting import corrections
from app.modules.addresses.terms import Term
from app.modules.addresses.walking import in_order, key_of

#: ``rank``: the best hits first; by company where nothing is searched for.
Sort = Literal["rank", "company", "contact", "number"]
#: Rows are counted up to here.
MOST_COUNTED = 1000
#: Rows that are read at once where all are wanted.
BATCH = 500
_BY_NAME: tuple[Any, ...] = (Address.name_key, Address.id)
_BY_CONTACT: tuple[Any, ...] = (Contact.name_key, Contact.id)
_BY_NUMBER: tuple[Any, ...] = (PhoneNumber.e164, PhoneNumber.id)


def phone_book(
    session: Session, *, search: str, sort: Sort, descending: bool, asked: Asked, per_page: int
) -> Leaf[PhoneBookRow]:
    """A page of the rows that match."""
    return leaf(_stretches(session, search, sort, descending), asked, per_page)


def phone_book_meant(session: Session, search: str, per_page: int) -> tuple[str, Leaf[PhoneBookRow]] | None:
    """What a text that finds little was probably meant to be, and the first page of that; None for nothing."""
    for corrected in corrections(session, search):
        page = phone_book(session, search=corrected, sort="rank", descending=False, asked=Asked(), per_page=per_page)
        if page.rows:
            return corrected, page
    return None


def phone_book_all(session: Session, *, search: str, sort: Sort, descending: bool) -> Iterator[PhoneBookRow]:
    """All rows that match, in the order of the pages, read piece by piece: for the export."""
    stretches = _stretches(session, search, sort, descending)
    asked = Asked()
    while rows := take(stretches, asked, BATCH):
        for _place, row in rows:
            yield row
        asked = Asked(rows[-1][0])


def phone_book_by_number(
    session: Session, page: int, *, search: str, sort: Sort, descending: bool, per_page: int
) -> Asked:
    """The page with this number (from 1), as old links name it; the first where there is none, or far behind."""
    behind = (page - 1) * per_page
    if not 0 < behind <= MOST_COUNTED:
        return Asked()
    rows = take(_stretches(session, search, sort, descending), Asked(), behind + 1)
    return Asked(rows[behind - 1][0]) if len(rows) > behind else Asked()


def phone_book_count(session: Session) -> int:
    """How many rows there are; ``MOST_COUNTED + 1`` stands for more, so that it takes no look at all of them."""
    some = all_rows().limit(MOST_COUNTED + 1).subquery()
    return session.execute(select(func.count()).select_from(some)).scalar_one()


def phone_book_shapes(sort: Sort) -> list[tuple[type, ...]]:
    """Of what types the places in the phone book are, in this order."""
    of: dict[Sort, list[tuple[type, ...]]] = {
        "rank": [(int, str, int, str, int)],
        "company": [(str, int, str, int)],
        "contact": [(str, int, str, int), (str, int, str, int)],
        "number": [(int,)],
    }
    return of[sort]


def _stretches(session: Session, search: str, sort: Sort, descending: bool) -> list[Stretch[PhoneBookRow]]:
    active = Address.archived_at.is_(None)
    found = ranked(session, search, [active, has_number(PhoneNumber.address_id == Address.id)])
    if search.strip() and found is None:
        return []
    # The index finds the addresses; which of their rows are meant is looked at then.
    meant = tuple(_in_row(term) for term in found.wanted) if found is not None and found.is_indexed else ()
    of_address = PhoneNumber.address_id
    if sort == "rank" and found is not None:
        return [Book(session, found.rows, of_address, meant).rows]
    if sort == "number":
        numbers = select(*_BY_NUMBER).select_from(PhoneNumber).join(Address, Address.id == of_address)
        numbers = numbers.outerjoin(Contact, Contact.id == PhoneNumber.contact_id)
        numbers = numbers.where(*dialled(), active, Contact.archived_at.is_(None))
        return [_numbers(session, found, numbers, meant, descending)]
    has_own = has_number(PhoneNumber.address_id == Address.id)
    if sort == "contact":
        people = select(*_BY_CONTACT).select_from(Contact).join(Address, Address.id == Contact.address_id)
        people = people.where(active, Contact.archived_at.is_(None), has_number(PhoneNumber.contact_id == Contact.id))
        has_own = has_number(PhoneNumber.address_id == Address.id, OF_ADDRESS_ITSELF)
        companies = select(*_BY_NAME).where(active, has_own)
        of_people = _owners(session, found, people, _BY_CONTACT, descending)
        of_companies = _owners(session, found, companies, _BY_NAME, False)
        # Numbers without a contact come last either way.
        return [
            Book(session, of_people, PhoneNumber.contact_id, meant, descending).rows,
            Book(session, of_companies, of_address, (OF_ADDRESS_ITSELF, *meant)).rows,
        ]
    companies = select(*_BY_NAME).where(active, has_own)
    owners = _owners(session, found, companies, _BY_NAME, descending)
    return [Book(session, owners, of_address, meant, descending).rows]


def _owners(
    session: Session, found: Ranked | None, query: Select[Any], keys: Sequence[Any], descending: bool
) -> Owners:
    def owners(beyond: Key | None, backwards: bool, limit: int) -> list[tuple[Key, int]]:
        rows = _ordered(session, found, query, keys, beyond, descending=descending != backwards, limit=limit)
        return [(key_of(row, keys), row.id) for row in rows]

    return owners


def _numbers(
    session: Session, found: Ranked | None, query: Select[Any], meant: Sequence[Condition], descending: bool
) -> Stretch[PhoneBookRow]:
    """Number by number. Their key is the id: numbers do not belong into the addresses of pages."""

    def rows(beyond: Key | None, backwards: bool, limit: int) -> list[tuple[Key, PhoneBookRow]]:
        behind: Key | None = None
        if beyond is not None:
            last = session.execute(select(*_BY_NUMBER).where(PhoneNumber.id == beyond[0])).one_or_none()
            if last is None:
                return []
            behind = tuple(last)
        rows: list[tuple[Key, PhoneBookRow]] = []
        turned = descending != backwards
        while len(rows) < limit:
            ordered = _ordered(session, found, query, _BY_NUMBER, behind, descending=turned, limit=limit)
            if not ordered:
                break
            behind = key_of(ordered[-1], _BY_NUMBER)
            ids = [row.id for row in ordered]
            whole = {row.id: row for row in session.execute(all_rows(PhoneNumber.id.in_(ids), *meant))}
            rows += [((one,), shown(whole[one])) for one in ids if one in whole]
        return rows[:limit]

    return rows


def _ordered(
    session: Session,
    found: Ranked | None,
    query: Select[Any],
    keys: Sequence[Any],
    beyond: Key | None,
    *,
    descending: bool,
    limit: int,
) -> Sequence[Any]:
    if found is not None:
        return found.in_order(query, keys, beyond, descending=descending, limit=limit)
    return session.execute(in_order(query, keys, beyond, descending=descending, limit=limit)).all()


def _in_row(term: Term) -> Condition:
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
