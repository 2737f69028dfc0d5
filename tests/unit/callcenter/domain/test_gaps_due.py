"""When the list of a day is looked at."""

from __future__ import annotations

from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest

from app.modules.callcenter.domain.gaps import SETTLED, SILENCE, due

ZONE = ZoneInfo("Europe/Berlin")
NOON = datetime(2026, 11, 23, 12, tzinfo=ZONE)
TODAY, YESTERDAY = date(2026, 11, 23), date(2026, 11, 22)
MORNING = NOON - timedelta(hours=4)


def test_after_a_start_today_is_looked_at_once() -> None:
    assert due(NOON, NOON, None, {}) == [TODAY]
    assert due(NOON + timedelta(minutes=5), NOON, NOON, {TODAY: NOON + timedelta(minutes=1)}) == []


@pytest.mark.parametrize("last_heard", [None, NOON - SILENCE])
def test_after_a_long_silence_today_is_looked_at_and_as_long_not_again(last_heard: datetime | None) -> None:
    assert due(NOON, MORNING, last_heard, {TODAY: NOON - SILENCE}) == [TODAY]
    assert due(NOON, MORNING, last_heard, {TODAY: NOON - SILENCE + timedelta(seconds=1)}) == []


def test_while_reports_come_nothing_is_looked_at() -> None:
    assert due(NOON, MORNING, NOON - timedelta(minutes=3), {TODAY: MORNING}) == []


def test_yesterday_is_looked_at_once_it_is_over() -> None:
    midnight = datetime(2026, 11, 23, tzinfo=ZONE)
    heard, began = midnight - timedelta(minutes=10), midnight - timedelta(days=3)
    done = {YESTERDAY: midnight - timedelta(hours=1)}
    assert due(midnight + timedelta(minutes=1), began, heard, {**done, TODAY: midnight}) == []
    assert due(midnight + SETTLED, began, heard, {**done, TODAY: midnight}) == [YESTERDAY]
    assert due(midnight + SETTLED * 2, began, heard, {YESTERDAY: midnight + SETTLED, TODAY: midnight}) == []


def test_what_was_before_the_beginning_is_no_gap() -> None:
    assert due(NOON, NOON, NOON, {}) == [TODAY]
    assert due(NOON, NOON, NOON - timedelta(days=1), {}) == [YESTERDAY, TODAY]
