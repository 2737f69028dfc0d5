"""Asks the telephone system for its list of a day's calls: when it is due, and never more often than is decent."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from math import ceil
from typing import TYPE_CHECKING, Any
from zoneinfo import ZoneInfo

from flask import Flask, current_app
from sqlalchemy import select
from sqlalchemy.dialects import postgresql, sqlite

from app.core.circuit import Circuit
from app.core.database import reading, transaction
from app.core.i18n import DEFAULT_TIMEZONE
from app.modules.callcenter import accounts, connection, connections, inbox, own_settings
from app.modules.callcenter.domain.belonging import connection_of, plain
from app.modules.callcenter.domain.gaps import due
from app.modules.callcenter.gap_models import Comparison
from app.modules.callcenter.models import FIRST_CONNECTION
from app.modules.callcenter.providers.base import HasHistory, PastCall, ProviderError

if TYPE_CHECKING:
    from app.modules.callcenter.gaps import Filled

#: After a failure the list is left alone for so long, then twice as long, up to the second.
PAUSE, LONGEST_PAUSE = timedelta(minutes=2), timedelta(hours=1)
#: A day's list is not read again by itself within this.
AT_MOST_EVERY = timedelta(minutes=10)
#: Days that the page and the rules look back on.
LOOKED_BACK = timedelta(days=31)
#: The zone in which the telephone system counts days.
ZONE = ZoneInfo(DEFAULT_TIMEZONE)
_EXTENSION = "durchwahl.callcenter.comparing"


class CannotCompare(Exception):
    """The list cannot be had. ``code``: of ProviderError, ``no_list`` or ``paused``; ``wait`` in seconds, if known."""

    def __init__(self, code: str, wait: int | None = None) -> None:
        super().__init__(code)
        self.code = code
        self.wait = wait


@dataclass(slots=True)
class _Process:
    started_at: datetime
    circuits: dict[str, Circuit]
    """One a connection, by its key: the list of one says nothing about another's."""

    def circuit(self, key: str) -> Circuit:
        return self.circuits.setdefault(key, Circuit(PAUSE, LONGEST_PAUSE))


def install(app: Flask, now: datetime) -> None:
    """Remember when this process began: what happened before that may not have been heard."""
    app.extensions[_EXTENSION] = _Process(now, {})


def keeps_list(key: str = FIRST_CONNECTION) -> bool:
    """Whether the telephone system behind this connection can be asked for a list."""
    if not isinstance(connection.provider_for(key), HasHistory):
        return False
    chosen, needs = connection.own_settings(key), connection.needs(connections.connection(key))
    return ("api_key" not in needs or chosen.api_key is not None) and not own_settings.missing(chosen, key)


def ask(day: date, key: str = FIRST_CONNECTION, *, by_hand: bool = False) -> Sequence[PastCall]:
    """The list of a connection. Raises CannotCompare. ``by_hand``: also when it did not answer a moment ago."""
    provider = connection.provider_for(key)
    if provider is None or not isinstance(provider, HasHistory):
        raise CannotCompare("no_list")
    circuit, now = _process().circuit(key), _now()
    wait = circuit.wait(now)
    if wait and not by_hand:
        raise CannotCompare("paused", ceil(wait.total_seconds()))
    try:
        found = list(provider.history(day))
    except ProviderError as error:
        circuit.failed(now, timedelta(seconds=error.retry_after or 0))
        _remember(day, key, {"error": error.code, "compared_at": now})
        raise CannotCompare(error.code, ceil(error.retry_after) if error.retry_after else None) from None
    circuit.succeeded()
    return found


def remember(day: date, filled: Filled, key: str = FIRST_CONNECTION) -> None:
    """Store what came of a comparison; what was added and completed is summed up."""
    with reading() as session:
        before = session.execute(
            select(Comparison.added, Comparison.completed).where(Comparison.connection == key, Comparison.day == day)
        ).one_or_none()
    added, completed = before or (0, 0)
    values = {
        "compared_at": _now(),
        "listed": filled.listed,
        "added": max(0, added + filled.added - filled.withdrawn),
        "completed": completed + filled.completed,
        "error": None,
    }
    _remember(day, key, values)


def compared(days: timedelta = LOOKED_BACK) -> list[Comparison]:
    """The comparisons of the last days, of all connections, the newest day first."""
    since = (_now() - days).date()
    with reading() as session:
        query = select(Comparison).where(Comparison.day >= since)
        return list(session.execute(query.order_by(Comparison.day.desc(), Comparison.id)).scalars())


def today() -> date:
    """The day that it is for the telephone system."""
    return _now().astimezone(ZONE).date()


def due_now() -> list[tuple[str, date]]:
    """Connections in use and the days whose lists are to be read now, see ``domain.gaps.due``."""
    return [(one.key, day) for one in connections.active() if keeps_list(one.key) for day in _due(one.key)]


def _due(key: str) -> list[date]:
    now, started_at = _now(), _process().started_at
    with reading() as session:
        last_heard = session.scalar(inbox.last_heard(key))
    mine = [one for one in compared() if one.connection == key]
    done = {one.day: one.compared_at for one in mine if one.error is None}
    tried = {one.day: one.compared_at for one in mine}
    # Whatever came of the last look, one before this process began does not count.
    since = max(started_at, now - AT_MOST_EVERY)
    return [
        day for day in due(now.astimezone(ZONE), started_at, last_heard, done) if day not in tried or tried[day] < since
    ]


def account_of(told: str | None, key: str = FIRST_CONNECTION) -> str | None:
    """One of a connection's accounts by what its list tells of it: all of it, or what stands before the at sign."""
    if not told:
        return None
    known = [plain(uid) for uid in accounts.assignments().users_of_accounts if connection_of(uid) == key]
    return next((uid for uid in known if uid == told or uid.partition("@")[0] == told), told)


def _remember(day: date, key: str, values: Mapping[str, Any]) -> None:
    with transaction() as session:
        insert_into: Any = sqlite.insert if session.get_bind().dialect.name == "sqlite" else postgresql.insert
        row = {"connection": key, "day": day, "listed": 0, "added": 0, "completed": 0, **values}
        session.execute(
            insert_into(Comparison)
            .values(**row)
            .on_conflict_do_update(index_elements=["connection", "day"], set_=dict(values))
        )


def _process() -> _Process:
    found: _Process = current_app.extensions[_EXTENSION]
    return found


def _now() -> datetime:
    now: datetime = current_app.extensions["durchwahl"].clock.now()
    return now
