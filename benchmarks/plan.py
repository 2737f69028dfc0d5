"""What is measured, how often: the full run and the quick one."""

from __future__ import annotations

from dataclasses import dataclass

#: Audiences of a call.
TWO, ALL = "two", "all"
#: Paces of notifications.
SINGLY, STEADILY = "one at a time", "20/s"
PER_SECOND = 20.0
#: The two levels between which a thousand connected users must cost nothing.
FEW, MANY = 10, 1000


@dataclass(frozen=True, slots=True)
class Plan:
    """Counts of one run."""

    addresses: int
    levels: tuple[int, ...]
    """Connected users, rising. The last one is compared with FEW, which is measured again at the end."""
    levels_to_all: tuple[int, ...]
    """At which of them calls to all are measured too."""
    settle: float
    """Seconds after browsers came or went, before anything is measured."""
    warm_up: int
    rounds: int
    """Durchwahl and the bare pipeline take turns so often in each measurement."""
    singly_two: int
    """Notifications a round, one at a time, to two."""
    singly_all: int
    steadily: int
    flood_level: int
    """Connected users while the server gets as many notifications as it can take."""
    senders: tuple[int, ...]
    flood_seconds: float
    lookups: int
    rules: int
    """Rules for incoming calls while decisions are measured."""
    blocked: int
    """Numbers on the block list then."""
    decisions: int


FULL = Plan(
    addresses=100_000,
    levels=(1, FEW, 100, 500, MANY),
    levels_to_all=(100, 500),
    settle=2.0,
    warm_up=30,
    rounds=6,
    singly_two=25,
    singly_all=10,
    steadily=20,
    flood_level=100,
    senders=(1, 4, 16),
    flood_seconds=3.0,
    lookups=3000,
    rules=200,
    blocked=10_000,
    decisions=500,
)
QUICK = Plan(
    addresses=2_000,
    levels=(1, FEW, 50),
    levels_to_all=(50,),
    settle=0.3,
    warm_up=10,
    rounds=2,
    singly_two=15,
    singly_all=5,
    steadily=8,
    flood_level=FEW,
    senders=(1, 8),
    flood_seconds=1.0,
    lookups=100,
    rules=20,
    blocked=100,
    decisions=40,
)
