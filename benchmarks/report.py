"""The part of docs/performance.md about the way of a call, written from the measured figures."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import asdict
from pathlib import Path
from typing import Any

from benchmarks.aims import DATABASES, FACTOR, NOISE, ratio
from benchmarks.lookup import CALLERS, CORE, CORE_STEMS, DRIVER, FIND, KNOWN, SWITCHBOARD, UNKNOWN
from benchmarks.plan import ALL, FEW, SINGLY, TWO, Plan
from benchmarks.results import BARE, DURCHWAHL, cpu_ms_of, kib_per_user, missing_in, summary_of
from benchmarks.summary import Summary, summarise

#: How it is measured, in words.
METHOD = Path(__file__).with_name("method.md")
CALLER_WORDS = {
    KNOWN: "his number is stored",
    SWITCHBOARD: "his company's switchboard is stored",
    UNKNOWN: "unknown",
}
WAY_WORDS = {
    DRIVER: "bare driver, equality",
    CORE: "SQLAlchemy Core, equality",
    CORE_STEMS: "SQLAlchemy Core, with switchboards",
    FIND: "`find_by_number`: with names, graded",
}


def plain(plan: Plan) -> dict[str, Any]:
    """The plan as JSON can hold it."""
    return asdict(plan)


def page(result: dict[str, Any]) -> str:
    """The whole part."""
    databases = result["databases"]
    parts = [
        _head(result),
        _aims(result["aims"]),
        *(_delivery(DATABASES[name], measured) for name, measured in databases.items()),
        _floods(databases, result["plan"]["flood_level"]),
        _memory(databases),
        _lookups(databases, result["plan"]["addresses"]),
        *_decisions(databases, result["plan"]),
        _method(result["plan"]),
    ]
    return "\n\n".join(parts) + "\n"


def _head(result: dict[str, Any]) -> str:
    m = result["machine"]
    packages = ", ".join(f"{name} {number}" for name, number in m["packages"].items())
    rows = [
        ("Commit", m["commit"]),
        ("Date", m["date"]),
        ("Machine", f"{m['cores']} × {m['processor']}, {m['memory_gib']} GiB, {m['system']}"),
        ("Versions", f"Python {m['python']}, {packages}"),
        ("Disk", f"{m['disk_sync_ms']} ms to write a page and have it on disk (median)"),
        ("Load", f"{m['load_before']} before, {m['load_after']} after; the run took {m['minutes']} minutes"),
    ]
    return (
        "Written by `make bench`; every single time is in [performance.json](performance.json).\n\n"
        f"{table(('', ''), rows)}\n\n"
        "The machine is shared and noisy, and servers, databases and the measuring program share its cores. Compare "
        "the columns of one run with each other, not the figures of different runs. Another machine gives other "
        "figures; `make bench` tells yours."
    )


def _aims(aims: list[dict[str, Any]]) -> str:
    rows = [(aim["aim"], aim["found"], "✓ met" if aim["met"] else "✗ not met") for aim in aims]
    return (
        f"## Aims\n\n{table(('Aim', 'Found', ''), rows)}\n\n"
        f"\u201cNot slower\u201d allows {NOISE:.0%}: by so much the medians of two runs of the same thing differ here. "
        f"The run with {FEW} users is made twice, before and after the one with the most, and counted as one."
    )


def _delivery(database: str, measured: dict[str, Any]) -> str:
    intro = (
        f"## From webhook to browser: {database}\n\n"
        "Times in ms, from before the telephone system opens its connection until the last browser concerned has the "
        "message. *Bare* is the least that could do it (see below), *ratio* Durchwahl's median in bare medians. "
        "*CPU* is the server's processor time for one notification; other work on the machine disturbs it less."
    )
    parts = [intro]
    for audience, title in ((TWO, "Calls that concern two users"), (ALL, "Calls that concern all connected users")):
        rows = [
            (str(cell["connected"]), cell["pace"], *_beside(cell))
            for cell in measured["cells"]
            if cell["audience"] == audience
        ]
        heads = (
            *("Connected", "Pace", "Bare median", "p99", "Durchwahl min", "median", "p99", "n", "Ratio"),
            *("Bare CPU", "Durchwahl CPU"),
        )
        if rows:
            parts.append(f"**{title}**\n\n{table(heads, sorted(rows, key=_by_level), right=(0, *range(2, 11)))}")
    return "\n\n".join(parts)


def _by_level(row: Sequence[str]) -> tuple[bool, int]:
    return row[1] != SINGLY, int(row[0])


def _beside(cell: dict[str, Any]) -> tuple[str, ...]:
    bare, ours = summary_of(cell[BARE]), summary_of(cell[DURCHWAHL])
    missing = missing_in(cell[DURCHWAHL])
    count = f"{ours.n if ours else 0}" + (f" ({missing} missing)" if missing else "")
    factor = ratio(cell)
    return (
        _ms(bare, "median"),
        _ms(bare, "p99"),
        _ms(ours, "min"),
        _ms(ours, "median"),
        _ms(ours, "p99"),
        count,
        f"{factor:.2f}" if factor is not None else "–",
        *(f"{cpu:.1f}" if cpu is not None else "–" for cpu in map(cpu_ms_of, (cell[BARE], cell[DURCHWAHL]))),
    )


def _floods(databases: dict[str, Any], level: int) -> str:
    intro = (
        "## Webhooks per second\n\n"
        "So many senders post, each again as soon as it is answered; every notification is a new call of a known "
        f"caller that concerns two of {level} connected users. The server has reached its limit where more senders "
        "bring no more."
    )
    parts = [intro]
    for name, measured in databases.items():
        rows = []
        for senders in sorted({flood["senders"] for flood in measured["floods"]}):
            by = {flood["pipeline"]: flood for flood in measured["floods"] if flood["senders"] == senders}
            ours = by[DURCHWAHL]
            arrived = summary_of(ours)
            rows.append(
                (
                    str(senders),
                    f"{by[BARE]['per_second']:.0f}",
                    f"{ours['per_second']:.0f}",
                    _ms(summarise(ours["answered_ms"]), "median"),
                    _ms(arrived, "median"),
                    _ms(arrived, "p99"),
                    str(missing_in(ours)),
                    f"{ours['server_cores']:.2f}",
                    f"{ours['client_cores']:.2f}",
                )
            )
        heads = (
            *("Senders", "Bare /s", "Durchwahl /s", "Answered, median ms", "Arrived, median ms", "p99"),
            *("Missing", "Cores: server", "measuring"),
        )
        best = {
            pipeline: max(flood["per_second"] for flood in measured["floods"] if flood["pipeline"] == pipeline)
            for pipeline in (BARE, DURCHWAHL)
        }
        parts.append(
            f"**{DATABASES[name]}**: at most {best[DURCHWAHL]:.0f} webhooks/s (bare pipeline {best[BARE]:.0f})\n\n"
            f"{table(heads, rows, right=range(9))}"
        )
    return "\n\n".join(parts)


def _memory(databases: dict[str, Any]) -> str:
    rows = []
    for name, measured in databases.items():
        for pipeline in (BARE, DURCHWAHL):
            memory, seconds = measured["memory_kib"][pipeline], measured["connect_seconds"][pipeline]
            levels = sorted(map(int, memory))
            each = kib_per_user(memory)
            rows.append(
                (
                    DATABASES[name],
                    "Durchwahl" if pipeline == DURCHWAHL else "bare",
                    f"{memory[str(levels[0])] / 1024:.0f} MiB",
                    f"{levels[-1]}: {memory[str(levels[-1])] / 1024:.0f} MiB",
                    f"{each:.0f} KiB" if each is not None else "–",
                    f"{(levels[-1] - levels[-2]) / seconds[str(levels[-1])]:.0f}/s" if len(levels) > 1 else "–",
                )
            )
    heads = ("Database", "", "1 connected", "Most connected", "Each user", "Log-ins connected")
    return (
        "## Memory per connected user\n\n"
        "Resident memory of the server's worker. On SQLite every browser has threads of its own, on PostgreSQL "
        "greenlets. The last column tells how quickly browsers come back after a restart.\n\n"
        f"{table(heads, rows, right=(2, 3, 4, 5))}"
    )


def _lookups(databases: dict[str, Any], addresses: int) -> str:
    intro = (
        f"## Look-up among {_thousands(addresses)} addresses\n\n"
        "One after the other on an open connection, while no server runs. Times in µs: median / 99th percentile. The "
        "way of a call uses the last column: one query that finds stored numbers and switchboards in front of the "
        "caller's, with the names of address and contact."
    )
    rows = [
        (
            DATABASES[name],
            CALLER_WORDS[caller],
            *(_us(measured["lookup"][caller][way]) for way in (DRIVER, CORE, CORE_STEMS, FIND)),
        )
        for name, measured in databases.items()
        for caller in CALLERS
    ]
    heads = ("Database", "Caller", *(WAY_WORDS[way] for way in (DRIVER, CORE, CORE_STEMS, FIND)))
    return f"{intro}\n\n{table(heads, rows, right=(2, 3, 4, 5))}"


def _decisions(databases: dict[str, Any], plan: dict[str, Any]) -> list[str]:
    measured = {name: found["deciding"] for name, found in databases.items() if "deciding" in found}
    if not measured:
        return []
    rows = [
        (
            DATABASES[name],
            words,
            str(len(found[key])),
            _ms(summarise(found[key]), "median"),
            _ms(summarise(found[key]), "p99"),
        )
        for name, found in measured.items()
        for key, words in (("plain_ms", "plain notification"), ("decided_ms", "decided by the last rule"))
    ]
    intro = (
        "## Deciding about a call\n\n"
        f"Incoming calls of known callers among {_thousands(plan['addresses'])} addresses, {plan['rules']} rules and "
        f"{_thousands(plan['blocked'])} blocked numbers, one after the other, in turns on two lines: on one of them no "
        "rule holds. Times in ms until the telephone system has its answer."
    )
    heads = ("Database", "", "n", "Median", "p99")
    return [f"{intro}\n\n{table(heads, rows, right=(2, 3, 4))}"]


def _method(plan: dict[str, Any]) -> str:
    return (
        METHOD.read_text("utf-8")
        .strip()
        .format(
            addresses=_thousands(plan["addresses"]), users=max(plan["levels"]), rounds=plan["rounds"], factor=FACTOR
        )
    )


def _thousands(number: int) -> str:
    return f"{number:,}".replace(",", " ")


def _ms(summary: Summary | None, name: str) -> str:
    return f"{getattr(summary, name):.2f}" if summary else "–"


def _us(summary: dict[str, float] | None) -> str:
    return f"{summary['median']:.0f} / {summary['p99']:.0f}" if summary else "–"


def table(heads: Sequence[str], rows: Iterable[Sequence[str]], right: Iterable[int] = ()) -> str:
    """A table in Markdown; the columns ``right`` hold figures."""
    aligned = set(right)
    rule = ["---:" if column in aligned else "---" for column in range(len(heads))]
    return "\n".join("| " + " | ".join(row) + " |" for row in (heads, rule, *rows))
