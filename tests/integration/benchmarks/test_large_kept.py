"""Filled databases of a measurement that stay are found again, and filled anew where other rows are wanted."""

from __future__ import annotations

import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest
from sqlalchemy import insert, select

from benchmarks.large.rows import ADDRESS
from benchmarks.large.subjects import Subject, filled, servers
from tests.conftest import NOW


@pytest.fixture
def kept() -> Iterator[Path]:
    with tempfile.TemporaryDirectory(prefix="durchwahl-kept-") as folder:
        Path(folder).chmod(0o755)  # PostgreSQL runs as somebody else where the tests run as root
        yield Path(folder)


def test_a_filled_database_is_found_again_until_other_rows_are_wanted(kept: Path, database_kind: str) -> None:
    filling: list[str] = []

    def names(contents: str) -> list[str]:
        def fill(anew: list[Subject]) -> None:
            for subject in anew:
                filling.append(contents)
                with subject.database.engine.begin() as connection:
                    row = {"name": contents, "kind": "company", "created_at": NOW, "updated_at": NOW}
                    connection.execute(insert(ADDRESS).values(row))

        with filled(places, (database_kind,), "book", contents, fill) as (subject,):
            assert subject.kind == database_kind
            with subject.database.engine.connect() as connection:
                return list(connection.execute(select(ADDRESS.c.name)).scalars())

    with servers((database_kind,), kept) as places:
        assert names("one") == ["one"]
        assert names("one") == ["one"]
    with servers((database_kind,), kept) as places:
        assert names("one") == ["one"]
        assert filling == ["one"]
        assert names("other") == ["other"]
        assert filling == ["one", "other"]


def test_one_that_was_not_filled_to_the_end_is_filled_anew(kept: Path) -> None:
    def fails(anew: list[Subject]) -> None:
        raise RuntimeError("the disk is full")

    filling: list[int] = []
    with servers(("sqlite",), kept) as places:
        with pytest.raises(RuntimeError), filled(places, ("sqlite",), "book", "one", fails):
            pass
        with filled(places, ("sqlite",), "book", "one", lambda anew: filling.append(len(anew))):
            assert filling == [1]
