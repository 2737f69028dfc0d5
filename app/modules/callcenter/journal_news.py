"""Tells open journals, and open histories of addresses, that a call has changed: its number and whose history it is in;
the page asks for the rest, within the reader's rights.

Only readers are told. Who has such a page open is remembered by this process when it gives him a page or a part of
one; a browser that connects anew asks again. With several processes nobody knows all readers: then everybody who may
see the call is told, and pages without a journal pay no heed.
"""

from __future__ import annotations

import time
from typing import Any

from flask import current_app

from app.core.kernel import Kernel, ModuleSetup
from app.modules.callcenter import accounts
from app.modules.callcenter.domain.visibility import sees
from app.modules.callcenter.events import CallChanged
from app.modules.callcenter.stored import call_of

MESSAGE = "journal"
#: A page that heard nothing for so long is closed, or has asked anew since.
FORGOTTEN_SECONDS = 12 * 3600
_EXTENSION = "durchwahl.callcenter.journal_readers"


def install(setup: ModuleSetup) -> None:
    """Listen to calls."""
    setup.kernel.app.extensions[_EXTENSION] = {}
    setup.on(CallChanged, tell)


def remember(user_id: int) -> None:
    """Keep in mind that a user has a journal open."""
    _readers()[user_id] = time.monotonic()


def tell(event: CallChanged) -> None:
    """Tell whoever reads and may see the call, or saw it until now."""
    kernel: Kernel = current_app.extensions["durchwahl"]
    readers = _readers()
    if not readers and not kernel.config.redis_url:
        return
    since = time.monotonic() - FORGOTTEN_SECONDS
    rows = [row for row in (event.call, event.before) if row is not None]
    calls = [(call_of(row), row.line_key) for row in rows]
    told = [
        watcher.user_id
        for watcher in accounts.assignments().watchers
        if (kernel.config.redis_url or readers.get(watcher.user_id, since) > since)
        and any(sees(call, line_key, watcher) for call, line_key in calls)
    ]
    addresses = sorted({row.address_id for row in rows if row.address_id is not None})
    kernel.realtime.emit(MESSAGE, {"id": event.call_id, "addresses": addresses}, told)


def _readers() -> dict[int, float]:
    readers: dict[int, Any] = current_app.extensions[_EXTENSION]
    return readers
