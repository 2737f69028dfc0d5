"""Pages, dates and filters of the simulated Web API."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, datetime
from typing import TypeVar
from zoneinfo import ZoneInfo

from flask import request

from simulator.api_gate import ApiError

T = TypeVar("T")
PLACETEL_TIME = ZoneInfo("Europe/Berlin")
DEFAULT_PER_PAGE, MAX_PER_PAGE = 25, 100


def page_of(records: Sequence[T], *, fixed_size: int = 0, max_per_page: int = MAX_PER_PAGE) -> Sequence[T]:
    """The page asked for: a bare slice, empty past the end. fixed_size: per_page is not honoured."""
    page = _number("page", 1, minimum=1, maximum=1_000_000)
    per_page = fixed_size or _number("per_page", DEFAULT_PER_PAGE, minimum=0, maximum=max_per_page)
    return records[(page - 1) * per_page : page * per_page]


def wanted_date(name: str, *, default: date | None) -> date:
    """The date parameter, required when there is no default."""
    text = request.args.get(name)
    if text is None:
        if default is None:
            raise ApiError(400, f"{name} is missing")
        return default
    try:
        return date.fromisoformat(text)
    except ValueError:
        raise ApiError(400, f"{name} is invalid") from None


def wanted_choice(name: str, choices: Sequence[str], default: str | None = None) -> str | None:
    """A parameter that takes a few values only."""
    value = request.args.get(name, default)
    if value is not None and value not in choices:
        raise ApiError(400, f"{name} does not have a valid value")
    return value


def placetel_time(moment: datetime) -> str:
    """As Placetel writes it: German time, milliseconds, offset."""
    return moment.astimezone(PLACETEL_TIME).isoformat(timespec="milliseconds")


def placetel_day(moment: datetime) -> date:
    """The German day of a moment."""
    return moment.astimezone(PLACETEL_TIME).date()


def _number(name: str, default: int, *, minimum: int, maximum: int) -> int:
    text = request.args.get(name)
    if text is None:
        return default
    if not text.isdecimal() or not minimum <= int(text) <= maximum:
        raise ApiError(400, f"{name} does not have a valid value")
    return int(text)
