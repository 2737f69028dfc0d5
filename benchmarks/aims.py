"""What was aimed at, and whether the figures reach it."""

from __future__ import annotations

from typing import Any

from benchmarks.plan import ALL, FEW, MANY, SINGLY, STEADILY, TWO
from benchmarks.results import BARE, DURCHWAHL, missing_in, summary_of
from benchmarks.summary import summarise

#: At most so many times the bare pipeline's median.
FACTOR = 2.0
#: Medians of two runs of the very same thing differ by up to so much on a shared machine.
NOISE = 0.10
#: A decision about a call takes at most so many times a plain notification, and never longer than this.
DECIDED_FACTOR, DECIDED_MS = 3.0, 15.0
DATABASES = {"sqlite": "SQLite", "postgresql": "PostgreSQL"}
AUDIENCES = {TWO: "to two concerned", ALL: "to all connected"}


def judge(databases: dict[str, Any]) -> list[dict[str, Any]]:
    """Each aim for each database and pace: ``aim``, ``found`` (words) and ``met``."""
    return [
        verdict
        for database, measured in databases.items()
        for judged in (_beside_the_bare_pipeline, _many_beside_few, _nothing_lost, _decided_at_once)
        for verdict in judged(DATABASES[database], measured)
    ]


def ratio(cell: dict[str, Any]) -> float | None:
    """Durchwahl's median in bare medians; None when one of them has none."""
    ours, bare = summary_of(cell[DURCHWAHL]), summary_of(cell[BARE])
    return ours.median / bare.median if ours and bare else None


def _beside_the_bare_pipeline(database: str, measured: dict[str, Any]) -> list[dict[str, Any]]:
    verdicts = []
    for audience, words in AUDIENCES.items():
        for pace in (SINGLY, STEADILY):
            cells = [cell for cell in measured["cells"] if (cell["audience"], cell["pace"]) == (audience, pace)]
            found = [(ratio(cell), cell["connected"]) for cell in cells]
            known = [(value, level) for value, level in found if value is not None]
            if not cells:
                continue
            worst, level = max(known, default=(0.0, 0))
            verdicts.append(
                {
                    "aim": f"{database}, {pace}, {words}: at most {FACTOR:g} × the bare pipeline's median",
                    "found": f"at worst {worst:.2f} × ({level} connected)" if known else "nothing arrived",
                    "met": len(known) == len(cells) and worst <= FACTOR,
                }
            )
    return verdicts


def _many_beside_few(database: str, measured: dict[str, Any]) -> list[dict[str, Any]]:
    verdicts = []
    for pace in (SINGLY, STEADILY):
        cells = {
            cell["connected"]: cell for cell in measured["cells"] if (cell["audience"], cell["pace"]) == (TWO, pace)
        }
        if FEW not in cells:
            continue
        most = MANY if MANY in cells else max(cells)
        aim = f"{database}, {pace}, to two concerned: not slower with {most} connected users than with {FEW}"
        few, many = (summary_of(cells[level][DURCHWAHL]) for level in (FEW, most))
        if few is None or many is None:
            verdicts.append({"aim": aim, "found": "nothing arrived", "met": False})
            continue
        growth = many.median / few.median - 1
        verdicts.append(
            {
                "aim": aim,
                "found": f"{few.median:.2f} ms with {FEW}, {many.median:.2f} ms with {most} ({growth:+.0%})",
                "met": growth <= NOISE,
            }
        )
    return verdicts


def _nothing_lost(database: str, measured: dict[str, Any]) -> list[dict[str, Any]]:
    runs = [cell[DURCHWAHL] for cell in measured["cells"]]
    runs += [flood for flood in measured["floods"] if flood["pipeline"] == DURCHWAHL]
    missing = sum(map(missing_in, runs))
    sent = sum(len(run["delivered_ms"]) for run in runs) + missing
    return [
        {
            "aim": f"{database}: every accepted notification reaches every browser concerned, and no other",
            "found": f"{sent - missing:,} of {sent:,} did".replace(",", " "),
            "met": missing == 0,
        }
    ]


def _decided_at_once(database: str, measured: dict[str, Any]) -> list[dict[str, Any]]:
    found = measured.get("deciding")
    if found is None:
        return []
    plain, decided = (summarise(found[name]) for name in ("plain_ms", "decided_ms"))
    aim = f"{database}: p99 of a decision at most {DECIDED_FACTOR:g} × a plain notification's, and {DECIDED_MS:g} ms"
    if plain is None or decided is None:
        return [{"aim": aim, "found": "nothing was answered", "met": False}]
    words = f"{decided.p99:.1f} ms beside {plain.p99:.1f} ms ({decided.p99 / plain.p99:.2f} ×)"
    within = decided.p99 <= min(DECIDED_FACTOR * plain.p99, DECIDED_MS)
    return [{"aim": aim, "found": words, "met": within and not found["failed"]}]
