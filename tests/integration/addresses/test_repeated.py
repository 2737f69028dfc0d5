"""Numbers that are stored more than once are written down when they are saved, and found without looking at all."""

from __future__ import annotations

from collections.abc import Callable
from importlib import import_module

import pytest
from sqlalchemy import ClauseElement, delete, insert, select, text

from app.core.database import database, reading, transaction
from app.modules.addresses import hygiene, services
from app.modules.addresses.contacts import archive_contact, restore_contact
from app.modules.addresses.corrections import Changed, keep_repeated
from app.modules.addresses.findings import FINDINGS
from app.modules.addresses.models import PhoneNumber, RepeatedNumber
from app.modules.addresses.reading import get_address
from app.modules.addresses.records import ContactInput, NumberInput
from app.modules.addresses.repeated import refresh_all
from tests.integration.addresses.conftest import person

NUMBER, E164 = "0221 4710-500", "+492214710500"


def _repeated() -> dict[str, tuple[str, int]]:
    with reading() as session:
        return {row.e164: (row.reach, row.addresses) for row in session.query(RepeatedNumber)}


def test_a_number_of_two_addresses_is_shared(make_address: Callable[..., int]) -> None:
    first = make_address("Erste", NUMBER)
    assert _repeated() == {}
    second = make_address("Zweite", contacts=[person("Max", NUMBER)])
    assert _repeated() == {E164: ("shared", 2)}
    make_address("Dritte", NumberInput(NUMBER, "fax"))
    assert _repeated() == {E164: ("shared", 3)}
    (group,) = hygiene.of_reach("shared")
    assert [(row.address, row.contact) for row in group.rows] == [("Dritte", ""), ("Erste", ""), ("Zweite", "Max")]
    assert group.superfluous == ()
    services.update_address(second, None, {}, None, [])
    services.update_address(first, None, {}, [])
    assert _repeated() == {}


def test_archived_ones_do_not_count(make_address: Callable[..., int]) -> None:
    make_address("Erste", NUMBER)
    second = make_address("Zweite", NUMBER)
    third = make_address("Dritte", contacts=[person("Max", NUMBER)])
    services.archive(second)
    assert _repeated() == {E164: ("shared", 2)}
    address = get_address(third)
    assert address is not None
    archive_contact(address.contacts[0].id)
    assert _repeated() == {}
    restore_contact(address.contacts[0].id)
    services.restore(second)
    assert _repeated() == {E164: ("shared", 3)}


def test_the_companys_number_at_its_contact_is_twice_and_the_copy_can_go(make_address: Callable[..., int]) -> None:
    make_address("Rheinwerk", NUMBER, contacts=[person("Max", NUMBER), person("Eva", "0221 4710-501")])
    assert _repeated() == {E164: ("twice", 1)}
    (group,) = hygiene.of_reach("twice")
    assert [row.contact for row in group.superfluous] == ["Max"]


@pytest.mark.parametrize(
    ("own", "contact", "superfluous"),
    [
        # A mobile number is the person's: the copy is perhaps the company's, and only people know.
        (NumberInput("0171 3920012", "mobile"), NumberInput("0171 3920012", "mobile"), 0),
        # A label says more.
        (NumberInput(NUMBER), NumberInput(NUMBER, "phone", "Durchwahl"), 0),
        (NumberInput(NUMBER, "phone", "Büro"), NumberInput(NUMBER, "phone", "Büro"), 1),
        (NumberInput(NUMBER, switchboard=False), NumberInput(NUMBER, switchboard=True), 0),
    ],
)
def test_a_copy_goes_only_where_nobody_misses_it(
    make_address: Callable[..., int], own: NumberInput, contact: NumberInput, superfluous: int
) -> None:
    make_address("Rheinwerk", own, contacts=[ContactInput("Max", numbers=(contact,))])
    (group,) = hygiene.of_reach("twice")
    assert len(group.superfluous) == superfluous


def test_two_rows_of_one_owner_are_twice_but_two_contacts_and_a_fax_are_not(make_address: Callable[..., int]) -> None:
    make_address("Zeilen", "030 23125-100", NumberInput("030 23125 100", "phone", "Büro"))
    make_address("Zimmer", contacts=[person("Max", "030 23125-200"), person("Eva", "030 23125-200")])
    make_address("Fax", "030 23125-300", NumberInput("030 23125-300", "fax"))
    assert _repeated() == {"+493023125100": ("twice", 1)}
    (group,) = hygiene.of_reach("twice")
    # The second says more than the first; neither can go without being asked about.
    assert group.superfluous == ()


def test_owners_who_share_rightly_are_not_listed_until_others_join(make_address: Callable[..., int]) -> None:
    make_address("Erste", NUMBER)
    second = make_address("Zweite", NUMBER)
    third = make_address("Dritte", NUMBER)
    (group,) = hygiene.of_reach("shared")
    keep_repeated(group.e164, group.owners)
    assert hygiene.of_reach("shared") == []
    assert hygiene.counts()["shared"] == 0
    assert [one.e164 for one in hygiene.of_reach("shared", kept=True)] == [E164]
    services.archive(third)
    assert hygiene.of_reach("shared") == [], "somebody less is no new question"
    make_address("Vierte", NUMBER)
    (group,) = hygiene.of_reach("shared")
    assert group.addresses == 3
    with pytest.raises(Changed):
        keep_repeated(group.e164, "2:99")
    services.archive(second)


