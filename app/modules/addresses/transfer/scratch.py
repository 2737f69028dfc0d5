"""What an import must know of the whole file while it works on a small piece of it: in a private file, not in memory.

A temporary SQLite database, which nobody else sees and which goes when it is closed. Nothing in it is worth keeping:
whoever goes on with an import reads the file once more from the beginning.
"""

from __future__ import annotations

import pickle
import sqlite3
from collections.abc import Iterable, Sequence
from hashlib import blake2b
from typing import Any

from app.modules.addresses.transfer.states import AddressState, Given

#: Rows that are noted in one piece.
BATCH = 2000


class Scratch:
    """The keys of all rows, what was said of addresses that several rows speak of, and what a trial run has made."""

    def __init__(self) -> None:
        # An empty name: SQLite keeps a few pages in memory and the rest in a file that it deletes at once.
        self._file = sqlite3.connect("", isolation_level=None, check_same_thread=False)
        self._file.executescript(
            "PRAGMA journal_mode=OFF; PRAGMA synchronous=OFF; PRAGMA cache_size=-2000;"
            "CREATE TABLE row (key TEXT, value TEXT, line INTEGER);"
            "CREATE TABLE given (id INTEGER PRIMARY KEY, given BLOB);"
            "CREATE TABLE state (id INTEGER PRIMARY KEY, state BLOB);"
            "CREATE TABLE found (key TEXT, value TEXT, id INTEGER, PRIMARY KEY (key, value)) WITHOUT ROWID;"
        )
        self._waiting: list[tuple[str, str, int]] = []
        self._next_id = -1

    def close(self) -> None:
        """Forget everything."""
        self._file.close()

    # ------------------------------------------------------------------------------------------ the keys of all rows

    def note(self, key: str, value: str, line: int) -> None:
        """A row of the file has this key."""
        self._waiting.append((key, value, line))
        if len(self._waiting) >= BATCH:
            self._write()

    def note_cells(self, cells: Sequence[str], line: int) -> None:
        """A row of the file has no key: it is known by all that stands in it."""
        digest = blake2b("\x1f".join(map(str.strip, cells)).encode("utf-8", "replace"), digest_size=16)
        self.note("cells", digest.hexdigest(), line)

    def complete(self) -> None:
        """All rows are noted; from now on they are asked for."""
        self._write()
        self._file.execute("CREATE INDEX row_value ON row (key, value, line)")

    def _write(self) -> None:
        self._file.execute("BEGIN")
        self._file.executemany("INSERT INTO row VALUES (?, ?, ?)", self._waiting)
        self._file.execute("COMMIT")
        self._waiting.clear()

    def is_repeated(self, key: str, value: str) -> bool:
        """Whether several rows have it."""
        query = "SELECT count(*) FROM (SELECT 1 FROM row WHERE key = ? AND value = ? LIMIT 2)"
        return bool(self._file.execute(query, (key, value)).fetchone()[0] > 1)

    def earlier(self, cells: Sequence[str], line: int) -> int | None:
        """The line of an earlier row in which the very same stands."""
        digest = blake2b("\x1f".join(map(str.strip, cells)).encode("utf-8", "replace"), digest_size=16)
        query = "SELECT min(line) FROM row WHERE key = 'cells' AND value = ? AND line < ?"
        found: int | None = self._file.execute(query, (digest.hexdigest(), line)).fetchone()[0]
        return found

    def reserved(self, key: str, values: Sequence[str]) -> set[str]:
        """Which of these values stand in the file."""
        if not values:
            return set()
        marks = ",".join("?" * len(values))
        query = f"SELECT DISTINCT value FROM row WHERE key = ? AND value IN ({marks})"  # noqa: S608 (question marks)
        return {value for (value,) in self._file.execute(query, (key, *values))}

    # ---------------------------------------------------------------------------- addresses of which several rows speak

    def given(self, ids: Iterable[int]) -> dict[int, Given]:
        """What earlier rows have said of these addresses."""
        found = {}
        for one in ids:
            row = self._file.execute("SELECT given FROM given WHERE id = ?", (one,)).fetchone()
            if row:
                found[one] = pickle.loads(row[0])  # noqa: S301 (our own, from a file that nobody else can open)
        return found

    def remember_given(self, states: Iterable[AddressState]) -> None:
        """Keep what rows have said of these addresses for later rows."""
        rows = [(state.id, pickle.dumps(state.given)) for state in states if state.id is not None]
        self._file.executemany("INSERT OR REPLACE INTO given VALUES (?, ?)", rows)

    # ------------------------------------------------------------------------------------------------- trial runs

    def remember_states(self, states: Iterable[AddressState], keys: Sequence[str]) -> None:
        """Keep addresses as a trial run has left them, and let go of how they were. New ones get an id below 0."""
        for state in states:
            if state.id is None:
                state.id = self._next_id
                self._next_id -= 1
            state.stored = None
            self._file.execute("INSERT OR REPLACE INTO state VALUES (?, ?)", (state.id, pickle.dumps(state)))
            self._file.executemany(
                "INSERT OR REPLACE INTO found VALUES (?, ?, ?)",
                [(key, state.values[key], state.id) for key in keys if state.values[key]],
            )

    def ids_of(self, key: str, values: Sequence[str]) -> dict[str, int]:
        """Addresses that a trial run has made or changed, by a key."""
        if not values:
            return {}
        marks = ",".join("?" * len(values))
        query = f"SELECT value, id FROM found WHERE key = ? AND value IN ({marks})"  # noqa: S608 (question marks)
        return dict(self._file.execute(query, (key, *values)).fetchall())

    def states(self, ids: Iterable[int]) -> dict[int, AddressState]:
        """Addresses as a trial run has left them."""
        found: dict[int, AddressState] = {}
        for one in ids:
            row: Any = self._file.execute("SELECT state FROM state WHERE id = ?", (one,)).fetchone()
            if row:
                state = found[one] = pickle.loads(row[0])  # noqa: S301 (as above)
                state.stored = state.copy()
        return found
