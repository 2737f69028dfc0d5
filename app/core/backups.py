"""Backups of the SQLite database: taken while the server runs, checked, restored by putting the file in place.

A backup is one file, an ordinary SQLite database. SECRET_KEY is no part of it on purpose: whoever finds a backup must
not find the key to its secrets beside it.
"""

from __future__ import annotations

import os
import sqlite3
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass
from pathlib import Path

#: How long a backup waits for whoever holds the database.
BUSY_SECONDS = 30.0
#: Pages copied between two reports of the progress.
STEP_PAGES = 4096


class BackupFailed(Exception):
    """The backup was not made, or the file is no backup; the text is a whole sentence."""


@dataclass(frozen=True, slots=True)
class Contents:
    """What a backup holds."""

    revision: str | None
    """Of the structure."""
    rows: dict[str, int]
    """By table, those of Alembic and of search indexes left out."""
    secrets: tuple[str, ...]
    """Stored secrets as they lie there, encrypted."""
    bytes: int

    @property
    def total(self) -> int:
        """All rows."""
        return sum(self.rows.values())


def create(source: Path, target: Path, progress: Callable[[int, int], None] = lambda _done, _all: None) -> Contents:
    """Copy the database as it is at one moment, while others read and write; returns what the copy holds.

    ``target`` appears when the copy is whole, on disk and checked, readable by its owner only; ``progress`` hears pages
    copied and all pages. Raises BackupFailed; then there is no file.
    """
    if not source.is_file():
        raise BackupFailed(f"There is no database {source}.")
    if target.exists():
        raise BackupFailed(f"{target} exists already; a backup never replaces another.")
    part = target.with_name(f"{target.name}.part")
    if part.exists():
        raise BackupFailed(f"{part} exists: another backup is under way, or one was interrupted. Remove it.")
    try:
        target.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
        # Created with its mode: at no moment may somebody else open it.
        os.close(os.open(part, os.O_CREAT | os.O_EXCL | os.O_WRONLY, 0o600))
    except OSError as error:
        raise BackupFailed(f"{target} cannot be written: {error.strerror}.") from None
    try:
        _copy(source, part, progress)
        contents = look_into(part)
        _to_disk(part)
        # Unlike a rename this never replaces what somebody else has put there meanwhile.
        os.link(part, target)
        _to_disk(target.parent)
    except (sqlite3.Error, OSError) as error:
        raise BackupFailed(f"The backup failed: {error}.") from None
    finally:
        part.unlink(missing_ok=True)
    return contents


def look_into(backup: Path) -> Contents:
    """What a backup holds. Raises BackupFailed when it is none, or is damaged; the file is not changed."""
    if not backup.is_file():
        raise BackupFailed(f"There is no file {backup}.")
    try:
        with _read_only(backup) as connection:
            _check(backup, connection)
            return _contents(backup, connection)
    except sqlite3.Error as error:
        raise BackupFailed(f"{backup} cannot be read as a database: {error}.") from None


def _copy(source: Path, part: Path, progress: Callable[[int, int], None]) -> None:
    with closing(_connect(source, "rw")) as original, closing(_connect(part, "rw")) as copy:
        # One transaction around all steps: without it a write by another process would make each step begin anew.
        original.execute("BEGIN")
        original.execute("SELECT count(*) FROM sqlite_master").fetchone()
        original.backup(copy, pages=STEP_PAGES, progress=lambda _status, left, pages: progress(pages - left, pages))
        # The copy says that it has a log beside it; as a backup it is one file.
        copy.execute("PRAGMA journal_mode=DELETE")


def _check(backup: Path, connection: sqlite3.Connection) -> None:
    found = [row[0] for row in connection.execute("PRAGMA integrity_check(1)")]
    if found != ["ok"]:
        raise BackupFailed(f"{backup} is damaged: {found[0]}.")
    orphan = connection.execute("PRAGMA foreign_key_check").fetchone()
    if orphan is not None:
        raise BackupFailed(f"{backup} is damaged: a row of {orphan[0]} refers to one of {orphan[2]} that is not there.")


def _contents(backup: Path, connection: sqlite3.Connection) -> Contents:
    names = {name for (name,) in connection.execute("SELECT name FROM sqlite_master WHERE type = 'table'")}
    virtual = {
        name
        for (name,) in connection.execute(
            "SELECT name FROM sqlite_master WHERE type = 'table' AND sql LIKE 'CREATE VIRTUAL%'"
        )
    }
    if "alembic_version" not in names:
        raise BackupFailed(f"{backup} is a database, but not one of Durchwahl.")
    revision = connection.execute("SELECT version_num FROM alembic_version").fetchone()
    counted = sorted(
        name
        for name in names
        if name != "alembic_version"
        and not name.startswith("sqlite_")
        and name not in virtual
        and not any(name.startswith(f"{index}_") for index in virtual)
    )
    rows = {
        name: connection.execute(f'SELECT count(*) FROM "{name}"').fetchone()[0]  # noqa: S608 (names of its own tables)
        for name in counted
    }
    # Settings are JSON; only a token of the cipher begins like this.
    tokens = connection.execute("SELECT value FROM core_setting WHERE value LIKE 'gAAAA%'")
    secrets = tuple(value for (value,) in tokens)
    return Contents(revision[0] if revision else None, rows, secrets, backup.stat().st_size)


@contextmanager
def _read_only(path: Path) -> Iterator[sqlite3.Connection]:
    # Immutable: nothing is created beside the file, and no lock is taken that a read-only disk would refuse.
    with closing(_connect(path, "ro", "&immutable=1")) as connection:
        yield connection


def _connect(path: Path, mode: str, more: str = "") -> sqlite3.Connection:
    address = f"{path.absolute().as_uri()}?mode={mode}{more}"
    return sqlite3.connect(address, uri=True, timeout=BUSY_SECONDS, isolation_level=None)


def _to_disk(path: Path) -> None:
    descriptor = os.open(path, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
