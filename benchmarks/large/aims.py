"""What was aimed at with many addresses and calls, and whether the figures reach it."""

from __future__ import annotations

from collections.abc import Iterator
from statistics import median
from typing import Any

from benchmarks.aims import DATABASES
from benchmarks.large import journal, lists, removal
from benchmarks.large.lookup import BEHIND, CALLERS, CORE, FIND, KNOWN, LEVELS, UNKNOWN
from benchmarks.large.rounds import processor, quickest, quiet, typical
from benchmarks.large.searching import MISTYPED
from benchmarks.summary import percentile

#: The look-up in medians of the bare query, of the levels asked one after the other, and of the bare query's growth.
OF_BARE, OF_LEVELS, OF_GROWTH = 1.3, 0.5, 1.15
SEARCH_MS, MISTYPED_MS = 50.0, 100.0
#: A page deep in a list in medians of the first one.
OF_FIRST = 1.25
OF_IMPORT = 3.0
#: Memory may rise by so much from a quarter of the import to its end.
MEMORY_RISE = 0.10
OF_WALK, JOURNAL_MS = 1.5, 50.0
#: Of the person with the most calls: seconds, MiB; ms of a transaction that writes, and of a notification meanwhile.
PREVIEW_SECONDS, EXPORT_SECONDS, REMOVAL_SECONDS, REMOVAL_MIB = 5.0, 5.0, 60.0, 64.0
WRITE_MS, MEANWHILE_MS = 100.0, 100.0
CALLER_WORDS = {
    KNOWN: "a stored number",
    BEHIND: "a Durchwahl behind a stored switchboard",
    UNKNOWN: "an unknown caller",
}
Verdict = dict[str, Any]


def judge(figures: dict[str, Any]) -> list[Verdict]:
    """Each aim of the parts that were measured: ``aim``, ``found`` (words) and ``met``."""
    return [verdict for part, judged in _JUDGES.items() if part in figures for verdict in judged(figures[part])]


def number(count: int) -> str:
    """With narrow gaps between the thousands, as people read them."""
    return f"{count:,}".replace(",", " ")


def import_factor(measured: dict[str, Any]) -> float:
    """The import in times of the least that could do it."""
    least = [run["read"] + run["insert"] for run in measured["bare"]]
    return float(measured["import"]["seconds"] / (sum(least) / len(least)))


def import_processor(measured: dict[str, Any]) -> float:
    """The same in processor time, of program and database."""
    least = [run["cpu"] for run in measured["bare"]]
    return float(measured["import"]["cpu"] / (sum(least) / len(least)))


