"""Customer and supplier numbers: given out in order from a configurable start, each once.

Whoever sets such a number, given out or typed by hand, first locks the row of its series, so two at the same time
never get the same one, and a number typed by hand is skipped. External ids are not given out, but locked likewise.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from collections.abc import Set as AbstractSet

from sqlalchemy import select, update
from sqlalchemy.orm import Session

from app.core.database import insert_or_ignore, lock_row
from app.modules.addresses.models import Address, Counter
from app.modules.addresses.settings import address_settings

#: Numbers that are compared at once with those typed by hand, beyond those that are wanted; where all of the first few
#: are taken, many more.
LOOK_AHEAD, LOOK_FAR_AHEAD = 20, 500


def hold(session: Session, series: str) -> int:
    """Lock the series until the transaction ends; returns the last number given out, 0 before the first."""
    found = lock_row(session, Counter.__table__, Counter.series == series)
    if found is None:
        insert_or_ignore(session, Counter, {"series": series, "value": 0}, ["series"])
        found = lock_row(session, Counter.__table__, Counter.series == series)
    return int(found["value"])


def is_taken(session: Session, series: str, number: str, but_by: int | None = None) -> bool:
    """Whether another address has this number; ask while the series is held."""
    column = getattr(Address, series)
    return session.execute(select(Address.id).where(column == number, Address.id != (but_by or 0))).first() is not None


def give_out(session: Session, series: str) -> str:
    """The next free number of ``customer_number`` or ``supplier_number``."""
    return give_out_many(session, series, 1)[0]


def give_out_many(
    session: Session,
    series: str,
    count: int,
    reserved: Callable[[Sequence[str]], AbstractSet[str]] = lambda _numbers: frozenset(),
) -> list[str]:
    """The next free numbers, in order. ``reserved`` tells which of some numbers are meant for others."""
    column = getattr(Address, series)
    candidate = max(getattr(address_settings(), f"{series}_start"), hold(session, series) + 1)
    found: list[str] = []
    spare = LOOK_AHEAD
    while len(found) < count:
        ahead = [str(number) for number in range(candidate, candidate + count - len(found) + spare)]
        spare = LOOK_FAR_AHEAD
        taken = {*session.execute(select(column).where(column.in_(ahead))).scalars(), *reserved(ahead)}
        found += [number for number in ahead if number not in taken]
        candidate += len(ahead)
    found = found[:count]
    if found:
        session.execute(
            update(Counter)
            .where(Counter.series == series)
            .values(value=int(found[-1]))
            .execution_options(synchronize_session=False)
        )
    return found
