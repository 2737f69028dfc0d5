"""What a measurement leaves out when time or disk are not enough."""

from __future__ import annotations

from benchmarks.large.limits import BYTES_PER_ADDRESS, BYTES_PER_CALL, SPARE_BYTES, Limits


def test_nothing_begins_when_the_time_is_over() -> None:
    said: list[str] = []
    now = [100.0]
    limits = Limits(60, 2, said.append, free_bytes=lambda: 10**12, clock=lambda: now[0])
    assert limits.allow("the import", 20_000)
    now[0] = 161
    assert not limits.allow("the journal")
    assert said == ["left out, the time is over: the journal"]


def test_what_has_no_room_on_the_disk_is_left_out_and_said() -> None:
    said: list[str] = []
    needed = 2 * (1000 * BYTES_PER_ADDRESS + 500 * BYTES_PER_CALL) + SPARE_BYTES
    free = [needed]
    limits = Limits(60, 2, said.append, free_bytes=lambda: free[0], clock=lambda: 0.0)
    assert limits.allow("both", 1000, 500)
    free[0] -= 1
    assert not limits.allow("both", 1000, 500)
    assert len(said) == 1
    assert "on the disk" in said[0]
