"""The list of addresses: search, filters, sorting, pages."""

from __future__ import annotations

from array import array
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, Literal

from sqlalchemy import ColumnElement, case, func, or_, select
from sqlalchemy.orm import Session

from app.core.database import reading
from app.core.ui.leaves import Asked, Key, Leaf, Stretch, leaf, take
from app.modules.addresses.folding import LAST
from app.modules.addresses.models import OF_ADDRESS_ITSELF, Address, Contact, PhoneNumber
from app.modules.addresses.numbers import detail
from app.modules.addresses.ranking import Ranked
from app.modules.addresses.reading import Archived, conditions
from app.modules.addresses.records import NumberDetail
from app.modules.addresses.search import address_matches, contains, number_begins, ranked, words_of
from app.modules.addresses.settings import address_settings
from app.modules.addresses.suggesting import LITTLE, corrections
from app.modules.addresses.walking import in_order, key_of

#: ``rank``: the best first; by name where nothing is searched for.
Sort = Literal["rank", "name", "city", "customer_number", "updated"]
SORTS: tuple[Sort, ...] = ("rank", "name", "city", "customer_number", "updated")
PER_PAGE = 50
#: Addresses are counted up to here, and hits of a search.
MOST_COUNTED = 10_000
MOST_FOUND = 500
FIRST = Asked()
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
    asked: Asked = FIRST,
    per_page: int = PER_PAGE,
) -> Leaf[AddressRow]:
    """A page of the addresses that match, as fast wherever in the list it is."""
    with reading() as session:
        found = leaf(_stretches(session, query, role, archived, sort, descending), asked, per_page)
        ids = list(found.rows)
        addresses = {row.id: row for row in session.execute(select(Address).where(Address.id.in_(ids))).scalars()}
        numbers = _own_numbers(session, ids, query)
        hits = _hits(session, ids, query)
    rows = (_row(addresses[one], numbers.get(one, []), hits.get(one, [])) for one in ids if one in addresses)
    return Leaf(tuple(rows), found.previous, found.following)


def meant_addresses(
    query: str, seen: Sequence[AddressRow], *, role: str = "", archived: Archived = "active", per_page: int = PER_PAGE
) -> tuple[str, Leaf[AddressRow]] | None:
    """What a text that finds little was probably meant to be, and what that finds, the best first; None for nothing."""
    if len(seen) >= LITTLE:
        return None
    ids = {row.id for row in seen}
    with reading() as session:
        for corrected in corrections(session, query):
            found = ranked(session, corrected, conditions(role=role, archived=archived))
            if found is not None and any(one not in ids for one in found.ids(LITTLE)):
                page = list_addresses(query=corrected, role=role, archived=archived, sort="rank", per_page=per_page)
                return corrected, page
    return None


def count_addresses(most: int = MOST_COUNTED, *, query: str = "", role: str = "", archived: Archived = "active") -> int:
    """How many match; ``most + 1`` stands for more, so that it takes no look at all of them."""
    with reading() as session:
        filters = conditions(role=role, archived=archived)
        found = ranked(session, query, filters)
        if found is not None:
            return found.count(min(most, MOST_FOUND))
        if query.strip():
            return 0
        some = select(Address.id).where(*filters).limit(most + 1).subquery()
        return session.execute(select(func.count()).select_from(some)).scalar_one()


def asked_by_number(page: int, **filters: Any) -> Asked:
    """The page with this number (from 1), as old links name it; the first where there is none, or far behind."""
    behind = (page - 1) * PER_PAGE
    if not 0 < behind <= MOST_COUNTED:
        return FIRST
    with reading() as session:
        rows = take(_stretches(session, **filters), FIRST, behind + 1)
    return Asked(rows[behind - 1][0]) if len(rows) > behind else FIRST


