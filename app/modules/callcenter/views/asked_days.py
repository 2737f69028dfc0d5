"""Days that a form asks for: from one midnight of the user's zone to another."""

from __future__ import annotations

from datetime import date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from flask_babel import get_timezone

from app.core.i18n import DEFAULT_TIMEZONE


def day(text: str) -> date | None:
    """The day that a date field sends; None of anything else."""
    try:
        found = date.fromisoformat(text)
    except ValueError:
        return None
    return found if 1900 < found.year < 9999 else None


def midnight(of: date) -> datetime:
    """When this day begins for the user."""
    return datetime.combine(of, time(), tzinfo=get_timezone() or ZoneInfo(DEFAULT_TIMEZONE))


def midnight_after(of: date) -> datetime:
    """When the next day begins for him."""
    return midnight(of + timedelta(days=1))
