"""The charts of load: panels one below the other, one for each installation, with the same axes. SVG."""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from xml.sax.saxutils import escape

from benchmarks.results import BARE, DURCHWAHL
from benchmarks.svg import apart, document, style

PANEL_WIDTH, PANEL_HEIGHT = 420, 150
LEFT, TOP, BETWEEN = 84, 72, 232
#: Room for the names beside the lines, in a wide font.
NAMES_WIDTH = 200
WIDTH = LEFT + PANEL_WIDTH + 10 + NAMES_WIDTH
NAMES = {DURCHWAHL: "Durchwahl", BARE: "bare pipeline"}
COLOURS = {DURCHWAHL: ("#0b5fc1", "#6cb2ff"), BARE: ("#59636e", "#a8b1bb")}
DASHES = {DURCHWAHL: "", BARE: "2 4"}
#: At most so many intervals of an axis that is not logarithmic.
INTERVALS = 5
Lines = Mapping[str, Sequence[tuple[float, float]]]
"""Points by pipeline; none may be empty."""


@dataclass(frozen=True, slots=True)
class Axis:
    """From the lowest to the highest tick; logarithmic or with 0."""

    ticks: tuple[float, ...]
    logarithmic: bool
    unit: str

    def share(self, value: float) -> float:
        """Where a value lies: 0 at the lowest tick, 1 at the highest."""
        low, high, at = self.ticks[0], self.ticks[-1], value
        if self.logarithmic:
            low, high, at = math.log10(low), math.log10(high), math.log10(value)
        return (at - low) / (high - low)

    def words(self, value: float) -> str:
        """A value with its unit."""
        number = f"{value:.0f}" if value >= 10 else f"{value:.3g}"
        return f"{number} {self.unit}".strip()


def logarithmic(values: Sequence[float], unit: str, steps: Sequence[int] = (1,)) -> Axis:
    """Ticks at these multiples of the powers of ten, around all values. They must be greater than 0."""
    lowest, highest = math.floor(math.log10(min(values))), math.ceil(math.log10(max(values)))
    ticks = [one * 10.0**power for power in range(lowest, max(highest, lowest + 1) + 1) for one in steps]
    first = max((tick for tick in ticks if tick <= min(values)), default=ticks[0])
    last = next((tick for tick in ticks if tick >= max(values) and tick > first), ticks[-1])
    return Axis(tuple(tick for tick in ticks if first <= tick <= last), logarithmic=True, unit=unit)


def linear(values: Sequence[float], unit: str) -> Axis:
    """Round ticks from 0 to above all values."""
    top = max([*values, 1e-9])
    power = 10.0 ** math.floor(math.log10(top / INTERVALS))
    step = next(one * power for one in (1, 2, 5, 10) if top / (one * power) <= INTERVALS)
    return Axis(tuple(place * step for place in range(math.ceil(top / step) + 1)), logarithmic=False, unit=unit)


def chart(title: str, panels: Mapping[str, Lines], x: Axis, y: Axis) -> str:
    """One picture; ``panels`` by their headings."""
    body = [
        part
        for place, (heading, lines) in enumerate(panels.items())
        for part in _panel(TOP + place * BETWEEN, heading, lines, x, y)
    ]
    said = "; ".join(
        f"{heading}: "
        + ", ".join(f"{NAMES[name]} {y.words(line[0][1])} to {y.words(line[-1][1])}" for name, line in lines.items())
        for heading, lines in panels.items()
    )
    height = TOP + BETWEEN * len(panels) - 16
    return document(title, said, (WIDTH, height), style(COLOURS, DASHES), body)


def _panel(top: int, heading: str, lines: Lines, x: Axis, y: Axis) -> Iterator[str]:
    right, bottom = LEFT + PANEL_WIDTH, top + PANEL_HEIGHT
    yield f'<text class="panel" x="{LEFT}" y="{top - 14}">{escape(heading)}</text>'
    for tick in y.ticks:
        height = bottom - PANEL_HEIGHT * y.share(tick)
        yield f'<line class="grid" x1="{LEFT}" x2="{right}" y1="{height:.1f}" y2="{height:.1f}"/>'
        yield f'<text class="tick" x="{LEFT - 8}" y="{height + 4:.1f}" text-anchor="end">{escape(y.words(tick))}</text>'
    for tick in x.ticks:
        place = LEFT + PANEL_WIDTH * x.share(tick)
        yield f'<text class="tick" x="{place:.1f}" y="{bottom + 20}" text-anchor="middle">{tick:g}</text>'
    yield f'<text class="tick" x="{LEFT}" y="{bottom + 40}">{escape(x.unit)}</text>'
    ends = {name: bottom - PANEL_HEIGHT * y.share(line[-1][1]) for name, line in lines.items()}
    places = apart(ends)
    for name, line in lines.items():
        spots = [(LEFT + PANEL_WIDTH * x.share(at), bottom - PANEL_HEIGHT * y.share(value)) for at, value in line]
        path = " ".join(f"{across:.1f},{down:.1f}" for across, down in spots)
        yield f'<polyline class="line {name}" points="{path}"/>'
        if len(spots) <= INTERVALS * 4:
            for across, down in spots:
                yield f'<circle class="dot {name}" cx="{across:.1f}" cy="{down:.1f}" r="3"/>'
        label = f"{NAMES[name]} {y.words(line[-1][1])}"
        yield f'<text class="name {name}" x="{right + 10}" y="{places[name] + 4:.1f}">{escape(label)}</text>'
