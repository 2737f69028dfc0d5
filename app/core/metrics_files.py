"""Figures of several workers: each writes its own into a file every second, and whoever is asked adds them.

A worker holds a lock on a file of its own as long as it lives. Where that lock can be had the worker has ended: its
counts are added to those of all that ended before, so that no counter ever goes back. A worker that is killed takes at
most its last second with it.
"""

from __future__ import annotations

import fcntl
import json
import logging
import os
import platform
import secrets
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import IO, Any

from app.core.metrics import Metrics, Samples, added

log = logging.getLogger(__name__)
#: So many workers that ended are remembered by name: one that was added must not be added again.
REMEMBERED = 200


class Shared:
    """The figures of all workers under one address. ``folder`` lies in DATA_DIR; only ``write`` begins to write."""

    def __init__(self, metrics: Metrics, folder: Path, port: int) -> None:
        self.metrics = metrics
        # Instances may share DATA_DIR, and each is asked for its own.
        self.folder = folder / f"{platform.node()}-{port}"
        self._name: str | None = None
        self._held: IO[str] | None = None
        self._written: Samples | None = None
        self._failed = False

    def write(self) -> None:
        """Let the other workers know this one's figures."""
        try:
            samples = self.metrics.samples()
            if samples == self._written:
                return
            if self._held is None:
                self._begin()
            _replace(self.folder / f"{self._name}.json", _rows(samples))
            self._written, self._failed = samples, False
        except OSError as error:
            # Figures are worth no trouble: the telephone goes on where the disk is full.
            if not self._failed:
                log.warning("the figures cannot be written: %s", type(error).__name__)
            self._failed = True

    def end(self) -> None:
        """The worker ends: its last figures are written, and its lock is free."""
        self.write()
        if self._held is not None:
            self._held.close()
            self._held = None

    def text(self) -> str:
        """All workers' figures for Prometheus."""
        return self.metrics.text(added([self.metrics.samples(), self.metrics.common(), *self._others()]))

    def _begin(self) -> None:
        self.folder.mkdir(parents=True, exist_ok=True)
        self._name = f"{os.getpid()}-{secrets.token_hex(4)}"
        with self._guard():
            self._held = (self.folder / f"{self._name}.lock").open("w", encoding="utf-8")
            fcntl.flock(self._held, fcntl.LOCK_EX | fcntl.LOCK_NB)

    def _others(self) -> list[Samples]:
        if not self.folder.is_dir():
            return []
        try:
            with self._guard():
                ended = self._ended()
                running = [
                    _samples(_read(path.with_suffix(".json"), []))
                    for path in self.folder.glob("*.lock")
                    if path.stem != self._name
                ]
            return [ended, *running]
        except OSError as error:
            log.warning("the figures of other workers cannot be read: %s", type(error).__name__)
            return []

    def _ended(self) -> Samples:
        """The counts of all that have ended, those that ended just now among them."""
        file = self.folder / "ended"
        known = _read(file, {"names": [], "rows": []})
        total, names, gone = _samples(known["rows"]), list(known["names"]), []
        for path in self.folder.glob("*.lock"):
            if path.stem != self._name and _is_free(path):
                gone.append(path)
                if path.stem not in names:
                    names.append(path.stem)
                    last = _samples(_read(path.with_suffix(".json"), []))
                    total = added([total, self.metrics.lasting(last)])
        if gone:
            _replace(file, {"names": names[-REMEMBERED:], "rows": _rows(total)})
        for path in gone:
            path.with_suffix(".json").unlink(missing_ok=True)
            path.unlink(missing_ok=True)
        return total

    @contextmanager
    def _guard(self) -> Iterator[None]:
        """One at a time begins, or looks who has ended; that takes a few milliseconds."""
        with (self.folder / "guard").open("w", encoding="utf-8") as guard:
            fcntl.flock(guard, fcntl.LOCK_EX)
            yield


def _is_free(path: Path) -> bool:
    with path.open("a", encoding="utf-8") as file:
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            return False
        return True


def _rows(samples: Samples) -> list[Any]:
    return [[name, [list(pair) for pair in pairs], value] for (name, pairs), value in samples.items()]


def _samples(rows: list[Any]) -> Samples:
    return {(name, tuple((label, text) for label, text in pairs)): value for name, pairs, value in rows}


def _read(path: Path, otherwise: Any) -> Any:
    try:
        return json.loads(path.read_text("utf-8"))
    except (FileNotFoundError, ValueError):
        return otherwise


def _replace(path: Path, content: Any) -> None:
    """At once, so that nobody reads half of it."""
    beside = path.with_name(f".{path.name}.{os.getpid()}")
    beside.write_text(json.dumps(content), "utf-8")
    beside.replace(path)
