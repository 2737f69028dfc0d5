"""The two databases that are measured side by side, each with an application of its own in this process."""

from __future__ import annotations

import tempfile
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import psycopg
from alembic import command
from flask import Flask

from app import create_app
from app.core.commands.structure import alembic_config
from app.core.database import Database
from app.core.kernel import Kernel
from benchmarks.servers import environment
from config import Config
from tests.services import postgres_server


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


@contextmanager
def servers(kinds: Sequence[str]) -> Iterator[dict[str, str]]:
    """Where each kind of database keeps its databases: a folder, a server's address."""
    with tempfile.TemporaryDirectory(prefix="durchwahl-large-") as folder:
        if "postgresql" not in kinds:
            yield {"sqlite": folder}
            return
        with postgres_server(durable=True) as prefix:
            yield {"sqlite": folder, "postgresql": prefix}


@contextmanager
def subjects(places: Mapping[str, str], kinds: Sequence[str], name: str) -> Iterator[list[Subject]]:
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


def _made(places: Mapping[str, str], kind: str, name: str) -> Subject:
    folder = Path(places["sqlite"]) / f"{name}-{kind}"
    folder.mkdir()
    url = f"sqlite:///{folder / 'durchwahl.db'}"
    if kind == "postgresql":
        with psycopg.connect(f"{places[kind]}postgres", autocommit=True) as connection:
            connection.execute(f'CREATE DATABASE "{name}"'.encode())
        url = f"{places[kind]}{name}"
    env = environment(folder, url)
    app = create_app(Config.from_env(env))
    subject = Subject(kind, app, env)
    command.upgrade(alembic_config(subject.database.url), "head")
    return subject


def _drop(places: Mapping[str, str], kind: str, name: str) -> None:
    if kind == "postgresql":
        with psycopg.connect(f"{places[kind]}postgres", autocommit=True) as connection:
            connection.execute(f'DROP DATABASE "{name}" WITH (FORCE)'.encode())
    for file in (Path(places["sqlite"]) / f"{name}-{kind}").glob("durchwahl.db*"):
        file.unlink()


def times_of(work: Callable[[Any], object], things: Sequence[Any]) -> list[float]:
    """How long the work takes for each thing, in ms."""
    found = []
    for thing in things:
        start = time.perf_counter()
        work(thing)
        found.append(round((time.perf_counter() - start) * 1000, 4))
    return found
