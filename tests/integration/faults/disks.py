"""A disk that is full, and has room again."""

from __future__ import annotations

import contextlib
import errno
import os
import pwd
import subprocess
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any, Protocol

import psycopg
from sqlalchemy import event

from app.core.database import Database
from tests.services import stoppable_postgres

SMALL = 64 * 1024 * 1024
"""Bytes; an empty database of ours takes a quarter of it."""


class Disk(Protocol):
    """Where a database lies."""

    def fill(self) -> None:
        """From now on a database cannot grow."""

    def make_room(self) -> None:
        """It can again."""


class FewPages:
    """SQLite may have no more pages than it has: the same error as that of a full disk."""

    def __init__(self, database: Database) -> None:
        self.database = database
        self.most: int | None = None
        for engine in database.engines:
            event.listen(engine, "connect", self._limit)

    def _limit(self, connection: Any, _record: object) -> None:
        if self.most is not None:
            connection.execute(f"PRAGMA max_page_count={self.most}")

    def fill(self) -> None:
        """See Disk."""
        with self.database.engine.connect() as connection:
            self.most = connection.exec_driver_sql("PRAGMA page_count").scalar_one()
        self.database.dispose()

    def make_room(self) -> None:
        """See Disk."""
        self.most = None
        self.database.dispose()


class SmallDisk:
    """A file system in memory that another file fills."""

    def __init__(self, folder: Path) -> None:
        self.rest = folder / "rest"

    def fill(self) -> None:
        """See Disk."""
        with self.rest.open("wb", buffering=0) as file:
            try:
                while True:
                    file.write(bytes(4096))
            except OSError as error:
                assert error.errno == errno.ENOSPC  # noqa: PT017 (there is no other way to fill it)

    def make_room(self) -> None:
        """See Disk."""
        self.rest.unlink()


class SaidToBeFull:
    """PostgreSQL says so, for where nothing may be mounted: each row more is refused with the error of a full disk."""

    def __init__(self, url: str) -> None:
        self.url = url

    def fill(self) -> None:
        """See Disk."""
        self._run(
            "CREATE FUNCTION full_disk() RETURNS trigger LANGUAGE plpgsql AS "
            "$$ BEGIN RAISE 'no space left on device' USING ERRCODE = 'disk_full'; END $$",
            *(f"CREATE TRIGGER full_disk BEFORE INSERT ON {table} EXECUTE FUNCTION full_disk()" for table in TABLES),
        )

    def make_room(self) -> None:
        """See Disk."""
        self._run("DROP FUNCTION full_disk CASCADE")

    def _run(self, *statements: str) -> None:
        with psycopg.connect(self.url.replace("+psycopg", ""), autocommit=True) as connection:
            for statement in statements:
                connection.execute(statement)


TABLES = ("callcenter_notification", "callcenter_call", "callcenter_call_event")


@contextlib.contextmanager
def small_postgres() -> Iterator[tuple[str, Disk]]:
    """A PostgreSQL of the test's own with an empty database ``small`` on a disk that can be filled."""
    with stoppable_postgres() as server, _mounted() as disk:
        place = ""
        if disk is not None:
            tables = disk / "tables"
            tables.mkdir(mode=0o700)
            if os.geteuid() == 0:
                account = pwd.getpwnam("postgres")
                os.chown(tables, account.pw_uid, account.pw_gid)
        with psycopg.connect(server.url + "postgres", autocommit=True) as connection:
            if disk is not None:
                connection.execute(f"CREATE TABLESPACE small LOCATION '{disk / 'tables'}'")
                place = "TABLESPACE small"
            connection.execute(f"CREATE DATABASE small TEMPLATE template0 {place}")
        url = server.url.replace("postgresql://", "postgresql+psycopg://") + "small"
        try:
            yield url, SmallDisk(disk) if disk is not None else SaidToBeFull(url)
        finally:
            server.stop()


@contextlib.contextmanager
def _mounted() -> Iterator[Path | None]:
    """A small file system in memory; None where we may not mount one."""
    folder = Path(tempfile.mkdtemp(prefix="durchwahl-disk-"))
    command = ["mount", "-t", "tmpfs", "-o", f"size={SMALL},mode=711", "durchwahl-test", str(folder)]
    try:
        if subprocess.run(command, capture_output=True).returncode:
            yield None
        else:
            try:
                yield folder
            finally:
                subprocess.run(["umount", folder], check=True)
    finally:
        folder.rmdir()
