"""The spool: notifications that could not be stored wait in a file until the database is back.

One file for all workers of a machine, in DATA_DIR; whoever writes or takes it away holds its lock. A notification is a
line: when it came, its length, its checksum, and its content encrypted under SECRET_KEY. It is acknowledged once it is
on disk, its file's name with it. Lines begin and end with a line feed, which no line holds, so what a killed process
left of one costs no other. Taken away means renamed: from then on nobody adds to it, and when all of it is stored it is
removed. Whoever is killed in between leaves it to the next, and the checksum, which is stored as well, says what is
stored already.
"""

from __future__ import annotations

import base64
import contextlib
import fcntl
import hashlib
import json
import os
import re
import threading
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from app.core.security import CannotDecrypt, Cipher

#: Bytes of all that waits: some 60 000 notifications of the usual size.
MOST_BYTES = 64 * 1024 * 1024
WAITING = "waiting"
TAKEN = "taken-"
_LINE = re.compile(rb"DW1 (\S{1,40}) (\d{1,9}) ([0-9a-f]{64}) (\S*)")


class SpoolFull(OSError):
    """So much waits already that no more is taken."""


@dataclass(frozen=True, slots=True)
class Spooled:
    """A notification that waits. ``key`` tells it from all others, equal ones too; empty until it is written."""

    connection: str
    provider: str
    received_at: datetime
    remote_addr: str
    query: str
    headers: str
    body: bytes
    answer: str | None = None
    """What was decided while nothing could be looked up (``control_log.given``), where somebody waited for it."""
    stored_as: int | None = None
    """Its row, where it was stored but nothing that came of it: then nobody knows whether the row is on disk."""
    key: str = ""


@dataclass(frozen=True, slots=True)
class Waiting:
    """What is in the spool."""

    count: int = 0
    since: datetime | None = None
    size: int = 0
    """Bytes."""

    @property
    def full(self) -> bool:
        """Whether the next one may find no room."""
        return self.size >= MOST_BYTES * 9 // 10


@dataclass(frozen=True, slots=True)
class WorkedOff:
    """What came of working off."""

    taken: int = 0
    unreadable: int = 0
    """Encrypted under another SECRET_KEY; they stay."""
    refused: int = 0
    """The database is there and did not take them; they stay."""
    torn: int = 0
    """Halves of lines that a killed process left; never acknowledged, and gone."""
    elsewhere: bool = False
    """Somebody else was at it."""

    @property
    def left(self) -> int:
        """How many stay."""
        return self.unreadable + self.refused


