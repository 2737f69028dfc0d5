"""The part of docs/performance.md about load, written from the measured figures."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from benchmarks.aims import AUDIENCES, DATABASES
from benchmarks.load import chart, rules
from benchmarks.load.plan import FULL, INSTALLATIONS
from benchmarks.plan import ALL, TWO
from benchmarks.report import table
from benchmarks.results import BARE, DURCHWAHL

METHOD = Path(__file__).with_name("method.md")
VERDICTS = {True: "✓ met", False: "✗ not met", None: "– too short to tell"}
PIPELINES = {DURCHWAHL: "Durchwahl", BARE: "bare"}
#: Charts by the file's name: the audience whose climb they show, or the value of the soak.
CLIMBS = {"performance-load-two.svg": TWO, "performance-load-all.svg": ALL}
SOAKS = {"performance-soak-memory.svg": ("memory_kib", "Memory"), "performance-soak-files.svg": ("files", "Open files")}
STEPS = (1, 2, 5)


def words(name: str) -> str:
    """An installation in words, by its name."""
    one = next(one for one in INSTALLATIONS if one.name == name)
    instances = "one instance" if one.instances == 1 else f"{one.instances} instances"
    return f"{DATABASES[one.kind]}, {instances}, {one.connected} connected"


def _ordered(figures: Mapping[str, Any]) -> dict[str, Any]:
    return {one.name: figures[one.name] for one in INSTALLATIONS if one.name in figures}


def part(figures: Mapping[str, Any]) -> str:
    """The whole part."""
    ordered = _ordered(figures)
    pieces = [
        _head(ordered),
        _aims(ordered),
        _most(ordered),
        *_steps(ordered),
        _soak(ordered),
        METHOD.read_text("utf-8"),
    ]
    return "\n\n".join(piece.strip() for piece in pieces if piece)


def _head(figures: Mapping[str, Any]) -> str:
    stamps = [(words(name), found["made"]) for name, found in figures.items()]
    stamps += [(f"the soak of {words(name)}", found["soaked"]) for name, found in figures.items() if _is_apart(found)]
    rows = [
        (what, made["commit"], made["date"], f"{made['load_before']} before, {made['load_after']} after")
        for what, made in stamps
    ]
    machine = next(iter(figures.values()))["made"]
    lacking = [words(one.name) for one in INSTALLATIONS if one.name not in figures]
    lacking += [
        f"the soak of {words(one.name)}"
        for one in INSTALLATIONS
        if one.soaks and one.name in figures and "soak" not in figures[one.name]["pipelines"][DURCHWAHL]
    ]
    missing = f"\n\n**Not the whole run.** Not measured yet: {'; '.join(lacking)}." if lacking else ""
    return (
        "## Load\n\n"
        "Written by `make bench-load`; the figures are in [performance-load.json](performance-load.json). "
        f"Machine: {machine['cores']} × {machine['processor']}, {machine['memory_gib']} GiB, {machine['system']}; "
        "servers, database and the measuring program share it.\n\n"
        f"{table(('Measured', 'Commit', 'Date', 'Load of the machine'), rows)}{missing}"
    )


def _is_apart(found: Mapping[str, Any]) -> bool:
    """Whether the soak was measured in another run than the climbs."""
    return "soaked" in found and found["soaked"] != found["made"]


def aims(figures: Mapping[str, Any]) -> list[dict[str, Any]]:
    """Each aim for each installation: ``aim``, ``found`` (words) and ``met``, None where it cannot be told."""
    return [verdict for name, found in _ordered(figures).items() for verdict in _judge(words(name), found)]


def _judge(name: str, found: Mapping[str, Any]) -> Iterator[dict[str, Any]]:
    ours = found["pipelines"][DURCHWAHL]
    steps = [step for climb in ours["climbs"].values() for step in climb]
    for audience, steps_to in ours["climbs"].items():
        most = rules.held(steps_to)
        yield {
            "aim": f"{name}, {AUDIENCES[audience]}: {FULL.first_rate:g} webhooks/s, p99 at most 1 s",
            "found": f"{most['offered']:g}/s" if most else "no rate held",
            "met": bool(most and most["offered"] >= FULL.first_rate),
        }
    soak = ours.get("soak")
    lost = sum(step["lost"] for step in steps) + (soak["lost"] if soak else 0)
    yield {"aim": f"{name}: no message of an accepted notification lost", "found": f"{lost} lost", "met": lost == 0}
    if soak:
        grown = rules.growth(soak["looks"], soak["seconds"])
        levels = [one["level"] for one in grown.values()]
        yield {
            "aim": (
                f"{name}: memory and open files of each process level in a soak, at most "
                f"{rules.MEMORY_KIB_PER_MINUTE:g} KiB and {rules.FILES_PER_MINUTE:g} files a minute"
            ),
            "found": "; ".join(
                f"{process} {_signed(one['memory_kib'])} KiB, {_signed(one['files'])}" for process, one in grown.items()
            )
            or "no looks",
            "met": None if None in levels or not levels else all(levels),
        }


def _signed(value: float | None) -> str:
    return "–" if value is None else f"{value:+.1f}"


def _aims(figures: Mapping[str, Any]) -> str:
    rows = [(one["aim"], one["found"], VERDICTS[one["met"]]) for one in aims(figures)]
    return f"### Aims under load\n\n{table(('Aim', 'Found', ''), rows)}"


def _climbs(figures: Mapping[str, Any]) -> Iterator[tuple[str, str, str, list[dict[str, Any]]]]:
    """Installation, audience, pipeline and the steps in the order of their rates."""
    for name, found in figures.items():
        for audience in AUDIENCES:
            for pipeline in PIPELINES:
                steps = found["pipelines"][pipeline]["climbs"].get(audience)
                if steps:
                    yield name, audience, pipeline, sorted(steps, key=lambda step: float(step["offered"]))


def _most(figures: Mapping[str, Any]) -> str:
    rows = []
    for name, audience, pipeline, steps in _climbs(figures):
        most = rules.held(steps)
        over = next((step for step in steps if rules.saturation(step)), None)
        end = f"{over['offered']:g}/s: {'; '.join(rules.saturation(over))}" if over else "not reached"
        who = (words(name), AUDIENCES[audience], PIPELINES[pipeline])
        if most is None:
            rows.append((*who, "none", *("–",) * 5, end))
            continue
        rows.append(
            (
                *who,
                f"{most['offered']:g}",
                _times(most["answered_ms"]),
                _times(most["delivered_ms"]),
                f"{most['messages_per_second']:.0f}",
                f"{most['server_cpu_ms']:.1f}",
                _cores(most),
                end,
            )
        )
    heads = (
        *("Installation", "", "", "Webhooks/s", "Answer p50 / p95 / p99", "On the screen", "Messages/s", "CPU"),
        *("Cores: server, measuring, all", "Saturated at"),
    )
    pictures = "\n\n".join(
        f"![Chart: the way to the screen, by webhooks per second, {AUDIENCES[audience]}]({name})"
        for name, audience in CLIMBS.items()
        if name in charts(figures)
    )
    return (
        "### The most that each stood\n\n"
        "The highest rate that held: at least 95% answered in time, the 99th percentile of the answer and of the way "
        "to the screen at most 1 s, nothing refused and nothing lost. Times in ms; the way to the screen ends when "
        "the last browser concerned has the message. *CPU* is the servers' processor time for a webhook, in ms; "
        "⚠ marks a step in which the measuring program was the limit.\n\n"
        f"{pictures}\n\n{table(heads, rows, right=(3, 6, 7))}"
    )


def _times(found: Mapping[str, float] | None) -> str:
    return " / ".join(f"{found[name]:.0f}" for name in ("p50", "p95", "p99")) if found else "–"


def _cores(step: Mapping[str, Any]) -> str:
    mark = " ⚠" if rules.is_driver_full(step) else ""
    return f"{step['server_cores']:.2f}, {step['driver_cores']:.2f}, {step['machine_cores']:.2f}{mark}"


def _steps(figures: Mapping[str, Any]) -> Iterator[str]:
    heads = (
        *("", "", "Offered/s", "Answered/s", "Answer p50 / p95 / p99", "On the screen", "Messages/s", "Lost", "CPU"),
        *("Cores: server, measuring, all", "Memory MiB", "Open files", ""),
    )
    for name in figures:
        rows = []
        for pipeline in PIPELINES:
            found = figures[name]["pipelines"][pipeline]
            for when, processes in (("at the start", found["begin"]), ("all connected", found["connected"])):
                rows.append((PIPELINES[pipeline], when, *("",) * 8, *_processes(processes), ""))
        for _, audience, pipeline, steps in _climbs({name: figures[name]}):
            for step in steps:
                rows.append(
                    (
                        PIPELINES[pipeline],
                        AUDIENCES[audience],
                        f"{step['offered']:g}",
                        f"{step['achieved']:g}",
                        _times(step["answered_ms"]),
                        _times(step["delivered_ms"]),
                        f"{step['messages_per_second']:.0f}",
                        str(step["lost"]),
                        f"{step['server_cpu_ms']:.1f}",
                        _cores(step),
                        *_processes(step["processes"]),
                        "; ".join(rules.saturation(step)) or "held",
                    )
                )
        yield f"### Step by step: {words(name)}\n\n{table(heads, rows, right=(2, 3, 6, 7, 8))}"


def _processes(processes: Mapping[str, Mapping[str, int]]) -> tuple[str, str]:
    memory = " + ".join(f"{one['memory_kib'] / 1024:.0f}" for one in processes.values())
    return memory, " + ".join(str(one["files"]) for one in processes.values())


def _soak(figures: Mapping[str, Any]) -> str:
    rows = []
    for name, found in figures.items():
        for pipeline in PIPELINES:
            soak = found["pipelines"][pipeline].get("soak")
            for process, one in rules.growth(soak["looks"], soak["seconds"]).items() if soak else ():
                first, last = (soak["looks"][place]["processes"][process] for place in (0, -1))
                rows.append(
                    (
                        words(name),
                        f"{PIPELINES[pipeline]}, {process}",
                        f"{soak['seconds'] / 60:.1f}",
                        f"{(soak['concerned']['sent'] + soak['all']['sent']) / soak['seconds']:.1f}",
                        f"{first['memory_kib'] / 1024:.1f} → {last['memory_kib'] / 1024:.1f}",
                        _signed(one["memory_kib"]),
                        f"{first['files']} → {last['files']}",
                        _signed(one["files"]),
                        {True: "level", False: "**grows**", None: "too short to tell"}[one["level"]],
                        _times(soak["concerned"]["delivered_ms"]),
                        str(soak["lost"]),
                    )
                )
    if not rows:
        return ""
    heads = (
        *(
            "Installation",
            "Process",
            "Minutes",
            "Webhooks/s",
            "Memory MiB",
            "KiB a minute",
            "Open files",
            "a minute",
            "",
        ),
        *("On the screen p50 / p95 / p99, ms", "Lost"),
    )
    pictures = "\n\n".join(f"![Chart: {what.lower()} during the soak]({name})" for name, (_, what) in SOAKS.items())
    return (
        "### Soak\n\n"
        "A steady load for a long time, on both pipelines at once, while browsers come and go. Growth is counted after "
        f"the first {rules.WARM_UP_SECONDS / 60:g} minutes (a third of a shorter soak), as the median of the slopes "
        f"between any two looks; up to {rules.MEMORY_KIB_PER_MINUTE:g} KiB and {rules.FILES_PER_MINUTE:g} files a "
        f"minute count as level.\n\n{pictures}\n\n{table(heads, rows, right=(2, 3, 5, 7, 10))}"
    )


def charts(figures: Mapping[str, Any]) -> dict[str, str]:
    """File name → SVG, of what there is to be shown."""
    ordered = _ordered(figures)
    pictures = {name: _chart_of_climbs(ordered, audience) for name, audience in CLIMBS.items()}
    pictures |= {name: _chart_of_soaks(ordered, value, what) for name, (value, what) in SOAKS.items()}
    return {name: picture for name, picture in pictures.items() if picture}


def _chart_of_climbs(figures: Mapping[str, Any], audience: str) -> str:
    panels: dict[str, dict[str, list[tuple[float, float]]]] = {}
    for name, to, pipeline, steps in _climbs(figures):
        points = [(step["offered"], step["delivered_ms"]["p99"]) for step in steps if step["delivered_ms"]]
        if to == audience and points:
            panels.setdefault(words(name), {})[pipeline] = points
    every = [point for lines in panels.values() for line in lines.values() for point in line]
    if not every:
        return ""
    x = chart.logarithmic([at for at, _ in every], "webhooks/s", STEPS)
    y = chart.logarithmic([value for _, value in every], "ms")
    return chart.chart(f"The way to the screen (p99), {AUDIENCES[audience]}", panels, x, y)


def _chart_of_soaks(figures: Mapping[str, Any], value: str, what: str) -> str:
    """All processes of a pipeline together; memory in MiB."""
    scale, unit = (1024, "MiB") if value == "memory_kib" else (1, "")
    panels: dict[str, dict[str, list[tuple[float, float]]]] = {}
    for name, found in figures.items():
        for pipeline in PIPELINES:
            if soak := found["pipelines"][pipeline].get("soak"):
                panels.setdefault(words(name), {})[pipeline] = [
                    (look["at"] / 60, sum(one[value] for one in look["processes"].values()) / scale)
                    for look in soak["looks"]
                ]
    every = [point for lines in panels.values() for line in lines.values() for point in line]
    if not every:
        return ""
    x, y = chart.linear([at for at, _ in every], "minutes"), chart.linear([amount for _, amount in every], unit)
    return chart.chart(f"{what} during the soak", panels, x, y)
