"""Fills databases with the same generated address book, all at once: it is generated a single time.

What was filled can stay for later runs: the same contents are known by the code that makes them.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import replace
from datetime import UTC, datetime
from functools import partial
from hashlib import blake2b
from pathlib import Path

from flask import Flask
from sqlalchemy import text

from app.core.database import Database
from app.core.kernel import Kernel
from app.modules.addresses import repeated
from benchmarks.large import journal, long_known, others
from benchmarks.large.bulk import store_in_all
from benchmarks.large.generator import entries
from benchmarks.large.plan import Plan
from benchmarks.large.rows import TABLES, Book
from benchmarks.large.subjects import Places, Subject, filled

ROOT = Path(__file__).resolve().parent.parent.parent
#: When everything was created, and the end of the journal.
MOMENT = datetime(2026, 11, 1, 18, tzinfo=UTC)
#: What the rows come from.
MAKERS = (
    *(f"benchmarks/large/{name}.py" for name in ("calls", "generator", "numbers", "others", "rows", "words")),
    *(f"app/modules/addresses/{name}.py" for name in ("correcting", "derived", "documents", "folding", "repeated")),
)


def fill(apps: Sequence[Flask], count: int, moment: datetime) -> Book:
    """Store the first ``count`` addresses in the migrated databases of these applications, which hold none."""
    book = Book(moment)
    store_in_all([database_of(app).url for app in apps], TABLES, book.batches(entries(count)))
    with ThreadPoolExecutor(len(apps)) as threads:
        for _done in threads.map(partial(_complete, book), apps):
            pass
    return book


def _complete(book: Book, app: Flask) -> None:
    with app.app_context():
        with database_of(app).transaction() as session:
            book.complete(session)
        repeated.refresh_all()


@contextmanager
def filled_book(size: int, places: Places, kinds: Sequence[str]) -> Iterator[list[Subject]]:
    """A database of each kind with so many addresses, and what the other ways of looking up need."""

    def put_in(anew: list[Subject]) -> None:
        fill([subject.app for subject in anew], size, MOMENT)
        for subject in anew:
            others.prepare(subject)
            take_stock(subject.app)

    with filled(places, kinds, f"addresses{size}", _contents(size), put_in) as both:
        yield both


@contextmanager
def filled_journal(plan: Plan, places: Places, kinds: Sequence[str]) -> Iterator[list[Subject]]:
    """The same with calls."""

    def put_in(anew: list[Subject]) -> None:
        fill([subject.app for subject in anew], plan.journal_addresses, MOMENT)
        journal.fill(anew, plan, MOMENT)
        for subject in anew:
            take_stock(subject.app)

    with filled(places, kinds, "journal", _contents(plan.journal_addresses, plan.calls), put_in) as both:
        yield both


@contextmanager
def filled_removal(plan: Plan, places: Places, kinds: Sequence[str]) -> Iterator[list[Subject]]:
    """The same with more addresses, and with notes and orders to dial of others."""
    counts = (plan.removal_addresses, plan.removal_calls)
    sized = replace(plan, journal_addresses=counts[0], calls=counts[1])

    def put_in(anew: list[Subject]) -> None:
        fill([subject.app for subject in anew], counts[0], MOMENT)
        journal.fill(anew, sized, MOMENT)
        long_known.put_others_in([subject.database.url for subject in anew], MOMENT, counts[1])
        for subject in anew:
            take_stock(subject.app)

    with filled(places, kinds, "removal", f"{_contents(*counts)} and of others", put_in) as both:
        yield both


def _contents(*counts: int) -> str:
    """Another text wherever other rows would come out; the structure can be brought up to date."""
    code = blake2b(digest_size=16)
    for file in MAKERS:
        code.update((ROOT / file).read_bytes())
    return f"{counts} by {code.hexdigest()}"


def take_stock(app: Flask) -> None:
    """PostgreSQL's statistics, which its autovacuum would gather before long."""
    database = database_of(app)
    if not database.is_sqlite:
        with database.engine.connect() as connection:
            connection.execution_options(isolation_level="AUTOCOMMIT").execute(text("VACUUM ANALYZE"))


def database_of(app: Flask) -> Database:
    """What the application stores in."""
    kernel: Kernel = app.extensions["durchwahl"]
    return kernel.database
