"""Imports that are ended in the middle, and that meet others at work."""

from __future__ import annotations

import threading
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from itertools import pairwise

import pytest
from flask import Flask
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from app.core.database import reading
from app.modules.addresses import numbers
from app.modules.addresses.models import Address
from app.modules.addresses.services import create_address, update_address
from app.modules.addresses.transfer import importing
from app.modules.addresses.transfer.importing import Failure, Totals, run_import
from tests.integration.addresses.importing import Ended, Watcher, addresses, counted, plan_of, run

PEOPLE = "".join(f"K-{n % 40};Firma {n % 40};Person {n};0221 4710-{n:03}\n" for n in range(240))
TEXT = f"Kundennummer;Name;Ansprechpartner 1 Name;Ansprechpartner 1 Telefon\n{PEOPLE}"


class Keeper(Watcher):
    """Keeps what is committed with each batch, as the job does."""

    def __init__(self, stop_after: int | None = None) -> None:
        super().__init__(stop_after)
        self.kept = Totals()

    def progressed(self, totals: Totals, failures: Sequence[Failure]) -> None:
        self.kept = totals


@pytest.fixture(autouse=True)
def _small_batches(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("FIRST_BATCH", "SMALLEST_BATCH", "LARGEST_BATCH"):
        monkeypatch.setattr(importing, name, 50)


@pytest.mark.parametrize("stop_after", [0, 1, 3])
def test_an_import_goes_on_where_it_was_ended_and_does_nothing_twice(app: Flask, stop_after: int) -> None:
    plan = plan_of(TEXT)
    keeper = Keeper(stop_after)
    with pytest.raises(Ended):
        run_import(plan, keeper)
    assert keeper.kept.done == 50 * stop_after
    assert keeper.kept.total == 240
    totals = run_import(plan, Watcher(), totals=keeper.kept)
    assert counted(totals) == {"created": 40, "updated": 200}
    assert [(len(one.contacts), one.version) for one in addresses()] == [(6, 1)] * 40
    numbers = [contact.numbers[0].raw for one in addresses() for contact in one.contacts]
    assert sorted(numbers) == [f"0221 4710-{n:03}" for n in range(240)]


class Reader(Watcher):
    """Notes how many numbers are read while a batch holds the database."""

    def __init__(self) -> None:
        super().__init__()
        self.read_meanwhile = 0

    def begin(self, session: Session) -> None:
        super().begin(session)
        self.read_meanwhile -= numbers._as_read.cache_info().misses

    def store(self, session: Session, totals: Totals, failures: Sequence[Failure]) -> None:
        super().store(session, totals, failures)
        self.read_meanwhile += numbers._as_read.cache_info().misses


def test_numbers_are_understood_before_the_database_is_held(app: Flask) -> None:
    numbers._as_read.cache_clear()
    reader = Reader()
    run(TEXT, reader)
    assert reader.batches == 5
    assert numbers._as_read.cache_info().misses == 240
    assert reader.read_meanwhile == 0


@pytest.mark.parametrize(("seconds", "batches"), [(0.0, [40, 20, 10, 10]), (1000.0, [40, 60, 80, 60])])
def test_a_batch_is_as_long_as_others_may_wait_for_the_one_before(
    app: Flask, monkeypatch: pytest.MonkeyPatch, seconds: float, batches: list[int]
) -> None:
    for name, rows in (("FIRST_BATCH", 40), ("SMALLEST_BATCH", 10), ("LARGEST_BATCH", 80)):
        monkeypatch.setattr(importing, name, rows)
    for name in ("HOLD_SECONDS", "HOLD_SECONDS_BESIDE"):
        monkeypatch.setattr(importing, name, seconds)
    watcher = Watcher()
    run(TEXT, watcher)
    assert [after - before for before, after in pairwise(watcher.seen)][:4] == batches


def test_a_contradiction_is_seen_across_an_interruption(app: Flask) -> None:
    first = "".join(f"K-{n};Firma {n};Köln\n" for n in range(50))
    plan = plan_of(f"Kundennummer;Name;Ort\n{first}K-7;Firma 7;Bonn\n")
    keeper = Keeper(1)
    with pytest.raises(Ended):
        run_import(plan, keeper)
    watcher = Watcher()
    run_import(plan, watcher, totals=keeper.kept)
    assert watcher.codes == {52: ["contradicts"]}
    assert watcher.failures[0].problems[0].told == "9"


def test_whoever_ends_an_import_in_a_batch_keeps_what_was_done_before(app: Flask) -> None:
    with pytest.raises(Ended):
        run_import(plan_of(TEXT), Watcher(2))
    assert len(addresses()) == 40
    assert sum(len(one.contacts) for one in addresses()) == 100


class Meddler(Watcher):
    """Makes addresses by hand while the rows that name them have been read and are not stored yet."""

    def pause(self) -> None:
        if self.seen == [0]:
            self.seen.append(0)
            for n in range(20, 40):
                create_address({"name": f"Von Hand {n}", "customer_number": f"K-{n}"})


def test_addresses_that_others_make_meanwhile_are_changed_and_not_made_twice(own_app: Flask) -> None:
    with own_app.app_context():
        assert counted(run(TEXT, Meddler())) == {"created": 20, "updated": 220}
        found = addresses()
    assert sorted(one.customer_number or "" for one in found) == sorted(f"K-{n}" for n in range(40))
    assert {len(one.contacts) for one in found} == {6}


def test_two_imports_of_one_file_at_the_same_time_make_each_address_once(own_app: Flask) -> None:
    barrier = threading.Barrier(2)

    class Together(Watcher):
        def begin(self, session: Session) -> None:
            if self.batches == 0:
                barrier.wait(10) if not own_app.extensions["durchwahl"].database.is_sqlite else None
            super().begin(session)

    def work(_place: int) -> Totals:
        with own_app.app_context():
            return run(TEXT, Together())

    with ThreadPoolExecutor(2) as pool:
        done = list(pool.map(work, range(2)))
    with own_app.app_context():
        found = addresses()
    assert sum(totals.created for totals in done) == 40
    assert [totals.failed for totals in done] == [0, 0]
    assert len(found) == 40
    assert {len(one.contacts) for one in found} == {6}


def test_people_can_edit_and_create_addresses_while_an_import_runs(own_app: Flask) -> None:
    with own_app.app_context():
        mine = create_address({"name": "Meine"})
    stop = threading.Event()
    edits: list[int] = []

    def edit() -> None:
        with own_app.app_context():
            while not stop.is_set():
                edits.append(update_address(mine, None, {"city": f"Ort {len(edits)}"}))
                create_address({"name": f"Neue {len(edits)}"})

    thread = threading.Thread(target=edit)
    thread.start()
    try:
        with own_app.app_context():
            totals = run("Name\n" + "".join(f"Firma {n}\n" for n in range(300)))
    finally:
        stop.set()
        thread.join()
    assert counted(totals) == {"created": 300}
    with own_app.app_context(), reading() as session:
        count, numbers = session.execute(select(func.count(), func.count(func.distinct(Address.customer_number)))).one()
    assert count == numbers == 301 + len(edits)
    assert edits
