"""Finds the few users whom a call may concern among all, so that a thousand others cost nothing.

``recipients.audience`` decides; here only those are left out for whom it could not say anything.
"""

from __future__ import annotations

import json
from collections import defaultdict
from collections.abc import Iterable, Sequence

from flask import current_app

from app.modules.callcenter import accounts
from app.modules.callcenter.control_log import was_refused
from app.modules.callcenter.domain.recipients import CardForm, Watcher, audience
from app.modules.callcenter.stored import StoredCall, call_of

_EXTENSION = "durchwahl.callcenter.concerned"


class Concerned:
    """The watchers by what makes a call theirs."""

    def __init__(self, watchers: Iterable[Watcher]) -> None:
        self.by_id: dict[int, Watcher] = {}
        self._everything: list[Watcher] = []
        self._by_line: dict[str, list[Watcher]] = defaultdict(list)
        self._by_account: dict[str, list[Watcher]] = defaultdict(list)
        for watcher in watchers:
            self.by_id[watcher.user_id] = watcher
            if watcher.may_see and watcher.scope == "all":
                self._everything.append(watcher)
            for key in watcher.lines:
                self._by_line[key].append(watcher)
            for uid in watcher.accounts:
                self._by_account[uid].append(watcher)

    def by(self, row: StoredCall) -> list[Watcher]:
        """Everybody about whom ``audience`` can say something for this call, each once."""
        found: dict[int, Watcher] = {}
        groups: list[Sequence[Watcher]] = [self._everything] if row.direction == "in" else []
        if row.line_key is not None:
            groups.append(self._by_line.get(row.line_key, ()))
        groups += [self._by_account.get(uid, ()) for uid in (row.peer, *json.loads(row.answered_by)) if uid]
        for group in groups:
            for watcher in group:
                found[watcher.user_id] = watcher
        return list(found.values())

    def forms(self, row: StoredCall) -> dict[int, CardForm]:
        """Who gets a card of this call, and in which form; of one that was refused nobody, for it rings nowhere."""
        if was_refused(row):
            return {}
        return audience(call_of(row), row.line_key, self.by(row))


def concerned() -> Concerned:
    """From the assignments in force; made anew when those are."""
    assignments = accounts.assignments()
    kept: tuple[accounts.Assignments, Concerned] | None = current_app.extensions.get(_EXTENSION)
    if kept is None or kept[0] is not assignments:
        kept = (assignments, Concerned(assignments.watchers))
        current_app.extensions[_EXTENSION] = kept
    return kept[1]