def matching_ids(
    *, query: str = "", role: str = "", archived: Archived = "active", sort: Sort = "name", descending: bool = False
) -> Sequence[int]:
    """The ids of all addresses that match, in the order of the list, the best hits by name too.

    Eight bytes each, however many.
    """
    with reading() as session:
        matches = address_matches(session, query)
        found = [*conditions(role=role, archived=archived), *([] if matches is None else [matches])]
        ids = array("q")
        for stretch in _orders(sort, descending):
            order = [key.desc() if stretch.descending else key.asc() for key in stretch.keys]
            statement = select(Address.id).where(*found, *stretch.conditions).order_by(*order)
            ids.extend(session.execute(statement.execution_options(yield_per=5000)).scalars())
        return ids


@dataclass(frozen=True, slots=True)
class _Order:
    """An order that an index gives, of all addresses or of those that pass the conditions."""

    keys: tuple[Any, ...]
    descending: bool
    conditions: tuple[ColumnElement[bool], ...] = ()


def _orders(sort: Sort, descending: bool) -> list[_Order]:
    if sort == "city":
        return [_Order((Address.city_key, Address.name_key, Address.id), descending)]
    if sort == "updated":
        return [_Order((Address.updated_at, Address.id), descending)]
    if sort == "customer_number":
        # Those without a number come last either way.
        keys = (Address.customer_key, Address.id)
        return [
            _Order(keys, descending, (Address.customer_key < LAST,)),
            _Order(keys, False, (Address.customer_key == LAST,)),
        ]
    return [_Order((Address.name_key, Address.id), descending)]


def shapes(sort: Sort) -> list[tuple[type, ...]]:
    """Of what types the places in a list in this order are."""
    of: dict[Sort, list[tuple[type, ...]]] = {
        "rank": [(int, str, int)],
        "name": [(str, int)],
        "city": [(str, str, int)],
        "customer_number": [(str, int), (str, int)],
        "updated": [(str, int)],
    }
    return of[sort]


def _stretches(
    session: Session, query: str, role: str, archived: Archived, sort: Sort, descending: bool
) -> list[Stretch[int]]:
    filters = conditions(role=role, archived=archived)
    found = ranked(session, query, filters)
    if query.strip() and found is None:
        return []
    if found is not None and sort == "rank":
        return [found.rows]
    return [_stretch(session, order, filters, found) for order in _orders(sort, descending)]


def _stretch(
    session: Session, order: _Order, filters: Sequence[ColumnElement[bool]], found: Ranked | None
) -> Stretch[int]:
    query = select(*order.keys).where(*filters, *order.conditions)
    by_time = order.keys[0] is Address.updated_at

    def rows(beyond: Key | None, backwards: bool, limit: int) -> list[tuple[Key, int]]:
        if by_time and beyond is not None:
            beyond = (_moment(beyond[0]), *beyond[1:])
        descending = order.descending != backwards
        if found is None:
            some = in_order(query, order.keys, beyond, descending=descending, limit=limit)
            rows: Sequence[Any] = session.execute(some).all()
        else:
            rows = found.in_order(query, order.keys, beyond, descending=descending, limit=limit)
        found_keys = [(key_of(row, order.keys), row.id) for row in rows]
        return [((key[0].isoformat(), *key[1:]), one) for key, one in found_keys] if by_time else found_keys

    return rows


def _moment(text: str) -> datetime:
    """A moment as a place names it; a text that is none is long ago."""
    try:
        moment = datetime.fromisoformat(text)
        return moment.astimezone(UTC) if moment.tzinfo else moment.replace(tzinfo=UTC)
    except (ValueError, OverflowError):
        return datetime(1970, 1, 1, tzinfo=UTC)


def _own_numbers(session: Session, ids: list[int], query: str) -> dict[int, list[NumberDetail]]:
    """What each row shows: the numbers that were searched for first, then phone and mobile; no fax."""
    region = address_settings().default_country
    begins = number_begins(query) if query.strip() else None
    columns = PhoneNumber.__table__.c
    statement = select(*columns).where(columns.address_id.in_(ids), OF_ADDRESS_ITSELF)
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
