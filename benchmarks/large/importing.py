"""How long an import takes beside the least that could do it, and what memory it needs. A program of its own.

    python -m benchmarks.large.importing bare ROWS FILE     # reads the file's rows, stores as many rows; prints JSON
    python -m benchmarks.large.importing import ROWS FILE   # the import itself; prints JSON

The database comes from the environment, migrated and empty. *Bare* is to read every row as the import does, numbers
included, and to insert the rows of addresses, contacts and numbers in one go, and nothing else: nothing is looked for,
indexed for the search or counted.
"""

from __future__ import annotations

import csv
import json
import os
import sys
import time
from collections.abc import Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from sqlalchemy import insert, text
from sqlalchemy.orm import Session

from app import create_app
from app.core.database import database, reading, transaction
from app.modules.addresses.transfer.importing import Failure, Plan, Totals, reader_for, run_import
from app.modules.addresses.transfer.proposing import propose
from app.modules.addresses.transfer.source import FileSource, Table
from benchmarks.large.generator import entries
from benchmarks.large.rounds import spent_ms
from benchmarks.large.rows import ADDRESS, CONTACT, NUMBER, Book
from config import Config

HEADINGS = (
    *("Name", "Straße", "PLZ", "Ort", "Land", "E-Mail", "USt-IdNr.", "Telefon", "Telefon 2", "Fax"),
    *("Ansprechpartner Name", "Ansprechpartner E-Mail", "Ansprechpartner Telefon"),
)
ASSIGNMENT = (
    *("name", "street", "postcode", "city", "country", "email", "vat_id", "phone", "phone", "fax"),
    *("contact1.name", "contact1.email", "contact1.phone"),
)


def write_file(path: Path, rows: int) -> None:
    """The first addresses of the generated book as a spreadsheet would save them, each with its first contact."""
    with path.open("w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file, delimiter=";")
        writer.writerow(HEADINGS)
        for entry in entries(rows):
            phones = [number.raw for number in entry.numbers if number.kind != "fax"] + ["", ""]
            fax = [number.raw for number in entry.numbers if number.kind == "fax"] + [""]
            person = entry.contacts[0] if entry.contacts else None
            direct = [number.raw for number in person.numbers] if person else []
            who = (person.name, person.email, direct[0] if direct else "") if person else ("", "", "")
            place = (entry.name, entry.street, entry.postcode, entry.city, entry.country, entry.email, entry.vat_id)
            writer.writerow((*place, *phones[:2], fax[0], *who))


class _Memory:
    """Looks on while an import runs and notes the memory in use after each batch."""

    def __init__(self) -> None:
        self.mib: list[tuple[int, float]] = []

    def begin(self, session: Session) -> None:
        """Nobody ends it."""

    def store(self, session: Session, totals: Totals, failures: Sequence[Failure]) -> None:
        """Nothing is kept in the database."""

    def progressed(self, totals: Totals, failures: Sequence[Failure]) -> None:
        self.mib.append((totals.done, round(resident_mib(), 1)))

    def pause(self) -> None:
        """Nobody waits."""


def resident_mib() -> float:
    """Memory of this process that is really in use."""
    pages = int(Path("/proc/self/statm").read_text("ascii").split()[1])
    return pages * os.sysconf("SC_PAGE_SIZE") / 2**20


def used_seconds() -> float:
    """Processor time so far of this program and of the database's processes that work for it."""
    used = time.process_time()
    if database().is_sqlite:
        return used
    with reading() as session:
        own = text(
            "SELECT pid FROM pg_stat_activity WHERE datname = current_database() AND backend_type LIKE 'client%'"
        )
        return used + sum(spent_ms(pid) for pid in session.execute(own).scalars()) / 1000


def bare(plan: Plan, rows: int) -> dict[str, Any]:
    """The least: read the rows, store as many."""
    book = Book(datetime.now(UTC))
    batches = list(book.batches(entries(rows)))
    used, start = used_seconds(), time.perf_counter()
    with reading() as session, Table(plan.source, plan.format) as table:
        reader = reader_for(plan, table.headings, session)
        for record in table:
            reader.read(record)
    read = time.perf_counter()
    with transaction() as session:
        for batch in batches:
            for target in (ADDRESS, CONTACT, NUMBER):
                if batch[target]:
                    session.connection().execute(insert(target), _alike(batch[target]))
    stored = time.perf_counter()
    return {
        "read": round(read - start, 3),
        "insert": round(stored - read, 3),
        "cpu": round(used_seconds() - used, 3),
    }


def _alike(rows: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """Rows that all name the same columns, as one statement for many needs them."""
    names = {name: None for row in rows for name in row}
    lacking = {"version": 1}
    return [{name: row.get(name, lacking.get(name)) for name in names} for row in rows]


def whole(plan: Plan) -> dict[str, Any]:
    """The import."""
    memory = _Memory()
    used, start = used_seconds(), time.perf_counter()
    totals = run_import(plan, memory)
    seconds = round(time.perf_counter() - start, 3)
    return {
        "seconds": seconds,
        "cpu": round(used_seconds() - used, 3),
        "created": totals.created,
        "failed": totals.failed,
        "memory_mib": memory.mib,
    }


def main(arguments: list[str]) -> None:
    way, rows, file = arguments[0], int(arguments[1]), Path(arguments[2])
    with create_app(Config.from_env()).app_context():
        source = FileSource(file)
        plan = Plan(source, propose(source).format, ASSIGNMENT)
        print(json.dumps(bare(plan, rows) if way == "bare" else whole(plan)))


if __name__ == "__main__":
    main(sys.argv[1:])
