"""Measures with many addresses and calls and writes its part of docs/performance.md and docs/performance.json.

python -m benchmarks.large                        the full run, some 40 minutes where nothing else runs
python -m benchmarks.large --keep DIR             filled databases stay there (6 GB); the next run finds them
python -m benchmarks.large --only lookup search   these parts only; the others stay as they were measured before
python -m benchmarks.large --sizes 20000 100000   these numbers of addresses instead; the page says what is missing
python -m benchmarks.large --minutes 30           nothing is begun after half an hour, and nothing for which there is no
                                                  room on the disk; what was measured is written
python -m benchmarks.large --quick                a few hundred addresses, only shown
python -m benchmarks.large --quick --output DIR   written into a folder
"""

from __future__ import annotations

import argparse
import json
import os
import sys
import tempfile
import time
from collections.abc import Callable, Mapping, Sequence
from contextlib import ExitStack
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from benchmarks import machine, sections
from benchmarks.large import aims, beside, importing, journal, lists, lookup, removal, report, searching
from benchmarks.large.filling import MOMENT, filled_book, filled_journal, filled_removal
from benchmarks.large.limits import Limits
from benchmarks.large.plan import BESIDE, FULL, IMPORT, JOURNAL, LISTS, LOOKUP, PARTS, QUICK, REMOVAL, SEARCH, Plan
from benchmarks.large.subjects import Places, Subject, servers, subjects
from benchmarks.progress import say
from benchmarks.servers import BenchmarkFailed, run_program
from tests.services import ServerDidNotStart

ROOT = Path(__file__).resolve().parent.parent.parent
KINDS = ("sqlite", "postgresql")
IMPORT_SECONDS = 3600.0
#: More than a whole run takes on a machine that does nothing else.
MINUTES = 240.0


def main(arguments: Sequence[str] | None = None) -> int:
    parser = argparse.ArgumentParser(prog="python -m benchmarks.large", description="Measures with many addresses.")
    parser.add_argument("--quick", action="store_true", help="a small run that says nothing but that all of it works")
    parser.add_argument("--only", nargs="+", choices=PARTS, default=PARTS, metavar="PART", help=", ".join(PARTS))
    parser.add_argument("--sizes", nargs="+", type=int, metavar="N", help="addresses, instead of the plan's")
    parser.add_argument("--database", choices=KINDS, help="measure on this one only")
    parser.add_argument("--calls", type=int, metavar="N", help="calls in the journal, instead of the plan's")
    parser.add_argument("--minutes", type=float, default=MINUTES, help="nothing is begun after so long (%(default)s)")
    parser.add_argument("--keep", type=Path, metavar="DIR", help="folder where filled databases stay for the next run")
    parser.add_argument("--output", type=Path, help="folder to write to; default: docs, with --quick none")
    options = parser.parse_args(arguments)
    folder = options.output or (None if options.quick else ROOT / "docs")
    if folder is not None:
        folder.mkdir(parents=True, exist_ok=True)
    kinds = (options.database,) if options.database else KINDS
    figures = sections.read_figures(folder) if folder is not None else {}
    large: dict[str, Any] = figures.setdefault(sections.LARGE, {})
    plan = QUICK if options.quick else FULL
    if options.sizes:
        plan = replace(plan, sizes=tuple(sorted(options.sizes)), search_size=min(options.sizes, key=plan.distance))
    if options.calls:
        plan = replace(plan, calls=options.calls, removal_calls=options.calls)
    limits = Limits(options.minutes * 60, len(kinds), say)
    try:
        with servers(kinds, options.keep) as places:
            run(plan, places, kinds, options.only, large, lambda: _write(folder, figures), limits)
    except (BenchmarkFailed, ServerDidNotStart) as error:
        print(f"The measurement failed: {error}", file=sys.stderr)
        return 1
    if folder is None and large:
        print(report.part(large))
    for aim in aims.judge(large):
        say(f"{'met    ' if aim['met'] else 'NOT MET'} {aim['aim']}: {aim['found']}")
    return 0


def _write(folder: Path | None, figures: dict[str, Any]) -> None:
    if folder is None:
        return
    large = figures[sections.LARGE]
    sections.write_figures(folder, figures)
    for name, picture in report.charts(large).items():
        (folder / name).write_text(picture, "utf-8")
    sections.write_page(folder, sections.BENCH_LARGE, report.part(large))
    say(f"wrote {sections.PAGE} and {sections.FIGURES}")


