"""What the journal's address asks for: filters, a place in the list, and how many rows."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from flask import current_app, request, url_for
from flask_login import current_user

from app.core.accounts import personal
from app.core.database import MAX_ID, storable
from app.modules.callcenter.domain.visibility import HOUSE
from app.modules.callcenter.journal_filters import Filters
from app.modules.callcenter.settings import CallcenterSettings

DIRECTIONS = ("in", "out")
MOST_SEARCHED = 100
EARLIEST, LATEST = date(2000, 1, 1), date(2200, 1, 1)


@dataclass(frozen=True, slots=True)
class Asked:
    """The filters, and the address's parts that say them again."""

    filters: Filters
    query: Mapping[str, str]
    """As they stand in an address; what is not asked for is absent."""
    problem: bool = False
    """A day could not be read, and was left out."""

    def url(self, endpoint: str, **more: Any) -> str:
        """An address with the same filters."""
        return url_for(endpoint, **{**self.query, **{name: value for name, value in more.items() if value}})

    def without(self, *names: str) -> str:
        """The journal without these filters."""
        left = {name: value for name, value in self.query.items() if name not in names}
        return url_for("callcenter_calls.index", **left)  # type: ignore[arg-type] # likewise


def asked() -> Asked:
    """What this request asks for; whatever makes no sense is left out."""
    given = {name: storable(value).strip() for name, value in request.args.items()}
    direction, user = given.get("direction", ""), given.get("user", "")
    since, until = (_day(given.get(name, "")) for name in ("since", "until"))
    if since and until and since > until:
        since, until = until, since
    filters = Filters(
        direction=direction if direction in DIRECTIONS else "",
        missed=given.get("missed") == "1",
        search=given.get("q", "")[:MOST_SEARCHED],
        mine=given.get("mine") == "1",
        unknown=given.get("unknown") == "1",
        line=given.get("line", "")[:200],
        user=_id(user),
        since=_begin(since),
        until=_begin(until + timedelta(days=1)) if until else None,
    )
    query = {
        "q": filters.search,
        "direction": filters.direction,
        "missed": "1" if filters.missed else "",
        "mine": "1" if filters.mine else "",
        "unknown": "1" if filters.unknown else "",
        "line": filters.line,
        "user": str(filters.user or ""),
        "since": since.isoformat() if since else "",
        "until": until.isoformat() if until else "",
    }
    unread = any(given.get(name) and not query[name] for name in ("since", "until"))
    return Asked(filters, {name: value for name, value in query.items() if value}, unread)


def asked_place(name: str) -> int | None:
    """The number of a call that a page begins behind; None for none and for nonsense."""
    return _id(request.args.get(name, ""))


def rows_shown() -> int:
    """How many rows the user's pages have: as he chose, else as is set for everybody."""
    chosen = str(personal.get(current_user.id, "callcenter", "journal_rows"))
    if chosen != HOUSE:
        return int(chosen)
    rows: int = current_app.extensions["durchwahl"].settings.load(CallcenterSettings).journal_rows
    return rows


def _id(text: str) -> int | None:
    number = int(text) if text.isascii() and text.isdigit() and len(text) <= 12 else 0
    return number if 0 < number <= MAX_ID else None


def _day(text: str) -> date | None:
    try:
        day = date.fromisoformat(text)
    except ValueError:
        return None
    return day if EARLIEST <= day <= LATEST else None


def _begin(day: date | None) -> datetime | None:
    return datetime.combine(day, time(), ZoneInfo(current_user.timezone)) if day else None
