"""Which refusals are worth a row."""

from __future__ import annotations

from datetime import timedelta

from app.modules.callcenter.refusals import MOST_PER_SECOND, Gate
from tests.conftest import NOW


def test_the_same_refusal_is_written_once_a_second() -> None:
    gate = Gate()
    moments = [NOW + timedelta(milliseconds=step) for step in (0, 300, 999, 1000, 1999, 2000)]
    assert [gate.opens("placetel", "203.0.113.1", "wrong_signature", at) for at in moments] == [
        True, False, False, True, False, True,
    ]  # fmt: skip


def test_another_source_or_reason_is_written_too() -> None:
    gate = Gate()
    assert gate.opens("placetel", "203.0.113.1", "wrong_signature", NOW)
    assert gate.opens("placetel", "203.0.113.2", "wrong_signature", NOW)
    assert gate.opens("placetel", "203.0.113.1", "no_secret", NOW)


def test_a_flood_writes_so_many_rows_a_second_and_remembers_no_more() -> None:
    gate = Gate()
    for second in range(3):
        at = NOW + timedelta(seconds=2 * second)
        opened = [gate.opens("placetel", f"203.0.113.{number}", "missing_signature", at) for number in range(200)]
        assert sum(opened) == MOST_PER_SECOND
    assert len(gate._written) == MOST_PER_SECOND


def test_a_clock_that_goes_back_does_not_close_the_gate_for_good() -> None:
    gate = Gate()
    assert gate.opens("placetel", "203.0.113.1", "no_secret", NOW)
    assert gate.opens("placetel", "203.0.113.1", "no_secret", NOW - timedelta(hours=1))
