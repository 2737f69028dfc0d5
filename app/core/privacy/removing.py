"""Removes all about one person: ordered once, done in short batches, taken up again where it broke off.

The order is kept until it is done, for the person may be gone from one place and not yet from another. Whatever was
done is not met again. Every module is asked twice, as somebody may have called between its turn and another's.
"""

from __future__ import annotations

import json
import secrets
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import asdict, dataclass
from datetime import datetime, timedelta
from typing import Any

from flask import current_app
from flask_babel import gettext as _
from sqlalchemy import select, update
from sqlalchemy.orm import Session

from app.core.database import insert_or_ignore, reading, transaction
from app.core.privacy.models import RemovalRow
from app.core.privacy.persons import Former, NotYet, Part, Person, Removal, Unclear, resolve, sources
from app.core.privacy.unhurried import let_others_write

#: A removal that was killed is taken up again after this.
LEASE = timedelta(minutes=3)
#: One that waits is looked at so often, as is whether there is any.
LOOK_SECONDS = 30
ROUNDS = 2
_SETS = ("numbers", "names", "shared")
#: So many the page lists.
MOST_LISTED = 10


class Refused(Exception):
    """Nobody can remove this person; the text says why, in the reader's language."""


@dataclass(frozen=True, slots=True)
class Preview:
    """What would become of all about a person."""

    removal: Removal
    refusal: str | None
    parts: tuple[tuple[Part, int], ...]
    unclear: tuple[Unclear, ...]


@dataclass(frozen=True, slots=True)
class Listed:
    """A removal, without whom it was about."""

    kind: str
    asked_at: datetime
    finished_at: datetime | None
    waits: bool
    counts: tuple[tuple[Part, int], ...]


def preview(
    key: str,
    *,
    unblock: bool = False,
    successor: int | None = None,
    by: int | None = None,
    also: Iterable[str] = (),
) -> Preview | None:
    """What would go and what would stay; None where there is no such person. Nothing is changed."""
    with reading() as session:
        person = resolve(session, key)
        if person is None:
            return None
        called = _("Former user %(number)s", number=person.user_id) if person.user_id is not None else ""
        removal = Removal(person, unblock, successor, called, by, frozenset(also))
        found = dict(pair for source in sources() for pair in source.plan(session, removal))
        unclear = tuple(one for source in sources() for one in source.unclear(session, removal))
        return Preview(removal, _refusal(session, removal), _told(found), unclear)


def order(removal: Removal, submission: str, by_name: str) -> bool:
    """Have a person removed; False where this form was sent before, or a removal of him is under way.

    It is in the audit log with its kind, and not whom it is about. Raises Refused.
    """
    kernel = _kernel()
    now, person = kernel.clock.now(), removal.person
    with transaction() as session:
        refusal = _refusal(session, removal)
        if refusal is not None:
            raise Refused(refusal)
        values = {
            "submission": submission,
            "open_key": person.key,
            "kind": _kind(person),
            "removal": json.dumps(asdict(removal), ensure_ascii=False, default=sorted),
            "asked_at": now,
            "asked_by": removal.by,
            "lease_until": now,
            "holder": "",
            "waits": False,
            "counts": "{}",
            "finished_at": None,
        }
        if not insert_or_ignore(session, RemovalRow, values):
            return False
        kernel.privacy.audit(session, removal.by, by_name, {"removal": None}, {"removal": [_kind(person)]})
        return True


def work_off() -> bool:
    """Do all that was ordered and is not done; False where something waits or is worked on elsewhere."""
    with reading() as session:
        open_ = select(RemovalRow.id).where(RemovalRow.finished_at.is_(None)).order_by(RemovalRow.id)
        ids = list(session.execute(open_).scalars())
    done = [_work_on(one) for one in ids]
    return all(done)


def work_on_all() -> None:
    """What the job does."""
    work_off()


def listed() -> list[Listed]:
    """The latest removals, and all that are under way."""
    query = select(RemovalRow).order_by(RemovalRow.finished_at.is_not(None), RemovalRow.id.desc())
    with reading() as session:
        rows = session.execute(query.limit(MOST_LISTED)).scalars().all()
    return [Listed(row.kind, row.asked_at, row.finished_at, row.waits, _told(json.loads(row.counts))) for row in rows]


