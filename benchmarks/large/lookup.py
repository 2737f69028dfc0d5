"""How long it takes to find a caller, beside the bare query and beside the ways of others, on the same numbers."""

from __future__ import annotations

import random
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager
from itertools import islice
from typing import Any

from sqlalchemy import Column, Connection, Integer, MetaData, String, Table, bindparam, func, select, text

from app.modules.addresses.api import find_by_number
from benchmarks.large.numbers import strangers
from benchmarks.large.plan import Plan
from benchmarks.large.rows import ADDRESS, NUMBER
from benchmarks.large.subjects import Subject, times_of

FIND, CORE, LEVELS, SCAN = WAYS = ("find_by_number", "core", "levels", "last_eight")
KNOWN, BEHIND, UNKNOWN = CALLERS = ("known", "switchboard", "unknown")
WARM_UP = 20
KNOWN_LEVEL, MAYBE_LEVEL = "known", "maybe"
#: What others keep beside their numbers; made for the measurement only.
_THEIRS = MetaData()
DIGITS = Table("bench_digits", _THEIRS, Column("address_id", Integer), Column("digits", String(20)))
CALLER_IDS = Table(
    "bench_caller_id",
    _THEIRS,
    Column("id", Integer, primary_key=True),
    Column("caller_id", String(20), index=True),
    Column("level", String(10)),
    Column("address_id", Integer),
)
Way = Callable[[str], object]


def prepare(subject: Subject) -> None:
    """The tables of the other ways: digits alone, and caller ids with their level, one in twenty a *maybe*."""
    engine = subject.database.engine
    with engine.begin() as connection:
        _THEIRS.create_all(connection)
        read = f"FROM {NUMBER.name} WHERE e164 IS NOT NULL"
        connection.execute(
            text(f"INSERT INTO bench_digits (address_id, digits) SELECT address_id, substr(e164, 2) {read}")
        )
        connection.execute(
            text(
                "INSERT INTO bench_caller_id (id, caller_id, level, address_id) SELECT id, substr(e164, 2),"
                f" CASE WHEN id % 20 = 0 THEN '{MAYBE_LEVEL}' ELSE '{KNOWN_LEVEL}' END, address_id {read}"
            )
        )
    if not subject.database.is_sqlite:
        with engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
            connection.execute(text("VACUUM ANALYZE"))


def callers_of(subject: Subject, count: int, seed: int = 7) -> dict[str, list[str]]:
    """So many callers of each kind, from all over the table: stored, behind a switchboard, and nobody's."""
    with subject.database.engine.connect() as connection:
        known = _some(connection, NUMBER.c.e164, NUMBER.c.stem.is_(None), count, seed)
        stems = _some(connection, NUMBER.c.stem, NUMBER.c.stem.is_not(None), count, seed)
    return {
        KNOWN: known,
        # No Durchwahl of the generator begins with 0.
        BEHIND: [f"{stem}01" for stem in stems],
        UNKNOWN: list(islice(strangers(seed), count)),
    }


def _some(connection: Connection, column: Any, condition: Any, count: int, seed: int) -> list[str]:
    last = connection.execute(select(func.max(NUMBER.c.id))).scalar_one()
    chance = random.Random(seed)
    found: list[str] = []
    while len(found) < count:
        some = [chance.randint(1, last) for _ in range(400)]
        rows = select(column).where(NUMBER.c.id.in_(some), condition).order_by(NUMBER.c.id % 97, NUMBER.c.id)
        found += connection.execute(rows).scalars()
    return found[:count]


def measure(books: Mapping[int, Sequence[Subject]], plan: Plan) -> dict[str, Any]:
    """Addresses → database → caller → way → times in ms, ``books`` by their number of addresses.

    Sizes, databases and ways take turns, so that a disturbance meets all.
    """
    callers = {size: callers_of(both[0], plan.lookups * plan.rounds + WARM_UP) for size, both in books.items()}
    found: dict[str, Any] = {
        str(size): {subject.kind: {caller: {way: [] for way in WAYS} for caller in CALLERS} for subject in both}
        for size, both in books.items()
    }
    with ExitStack() as stack:
        opened = [
            (size, subject, stack.enter_context(_ways(subject))) for size, both in books.items() for subject in both
        ]
        for round_ in range(-1, plan.rounds):
            # The first round warms up, and is not counted.
            start, lookups = (WARM_UP + round_ * plan.lookups, plan.lookups) if round_ >= 0 else (0, WARM_UP)
            for caller in CALLERS:
                for size, subject, ways in opened:
                    for way, look_up in ways.items():
                        count = plan.scans if way == SCAN else lookups
                        with subject.app.app_context():
                            times = times_of(look_up, callers[size][caller][start : start + count])
                        if round_ >= 0:
                            found[str(size)][subject.kind][caller][way] += times
    return found


_BARE = select(NUMBER.c.address_id, NUMBER.c.contact_id, NUMBER.c.label).where(NUMBER.c.e164 == bindparam("number"))
_SCAN = select(DIGITS).where(DIGITS.c.digits.endswith(bindparam("end")))
_NEWEST = func.max(CALLER_IDS.c.id)
_OF_LEVEL = (
    select(_NEWEST)
    .where(CALLER_IDS.c.caller_id == bindparam("digits"), CALLER_IDS.c.level == bindparam("of_level"))
    .group_by(CALLER_IDS.c.address_id)
    .order_by(_NEWEST.desc())
    .limit(20)
)
_OWNERS = (
    select(CALLER_IDS, ADDRESS.c.name, ADDRESS.c.customer_number)
    .join(ADDRESS, ADDRESS.c.id == CALLER_IDS.c.address_id)
    .where(CALLER_IDS.c.id.in_(bindparam("ids", expanding=True)))
)


@contextmanager
def _ways(subject: Subject) -> Iterator[dict[str, Way]]:
    """The ways on one open connection, in one transaction; statements that are built are not built again."""
    with subject.app.app_context(), subject.database.reading() as session:
        connection = session.connection()

        def by_core(number: str) -> object:
            return connection.execute(_BARE, {"number": number}).all()

        def by_scan(number: str) -> object:
            return connection.execute(_SCAN, {"end": number[-8:]}).all()

        def by_levels(number: str) -> object:
            for level in (KNOWN_LEVEL, MAYBE_LEVEL):
                ids = list(connection.execute(_OF_LEVEL, {"digits": number[1:], "of_level": level}).scalars())
                if ids:
                    return connection.execute(_OWNERS, {"ids": ids}).all()
            return []

        yield {FIND: lambda number: find_by_number(session, number), CORE: by_core, LEVELS: by_levels, SCAN: by_scan}
