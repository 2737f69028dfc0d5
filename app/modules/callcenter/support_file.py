"""What the diagnostics file says of the telephone system: settings, counts, and the last notifications, redacted."""

from __future__ import annotations

import dataclasses
from collections.abc import Iterable
from typing import Any

from sqlalchemy import func, select

from app.core.database import reading
from app.core.kernel import ModuleSetup
from app.core.settings import Secret
from app.modules.callcenter import connection, connections, own_settings, spooling
from app.modules.callcenter.domain import redaction
from app.modules.callcenter.inbox import NOTIFICATION
from app.modules.callcenter.models import Account, CallRow, DialOrderRow, Line, Refusal
from app.modules.callcenter.settings import CallcenterSettings, ConnectionSettings

#: Notifications that are told.
LAST = 50
#: Half of a log-in: whether it is set is enough.
_HIDDEN = frozenset({"webhook_user"})
#: Lists of numbers: how long they are is enough.
_LISTS = frozenset({"dial_allowed", "dial_blocked"})


def install(setup: ModuleSetup) -> None:
    """Register the part."""
    setup.diagnostics(collect)


def collect() -> dict[str, Any]:
    """Plain data; asks the telephone system nothing."""
    with reading() as session:
        states = session.execute(select(NOTIFICATION.c.state, func.count()).group_by(NOTIFICATION.c.state)).all()
        phases = session.execute(select(CallRow.phase, func.count()).group_by(CallRow.phase)).all()
        orders = session.execute(select(DialOrderRow.state, func.count()).group_by(DialOrderRow.state)).all()
        refusals = session.execute(select(Refusal.reason, func.count()).group_by(Refusal.reason)).all()
        counted = {
            table.__tablename__: session.execute(select(func.count()).select_from(table)).scalar_one()
            for table in (Account, Line)
        }
        last = session.execute(select(NOTIFICATION).order_by(NOTIFICATION.c.id.desc()).limit(LAST)).mappings().all()
    return {
        "settings": _settings(connection.settings()),
        "connections": [
            {
                "key": one.key,
                "kind": one.provider,
                "active": one.active,
                "settings": _settings(connection.own_settings(one.key)),
            }
            for one in connections.listed()
        ],
        "counts": {
            **counted,
            "notifications": _by_name(states),
            "calls": _by_name(phases),
            "orders_to_dial": _by_name(orders),
            "refused": _by_name(refusals),
            "waiting_in_spool": spooling.spool().waiting().count,
        },
        "last_notifications": [
            {
                "id": row["id"],
                "at": row["received_at"].isoformat(timespec="milliseconds"),
                "state": row["state"],
                "event": row["event"],
                "attempts": row["attempts"],
                "call": row["call_id"],
                "size": len(row["body"]),
                "content": [
                    [redaction.redacted_name(name), redaction.redacted(name, value)]
                    for name, value in redaction.fields(row["body"]) or ()
                ],
            }
            for row in last
        ],
    }


def _by_name(rows: Iterable[Any]) -> dict[str, int]:
    return {str(name): count for name, count in rows}


def _settings(found: CallcenterSettings | ConnectionSettings) -> dict[str, Any]:
    return {field.name: _setting(field.name, getattr(found, field.name)) for field in dataclasses.fields(found)}


def _setting(name: str, value: Any) -> Any:
    if value is None or isinstance(value, Secret) or name in _HIDDEN:
        return "set" if value else "not set"
    if name.startswith(own_settings.PREFIX) and isinstance(value, str):
        return "set" if value else "not set"
    return len(value) if name in _LISTS else value
