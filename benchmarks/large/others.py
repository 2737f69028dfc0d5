"""What others keep beside their numbers: digits alone, and caller ids with their level. For the measurement only."""

from __future__ import annotations

from sqlalchemy import Column, Integer, MetaData, String, Table, text

from benchmarks.large.rows import NUMBER
from benchmarks.large.subjects import Subject

KNOWN_LEVEL, MAYBE_LEVEL = "known", "maybe"
_THEIRS = MetaData()
DIGITS = Table("bench_digits", _THEIRS, Column("address_id", Integer), Column("digits", String(20)))
CALLER_IDS = Table(
    "bench_caller_id",
    _THEIRS,
    Column("id", Integer, primary_key=True),
    Column("caller_id", String(20)),
    Column("level", String(10)),
    Column("address_id", Integer),
)


def prepare(subject: Subject) -> None:
    """The tables of the other ways: digits alone, and caller ids with their level, one in twenty a *maybe*."""
    engine = subject.database.engine
    with engine.begin() as connection:
        _THEIRS.create_all(connection)
        read = f"FROM {NUMBER.name} WHERE e164 IS NOT NULL"
        connection.execute(
            text(f"INSERT INTO bench_digits (address_id, digits) SELECT address_id, substr(e164, 2) {read}")
        )
        connection.execute(
            text(
                "INSERT INTO bench_caller_id (id, caller_id, level, address_id) SELECT id, substr(e164, 2),"
                f" CASE WHEN id % 20 = 0 THEN '{MAYBE_LEVEL}' ELSE '{KNOWN_LEVEL}' END, address_id {read}"
            )
        )
        connection.execute(text("CREATE INDEX bench_caller_id_index ON bench_caller_id (caller_id)"))