class Spool:
    """The spool in one folder. Makes the folder with the first notification."""

    def __init__(self, folder: Path, cipher: Cipher) -> None:
        self.folder = folder
        self._cipher = cipher
        self._lock = threading.Lock()

    def append(self, notification: Spooled) -> None:
        """Write it down and wait until it is on disk. Raises OSError when that cannot be done; then it is not there."""
        line = self._line(notification)
        with self._lock:
            if not self.folder.is_dir():
                self.folder.mkdir(mode=0o700, parents=True, exist_ok=True)
                _sync(self.folder.parent)
            while not self._append(line):
                continue  # the file was taken away just now

    def is_empty(self) -> bool:
        """Whether nothing waits; looks at names and sizes only."""
        return not self._size()

    def has_news(self) -> bool:
        """Whether something waits that nobody has tried to take in yet."""
        return any(path.name == WAITING for path in self._files()) and not self.is_empty()

    def is_writable(self) -> bool:
        """Whether a notification could be written now, as far as rights tell."""
        return os.access(self.folder if self.folder.is_dir() else self.folder.parent, os.W_OK | os.X_OK)

    def waiting(self) -> Waiting:
        """How many there are, since when."""
        count, since, size = 0, None, 0
        for path in self._files():
            with contextlib.suppress(FileNotFoundError), path.open("rb") as file:
                for line in file:
                    size += len(line)
                    at = _received_at(line)
                    if at is not None:
                        count, since = count + 1, at if since is None else min(since, at)
        return Waiting(count, since, size)

    def newest(self, most: int) -> list[Spooled]:
        """The last ones that wait, the newest first, at most so many; those that cannot be read are left out."""
        found: list[Spooled] = []
        # Whatever is being taken in came before what waits.
        for path in sorted(self._files(), key=lambda one: one.name, reverse=True):
            with contextlib.suppress(FileNotFoundError):
                lines = [line for line in path.read_bytes().split(b"\n") if _is_whole(line)]
                for line in lines[: -(most - len(found)) - 1 : -1]:
                    with contextlib.suppress(CannotDecrypt):
                        found.append(self._notification(line))
        return found

    def work_off(self, store: Callable[[Spooled], object], away: Callable[[Exception], bool]) -> WorkedOff:
        """Have each notification stored, the newest first, and remove it; by one process at a time.

        What ``store`` raises ends it where ``away`` says that others will fare no better, and then all stays; else the
        others go on without it.
        """
        if not self.folder.is_dir():
            return WorkedOff()
        with self._alone() as mine:
            if not mine:
                return WorkedOff(elsewhere=True)
            self._take_away()
            done = [self._work_off(path, store, away) for path in sorted(self.folder.glob(f"{TAKEN}*"), reverse=True)]
        return WorkedOff(
            *(sum(getattr(one, name) for one in done) for name in ("taken", "unreadable", "refused", "torn"))
        )

    def _work_off(self, path: Path, store: Callable[[Spooled], object], away: Callable[[Exception], bool]) -> WorkedOff:
        lines = [line for line in path.read_bytes().split(b"\n") if line]
        taken = unreadable = refused = torn = 0
        left: list[bytes] = []
        # The newest first: a call that has ended meanwhile is never taken for one that rings.
        for line in reversed(lines):
            if not _is_whole(line):
                torn += 1
                continue
            try:
                store(self._notification(line))
                taken += 1
            except CannotDecrypt:
                unreadable += 1
                left.append(line)
            except Exception as error:
                if away(error):
                    raise
                refused += 1
                left.append(line)
        if left:
            self._replace(path, left[::-1])
        else:
            path.unlink()
        return WorkedOff(taken, unreadable, refused, torn)

    # ------------------------------------------------------------------------------------------------------- the files

    def _files(self) -> list[Path]:
        try:
            return [self.folder / name for name in os.listdir(self.folder) if name == WAITING or name.startswith(TAKEN)]
        except FileNotFoundError:
            return []

    def _size(self) -> int:
        """Bytes of all that waits."""
        size = 0
        for path in self._files():
            with contextlib.suppress(FileNotFoundError):
                size += path.stat().st_size
        return size

    def _append(self, line: bytes) -> bool:
        """False when the file was taken away before we had its lock."""
        path = self.folder / WAITING
        file = os.open(path, os.O_WRONLY | os.O_APPEND | os.O_CREAT | os.O_CLOEXEC, 0o600)
        try:
            fcntl.flock(file, fcntl.LOCK_EX)
            if not _is(file, path):
                return False
            size = os.fstat(file).st_size
            if self._size() + len(line) > MOST_BYTES:
                raise SpoolFull("the spool is full")
            try:
                _write(file, line)
                os.fsync(file)
                if not size:
                    _sync(self.folder)
            except OSError:
                # What was not acknowledged is not to be taken in.
                with contextlib.suppress(OSError):
                    os.ftruncate(file, size)
                raise
        finally:
            os.close(file)
        return True

    def _take_away(self) -> None:
        """Nobody adds any more to what waits now."""
        path = self.folder / WAITING
        try:
            file = os.open(path, os.O_WRONLY | os.O_CLOEXEC)
        except FileNotFoundError:
            return
        try:
            fcntl.flock(file, fcntl.LOCK_EX)
            # Only whoever is alone here renames, so it is the file that we have opened, and the number is free.
            taken = max((int(one.name.removeprefix(TAKEN)) for one in self.folder.glob(f"{TAKEN}*")), default=0)
            path.rename(self.folder / f"{TAKEN}{taken + 1:09}")
        finally:
            os.close(file)

    @contextlib.contextmanager
    def _alone(self) -> Iterator[bool]:
        with (self.folder / "guard").open("w", encoding="utf-8") as guard:
            try:
                fcntl.flock(guard, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except BlockingIOError:
                yield False
                return
            yield True

    def _replace(self, path: Path, lines: list[bytes]) -> None:
        beside = self.folder / "beside"
        file = os.open(beside, os.O_WRONLY | os.O_CREAT | os.O_TRUNC | os.O_CLOEXEC, 0o600)
        try:
            _write(file, b"".join(b"\n" + line + b"\n" for line in lines))
            os.fsync(file)
        finally:
            os.close(file)
        beside.replace(path)

    # ------------------------------------------------------------------------------------------------------- the lines

    def _line(self, notification: Spooled) -> bytes:
        content = {
            "connection": notification.connection,
            "provider": notification.provider,
            "remote_addr": notification.remote_addr,
            "query": notification.query,
            "headers": notification.headers,
            "body": base64.b64encode(notification.body).decode(),
            "answer": notification.answer,
            "stored_as": notification.stored_as,
        }
        token = self._cipher.encrypt(json.dumps(content)).encode()
        at = notification.received_at.isoformat().encode()
        return b"\nDW1 %s %d %s %s\n" % (at, len(token), _checksum(at, token), token)

    def _notification(self, line: bytes) -> Spooled:
        """Of a whole line. Raises CannotDecrypt."""
        _magic, at, _length, checksum, token = line.split(b" ")
        content = json.loads(self._cipher.decrypt(token.decode()))
        body = base64.b64decode(content.pop("body"))
        return Spooled(**content, body=body, received_at=datetime.fromisoformat(at.decode()), key=checksum.decode())


def _checksum(at: bytes, token: bytes) -> bytes:
    return hashlib.sha256(at + b" " + token).hexdigest().encode()


def _is_whole(line: bytes) -> bool:
    found = _LINE.fullmatch(line)
    return found is not None and len(found[4]) == int(found[2]) and _checksum(found[1], found[4]) == found[3]


def _received_at(line: bytes) -> datetime | None:
    """Of a line that is whole as far as its length tells."""
    found = _LINE.fullmatch(line.rstrip(b"\n"))
    if found is None or len(found[4]) != int(found[2]):
        return None
    try:
        return datetime.fromisoformat(found[1].decode())
    except ValueError:
        return None


def _is(file: int, path: Path) -> bool:
    try:
        there = path.stat()
    except FileNotFoundError:
        return False
    return (there.st_dev, there.st_ino) == (os.fstat(file).st_dev, os.fstat(file).st_ino)


def _write(file: int, content: bytes) -> None:
    rest = memoryview(content)
    while rest:
        rest = rest[os.write(file, rest) :]


def _sync(folder: Path) -> None:
    """Names in a folder are on disk."""
    file = os.open(folder, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
    try:
        os.fsync(file)
    finally:
        os.close(file)
