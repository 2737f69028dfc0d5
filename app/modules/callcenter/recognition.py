"""Who is it? Asks the addresses and keeps the answer with the call, so that names stay when addresses go."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any, NamedTuple

from sqlalchemy.orm import Session

from app.core.database import transaction
from app.core.events import publish
from app.modules.addresses import api as addresses
from app.modules.callcenter import history, remembered, statements
from app.modules.callcenter.domain import matching
from app.modules.callcenter.domain.choices import Choice, Scope, after_a_look, by_hand, in_force
from app.modules.callcenter.events import CallChanged
from app.modules.callcenter.stored import StoredCall, choices_text, lock_call_by_id

#: What a call is said to be when nobody has its number, or it has none.
NOBODY: Mapping[str, Any] = {
    "grade": "none",
    "matches": "[]",
    "choices": "[]",
    "address_id": None,
    "contact_id": None,
    "assigned_by": None,
}


class Recognised(NamedTuple):
    """Who has a number, and whom that makes of a call."""

    columns: dict[str, Any]
    matches: tuple[addresses.Match, ...]


def recognise(session: Session, e164: str, chosen: Sequence[Choice] = ()) -> Recognised:
    """Who has this number, and which of them is meant. One query.

    Where several have it a second one tells what is remembered. ``chosen``: what somebody said about the call by hand.
    """
    found = addresses.find_by_number(session, e164)
    if not found.matches and not chosen:
        return Recognised(dict(NOBODY), ())
    recognition = matching.choose(found.matches)
    matches = [
        {
            "grade": match.grade,
            "address_id": match.address_id,
            "contact_id": match.contact_id,
            "name": match.name,
            "company": match.company,
            "customer_number": match.customer_number,
            "number": match.number,
            "label": match.label,
            "extension": match.extension,
            "archived": match.archived,
            "path": match.path,
        }
        for match in found.matches
    ]
    known = remembered.of_number(session, e164) if chosen or len(recognition.persons) > 1 else ()
    columns = {
        "grade": found.grade,
        "matches": json.dumps(matches, ensure_ascii=False),
        **chosen_columns(after_a_look(chosen, known, matches), recognition.address_id, recognition.contact_id),
    }
    return Recognised(columns, found.matches)


def chosen_columns(choices: Sequence[Choice], address_id: int | None, contact_id: int | None) -> dict[str, Any]:
    """The columns that choices decide. Address and contact are what the number alone tells."""
    everybody = in_force(choices, None)
    call = next((choice for choice in choices if choice.scope is Scope.CALL), None)
    return {
        "choices": choices_text(choices),
        "address_id": everybody.person.address_id if everybody else address_id,
        "contact_id": everybody.person.contact_id if everybody else contact_id,
        "assigned_by": call.user_id if call else None,
    }


def rematch(call_id: int, cause: str, by: int | None = None) -> bool:
    """Look again who a call is with; True when the answer is another one."""
    with transaction() as session:
        before = lock_call_by_id(session, call_id)
        return before is not None and look_again(session, before, cause, by) is not before


def look_again(session: Session, before: StoredCall, cause: str, by: int | None = None) -> StoredCall:
    """The same for a locked call. One that somebody assigned stays as it is, as does what is chosen by hand."""
    if before.remote_e164 is None or before.assigned_by is not None:
        return before
    values = recognise(session, before.remote_e164, by_hand(before.chosen)).columns
    after = store(session, before, values)
    history.note(session, before, after, cause, by)
    return after


def store(session: Session, before: StoredCall, values: Mapping[str, Any]) -> StoredCall:
    """Give a locked call these columns; its version rises and everybody hears of it where they are others."""
    if all(getattr(before, name) == value for name, value in values.items()):
        return before
    changed = {**values, "version": before.version + 1}
    statements.UPDATE_CALL.rows(session, {"this_call": before.id, **changed})
    after = replace(before, **changed)
    publish(session, CallChanged(after, before))
    return after
