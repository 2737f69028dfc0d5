"""Use cases of choosing among several matches: for a call, and remembered for its number.

Each is one transaction, which locks the call first; browsers hear of it after the commit.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from datetime import datetime
from typing import Any

from flask import current_app
from sqlalchemy.orm import Session

from app.core.database import transaction
from app.core.events import publish
from app.modules.addresses import api as addresses
from app.modules.callcenter import history, recognition, remembered
from app.modules.callcenter.domain.choices import Choice, Key, Scope, by_hand, person_of, replaced_by, with_choice
from app.modules.callcenter.domain.matching import Person
from app.modules.callcenter.events import RememberedChanged
from app.modules.callcenter.recognition import chosen_columns
from app.modules.callcenter.remembered import Kept, as_json, from_json
from app.modules.callcenter.stored import StoredCall, choices_of, choices_text, lock_call_by_id
from app.modules.callcenter.visibility import is_visible


class NoSuchCall(LookupError):
    """There is no such call, or none that the user may see."""


class NotAMatch(ValueError):
    """Whoever was chosen is not, or no longer, among the matches."""


class Outdated(Exception):
    """The choice does not hold any more: somebody has chosen anew, or taken it back."""


def choose(call_id: int, person: Person, user_id: int, scope: Scope) -> StoredCall:
    """A user says which of the matches it is; returns the call as it is now. Raises NoSuchCall, NotAMatch.

    Made by hand about this call, it stays against every later look; of several who choose, the last one counts.
    """
    with transaction() as session:
        before = _locked(session, call_id, user_id)
        match = next((one for one in before.known if person_of(one) == person), None)
        if match is None:
            raise NotAMatch
        new = Choice(scope, user_id, match, by_hand=True, remembered=scope is not Scope.CALL)
        if _by_key(with_choice(before.chosen, new)) == _by_key(before.chosen):
            return before  # pressed twice: the first press is what can be undone
        gone = [one for one in by_hand(before.chosen) if one.key in replaced_by(scope, user_id)]
        rows = _remember(session, before, match, user_id, scope)
        values = _with(before, new)
        undo = {"choices": choices_text(gone), **rows}
        change_id = history.note_choice(
            session, before, replace(before, **values), history.CHOSEN, scope, user_id, undo=undo
        )
        if scope is not Scope.CALL:
            remembered.made_by(session, str(before.remote_e164), _for(scope, user_id), change_id)
        after = recognition.store(session, before, _with(before, replace(new, change_id=change_id)))
        if scope is not Scope.CALL:
            publish(session, RememberedChanged(str(before.remote_e164), user_id))
        return after


def undo(call_id: int, change_id: int, user_id: int) -> StoredCall:
    """Take back a choice that the user made on this call: what it took the place of holds again.

    Raises NoSuchCall, also for a choice of somebody else, and Outdated where nothing is left to be taken back.
    """
    with transaction() as session:
        before = _locked(session, call_id, user_id)
        found = history.undo_of(session, call_id, change_id, user_id)
        if found is None:
            raise NoSuchCall
        scope, former = found
        standing = [one for one in by_hand(before.chosen) if one.change_id != change_id]
        here = len(standing) < len(by_hand(before.chosen))
        forgotten = scope is not Scope.CALL and remembered.drop_made_by(session, change_id)
        if not here and not forgotten:
            raise Outdated
        row, mine = from_json(former["row"]), from_json(former["mine"])
        for old in (row if forgotten else None, mine):
            if old is not None:
                remembered.put_back(session, old)
        if here:
            taken = {one.key for one in standing}
            standing += [one for one in choices_of(former["choices"]) if one.key not in taken]
        values = recognition.recognise(session, before.remote_e164 or "", standing).columns
        after = recognition.store(session, before, values)
        history.note_choice(session, before, after, history.UNDONE, scope, user_id)
        if scope is not Scope.CALL:
            publish(session, RememberedChanged(str(before.remote_e164), user_id))
        return after


def set_remembered(number: str, for_user: int | None, person: Person | None, by: int) -> Kept | None:
    """Remember for a number (E.164) who calls, for a user or for everybody (None), or forget it (``person`` None).

    Returns what was remembered before. Raises NotAMatch for a person that there is not. Whoever has the number no
    longer may be remembered, too: it has no effect until he has it again.
    """
    with transaction() as session:
        if person is None:
            before = remembered.drop(session, number, for_user)
        else:
            owner = addresses.owner_name(session, person.address_id, person.contact_id)
            if owner is None:
                raise NotAMatch
            match = {"address_id": person.address_id, "contact_id": person.contact_id, "name": owner.name}
            new = remembered.kept_for({**match, "company": owner.company}, number, for_user, by, _now())
            before = remembered.put(session, new)
        publish(session, RememberedChanged(number, by))
        return before


def _remember(session: Session, call: StoredCall, match: Any, user_id: int, scope: Scope) -> dict[str, Any]:
    """Remember it for the number as far as that was asked for; returns the rows that it took the place of."""
    if scope is Scope.CALL:
        return {"row": None, "mine": None}
    number = str(call.remote_e164)
    row = remembered.put(session, remembered.kept_for(match, number, _for(scope, user_id), user_id, _now()))
    # Whoever chooses for everybody means himself too.
    mine = remembered.drop(session, number, user_id) if scope is Scope.ALL else None
    return {"row": as_json(row), "mine": as_json(mine)}


def _with(before: StoredCall, new: Choice) -> dict[str, Any]:
    return chosen_columns(with_choice(before.chosen, new), before.address_id, before.contact_id)


def _by_key(choices: Iterable[Choice]) -> dict[Key, Choice]:
    return {one.key: replace(one, change_id=None) for one in choices}


def _for(scope: Scope, user_id: int) -> int | None:
    return user_id if scope is Scope.MINE else None


def _locked(session: Session, call_id: int, user_id: int) -> StoredCall:
    call = lock_call_by_id(session, call_id)
    if call is None or not is_visible(session, call_id, user_id):
        raise NoSuchCall
    return call


def _now() -> datetime:
    found: datetime = current_app.extensions["durchwahl"].clock.now()
    return found
