"""docs/performance.md and .json have several authors: each writes its own part and leaves the others' alone."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any

#: The parts of the page in their order, by the name of the command that writes them.
BENCH, BENCH_LARGE, BENCH_LOAD = PARTS = ("bench", "bench-large", "bench-load")
PAGE, FIGURES, LOAD_FIGURES = "performance.md", "performance.json", "performance-load.json"
TITLE = "# Performance"
#: Where the figures of the second one stand among those of the first.
LARGE = "large"


def read_figures(folder: Path, name: str = FIGURES) -> dict[str, Any]:
    """What was measured so far; nothing where there is no file."""
    file = folder / name
    found: dict[str, Any] = json.loads(file.read_text("utf-8")) if file.exists() else {}
    return found


def write_figures(folder: Path, figures: dict[str, Any], name: str = FIGURES) -> None:
    """Keep them: readable at the top, long lists on one line each."""
    lines = json.dumps(figures, ensure_ascii=False, separators=(",", ":"))
    for key in ('{"connected"', '{"offered"', '{"at"', '{"senders"', '"find_by_number"', '"name"', '"first"'):
        lines = lines.replace(key, f"\n{key}")
    (folder / name).write_text(lines + "\n", "utf-8")


def write_page(folder: Path, part: str, text: str) -> None:
    """Make the text this part of the page."""
    file = folder / PAGE
    file.write_text(with_part(file.read_text("utf-8") if file.exists() else "", part, text), "utf-8")


def with_part(page: str, part: str, text: str) -> str:
    """The page with this part anew. What stands in no part belongs to none and goes."""
    found = {name: _part(page, name) for name in PARTS}
    found[part] = text
    marked = [
        f"<!-- {name}: begin -->\n\n{body.strip()}\n\n<!-- {name}: end -->" for name, body in found.items() if body
    ]
    return "\n\n".join([TITLE, *marked]) + "\n"


def _part(page: str, name: str) -> str:
    found = re.search(rf"<!-- {name}: begin -->\n(.*?)<!-- {name}: end -->", page, re.DOTALL)
    return found[1] if found else ""
