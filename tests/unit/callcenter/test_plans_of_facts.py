"""Facts are looked for by indexes, on SQLite too, which has no statistics and takes what the statement suggests."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime

import pytest
from sqlalchemy import create_engine
from sqlalchemy.orm import Session

from app.core.database import Base
from app.core.facts import Subject
from app.modules.addresses import caller_facts as of_addresses
from app.modules.callcenter import caller_facts as of_calls

NOW = datetime(2026, 11, 23, 10, 10, 16, tzinfo=UTC)
SUBJECTS = (Subject("+4922147101", None, None, NOW, "call:1"), Subject("+4922147102", 7, None, NOW, "call:2"))


@pytest.fixture
def session() -> Iterator[Session]:
    engine = create_engine("sqlite://")
    Base.metadata.create_all(engine)
    with Session(engine) as session:
        yield session
    engine.dispose()


def plans(session: Session) -> list[str]:
    """The plans of all statements that look for facts, a text for each."""
    driver, heard = session.connection().connection.driver_connection, list[str]()
    assert driver is not None
    driver.set_trace_callback(heard.append)
    of_calls._last_calls(session, SUBJECTS)
    of_calls._open_callbacks(session, SUBJECTS)
    of_calls._calls_today(session, SUBJECTS)
    of_addresses._addresses(session, [7])
    of_addresses._last_notes(session, {SUBJECTS[1]: 7})
    driver.set_trace_callback(None)
    looked = [one for one in heard if one.startswith("SELECT")]
    return ["\n".join(row[3] for row in driver.execute(f"EXPLAIN QUERY PLAN {one}")) for one in looked]


def test_each_looks_for_the_party_and_goes_through_nothing_but_what_it_asks_about(session: Session) -> None:
    told = plans(session)
    assert len(told) == 5
    for plan in told:
        scans = [line for line in plan.splitlines() if line.startswith("SCAN")]
        assert scans, plan
        assert all("VIRTUAL TABLE" in line for line in scans), plan
    conversations, callbacks, today, _addresses, notes = told
    assert "(address_id=? AND received_at<?)" in conversations
    assert "(remote_e164=? AND received_at<?)" in conversations
    assert "(party=?)" in callbacks
    assert "(address_id=?)" in callbacks
    assert "(remote_e164=? AND received_at>?)" in today
    assert "(address_id=? AND received_at>?)" in today
    assert "(address_id=? AND occurred_at<?)" in notes
