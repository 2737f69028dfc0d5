"""The list of addresses: search, filters, sorting, pages."""

from __future__ import annotations

from array import array
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Literal

from sqlalchemy import ColumnElement, case, func, or_, select
from sqlalchemy.orm import Session

from app.core.database import reading
from app.modules.addresses.folding import LAST
from app.modules.addresses.models import Address, Contact, PhoneNumber
from app.modules.addresses.numbers import detail
from app.modules.addresses.reading import Archived, conditions
from app.modules.addresses.records import NumberDetail
from app.modules.addresses.search import contains, number_begins, words_of
from app.modules.addresses.settings import address_settings

Sort = Literal["name", "city", "customer_number", "updated"]
SORTS: tuple[Sort, ...] = ("name", "city", "customer_number", "updated")
PER_PAGE = 50
#: Numbers of its own that a row shows.
NUMBERS_SHOWN = 2
#: Contacts that a row names because the search found them.
HITS_SHOWN = 3


@dataclass(frozen=True, slots=True)
class Hit:
    """A contact because of whom the search found an address, with the number that was searched for or the first."""

    contact_id: int
    name: str
    number: NumberDetail | None


@dataclass(frozen=True, slots=True)
class AddressRow:
    """A row of the list."""

    id: int
    kind: str
    name: str
    contact_person: str
    postcode: str
    city: str
    country: str
    email: str
    customer_number: str | None
    supplier_number: str | None
    is_customer: bool
    is_supplier: bool
    is_employee: bool
    delivery_block: bool
    archived: bool
    numbers: tuple[NumberDetail, ...]
    hits: tuple[Hit, ...]


def list_addresses(
    *,
    query: str = "",
    role: str = "",
    archived: Archived = "active",
    sort: Sort = "name",
    descending: bool = False,
    page: int = 1,
    per_page: int = PER_PAGE,
) -> tuple[list[AddressRow], int]:
    """One page (from 1) of the addresses that match, and how many there are in all."""
    with reading() as session:
        found = conditions(session, query, role, archived)
        total = session.execute(select(func.count()).select_from(Address).where(*found)).scalar_one()
        addresses = list(
            session.execute(
                select(Address)
                .where(*found)
                .order_by(*_order(sort, descending))
                .limit(per_page)
                .offset((max(1, page) - 1) * per_page)
            ).scalars()
        )
        ids = [address.id for address in addresses]
        numbers = _own_numbers(session, ids, query)
        hits = _hits(session, ids, query)
    return [_row(address, numbers.get(address.id, []), hits.get(address.id, [])) for address in addresses], total


def matching_ids(
    *, query: str = "", role: str = "", archived: Archived = "active", sort: Sort = "name", descending: bool = False
) -> Sequence[int]:
    """The ids of all addresses that match, in the order of the list; eight bytes each, however many."""
    with reading() as session:
        found = conditions(session, query, role, archived)
        statement = select(Address.id).where(*found).order_by(*_order(sort, descending))
        return array("q", session.execute(statement.execution_options(yield_per=5000)).scalars())


def _order(sort: Sort, descending: bool) -> list[ColumnElement[Any]]:
    columns: dict[Sort, tuple[ColumnElement[Any], ...]] = {
        "name": (Address.name_key.expression,),
        "city": (Address.city_key.expression,),
        "customer_number": (Address.customer_key.expression,),
        "updated": (Address.updated_at.expression,),
    }
    leading = [column.desc() if descending else column.asc() for column in columns[sort]]
    if sort == "customer_number" and descending:
        leading.insert(0, (Address.customer_key == LAST).asc())
    return [*leading, Address.name_key.asc(), Address.id.asc()]


def _own_numbers(session: Session, ids: list[int], query: str) -> dict[int, list[NumberDetail]]:
    """What each row shows: the numbers that were searched for first, then phone and mobile; no fax."""
    region = address_settings().default_country
    begins = number_begins(query) if query.strip() else None
    columns = PhoneNumber.__table__.c
    statement = select(*columns).where(columns.address_id.in_(ids), columns.contact_id.is_(None))
    order = [columns.sort, columns.id] if begins is None else [case((begins, 0), else_=1), columns.sort, columns.id]
    found: dict[int, list[NumberDetail]] = {}
    for row in session.execute(statement.where(columns.kind != "fax").order_by(*order)):
        shown = found.setdefault(row.address_id, [])
        if len(shown) < NUMBERS_SHOWN:
            shown.append(detail(row, region))
    return found


def _hits(session: Session, ids: list[int], query: str) -> dict[int, list[Hit]]:
    words = words_of(query)
    if not words or not ids:
        return {}
    region = address_settings().default_country
    wanted: list[ColumnElement[bool]] = [contains(Contact.search_text, word) for word in words]
    begins = number_begins(query)
    if begins is not None:
        wanted.append(Contact.id.in_(select(PhoneNumber.contact_id).where(begins)))
    people = session.execute(
        select(Contact.id, Contact.address_id, Contact.name)
        .where(Contact.address_id.in_(ids), Contact.archived_at.is_(None), or_(*wanted))
        .order_by(Contact.sort, Contact.id)
    ).all()
    columns = PhoneNumber.__table__.c
    first: dict[int, NumberDetail] = {}
    order = [columns.sort, columns.id] if begins is None else [case((begins, 0), else_=1), columns.sort, columns.id]
    for row in session.execute(
        select(*columns)
        .where(columns.contact_id.in_([person.id for person in people]), columns.kind != "fax")
        .order_by(*order)
    ):
        first.setdefault(row.contact_id, detail(row, region))
    found: dict[int, list[Hit]] = {}
    for person in people:
        of_address = found.setdefault(person.address_id, [])
        if len(of_address) < HITS_SHOWN:
            of_address.append(Hit(person.id, person.name, first.get(person.id)))
    return found


def _row(address: Address, numbers: list[NumberDetail], hits: list[Hit]) -> AddressRow:
    return AddressRow(
        id=address.id,
        kind=address.kind,
        name=address.name,
        contact_person=address.contact_person,
        postcode=address.postcode,
        city=address.city,
        country=address.country,
        email=address.email,
        customer_number=address.customer_number,
        supplier_number=address.supplier_number,
        is_customer=address.is_customer,
        is_supplier=address.is_supplier,
        is_employee=address.is_employee,
        delivery_block=address.delivery_block,
        archived=address.archived_at is not None,
        numbers=tuple(numbers),
        hits=tuple(hits),
    )
