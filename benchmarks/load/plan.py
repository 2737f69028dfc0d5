"""Which installations are put under load, how much of it, and for how long."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Installation:
    """What is measured as one; its figures are kept and renewed under its name."""

    kind: str
    """The database: sqlite or postgresql."""
    instances: int
    """Servers with one worker each; several stand behind nginx and hear of each other by Redis."""
    connected: int
    soaks: bool = False
    """Whether it is also put under the same load for a long time: one of each way to run Durchwahl."""

    @property
    def name(self) -> str:
        """For the command line and the file of figures."""
        return f"{self.kind}-{self.instances}x{self.connected}"


INSTALLATIONS = (
    Installation("sqlite", 1, 300, soaks=True),
    Installation("postgresql", 1, 500, soaks=True),
    Installation("postgresql", 1, 1000),
    Installation("postgresql", 2, 500),
    Installation("postgresql", 2, 1000, soaks=True),
)


#: What is measured of an installation; each can be measured anew alone.
CLIMBS, SOAK = PARTS = ("climbs", "soak")


@dataclass(frozen=True, slots=True)
class Plan:
    """Counts and times of one run; rates are webhooks per second, times are seconds."""

    addresses: int
    settle: float
    """After browsers came, before anything is measured; what a server does at its start is over then."""
    warm_up: int
    first_rate: float
    growth: float
    """From each step to the next."""
    lowest_rate: float
    """Where the first rate is too much already, half of it is tried, and so on down to this."""
    steps: int
    """At most so many in one direction."""
    step_seconds: float
    rings: float
    """So long callers wait before they hang up."""
    soak_seconds: float
    soak_rate: float
    soak_all_rate: float
    """Beside those to the users concerned, so many calls to all."""
    sample_seconds: float
    """Between two looks at memory and open files."""
    visits_per_second: float
    """Browsers that come during the soak; each leaves with the look after next."""


FULL = Plan(
    addresses=100_000,
    settle=15.0,
    warm_up=50,
    first_rate=20.0,
    growth=1.5,
    lowest_rate=1.0,
    steps=12,
    step_seconds=12.0,
    rings=3.0,
    soak_seconds=600.0,
    soak_rate=20.0,
    soak_all_rate=0.4,
    sample_seconds=5.0,
    visits_per_second=1.0,
)
QUICK = Plan(
    addresses=5_000,
    settle=0.3,
    warm_up=10,
    first_rate=20.0,
    growth=1.5,
    lowest_rate=5.0,
    steps=2,
    step_seconds=1.5,
    rings=0.5,
    soak_seconds=6.0,
    soak_rate=10.0,
    soak_all_rate=0.5,
    sample_seconds=2.0,
    visits_per_second=1.0,
)
