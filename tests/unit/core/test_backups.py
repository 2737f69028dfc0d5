"""A backup is whole, of one moment, and nobody else's to read; anything else is refused in a sentence."""

from __future__ import annotations

import sqlite3
import stat
import threading
from collections.abc import Callable
from contextlib import closing
from pathlib import Path

import pytest

from app.core import backups
from app.core.backups import BackupFailed

TABLES = """
CREATE TABLE alembic_version (version_num TEXT NOT NULL);
INSERT INTO alembic_version VALUES ('0001_first');
CREATE TABLE core_setting (module TEXT, name TEXT, value TEXT);
INSERT INTO core_setting VALUES ('callcenter', 'api_key', 'gAAAAABtoken');
INSERT INTO core_setting VALUES ('callcenter', 'style', '"gAAAA is no token"');
CREATE TABLE parent (id INTEGER PRIMARY KEY);
CREATE TABLE child (id INTEGER PRIMARY KEY, parent_id INTEGER REFERENCES parent (id), filling TEXT);
"""


@pytest.fixture
def source(tmp_path: Path) -> Path:
    path = tmp_path / "durchwahl.db"
    with closing(sqlite3.connect(path)) as connection:
        connection.execute("PRAGMA journal_mode=WAL")
        connection.executescript(TABLES)
    return path


def write(path: Path, statement: str) -> None:
    with closing(sqlite3.connect(path)) as connection, connection:
        connection.execute(statement)


def test_a_backup_holds_what_the_database_holds(source: Path, tmp_path: Path) -> None:
    write(source, "INSERT INTO parent VALUES (1)")
    write(source, "INSERT INTO child VALUES (1, 1, 'x')")
    target = tmp_path / "new" / "backup.db"
    made = backups.create(source, target)
    assert made == backups.look_into(target)
    assert made.rows == {"child": 1, "core_setting": 2, "parent": 1}
    assert (made.revision, made.total, made.secrets) == ("0001_first", 4, ("gAAAAABtoken",))
    with closing(sqlite3.connect(target)) as connection:
        assert connection.execute("SELECT filling FROM child").fetchall() == [("x",)]


def test_a_backup_is_one_file_that_only_its_owner_reads(source: Path, tmp_path: Path) -> None:
    target = tmp_path / "new" / "backup.db"
    backups.create(source, target)
    assert stat.S_IMODE(target.stat().st_mode) == 0o600
    assert stat.S_IMODE(target.parent.stat().st_mode) == 0o700
    backups.look_into(target)
    assert [path.name for path in target.parent.iterdir()] == ["backup.db"]


def test_the_database_is_copied_as_it_was_at_one_moment(
    source: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A writer adds a parent with its child, over and over, between the steps of the copy."""
    with closing(sqlite3.connect(source)) as connection, connection:
        connection.executemany("INSERT INTO parent VALUES (?)", [(n,) for n in range(1, 2001)])
        connection.executemany("INSERT INTO child VALUES (?, ?, ?)", [(n, n, "x" * 3000) for n in range(1, 2001)])
    steps: list[tuple[int, int]] = []

    def between(done: int, pages: int) -> None:
        steps.append((done, pages))
        with closing(sqlite3.connect(source)) as connection, connection:
            key = 10_000 + len(steps)
            connection.execute("INSERT INTO parent VALUES (?)", (key,))
            connection.execute("INSERT INTO child VALUES (?, ?, 'y')", (key, key))

    monkeypatch.setattr(backups, "STEP_PAGES", 100)
    made = backups.create(source, tmp_path / "backup.db", between)
    assert len(steps) > 5
    assert steps[-1][0] == steps[-1][1]
    assert made.rows["parent"] == made.rows["child"] == 2000
    assert backups.create(source, tmp_path / "later.db").rows["child"] == 2000 + len(steps)


def test_a_writer_in_another_thread_is_not_held_up(source: Path, tmp_path: Path) -> None:
    written: list[int] = []

    def while_copying(_done: int, _pages: int) -> None:
        writer = threading.Thread(target=write, args=(source, f"INSERT INTO parent VALUES ({len(written) + 1})"))
        writer.start()
        writer.join(5)
        assert not writer.is_alive()
        written.append(1)

    backups.create(source, tmp_path / "backup.db", while_copying)
    assert written


def test_a_backup_never_replaces_another(source: Path, tmp_path: Path) -> None:
    target = tmp_path / "backup.db"
    backups.create(source, target)
    before = target.read_bytes()
    with pytest.raises(BackupFailed, match="exists already"):
        backups.create(source, target)
    assert target.read_bytes() == before


def test_one_that_appears_meanwhile_is_not_replaced_either(source: Path, tmp_path: Path) -> None:
    target = tmp_path / "backup.db"

    def somebody_else(_done: int, _pages: int) -> None:
        target.write_text("somebody else's")

    with pytest.raises(BackupFailed, match="File exists"):
        backups.create(source, target, somebody_else)
    assert target.read_text() == "somebody else's"
    assert not (tmp_path / "backup.db.part").exists()


def test_two_backups_at_once_do_not_share_a_file(source: Path, tmp_path: Path) -> None:
    (tmp_path / "backup.db.part").touch()
    with pytest.raises(BackupFailed, match="another backup is under way"):
        backups.create(source, tmp_path / "backup.db")


def test_a_database_that_is_not_there_is_not_made(tmp_path: Path) -> None:
    with pytest.raises(BackupFailed, match="There is no database"):
        backups.create(tmp_path / "nothing.db", tmp_path / "backup.db")
    assert list(tmp_path.iterdir()) == []


def test_a_folder_that_cannot_be_written_is_named(source: Path, tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    with pytest.raises(BackupFailed, match="cannot be written"):
        backups.create(source, tmp_path / "file" / "backup.db")


def _cut(path: Path) -> None:
    path.write_bytes(path.read_bytes()[:-4096])


def _overwrite(path: Path) -> None:
    content = bytearray(path.read_bytes())
    content[4096:8192] = b"\xff" * 4096
    path.write_bytes(content)


def _empty(path: Path) -> None:
    path.write_bytes(b"")


def _text(path: Path) -> None:
    path.write_text("this is no database at all, only some text\n" * 40)


def _orphan(path: Path) -> None:
    write(path, "INSERT INTO child VALUES (9, 99, 'nobody')")


@pytest.mark.parametrize("damage", [_cut, _overwrite, _empty, _text, _orphan])
def test_what_is_damaged_is_no_backup(source: Path, tmp_path: Path, damage: Callable[[Path], None]) -> None:
    target = tmp_path / "backup.db"
    backups.create(source, target)
    damage(target)
    with pytest.raises(BackupFailed):
        backups.look_into(target)


def test_a_damaged_database_is_not_backed_up(source: Path, tmp_path: Path) -> None:
    _orphan(source)
    with pytest.raises(BackupFailed, match="refers to one of parent that is not there"):
        backups.create(source, tmp_path / "backup.db")
    assert [path.name for path in tmp_path.glob("backup*")] == []


def test_a_file_that_is_not_there_is_no_backup(tmp_path: Path) -> None:
    with pytest.raises(BackupFailed, match="There is no file"):
        backups.look_into(tmp_path / "nothing.db")
