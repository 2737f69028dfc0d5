"""What the charts of docs/performance.md have in common: SVG that is readable in light and dark, without a script."""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping
from xml.sax.saxutils import escape

NAMESPACE = 'xmlns="http://www.w3.org/2000/svg"'
#: Names beside the lines stand so far apart at least.
LINE_HEIGHT = 17
Colours = Mapping[str, tuple[str, str]]
"""By class: light and dark. Each pair keeps a contrast of 4.5 to its background."""


def document(title: str, said: str, size: tuple[int, int], styles: str, body: Iterable[str]) -> str:
    """The whole picture; ``said`` tells in words what it shows."""
    width, height = size
    return "\n".join(
        [
            f'<svg {NAMESPACE} viewBox="0 0 {width} {height}" role="img" aria-labelledby="title description">',
            f'<title id="title">{escape(title)}</title>',
            f'<desc id="description">{escape(said)}</desc>',
            f"<style>{styles}</style>",
            f'<rect class="ground" width="{width}" height="{height}"/>',
            f'<text class="title" x="16" y="28">{escape(title)}</text>',
            *body,
            "</svg>\n",
        ]
    )


def apart(wanted: Mapping[str, float]) -> dict[str, float]:
    """Heights of names, near those that are wanted, so that none covers another."""
    found = {}
    last = -math.inf
    for name, y in sorted(wanted.items(), key=lambda one: one[1]):
        found[name] = last = max(y, last + LINE_HEIGHT)
    return found


def style(colours: Colours, dashes: Mapping[str, str]) -> str:
    """The style sheet of a chart whose lines, dots and names have these classes."""
    shared = (
        "text{font:13px system-ui,sans-serif}.title{font-weight:600;font-size:16px}"
        ".panel{font-weight:600;font-size:14px}"
        ".line{fill:none;stroke-width:2.5;stroke-linejoin:round}"
    )
    dashed = "".join(f".line.{name}{{stroke-dasharray:{dash}}}" for name, dash in dashes.items() if dash)
    return (
        f"{shared}{dashed}{_scheme(colours, 0, '#ffffff', '#1f2328', '#59636e', '#d5dae0')}"
        f"@media (prefers-color-scheme:dark){{{_scheme(colours, 1, '#14181d', '#e6edf3', '#a8b1bb', '#39424c')}}}"
    )


def _scheme(colours: Colours, place: int, ground: str, text: str, tick: str, grid: str) -> str:
    lines = "".join(
        f".line.{name}{{stroke:{pair[place]}}}.dot.{name},.name.{name}{{fill:{pair[place]}}}"
        for name, pair in colours.items()
    )
    return f".ground{{fill:{ground}}}text{{fill:{text}}}.tick{{fill:{tick}}}.grid{{stroke:{grid}}}{lines}"
