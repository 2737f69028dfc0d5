"""How a user wants to be made aware of calls: sound, desktop notification, what opens by itself, do not disturb.

The browser decides and acts (``static/js/callcenter/attention.js``); here is what the user chose. It holds for all of
his browsers, is told to them with the state of the calls, and a change reaches open pages at once.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, time, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from flask import current_app
from sqlalchemy.orm import Session

from app.core.accounts import personal
from app.core.accounts.models import UserSetting
from app.core.accounts.service import USERS_VERSION, UserChanged
from app.core.database import transaction
from app.core.events import publish
from app.core.kernel import ModuleSetup
from app.core.versions import Remembered

_EXTENSION = "durchwahl.callcenter.attention"
_QUIET = "quiet_until"
#: What is declared as personal settings in the module's ``MODULE``.
CHOSEN = ("sound", "volume", "desktop", "desktop_private", "pop", "pop_opens")
#: For how many minutes one may ask not to be disturbed; ``MORNING`` is until the next day's beginning.
QUIET_MINUTES = (30, 60, 120, 240)
MORNING = time(7)


@dataclass(frozen=True, slots=True)
class Attention:
    """A user's choices. ``quiet_until``: aware UTC, or None."""

    chosen: Mapping[str, Any]
    quiet_until: datetime | None


def install(setup: ModuleSetup) -> None:
    """Set up the memory; it listens while the module is inactive too."""
    kernel = setup.kernel
    kernel.app.extensions[_EXTENSION] = Remembered(kernel.versions, (USERS_VERSION,), _read)


def of(user_id: int) -> Attention:
    """What this user chose, with the declared defaults for what he did not."""
    kept: Remembered[Mapping[str, Mapping[int, Any]]] = current_app.extensions[_EXTENSION]
    everybodys = kept.current()
    declared = current_app.extensions["durchwahl"].personal_settings
    chosen = {name: everybodys[name].get(user_id, declared["callcenter", name].default) for name in CHOSEN}
    until = everybodys[_QUIET].get(user_id)
    return Attention(chosen, datetime.fromisoformat(until) if until else None)


def be_quiet(user_id: int, minutes: int) -> datetime | None:
    """Do not disturb for so long; 0 ends it. Returns until when."""
    now = _now()
    return _store(user_id, now + timedelta(minutes=minutes) if minutes else None)


def be_quiet_until_morning(user_id: int, zone: ZoneInfo) -> datetime | None:
    """Do not disturb until the user's next morning."""
    local = _now().astimezone(zone)
    day = local.date() if local.time() < MORNING else local.date() + timedelta(days=1)
    return _store(user_id, datetime.combine(day, MORNING, zone))


def _store(user_id: int, until: datetime | None) -> datetime | None:
    with transaction() as session:
        key = {"user_id": user_id, "module": "callcenter", "name": _QUIET}
        session.merge(UserSetting(**key, value=json.dumps(until.isoformat() if until else None)))
        current_app.extensions["durchwahl"].versions.bump(session, USERS_VERSION)
        publish(session, UserChanged(user_id))
    return until


def _read(session: Session) -> Mapping[str, Mapping[int, Any]]:
    return {name: personal.everybodys(session, "callcenter", name) for name in (*CHOSEN, _QUIET)}


def _now() -> datetime:
    now: datetime = current_app.extensions["durchwahl"].clock.now()
    return now
