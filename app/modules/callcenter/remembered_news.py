"""Tells open lists of remembered choices that one was made, changed or removed, by whomever and in whatever window."""

from __future__ import annotations

from flask import current_app

from app.core.kernel import ModuleSetup
from app.modules.callcenter.accounts import assignments
from app.modules.callcenter.events import RememberedChanged

MESSAGE = "remembered"


def install(setup: ModuleSetup) -> None:
    """Listen."""
    setup.on(RememberedChanged, tell)


def tell(event: RememberedChanged) -> None:
    """To all who may have such a list open; what it says, each page asks for itself."""
    realtime = current_app.extensions["durchwahl"].realtime
    if realtime.is_heard:
        realtime.emit(MESSAGE, {"number": event.number}, [one.user_id for one in assignments().watchers if one.allowed])
