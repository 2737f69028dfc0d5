"""Which personal data of calls grow old, and what becomes of them then."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import datetime
from functools import partial
from typing import Any

from flask import current_app
from flask_babel import lazy_gettext as _l
from sqlalchemy import ColumnElement, and_, delete, func, select, update
from sqlalchemy.orm import Session

from app.core.database import reading, transaction
from app.core.kernel import ModuleSetup
from app.core.privacy.kinds import RetentionKind
from app.modules.callcenter import anonymising, audit, comparing, personal_data, rereading
from app.modules.callcenter.models import Callback, DialOrderRow, DoubtfulEntry
from app.modules.callcenter.settings import NOTIFICATION_DAYS, CallcenterSettings

#: Rows in one transaction, for notifications wait for it.
BATCH = 200
MOST_DAYS = 3650


def install(setup: ModuleSetup) -> None:
    """Declare the kinds, in the order in which they are worked off; core's changes go into our audit log."""
    setup.auditor(_record)
    setup.persons(personal_data.SOURCE)
    setup.retention(
        RetentionKind(
            "callcenter.notifications",
            _l("Raw notifications"),
            _l("What the telephone system sent, word for word, is only needed to read it again after a fault."),
            "removed",
            CallcenterSettings,
            "notification_days",
            NOTIFICATION_DAYS,
            _count_raw,
            _delete_raw,
            endless=False,
        ),
        RetentionKind(
            "callcenter.unknown_calls",
            _l("Numbers of unknown callers"),
            _l("Of calls with nobody in the addresses the number goes; the call stays without it."),
            "anonymised",
            CallcenterSettings,
            "unknown_days",
            (7, MOST_DAYS),
            partial(anonymising.count_old, unknown_only=True),
            partial(anonymising.anonymise_old, unknown_only=True),
        ),
        RetentionKind(
            "callcenter.calls",
            _l("Calls"),
            _l("Of all calls number, name and links go; time, line, duration and result stay."),
            "anonymised",
            CallcenterSettings,
            "call_days",
            (30, MOST_DAYS),
            partial(anonymising.count_old, unknown_only=False),
            partial(anonymising.anonymise_old, unknown_only=False),
        ),
        RetentionKind(
            "callcenter.orders",
            _l("Numbers dialled by click"),
            _l("Of orders to dial the number goes; the audit log keeps it for a year, whatever is set here."),
            "anonymised",
            CallcenterSettings,
            "order_days",
            (7, MOST_DAYS),
            _count_orders,
            _blank_orders,
        ),
        RetentionKind(
            "callcenter.callbacks",
            _l("Call-backs that are done"),
            _l("They go with number, name and comment; open ones always stay."),
            "removed",
            CallcenterSettings,
            "callback_days",
            (7, MOST_DAYS),
            _count_callbacks,
            _delete_callbacks,
        ),
    )


def _record(
    session: Session, user_id: int | None, name: str, before: Mapping[str, Any], after: Mapping[str, Any]
) -> None:
    audit.record_change(session, audit.Actor(user_id, name), before, after)


def _unlisted(until: datetime) -> datetime:
    """Doubtful entries of the telephone system's lists stay while those are compared: else they are asked again."""
    now: datetime = current_app.extensions["durchwahl"].clock.now()
    return min(until, now - comparing.LOOKED_BACK)


def _count_raw(session: Session, until: datetime) -> int:
    doubtful = select(func.count()).select_from(DoubtfulEntry).where(DoubtfulEntry.at < _unlisted(until))
    return rereading.count_older(session, until) + session.execute(doubtful).scalar_one()


def _delete_raw(until: datetime) -> Iterator[int]:
    yield from rereading.delete_older(until)
    with transaction() as session:
        # Few: a person is asked about each.
        old = delete(DoubtfulEntry).where(DoubtfulEntry.at < _unlisted(until)).returning(DoubtfulEntry.id)
        count = len(session.execute(old).all())
    yield count


def _done(until: datetime) -> ColumnElement[bool]:
    return and_(Callback.state == "done", Callback.done_at < until)


def _count_callbacks(session: Session, until: datetime) -> int:
    return session.execute(select(func.count()).select_from(Callback).where(_done(until))).scalar_one()


def _delete_callbacks(until: datetime) -> Iterator[int]:
    while ids := _some(select(Callback.id).where(_done(until)).order_by(Callback.id)):
        with transaction() as session:
            gone = delete(Callback).where(Callback.id.in_(ids), _done(until)).returning(Callback.id)
            count = len(session.execute(gone).all())
        yield count


def _ordered(until: datetime) -> ColumnElement[bool]:
    return and_(DialOrderRow.created_at < until, DialOrderRow.target_raw != "")


def _count_orders(session: Session, until: datetime) -> int:
    return session.execute(select(func.count()).select_from(DialOrderRow).where(_ordered(until))).scalar_one()


def _blank_orders(until: datetime) -> Iterator[int]:
    while ids := _some(select(DialOrderRow.id).where(_ordered(until)).order_by(DialOrderRow.id)):
        with transaction() as session:
            blank = update(DialOrderRow).where(DialOrderRow.id.in_(ids), _ordered(until))
            session.execute(blank.values(target_raw="", target_e164=None))
        yield len(ids)


def _some(query: Any) -> list[int]:
    with reading() as session:
        return list(session.execute(query.limit(BATCH)).scalars())
