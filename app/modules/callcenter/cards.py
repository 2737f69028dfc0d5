"""Cards: who is told what about a call, after the commit.

One snapshot per call and form, one emit to the list of rooms. Who sees it is asked anew for each snapshot. A browser
that connects or reconnects asks for all current calls; the page that the server renders already contains them.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import replace
from datetime import datetime
from typing import Any

from flask import current_app
from sqlalchemy import select

from app.core.accounts.service import NAMES_VERSION, UserChanged
from app.core.database import reading
from app.core.kernel import Kernel, ModuleSetup
from app.core.modules import MODULES_VERSION
from app.core.realtime import asking_user
from app.modules.callcenter import attention, held_cards, told_facts
from app.modules.callcenter.accounts import SETUP_VERSION
from app.modules.callcenter.concerned import concerned
from app.modules.callcenter.current import ENDED_RECENTLY, current_calls, is_current
from app.modules.callcenter.domain.recipients import CardForm, Watcher
from app.modules.callcenter.events import CallChanged
from app.modules.callcenter.journal import Missed, recently_missed
from app.modules.callcenter.labels import labels
from app.modules.callcenter.recognition import NOBODY
from app.modules.callcenter.shown import by_view
from app.modules.callcenter.snapshots import iso, snapshot, withdrawal
from app.modules.callcenter.stored import CALL, StoredCall, stored
from app.modules.callcenter.told_facts import Collected

#: Message with one call, message with all current ones, and the browser's question for those.
CALL_MESSAGE = "call"
CALLS_MESSAGE = "calls"
#: Raised by whoever changed calls in another process, so that open browsers are told anew.
CARDS_VERSION = "callcenter.cards"


def install(setup: ModuleSetup, activated: Callable[[], None]) -> None:
    """Listen to what changes cards, and to browsers that ask. ``activated``: called when the module is active again."""
    setup.on(CallChanged, tell)
    told_facts.install(setup)
    held_cards.install(setup)
    setup.on(UserChanged, lambda event: push_state([event.user_id]))
    for name in (SETUP_VERSION, CARDS_VERSION, NAMES_VERSION):
        setup.on_version(name, push_to_everybody)
    kernel = setup.kernel
    # Not through setup, which is silent while the module is inactive: that is the very moment to take cards away.
    kernel.versions.on_change(MODULES_VERSION, _on_modules(kernel, setup, activated))
    kernel.realtime.socketio.on_event(CALLS_MESSAGE, lambda *given: _answer(setup, given[0] if given else None))


# ------------------------------------------------------------------------------------------------------------- telling


def tell(event: CallChanged) -> None:
    """Send a changed call to everybody whom it concerns, and take it from whom it no longer does."""
    row, before = event.call, event.before
    if not is_current(row, _now()) and not _may_be_open(event):
        held_cards.follow()
        return
    people = concerned()
    forms = people.forms(row)
    emit = _kernel().realtime.emit
    for form in (CardForm.FULL, CardForm.LINE_ANSWERED_BY_OTHER):
        users = [user_id for user_id, chosen in forms.items() if chosen is form]
        for viewer, group in by_view(row, users):
            emit(CALL_MESSAGE, snapshot(row, form, labels(), _now(), viewer), group)
    moved = before is not None and _audience_may_differ(before, row)
    if forms and (before is None or moved or _is_about_another(before, row)):
        # The card is out; what there is to say of the party follows, and nobody waits for it.
        told_facts.follow(row.id)
    if before is not None and moved:
        lost = [user_id for user_id in people.forms(before) if user_id not in forms]
        if lost:
            emit(CALL_MESSAGE, withdrawal(row, _now()), lost)


def _may_be_open(event: CallChanged) -> bool:
    """Whether the card of a call that is over may be on a screen still: under a pointer or the focus time stands still.

    A browser that shows none heeds none. Not told at once is what comes in masses: names, what was added from a list,
    and what had waited to be understood. Whoever holds such a card asks for it (``held_cards``).
    """
    row, before, now = event.call, event.before, _now()
    if row.added_at is not None:
        return False
    if before is None:
        return row.version > 1
    if _differ_in_names_only(before, row):
        return False
    return is_current(before, now) or event.reported_at is None or event.reported_at > now - ENDED_RECENTLY


def _differ_in_names_only(before: StoredCall, row: StoredCall) -> bool:
    names = {name: getattr(before, name) for name in (*NOBODY, "version")}
    return replace(row, **names) == before


def _is_about_another(before: StoredCall, row: StoredCall) -> bool:
    return any(getattr(before, name) != getattr(row, name) for name in ("remote_e164", "address_id", "choices"))


def _audience_may_differ(before: StoredCall, row: StoredCall) -> bool:
    return (before.direction, before.line_key, before.peer, before.answered_by) != (
        row.direction,
        row.line_key,
        row.peer,
        row.answered_by,
    )


def push_call(call_id: int) -> None:
    """Send a call as it is now."""
    row = read(call_id)
    if row is not None:
        tell(CallChanged(row))


def read(call_id: int) -> StoredCall | None:
    """A call as it is now, None when there is none."""
    with reading() as session:
        row = session.execute(select(CALL).where(CALL.c.id == call_id)).mappings().one_or_none()
    return stored(row) if row is not None else None


def card_of(row: StoredCall, user_id: int) -> dict[str, Any] | None:
    """What this user's cards show of a call; None where he gets none."""
    form = concerned().forms(row).get(user_id)
    return snapshot(row, form, labels(), _now(), user_id) if form is not None else None


