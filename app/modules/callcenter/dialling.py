"""Dial by click: exactly once for each order, and never without saying what came of it.

The order is stored and committed, then the PBX is asked, then the outcome is stored. A repeated click carries the same
key and finds the order already there. Nothing is ever repeated by itself: after a time-out nobody knows whether the
telephone rings.
"""

from __future__ import annotations

import logging
import math
import re
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Any

from flask import current_app
from sqlalchemy import and_, select, update
from sqlalchemy.orm import Session

from app.core import phones
from app.core.database import insert_or_ignore, is_unavailable, lock_row, reading, transaction
from app.core.values import Dialable, Internal
from app.modules.callcenter import accounts, connection, home
from app.modules.callcenter.domain import dial_rules
from app.modules.callcenter.events import CallChanged
from app.modules.callcenter.models import FIRST_CONNECTION, DialOrderRow, KnownPbxUser
from app.modules.callcenter.providers.base import DialOrder, Dials, Failure, ProviderError
from app.modules.callcenter.stored import StoredCall

log = logging.getLogger(__name__)

#: An order without an outcome after this was cut off (a worker that died): the PBX may have got it.
CUT_OFF_AFTER = timedelta(seconds=40)
#: Placetel links its report of a call to our order by nothing but account, number and time.
LINK_WINDOW = timedelta(minutes=2)
#: Our clock and the one behind the report are the same; a report can only be this much earlier by rounding.
_LINK_SLACK = timedelta(seconds=2)
_KEY = re.compile(r"[\x21-\x7e]{1,80}")
_MAX_RAW = 200


class DialState(StrEnum):
    """What came of an order."""

    ACCEPTED = "accepted"
    """The PBX took it: the user's own telephone rings."""
    UNDER_WAY = "under_way"
    """The same order was given before and is being carried out."""
    REFUSED = "refused"
    """By our own rules; the PBX was not asked."""
    FAILED = "failed"
    """Surely nothing rings."""
    UNKNOWN = "unknown"
    """Nobody knows whether the telephone rings. Never dialled again by itself."""
    TEL = "tel"
    """The user has no account: his own telephone program dials ``tel``."""


@dataclass(frozen=True, slots=True)
class DialResult:
    """What to tell the user. ``dial_words.sentence`` turns it into words.

    ``code`` is stable: ``accepted``, ``under_way``; of our rules ``empty``, ``emergency``, ``unverified``, ``sip``,
    ``withheld``, ``key_missing``, ``key_reused``, ``not_your_account``, ``no_account``; of the PBX what ProviderError
    lists; ``cut_off`` and ``internal`` where the outcome is unknown for a reason on our side.
    """

    state: DialState
    code: str
    order_id: int | None = None
    number: str = ""
    """As people write it."""
    retry_after: int | None = None
    """Seconds, where the PBX said when it would answer again."""
    tel: str | None = None
    """``tel:+49…`` (RFC 3966), for every number that can be written so."""


def dial(user_id: int, raw: str, idempotency_key: str, account: str | None = None) -> DialResult:
    """Make the user's telephone ring and have it dial ``raw``; at most once for each user and key.

    ``account``: one of the user's own; without it the one he chose, else his first. Raises only when the
    database is away before anything was dialled.
    """
    target = phones.dialable_target(raw, home.region())
    refusal = dial_rules.check(target, emergency=phones.is_emergency(raw))
    e164 = target.e164 if isinstance(target, Dialable) else None
    number = home.format_party(target) or raw.strip()[:_MAX_RAW]
    tel = phones.tel_uri(e164) if e164 is not None and refusal is None else None
    if refusal is not None:
        return DialResult(DialState.REFUSED, refusal.code, number=number)
    if not _KEY.fullmatch(idempotency_key):
        return DialResult(DialState.REFUSED, "key_missing", number=number, tel=tel)
    own = accounts.accounts_of(user_id)
    if not own:
        state = DialState.TEL if tel else DialState.REFUSED
        return DialResult(state, "no_account", number=number, tel=tel)
    uid = account.strip().lower() if account and account.strip() else own[0]
    if uid not in own:
        return DialResult(DialState.REFUSED, "not_your_account", number=number, tel=tel)
    order = _Order(user_id, idempotency_key, uid, raw.strip()[:_MAX_RAW], e164, number, tel)
    order_id, earlier = _store(order)
    if earlier is not None:
        return earlier
    return _ask_pbx(order, order_id, target.raw if isinstance(target, Internal) else None)


