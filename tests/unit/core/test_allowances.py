from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.core.allowances import Allowance, source_of

NOW = datetime(2026, 11, 23, 10, 0, tzinfo=UTC)
NOTHING = timedelta()
EVERY = timedelta(seconds=2)


def test_a_burst_is_allowed_and_then_one_after_each_pause() -> None:
    allowance = Allowance(3, EVERY)
    assert [allowance.spend("a", NOW) for _ in range(3)] == [NOTHING] * 3
    assert allowance.spend("a", NOW) == EVERY
    assert allowance.spend("a", NOW + timedelta(seconds=1.5)) == timedelta(seconds=0.5)
    assert allowance.spend("a", NOW + EVERY) == NOTHING
    assert allowance.spend("a", NOW + EVERY) == EVERY


def test_each_key_counts_by_itself() -> None:
    allowance = Allowance(1, EVERY)
    assert allowance.spend("a", NOW) == NOTHING
    assert allowance.spend("b", NOW) == NOTHING
    assert allowance.wait("a", NOW) == EVERY


def test_asking_and_being_refused_use_nothing_up() -> None:
    allowance = Allowance(1, EVERY)
    allowance.spend("a", NOW)
    for _ in range(50):
        allowance.spend("a", NOW)
        allowance.wait("a", NOW)
    assert allowance.spend("a", NOW + EVERY) == NOTHING


def test_what_did_not_count_is_given_back() -> None:
    allowance = Allowance(2, EVERY)
    for _ in range(20):
        assert allowance.spend("a", NOW) == NOTHING
        allowance.give_back("a", NOW)
    assert len(allowance) == 0
    assert [allowance.spend("a", NOW) for _ in range(3)] == [NOTHING, NOTHING, EVERY]


def test_more_than_was_used_is_never_given_back() -> None:
    allowance = Allowance(2, EVERY)
    allowance.spend("a", NOW)
    for _ in range(5):
        allowance.give_back("a", NOW)
    allowance.give_back("nobody", NOW)
    assert [allowance.spend("a", NOW) for _ in range(3)] == [NOTHING, NOTHING, EVERY]


def test_what_is_kept_is_bounded_and_the_busiest_is_not_what_is_forgotten() -> None:
    allowance = Allowance(2, EVERY, most=3)
    for place in range(100):
        allowance.spend("busy", NOW + EVERY * place)
        allowance.spend(f"other {place}", NOW + EVERY * place)
    assert len(allowance) == 3
    allowance.spend("busy", NOW + EVERY * 99)
    assert allowance.spend("busy", NOW + EVERY * 99) > NOTHING


def test_a_clock_that_is_set_back_locks_nobody_out_for_longer_than_a_burst() -> None:
    allowance = Allowance(2, EVERY)
    allowance.spend("a", NOW + timedelta(days=1))
    assert allowance.spend("a", NOW) <= EVERY


@given(st.lists(st.floats(0, 20), max_size=60), st.integers(1, 5))
def test_in_no_span_of_time_are_there_more_than_the_burst_and_one_a_pause(pauses: list[float], burst: int) -> None:
    allowance = Allowance(burst, EVERY)
    now, allowed = NOW, []
    for pause in pauses:
        now += timedelta(seconds=pause)
        if allowance.spend("a", now) == NOTHING:
            allowed.append(now)
    for first, begin in enumerate(allowed):
        for last in range(first, len(allowed)):
            assert last - first + 1 <= burst + (allowed[last] - begin) / EVERY + 1e-6


@pytest.mark.parametrize(
    ("address", "source"),
    [
        ("203.0.113.7", "203.0.113.7"),
        ("2001:db8:1:2:3:4:5:6", "2001:db8:1:2::/64"),
        ("2001:db8:1:2::9", "2001:db8:1:2::/64"),
        ("fe80::1%eth0", "fe80::/64"),
        ("::ffff:203.0.113.7", "203.0.113.7"),
        ("", ""),
        ("no address", "no address"),
        ("x" * 500, "x" * 64),
    ],
)
def test_the_sender_behind_an_address(address: str, source: str) -> None:
    assert source_of(address) == source