def push_state(user_ids: Iterable[int]) -> None:
    """Send these users' browsers all that they should show now; it replaces what they show."""
    now, rows, lost = _now(), current_calls(), recently_missed()
    facts = told_facts.collect(rows)
    for user_id in user_ids:
        _kernel().realtime.emit(CALLS_MESSAGE, _state(user_id, now, rows, lost, facts), [user_id])


def push_to_everybody() -> None:
    """The same for all users, where this process has open browsers at all."""
    if _kernel().realtime.open_sockets:
        push_state(list(concerned().by_id))


# --------------------------------------------------------------------------------------------------------------- state


def state_for(user_id: int, held: Sequence[int] = ()) -> dict[str, Any]:
    """All that the user's browser should show now; ``held``: cards that it has of calls that may be long over."""
    watcher = concerned().by_id.get(user_id)
    # The time comes first: a card that is told while the calls are read is newer than this state.
    now = _now()
    rows = current_calls() if watcher and watcher.may_see else []
    if watcher and watcher.may_see:
        rows = [*held_cards.calls(held, rows), *rows]
    return _state(user_id, now, rows, recently_missed(), told_facts.collect(rows))


def nothing() -> dict[str, Any]:
    """For a user who has no telephone here: cards and bell are taken away."""
    return {"now": iso(_now()), "active": False, "calls": [], "missed": [], "me": None}


def _state(
    user_id: int, now: datetime, rows: Iterable[StoredCall], lost: Iterable[Missed], facts: Collected
) -> dict[str, Any]:
    people = concerned()
    watcher = people.by_id.get(user_id)
    if watcher is None or not (watcher.permitted and watcher.active):
        return nothing()
    forms = ((row, people.forms(row).get(user_id)) for row in rows)
    missed = [call.id for call in lost if call.concerns(watcher)]
    calls = [_with_facts(row, form, now, user_id, facts) for row, form in forms if form is not None]
    return {"now": iso(now), "active": True, "calls": calls, "missed": missed, "me": _me(watcher)}


def _with_facts(row: StoredCall, form: CardForm, now: datetime, user_id: int, facts: Collected) -> dict[str, Any]:
    known = facts.of(row, user_id) if form is CardForm.FULL else None
    return {**snapshot(row, form, labels(), now, user_id), "facts": known}


def _me(watcher: Watcher) -> dict[str, Any]:
    """What the user's browser needs to know of him, to decide how he is made aware of a call."""
    chosen = attention.of(watcher.user_id)
    return {
        **chosen.chosen,
        "quiet_until": iso(chosen.quiet_until),
        "lines": sorted(watcher.lines),
        "rights": _rights(watcher),
    }


def _rights(watcher: Watcher) -> str:
    """A text that differs when the user sees other calls than before: then an open page asks for its list anew."""
    return "all" if watcher.scope == "all" else f"{watcher.scope}:{','.join(sorted(watcher.seen_lines))}"


# ----------------------------------------------------------------------------------------------------------- listening


def _answer(setup: ModuleSetup, sent: Any) -> dict[str, Any]:
    """A browser asks for its calls, and says which cards it holds open."""
    user = asking_user()
    if user is None or not setup.active:
        return nothing()
    return state_for(user.id, held_cards.asked_for(sent))


def _on_modules(kernel: Kernel, setup: ModuleSetup, activated: Callable[[], None]) -> Callable[[], None]:
    was_active: list[bool] = []

    def changed() -> None:
        with kernel.app.app_context():
            active = setup.active
            first = not was_active
            if first or was_active[0] != active:
                was_active[:] = [active]
                if not first:
                    _switched(kernel, active)
                    if active:
                        activated()

    return changed


def _switched(kernel: Kernel, active: bool) -> None:
    if active:
        push_to_everybody()
    elif kernel.realtime.open_sockets:
        kernel.realtime.emit(CALLS_MESSAGE, nothing(), list(concerned().by_id))


def _kernel() -> Kernel:
    kernel: Kernel = current_app.extensions["durchwahl"]
    return kernel


def _now() -> datetime:
    return _kernel().clock.now()
