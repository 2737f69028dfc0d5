from __future__ import annotations

from dataclasses import fields
from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.modules.callcenter.domain.statistics import (
    MOST_DAYS,
    MOST_WEEKS,
    NOTHING,
    Bucket,
    Figures,
    Period,
    by_calendar,
    by_hour,
    by_line,
    by_user,
    by_weekday,
    months_back,
    presets,
    total,
)

BERLIN = ZoneInfo("Europe/Berlin")
NEPAL = ZoneInfo("Asia/Kathmandu")
DAYS = st.dates(date(2020, 1, 1), date(2030, 12, 31))
SMALL = st.integers(0, 50)
FIGURES = st.builds(Figures, **{field.name: SMALL for field in fields(Figures)})
TIMES = st.integers(0, 4 * 24 * 800).map(
    lambda quarter: datetime(2025, 1, 1, tzinfo=UTC) + quarter * timedelta(minutes=15)
)
BUCKETS = st.lists(
    st.builds(Bucket, TIMES, st.sampled_from([None, "+492214710000", "23"]), st.sampled_from([None, 1, 2]), FIGURES)
)
PERIOD = Period(date(2024, 12, 30), date(2027, 6, 1))


def calls(at: datetime, incoming: int = 1, line: str | None = None, user: int | None = None) -> Bucket:
    return Bucket(at, line, user, Figures(incoming=incoming, answered=incoming))


@given(BUCKETS, st.sampled_from([BERLIN, NEPAL, ZoneInfo("America/New_York")]))
def test_however_calls_are_grouped_no_call_is_lost_and_none_counted_twice(
    buckets: list[Bucket], zone: ZoneInfo
) -> None:
    everything = total(buckets)
    for grouped in (
        by_calendar(buckets, PERIOD, zone).values(),
        by_hour(buckets, zone).values(),
        by_weekday(buckets, zone).values(),
        [figures for _line, figures in by_line(buckets)],
        [figures for _line, figures in by_line(buckets, ["23"])],
    ):
        assert sum(grouped, NOTHING) == everything


@given(BUCKETS)
def test_calls_that_nobody_took_are_figures_of_nobody(buckets: list[Bucket]) -> None:
    taken = [bucket for bucket in buckets if bucket.user is not None]
    assert sum((figures for _user, figures in by_user(buckets)), NOTHING) == total(taken)


@given(DAYS, st.integers(0, 2000))
def test_the_calendar_has_every_step_of_the_period_once_and_in_order(first: date, more: int) -> None:
    period = Period(first, first + timedelta(days=more))
    days = list(by_calendar([], period, BERLIN))
    assert days == sorted(set(days))
    assert days[0] <= period.first
    assert days[-1] <= period.last
    assert len(days) <= max(MOST_DAYS, MOST_WEEKS + 1, 12 * 6 + 1)


@pytest.mark.parametrize(
    ("days", "step"), [(1, "day"), (62, "day"), (63, "week"), (60 * 7, "week"), (60 * 7 + 1, "month")]
)
def test_long_periods_are_shown_in_longer_steps(days: int, step: str) -> None:
    assert Period(date(2026, 1, 1), date(2026, 1, 1) + timedelta(days=days - 1)).step == step


def test_a_day_is_the_readers_own() -> None:
    late = calls(datetime(2026, 11, 22, 23, 30, tzinfo=UTC))
    assert by_calendar([late], Period(date(2026, 11, 22), date(2026, 11, 23)), BERLIN) == {
        date(2026, 11, 22): NOTHING,
        date(2026, 11, 23): late.figures,
    }
    assert by_hour([late], BERLIN)[0] == late.figures
    assert by_weekday([late], BERLIN)[0] == late.figures
    assert by_hour([late], NEPAL)[5] == late.figures


def test_the_hour_that_a_clock_shows_twice_holds_both() -> None:
    twice = [calls(datetime(2026, 10, 25, hour, 15, tzinfo=UTC)) for hour in (0, 1)]
    assert by_hour(twice, BERLIN)[2].incoming == 2


def test_the_day_on_which_the_clock_is_put_back_has_25_hours() -> None:
    since, until = Period(date(2026, 10, 25), date(2026, 10, 25)).bounds(BERLIN)
    assert until.astimezone(UTC) - since.astimezone(UTC) == timedelta(hours=25)


def test_weeks_begin_on_monday_and_months_on_the_first() -> None:
    assert next(iter(by_calendar([], Period(date(2026, 1, 1), date(2026, 6, 1)), BERLIN))) == date(2025, 12, 29)
    assert next(iter(by_calendar([], Period(date(2024, 1, 15), date(2026, 6, 1)), BERLIN))) == date(2024, 1, 1)


def test_the_line_of_one_person_is_counted_with_calls_without_a_line() -> None:
    at = datetime(2026, 11, 23, 10, tzinfo=UTC)
    found = by_line([calls(at, 1, "+1"), calls(at, 5, "+2"), calls(at, 2, None), calls(at, 3, "+3")], ["+2"])
    assert [(line, figures.incoming) for line, figures in found] == [("+3", 3), ("+1", 1), (None, 7)]


@pytest.mark.parametrize(
    ("answered", "missed", "percent"),
    [(0, 0, None), (1, 0, 100), (0, 1, 0), (1, 1, 50), (999, 1, 99), (1, 999, 1), (2, 1, 67)],
)
def test_a_share_is_never_rounded_to_all_or_nothing(answered: int, missed: int, percent: int | None) -> None:
    assert Figures(answered=answered, missed=missed).answered_percent == percent


def test_averages_are_of_the_calls_that_tell() -> None:
    assert Figures(waited_seconds=31, waited_calls=3, talk_seconds=100, talk_calls=3).average_wait == 10
    assert Figures(waited_seconds=31, waited_calls=3, talk_seconds=100, talk_calls=3).average_talk == 33
    assert (NOTHING.average_wait, NOTHING.average_talk) == (None, None)


def test_the_periods_to_choose_from() -> None:
    named = dict(presets(date(2026, 1, 1)))
    assert named["yesterday"] == Period(date(2025, 12, 31), date(2025, 12, 31))
    assert named["week"] == Period(date(2025, 12, 29), date(2026, 1, 1))
    assert named["last_week"] == Period(date(2025, 12, 22), date(2025, 12, 28))
    assert named["last_month"] == Period(date(2025, 12, 1), date(2025, 12, 31))
    assert named["30_days"].days == 30
    assert named["year"] == named["month"] == named["today"]


@given(DAYS)
def test_every_period_to_choose_from_has_at_least_a_day(today: date) -> None:
    for _name, period in presets(today):
        assert period.days >= 1
        assert period.last <= today


@given(DAYS, st.integers(0, 60))
def test_so_many_months_back_is_the_first_of_a_month(day: date, count: int) -> None:
    found = months_back(day, count)
    assert found.day == 1
    assert (day.year - found.year) * 12 + day.month - found.month == count
