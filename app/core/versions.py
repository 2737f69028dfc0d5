"""Version numbers in the database, by which a running server notices changes made elsewhere.

Settings, module state, log-in sessions and others carry a name and a number. A change bumps the number in its
own transaction. Every process compares once a second; in the process that made the change it is at once.
"""

from __future__ import annotations

import logging
import threading
import time
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Generic, TypeVar

from sqlalchemy import String, select, update
from sqlalchemy.orm import Mapped, Session, mapped_column

from app.core import patience
from app.core.database import Base, Database, insert_or_ignore
from app.core.events import publish
from app.core.prepared import Prepared

log = logging.getLogger(__name__)
T = TypeVar("T")

#: Seconds between two comparisons; a change made elsewhere is promised within two.
CHECK_SECONDS = 1.0
#: Seconds that whoever comes by waits for a comparison; with a database that hangs, what is known stays in force.
PATIENCE_SECONDS = 3.0


class Version(Base):
    """A name and its number."""

    __tablename__ = "core_version"
    name: Mapped[str] = mapped_column(String(80), primary_key=True)
    value: Mapped[int] = mapped_column(default=1)


_ALL = Prepared(select(Version.name, Version.value))


@dataclass(frozen=True, slots=True)
class VersionBumped:
    """A number was raised by a transaction of this process."""

    name: str


class Versions:
    """Compares the numbers and calls whoever asked to hear of a change."""

    def __init__(self, database: Database) -> None:
        self.database = database
        self._handlers: dict[str, list[Callable[[], None]]] = {}
        self._seen: dict[str, int] | None = None
        self._checked_at = -CHECK_SECONDS
        self._away = False
        self._lock = threading.Lock()
        database.bus.subscribe(VersionBumped, lambda _event: self.check(max_age=0))

    def on_change(self, name: str, handler: Callable[[], None]) -> None:
        """Call ``handler`` when ``name`` has changed, here or in another process."""
        self._handlers.setdefault(name, []).append(handler)

    def bump(self, session: Session, name: str) -> None:
        """Say in this transaction that ``name`` has changed."""
        found = session.execute(update(Version).where(Version.name == name).values(value=Version.value + 1))
        if not getattr(found, "rowcount", 0) and not insert_or_ignore(
            session, Version, {"name": name, "value": 1}, ["name"]
        ):
            session.execute(update(Version).where(Version.name == name).values(value=Version.value + 1))
        publish(session, VersionBumped(name))

    def check(self, max_age: float = CHECK_SECONDS) -> None:
        """Compare, unless that was done less than ``max_age`` seconds ago. Never raises."""
        now = time.monotonic()
        if now - self._checked_at < max_age:
            return
        self._checked_at = now
        try:
            with patience.at_most(PATIENCE_SECONDS), self.database.looking() as connection:
                current = {row[0]: row[1] for row in _ALL.rows(connection, {})}
        except Exception as error:  # noqa: BLE001 (away, or not migrated yet: what is cached stays in force)
            if not self._away:
                log.warning("versions cannot be read: %s", type(error).__name__)
            self._away = True
            return
        self._away = False
        with self._lock:
            seen, self._seen = self._seen, current
        if seen is None:
            # The first look: whatever was cached before it may be older than what was just read.
            changed = set(self._handlers)
        else:
            changed = {name for name, value in current.items() if seen.get(name) != value}
        for name in sorted(changed):
            for handler in self._handlers.get(name, ()):
                try:
                    handler()
                except Exception:
                    # One cache that cannot be renewed must not keep the others from it.
                    log.exception("change of %s was not taken over", name)


class Remembered(Generic[T]):
    """Something read from the database once and kept until one of some versions says that it has changed."""

    def __init__(self, versions: Versions, names: Iterable[str], read: Callable[[Session], T]) -> None:
        self._database = versions.database
        self._read = read
        self._kept: tuple[T] | None = None
        self._forgotten = 0
        self._lock = threading.Lock()
        for name in names:
            versions.on_change(name, self.forget)

    def current(self) -> T:
        """What was read last, or now where it has been forgotten."""
        kept = self._kept
        if kept is not None:
            return kept[0]
        forgotten = self._forgotten
        # A session of its own: the caller's may have begun before the change that made us forget.
        with self._database.reading() as session:
            value = self._read(session)
        with self._lock:
            # Not kept when somebody changed it meanwhile: it may be what was before that.
            if forgotten == self._forgotten:
                self._kept = (value,)
        return value

    def forget(self) -> None:
        """Read again when asked next."""
        with self._lock:
            self._forgotten += 1
            self._kept = None
