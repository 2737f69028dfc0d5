"""A system that does not answer is left alone, longer each time."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from app.core.circuit import Circuit

NOW = datetime(2026, 11, 23, 12, tzinfo=UTC)
MINUTE = timedelta(minutes=1)
NO_WAIT = timedelta()


def circuit() -> Circuit:
    return Circuit(pause=MINUTE, longest=4 * MINUTE)


def test_it_may_be_asked_as_long_as_it_answers() -> None:
    one = circuit()
    for _ in range(3):
        assert one.wait(NOW) == NO_WAIT
        one.succeeded()


def test_each_failure_doubles_the_pause_up_to_the_longest() -> None:
    one, now = circuit(), NOW
    for minutes in (1, 2, 4, 4):
        one.failed(now)
        assert one.wait(now) == minutes * MINUTE
        now += minutes * MINUTE
    one.succeeded()
    one.failed(now)
    assert one.wait(now) == MINUTE


def test_when_the_pause_is_over_one_tries_and_the_others_wait() -> None:
    one = circuit()
    one.failed(NOW)
    later = NOW + MINUTE
    assert one.wait(later) == NO_WAIT
    assert one.wait(later) == MINUTE
    one.succeeded()
    assert one.wait(later) == NO_WAIT


def test_a_system_that_says_how_long_is_not_asked_before() -> None:
    one = circuit()
    one.failed(NOW, at_least=30 * MINUTE)
    assert one.wait(NOW + 29 * MINUTE) > NO_WAIT
    assert one.wait(NOW + 30 * MINUTE) == NO_WAIT


def test_a_clock_that_was_set_back_does_not_keep_it_away_for_ever() -> None:
    one = circuit()
    one.failed(NOW)
    long_ago = NOW - timedelta(days=365)
    assert one.wait(long_ago) == MINUTE
    assert one.wait(long_ago + MINUTE) == NO_WAIT
