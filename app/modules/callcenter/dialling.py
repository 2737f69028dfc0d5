"""Dial by click: exactly once for each order, and never without saying what came of it.

The order is stored and committed, then the PBX is asked, then the outcome is stored. A repeated click carries the same
key and finds the order already there; a second window has a key of its own, and finds that the same call is under way.
Nothing is ever repeated by itself: after a time-out nobody knows whether the telephone rings.
"""

from __future__ import annotations

import logging
import math
import re
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from flask import current_app
from sqlalchemy import or_, select, update
from sqlalchemy.orm import Session

from app.core import phones
from app.core.accounts.models import User
from app.core.database import insert_or_ignore, is_unavailable, lock_row, transaction
from app.core.events import publish
from app.core.values import Internal
from app.modules.callcenter import accounts, audit, connection, dial_policy
from app.modules.callcenter.dial_policy import Judged
from app.modules.callcenter.dial_results import DialResult as DialResult
from app.modules.callcenter.dial_results import DialState as DialState
from app.modules.callcenter.domain.belonging import connection_of, plain
from app.modules.callcenter.domain.dial_rules import Refusal, limit
from app.modules.callcenter.events import OrderSettled
from app.modules.callcenter.models import DialOrderRow
from app.modules.callcenter.providers.base import DialOrder, Dials, Failure, ProviderError

log = logging.getLogger(__name__)

#: An order without an outcome after this was cut off (a worker that died): the PBX may have got it.
CUT_OFF_AFTER = timedelta(seconds=40)
#: The same user and the same number within this is the same press, from whichever window or program it comes.
SAME_PRESS = timedelta(seconds=3)
_KEY = re.compile(r"[\x21-\x7e]{1,80}")
_MAX_RAW = 200


def dial(user_id: int, raw: str, idempotency_key: str, account: str | None = None) -> DialResult:
    """Make the user's telephone ring and have it dial ``raw``; at most once for each user and key.

    ``account``: one of the user's own; without it the one he chose, else his first. Raises only when the
    database is away before anything was dialled.
    """
    judged = dial_policy.judged(raw)
    number, refusal = judged.number[:_MAX_RAW], judged.verdict.refusal
    if refusal is not None:
        result = DialResult(DialState.REFUSED, refusal.code, number=number, country=judged.country)
        return _refused(user_id, raw, judged, result)
    tel = phones.tel_uri(judged.e164) if judged.e164 is not None else None
    own = accounts.accounts_of(user_id)
    uid = accounts.own_account(user_id, account or "")
    if not _KEY.fullmatch(idempotency_key):
        result = DialResult(DialState.REFUSED, "key_missing", number=number, tel=tel)
    elif not own:
        result = DialResult(DialState.TEL if tel else DialState.REFUSED, "no_account", number=number, tel=tel)
    elif uid is None:
        result = DialResult(DialState.REFUSED, "not_your_account", number=number, tel=tel)
    else:
        order = _Order(user_id, idempotency_key, uid, raw.strip()[:_MAX_RAW], judged.e164, number, tel)
        order_id, earlier = _store(order, judged)
        return earlier or _ask_pbx(order, order_id, judged.target.raw if isinstance(judged.target, Internal) else None)
    return _refused(user_id, raw, judged, result)


def _refused(user_id: int, raw: str, judged: Judged, result: DialResult) -> DialResult:
    """The result, written into the audit log. Nothing that was left empty is worth an entry."""
    if result.code != Refusal.EMPTY.code:
        who = audit.actor(user_id)
        with transaction() as session:
            audit.record(
                session,
                who,
                "refused",
                number=judged.e164 or raw.strip(),
                result=result.state.value,
                code=result.code,
                rule=judged.verdict.rule,
            )
    return result


@dataclass(frozen=True, slots=True)
class _Order:
    user_id: int
    key: str
    account: str
    raw: str
    e164: str | None
    number: str
    tel: str | None


