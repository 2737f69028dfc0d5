"""Imports of tests: a file as text, what became of it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from app.core.database import reading
from app.modules.addresses.models import Address, Contact, PhoneNumber
from app.modules.addresses.reading import details
from app.modules.addresses.records import AddressDetail
from app.modules.addresses.transfer.importing import Failure, Plan, Totals, run_import
from app.modules.addresses.transfer.options import Options
from app.modules.addresses.transfer.proposing import propose
from tests.unit.addresses.transfer.files import Bytes


@dataclass
class Watcher:
    """Looks on, and can end the import after so many batches."""

    stop_after: int | None = None
    batches: int = 0
    failures: list[Failure] = field(default_factory=list)
    seen: list[int] = field(default_factory=list)

    def begin(self, session: Session) -> None:
        if self.stop_after is not None and self.batches >= self.stop_after:
            raise Ended
        self.batches += 1

    def store(self, session: Session, totals: Totals, failures: Sequence[Failure]) -> None:
        self.failures += failures

    def progressed(self, totals: Totals, failures: Sequence[Failure]) -> None:
        self.seen.append(totals.done)

    def pause(self) -> None:
        pass

    @property
    def codes(self) -> dict[int, list[str]]:
        """Line → why it was refused."""
        return {failure.line: [problem.code for problem in failure.problems] for failure in self.failures}


class Ended(Exception):
    """The import was ended by who watched."""


def plan_of(text: str, assignment: str | None = None, **options: Any) -> Plan:
    source = Bytes(text.encode())
    proposed = propose(source)
    targets = proposed.assignment if assignment is None else tuple(assignment.split(";"))
    return Plan(source, proposed.format, targets, Options(**options))


def run(
    text: str, watcher: Watcher | None = None, *, by: int | None = None, dry_run: bool = False, **options: Any
) -> Totals:
    return run_import(plan_of(text, **options), watcher or Watcher(), by=by, dry_run=dry_run)


def refused(text: str, **options: Any) -> dict[int, list[str]]:
    watcher = Watcher()
    run(text, watcher, **options)
    return watcher.codes


def counted(totals: Totals) -> dict[str, int]:
    """What is not 0."""
    values = {name: getattr(totals, name) for name in Totals.__slots__}
    return {name: value for name, value in values.items() if value and name not in ("total", "done")}


def addresses() -> list[AddressDetail]:
    """All of them, archived ones too, in the order in which they were made."""
    with reading() as session:
        return details(session, list(session.execute(select(Address.id).order_by(Address.id)).scalars()))


def the_address() -> AddressDetail:
    (found,) = addresses()
    return found


def everything(session: Session) -> dict[str, list[dict[str, Any]]]:
    """Every row of the tables of addresses, without the times and ids by which two ways of storing may differ."""
    found = {}
    for model in (Address, Contact, PhoneNumber):
        table: Any = model.__table__
        rows = session.execute(select(*table.c).order_by(table.c.id)).mappings()
        found[table.name] = [{name: value for name, value in row.items() if name != "id"} for row in rows]
    return found
