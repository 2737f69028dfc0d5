"""Who sees a call's card, and in which form.

A pure function of the call and the watchers: it is asked again for every snapshot, so a right, a
choice or a mapping that changed counts at once, also on an open socket. Who was in the audience of the
ringing call stays in it while the call goes on and ends, so every card shown gets its updates.
"""

from __future__ import annotations

from collections.abc import Iterable
from enum import StrEnum

from app.modules.callcenter.domain.calls import Call
from app.modules.callcenter.domain.events import Direction
from app.modules.callcenter.domain.visibility import Watcher as Watcher
from app.modules.callcenter.domain.visibility import sees, took


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

    Nobody gets a card of a call that he may not see (``domain.visibility``). Incoming: scope *all* sees every call; the
    others the calls to their lines and those their accounts took, so a call to a line without users (or with
    ``line_key`` None) goes to *all* only. Once one of us took it, the others' card is a line. If nobody is mapped to
    the account that took it, or it was not named, every card stays full: there is no colleague to name, and the call
    may still concern the reader. Outgoing: the users of the dialling account. Internal calls follow the same rules. A
    call whose direction nobody told has no audience.
    """
    if call.direction is Direction.OUT:
        return {w.user_id: CardForm.FULL for w in watchers if w.may_see and call.peer in w.accounts}
    if call.direction is None:
        return {}

    taken_by_us = False
    forms: dict[int, CardForm] = {}
    for watcher in watchers:
        took_it = took(call, watcher.accounts)
        taken_by_us = taken_by_us or took_it
        if not watcher.may_see:
            continue
        if took_it:
            forms[watcher.user_id] = CardForm.FULL
        elif sees(call, line_key, watcher):
            forms[watcher.user_id] = CardForm.LINE_ANSWERED_BY_OTHER
    if not taken_by_us:
        return dict.fromkeys(forms, CardForm.FULL)
    return forms
