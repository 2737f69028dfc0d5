"""Who calls from a number that several have, as somebody chose: one row for everybody, and one for each user.

Every function works in the caller's transaction, which holds the lock of the call, if any, already.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import asdict, dataclass
from datetime import datetime
from typing import Any, cast

from sqlalchemy import ColumnElement, Table, bindparam, delete, func, or_, select, update
from sqlalchemy.orm import Session

from app.core.database import insert_or_ignore, lock_row
from app.modules.callcenter.domain.choices import Remembered
from app.modules.callcenter.domain.matching import Person
from app.modules.callcenter.models import CallChange, RememberedRow

REMEMBERED = cast(Table, RememberedRow.__table__)
#: Somebody may take a choice away at the moment in which it is replaced; that often in a row nobody does.
ATTEMPTS = 10
#: So many the page of an address shows; the list has all.
MOST_OF_AN_ADDRESS = 50
#: So many a search in the journal looks for.
MOST_NUMBERS = 10


@dataclass(frozen=True, slots=True)
class Kept:
    """A row. The fields are the columns but the id."""

    number: str
    user_id: int | None
    """For whom; None for everybody."""
    address_id: int
    contact_id: int | None
    name: str
    company: str
    chosen_by: int | None
    chosen_at: datetime
    change_id: int | None

    @property
    def person(self) -> Person:
        """Who was chosen."""
        return Person(self.address_id, self.contact_id)


# Built once: it stands on the way of calls from numbers that several have.
_OF_NUMBER = select(
    REMEMBERED.c.user_id, REMEMBERED.c.address_id, REMEMBERED.c.contact_id, REMEMBERED.c.chosen_by
).where(REMEMBERED.c.number == bindparam("number"))


def numbers_of(session: Session, address_ids: Iterable[int], user_id: int) -> list[str]:
    """Numbers of which a user chose for himself alone that somebody at one of these addresses calls."""
    mine = REMEMBERED.c.user_id == user_id, REMEMBERED.c.address_id.in_(list(address_ids))
    return list(session.execute(select(REMEMBERED.c.number).where(*mine).limit(MOST_NUMBERS)).scalars())


def of_number(session: Session, number: str) -> list[Remembered]:
    """What is remembered for a number, for everybody and for each user."""
    rows = session.execute(_OF_NUMBER, {"number": number})
    return [Remembered(row.user_id, Person(row.address_id, row.contact_id), row.chosen_by) for row in rows]


def listed(session: Session, user_id: int, page: int, per_page: int) -> tuple[list[Kept], int]:
    """A page of what is remembered for a user and for everybody, the latest first; and how many there are."""
    visible = _visible(user_id)
    total: int = session.execute(select(func.count()).select_from(REMEMBERED).where(visible)).scalar_one()
    query = select(REMEMBERED).where(visible).order_by(REMEMBERED.c.chosen_at.desc(), REMEMBERED.c.id.desc())
    rows = session.execute(query.limit(per_page).offset((page - 1) * per_page)).mappings()
    return [kept(row) for row in rows], total


def of_address(session: Session, address_id: int, user_id: int) -> list[Kept]:
    """What a user, and everybody, remembers of an address and its contacts."""
    query = select(REMEMBERED).where(REMEMBERED.c.address_id == address_id, _visible(user_id))
    rows = session.execute(query.order_by(REMEMBERED.c.number, REMEMBERED.c.id).limit(MOST_OF_AN_ADDRESS)).mappings()
    return [kept(row) for row in rows]


def _visible(user_id: int) -> ColumnElement[bool]:
    return or_(REMEMBERED.c.user_id.is_(None), REMEMBERED.c.user_id == user_id)


def kept_for(match: Mapping[str, Any], number: str, user_id: int | None, by: int, at: datetime) -> Kept:
    """A row that remembers this match."""
    return Kept(
        number=number,
        user_id=user_id,
        address_id=match["address_id"],
        contact_id=match["contact_id"],
        name=match["name"],
        company=match["company"] or "",
        chosen_by=by,
        chosen_at=at,
        change_id=None,
    )


def put(session: Session, new: Kept) -> Kept | None:
    """Remember it; returns what it took the place of. Of two who do so at once the later one's stays."""
    values = asdict(new)
    for _ in range(ATTEMPTS):
        if insert_or_ignore(session, REMEMBERED, values):
            return None
        before = lock_row(session, REMEMBERED, *_key(new.number, new.user_id))
        if before is not None:
            session.execute(update(REMEMBERED).where(REMEMBERED.c.id == before["id"]).values(**values))
            return kept(before)
    raise RuntimeError("a remembered choice could not be stored")


def put_back(session: Session, former: Kept) -> None:
    """Remember it again, unless somebody has chosen anew since."""
    change = select(CallChange.id).where(CallChange.id == former.change_id)
    # The call on which it was chosen may have been deleted meanwhile.
    values = {**asdict(former), "change_id": session.execute(change).scalar_one_or_none()}
    insert_or_ignore(session, REMEMBERED, values)


def drop(session: Session, number: str, user_id: int | None) -> Kept | None:
    """Forget it; returns what it was."""
    statement = delete(REMEMBERED).where(*_key(number, user_id)).returning(*REMEMBERED.c)
    row = session.execute(statement).mappings().one_or_none()
    return kept(row) if row is not None else None


def made_by(session: Session, number: str, user_id: int | None, change_id: int) -> None:
    """Say on which choice the row rests."""
    session.execute(update(REMEMBERED).where(*_key(number, user_id)).values(change_id=change_id))


def drop_made_by(session: Session, change_id: int) -> bool:
    """Forget what was remembered with this choice; False when it has been replaced or forgotten since."""
    statement = delete(REMEMBERED).where(REMEMBERED.c.change_id == change_id).returning(REMEMBERED.c.id)
    return session.execute(statement).first() is not None


def kept(row: Mapping[Any, Any]) -> Kept:
    """A selected row of ``REMEMBERED``."""
    return Kept(**{name: row[name] for name in Kept.__dataclass_fields__})


def as_json(row: Kept | None) -> dict[str, Any] | None:
    """As it is kept in the history of a call."""
    return None if row is None else {**asdict(row), "chosen_at": row.chosen_at.isoformat()}


def from_json(values: Mapping[str, Any] | None) -> Kept | None:
    """The other way."""
    if values is None:
        return None
    return Kept(**{**values, "chosen_at": datetime.fromisoformat(values["chosen_at"])})


def _key(number: str, user_id: int | None) -> tuple[ColumnElement[bool], ...]:
    whose = REMEMBERED.c.user_id.is_(None) if user_id is None else REMEMBERED.c.user_id == user_id
    return (REMEMBERED.c.number == number, whose)
