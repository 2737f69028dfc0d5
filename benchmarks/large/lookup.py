"""How long it takes to find a caller, beside the bare query and beside the ways of others, on the same numbers."""

from __future__ import annotations

import random
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager
from itertools import islice
from typing import Any

from sqlalchemy import Connection, bindparam, func, or_, select

from app.modules.addresses.api import find_by_number
from benchmarks.large.numbers import strangers
from benchmarks.large.others import CALLER_IDS, DIGITS, KNOWN_LEVEL, MAYBE_LEVEL
from benchmarks.large.plan import Plan
from benchmarks.large.rounds import Clock, Rounds, clock_with
from benchmarks.large.rows import ADDRESS, NUMBER
from benchmarks.large.subjects import Subject

FIND, CORE, LEVELS, SCAN = WAYS = ("find_by_number", "core", "levels", "last_eight")
QUICK = (FIND, CORE, LEVELS)
KNOWN, BEHIND, UNKNOWN = CALLERS = ("known", "switchboard", "unknown")
#: Where equality finds nobody, the bare query is the one that answers: the number, or its beginnings among the stems.
CORE_WITH_STEMS = "core_with_stems"
BARE_OF = {BEHIND: CORE_WITH_STEMS}
Way = Callable[[str], object]


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
    """Addresses → database → caller → way → figures of ``rounds``, ``books`` by their number of addresses.

    Sizes, databases and ways take turns in short rounds, so that a disturbance meets all. No caller comes twice: what
    one way has read into the caches must not help the next.
    """
    once = plan.lookups * len(WAYS)
    callers = {size: callers_of(both[0], once * (plan.rounds + 1)) for size, both in books.items()}
    found = {
        (size, subject.kind, caller, way): Rounds()
        for size, both in books.items()
        for subject in both
        for caller in CALLERS
        for way in WAYS
    }
    with ExitStack() as stack:
        opened = [
            (size, subject, *stack.enter_context(_ways(subject))) for size, both in books.items() for subject in both
        ]
        for round_ in range(plan.rounds + 1):
            for caller in CALLERS:
                for size, subject, ways, clock in opened:
                    for place, way in enumerate(_in_turn(round_, plan.scan_each)):
                        start = round_ * once + place * plan.lookups
                        some = callers[size][caller][start : start + (1 if way == SCAN else plan.lookups)]
                        # The first round warms up, and is not counted.
                        into = found[size, subject.kind, caller, way] if round_ else Rounds()
                        with subject.app.app_context():
                            into.add(ways[BARE_OF.get(caller, way) if way == CORE else way], some, clock)
    figures: dict[str, Any] = {}
    for (size, kind, caller, way), rounds in found.items():
        of_kind = figures.setdefault(str(size), {}).setdefault(kind, {})
        of_kind.setdefault(caller, {})[way] = rounds.figures()
    return figures


def _in_turn(round_: int, scan_each: int) -> Sequence[str]:
    """The ways of a round: another one begins in each, and the one that reads everything comes last, if at all."""
    first = round_ % len(QUICK)
    return [*QUICK[first:], *QUICK[:first], *([SCAN] if round_ % scan_each <= 1 else [])]


_BARE = select(NUMBER.c.address_id, NUMBER.c.contact_id, NUMBER.c.label).where(NUMBER.c.e164 == bindparam("number"))
_BARE_WITH_STEMS = select(NUMBER.c.address_id, NUMBER.c.contact_id, NUMBER.c.label).where(
    or_(NUMBER.c.e164 == bindparam("number"), NUMBER.c.stem.in_([bindparam(f"stem{at}") for at in range(6)]))
)
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
def _ways(subject: Subject) -> Iterator[tuple[dict[str, Way], Clock]]:
    """The ways on one open connection, in one transaction; statements that are built are not built again. And the
    clock of the processor time that they need, in the database too.
    """  # fmt: skip
    with subject.app.app_context(), subject.database.reading() as session:
        connection = session.connection()
        backend = None if subject.database.is_sqlite else connection.execute(select(func.pg_backend_pid())).scalar_one()

        def by_core(number: str) -> object:
            return connection.execute(_BARE, {"number": number}).all()

        def by_core_with_stems(number: str) -> object:
            # All that may be stems, cut by length alone, which is the least that can be done.
            stems = {f"stem{at}": number[: len(number) - at] for at in range(6)}
            return connection.execute(_BARE_WITH_STEMS, {"number": number, **stems}).all()

        def by_scan(number: str) -> object:
            return connection.execute(_SCAN, {"end": number[-8:]}).all()

        def by_levels(number: str) -> object:
            for level in (KNOWN_LEVEL, MAYBE_LEVEL):
                ids = list(connection.execute(_OF_LEVEL, {"digits": number[1:], "of_level": level}).scalars())
                if ids:
                    return connection.execute(_OWNERS, {"ids": ids}).all()
            return []

        def by_us(number: str) -> object:
            return find_by_number(session, number)

        ways: dict[str, Way] = {
            FIND: by_us,
            CORE: by_core,
            CORE_WITH_STEMS: by_core_with_stems,
            LEVELS: by_levels,
            SCAN: by_scan,
        }
        yield ways, clock_with(backend)
