"""The part of docs/performance.md about many addresses, written from the measured figures."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from statistics import median
from typing import Any

from benchmarks.aims import DATABASES
from benchmarks.large import beside, chart, journal, lists, lookup, removal
from benchmarks.large.aims import CALLER_WORDS, import_factor, import_processor, judge, memory_rise, number
from benchmarks.large.lookup import CALLERS, CORE, FIND, KNOWN, LEVELS, SCAN, UNKNOWN
from benchmarks.large.plan import FULL, PARTS
from benchmarks.large.rounds import every, processor, quickest, quiet, typical
from benchmarks.report import table
from benchmarks.summary import percentile

METHOD = Path(__file__).with_name("method.md")
#: Charts by the file's name: which caller they are about.
CHARTS = {"performance-lookup-known.svg": KNOWN, "performance-lookup-unknown.svg": UNKNOWN}
WAY_WORDS = {
    FIND: "Durchwahl: with switchboards, names, graded",
    CORE: "bare query",
    LEVELS: "levels asked one after the other",
    SCAN: "last eight digits",
}
WHOLE = " *With its HTML* is what a browser waits for: log-in, rights, header and cards with it, without a network."
PART_WORDS = {
    "lookup": "who calls",
    "search": "the search",
    "lists": "the lists",
    "import": "the import",
    "beside": "notifications beside an import",
    "journal": "the journal",
    "removal": "persons told of and removed",
}


def charts(figures: dict[str, Any]) -> dict[str, str]:
    """File name → SVG."""
    if "lookup" not in figures:
        return {}
    sizes = figures["lookup"]["sizes"]
    return {name: chart.growth(sizes, caller, CALLER_WORDS[caller]) for name, caller in CHARTS.items()}


def part(figures: dict[str, Any]) -> str:
    """The whole part."""
    pieces = [_head(figures), _aims(figures)]
    pieces += [section for name, write in _SECTIONS.items() if name in figures for section in write(figures[name])]
    return "\n\n".join([*pieces, METHOD.read_text("utf-8").strip()])


def _head(figures: dict[str, Any]) -> str:
    rows = []
    for name in PARTS:
        if name in figures:
            made = figures[name]["made"]
            load = f"{made['load_before']} before, {made['load_after']} after"
            rows.append((PART_WORDS[name], made["commit"], made["date"], load, f"{made['minutes']}"))
    machine = next(figures[name]["made"] for name in PARTS if name in figures)
    packages = ", ".join(f"{name} {version}" for name, version in machine["packages"].items())
    return (
        "## With many addresses and calls\n\n"
        "Written by `make bench-large`; every single time is in [performance.json](performance.json). "
        f"Machine: {machine['cores']} × {machine['processor']}, {machine['memory_gib']} GiB, {machine['system']}; "
        f"Python {machine['python']}, {packages}.\n\n"
        f"{table(('Measured', 'Commit', 'Date', 'Load of the machine', 'Minutes'), rows, right=(4,))}\n\n"
        "The machine is shared: a load far above 0 says that others had the processor for most of the time, and every "
        "time in ms is longer by that. What is compared was measured in turns, so that the load meets all alike: the "
        "ratios say more than the times."
        f"{_missing(figures)}"
    )


def _missing(figures: dict[str, Any]) -> str:
    """What a whole run would have measured besides; '' where nothing lacks."""
    lacking = [PART_WORDS[name] for name in PARTS if name not in figures]
    for name in ("lookup", "search", "lists"):
        sizes = [number(size) for size in FULL.sizes if name in figures and str(size) not in figures[name]["sizes"]]
        if sizes:
            lacking.append(f"{PART_WORDS[name]} with {' and '.join(sizes)} addresses")
    whole_counts = (("import", FULL.import_rows, "rows"), ("journal", FULL.calls, "calls"))
    for name, whole, unit in (*whole_counts, ("removal", FULL.removal_calls, "calls")):
        if name in figures and figures[name][unit] < whole:
            lacking.append(f"{PART_WORDS[name]} with {number(whole)} {unit}")
    for name in PARTS:
        measured = _databases(figures[name]) if name in figures else set(DATABASES)
        lacking += [
            f"{PART_WORDS[name]} on {DATABASES[database]}" for database in DATABASES if database not in measured
        ]
    return f"\n\n**Not the whole run.** Not measured yet: {'; '.join(lacking)}." if lacking else ""


def _databases(part: dict[str, Any]) -> set[str]:
    """On which a part was measured, whatever its size."""
    return set(part["databases"] if "databases" in part else next(iter(part["sizes"].values())))


def _aims(figures: dict[str, Any]) -> str:
    rows = [(one["aim"], one["found"], "✓ met" if one["met"] else "✗ not met") for one in judge(figures)]
    return f"### What was aimed at\n\n{table(('Aim', 'Found', ''), rows)}"


def _lookup(found: dict[str, Any]) -> Iterator[str]:
    rows, used = [], []
    for size in sorted(found["sizes"], key=int):
        for database, callers in found["sizes"][size].items():
            for caller in CALLERS:
                ways = callers[caller]
                who = (number(int(size)), DATABASES[database], CALLER_WORDS[caller])
                times = [f"{_us(typical(ways[way]))} / {_us(percentile(every(ways[way]), 99))}" for way in lookup.WAYS]
                rows.append((*who, *times, f"{typical(ways[FIND]) / typical(ways[CORE]):.2f}"))
                spent = [_us(processor(ways[way])) for way in lookup.WAYS]
                used.append((*who, *spent, f"{processor(ways[FIND]) / processor(ways[CORE]):.2f}"))
    heads = (
        *("Addresses", "Database", "Caller", *(WAY_WORDS[way] for way in lookup.WAYS)),
        "Durchwahl in bare queries",
    )
    pictures = "\n\n".join(
        f"![Chart: finding {CALLER_WORDS[caller]}, by the number of addresses]({name})"
        for name, caller in CHARTS.items()
    )
    yield (
        "### Who calls\n\n"
        "Time / 99th percentile in µs, one caller after the other on an open connection, in a transaction: the median "
        "of a quiet round, which a quarter of all rounds remained below, and the percentile of all. Both axes of the "
        f"charts are logarithmic.\n\n{pictures}\n\n{table(heads, rows, right=(0, *range(3, 8)))}\n\n"
        "Processor time in µs for the same, in the program and in the database together, without what is waited for:"
        f"\n\n{table(heads, used, right=(0, *range(3, 8)))}"
    )


def _search(found: dict[str, Any]) -> Iterator[str]:
    rows = []
    for size in sorted(found["sizes"], key=int):
        for database, kinds in found["sizes"][size].items():
            for kind, times in kinds.items():
                least, all_times = quickest(times), [one for of_text in times for one in of_text]
                figures = (median(least), percentile(least, 95), max(least), percentile(all_times, 95))
                what = (number(int(size)), DATABASES[database], kind.replace("_", " "))
                rows.append((*what, *(f"{ms:.1f}" for ms in figures)))
    heads = ("Addresses", "Database", "Typed", "Median ms", "p95 ms", "Slowest ms", "p95 of all times, ms")
    yield (
        "### The search while somebody types\n\n"
        "By the function behind the pick lists, with names of contacts that fit; the texts are taken from addresses "
        "all over the book. Each is looked for several times, far apart; the quickest counts, and beside it stands "
        f"what all times come to. {_corrected(found)}\n\n{table(heads, rows, right=(0, *range(3, 7)))}"
    )


def _corrected(found: dict[str, Any]) -> str:
    """How many of the mistyped texts were corrected; '' for figures of before they were measured."""
    said = [
        f"{one['corrected']} of {one['mistyped']} among {number(int(size))} addresses"
        for size, one in sorted(found.get("corrected", {}).items(), key=lambda entry: int(entry[0]))
    ]
    if not said:
        return ""
    return (
        f"Of those with a slip, another spelling was offered for {', '.join(said)}: others found enough as they were."
    )


def _lists(found: dict[str, Any]) -> Iterator[str]:
    rows = []
    for size in sorted(found["sizes"], key=int):
        for database, by_name in found["sizes"][size].items():
            for name, depths in by_name.items():
                times = [f"{quiet(depths[depth]):.1f}" for depth in lists.DEPTHS]
                rows.append((number(int(size)), DATABASES[database], name.replace("_", " "), *times))
    heads = ("Addresses", "Database", "List", "First page, ms", "In the middle", "At 99 of 100")
    pages = table(heads, rows, right=(0, 3, 4, 5))
    yield f"### Pages of lists\n\nA page of {lists.PER_PAGE} rows: a quarter of all were quicker.\n\n{pages}"


def _import(found: dict[str, Any]) -> Iterator[str]:
    rows = []
    for database, measured in found["databases"].items():
        least = measured["bare"]
        mib = [value for _, value in measured["import"]["memory_mib"]]
        rows.append(
            (
                DATABASES[database],
                " and ".join(f"{run['read']:.1f} + {run['insert']:.1f}" for run in least),
                f"{measured['import']['seconds']:.1f}",
                f"{import_factor(measured):.2f}",
                f"{import_processor(measured):.2f}",
                f"{found['rows'] / measured['import']['seconds']:.0f}",
                f"{mib[0]:.0f} → {mib[len(mib) // 4]:.0f} → {mib[-1]:.0f} ({memory_rise(measured):+.1%})",
            )
        )
    heads = (
        *("Database", "Reading + storing bare, s", "Import, s", "Ratio", "in processor time", "Rows/s"),
        "Memory in MiB: begin → a quarter → end",
    )
    yield (
        "### Import\n\n"
        f"{number(found['rows'])} rows of CSV into an empty database. *Bare* is measured before the import and "
        "after it. The processor time is that of the program and of the database.\n\n"
        f"{table(heads, rows, right=range(1, 6))}"
    )


def _beside(found: dict[str, Any]) -> Iterator[str]:
    rows = []
    for database, measured in found["databases"].items():
        for when, words in ((beside.QUIET, "without an import"), (beside.DURING, "during an import")):
            times = measured[when]
            figures = (median(times), percentile(times, 95), percentile(times, 99), max(times))
            rows.append((DATABASES[database], words, str(len(times)), *(f"{one:.1f}" for one in figures)))
    paces = " and ".join(
        f"{measured['rows'] / measured['seconds']:.0f} rows per second on {DATABASES[database]}"
        for database, measured in found["databases"].items()
        if measured["seconds"]
    )
    heads = ("Database", "Notifications", "How many", "Median ms", "p95 ms", "p99 ms", "Slowest ms")
    yield (
        "### Notifications while addresses are imported\n\n"
        "Until the telephone system has its answer, one notification after the other, a tenth of a second between "
        "them, each of a new call of a stranger. The server runs as in production, the import in its own process, as "
        f"somebody starts it from the page; meanwhile it stored {paces}.\n\n"
        f"{table(heads, rows, right=range(2, 7))}"
    )


def _journal(found: dict[str, Any]) -> Iterator[str]:
    databases = found["databases"].values()
    is_whole = any("whole" in depths[depth] for filters in databases for depths in filters.values() for depth in depths)
    rows = []
    for database, filters in found["databases"].items():
        for name, depths in filters.items():
            for depth in journal.DEPTHS:
                cell = depths[depth]
                sql, bare = median(cell["sql"]), median(cell["bare"])
                times = [f"{bare:.2f}", f"{sql:.2f}", f"{sql / bare:.2f}", f"{percentile(cell['page'], 95):.1f}"]
                if is_whole:
                    times.append(f"{percentile(cell['whole'], 95):.1f}" if "whole" in cell else "")
                rows.append((DATABASES[database], name, depth, str(cell["entries"]), *times))
    heads = ["Database", "Filter", "Page", "Calls on it", "Bare walk, ms", "SQL, ms", "Ratio", "Page p95, ms"]
    if is_whole:
        heads.append("With its HTML p95, ms")
    yield (
        f"### The journal with {number(found['calls'])} calls\n\n"
        "*SQL* is the time of the statements that look for the calls, executed once more by the driver alone; *page* "
        "is the whole of what a page shows, without its HTML. The bare walk reads as many whole rows, unfiltered, from "
        "the same place on."
        f"{WHOLE if is_whole else ''}\n\n{table(heads, rows, right=range(3, len(heads)))}"
    )


def _removal(found: dict[str, Any]) -> Iterator[str]:
    rows, waits = [], []
    for database, measured in found["databases"].items():
        for calls, his in sorted(measured["persons"].items(), key=lambda pair: int(pair[0])):
            seconds = [f"{his[step]:.2f}" for step in removal.STEPS]
            writes = (f"{his['writes_ms'][0]:.0f}", f"{percentile(his['writes_ms'], 50):.0f}", str(his["writes"]))
            size = (f"{his['bytes'] / 1024:.0f}", f"{his['memory_mib']:.0f}")
            rows.append((DATABASES[database], number(int(calls)), *seconds, *size, *writes))
        beside_it = measured["beside"]
        for when, words in ((removal.QUIET, "nothing else"), *((step, f"the {step}") for step in removal.STEPS)):
            times = beside_it["waited"][when]
            if times:
                took = f"{beside_it['seconds'][when]:.1f}" if when in beside_it["seconds"] else ""
                figures = (median(times), percentile(times, 95), max(times))
                waits.append((DATABASES[database], words, took, str(len(times)), *(f"{one:.1f}" for one in figures)))
    heads = (
        *("Database", "Calls of the person", "Preview, s", "Export, s", "Removal, s", "File, KiB", "Memory, MiB more"),
        *("Longest write, ms", "Median of the longest hundred", "Writes"),
    )
    memory = "; ".join(
        f"{DATABASES[database]} {measured['beside']['server_mib'][0]} → {measured['beside']['server_mib'][1]} MiB"
        for database, measured in found["databases"].items()
    )
    yield (
        f"### Persons told of and removed among {number(found['addresses'])} addresses and {number(found['calls'])} "
        "calls\n\n"
        "A contact with a number of his own, each call with three reports and three raw notifications, with notes, "
        "orders to dial and call-backs. A *write* is a transaction from its first hold to its end, which on SQLite "
        f"keeps all others from writing.\n\n{table(heads, rows, right=range(1, len(heads)))}\n\n"
        "The server as in production, asked by a browser about the person with the most calls, while notifications "
        "come, a tenth of a second after each answer, each of a new call of a stranger: how long the telephone system "
        f"waits. Its memory: {memory}.\n\n"
        + table(
            ("Database", "Beside", "Lasts, s", "Notifications", "Median ms", "p95 ms", "Slowest ms"),
            waits,
            right=range(2, 7),
        )
    )


def _us(ms: float) -> str:
    return f"{ms * 1000:,.0f}".replace(",", " ")


_SECTIONS = {
    "lookup": _lookup,
    "search": _search,
    "lists": _lists,
    "import": _import,
    "beside": _beside,
    "journal": _journal,
    "removal": _removal,
}
