"""What is heard of orders later: the report of the call settles one, and one that nobody finished becomes unknown."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from flask import current_app
from sqlalchemy import and_, select, update
from sqlalchemy.orm import Session

from app.core import phones
from app.core.database import lock_row, reading, transaction
from app.modules.callcenter.dial_results import DialState
from app.modules.callcenter.dialling import CUT_OFF_AFTER, settle
from app.modules.callcenter.domain.belonging import plain
from app.modules.callcenter.events import CallChanged, OrderSettled
from app.modules.callcenter.models import DialOrderRow, KnownPbxUser
from app.modules.callcenter.stored import StoredCall

#: Placetel links its report of a call to our order by nothing but account, number and time.
LINK_WINDOW = timedelta(minutes=2)
#: Our clock and the one behind the report are the same; a report can only be this much earlier by rounding.
_LINK_SLACK = timedelta(seconds=2)
#: Message to the browsers of who ordered: which order, and what came of it.
ORDER_MESSAGE = "dial"


def link_call(event: CallChanged) -> None:
    """Find the order behind a reported outgoing call, and settle it.

    The report names account, number and time; of several orders that fit, the latest is meant.
    """
    call = event.call
    if call.direction != "out" or call.peer is None:
        return
    if event.before is not None and event.before.peer == call.peer:
        return
    with reading() as session:
        order_id = _matching_order(session, call)
    if order_id is None:
        return
    with transaction() as session:
        row = lock_row(session, DialOrderRow.__table__, DialOrderRow.id == order_id)
        if row is None or row["call_id"] is not None:
            return
        session.execute(update(DialOrderRow).where(DialOrderRow.id == order_id).values(call_id=call.id))
        if row["state"] == DialState.UNKNOWN.value:
            settle(session, row, DialState.ACCEPTED, "reported")


def settle_cut_off() -> None:
    """Give orders an outcome whose server died while it carried them out: nobody knows. They are not dialled again."""
    now = current_app.extensions["durchwahl"].clock.now()
    with reading() as session:
        cut_off = DialOrderRow.state == "ordered", DialOrderRow.created_at < now - CUT_OFF_AFTER
        ids = list(session.execute(select(DialOrderRow.id).where(*cut_off).order_by(DialOrderRow.id)).scalars())
    for order_id in ids:
        with transaction() as session:
            row = lock_row(session, DialOrderRow.__table__, DialOrderRow.id == order_id)
            if row is None or row["state"] != "ordered":
                continue
            # A call that was reported is known to have rung.
            reported = row["call_id"] is not None
            state, code = (DialState.ACCEPTED, "reported") if reported else (DialState.UNKNOWN, "cut_off")
            settle(session, row, state, code)


def tell(event: OrderSettled) -> None:
    """Tell the browsers of who ordered what came of it."""
    payload = {"order": event.order_id, "key": event.key, "state": event.state, "code": event.code}
    current_app.extensions["durchwahl"].realtime.emit(ORDER_MESSAGE, payload, [event.user_id])


def _matching_order(session: Session, call: StoredCall) -> int | None:
    rows = session.execute(
        select(
            DialOrderRow.id,
            DialOrderRow.target_e164,
            DialOrderRow.target_raw,
            DialOrderRow.call_id,
            KnownPbxUser.automatic_prefix,
        )
        .outerjoin(
            KnownPbxUser,
            and_(KnownPbxUser.connection == DialOrderRow.connection, KnownPbxUser.uid == plain(call.peer or "")),
        )
        .where(
            DialOrderRow.account == call.peer,
            DialOrderRow.created_at >= call.received_at - LINK_WINDOW,
            DialOrderRow.created_at <= call.received_at + _LINK_SLACK,
            DialOrderRow.state.not_in((DialState.FAILED.value, DialState.REFUSED.value, "repeated")),
        )
        .order_by(DialOrderRow.created_at.desc(), DialOrderRow.id.desc())
    ).all()
    if any(row.call_id == call.id for row in rows):
        return None
    for row in rows:
        if row.call_id is None and _same_target(row, call):
            found: int = row.id
            return found
    return None


def _same_target(order: Any, call: StoredCall) -> bool:
    """The same number; where the PBX puts a prefix before each that the account dials, the same digits behind it."""
    if order.target_e164 and order.target_e164 == call.remote_e164:
        return True
    reported = _digits(call.remote_raw or "")
    sent = {_digits(order.target_raw)}
    if order.target_e164:
        sent = {_digits(phones.dial_digits(order.target_e164, style)) for style in ("national", "e164")}
    if not order.target_e164 and reported in sent:
        return True
    prefix = _digits(order.automatic_prefix or "")
    return bool(prefix) and reported in {prefix + digits for digits in sent}


def _digits(text: str) -> str:
    return "".join(char for char in text if char.isascii() and char.isdigit())
