"""Tells open browsers of call-backs: how many wait, and what has just been given to somebody or become due."""

from __future__ import annotations

from collections import defaultdict
from typing import Any

from flask import current_app

from app.core.accounts.access import allows
from app.core.accounts.service import UserChanged
from app.core.kernel import Kernel, ModuleSetup
from app.core.realtime import asking_user
from app.core.soon import Soon
from app.modules.callcenter import callback_tasks
from app.modules.callcenter.accounts import SETUP_VERSION, assignments, watcher
from app.modules.callcenter.callback_tasks import CallbackGiven
from app.modules.callcenter.callbacks import CallbacksChanged
from app.modules.callcenter.labels import labels

COUNTS_MESSAGE = "callbacks"
"""How many tasks are open for the user and for all; the page about them fetches itself anew. A browser asks for them
by the same name once it is back."""
TOLD_MESSAGE = "callback_told"
"""A task was given to the user, or one of his has become due."""
REMIND_SECONDS = 15
#: Everybody is told, and every missed call changes the numbers: told at once for each, hundreds of browsers would make
#: the telephone system wait, and every card after it.
PAUSE_SECONDS = 1.0
PERMISSION = "callcenter.callbacks"


def install(setup: ModuleSetup) -> None:
    """Listen, and remind."""
    kernel = setup.kernel
    soon = Soon(kernel.app, kernel.realtime, tell_counts, pause=PAUSE_SECONDS)

    def ask() -> None:
        if kernel.realtime.is_heard:
            soon.ask()

    setup.on(CallbacksChanged, lambda _event: ask())
    setup.on(UserChanged, lambda _event: ask())
    setup.on_version(SETUP_VERSION, ask)
    setup.on(CallbackGiven, lambda event: _tell(event.callback_id, event.user_id, "given", event.by))
    kernel.realtime.socketio.on_event(COUNTS_MESSAGE, lambda *_given: _answer(setup))
    setup.job("remind_of_callbacks", REMIND_SECONDS, remind)


def counts_of(user_id: int) -> tuple[int, int]:
    """Open tasks of this user, and all that he may see."""
    found = watcher(user_id)
    return callback_tasks.counts([found])[user_id] if found is not None else (0, 0)


def tell_counts() -> None:
    """Send everybody his numbers; users with the same ones in one message."""
    if not _kernel().realtime.is_heard or not _kernel().states.is_active("callcenter"):
        return
    groups: dict[tuple[int, int], list[int]] = defaultdict(list)
    permitted = [one for one in assignments().watchers if one.permitted and one.active]
    for user_id, numbers in callback_tasks.counts(permitted).items():
        groups[numbers].append(user_id)
    for (mine, everybodys), user_ids in groups.items():
        _kernel().realtime.emit(COUNTS_MESSAGE, _numbers(mine, everybodys), user_ids)


def _answer(setup: ModuleSetup) -> dict[str, int] | None:
    """A browser asks; None for whoever has lost his log-in or may not see call-backs any more."""
    user = asking_user()
    if user is None or not setup.active or not allows(user.role, user.permissions, PERMISSION):
        return None
    return _numbers(*counts_of(user.id))


def _numbers(mine: int, everybodys: int) -> dict[str, int]:
    return {"mine": mine, "all": everybodys}


def remind() -> None:
    """Tell whoever has a task that has become due, once."""
    for callback_id, user_id in callback_tasks.remind():
        _tell(callback_id, user_id, "due", None)


def _tell(callback_id: int, user_id: int, why: str, by: int | None) -> None:
    task = callback_tasks.find(callback_id, user_id)
    if task is None:
        return
    message: dict[str, Any] = {
        "id": callback_id,
        "why": why,
        "name": task.row["name"] or task.row["number_raw"],
        "reason": task.row["reason"],
        "by": labels().users.get(by, "") if by is not None else "",
        "path": f"/callcenter/callbacks/{callback_id}",
    }
    _kernel().realtime.emit(TOLD_MESSAGE, message, [user_id])


def _kernel() -> Kernel:
    kernel: Kernel = current_app.extensions["durchwahl"]
    return kernel
