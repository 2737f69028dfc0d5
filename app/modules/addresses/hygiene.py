"""Numbers that need a person's eye, page by page: what is wrong with them, whose they are, what is proposed.

Pages are walks along an index, whatever their depth; counts stop at a limit. Archived addresses and former contacts
are left alone.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import CompoundSelect, Select, false, func, literal, or_, select, union_all
from sqlalchemy.orm import Session

from app.core.database import MAX_ID, reading
from app.core.phones import is_mobile
from app.modules.addresses.corrections import Replacement, Seen, sign_of
from app.modules.addresses.findings import FINDINGS, Around, Proposal, propose
from app.modules.addresses.models import Address, Contact, PhoneNumber, RepeatedNumber
from app.modules.addresses.records import NumberInput
from app.modules.addresses.repeated import REACHES, TWICE

PER_PAGE = 25
#: Counts are exact up to here: what is more is shown as more.
MOST_COUNTED = 1000
#: Owners of a repeated number that a page names.
OWNERS_SHOWN = 10
#: Rows of one number that are read where all are needed.
MOST_ROWS = 200


@dataclass(frozen=True, slots=True)
class Found:
    """A number that needs a person's eye, with its owner and, where there is one, the proposed correction."""

    number_id: int
    address_id: int
    address: str
    city: str
    country: str
    contact_id: int | None
    contact: str
    number: NumberInput
    e164: str | None
    extension: str | None
    problem: str | None
    finding: str
    kept: bool
    proposal: Proposal | None

    @property
    def seen(self) -> Seen:
        """What whoever corrects it has to have seen."""
        return Seen(self.number_id, self.address_id, sign_of(self.number.raw))

    @property
    def replacement(self) -> Replacement | None:
        """The proposal as ``corrections`` takes it."""
        return Replacement(self.seen, self.proposal.numbers, self.finding) if self.proposal else None


@dataclass(frozen=True, slots=True)
class Repeated:
    """A number that is stored more than once. ``superfluous`` are rows that can go without anybody missing them."""

    e164: str
    addresses: int
    owners: str
    """Stands for those who have it, for ``corrections.keep_repeated``."""
    kept: bool
    rows: tuple[Found, ...]
    more: bool
    """There are rows that are not among ``rows``."""
    superfluous: tuple[Found, ...]


def counts(most: int = MOST_COUNTED) -> dict[str, int]:
    """How much there is to look at of each finding and reach; ``most + 1`` stands for more."""
    with reading() as session:
        return dict(session.execute(_counted(most)).all())


def of_finding(finding: str, after: int = 0, limit: int = PER_PAGE, *, kept: bool = False) -> list[Found]:
    """The next numbers with this finding behind the one with the id ``after``."""
    with reading() as session:
        query = _of_finding(finding, kept=kept).where(PhoneNumber.id > after)
        return _found(session, session.execute(query.order_by(PhoneNumber.id).limit(limit)).all())


def one(number_id: int) -> Found | None:
    """A number, whatever its finding; None where there is none, or its owner is archived."""
    if not 0 < number_id <= MAX_ID:
        return None
    with reading() as session:
        rows = session.execute(_numbers().where(PhoneNumber.id == number_id)).all()
        return next(iter(_found(session, rows)), None)


def of_reach(reach: str, after: str = "", limit: int = PER_PAGE, *, kept: bool = False) -> list[Repeated]:
    """The next repeated numbers of this reach behind ``after``, in the order of their digits."""
    with reading() as session:
        query = _of_reach(reach, kept=kept).where(RepeatedNumber.e164 > after)
        return _repeated(session, session.execute(query.order_by(RepeatedNumber.e164).limit(limit)).all())


def e164_of(number_id: int) -> str:
    """A number in E.164; empty where there is none."""
    with reading() as session:
        found = session.execute(select(PhoneNumber.e164).where(PhoneNumber.id == min(number_id, MAX_ID)))
        return found.scalar_one_or_none() or ""


def repeated_like(number_id: int) -> Repeated | None:
    """Who has the same number as this one, up to ``MOST_ROWS``; None where nobody else has."""
    if not 0 < number_id <= MAX_ID:
        return None
    with reading() as session:
        query = select(*RepeatedNumber.__table__.c).join(PhoneNumber, PhoneNumber.e164 == RepeatedNumber.e164)
        rows = session.execute(query.where(PhoneNumber.id == number_id)).all()
        return next(iter(_repeated(session, rows, MOST_ROWS)), None)


def superfluous(rows: Sequence[Found]) -> list[Found]:
    """Rows of one number at one address that say nothing beyond another: the same owner's second one, and a contact's
    copy of the company's own landline number. Nothing that carries a label of its own goes.
    """  # fmt: skip
    kept: list[Found] = []
    gone: list[Found] = []
    for row in rows:
        if row.number.kind == "fax":
            continue
        own = next((other for other in kept if other.contact_id == row.contact_id), None)
        company = next((other for other in kept if other.contact_id is None and not is_mobile(row.e164 or "")), None)
        above = own or company
        says_more = above is not None and row.number.label not in ("", above.number.label)
        if above is None or says_more or (row.number.switchboard and not above.number.switchboard):
            kept.append(row)
        else:
            gone.append(row)
    return gone


