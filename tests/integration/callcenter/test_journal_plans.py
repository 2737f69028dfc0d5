"""How the database finds a page of the journal: along which indexes, and what is only checked on the way."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import Integer, event, literal, text, tuple_

from app.core.database import UTCDateTime, reading
from app.modules.callcenter import journal_branches
from app.modules.callcenter.domain.visibility import Watcher
from app.modules.callcenter.journal import Filters
from app.modules.callcenter.journal_filters import conditions_of, wanted
from app.modules.callcenter.journal_walks import page_of, place_of
from tests.conftest import NOW
from tests.integration.callcenter.phone_system import LINE_E164, PhoneSystem, call_id
from tests.integration.callcenter.test_visibility import SALES_E164


@pytest.fixture
def plan_of(app: Flask) -> Callable[..., str]:
    """How the database finds a page with these indexes of calls.

    On tables of a few rows all ways cost PostgreSQL the same: it has no other index here, and neither scan nor sort.
    """
    database = app.extensions["durchwahl"].database
    said: list[tuple[str, Any]] = []

    def hear(_connection: Any, _cursor: Any, statement: str, parameters: Any, *_more: Any) -> None:
        said.append((statement, parameters))

    def plan(filters: Filters, watcher: Watcher, indexes: set[str]) -> str:
        with reading() as session:
            question = wanted(session, filters, watcher)
            place = place_of(session, question, 1000, filters, newer=False)
            if place is None:  # it was looked up, and is not there
                place = tuple_(literal(NOW, UTCDateTime), literal(1000, Integer))
            query = page_of(question, 61, place, newer=False, period=filters)
            said.clear()
            event.listen(database.engine, "before_cursor_execute", hear)
            try:
                session.execute(query).all()
            finally:
                event.remove(database.engine, "before_cursor_execute", hear)
            statement, parameters = said[-1]
            if not database.is_sqlite:
                named = "SELECT indexname FROM pg_indexes WHERE indexname LIKE 'ix_callcenter_call_%' AND tablename IN "
                tables = "('callcenter_call', 'callcenter_call_taker')"
                for index in session.execute(text(named + tables)).scalars().all():
                    name = index.removeprefix("ix_callcenter_call_")
                    if name not in indexes and name.removesuffix("_received") not in indexes:
                        session.execute(text(f"DROP INDEX {index}"))
                for name in ("seqscan", "sort", "incremental_sort", "bitmapscan"):
                    session.execute(text(f"SET LOCAL enable_{name} = off"))
            explain = "EXPLAIN QUERY PLAN " if database.is_sqlite else "EXPLAIN "
            driver = session.connection().connection.dbapi_connection
            assert driver is not None
            cursor = driver.cursor()
            cursor.execute(explain + statement, parameters)
            return "\n".join(str(row) for row in cursor.fetchall())

    return plan


ALL = Watcher(1, True, True, True, "all", frozenset(), frozenset())
LINES = replace(ALL, scope="lines", lines=frozenset({LINE_E164, SALES_E164}))


@pytest.mark.parametrize(
    ("filters", "watcher", "indexes"),
    [
        (Filters(), ALL, {"received"}),
        (Filters(missed=True), ALL, {"missed"}),
        (Filters(direction="out"), ALL, {"direction"}),
        (Filters(unknown=True), ALL, {"unknown"}),
        (Filters(line=LINE_E164), ALL, {"line"}),
        (Filters(line=LINE_E164, missed=True), ALL, {"line_missed"}),
        (Filters(user=3), ALL, {"user", "taker"}),
        (Filters(mine=True), LINES, {"line", "user", "taker"}),
        (Filters(), LINES, {"line", "user", "taker"}),
        (Filters(missed=True), LINES, {"line_missed"}),
        (Filters(missed=True, unknown=True), ALL, {"missed"}),
        (Filters(missed=True, unknown=True), LINES, {"line_missed"}),
        (Filters(line=LINE_E164), LINES, {"line"}),
        (Filters(line=LINE_E164, unknown=True), ALL, {"line"}),
        (Filters(user=3, unknown=True), ALL, {"user", "taker"}),
        (Filters(direction="in", unknown=True), LINES, {"line", "user", "taker"}),
        (Filters(user=3, line=LINE_E164), LINES, {"user_line", "taker_line"}),
        (Filters(user=3, line=LINE_E164), ALL, {"user_line", "taker_line"}),
        (
            Filters(user=3),
            replace(LINES, scope="mine", own_lines=LINES.lines),
            {"user_line", "taker_line", "taker_other"},
        ),
        (Filters(since=NOW - timedelta(days=3)), ALL, {"received"}),
    ],
)
def test_a_page_is_a_walk_along_an_index(
    plan_of: Callable[..., str], filters: Filters, watcher: Watcher, indexes: set[str], database_kind: str
) -> None:
    if database_kind != "sqlite":
        indexes = {"taker" if name == "taker_other" else name for name in indexes}
    plan = plan_of(filters, watcher, indexes)
    # Which index tells whether a call was taken too is all the same: it is asked for one row.
    walked = "\n".join(line for line in plan.splitlines() if "also_taken" not in line)
    used = {name.replace("_received", "") for name in re.findall(r"ix_callcenter_call_(taker_received|\w+)", walked)}
    found = {name if name != "" else "received" for name in used}
    if database_kind != "sqlite" and {"taker", "taker_line"} <= indexes:
        found.add("taker_line")  # of a few rows it costs PostgreSQL the same to walk along the other one
    assert found == indexes, plan
    assert "SCAN callcenter_call\n" not in plan, plan


def test_the_walks_of_several_reasons_are_merged_as_they_are_read(plan_of: Callable[..., str]) -> None:
    """So that a page of many lines reads little more than a page; to sort it would read a page of each."""
    watcher = replace(LINES, lines=LINES.lines | {"+493023125300"})
    for filters in (Filters(), Filters(direction="in"), Filters(unknown=True), Filters(user=3)):
        plan = plan_of(filters, watcher, {"line", "user", "user_line", "taker"})
        if "SEARCH" in plan:
            assert plan.count("MERGE (UNION)") == plan.count("RIGHT") >= 3, plan
            assert "TEMP B-TREE" not in plan, plan
        else:
            assert "Merge Append" in plan, plan
            assert "Sort  (" not in plan, plan
            assert "HashAggregate" not in plan, plan


@pytest.mark.parametrize(
    ("typed", "index"),
    [
        ("030 23125678", "remote"),
        ("030 2312", "head_8"),
        ("030 231", "head_8"),
        ("030 23", "head_6"),
        ("030 2", "head_6"),
        ("030", "head_3"),
        ("+49", "head_3"),
        ("+4", "received"),
    ],
)
def test_numbers_that_begin_alike_are_walked_along_in_the_order_of_time(
    phones: PhoneSystem, plan_of: Callable[..., str], monkeypatch: pytest.MonkeyPatch, typed: str, index: str
) -> None:
    for end in ("78", "79"):
        phones.incoming(call_id(), caller=f"030231256{end}")
    monkeypatch.setattr(journal_branches, "MOST_NUMBERS", 1)
    monkeypatch.setattr(journal_branches, "FEW_CALLS", 1)
    for filters in (Filters(search=typed), Filters(search=typed, missed=True)):
        plan = plan_of(filters, ALL, {index})
        assert set(re.findall(r"ix_callcenter_call_(\w+)", plan)) == {index}, plan


def test_what_is_sorted_is_planned_for_its_values_and_what_an_index_has_in_order_is_not(
    phones: PhoneSystem, monkeypatch: pytest.MonkeyPatch
) -> None:
    for end in ("78", "79"):
        phones.incoming(call_id(), caller=f"030231256{end}")
    with reading() as session:
        assert wanted(session, Filters(search="030 231256"), ALL).in_order
        monkeypatch.setattr(journal_branches, "MOST_NUMBERS", 1)
        assert not wanted(session, Filters(search="030 231256"), ALL).in_order
        assert wanted(session, Filters(search="030 2"), ALL).in_order


@pytest.mark.parametrize("watcher", [ALL, LINES])
@pytest.mark.parametrize(
    "filters", [Filters(), Filters(direction="in"), Filters(missed=True), Filters(line=LINE_E164), Filters(user=3)]
)
@pytest.mark.usefixtures("app")
def test_whether_a_call_that_goes_on_fits_is_only_checked(filters: Filters, watcher: Watcher) -> None:
    """No index of what is asked may be taken for it: hundreds of thousands of calls are incoming, a few go on."""
    with reading() as session:
        fits = str(conditions_of(wanted(session, filters, watcher), filters))
    assert fits.startswith("CASE WHEN")
    assert fits.endswith("ELSE false END")
