"""Figures about calls over a period: sums that add up, by day, hour, weekday and line. Pure.

The database adds up quarters of an hour in UTC, because all time zones in use differ from UTC by whole quarters; here
they become days and hours as the reader's clock shows them, also where the clock is put forward or back.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, fields
from datetime import date, datetime, time, timedelta
from typing import Literal, TypeVar
from zoneinfo import ZoneInfo

K = TypeVar("K")

#: A chart of more columns than this is no longer read: days become weeks, weeks become months.
MOST_DAYS = 62
MOST_WEEKS = 60
HOURS = range(24)
WEEKDAYS = range(7)


@dataclass(frozen=True, slots=True)
class Figures:
    """Numbers of calls that are over, and seconds. Every field can be added up.

    ``incoming`` is ``answered`` + ``missed`` + those that were neither (blocked, or their end never reported).
    """

    incoming: int = 0
    answered: int = 0
    missed: int = 0
    """Nobody of us took it: rung out, busy, voicemail."""
    outgoing: int = 0
    reached: int = 0
    """Outgoing calls that were answered."""
    waited_seconds: int = 0
    """Of the answered incoming calls, until somebody answered."""
    waited_calls: int = 0
    """How many answered calls have a known waiting time."""
    talk_seconds: int = 0
    talk_calls: int = 0

    def __add__(self, other: Figures) -> Figures:
        return Figures(**{f.name: getattr(self, f.name) + getattr(other, f.name) for f in fields(self)})

    @property
    def calls(self) -> int:
        """In both directions."""
        return self.incoming + self.outgoing

    @property
    def answered_percent(self) -> int | None:
        """Of the calls that were answered or missed, in whole percent; None without any.

        All answered alone is 100, and none answered alone is 0: rounding hides no missed call.
        """
        concerned = self.answered + self.missed
        if not concerned:
            return None
        if self.answered in (0, concerned):
            return 100 if self.answered else 0
        return min(99, max(1, round(100 * self.answered / concerned)))

    @property
    def average_wait(self) -> int | None:
        """Seconds until an incoming call was answered; None where no call tells."""
        return round(self.waited_seconds / self.waited_calls) if self.waited_calls else None

    @property
    def average_talk(self) -> int | None:
        """Seconds of a conversation; None without any."""
        return round(self.talk_seconds / self.talk_calls) if self.talk_calls else None


NOTHING = Figures()


@dataclass(frozen=True, slots=True)
class Bucket:
    """What the database adds up: one quarter of an hour, one line, one user."""

    at: datetime
    """When the quarter begins; aware."""
    line: str | None
    user: int | None
    figures: Figures


@dataclass(frozen=True, slots=True)
class Period:
    """Whole days of the reader's calendar, both included."""

    first: date
    last: date

    def bounds(self, zone: ZoneInfo) -> tuple[datetime, datetime]:
        """From this moment on, and before that one."""
        return (
            datetime.combine(self.first, time(), zone),
            datetime.combine(self.last + timedelta(days=1), time(), zone),
        )

    @property
    def days(self) -> int:
        """How many."""
        return (self.last - self.first).days + 1

    @property
    def step(self) -> Literal["day", "week", "month"]:
        """How much of the calendar one column of the chart holds."""
        if self.days <= MOST_DAYS:
            return "day"
        return "week" if self.days <= MOST_WEEKS * 7 else "month"


def total(buckets: Iterable[Bucket]) -> Figures:
    """Everything together."""
    return sum((bucket.figures for bucket in buckets), NOTHING)


def by_calendar(buckets: Iterable[Bucket], period: Period, zone: ZoneInfo) -> dict[date, Figures]:
    """By the first day of each step of the period, in order; steps without a call are there."""
    begin = _BEGINNINGS[period.step]
    found = _grouped(buckets, lambda bucket: begin(bucket.at.astimezone(zone).date()))
    days = (period.first + timedelta(days=offset) for offset in range(period.days))
    return {day: found.get(day, NOTHING) for day in dict.fromkeys(begin(day) for day in days)}


def by_hour(buckets: Iterable[Bucket], zone: ZoneInfo) -> dict[int, Figures]:
    """By the hour of the day, 0 to 23."""
    found = _grouped(buckets, lambda bucket: bucket.at.astimezone(zone).hour)
    return {hour: found.get(hour, NOTHING) for hour in HOURS}


def by_weekday(buckets: Iterable[Bucket], zone: ZoneInfo) -> dict[int, Figures]:
    """By the day of the week, 0 is Monday."""
    found = _grouped(buckets, lambda bucket: bucket.at.astimezone(zone).weekday())
    return {day: found.get(day, NOTHING) for day in WEEKDAYS}


def by_line(buckets: Iterable[Bucket], personal: Iterable[str] = ()) -> list[tuple[str | None, Figures]]:
    """By our own number, busiest first. None: no line was reported, or it is one of ``personal``.

    Figures of a line that belongs to one person are figures of that person.
    """
    hidden = frozenset(personal)
    found = _grouped(buckets, lambda bucket: None if bucket.line in hidden else bucket.line)
    return sorted(found.items(), key=lambda item: (item[0] is None, -item[1].calls, item[0] or ""))


def by_user(buckets: Iterable[Bucket]) -> list[tuple[int, Figures]]:
    """By the user who took or made the call, busiest first; calls that nobody of us took are left out."""
    found = _grouped(buckets, lambda bucket: bucket.user)
    return sorted(
        ((user, figures) for user, figures in found.items() if user is not None),
        key=lambda item: (-item[1].calls, item[0]),
    )


def months_back(day: date, count: int) -> date:
    """The first of the month so many months before the day's."""
    month = day.year * 12 + day.month - 1 - count
    return date(month // 12, month % 12 + 1, 1)


def presets(today: date) -> Iterator[tuple[str, Period]]:
    """The periods that people ask for, by name."""
    yesterday = today - timedelta(days=1)
    monday = today - timedelta(days=today.weekday())
    yield "today", Period(today, today)
    yield "yesterday", Period(yesterday, yesterday)
    yield "week", Period(monday, today)
    yield "last_week", Period(monday - timedelta(days=7), monday - timedelta(days=1))
    yield "30_days", Period(today - timedelta(days=29), today)
    yield "month", Period(today.replace(day=1), today)
    yield "last_month", Period(months_back(today, 1), today.replace(day=1) - timedelta(days=1))
    yield "year", Period(today.replace(month=1, day=1), today)


def _grouped(buckets: Iterable[Bucket], key: Callable[[Bucket], K]) -> dict[K, Figures]:
    groups: dict[K, Figures] = defaultdict(lambda: NOTHING)
    for bucket in buckets:
        groups[key(bucket)] += bucket.figures
    return dict(groups)


def _week(day: date) -> date:
    return day - timedelta(days=day.weekday())


def _month(day: date) -> date:
    return day.replace(day=1)


_BEGINNINGS: dict[str, Callable[[date], date]] = {"day": lambda day: day, "week": _week, "month": _month}