# ------------------------------------------------------------------------------------------------------------- queries


def _numbers() -> Select[*tuple[Any, ...]]:
    return (
        select(
            PhoneNumber.id,
            PhoneNumber.address_id,
            PhoneNumber.contact_id,
            PhoneNumber.raw,
            PhoneNumber.kind,
            PhoneNumber.label,
            PhoneNumber.switchboard,
            PhoneNumber.e164,
            PhoneNumber.extension,
            PhoneNumber.problem,
            PhoneNumber.finding,
            PhoneNumber.kept,
            Address.name.label("address"),
            Address.city,
            Address.country,
            Contact.name.label("contact"),
        )
        .join(Address, Address.id == PhoneNumber.address_id)
        .outerjoin(Contact, Contact.id == PhoneNumber.contact_id)
        # Numbers without a contact are named although their contact's date is missing as well: PostgreSQL knows how
        # many there are. Of the date alone it expects too few rows, and sorts all findings for one page.
        .where(Address.archived_at.is_(None), or_(PhoneNumber.contact_id.is_(None), Contact.archived_at.is_(None)))
    )


def _of_finding(finding: str, *, kept: bool = False) -> Select[*tuple[Any, ...]]:
    return _numbers().where(PhoneNumber.finding == finding, PhoneNumber.kept.is_(kept))


def _of_reach(reach: str, *, kept: bool = False) -> Select[*tuple[Any, ...]]:
    return select(*RepeatedNumber.__table__.c).where(RepeatedNumber.reach == reach, RepeatedNumber.kept.is_(kept))


def _counted(most: int) -> CompoundSelect[Any]:
    # In an order that only the index of findings has, so that PostgreSQL walks along it and stops where the count
    # stops; of ids alone it hopes to meet enough findings on a walk through all numbers.
    of = (
        _numbers()
        .where(PhoneNumber.kept.op("<=", is_comparison=True)(false()))
        .order_by(PhoneNumber.kept, PhoneNumber.id)
    )
    kinds = [(finding, of.where(PhoneNumber.finding == finding)) for finding in FINDINGS]
    kinds += [(reach, _of_reach(reach)) for reach in REACHES]
    parts = []
    for kind, query in kinds:
        limited = query.with_only_columns(literal(1).label("one")).limit(most + 1).subquery()
        parts.append(select(literal(kind).label("kind"), func.count().label("number")).select_from(limited))
    return union_all(*parts)


def _found(session: Session, rows: Sequence[Any]) -> list[Found]:
    around = _around(session, rows)
    return [_row(row, around(row)) for row in rows]


def _row(row: Any, around: Around) -> Found:
    number = NumberInput(row.raw, row.kind, row.label, row.switchboard)
    return Found(
        number_id=row.id,
        address_id=row.address_id,
        address=row.address,
        city=row.city,
        country=row.country,
        contact_id=row.contact_id,
        contact=row.contact or "",
        number=number,
        e164=row.e164,
        extension=row.extension,
        problem=row.problem,
        finding=row.finding or "",
        kept=row.kept,
        proposal=propose(number, row.country, around) if row.finding else None,
    )


def _around(session: Session, rows: Sequence[Any]) -> Any:
    """What else the addresses of these rows have."""
    others: dict[int, list[Any]] = {}
    columns = (PhoneNumber.id, PhoneNumber.address_id, PhoneNumber.contact_id, PhoneNumber.e164)
    ids = {row.address_id for row in rows if row.finding}
    for other in session.execute(
        select(*columns).where(PhoneNumber.address_id.in_(ids), PhoneNumber.e164.is_not(None)).order_by(PhoneNumber.id)
    ):
        others.setdefault(other.address_id, []).append(other)

    def of(row: Any) -> Around:
        near = [other for other in others.get(row.address_id, ()) if other.id != row.id]
        own = frozenset(other.e164 for other in near if other.contact_id == row.contact_id)
        return Around(own, tuple(other.e164 for other in near))

    return of


def _repeated(session: Session, groups: Sequence[Any], most: int = OWNERS_SHOWN) -> list[Repeated]:
    found = []
    for group in groups:
        # One query a number: thousands may share one, and of each only the first are read.
        own = _rows_of(session, group.e164, (MOST_ROWS if group.reach == TWICE else most) + 1)
        if not own:
            continue  # its owners were archived a moment ago
        found.append(
            Repeated(
                e164=group.e164,
                addresses=group.addresses,
                owners=group.owners,
                kept=group.kept,
                rows=tuple(own[:most]),
                more=len(own) > most,
                superfluous=tuple(superfluous(own)) if group.reach == TWICE else (),
            )
        )
    return found


def _rows_of(session: Session, e164: str, most: int) -> list[Found]:
    """The first who got the number, an address before its contacts."""
    query = _numbers().where(PhoneNumber.e164 == e164).order_by(PhoneNumber.id).limit(most)
    rows = sorted(session.execute(query), key=lambda row: (row.address, row.address_id, row.contact_id or 0, row.id))
    return [_row(row, Around()) for row in rows]
