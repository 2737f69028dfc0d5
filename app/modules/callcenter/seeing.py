"""What of some calls and call-backs each user may see, for all users at once: facts are told to each as he sees them.

The rules are those of ``visibility`` and ``callback_rights``; here rows that were read already are looked at, as one
reading serves everybody. Most users see everything, and make no work.
"""

from __future__ import annotations

import json
from collections import defaultdict
from collections.abc import Hashable, Iterable, Sequence
from dataclasses import dataclass
from typing import Any, TypeVar

from app.core.accounts.access import allows
from app.modules.callcenter.accounts import EVERYBODYS, Assignments, assignments
from app.modules.callcenter.callback_rights import is_concerned
from app.modules.callcenter.domain.visibility import Watcher

Readers = frozenset[int] | None
Seen = TypeVar("Seen", bound=Hashable)


@dataclass(frozen=True, slots=True)
class Eyes:
    """All users by what they may see."""

    assigned: Assignments
    everybodys: frozenset[int]
    """Who may see the calls of all."""
    others: tuple[Watcher, ...]

    def of_calls(self, rows: Sequence[Any]) -> list[tuple[int, Readers]]:
        """How many of these calls there are, and for whom: one pair for each number that somebody sees, but none."""
        if not self.others:
            return [(len(rows), None)]
        on_line, of_user = self._places(rows)
        seen: dict[int, set[int]] = defaultdict(set)
        for watcher in self.others:
            places = set(of_user.get(watcher.user_id, ()))
            for line in watcher.seen_lines & on_line.keys():
                places |= on_line[line]
            seen[len(places)].add(watcher.user_id)
        seen.pop(0, None)
        return [(len(rows), self.everybodys), *_sorted(seen)]

    def of_callbacks(self, rows: Sequence[Any]) -> list[tuple[Sequence[Any], Readers]]:
        """Which of these tasks there are, and for whom; each selection once, none where somebody sees none."""
        if not self.others:
            return [(rows, None)]
        seen: dict[tuple[int, ...], set[int]] = defaultdict(set)
        deciding = [row._asdict() for row in rows]
        for watcher in self.others:
            seen[tuple(at for at, row in enumerate(deciding) if is_concerned(watcher, row))].add(watcher.user_id)
        seen.pop((), None)
        return [(rows, self.everybodys), *(([rows[at] for at in places], who) for places, who in _sorted(seen))]

    def _places(self, rows: Iterable[Any]) -> tuple[dict[str, set[int]], dict[int, set[int]]]:
        """Where the calls of each line and of each user stand among the rows; none that was dialled is of a line."""
        on_line: dict[str, set[int]] = defaultdict(set)
        of_user: dict[int, set[int]] = defaultdict(set)
        for place, row in enumerate(rows):
            if row.direction != "out" and row.line_key is not None:
                on_line[row.line_key].add(place)
            taken = (self.assigned.users_of_accounts.get(uid) for uid in json.loads(row.answered_by))
            for user_id in {row.user_id, *taken} - {None}:
                of_user[user_id].add(place)
        return on_line, of_user


def _sorted(seen: dict[Seen, set[int]]) -> list[tuple[Seen, frozenset[int]]]:
    return [(what, frozenset(who)) for what, who in seen.items()]


def eyes() -> Eyes:
    """As it is now."""
    assigned = assignments()
    # Few differ in their rights, however many there are.
    sees_all = {right: allows(*right, EVERYBODYS) for right in set(assigned.rights.values())}
    everybodys = frozenset(user_id for user_id, right in assigned.rights.items() if sees_all[right])
    others = (watcher for watcher in assigned.watchers if watcher.allowed and watcher.user_id not in everybodys)
    return Eyes(assigned, everybodys, tuple(others))
