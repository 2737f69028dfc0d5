"""Who a call is said to be with, on the screen of one user: the same for cards, bell, journal and notes."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from app.modules.callcenter.domain.choices import Choice, Scope, in_force, person_of
from app.modules.callcenter.stored import StoredCall

Match = Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Shown:
    """The far party as far as it is known."""

    certainty: str
    """``known``, ``ambiguous``, ``probable`` or ``unknown``: what may be claimed."""
    matches: Sequence[Match]
    """Who it may be; where somebody chose, the chosen one alone."""
    candidates: Sequence[Match]
    """Among whom can be chosen; empty where there is no choice."""
    choice: Choice | None
    """The choice that holds for this user."""
    address_id: int | None
    contact_id: int | None


def shown(row: StoredCall, viewer: int | None) -> Shown:
    """What a user sees; with ``viewer`` None what somebody sees who chose nothing for himself."""
    known = row.known
    persons = {person_of(match) for match in known}
    choice = in_force(row.chosen, viewer)
    if choice is None:
        candidates = known if len(persons) > 1 else []
        return Shown(_certainty(row, len(persons)), known, candidates, None, row.address_id, row.contact_id)
    candidates = known if persons - {choice.person} else []
    return Shown("known", [choice.match], candidates, choice, choice.person.address_id, choice.person.contact_id)


def choosers(row: StoredCall) -> set[int]:
    """Who chose somebody for himself alone, and so sees what nobody else does."""
    return {choice.user_id for choice in row.chosen if choice.scope is Scope.MINE and choice.user_id is not None}


def by_view(row: StoredCall, users: Sequence[int]) -> list[tuple[int | None, list[int]]]:
    """Who sees the same: each who chose somebody for himself alone, all others together."""
    own = choosers(row)
    others = [user_id for user_id in users if user_id not in own]
    views: list[tuple[int | None, list[int]]] = [(None, others)] if others else []
    return views + [(user_id, [user_id]) for user_id in users if user_id in own]


def _certainty(row: StoredCall, persons: int) -> str:
    if not persons:
        return "unknown"
    if row.grade == "switchboard":
        return "probable"
    return "known" if persons == 1 else "ambiguous"
