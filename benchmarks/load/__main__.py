"""Puts whole installations under load and writes its part of docs/performance.md, and docs/performance-load.json.

python -m benchmarks.load                                the full run, some 75 minutes; nothing else should run then
python -m benchmarks.load --only postgresql-2x1000       this installation only; the others stay as they were measured
python -m benchmarks.load --only sqlite-1x300 --part soak   of this installation the soak only; the rest stays as it was
python -m benchmarks.load --missing                      those that have no figures yet: after a run that was broken off
python -m benchmarks.load --minutes 30                   nothing is begun after half an hour, a soak ends
python -m benchmarks.load --soak 60                      a soak of 60 s instead of the plan's ten minutes
python -m benchmarks.load --quick                        some two minutes, only shown; says nothing but that all works
python -m benchmarks.load --quick --output DIR           written into a folder
"""

from __future__ import annotations

import argparse
import asyncio
import sys
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

from benchmarks import sections
from benchmarks.load import report
from benchmarks.load.climbing import measure
from benchmarks.load.plan import FULL, INSTALLATIONS, PARTS, QUICK, SOAK, Installation, Plan
from benchmarks.load.rules import joined
from benchmarks.load.serving import running
from benchmarks.progress import say, seconds
from benchmarks.servers import BenchmarkFailed, allow_many_sockets
from benchmarks.wire import WireError
from tests.services import ServerDidNotStart

ROOT = Path(__file__).resolve().parent.parent.parent
#: More than a whole run takes.
MINUTES = 240.0
NAMES = {installation.name: installation for installation in INSTALLATIONS}


def main(arguments: Sequence[str] | None = None) -> int:
    parser = argparse.ArgumentParser(prog="python -m benchmarks.load", description="Puts installations under load.")
    parser.add_argument("--quick", action="store_true", help="a small run that says nothing but that all of it works")
    parser.add_argument("--only", nargs="+", choices=NAMES, default=list(NAMES), metavar="NAME", help=", ".join(NAMES))
    parser.add_argument("--part", choices=PARTS, help="this one only (%(choices)s); the other stays as it was measured")
    parser.add_argument("--missing", action="store_true", help="only those that have no figures yet")
    parser.add_argument("--minutes", type=float, default=MINUTES, help="nothing is begun after so long (%(default)s)")
    parser.add_argument("--soak", type=float, metavar="SECONDS", help="instead of the plan's")
    parser.add_argument("--output", type=Path, help="folder to write to; default: docs, with --quick none")
    options = parser.parse_args(arguments)
    folder = options.output or (None if options.quick else ROOT / "docs")
    figures = sections.read_figures(folder, sections.LOAD_FIGURES) if folder is not None else {}
    plan = QUICK if options.quick else FULL
    if options.soak is not None:
        plan = replace(plan, soak_seconds=options.soak)
    parts = (options.part,) if options.part else PARTS
    chosen = [NAMES[name] for name in options.only if not (options.missing and name in figures)]
    chosen = [one for one in chosen if one.soaks or parts != (SOAK,)]
    measured = run(plan, chosen, options.minutes * 60, figures, folder, parts)
    if not measured:
        print("Nothing was measured.", file=sys.stderr)
        return 1
    if folder is None:
        print(report.part(figures))
    for aim in report.aims(figures):
        say(f"{report.VERDICTS[aim['met']]}: {aim['aim']}: {aim['found']}")
    return 0 if measured == len(chosen) else 1


def run(
    plan: Plan,
    chosen: Sequence[Installation],
    limit: float,
    figures: dict[str, Any],
    folder: Path | None,
    parts: Sequence[str] = PARTS,
) -> int:
    """Measure these installations into ``figures`` and write each when it is complete; returns how many were.

    One that fails is said and keeps its older figures; the next one is measured all the same.
    """
    measured = 0
    for installation in chosen:
        if seconds() >= limit:
            say(f"{installation.name}: left out, the time is over")
            continue
        say(f"{installation.name}: filling the databases")
        try:
            allow_many_sockets()
            with running(installation, plan) as servers:
                found = asyncio.run(measure(installation, plan, servers, lambda: limit - seconds(), say, parts))
        except (BenchmarkFailed, ServerDidNotStart, WireError, TimeoutError) as error:
            print(f"{installation.name} failed: {str(error) or type(error).__name__}", file=sys.stderr)
            continue
        kept = joined(figures.get(installation.name), found)
        if kept is None:
            say(f"{installation.name}: no step was measured")
            continue
        measured += 1
        figures[installation.name] = kept
        _write(folder, figures)
    return measured


def _write(folder: Path | None, figures: dict[str, Any]) -> None:
    if folder is None:
        return
    folder.mkdir(parents=True, exist_ok=True)
    sections.write_figures(folder, figures, sections.LOAD_FIGURES)
    for name, picture in report.charts(figures).items():
        (folder / name).write_text(picture, "utf-8")
    sections.write_page(folder, sections.BENCH_LOAD, report.part(figures))
    say(f"wrote {sections.PAGE} and {sections.LOAD_FIGURES}")


if __name__ == "__main__":
    sys.exit(main())
