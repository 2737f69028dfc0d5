"""Measures the way of a call and writes docs/performance.md and docs/performance.json.

python -m benchmarks                        the full run, some 8 minutes; nothing else should run meanwhile
python -m benchmarks --quick                a smaller one within a minute, only shown
python -m benchmarks --quick --output DIR   written into a folder
"""

from __future__ import annotations

import argparse
import asyncio
import json
import os
import sys
from pathlib import Path
from typing import Any

from benchmarks import aims, deciding, machine, report, sections
from benchmarks.callers import WEBHOOK, known_callers
from benchmarks.databases import databases, warm
from benchmarks.delivery import Pipeline
from benchmarks.listening import Desk
from benchmarks.plan import FULL, QUICK, Plan
from benchmarks.posting import poster
from benchmarks.progress import say, seconds
from benchmarks.results import BARE, DURCHWAHL, as_raw
from benchmarks.servers import BenchmarkFailed, Server, allow_many_sockets, environment, gunicorn, run_program
from benchmarks.stand import Delivery, Stand, measure
from benchmarks.wire import WireError, upgrade_request
from tests.services import ServerDidNotStart, free_port

ROOT = Path(__file__).resolve().parent.parent
#: Load (of the last minute) above which a measurement is disturbed by others.
BUSY = 0.5


def main() -> int:
    parser = argparse.ArgumentParser(prog="python -m benchmarks", description="Measures the way of a call.")
    parser.add_argument("--quick", action="store_true", help="a small run within a minute; says little")
    parser.add_argument("--output", type=Path, help="folder to write to; default: docs, with --quick none")
    parser.add_argument("--database", choices=("sqlite", "postgresql"), help="measure on this one only")
    options = parser.parse_args()
    plan = QUICK if options.quick else FULL
    try:
        result = run(plan, [options.database] if options.database else ["sqlite", "postgresql"])
    except (BenchmarkFailed, ServerDidNotStart, WireError, TimeoutError) as error:
        print(f"The measurement failed: {str(error) or type(error).__name__}", file=sys.stderr)
        return 1
    page = report.page(result)
    folder = options.output or (None if options.quick else ROOT / "docs")
    if folder is None:
        print(page)
    else:
        folder.mkdir(parents=True, exist_ok=True)
        large = {name: value for name, value in sections.read_figures(folder).items() if name == sections.LARGE}
        sections.write_figures(folder, {**result, **large})
        sections.write_page(folder, sections.BENCH, page)
        say(f"wrote {sections.PAGE} and {sections.FIGURES}")
    for aim in result["aims"]:
        say(f"{'met    ' if aim['met'] else 'NOT MET'} {aim['aim']}: {aim['found']}")
    return 0


def run(plan: Plan, kinds: list[str]) -> dict[str, Any]:
    """Measure on these databases; returns all that the page and the raw figures are written from."""
    allow_many_sockets()
    result: dict[str, Any] = {"machine": machine.describe(), "plan": report.plain(plan), "databases": {}}
    if result["machine"]["load_before"] > BUSY:
        say(f"others are using this machine (load {result['machine']['load_before']}): the figures will say little")
    for kind in kinds:
        say(f"{kind}: filling the databases")
        with databases(kind) as (folder, urls):
            result["databases"][kind] = _measure_database(plan, folder, urls)
    result["machine"]["load_after"] = round(os.getloadavg()[0], 2)
    result["machine"]["minutes"] = round(seconds() / 60, 1)
    result["aims"] = aims.judge(result["databases"])
    return result


def _measure_database(plan: Plan, folder: Path, urls: dict[str, str]) -> dict[str, Any]:
    env = {name: environment(folder, url) for name, url in urls.items()}
    sizes = [str(number) for number in (plan.addresses, max(plan.levels), *plan.levels_to_all)]
    cookies = json.loads(run_program(["-m", "benchmarks.population", "durchwahl", *sizes], env[DURCHWAHL]))
    run_program(["-m", "benchmarks.population", "bare", str(plan.addresses)], env[BARE])
    warm(folder)
    say("looking up")
    looked_up = ["-m", "benchmarks.lookup", str(plan.addresses), str(plan.lookups)]
    lookups = json.loads(run_program(looked_up, env[DURCHWAHL]))
    for one in env.values():
        one["PORT"] = str(free_port())
    with (
        gunicorn("gunicorn.conf.py", "wsgi:app", env[DURCHWAHL], "/login") as durchwahl,
        gunicorn("benchmarks/bare_gunicorn.py", "benchmarks.bare_wsgi:app", env[BARE], "/") as bare,
    ):
        delivery = asyncio.run(_deliver(plan, durchwahl, bare, cookies))
        say("deciding about calls")
        run_program(["-m", "benchmarks.deciding", str(plan.rules), str(plan.blocked)], env[DURCHWAHL])
        decided = asyncio.run(_decide(plan, durchwahl))
    return {**as_raw(delivery), "lookup": lookups, "deciding": decided}


async def _deliver(plan: Plan, durchwahl: Server, bare: Server, cookies: list[str]) -> Delivery:
    def connect_to_durchwahl(user: int) -> bytes:
        return upgrade_request(durchwahl.port, {"Cookie": f"durchwahl={cookies[user - 1]}"})

    def connect_to_bare(user: int) -> bytes:
        return upgrade_request(bare.port, {}, f"&user={user}")

    stands = [
        Stand(_pipeline(BARE, bare, "/webhook", plan), bare, connect_to_bare),
        Stand(_pipeline(DURCHWAHL, durchwahl, WEBHOOK, plan), durchwahl, connect_to_durchwahl),
    ]
    return await measure(stands, plan, say)


async def _decide(plan: Plan, durchwahl: Server) -> dict[str, Any]:
    port = durchwahl.port
    return await deciding.measure(poster(port), port, WEBHOOK, known_callers(plan.addresses), plan.decisions)


def _pipeline(name: str, server: Server, target: str, plan: Plan) -> Pipeline:
    return Pipeline(name, server.port, target, poster(server.port), Desk(), known_callers(plan.addresses))


if __name__ == "__main__":
    sys.exit(main())
