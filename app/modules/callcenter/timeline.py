"""Calls and call-backs in the history of an address."""

from __future__ import annotations

from collections.abc import Callable, Iterator

from flask import current_app
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from flask_login import current_user
from sqlalchemy import select
from sqlalchemy.orm import Session

from app.core.accounts.access import may
from app.core.i18n import show_duration
from app.modules.addresses import api as addresses
from app.modules.addresses.api import Happening, Place, Source
from app.modules.callcenter import journal_news
from app.modules.callcenter.callback_models import Callback
from app.modules.callcenter.callback_rights import concerns
from app.modules.callcenter.labels import labels
from app.modules.callcenter.snapshots import line_of, remote_of
from app.modules.callcenter.stored import CALL, stored
from app.modules.callcenter.views.call_words import state_words
from app.modules.callcenter.visibility import viewer, visible_to

CALLS, CALLBACKS = "calls", "callbacks"


def install() -> None:
    """Offer both, to whoever may see them."""
    addresses.register_timeline(Source(CALLS, _l("Calls"), _calls, _permitted("callcenter.calls")))
    addresses.register_timeline(Source(CALLBACKS, _l("Call-backs"), _callbacks, _permitted("callcenter.callbacks")))


def _permitted(permission: str) -> Callable[[], bool]:
    def check() -> bool:
        # Of the application that answers: the table of sources belongs to the process.
        states = current_app.extensions["durchwahl"].states
        return states.is_active("callcenter") and may(permission)

    return check


def _calls(
    session: Session, address_id: int, contact_id: int | None, behind: Place | None, most: int
) -> Iterator[Happening]:
    journal_news.remember(current_user.id)
    conditions = [CALL.c.address_id == address_id, visible_to(current_user.id)]
    if contact_id is not None:
        conditions.append(CALL.c.contact_id == contact_id)
    query = (
        select(CALL)
        .where(*conditions, *addresses.later_than(behind, CALLS, CALL.c.received_at, CALL.c.id))
        .order_by(CALL.c.received_at.desc(), CALL.c.id.desc())
        .limit(most)
    )
    known = labels()
    for row in session.execute(query).mappings():
        call = stored(row)
        words, line = state_words(call), line_of(call, known)
        names = {(match["address_id"], match["contact_id"]): match["name"] for match in call.known}
        yield Happening(
            place=Place(call.received_at, CALLS, call.id),
            title=words.title,
            detail="",
            path=f"/callcenter/calls/{call.id}",
            icon=words.icon,
            tone=words.tone,
            user=known.users.get(call.user_id, "") if call.user_id is not None else "",
            contact=str(names.get((address_id, call.contact_id), "")) if call.contact_id is not None else "",
            facts=(
                str(remote_of(call)["display"]),
                str(line["name"] or line["display"]) if line else "",
                show_duration(call.talk_seconds) if call.talk_seconds else "",
            ),
        )


def _callbacks(
    session: Session, address_id: int, contact_id: int | None, behind: Place | None, most: int
) -> Iterator[Happening]:
    conditions = [Callback.address_id == address_id, concerns(viewer(current_user.id))]
    if contact_id is not None:
        conditions.append(Callback.contact_id == contact_id)
    query = (
        select(Callback)
        .where(*conditions, *addresses.later_than(behind, CALLBACKS, Callback.wanted_at, Callback.id))
        .order_by(Callback.wanted_at.desc(), Callback.id.desc())
        .limit(most)
    )
    users = labels().users
    for task in session.execute(query).scalars():
        done = task.state == "done"
        yield Happening(
            place=Place(task.wanted_at, CALLBACKS, task.id),
            title=_("Call-back: done") if done else _("Call-back: open"),
            detail=task.reason,
            path=f"/callcenter/callbacks/{task.id}",
            icon="phone-check" if done else "phone-plus",
            tone="secondary" if done else "orange",
            user=users.get(task.assigned_to, "") if task.assigned_to is not None else "",
            contact=task.name if task.contact_id is not None else "",
            facts=(f"{task.misses} ×" if task.misses > 1 else "",),
        )
