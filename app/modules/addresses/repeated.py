"""Which numbers are stored more than once where once is expected: a small table that follows the numbers.

To find them among a million numbers takes a walk over all of them, so they are written down when a number is saved, in
the same transaction. Two who save the same number at the same moment may not see each other: a daily job looks again.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from itertools import islice
from typing import Any

from sqlalchemy import bindparam, case, delete, distinct, func, select, update
from sqlalchemy.orm import Session

from app.core.database import insert_or_ignore, reading, transaction
from app.modules.addresses.models import Address, Contact, PhoneNumber, RepeatedNumber

#: By several active addresses; twice at one: by its contact too, or in two rows of the same owner.
SHARED, TWICE = REACHES = ("shared", "twice")
#: Numbers that are compared in one statement.
BATCH = 500


@dataclass(frozen=True, slots=True)
class _Found:
    reach: str
    addresses: int
    owners: str


def refresh(session: Session, e164s: Iterable[str]) -> None:
    """Write down anew which of these numbers are repeated; part of the transaction that changes them."""
    remaining = iter(sorted(set(e164s)))
    while batch := list(islice(remaining, BATCH)):
        found = dict(_repeated(session, batch))
        known = {row.e164: row for row in session.connection().execute(_KNOWN, {"e164s": batch})}
        gone = sorted(known.keys() - found.keys())
        if gone:
            session.execute(
                delete(RepeatedNumber).where(RepeatedNumber.e164.in_(gone)).execution_options(synchronize_session=False)
            )
        for e164, now in found.items():
            if e164 not in known or known[e164].owners != now.owners:
                _store(session, e164, now, known)


def refresh_all() -> int:
    """Look at all numbers; returns how many are repeated. In short transactions: callers do not wait for it."""
    with reading() as session:
        seen = set(session.execute(select(RepeatedNumber.e164)).scalars())
        more_than_once = select(PhoneNumber.e164).group_by(PhoneNumber.e164).having(func.count() > 1)
        seen.update(e164 for e164 in session.execute(more_than_once).scalars() if e164)
    remaining = iter(sorted(seen))
    while batch := list(islice(remaining, BATCH)):
        with transaction() as session:
            refresh(session, batch)
    with reading() as session:
        return session.execute(select(func.count()).select_from(RepeatedNumber)).scalar_one()


def _store(session: Session, e164: str, now: _Found, known: Mapping[str, Any]) -> None:
    before = known.get(e164)
    # Somebody more than those whom a person has seen is a new question; somebody less is none.
    kept = before is not None and before.kept and now.addresses < before.addresses
    values = {"reach": now.reach, "addresses": now.addresses, "owners": now.owners, "kept": kept}
    if before is None and insert_or_ignore(session, RepeatedNumber, {"e164": e164, **values}, ["e164"]):
        return
    session.execute(
        update(RepeatedNumber)
        .where(RepeatedNumber.e164 == e164)
        .values(**values)
        .execution_options(synchronize_session=False)
    )


def _more_than_once() -> Any:
    no_fax = PhoneNumber.kind != "fax"
    own = PhoneNumber.contact_id.is_(None)
    addresses = func.count(distinct(PhoneNumber.address_id))
    return (
        select(
            PhoneNumber.e164,
            addresses.label("addresses"),
            func.sum(distinct(PhoneNumber.address_id)).label("total"),
            func.count(case((no_fax, 1))).label("rows"),
            func.count(distinct(case((no_fax, func.coalesce(PhoneNumber.contact_id, 0))))).label("owners"),
            func.count(case((no_fax & own, 1))).label("own"),
            func.count(case((no_fax & ~own, 1))).label("theirs"),
        )
        .join(Address, Address.id == PhoneNumber.address_id)
        .outerjoin(Contact, Contact.id == PhoneNumber.contact_id)
        .where(PhoneNumber.e164.in_(_E164S), Address.archived_at.is_(None), Contact.archived_at.is_(None))
        .group_by(PhoneNumber.e164)
        .having(func.count() > 1)
    )


#: Built once, and asked without the ORM: every change of a number asks.
_E164S: Any = bindparam("e164s", expanding=True)
_MORE_THAN_ONCE = _more_than_once()
_KNOWN = select(RepeatedNumber.e164, RepeatedNumber.addresses, RepeatedNumber.owners, RepeatedNumber.kept).where(
    RepeatedNumber.e164.in_(_E164S)
)


def _repeated(session: Session, e164s: list[str]) -> Iterator[tuple[str, _Found]]:
    """Those that are, among active addresses and contacts. A fax may share the number of a telephone."""
    for row in session.connection().execute(_MORE_THAN_ONCE, {"e164s": e164s}):
        if row.addresses > 1 or row.rows > row.owners or (row.own and row.theirs):
            reach = SHARED if row.addresses > 1 else TWICE
            yield row.e164, _Found(reach, row.addresses, f"{row.addresses}:{row.total}")
