"""Who sees a call's card, and in which form.

A pure function of the call and the watchers: it is asked again for every snapshot, so a right, a
choice or a mapping that changed counts at once, also on an open socket. Who was in the audience of the
ringing call stays in it while the call goes on and ends, so every card shown gets its updates.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from enum import StrEnum
from typing import Literal

from app.modules.callcenter.domain.calls import Call
from app.modules.callcenter.domain.events import Direction


@dataclass(frozen=True, slots=True)
class Watcher:
    """A user, with all that decides what telephone cards he sees.

    Pass users without permission or with notifications off too where they have an account: they see
    nothing, but the others must learn that one of us took the call.
    """

    user_id: int
    permitted: bool
    active: bool
    notifications: bool
    scope: Literal["all", "mine"]
    accounts: frozenset[str]
    """His SIP users, spelled as in ``Call.peers``."""
    lines: frozenset[str]
    """The keys of the lines that are his, made like ``line_key``: E.164, else the raw text."""

    @property
    def may_see(self) -> bool:
        """Permitted, active, and wants to be told."""
        return self.permitted and self.active and self.notifications


class CardForm(StrEnum):
    """How a card is shown."""

    FULL = "full"
    LINE_ANSWERED_BY_OTHER = "line_answered_by_other"
    """One silent line, "angenommen von …", that goes by itself; also after the call has ended."""
    HIDDEN = "hidden"
    """Taken away. ``audience`` never says it (who is not in the audience is not sent anything); it is
    for a screen that shows a card which its user may no longer see."""


def audience(call: Call, line_key: str | None, watchers: Iterable[Watcher]) -> dict[int, CardForm]:
    """Who gets the call's snapshot, by user id, and in which form.

    Incoming: scope *all* sees every call; scope *mine* the calls to his lines and those his account took,
    so a call to a line without users (or with ``line_key`` None) goes to *all* only. Once one of us
    took it, the others' card is a line. If nobody is mapped to the account that took it, or it was not named,
    every card stays full: there is no colleague to name, and the call may still concern the reader.
    Outgoing: the users of the dialling account. Internal calls follow the same rules. A call
    whose direction nobody told has no audience.
    """
    if call.direction is Direction.OUT:
        return {w.user_id: CardForm.FULL for w in watchers if w.may_see and call.peer in w.accounts}
    if call.direction is None:
        return {}

    takers = frozenset(call.answered_by)
    taken_by_us = False
    forms: dict[int, CardForm] = {}
    for watcher in watchers:
        took = not takers.isdisjoint(watcher.accounts)
        taken_by_us = taken_by_us or took
        if not watcher.may_see:
            continue
        if took:
            forms[watcher.user_id] = CardForm.FULL
        elif watcher.scope == "all" or line_key in watcher.lines:
            forms[watcher.user_id] = CardForm.LINE_ANSWERED_BY_OTHER
    if not taken_by_us:
        return dict.fromkeys(forms, CardForm.FULL)
    return forms
