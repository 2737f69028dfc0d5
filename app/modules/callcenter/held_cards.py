"""Cards that are held open, under a pointer or the focus, long after their calls have ended.

What becomes known of such calls comes in masses, as when addresses are imported, and nearly nobody has one of them on
the screen. So nobody is told what has changed; browsers hear, once a second at most, that something has, and whoever
holds such a card asks for it.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any

from flask import current_app
from sqlalchemy import select

from app.core.database import MAX_ID, reading
from app.core.kernel import Kernel, ModuleSetup
from app.core.soon import Soon
from app.modules.callcenter.concerned import concerned
from app.modules.callcenter.stored import CALL, StoredCall, stored

#: Says that something has become known of calls that are long over, and nothing else.
MESSAGE = "late"
#: Seconds between two such messages.
PAUSE_SECONDS = 1.0
#: Cards that one browser may ask for besides the current ones.
MOST_HELD = 20
_EXTENSION = "durchwahl.callcenter.held_cards"


def install(setup: ModuleSetup) -> None:
    """Be ready to tell."""
    kernel = setup.kernel
    kernel.app.extensions[_EXTENSION] = Soon(kernel.app, kernel.realtime, _tell, pause=PAUSE_SECONDS)


def follow() -> None:
    """Have browsers hear soon that something has become known of calls that are long over; returns at once."""
    if _kernel().realtime.is_heard:
        soon: Soon = current_app.extensions[_EXTENSION]
        soon.ask()


def asked_for(sent: Any) -> list[int]:
    """The calls that a browser says it holds; whatever else it sends is none."""
    held = sent.get("held") if isinstance(sent, dict) else None
    if not isinstance(held, list):
        return []
    return [one for one in held[:MOST_HELD] if type(one) is int and 0 < one <= MAX_ID]


def calls(ids: Sequence[int], current: Iterable[StoredCall]) -> list[StoredCall]:
    """These calls, but for those that are current anyway."""
    wanted = set(ids).difference(row.id for row in current)
    if not wanted:
        return []
    with reading() as session:
        rows = session.execute(select(CALL).where(CALL.c.id.in_(wanted)).order_by(CALL.c.id)).mappings()
        return [stored(row) for row in rows]


def _tell() -> None:
    kernel = _kernel()
    if kernel.states.is_active("callcenter"):
        kernel.realtime.emit(MESSAGE, {}, [one.user_id for one in concerned().by_id.values() if one.may_see])


def _kernel() -> Kernel:
    kernel: Kernel = current_app.extensions["durchwahl"]
    return kernel