def _work_on(row_id: int) -> bool:
    holder = _claim(row_id)
    if holder is None:
        return False
    with reading() as session:
        row = session.execute(select(RemovalRow).where(RemovalRow.id == row_id)).scalar_one()
    counts: dict[str, int] = json.loads(row.counts)
    try:
        for key, some in _steps(_removal_of(row.removal)):
            counts[key] = counts.get(key, 0) + some
            if not _renew(holder, counts) or _kernel().jobs.stopping:
                _give_back(holder, timedelta(0))
                return False
            let_others_write()
    except NotYet:
        _give_back(holder, timedelta(seconds=LOOK_SECONDS), waits=True)
        return False
    except BaseException:
        # What failed is tried again, and neither at once nor only after minutes.
        _give_back(holder, timedelta(seconds=LOOK_SECONDS))
        raise
    _finish(row, holder, counts)
    return True


def _steps(removal: Removal) -> Iterator[tuple[str, int]]:
    for _round in range(ROUNDS):
        # Those whose data rest on another's go first.
        for source in reversed(sources()):
            yield from source.remove(removal)


def _finish(row: RemovalRow, holder: str, counts: Mapping[str, int]) -> None:
    kernel = _kernel()
    now, user = kernel.clock.now(), row.asked_by
    told = [row.kind, *(f"{key}: {count}" for key, count in sorted(counts.items()) if count)]
    values = {"finished_at": now, "open_key": None, "removal": "", "waits": False, "counts": json.dumps(counts)}
    with transaction() as session:
        mine = update(RemovalRow).where(RemovalRow.id == row.id, RemovalRow.holder == holder)
        done: Any = session.execute(mine.values(values))
        if done.rowcount:
            name = _name_of(session, user)
            kernel.privacy.audit(session, user, name, {"removal_done": None}, {"removal_done": told})


def _name_of(session: Session, user_id: int | None) -> str:
    from app.core.accounts.models import User  # accounts themselves tell of persons

    name = session.execute(select(User.name).where(User.id == user_id)).scalar_one_or_none()
    return name or ""


def _removal_of(text: str) -> Removal:
    told: dict[str, Any] = json.loads(text)
    person = {**told["person"], **{name: frozenset(told["person"][name]) for name in _SETS}}
    person["former"] = Former(**{name: frozenset(some) for name, some in person.get("former", {}).items()})
    return Removal(**{**told, "person": Person(**person), "also": frozenset(told.get("also", ()))})


def _refusal(session: Session, removal: Removal) -> str | None:
    refused = (source.refuse(session, removal) for source in sources())
    return next((one for one in refused if one is not None), None)


def _told(counts: Mapping[str, int]) -> tuple[tuple[Part, int], ...]:
    parts = [part for source in sources() for part in source.parts]
    return tuple((part, counts[part.key]) for part in parts if counts.get(part.key))


def _kind(person: Person) -> str:
    return person.key.partition("-")[0]


def _claim(row_id: int) -> str | None:
    now, holder = _kernel().clock.now(), secrets.token_hex(16)
    with transaction() as session:
        free = update(RemovalRow).where(
            RemovalRow.id == row_id, RemovalRow.finished_at.is_(None), RemovalRow.lease_until <= now
        )
        claimed: Any = session.execute(free.values(holder=holder, lease_until=now + LEASE))
        return holder if claimed.rowcount else None


def _renew(holder: str, counts: Mapping[str, int]) -> bool:
    values = {"lease_until": _kernel().clock.now() + LEASE, "counts": json.dumps(counts)}
    with transaction() as session:
        kept: Any = session.execute(update(RemovalRow).where(RemovalRow.holder == holder).values(values))
        return bool(kept.rowcount)


def _give_back(holder: str, later: timedelta, *, waits: bool = False) -> None:
    with transaction() as session:
        mine = update(RemovalRow).where(RemovalRow.holder == holder)
        session.execute(mine.values(lease_until=_kernel().clock.now() + later, waits=waits))


def _kernel() -> Any:
    return current_app.extensions["durchwahl"]