@dataclass(frozen=True, slots=True)
class _Order:
    user_id: int
    key: str
    account: str
    raw: str
    e164: str | None
    number: str
    tel: str | None


def _store(order: _Order) -> tuple[int, DialResult | None]:
    """The order's id, and what came of it where it had been given before."""
    now = _now()
    with transaction() as session:
        values = {
            "connection": FIRST_CONNECTION,
            "user_id": order.user_id,
            "idempotency_key": order.key,
            "account": order.account,
            "target_raw": order.raw,
            "target_e164": order.e164,
            "state": "ordered",
            "error": None,
            "created_at": now,
            "finished_at": None,
            "call_id": None,
        }
        new = insert_or_ignore(session, DialOrderRow, values, ["user_id", "idempotency_key"])
        row = session.execute(
            select(DialOrderRow).where(DialOrderRow.user_id == order.user_id, DialOrderRow.idempotency_key == order.key)
        ).scalar_one()
        return row.id, None if new else _earlier(row, order, now)


def _earlier(row: DialOrderRow, order: _Order, now: datetime) -> DialResult:
    same = row.target_e164 == order.e164 if order.e164 else row.target_raw == order.raw
    if not same:
        return DialResult(DialState.REFUSED, "key_reused", row.id, order.number, tel=order.tel)
    if row.state == "ordered":
        cut_off = now - row.created_at > CUT_OFF_AFTER
        state, code = (DialState.UNKNOWN, "cut_off") if cut_off else (DialState.UNDER_WAY, "under_way")
    else:
        state, code = DialState(row.state), row.error or row.state
    return DialResult(state, code, row.id, order.number, tel=order.tel)


def _ask_pbx(order: _Order, order_id: int, internal: str | None) -> DialResult:
    """Dial, then store the outcome. No transaction is open meanwhile: the PBX may take its time."""
    state, code, retry_after = DialState.ACCEPTED, "accepted", None
    try:
        provider = connection.provider_for(FIRST_CONNECTION)
        if not isinstance(provider, Dials):
            raise ProviderError(Failure.PERMANENT, "not_configured")
        provider.dial(DialOrder(order.account, order.e164, internal))
    except ProviderError as error:
        unknown = error.failure is Failure.OUTCOME_UNKNOWN
        state, code = (DialState.UNKNOWN if unknown else DialState.FAILED), error.code
        retry_after = math.ceil(error.retry_after) if error.retry_after is not None else None
    except Exception:
        # Whatever it was, the request may have left; the user must look at the telephone.
        log.exception("dialling failed")
        state, code = DialState.UNKNOWN, "internal"
    state, code = _finish(order_id, state, code)
    return DialResult(state, code, order_id, order.number, retry_after, order.tel)


def _finish(order_id: int, state: DialState, code: str) -> tuple[DialState, str]:
    """Store the outcome. A call that was reported meanwhile settles an unknown one."""
    try:
        with transaction() as session:
            row = lock_row(session, DialOrderRow.__table__, DialOrderRow.id == order_id)
            if row is not None and row["call_id"] is not None and state is not DialState.ACCEPTED:
                state, code = DialState.ACCEPTED, "accepted"
            values: dict[str, Any] = {"state": state.value, "finished_at": _now()}
            values["error"] = None if state is DialState.ACCEPTED else code
            session.execute(update(DialOrderRow).where(DialOrderRow.id == order_id).values(**values))
    except Exception as error:
        if not is_unavailable(error):
            raise
        # What the PBX said is still true, and the user must hear it.
        log.error("the outcome of a dial order could not be stored: database away")
    return state, code


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
    order = DialOrderRow.id == order_id
    with transaction() as session:
        session.execute(update(DialOrderRow).where(order, DialOrderRow.call_id.is_(None)).values(call_id=call.id))
        session.execute(
            update(DialOrderRow)
            .where(order, DialOrderRow.state == DialState.UNKNOWN.value)
            .values(state=DialState.ACCEPTED.value, error=None)
        )


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
            and_(KnownPbxUser.connection == DialOrderRow.connection, KnownPbxUser.uid == DialOrderRow.account),
        )
        .where(
            DialOrderRow.account == call.peer,
            DialOrderRow.created_at >= call.received_at - LINK_WINDOW,
            DialOrderRow.created_at <= call.received_at + _LINK_SLACK,
            DialOrderRow.state.not_in((DialState.FAILED.value, DialState.REFUSED.value)),
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


def _now() -> datetime:
    now: datetime = current_app.extensions["durchwahl"].clock.now()
    return now