def run(
    plan: Plan,
    places: Places,
    kinds: Sequence[str],
    only: Sequence[str],
    large: dict[str, Any],
    written: Callable[[], None],
    limits: Limits,
) -> None:
    """Measure these parts into ``large``; ``written`` is called when one is complete."""
    if set(only) & {LOOKUP, SEARCH, LISTS} and (found := _with_many_addresses(plan, kinds, only, places, limits)):
        large.update(found)
        written()
    if IMPORT in only and limits.allow("the import", plan.import_rows):
        stamp = _Stamp()
        found = _imports(plan, kinds, places)
        large[IMPORT] = {"rows": plan.import_rows, "databases": found, "made": stamp.made()}
        written()
    if BESIDE in only and limits.allow("notifications beside an import", plan.import_rows):
        stamp = _Stamp()
        found = _beside_imports(plan, kinds, places)
        large[BESIDE] = {"databases": found, "made": stamp.made()}
        written()
    if JOURNAL in only and limits.allow("the journal", plan.journal_addresses, plan.calls):
        with filled_journal(plan, places, kinds) as both:
            say(f"{plan.calls} calls are there")
            places.read_in()
            stamp = _Stamp()
            found = journal.measure(both, plan, MOMENT)
        large[JOURNAL] = {"calls": plan.calls, "databases": found, "made": stamp.made()}
        written()
    if REMOVAL in only and limits.allow("persons", plan.removal_addresses, plan.removal_calls):
        with filled_removal(plan, places, kinds) as both:
            say(f"{plan.removal_calls} calls are there")
            places.read_in()
            stamp = _Stamp()
            found = {}
            for subject in both:
                found[subject.kind] = removal.measure(subject, plan, datetime.now(UTC))
                say(f"{subject.kind}: persons are told of and removed")
        counts = {"addresses": plan.removal_addresses, "calls": plan.removal_calls}
        large[REMOVAL] = {**counts, "databases": found, "made": stamp.made()}
        written()


class _Stamp:
    """Where and when a part was measured."""

    def __init__(self) -> None:
        self._found = machine.describe()
        self._begun = time.monotonic()

    def made(self) -> dict[str, Any]:
        """At the end of the part."""
        self._found["load_after"] = round(os.getloadavg()[0], 2)
        self._found["minutes"] = round((time.monotonic() - self._begun) / 60, 1)
        return self._found


def _with_many_addresses(
    plan: Plan, kinds: Sequence[str], only: Sequence[str], places: Places, limits: Limits
) -> dict[str, Any]:
    """All sizes are filled first, and are there side by side while they are measured; {} where none has room."""
    books: dict[int, list[Subject]] = {}
    with ExitStack() as stack:
        for size in plan.sizes:
            if not limits.allow(f"{size} addresses", size):
                break
            books[size] = stack.enter_context(filled_book(size, places, kinds))
            say(f"{size} addresses are there")
        if not books:
            return {}
        stamp = _Stamp()
        plan = replace(plan, search_size=min(books, key=plan.distance))
        places.read_in()
        found = measure_books(plan, only, books)
    for part in found.values():
        part["made"] = stamp.made()
    return found


def measure_books(plan: Plan, only: Sequence[str], books: Mapping[int, Sequence[Subject]]) -> dict[str, Any]:
    """What is measured with many addresses, by part; ``books`` are filled databases by their number of addresses."""
    found: dict[str, Any] = {}
    if LOOKUP in only:
        found[LOOKUP] = {"sizes": lookup.measure(books, plan)}
        say("measured who calls")
    if SEARCH in only:
        found[SEARCH] = searching.measure(books, plan)
        say("measured the search")
    if LISTS in only:
        found[LISTS] = {"sizes": {str(size): lists.measure(both, plan) for size, both in books.items()}}
        say("measured the lists")
    return found


def _imports(plan: Plan, kinds: Sequence[str], places: Places) -> dict[str, Any]:
    found: dict[str, Any] = {kind: {"bare": []} for kind in kinds}
    with tempfile.TemporaryDirectory(prefix="durchwahl-import-") as folder:
        file = Path(folder) / "addresses.csv"
        importing.write_file(file, plan.import_rows)
        # The least before and after it, so that a change of the load meets both.
        for way in ("bare", "import", "bare"):
            with subjects(places, kinds, f"{way}{len(found[kinds[0]]['bare'])}") as both:
                for subject in both:
                    program = ["-m", "benchmarks.large.importing", way, str(plan.import_rows), str(file)]
                    measured = json.loads(run_program(program, subject.env, IMPORT_SECONDS))
                    say(f"{subject.kind}: {way} of {plan.import_rows} rows")
                    if way == "bare":
                        found[subject.kind]["bare"].append(measured)
                    else:
                        found[subject.kind]["import"] = measured
    return found


def _beside_imports(plan: Plan, kinds: Sequence[str], places: Places) -> dict[str, Any]:
    found: dict[str, Any] = {}
    with tempfile.TemporaryDirectory(prefix="durchwahl-import-") as folder:
        file = Path(folder) / "addresses.csv"
        importing.write_file(file, plan.import_rows)
        for kind in kinds:
            with subjects(places, (kind,), "beside") as (subject,):
                found[kind] = beside.measure(subject, file, plan)
            say(f"{kind}: notifications while addresses are imported")
    return found


if __name__ == "__main__":
    sys.exit(main())
