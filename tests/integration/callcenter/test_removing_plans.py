"""A person is found among any number of calls, orders and notes, and whoever telephones meanwhile has his turn.

The statements are those that were really sent. PostgreSQL is told to read no table whole, and its plan shows whether an
index would do.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import select

from app.core.database import database, reading, transaction
from app.core.privacy import persons, removing
from app.core.privacy.unhurried import PAUSE_SECONDS
from app.modules.addresses.models import Contact, Note
from app.modules.addresses.records import ContactInput, NumberInput
from app.modules.addresses.services import create_address
from tests import watching
from tests.integration.callcenter.phone_system import CUSTOMER, PhoneSystem, call_id

LARGE = ("callcenter_call", "callcenter_call_event", "callcenter_notification", "callcenter_dial_order")
NOTES = "addresses_note"
#: Whoever looks for a name in texts reads them all, in the preview alone.
LOOKS_FOR_NAMES = "LIKE"
ORDER = re.compile(r"\s+ORDER BY [^()]*$")
#: Of tables that nobody has looked at PostgreSQL expects some pages. Where it knows that they hold one row, every way
#: costs the same; it knows that when an earlier test lasted long enough for it to look.
_TABLES = ", ".join(f"'{name}'::regclass" for name in (*LARGE, NOTES))
FORGET = (
    f"DELETE FROM pg_statistic WHERE starelid IN ({_TABLES})",
    f"UPDATE pg_class SET relpages = 0, reltuples = -1 WHERE oid IN ({_TABLES})",
)


@pytest.fixture
def who(app: Flask, phones: PhoneSystem, make_user: Any) -> dict[str, int]:
    user = make_user()
    create_address({"name": "Muster AG"}, [], [ContactInput("Max Muster", numbers=(NumberInput(CUSTOMER),))])
    call = call_id()
    phones.incoming(call)
    phones.hung_up(call)
    with reading() as session:
        contact = session.execute(select(Contact)).scalar_one()
    return {"contact": contact.id, "address": contact.address_id, "user": user}


def whole_reads(statement: str, values: Any) -> list[str]:
    """The large tables that a statement reads from one end to the other."""
    with reading() as session:
        connection = session.connection()
        if database().is_sqlite:
            plan = connection.exec_driver_sql(f"EXPLAIN QUERY PLAN {statement}", values).all()
            return [row[3] for row in plan if row[3].split()[0] == "SCAN" and row[3].split()[1] in (*LARGE, NOTES)]
        connection.exec_driver_sql("SET LOCAL enable_seqscan = off")
        for forget in FORGET:
            connection.exec_driver_sql(forget)
        # Among a few rows a walk in the wanted order costs the same as a search and a sort.
        unordered = ORDER.sub("", statement)
        told = connection.exec_driver_sql(f"EXPLAIN (FORMAT JSON) {unordered}", values).scalar_one()
        return list(_whole((told if isinstance(told, list) else json.loads(told))[0]["Plan"]))


def _whole(node: dict[str, Any]) -> Iterator[str]:
    read = node["Node Type"]
    if node.get("Relation Name") in (*LARGE, NOTES):
        by_index = read in ("Index Scan", "Index Only Scan") and "Index Cond" in node
        if read not in ("Bitmap Heap Scan", "ModifyTable") and not by_index:
            yield f"{read} of {node['Relation Name']}"
    for below in node.get("Plans", ()):
        yield from _whole(below)


@pytest.mark.parametrize("kind", ["contact", "address"])
def test_no_large_table_is_read_whole_for_a_person(app: Flask, who: dict[str, int], kind: str) -> None:
    key = f"{kind}-{who[kind]}"
    with watching.asked(database(), "INSERT", "BEGIN", "SET", "EXPLAIN", "PRAGMA") as statements:
        seen = removing.preview(key)
        assert persons.export(key, who["user"], "Somebody") is not None
        assert seen is not None
        assert removing.order(seen.removal, "plans", "Somebody")
        assert removing.work_off()
    asked = [one for one in statements if any(table in one[0] for table in (*LARGE, NOTES))]
    assert len(asked) > 30
    # The ends of the calls' ids are found by their index, which PostgreSQL calls a walk.
    read = {
        (whole, statement)
        for statement, values in asked
        if LOOKS_FOR_NAMES not in statement and "min(" not in statement and "max(" not in statement
        for whole in whole_reads(statement, values)
    }
    assert read == set()


def test_others_have_their_turn_between_batches_and_while_a_long_file_is_written(
    app: Flask, who: dict[str, int], clock: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    now = clock.now()
    with transaction() as session:
        for place in range(350):
            stamps = {"occurred_at": now, "created_at": now, "updated_at": now}
            session.add(Note(address_id=who["address"], contact_id=who["contact"], subject=f"Note {place}", **stamps))
    waits: list[float] = []
    monkeypatch.setattr(app.extensions["durchwahl"].realtime, "sleep", waits.append)
    key = f"contact-{who['contact']}"
    assert persons.export(key, who["user"], "Somebody") is not None
    # Ten cells a note for people, and a piece for programs.
    assert waits.count(0) > 350 * 10 / 500
    seen = removing.preview(key)
    assert seen is not None
    assert removing.order(seen.removal, "turns", "Somebody")
    waits.clear()
    assert removing.work_off()
    # Four batches of notes, besides all that comes once.
    assert waits.count(PAUSE_SECONDS) > 4
