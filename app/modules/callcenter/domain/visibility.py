"""Whose calls a user sees: the one decision that journal, bell, cards, pages, API, statistics and timeline obey.

Pure. What a query asks of the database is its twin in ``callcenter/visibility.py``; a test holds both against each
other.

| call | *all* | *my lines* | *mine only* |
|---|---|---|---|
| I took it, also when it was passed on to me or by me, or I dialled it | yes | yes | yes |
| incoming, to a line that is mine alone | yes | yes | yes |
| incoming, to a line that is mine and others', directly or through a group; whoever took it | yes | yes | no |
| incoming, to another line, to one that nobody set up, or to none | yes | no | no |
| dialled by a colleague, as whatever line | yes | no | no |
| of a direction that nobody told | as incoming | as incoming | as incoming |

Calls inside the house follow the same rows: what counts is who took, dialled or was called, not where from.
"""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from typing import Literal

from app.modules.callcenter.domain.calls import Call
from app.modules.callcenter.domain.events import Direction

Scope = Literal["all", "lines", "mine"]
SCOPES: tuple[Scope, ...] = ("all", "lines", "mine")
#: What a user's setting says who follows what the administrator set.
HOUSE = "house"


@dataclass(frozen=True, slots=True)
class Watcher:
    """A user, with all that decides what calls he sees and of which he is told.

    Pass users without permission or with notifications off too where they have an account: they see
    nothing, but the others must learn that one of us took the call.
    """

    user_id: int
    permitted: bool
    active: bool
    notifications: bool
    scope: Scope
    """In force: never more than his permissions allow (``in_force``)."""
    accounts: frozenset[str]
    """His SIP users, spelled as in ``Call.peers``."""
    lines: frozenset[str]
    """The keys of the lines that are his, directly or through a group, made like ``line_key``: E.164, else raw."""
    own_lines: frozenset[str] = frozenset()
    """Those among them that are nobody else's."""

    @property
    def allowed(self) -> bool:
        """Permitted and active: sees what his scope says."""
        return self.permitted and self.active

    @property
    def may_see(self) -> bool:
        """And wants to be told."""
        return self.allowed and self.notifications

    @property
    def seen_lines(self) -> frozenset[str]:
        """The lines whose calls he sees whoever takes them; those of *all* need no line."""
        return self.own_lines if self.scope == "mine" else self.lines


def in_force(chosen: str, house: str, *, everybodys: bool) -> Scope:
    """The scope of a user who chose so; ``everybodys``: whether he has the permission to see everybody's calls."""
    wanted = house if chosen == HOUSE else chosen
    scope = next((one for one in SCOPES if one == wanted), SCOPES[0])
    return "lines" if scope == "all" and not everybodys else scope


def took(call: Call, accounts: Collection[str]) -> bool:
    """Whether one of these accounts took the call, or dialled it."""
    return call.peer in accounts or any(uid in accounts for uid in call.answered_by)


def is_on(direction: Direction | None, line_key: str | None, lines: Collection[str]) -> bool:
    """Whether a call came to one of these lines."""
    return direction is not Direction.OUT and line_key in lines


def sees(call: Call, line_key: str | None, watcher: Watcher) -> bool:
    """Whether this user may see the call at all."""
    if not watcher.allowed:
        return False
    if watcher.scope == "all" or took(call, watcher.accounts):
        return True
    return is_on(call.direction, line_key, watcher.seen_lines)
