"""The databases under measurement: one for Durchwahl and one for the bare pipeline, on the same disk or server."""

from __future__ import annotations

import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import psycopg

from benchmarks.results import BARE, DURCHWAHL
from tests.services import postgres_server


@contextmanager
def databases(kind: str) -> Iterator[tuple[Path, dict[str, str]]]:
    """A folder, and an empty database in it for each pipeline, by name."""
    with tempfile.TemporaryDirectory(prefix="durchwahl-bench-") as name:
        folder = Path(name)
        if kind == "sqlite":
            yield folder, {DURCHWAHL: f"sqlite:///{folder / 'durchwahl.db'}", BARE: f"sqlite:///{folder / 'bare.db'}"}
            return
        with postgres_server(durable=True) as prefix:
            with psycopg.connect(f"{prefix}postgres", autocommit=True) as connection:
                connection.execute("CREATE DATABASE durchwahl")
                connection.execute("CREATE DATABASE bare")
            yield folder, {DURCHWAHL: f"{prefix}durchwahl", BARE: f"{prefix}bare"}


def warm(folder: Path) -> None:
    """Have the machine read the databases' files once: neither pipeline is to be measured waiting for a cold disk."""
    for file in folder.glob("*.db"):
        file.read_bytes()
