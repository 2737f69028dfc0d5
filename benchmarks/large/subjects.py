"""The two databases that are measured side by side, each with an application of its own in this process."""

from __future__ import annotations

import tempfile
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import psycopg
from alembic import command
from alembic.util.exc import CommandError
from flask import Flask

from app import create_app
from app.core.commands.structure import alembic_config
from app.core.database import Database
from app.core.kernel import Kernel
from benchmarks.servers import environment
from config import Config
from tests.services import postgres_server

#: Bytes of a file that are read at a time.
_AT_ONCE = 1 << 20
#: In the folder of a database that stays: what it was filled with.
FILLED = "filled"


@dataclass(frozen=True, slots=True)
class Subject:
    """A database with its application."""

    kind: str
    """sqlite or postgresql."""
    app: Flask
    env: Mapping[str, str]
    """For programs that work on the same database."""

    @property
    def database(self) -> Database:
        """What the application stores in."""
        kernel: Kernel = self.app.extensions["durchwahl"]
        return kernel.database


@dataclass(frozen=True, slots=True)
class Places:
    """Where databases are made."""

    folder: Path
    """SQLite's, and what belongs to each database of PostgreSQL."""
    server: str
    """The address of PostgreSQL, which lacks a database's name; '' where there is none."""
    stay: bool
    """Filled databases are left for the next run."""

    def read_in(self) -> None:
        """Has the machine hold in memory what an earlier run left, as it holds what was filled a moment ago."""
        if self.stay:
            for file in self.folder.rglob("*"):
                if file.is_file():
                    with file.open("rb") as content:
                        while content.read(_AT_ONCE):
                            pass


@contextmanager
def servers(kinds: Sequence[str], keep: Path | None = None) -> Iterator[Places]:
    """Places for these kinds of databases; ``keep`` is a folder where they are found again."""
    with ExitStack() as stack:
        if keep is None:
            folder = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="durchwahl-large-")))
        else:
            folder = keep.resolve()
            folder.mkdir(parents=True, exist_ok=True)
        server, data = "", None if keep is None else folder / "postgresql"
        if "postgresql" in kinds:
            server = stack.enter_context(postgres_server(durable=True, data=data))
        yield Places(folder, server, keep is not None)


@contextmanager
def subjects(places: Places, kinds: Sequence[str], name: str) -> Iterator[list[Subject]]:
    """An empty, migrated database of each kind, gone after the block."""
    made: list[Subject] = []
    try:
        for kind in kinds:
            made.append(_made(places, kind, name))
        yield made
    finally:
        for subject in made:
            subject.database.dispose()
            _drop(places, subject.kind, name)


@contextmanager
def filled(
    places: Places, kinds: Sequence[str], name: str, contents: str, fill: Callable[[list[Subject]], None]
) -> Iterator[list[Subject]]:
    """A database of each kind that ``fill`` has filled: now, or in an earlier run with the same ``contents``."""
    if not places.stay:
        with subjects(places, kinds, name) as made:
            fill(made)
            yield made
        return
    found: list[Subject] = []
    try:
        anew = []
        for kind in kinds:
            subject = _found(places, kind, name, contents)
            if subject is None:
                (_folder(places, kind, name) / FILLED).unlink(missing_ok=True)
                anew.append(subject := _made(places, kind, name))
            found.append(subject)
        if anew:
            fill(anew)
        for subject in anew:
            (_folder(places, subject.kind, name) / FILLED).write_text(contents, "utf-8")
        yield found
    finally:
        for subject in found:
            subject.database.dispose()


def _found(places: Places, kind: str, name: str, contents: str) -> Subject | None:
    """A database that was filled so, brought to the structure of today; None where there is none."""
    mark = _folder(places, kind, name) / FILLED
    if not mark.exists() or mark.read_text("utf-8") != contents:
        return None
    subject = _opened(places, kind, name)
    try:
        command.upgrade(alembic_config(subject.database.url), "head")
    except CommandError:  # it was filled by a newer version
        subject.database.dispose()
        return None
    return subject


def _folder(places: Places, kind: str, name: str) -> Path:
    return places.folder / f"{name}-{kind}"


def _made(places: Places, kind: str, name: str) -> Subject:
    _drop(places, kind, name)
    _folder(places, kind, name).mkdir(exist_ok=True)
    if kind == "postgresql":
        with psycopg.connect(f"{places.server}postgres", autocommit=True) as connection:
            connection.execute(f'CREATE DATABASE "{name}"'.encode())
    subject = _opened(places, kind, name)
    command.upgrade(alembic_config(subject.database.url), "head")
    return subject


def _opened(places: Places, kind: str, name: str) -> Subject:
    folder = _folder(places, kind, name)
    url = f"{places.server}{name}" if kind == "postgresql" else f"sqlite:///{folder / 'durchwahl.db'}"
    env = environment(folder, url)
    return Subject(kind, create_app(Config.from_env(env)), env)


def _drop(places: Places, kind: str, name: str) -> None:
    """What there is of it."""
    if kind == "postgresql":
        with psycopg.connect(f"{places.server}postgres", autocommit=True) as connection:
            connection.execute(f'DROP DATABASE IF EXISTS "{name}" WITH (FORCE)'.encode())
    for file in _folder(places, kind, name).glob("durchwahl.db*"):
        file.unlink()


def times_of(work: Callable[[Any], object], things: Sequence[Any]) -> list[float]:
    """How long the work takes for each thing, in ms."""
    found = []
    for thing in things:
        start = time.perf_counter()
        work(thing)
        found.append(round((time.perf_counter() - start) * 1000, 4))
    return found
