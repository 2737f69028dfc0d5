"""What calls still know of a person's former numbers and names: what they showed before he lost them."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from typing import Any

from sqlalchemy import and_, select
from sqlalchemy.orm import Session

from app.core.privacy.persons import Former, Person
from app.modules.callcenter import accounts, history, names_shown, removing
from app.modules.callcenter.domain.belonging import plain
from app.modules.callcenter.models import CallChange
from app.modules.callcenter.stored import CALL, NO_CHOICES

#: Whom a call showed by its number alone; what somebody chose says nothing about whose the number is.
_BY_NUMBER = (history.NUMBERS, history.REPORT)
_UNCHOSEN = and_(CALL.c.assigned_by.is_(None), CALL.c.choices == NO_CHOICES, CALL.c.remote_e164.is_not(None))


def former(session: Session, person: Person) -> Former:
    """Numbers by which calls knew him and nobody else, and names that calls showed for him."""
    if person.address_id is None and person.contact_id is None:
        return Former()
    mine = removing.concerned(person, (), CALL.c.remote_e164, CALL.c.address_id, CALL.c.contact_id)
    certain = select(CALL.c.remote_e164).where(mine, _UNCHOSEN, CALL.c.grade == "exact").distinct()
    numbers = set(session.execute(certain).scalars())
    names: set[str] = set()
    for row in session.execute(_changes(person)):
        for text in (row.before, row.after):
            told = json.loads(text)
            his = [one for one in told["names"] if names_shown.is_of(person, one)]
            names.update(name for one in his for name in _names(person, one))
            alone = told["certainty"] == "known" and len(told["names"]) == 1 and not told["more"]
            if his and alone and row.cause in _BY_NUMBER and row.number is not None:
                numbers.add(row.number)
    return Former(frozenset(numbers), frozenset(names))


def held(_session: Session, asked: Former) -> Former:
    """The house's own numbers are nobody's former ones."""
    ours = {plain(key) for key in accounts.assignments().lines}
    return Former(numbers=asked.numbers & ours)


def _changes(person: Person) -> Any:
    number = select(CALL.c.remote_e164).where(CALL.c.id == CallChange.call_id, _UNCHOSEN).scalar_subquery()
    return select(CallChange.cause, CallChange.before, CallChange.after, number.label("number")).where(
        names_shown.told_in_history(person)
    )


def _names(person: Person, match: Mapping[str, Any]) -> Iterator[str]:
    yield match["name"]
    if person.address_id is not None and match["company"]:
        yield match["company"]
