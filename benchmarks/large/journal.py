"""How long a page of the journal takes, for every filter, beside a bare walk along the calls in their order."""

from __future__ import annotations

import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from flask.testing import FlaskClient
from sqlalchemy import event, select, tuple_

from app.core.accounts import service
from app.core.planning import PLANNED_ONCE, PREPARE
from app.core.realtime import SESSION_KEY
from app.modules.callcenter import journal
from app.modules.callcenter.journal import Filters
from app.modules.callcenter.settings import CallcenterSettings
from benchmarks.large import calls
from benchmarks.large.bulk import store_in_all
from benchmarks.large.generator import entries
from benchmarks.large.plan import Plan
from benchmarks.large.subjects import Subject

#: As a page has where nobody chose otherwise.
PER_PAGE = CallcenterSettings().journal_rows
FIRST, MIDDLE, DEEP = DEPTHS = ("first", "middle", "deep")
_SHARES = {FIRST: 0.0, MIDDLE: 0.5, DEEP: 0.9}
WARM_UP = 2
READERS = (calls.SEES_ALL, calls.SEES_LINES, calls.SEES_OWN)
#: A page that takes long is read less often: no longer than this in all.
SECONDS_EACH = 15.0
Statement = tuple[str, Any, bool | None]
"""With its values, and whether PostgreSQL is told to prepare it."""


@dataclass(frozen=True, slots=True)
class Question:
    """What somebody asks of the journal."""

    filters: Filters
    viewer: int = calls.SEES_ALL

    def query(self, before: int | None) -> dict[str, str]:
        """The same in the address of the page."""
        filters = self.filters
        asked: dict[str, Any] = {
            "q": filters.search,
            "direction": filters.direction,
            "missed": filters.missed and "1",
            "mine": filters.mine and "1",
            "unknown": filters.unknown and "1",
            "line": filters.line,
            "user": filters.user,
            "since": filters.since and filters.since.date().isoformat(),
            "until": filters.until and filters.until.date().isoformat(),
            "before": before,
        }
        return {name: str(value) for name, value in asked.items() if value}

    def span(self, plan: Plan, now: datetime) -> tuple[float, float]:
        """Numbers of the newest call and of the oldest that it may find by its period: they come evenly."""
        newest, oldest = (
            plan.calls * (1 - (now - moment) / calls.MONTHS) if moment else end
            for moment, end in ((self.filters.until, float(plan.calls)), (self.filters.since, 0.0))
        )
        return newest, oldest


def fill(subjects: Sequence[Subject], plan: Plan, now: datetime) -> None:
    """A company and its calls; the addresses are there already."""
    for subject in subjects:
        with subject.app.app_context(), subject.database.transaction() as session:
            calls.store_company(session, now)
    urls = [subject.database.url for subject in subjects]
    store_in_all(urls, [calls.CALL, calls.TAKER], calls.batches(plan.calls, plan.journal_addresses, now))


def questions(plan: Plan, now: datetime) -> dict[str, Question]:
    """Every way in which the journal can be narrowed, and usual combinations, by those who see all, or less."""
    entry = next(entry for entry in entries(plan.journal_addresses) if entry.numbers and not entry.archived)
    number = entry.numbers[0].raw
    month: dict[str, Any] = {"since": now - timedelta(days=400), "until": now - timedelta(days=370)}
    line, direct, silent = (calls.line_of(place) for place in (1, calls.DIRECT, calls.SILENT))
    everybody = {
        "everything": Filters(),
        "incoming": Filters(direction="in"),
        "outgoing": Filters(direction="out"),
        "missed": Filters(missed=True),
        "unknown": Filters(unknown=True),
        "mine": Filters(mine=True),
        "a line": Filters(line=line),
        "a line with few calls": Filters(line=direct),
        "a line without calls": Filters(line=silent),
        "a colleague": Filters(user=5),
        "a colleague with few calls": Filters(user=calls.SELDOM),
        "a colleague without calls": Filters(user=calls.NEVER),
        "a month": Filters(**month),
        "a name": Filters(search=entry.name),
        "a name that does not occur": Filters(search="Qwxyz"),
        "a number": Filters(search=number),
        "a number that did not call": Filters(search="0171 3920099 1"),
        "the beginning of a number": Filters(search=number.strip()[:-2]),
        "the beginning of many numbers": Filters(search="0221 06"),
        "an area code": Filters(search="0221"),
        "a country": Filters(search="+43"),
        "the beginning of no number": Filters(search="0221 99"),
        "missed, of a line": Filters(missed=True, line=line),
        "missed, unknown": Filters(missed=True, unknown=True),
        "missed, mine": Filters(missed=True, mine=True),
        "missed, in a month": Filters(missed=True, **month),
        "missed, with few calls": Filters(missed=True, line=direct),
        "incoming, unknown": Filters(direction="in", unknown=True),
        "incoming, of a line": Filters(direction="in", line=line),
        "outgoing, by a colleague": Filters(direction="out", user=5),
        "a colleague on a line": Filters(user=5, line=line),
        "a colleague on a line, never": Filters(user=5, line=silent),
        "unknown, of a line": Filters(unknown=True, line=line),
        "unknown, of a colleague": Filters(unknown=True, user=5),
        "missed, of an area code": Filters(missed=True, search="0221"),
        "missed, from a number": Filters(missed=True, search=number),
        "a line in a month": Filters(line=line, **month),
        "a colleague in a month": Filters(user=5, **month),
    }
    found = {name: Question(chosen) for name, chosen in everybody.items()}
    narrowed = ("everything", "incoming", "outgoing", "missed", "unknown", "mine", "a line", "a colleague", "a month",
                "a name", "a number", "the beginning of many numbers", "an area code", "missed, unknown",
                "missed, of a line", "a colleague with few calls")  # fmt: skip
    for who, viewer in (("on own lines", calls.SEES_LINES), ("own only", calls.SEES_OWN)):
        found |= {f"{who}: {name}": Question(everybody[name], viewer) for name in narrowed}
    return found


