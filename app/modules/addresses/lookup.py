"""Who calls? The addresses and contacts behind a number, in one query, graded by ``matching``."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, NamedTuple

from sqlalchemy import (
    Case,
    CompoundSelect,
    Integer,
    Select,
    and_,
    bindparam,
    case,
    literal_column,
    or_,
    select,
    type_coerce,
    union_all,
)
from sqlalchemy.orm import Session

from app.core.phones import extension_behind, prefixes_for_switchboard
from app.core.prepared import Prepared
from app.modules.addresses import matching
from app.modules.addresses.matching import Candidate, Grade, Standing
from app.modules.addresses.models import Address, Contact, PhoneNumber
from app.modules.addresses.paths import address_path


class Match(NamedTuple):
    """An address or one of its contacts, found by a number."""

    grade: str
    """``exact`` or ``switchboard``."""
    address_id: int
    contact_id: int | None
    name: str
    """The contact's or the address's own name."""
    company: str | None
    """The address's name where the address is a company or the match one of its contacts."""
    customer_number: str | None
    number: str
    """The stored number, E.164."""
    label: str
    kind: str
    """phone, mobile, fax or other."""
    archived: bool
    path: str
    """Of the page to open."""
    extension: str = ""
    """The Durchwahl behind a switchboard: what follows its stem. Empty for an exact match and for the stem itself."""
    standing: Standing = Standing()
    """The address's."""


class Matches(NamedTuple):
    """What was found, all of the same, best grade: ``exact``, ``switchboard`` or ``none``."""

    grade: str
    matches: tuple[Match, ...]


NOBODY = Matches(matching.Grade.NONE.value, ())
#: A person may have the same number in several fields; so many rows are read for each match asked for.
ROWS_PER_MATCH = 4


def find_by_number(session: Session, e164: str, *, limit: int = 100) -> Matches:
    """The owners of a number, or of the switchboard in front of it; one query, whatever the number."""
    if not e164:
        return NOBODY
    rows = _rows(session, e164, limit * ROWS_PER_MATCH)
    if not rows:
        return NOBODY
    grade, found = matching.grade(e164, [_candidate(row, e164) for row in rows])
    return Matches(grade.value, tuple([_match(one, e164, grade) for one in found[:limit]]))


def _candidate(row: Sequence[Any], e164: str) -> Candidate:
    """A row in the order of the columns of ``_statement``."""
    address_id, contact_id, number, stem, label, kind, contact_name, name, address_kind, customer_number = row[:10]
    archived, delivery_block, account_manager_id, inside_sales_id = row[10:]
    return Candidate(
        address_id,
        contact_id,
        contact_name or name,
        name if contact_id is not None or address_kind == "company" else None,
        customer_number,
        number,
        stem if stem and extension_behind(stem, e164) is not None else None,
        label,
        bool(archived),
        kind,
        Standing(bool(delivery_block), account_manager_id, inside_sales_id),
    )


def _match(one: Candidate, e164: str, grade: Grade) -> Match:
    behind = grade is Grade.SWITCHBOARD and one.stem is not None
    return Match(
        grade.value,
        one.address_id,
        one.contact_id,
        one.name,
        one.company,
        one.customer_number,
        one.number_e164 or "",
        one.label or "",
        one.kind,
        one.archived,
        address_path(one.address_id, one.contact_id),
        e164[len(one.stem or "") :] if behind else "",
        one.standing,
    )


#: As many parameters as a number has beginnings that may be stems; a list of any length would be expanded each time.
_STEMS = tuple(f"stem{place}" for place in range(6))
_MOST = len(_STEMS)
#: Rows that are read in no order. Whoever has more of them for one number waits for a second query that sorts.
UNSORTED = 400


def _statement(*, with_stems: bool, in_order: bool = False) -> Select[Any] | CompoundSelect[Any]:
    """Rows as they lie in the indexes: to sort two rows takes SQLite as long as to find them, and ``grade`` sorts.
    ``in_order``: the best first, for where there are more than are read.
    """  # fmt: skip
    number = PhoneNumber.__table__.c
    is_it = number.e164 == bindparam("e164")
    of_stem = number.stem.in_([bindparam(name) for name in _STEMS])
    if not in_order:
        # Each half goes its own way through its own index; a row that is found twice is one person.
        found = (
            union_all(_selected().where(is_it), _selected().where(of_stem)) if with_stems else _selected().where(is_it)
        )
        return found.limit(bindparam("most"))
    return (
        _selected()
        .where(or_(is_it, of_stem) if with_stems else is_it)
        .order_by(
            _archived(),
            case((is_it, literal_column("0")), else_=literal_column("1")),
            number.stem.desc(),
            case((number.contact_id.is_(None), literal_column("1")), else_=literal_column("0")),
            Address.name_key,
            number.id,
        )
        .limit(bindparam("most"))
    )


def _selected() -> Select[Any]:
    number = PhoneNumber.__table__.c
    address = Address.__table__.c
    contact = Contact.__table__.c
    return (
        select(
            number.address_id,
            number.contact_id,
            number.e164,
            number.stem,
            number.label,
            number.kind,
            contact.name.label("contact_name"),
            address.name.label("address_name"),
            address.kind.label("address_kind"),
            address.customer_number,
            _archived().label("archived"),
            # Whoever reads the row asks whether it is true, whatever the database calls that.
            type_coerce(address.delivery_block, Integer).label("delivery_block"),
            address.account_manager_id,
            address.inside_sales_id,
        )
        .join_from(PhoneNumber.__table__, Address.__table__, address.id == number.address_id)
        .outerjoin(Contact.__table__, contact.id == number.contact_id)
    )


def _archived() -> Case[Any]:
    """Not the times themselves: to read them takes longer than the rest of a row."""
    active = and_(Address.archived_at.is_(None), Contact.archived_at.is_(None))
    return case((active, literal_column("0")), else_=literal_column("1"))


_FOUND = {with_stems: Prepared(_statement(with_stems=with_stems)) for with_stems in (False, True)}
_BEST = {with_stems: Prepared(_statement(with_stems=with_stems, in_order=True)) for with_stems in (False, True)}


def _rows(session: Session, e164: str, most: int) -> list[Sequence[Any]]:
    stems = prefixes_for_switchboard(e164)
    # Where there are fewer beginnings the first one stands for the others.
    values: dict[str, str | int] = dict(zip(_STEMS, (*stems, *stems[:1] * _MOST), strict=False)) if stems else {}
    values["e164"], values["most"] = e164, UNSORTED
    rows = _FOUND[bool(stems)].rows(session, values)
    if len(rows) == UNSORTED:
        values["most"] = most
        rows = _BEST[bool(stems)].rows(session, values)
    return rows
