"""Where calls with others, and their history, name a person: found by looking through all calls, piece by piece.

No index leads there, as a call keeps whom it was recognised as in one text. So each look ends soon: SQLite can take
its log in between, and others have their turn.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from typing import Any, cast

from flask import current_app
from sqlalchemy import ColumnElement, Table, and_, false, func, or_, select, update
from sqlalchemy.orm import Session

from app.core.database import reading, transaction
from app.core.privacy import batches
from app.core.privacy.persons import Person
from app.core.privacy.unhurried import breathe
from app.modules.callcenter.models import CallChange
from app.modules.callcenter.stored import CALL

CHANGE = cast(Table, CallChange.__table__)
#: Calls in one transaction, as when they are anonymised.
BATCH = 20
#: Ids of one look.
PIECE = 50_000


def count(session: Session, person: Person, his: ColumnElement[bool]) -> int:
    """Calls that show him and are with others."""
    return sum(len(ids) for ids in _pieces(session, CALL, and_(_shows(person, CALL.c.matches, CALL.c.choices), ~his)))


def forget(person: Person) -> Iterator[int]:
    """Takes him out of calls that he might have been, and removes what their history tells of him; how many calls."""
    for ids in _found(CALL, _shows(person, CALL.c.matches, CALL.c.choices)):
        with transaction() as session:
            columns = (CALL.c.id, CALL.c.version, CALL.c.matches, CALL.c.choices)
            rows = session.execute(select(*columns).where(CALL.c.id.in_(ids)).order_by(CALL.c.id).with_for_update())
            for row in rows.all():
                matches = [one for one in json.loads(row.matches) if not is_of(person, one)]
                choices = [one for one in json.loads(row.choices) if not is_of(person, one["match"])]
                values = {"matches": _text(matches), "choices": _text(choices), "version": row.version + 1}
                session.execute(update(CALL).where(CALL.c.id == row.id).values(values))
        yield len(ids)
    for ids in _found(CHANGE, told_in_history(person)):
        with transaction() as session:
            batches.remove_rows(session, CallChange, CallChange.id.in_(ids))
        yield 0


def told_in_history(person: Person) -> ColumnElement[bool]:
    """Changes of whom calls showed, in which he stands."""
    return _shows(person, CHANGE.c.before, CHANGE.c.after, CHANGE.c.undo)


def is_of(person: Person, match: Mapping[str, Any]) -> bool:
    """Whether a match of a call, as it is kept, is this person."""
    if person.address_id is not None:
        return bool(match["address_id"] == person.address_id)
    return person.contact_id is not None and bool(match["contact_id"] == person.contact_id)


def _shows(person: Person, *texts: Any) -> ColumnElement[bool]:
    """How JSON names the address or the contact, be it the last of its fields or not."""
    wanted = {"address_id": person.address_id, "contact_id": person.contact_id}
    begun = [f'"{name}": {number}' for name, number in wanted.items() if number is not None]
    # The beginning alone is a single quick look, which spares nearly all texts the others.
    return or_(
        false(),
        *(
            and_(text != "[]", _holds(text, begins), or_(_holds(text, f"{begins},"), _holds(text, f"{begins}}}")))
            for text in texts
            for begins in begun
        ),
    )


def _holds(text: Any, part: str) -> ColumnElement[bool]:
    """Letter by letter; LIKE, which knows no large and small letters on SQLite, takes three times as long."""
    sqlite = current_app.extensions["durchwahl"].database.is_sqlite
    position = func.instr(text, part) if sqlite else func.strpos(text, part)
    return position > 0


def _found(table: Table, condition: ColumnElement[bool]) -> Iterator[list[int]]:
    """Ids in batches; nothing is open between them."""
    with reading() as session:
        pieces = list(_spans(session, table))
    for span in pieces:
        with reading() as session:
            ids = list(session.execute(select(table.c.id).where(_within(table, span), condition)).scalars())
        for start in range(0, len(ids), BATCH):
            yield ids[start : start + BATCH]
        breathe()


def _pieces(session: Session, table: Table, condition: ColumnElement[bool]) -> Iterator[list[int]]:
    for span in _spans(session, table):
        yield list(session.execute(select(table.c.id).where(_within(table, span), condition)).scalars())
        breathe()


def _spans(session: Session, table: Table) -> Iterator[tuple[int, int]]:
    # Each by itself: asked for both at once, SQLite reads them all.
    first, last = (session.execute(select(of(table.c.id))).scalar_one() for of in (func.min, func.max))
    if first is not None:
        yield from ((start, min(start + PIECE - 1, last)) for start in range(first, last + 1, PIECE))


def _within(table: Table, span: tuple[int, int]) -> ColumnElement[bool]:
    return table.c.id.between(*span)


def _text(kept: Any) -> str:
    return json.dumps(kept, ensure_ascii=False)