def measure(subjects: Sequence[Subject], plan: Plan, now: datetime) -> dict[str, Any]:
    """Database → question → depth → times in ms of the page without and with its HTML, of its own statements, and of
    the bare walk.
    """
    found: dict[str, Any] = {subject.kind: {} for subject in subjects}
    clients = {(subject.kind, user): _client(subject, user) for subject in subjects for user in READERS}
    for name, question in questions(plan, now).items():
        newest, oldest = question.span(plan, now)
        for depth, share in _SHARES.items():
            until = time.monotonic() + SECONDS_EACH
            for round_ in range(-WARM_UP, plan.journal_pages):
                if round_ > 0 and time.monotonic() > until:
                    break
                for subject in subjects:
                    # Another place each time, so that no page is read twice from the same spot.
                    place = int(newest - (newest - oldest) * share) - 97 * max(0, round_)
                    before = None if depth == FIRST else min(plan.calls, max(2, place))
                    cell = (
                        found[subject.kind]
                        .setdefault(name, {})
                        .setdefault(depth, {"page": [], "sql": [], "bare": [], "entries": 0})
                    )
                    page, sql, bare, entries_ = _once(subject, question, before)
                    if round_ >= 0:
                        cell["page"].append(page)
                        cell["sql"].append(sql)
                        cell["bare"].append(bare)
                        cell["entries"] = max(cell["entries"], entries_)
                    if depth == FIRST and 0 <= round_ < plan.whole_pages:
                        cell.setdefault("whole", []).append(
                            _whole(clients[subject.kind, question.viewer], question.query(before))
                        )
    return found


def _once(subject: Subject, question: Question, before: int | None) -> tuple[float, float, float, int]:
    with subject.app.app_context(), subject.app.test_request_context():
        with _statements(subject) as said:
            start = time.perf_counter()
            page = journal.page(question.filters, before, PER_PAGE, viewer=question.viewer)
            took = _ms(start)
        # Those that look for the calls: what a page says of each call beside it is not the walk's concern.
        own = [statement for statement in said if " callcenter_call" in statement[0].replace("\n", " ")]
        walk = _walk(subject, before)
        # Both are executed as they are, by the same driver, one after the other.
        return took, _run(subject, own), _run(subject, [walk]), len(page.entries)


def _client(subject: Subject, user: int) -> FlaskClient:
    """A browser in which somebody is logged in; the first page compiles the templates."""
    client = subject.app.test_client()
    with subject.app.app_context():
        session_id = service.start_session(user)
    with client.session_transaction() as cookie:
        cookie[SESSION_KEY] = session_id
    _whole(client, {})
    return client


def _whole(client: FlaskClient, query: dict[str, str]) -> float:
    """Time of a page from the request to the last sign of its HTML, in ms."""
    start = time.perf_counter()
    answer = client.get("/callcenter/calls", query_string=query)
    took = _ms(start)
    if answer.status_code != 200:
        raise RuntimeError(f"the journal was answered {answer.status_code}: {query}")
    return took


@contextmanager
def _statements(subject: Subject) -> Iterator[list[Statement]]:
    said: list[Statement] = []

    def hear(_connection: Any, _cursor: Any, statement: str, parameters: Any, context: Any, *_more: Any) -> None:
        said.append((statement, parameters, context.execution_options.get(PREPARE)))

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
        connection.execute(query, execution_options=PLANNED_ONCE).all()
    return said[-1]


def _run(subject: Subject, statements: Sequence[Statement]) -> float:
    """Time of the statements with all their rows, at the driver, in ms: when this connection has just said the same.

    Else what the connection has read before would count, and whether it has prepared them: of the connections of the
    pool it may be the one that read the page, or another.
    """
    told = [_told(subject, prepare) for _, _, prepare in statements]
    with subject.database.engine.connect() as connection:
        driver = connection.connection.dbapi_connection
        assert driver is not None
        cursor = driver.cursor()
        took = 0.0
        for _again in range(2):
            start = time.perf_counter()
            for (statement, parameters, _), options in zip(statements, told, strict=True):
                cursor.execute(statement, parameters, **options)
                cursor.fetchall()
            took = _ms(start)
        cursor.close()
        return took


def _told(subject: Subject, prepare: bool | None) -> dict[str, Any]:
    return {} if subject.database.is_sqlite or prepare is None else {"prepare": prepare}


def _ms(start: float) -> float:
    return round((time.perf_counter() - start) * 1000, 4)