def _store(order: _Order, judged: Judged) -> tuple[int, DialResult | None]:
    """The order's id, and what came of it where it had been given before or is one too many."""
    now = _now()
    rules, who = dial_policy.rules(), audit.actor(order.user_id)
    with transaction() as session:
        # One after the other for each user: else two windows would not see each other's order, nor count it. KEY SHARE
        # leaves the rows alone that only refer to the user.
        session.execute(select(User.id).where(User.id == order.user_id).with_for_update(key_share=True))
        values = {
            "connection": connection_of(order.account),
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
        mine = DialOrderRow.user_id == order.user_id, DialOrderRow.idempotency_key == order.key
        row = session.execute(select(DialOrderRow).where(*mine)).scalar_one()
        if not new:
            return row.id, _earlier(session, row, order, now)
        twin = _same_press(session, row, now)
        if twin is not None:
            # Kept, so that this key stays that press for good.
            row.state, row.same_as_id, row.finished_at = "repeated", twin.id, now
            return row.id, _outcome(twin, order, now)
        given = dial_policy.orders_within_a_day(session, order.user_id, now, but=row.id)
        verdict, wait = limit(given, rules, now)
        if verdict.refusal is not None:
            row.state, row.error, row.finished_at = DialState.REFUSED.value, verdict.refusal.code, now
        audit.record(
            session,
            who,
            "order" if verdict.refusal is None else "refused",
            number=order.e164 or order.raw,
            account=order.account,
            order_id=row.id,
            result="ordered" if verdict.refusal is None else DialState.REFUSED.value,
            code=verdict.refusal.code if verdict.refusal is not None else "",
            rule=verdict.rule or judged.verdict.rule,
        )
        if verdict.refusal is None:
            return row.id, None
        seconds = math.ceil(wait.total_seconds()) if wait is not None else None
        return row.id, DialResult(DialState.REFUSED, verdict.refusal.code, row.id, order.number, seconds)


def _same_press(session: Session, row: DialOrderRow, now: datetime) -> DialOrderRow | None:
    """Another order of the user for the same number that is this one: under way, or given only just."""
    same = DialOrderRow.target_raw == row.target_raw
    if row.target_e164:
        same = DialOrderRow.target_e164 == row.target_e164
    under_way = (DialOrderRow.state == "ordered") & (DialOrderRow.created_at > now - CUT_OFF_AFTER)
    may_ring = DialOrderRow.state.in_((DialState.ACCEPTED.value, DialState.UNKNOWN.value))
    just_now = may_ring & or_(DialOrderRow.created_at > now - SAME_PRESS, DialOrderRow.finished_at > now - SAME_PRESS)
    return session.execute(
        select(DialOrderRow)
        .where(
            DialOrderRow.user_id == row.user_id,
            DialOrderRow.id != row.id,
            DialOrderRow.account == row.account,
            same,
            # For the index: nothing older can be meant.
            DialOrderRow.created_at > now - CUT_OFF_AFTER - SAME_PRESS,
            or_(under_way, just_now),
        )
        .order_by(DialOrderRow.id.desc())
        .limit(1)
    ).scalar_one_or_none()


def _earlier(session: Session, row: DialOrderRow, order: _Order, now: datetime) -> DialResult:
    same = row.target_e164 == order.e164 if order.e164 else row.target_raw == order.raw
    if not same:
        return DialResult(DialState.REFUSED, "key_reused", row.id, order.number, tel=order.tel)
    meant = session.get(DialOrderRow, row.same_as_id) if row.same_as_id is not None else row
    if meant is None:
        return DialResult(DialState.UNKNOWN, "cut_off", row.id, order.number, tel=order.tel)
    return _outcome(meant, order, now)


def _outcome(row: DialOrderRow, order: _Order, now: datetime) -> DialResult:
    if row.state == "ordered":
        cut_off = now - row.created_at > CUT_OFF_AFTER
        state, code = (DialState.UNKNOWN, "cut_off") if cut_off else (DialState.UNDER_WAY, "under_way")
    else:
        state, code = DialState(row.state), row.error or row.state
    return DialResult(state, code, row.id, order.number, tel=order.tel, connection=row.connection)


def _ask_pbx(order: _Order, order_id: int, internal: str | None) -> DialResult:
    """Dial, then store the outcome. No transaction is open meanwhile: the PBX may take its time."""
    state, code, retry_after = DialState.ACCEPTED, "accepted", None
    key = connection_of(order.account)
    try:
        provider = connection.provider_for(key)
        if not isinstance(provider, Dials):
            raise ProviderError(Failure.PERMANENT, "not_configured")
        provider.dial(DialOrder(plain(order.account), order.e164, internal))
    except ProviderError as error:
        unknown = error.failure is Failure.OUTCOME_UNKNOWN
        state, code = (DialState.UNKNOWN if unknown else DialState.FAILED), error.code
        retry_after = math.ceil(error.retry_after) if error.retry_after is not None else None
    except Exception:
        # Whatever it was, the request may have left; the user must look at the telephone.
        log.exception("dialling failed")
        state, code = DialState.UNKNOWN, "internal"
    state, code = _finish(order_id, state, code)
    return DialResult(state, code, order_id, order.number, retry_after, order.tel, connection=key)


def _finish(order_id: int, state: DialState, code: str) -> tuple[DialState, str]:
    """Store the outcome. A call that was reported meanwhile settles an unknown one."""
    try:
        with transaction() as session:
            row = lock_row(session, DialOrderRow.__table__, DialOrderRow.id == order_id)
            if row is None:
                return state, code
            if row["call_id"] is not None and state is not DialState.ACCEPTED:
                state, code = DialState.ACCEPTED, "accepted"
            settle(session, row, state, code)
    except Exception as error:
        if not is_unavailable(error):
            raise
        # What the PBX said is still true, and the user must hear it.
        log.error("the outcome of a dial order could not be stored: database away")
    return state, code


def settle(session: Session, row: Any, state: DialState, code: str) -> None:
    """Store what came of a locked order, and in the audit log; tell browsers where another outcome was shown before."""
    values: dict[str, Any] = {"state": state.value, "finished_at": row["finished_at"] or _now()}
    values["error"] = None if state is DialState.ACCEPTED else code
    session.execute(update(DialOrderRow).where(DialOrderRow.id == row["id"]).values(**values))
    audit.record(
        session,
        audit.Actor(row["user_id"], ""),
        "result",
        number=row["target_e164"] or row["target_raw"],
        account=row["account"],
        order_id=row["id"],
        result=state.value,
        code=code,
    )
    publish(session, OrderSettled(row["id"], row["user_id"], row["idempotency_key"], state.value, code))


def _now() -> datetime:
    now: datetime = current_app.extensions["durchwahl"].clock.now()
    return now