def test_all_are_looked_at_again_on_demand(make_address: Callable[..., int]) -> None:
    make_address("Erste", NUMBER)
    make_address("Zweite", NUMBER)
    with transaction() as session:
        session.execute(delete(RepeatedNumber))
        session.add(RepeatedNumber(e164="+493023125999", reach="shared", addresses=2, owners="2:3"))
    assert refresh_all() == 1
    assert _repeated() == {E164: ("shared", 2)}


def test_the_migration_writes_down_the_same(make_address: Callable[..., int]) -> None:
    make_address("Erste", NUMBER, "030 23125-100", "030 23125-100")
    make_address(
        "Zweite", NUMBER, "030 23125-200", contacts=[ContactInput("Max", numbers=(NumberInput("030 23125-200"),))]
    )
    make_address("Fax", "030 23125-300", NumberInput("030 23125-300", "fax"))
    services.archive(make_address("Archiv", "030 23125-300"))
    columns = RepeatedNumber.__table__.c
    with transaction() as session:
        kept = session.execute(select(*columns).order_by(columns.e164)).all()
        session.execute(delete(RepeatedNumber))
        session.execute(text(import_module("migrations.versions.0010_number_findings").REPEATED))
        assert session.execute(select(*columns).order_by(columns.e164)).all() == kept
    assert len(kept) == 3


# --------------------------------------------------------------------------------------------------- pages and counts


def test_pages_neither_skip_nor_repeat(make_address: Callable[..., int]) -> None:
    for place in range(7):
        make_address(f"Firma {place}", f"frag Nummer {place}", f"030 23125 {place:03}")
        make_address(f"Zweite {place}", f"030 23125 {place:03}")
    seen: list[str] = []
    after = 0
    while page := hygiene.of_finding("unreadable", after, 3):
        seen += [found.number.raw for found in page]
        after = page[-1].number_id
    assert seen == [f"frag Nummer {place}" for place in range(7)]
    groups: list[str] = []
    last = ""
    while shared := hygiene.of_reach("shared", last, 3):
        groups += [group.e164 for group in shared]
        last = shared[-1].e164
    assert groups == [f"+49302312500{place}" for place in range(7)]


def test_counts_stop_at_their_limit(make_address: Callable[..., int]) -> None:
    for place in range(4):
        make_address(f"Firma {place}", f"frag Nummer {place}", NUMBER)
    assert hygiene.counts(2) == {"unreadable": 3, "several": 0, "doubtful": 0, "remark": 0, "shared": 1, "twice": 0}


def test_no_page_and_no_count_looks_at_all_numbers(make_address: Callable[..., int]) -> None:
    _many_numbers(make_address("Rheinwerk", "frag Erna", NUMBER), make_address("Zweite", NUMBER))
    of_finding = hygiene._of_finding("unreadable").where(PhoneNumber.id > 0).order_by(PhoneNumber.id).limit(26)
    of_reach = hygiene._of_reach("shared").where(RepeatedNumber.e164 > "").order_by(RepeatedNumber.e164).limit(26)
    assert "ix_addresses_number_finding" in _plan(of_finding)
    assert "ix_addresses_repeated_reach" in _plan(of_reach)
    assert _plan(hygiene._counted(1000)).count("ix_addresses_number_finding") == len(FINDINGS)


def _many_numbers(*addresses: int, numbers: int = 5_000) -> None:
    """Numbers of which one in fifty needs an eye, and repeated ones of which one in fifty is shared: a plan that reads
    all of them does not pay.
    """  # fmt: skip
    with transaction() as session:
        session.execute(
            insert(PhoneNumber),
            [
                {
                    "address_id": addresses[place % len(addresses)],
                    "raw": f"030 23125 {place}",
                    "e164": f"+493023125{place}",
                    "finding": FINDINGS[place // 50 % len(FINDINGS)] if place % 50 == 0 else None,
                }
                for place in range(numbers)
            ],
        )
        session.execute(
            insert(RepeatedNumber),
            [
                {
                    "e164": f"+493023125{place}",
                    "reach": "shared" if place % 50 == 0 else "twice",
                    "addresses": 2,
                    "owners": "2:3",
                }
                for place in range(numbers)
            ],
        )
        # PostgreSQL plans by what it knows of the rows.
        session.execute(text("ANALYZE"))


def _plan(statement: ClauseElement) -> str:
    compiled = statement.compile(dialect=database().engine.dialect, compile_kwargs={"literal_binds": True})
    with reading() as session:
        if database().is_sqlite:
            rows = session.execute(text(f"EXPLAIN QUERY PLAN {compiled}"))
        else:
            # Without this the two addresses would be read whole, as they fit a page of the disk.
            session.execute(text("SET LOCAL enable_seqscan = off"))
            rows = session.execute(text(f"EXPLAIN {compiled}"))
        plan = "\n".join(str(row) for row in rows)
    for walk in ("SCAN addresses_number", "Seq Scan on addresses_number", "using pk_addresses_number on"):
        assert walk not in plan, plan
    return plan
