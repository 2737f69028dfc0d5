"""How long a page of the journal takes, for every filter, beside a bare walk along the calls in their order."""

from __future__ import annotations

import time
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager
from datetime import datetime
from typing import Any

from sqlalchemy import event, select, tuple_

from app.modules.callcenter import journal
from app.modules.callcenter.journal import Filters
from benchmarks.large import calls
from benchmarks.large.bulk import bulk
from benchmarks.large.generator import entries
from benchmarks.large.plan import Plan
from benchmarks.large.subjects import Subject

PER_PAGE = journal.PER_PAGE
FIRST, MIDDLE, DEEP = DEPTHS = ("first", "middle", "deep")
_SHARES = {FIRST: 0.0, MIDDLE: 0.5, DEEP: 0.9}
VIEWER = 1
WARM_UP = 2
#: A page that takes long is read less often: no longer than this in all.
SECONDS_EACH = 15.0
Statement = tuple[str, Any]


def fill(subjects: Sequence[Subject], plan: Plan, now: datetime) -> None:
    """A company and its calls; the addresses are there already."""
    for subject in subjects:
        with subject.app.app_context(), subject.database.transaction() as session:
            calls.store_company(session, now)
    with ExitStack() as stack:
        loaders = [stack.enter_context(bulk(subject.database.url, [calls.CALL])) for subject in subjects]
        for rows in calls.batches(plan.calls, plan.journal_addresses, now):
            for loader in loaders:
                loader.add(calls.CALL, rows)


def filters(plan: Plan) -> dict[str, Filters]:
    """Every way in which the journal can be narrowed; a name and a number that occur, a name that does not."""
    entry = next(entry for entry in entries(plan.journal_addresses) if entry.numbers and not entry.archived)
    return {
        "everything": Filters(),
        "incoming": Filters(direction="in"),
        "outgoing": Filters(direction="out"),
        "missed": Filters(missed=True),
        "a name": Filters(search=entry.name),
        "a number": Filters(search=entry.numbers[0].raw),
        "the beginning of a number": Filters(search="0221 06"),
        "a name that does not occur": Filters(search="Qwxyz"),
    }


def measure(subjects: Sequence[Subject], plan: Plan) -> dict[str, Any]:
    """Database → filter → depth → times in ms of the page, of its own statements, and of the bare walk."""
    found: dict[str, Any] = {subject.kind: {} for subject in subjects}
    for name, chosen in filters(plan).items():
        for depth, share in _SHARES.items():
            until = time.monotonic() + SECONDS_EACH
            for round_ in range(-WARM_UP, plan.journal_pages):
                if round_ > 0 and time.monotonic() > until:
                    break
                for subject in subjects:
                    # Another place each time, so that no page is read twice from the same spot.
                    before = None if depth == FIRST else max(2, int(plan.calls * (1 - share)) - 97 * max(0, round_))
                    cell = (
                        found[subject.kind]
                        .setdefault(name, {})
                        .setdefault(depth, {"page": [], "sql": [], "bare": [], "entries": 0})
                    )
                    page, sql, bare, entries_ = _once(subject, chosen, before)
                    if round_ >= 0:
                        cell["page"].append(page)
                        cell["sql"].append(sql)
                        cell["bare"].append(bare)
                        cell["entries"] = max(cell["entries"], entries_)
    return found


def _once(subject: Subject, chosen: Filters, before: int | None) -> tuple[float, float, float, int]:
    with subject.app.app_context(), subject.app.test_request_context():
        with _statements(subject) as said:
            start = time.perf_counter()
            page = journal.page(chosen, before, PER_PAGE, viewer=VIEWER)
            took = _ms(start)
        # Those that look for the calls: what a page says of each call beside it is not the walk's concern.
        own = [statement for statement in said if " callcenter_call" in statement[0].replace("\n", " ")]
        walk = _walk(subject, before)
        # Both are executed as they are, by the same driver, one after the other.
        return took, _run(subject, own), _run(subject, [walk]), len(page.entries)


@contextmanager
def _statements(subject: Subject) -> Iterator[list[Statement]]:
    said: list[Statement] = []

    def hear(_connection: Any, _cursor: Any, statement: str, parameters: Any, *_more: Any) -> None:
        said.append((statement, parameters))

    event.listen(subject.database.engine, "before_cursor_execute", hear)
    try:
        yield said
    finally:
        event.remove(subject.database.engine, "before_cursor_execute", hear)


def _walk(subject: Subject, before: int | None) -> Statement:
    """The next rows by time and id, whole, as a keyset finds them, and nothing else."""
    call = calls.CALL.c
    query = select(calls.CALL).order_by(call.received_at.desc(), call.id.desc()).limit(PER_PAGE + 1)
    if before is not None:
        with subject.database.engine.connect() as connection:
            last = connection.execute(select(call.received_at).where(call.id == before)).scalar_one()
        query = query.where(tuple_(call.received_at, call.id) < tuple_(last, before))
    with _statements(subject) as said, subject.database.engine.connect() as connection:
        connection.execute(query).all()
    return said[-1]


def _run(subject: Subject, statements: Sequence[Statement]) -> float:
    """Time of the statements with all their rows, at the driver, in ms."""
    with subject.database.engine.connect() as connection:
        driver = connection.connection.dbapi_connection
        assert driver is not None
        cursor = driver.cursor()
        start = time.perf_counter()
        for statement, parameters in statements:
            cursor.execute(statement, parameters)
            cursor.fetchall()
        took = _ms(start)
        cursor.close()
        return took


def _ms(start: float) -> float:
    return round((time.perf_counter() - start) * 1000, 4)
