"""The chart of growth: how long it takes to find a caller, by the number of addresses. SVG, readable in light and dark.

Both axes are logarithmic: a way that reads the whole table rises steeply, one that finds its place in an index stays
nearly level. Every line carries its name, so that none is told by its colour alone.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence
from typing import Any
from xml.sax.saxutils import escape

from benchmarks.aims import DATABASES
from benchmarks.large.aims import number
from benchmarks.large.lookup import CORE, FIND, LEVELS, SCAN, WAYS
from benchmarks.large.rounds import typical
from benchmarks.svg import apart, document, style

PANEL_WIDTH, PANEL_HEIGHT = 420, 250
LEFT, TOP, BETWEEN = 84, 72, 350
#: Room for the names beside the lines, in a wide font.
NAMES_WIDTH = 226
WIDTH = LEFT + PANEL_WIDTH + 10 + NAMES_WIDTH
NAMES = {FIND: "Durchwahl", CORE: "bare query", LEVELS: "levels in turn", SCAN: "last eight digits"}
#: Light and dark: each pair keeps a contrast of 4.5 to its background.
COLOURS = {
    FIND: ("#0b5fc1", "#6cb2ff"),
    CORE: ("#59636e", "#a8b1bb"),
    LEVELS: ("#a04100", "#ffa657"),
    SCAN: ("#8b1a89", "#e08ddf"),
}
DASHES = {FIND: "", CORE: "2 4", LEVELS: "9 4", SCAN: "9 3 2 3"}
Points = dict[str, list[tuple[int, float]]]


def growth(sizes: dict[str, Any], caller: str, words: str) -> str:
    """The chart for one kind of caller; ``sizes`` as ``lookup.measure`` found them."""
    panels = {database: _points(sizes, database, caller) for database in next(iter(sizes.values()))}
    values = [ms for points in panels.values() for line in points.values() for _, ms in line]
    scale = _Scale([int(size) for size in sizes], values)
    body = [
        part
        for place, (database, points) in enumerate(panels.items())
        for part in _panel(TOP + place * BETWEEN, DATABASES[database], points, scale)
    ]
    said = "; ".join(
        f"{DATABASES[database]}: "
        + ", ".join(f"{NAMES[way]} {_ms(points[way][0][1])} to {_ms(points[way][-1][1])}" for way in WAYS)
        for database, points in panels.items()
    )
    title = f"Finding {words}, by the number of addresses"
    height = TOP + BETWEEN * len(panels) - 20
    return document(title, said, (WIDTH, height), style(COLOURS, DASHES), body)


class _Scale:
    def __init__(self, sizes: Sequence[int], values: Sequence[float]) -> None:
        self.sizes = sorted(sizes)
        self.lowest = math.floor(math.log10(min(values)))
        self.highest = math.ceil(math.log10(max(values)))

    def x(self, size: int) -> float:
        """From its left."""
        first, last = math.log10(self.sizes[0]), math.log10(self.sizes[-1])
        return PANEL_WIDTH * (math.log10(size) - first) / ((last - first) or 1)

    def y(self, ms: float) -> float:
        """Below the top of a panel."""
        share = (math.log10(ms) - self.lowest) / ((self.highest - self.lowest) or 1)
        return PANEL_HEIGHT * (1 - share)


def _points(sizes: dict[str, Any], database: str, caller: str) -> Points:
    ordered = sorted(sizes, key=int)
    return {way: [(int(size), typical(sizes[size][database][caller][way])) for size in ordered] for way in WAYS}


def _panel(top: int, name: str, points: Points, scale: _Scale) -> Iterable[str]:
    right, bottom = LEFT + PANEL_WIDTH, top + PANEL_HEIGHT
    yield f'<text class="panel" x="{LEFT}" y="{top - 14}">{name}</text>'
    for power in range(scale.lowest, scale.highest + 1):
        y = top + scale.y(10.0**power)
        yield f'<line class="grid" x1="{LEFT}" x2="{right}" y1="{y:.1f}" y2="{y:.1f}"/>'
        yield f'<text class="tick" x="{LEFT - 8}" y="{y + 4:.1f}" text-anchor="end">{_tick(power)}</text>'
    for size in scale.sizes:
        x = LEFT + scale.x(size)
        anchor = "start" if size == scale.sizes[0] else "end" if size == scale.sizes[-1] else "middle"
        yield f'<text class="tick" x="{x:.1f}" y="{bottom + 20}" text-anchor="{anchor}">{number(size)}</text>'
    yield f'<text class="tick" x="{LEFT}" y="{bottom + 40}">addresses</text>'
    places = apart({way: top + scale.y(line[-1][1]) for way, line in points.items()})
    for way, line in points.items():
        spots = [(LEFT + scale.x(size), top + scale.y(ms)) for size, ms in line]
        path = " ".join(f"{x:.1f},{y:.1f}" for x, y in spots)
        yield f'<polyline class="line {way}" points="{path}"/>'
        for x, y in spots:
            yield f'<circle class="dot {way}" cx="{x:.1f}" cy="{y:.1f}" r="3.5"/>'
        label = f"{NAMES[way]} {_ms(line[-1][1])}"
        yield f'<text class="name {way}" x="{right + 10}" y="{places[way] + 4:.1f}">{escape(label)}</text>'


def _tick(power: int) -> str:
    return f"{10**power:g} ms" if power >= 0 else f"{10.0**power:.{-power}f} ms"


def _ms(value: float) -> str:
    return f"{value:.0f} ms" if value >= 10 else f"{value:.2f} ms" if value >= 0.1 else f"{value:.3f} ms"