def memory_rise(measured: dict[str, Any]) -> float:
    """By what share the memory grew after the first quarter."""
    mib = [value for _, value in measured["import"]["memory_mib"]]
    return float(max(mib) / mib[len(mib) // 4] - 1)


def _verdict(aim: str, found: str, *, met: bool) -> Verdict:
    return {"aim": aim, "found": found, "met": met}


def _lookup(part: dict[str, Any]) -> Iterator[Verdict]:
    sizes = sorted(part["sizes"], key=int)
    largest, smallest = part["sizes"][sizes[-1]], part["sizes"][sizes[0]]
    at = f"among {number(int(sizes[-1]))} addresses"
    for database in largest:
        for caller in CALLERS:
            ways, who = largest[database][caller], f"{DATABASES[database]}, {CALLER_WORDS[caller]}"
            yield _share(f"{who} {at}: at most {OF_BARE:g} × the bare query", ways[FIND], ways[CORE], OF_BARE)
            if database == "postgresql":
                aim = f"{who} {at}: at most half of the levels asked one after the other"
                yield _share(aim, ways[FIND], ways[LEVELS], OF_LEVELS)
            if len(sizes) > 1:
                yield _growth(f"{who}: from {number(int(sizes[0]))} addresses on", smallest[database][caller], ways)


def _share(aim: str, ours: dict[str, Any], other: dict[str, Any], most: float) -> Verdict:
    factor, in_processor = typical(ours) / typical(other), processor(ours) / processor(other)
    return _verdict(aim, f"{factor:.2f} × (in processor time {in_processor:.2f} ×)", met=factor <= most)


def _growth(whose: str, before: dict[str, Any], after: dict[str, Any]) -> Verdict:
    (ours, bare), (ours_used, bare_used) = (
        [of(after[way]) / of(before[way]) for way in (FIND, CORE)] for of in (typical, processor)
    )
    found = f"{ours:.2f} × to its {bare:.2f} ×: {ours / bare:.2f} × (in processor time {ours_used / bare_used:.2f} ×)"
    aim = f"{whose}, growth at most {OF_GROWTH:g} × the bare query's own"
    return _verdict(aim, found, met=ours / bare <= OF_GROWTH)


def _search(part: dict[str, Any]) -> Iterator[Verdict]:
    size = part["aimed_at"]
    for database, kinds in part["sizes"][str(size)].items():
        for what, meant, most in (("search", False, SEARCH_MS), ("mistyped search", True, MISTYPED_MS)):
            asked = {kind: times for kind, times in kinds.items() if (kind in MISTYPED) is meant}
            if asked:
                worst, kind = max((percentile(quickest(times), 95), kind) for kind, times in asked.items())
                yield _verdict(
                    f"{DATABASES[database]}, {what} among {number(size)} addresses: 95 of 100 within {most:g} ms",
                    f"at worst {worst:.0f} ms ({kind.replace('_', ' ')})",
                    met=worst <= most,
                )


def _lists(part: dict[str, Any]) -> Iterator[Verdict]:
    size = max(part["sizes"], key=int)
    for database, found in part["sizes"][size].items():
        for name, depths in found.items():
            factor = quiet(depths[lists.DEEP]) / quiet(depths[lists.FIRST])
            yield _verdict(
                f"{DATABASES[database]}, {name.replace('_', ' ')} with {number(int(size))} addresses: a page deep "
                f"inside at most {OF_FIRST:g} × the first one",
                f"{factor:.2f} ×",
                met=factor <= OF_FIRST,
            )


def _import(part: dict[str, Any]) -> Iterator[Verdict]:
    for database, measured in part["databases"].items():
        name, factor, rise = DATABASES[database], import_factor(measured), memory_rise(measured)
        yield _verdict(
            f"{name}, import: at most {OF_IMPORT:g} × reading the rows and storing them bare",
            f"{factor:.2f} × (in processor time {import_processor(measured):.2f} ×)",
            met=factor <= OF_IMPORT,
        )
        yield _verdict(
            f"{name}, import: memory stays flat (at most {MEMORY_RISE:.0%} more after its first quarter)",
            f"{rise:+.1%}",
            met=rise <= MEMORY_RISE,
        )


def _journal(part: dict[str, Any]) -> Iterator[Verdict]:
    at = f"with {number(part['calls'])} calls"
    for database, filters in part["databases"].items():
        cells = [(f"{name}, {depth}", filters[name][depth]) for name in filters for depth in journal.DEPTHS]
        factor, where = max((median(cell["sql"]) / median(cell["bare"]), name) for name, cell in cells)
        yield _verdict(
            f"{DATABASES[database]}, journal {at}: SQL at most {OF_WALK:g} × a bare walk along the calls, for every "
            "filter",
            f"at worst {factor:.2f} × ({where})",
            met=factor <= OF_WALK,
        )
        slowest, where = max((percentile(cell["page"], 95), name) for name, cell in cells)
        yield _verdict(
            f"{DATABASES[database]}, journal {at}: 95 of 100 pages within {JOURNAL_MS:g} ms, for every filter",
            f"at worst {slowest:.0f} ms ({where})",
            met=slowest <= JOURNAL_MS,
        )
        whole = [(percentile(cell["whole"], 95), name) for name, cell in cells if "whole" in cell]
        if whole:
            slowest, where = max(whole)
            yield _verdict(
                f"{DATABASES[database]}, journal {at}: 95 of 100 pages with their HTML within {JOURNAL_MS:g} ms",
                f"at worst {slowest:.0f} ms ({where})",
                met=slowest <= JOURNAL_MS,
            )


def _removal(part: dict[str, Any]) -> Iterator[Verdict]:
    for database, measured in part["databases"].items():
        calls = max(measured["persons"], key=int)
        his, name = measured["persons"][calls], DATABASES[database]
        who = f"{name}, somebody with {number(int(calls))} of {number(part['calls'])} calls"
        for step, most in (
            (removal.PREVIEW, PREVIEW_SECONDS),
            (removal.EXPORT, EXPORT_SECONDS),
            (removal.REMOVAL, REMOVAL_SECONDS),
        ):
            took = his[step]
            yield _verdict(f"{who}: {step} within {most:g} s", f"{took:.1f} s", met=took <= most)
        rise = his["memory_mib"]
        yield _verdict(f"{who}: at most {REMOVAL_MIB:g} MiB more memory", f"{rise:.0f} MiB", met=rise <= REMOVAL_MIB)
        longest = his["writes_ms"][0]
        found = f"{longest:.0f} ms, of {his['writes']}"
        yield _verdict(f"{who}: no transaction writes for more than {WRITE_MS:g} ms", found, met=longest <= WRITE_MS)
        waited = [ms for step in removal.STEPS for ms in measured["beside"]["waited"][step]]
        late, quiet = percentile(waited, 95), percentile(measured["beside"]["waited"][removal.QUIET], 95)
        aim = f"{who}: meanwhile 95 of 100 notifications are answered within {MEANWHILE_MS:g} ms"
        yield _verdict(aim, f"{late:.0f} ms (before it {quiet:.0f} ms)", met=late <= MEANWHILE_MS)


_JUDGES = {
    "lookup": _lookup,
    "search": _search,
    "lists": _lists,
    "import": _import,
    "journal": _journal,
    "removal": _removal,
}
