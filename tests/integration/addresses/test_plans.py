"""No list, search or look-up of addresses reads a whole table, in either database.

The statements are those that were really sent, with their values. PostgreSQL prefers to read few rows whole: it is told
not to, nor to join so, and its plan shows whether an index would do. What remains is walking along an order from a
place on.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any, get_args

import pytest
from sqlalchemy import text
from sqlalchemy.orm import Session

from app.core.database import database, reading, transaction
from app.core.ui.leaves import Asked
from app.modules.addresses import hygiene, lookup, suggesting
from app.modules.addresses.listing import SORTS, count_addresses, list_addresses
from app.modules.addresses.models import Address, Contact, PhoneNumber, SearchEntry, Spelling, Word
from app.modules.addresses.phonebook import Sort as BookSort
from app.modules.addresses.phonebook import phone_book
from app.modules.addresses.picking import picks
from tests import watching
from tests.integration.addresses.conftest import person

#: Indexes that lists walk along; whoever uses another one has to look for something in it.
WALKED = {
    "ix_addresses_address_by_name",
    "ix_addresses_address_by_city",
    "ix_addresses_address_by_customer",
    "ix_addresses_address_by_update",
    "ix_addresses_address_archived",
    "ix_addresses_address_suppliers",
    "ix_addresses_address_employees",
    "ix_addresses_contact_by_name",
    "ix_addresses_number_e164",
}
#: On SQLite: looking for numbers without a contact in their index finds those of all addresses.
NOBODY = "addresses_number.contact_id IS NULL"
OF_NOBODY = "INDEX ix_addresses_number_contact_id (contact_id=?)"
MANY = 4000
#: The first of all documents, as a sample: PostgreSQL reads no more of them.
SAMPLE = re.compile(r"FROM addresses_search\s+LIMIT")
TEXTS = ("a", "mü", "müller", "müller köln", "0221 47", "4710", "10001", "max gmbh", "straße 1", "mülller")


@pytest.fixture
def some(make_address: Callable[..., int]) -> None:
    for place in range(4):
        make_address(
            f"Müller {place} GmbH",
            f"0221 4710 1{place}0",
            contacts=[person("Max Muster", f"0221 4710 2{place}0")],
            city="Köln",
            street="Lange Straße 1",
        )
    if not database().is_sqlite:
        with transaction() as session:
            _let_there_be_many(session)


def _let_there_be_many(session: Session) -> None:
    """Copies of the rows that are there, so that PostgreSQL's estimates are those of a long list."""
    others = "1000000 + one"
    changed = {
        Address: {"id": others, **dict.fromkeys(("customer_number", "supplier_number", "external_id"), "NULL")},
        Contact: {"id": others, "address_id": others},
        PhoneNumber: {"id": others, "address_id": others, "contact_id": others, "e164": f"'+4930' || {others}"},
        SearchEntry: {"address_id": others, "text": "' ' || md5(one::text) || ' '"},
        Word: {"word": "md5(one::text)"},
        Spelling: {"word": "md5(one::text)", "spelling": "substr(md5(one::text), 1, 7)"},
    }
    for table, values in changed.items():
        columns = [column.name for column in table.__table__.columns]
        keys = {name: f"'k' || {others}" for name in columns if name in ("name_key", "city_key", "customer_key")}
        chosen = ", ".join({**{name: f"row.{name}" for name in columns}, **keys, **values}[name] for name in columns)
        name = table.__tablename__
        session.execute(
            text(
                f"INSERT INTO {name} ({', '.join(columns)}) SELECT {chosen}"
                f" FROM (SELECT * FROM {name} LIMIT 1) AS row, generate_series(1, {MANY}) AS one"
            )
        )
        session.execute(text(f"ANALYZE {name}"))
    # What waits to be taken into the index makes it dear, and how much that is depends on what came before.
    session.execute(text("SELECT gin_clean_pending_list('ix_addresses_search_text')"))


def _whole_reads(statement: str, values: Any) -> list[str]:
    """Lines of the plan that read a whole table of addresses, or all of an index that nothing is looked for in."""
    with reading() as session:
        connection = session.connection()
        if database().is_sqlite:
            rows = connection.exec_driver_sql(f"EXPLAIN QUERY PLAN {statement}", values)
            lines = [str(row[3]) for row in rows]
            return [line for line in lines if _is_scan(line) or (NOBODY in statement and OF_NOBODY in line)]
        for way in ("seqscan", "hashjoin", "mergejoin"):
            connection.exec_driver_sql(f"SET LOCAL enable_{way} = off")
        lines = [str(row[0]) for row in connection.exec_driver_sql(f"EXPLAIN {statement}", values)]
    found = []
    allowed = WALKED if any("Limit" in line for line in lines) else set()
    for place, line in enumerate(lines):
        if re.search(r"Seq Scan on addresses_", line):
            found.append(line)
        walk = re.search(r"Index (?:Only )?Scan(?: Backward)? using (\w+) on addresses_", line)
        if walk and walk[1] not in allowed and "Index Cond" not in "".join(lines[place + 1 : place + 2]):
            found.append(line)
    return found


