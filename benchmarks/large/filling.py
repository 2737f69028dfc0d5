"""Fills databases with the same generated address book, all at once: it is generated a single time."""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import ExitStack
from datetime import datetime

from flask import Flask
from sqlalchemy import text

from app.core.database import Database
from app.core.kernel import Kernel
from app.modules.addresses import repeated
from benchmarks.large.bulk import bulk
from benchmarks.large.generator import entries
from benchmarks.large.rows import TABLES, Book


def fill(apps: Sequence[Flask], count: int, moment: datetime) -> Book:
    """Store the first ``count`` addresses in the migrated databases of these applications, which hold none."""
    book = Book(moment)
    with ExitStack() as stack:
        loaders = [stack.enter_context(bulk(database_of(app).url, TABLES)) for app in apps]
        for rows in book.batches(entries(count)):
            for table, some in rows.items():
                for loader in loaders:
                    loader.add(table, some)
    for app in apps:
        with app.app_context():
            with database_of(app).transaction() as session:
                book.complete(session)
            repeated.refresh_all()
            take_stock(app)
    return book


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
