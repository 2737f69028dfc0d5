"""How long it takes to find a caller among all numbers, from the bare driver up to what the way of a call uses.

    python -m benchmarks.lookup ADDRESSES COUNT    # prints JSON: caller → way → summary in µs

A program of its own, run while no server is: nothing else uses the database.
"""

from __future__ import annotations

import json
import sys
import time
from collections.abc import Callable, Iterator
from dataclasses import asdict
from itertools import islice
from typing import Any, cast

from flask import Flask
from sqlalchemy import Table, or_, select

from app import create_app
from app.core.phones import prefixes_for_switchboard
from app.modules.addresses.api import find_by_number
from app.modules.addresses.models import PhoneNumber
from benchmarks.callers import callers_behind_switchboards, known_callers, unknown_callers
from benchmarks.summary import summarise
from config import Config

WARM_UP = 50
NUMBER = cast(Table, PhoneNumber.__table__)
Way = Callable[[str], object]

DRIVER, CORE, CORE_STEMS, FIND = "driver", "core", "core_stems", "find_by_number"
WAYS = (DRIVER, CORE, CORE_STEMS, FIND)
KNOWN, SWITCHBOARD, UNKNOWN = "known", "switchboard", "unknown"
CALLERS = (KNOWN, SWITCHBOARD, UNKNOWN)


def measure(app: Flask, addresses: int, count: int) -> dict[str, dict[str, Any]]:
    """Every kind of caller by every way, ``count`` callers each, one after the other on one open connection."""
    database = app.extensions["durchwahl"].database
    callers = {
        KNOWN: known_callers(addresses, seed=7),
        SWITCHBOARD: callers_behind_switchboards(addresses),
        UNKNOWN: unknown_callers(),
    }
    found: dict[str, dict[str, Any]] = {kind: {} for kind in CALLERS}
    with app.app_context(), database.reading() as session:
        connection = session.connection()
        mark = "?" if database.is_sqlite else "%s"
        cursor = connection.connection.cursor()
        columns = (NUMBER.c.address_id, NUMBER.c.contact_id, NUMBER.c.label)

        def by_driver(number: str) -> object:
            cursor.execute(f"SELECT address_id, contact_id, label FROM addresses_number WHERE e164 = {mark}", (number,))
            return cursor.fetchall()

        def by_core(number: str) -> object:
            return connection.execute(select(*columns).where(NUMBER.c.e164 == number)).all()

        def by_core_with_stems(number: str) -> object:
            stems = prefixes_for_switchboard(number)
            condition = or_(NUMBER.c.e164 == number, NUMBER.c.stem.in_(stems))
            return connection.execute(select(*columns).where(condition)).all()

        def by_api(number: str) -> object:
            return find_by_number(session, number)

        ways: dict[str, Way] = {DRIVER: by_driver, CORE: by_core, CORE_STEMS: by_core_with_stems, FIND: by_api}
        for kind, numbers in callers.items():
            for way, look_up in ways.items():
                times = list(islice(_times(look_up, numbers), WARM_UP + count))[WARM_UP:]
                summary = summarise(times)
                found[kind][way] = asdict(summary) if summary else None
    return found


def _times(look_up: Way, numbers: Iterator[str]) -> Iterator[float]:
    """Durations in µs, a new caller each time."""
    for number in numbers:
        start = time.perf_counter()
        look_up(number)
        yield (time.perf_counter() - start) * 1e6


def main(arguments: list[str]) -> None:
    addresses, count = map(int, arguments)
    print(json.dumps(measure(create_app(Config.from_env()), addresses, count)))


if __name__ == "__main__":
    main(sys.argv[1:])