def _is_scan(line: str) -> bool:
    scan = re.match(r"SCAN addresses_\w+(?: USING (?:COVERING )?INDEX (\w+))?", line)
    if scan is None or re.search(r"VIRTUAL TABLE INDEX \d+:\S*M", line):
        return False
    return scan[1] not in WALKED


def _assert_no_whole_reads(work: Callable[[], object]) -> None:
    with watching.asked(database()) as sent:
        work()
    looked = [one for one in sent if one[0].startswith(("SELECT", "WITH"))]
    assert looked
    for statement, values in looked:
        if SAMPLE.search(statement):
            continue
        assert _whole_reads(statement, values) == [], statement


@pytest.mark.parametrize("frequent", [False, True])
def test_no_search_reads_a_whole_table(some: None, frequent: bool, monkeypatch: pytest.MonkeyPatch) -> None:
    if frequent:
        monkeypatch.setattr("app.modules.addresses.ranking.RANKED", 1)
        monkeypatch.setattr("app.modules.addresses.walking.WALKED", 2)
    for query in TEXTS:
        _assert_no_whole_reads(lambda query=query: picks(query))  # type: ignore[misc] # the text of this round
        _assert_no_whole_reads(lambda query=query: list_addresses(query=query, sort="rank"))  # type: ignore[misc] # likewise


def test_no_page_of_the_list_reads_a_whole_table(some: None) -> None:
    for sort in SORTS:
        for descending in (False, True):
            for query in ("", "müller"):

                def page(asked: Asked, sort: Any = sort, down: bool = descending, query: str = query) -> Any:
                    return list_addresses(query=query, sort=sort, descending=down, asked=asked, per_page=2)

                following = page(Asked()).following
                assert following is not None
                for asked in (Asked(), Asked(following), Asked(following, True), Asked(backwards=True)):
                    _assert_no_whole_reads(lambda page=page, asked=asked: page(asked))  # type: ignore[misc] # of this round


def test_no_page_of_the_phone_book_reads_a_whole_table(some: None) -> None:
    for sort in get_args(BookSort):
        for search in ("", "müller"):

            def page(asked: Asked, sort: BookSort = sort, search: str = search) -> Any:
                with reading() as session:
                    return phone_book(session, search=search, sort=sort, descending=False, asked=asked, per_page=2)

            following = page(Asked()).following
            assert following is not None
            for asked in (Asked(), Asked(following), Asked(following, True), Asked(backwards=True)):
                _assert_no_whole_reads(lambda page=page, asked=asked: page(asked))  # type: ignore[misc] # of this round


def test_no_look_up_reads_a_whole_table(some: None) -> None:
    with reading() as session:
        _assert_no_whole_reads(lambda: list(suggesting.corrections(session, "Maschinnenbau Mülller")))
    _assert_no_whole_reads(lambda: count_addresses(query="müller"))
    _assert_no_whole_reads(lambda: hygiene.of_finding("unreadable"))


@pytest.mark.parametrize("in_order", [False, True])
@pytest.mark.parametrize("with_stems", [False, True])
def test_no_look_up_of_a_caller_reads_a_whole_table(some: None, with_stems: bool, in_order: bool) -> None:
    values = {"e164": "+49221471010", "most": 9, **dict.fromkeys(lookup._STEMS, "+4922147101")}
    with reading() as session:
        statement = lookup._statement(with_stems=with_stems, in_order=in_order)
        _assert_no_whole_reads(lambda: session.execute(statement, values).all())


def test_a_plan_that_reads_a_whole_table_is_seen(some: None) -> None:
    for statement in (
        "SELECT id FROM addresses_number WHERE raw LIKE '%4710%'",
        "SELECT address_id FROM addresses_search WHERE length(text) = 3",
        "SELECT id FROM addresses_address WHERE notes = 'x'",
    ):
        # Where values are given, PostgreSQL's driver takes a percent sign for the place of one.
        sent = statement if database().is_sqlite else statement.replace("%", "%%")
        assert _whole_reads(sent, () if database().is_sqlite else {})
