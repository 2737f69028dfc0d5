"""The import itself: a file, row by row, into addresses, in short transactions.

One pass counts the rows and notes their keys, a second one stores them in batches. What a batch stores and how far the
import has come are committed together, so whoever goes on after a failure does nothing twice. Memory does not grow
with the file.
"""

from __future__ import annotations

import time
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field, replace
from itertools import islice
from typing import Protocol

from flask import current_app
from sqlalchemy import event, select
from sqlalchemy.exc import IntegrityError, OperationalError
from sqlalchemy.orm import Session

from app.core.accounts.models import User
from app.core.database import database, reading, transaction
from app.core.events import publish
from app.modules.addresses.fields import KEYS
from app.modules.addresses.numbers import as_read
from app.modules.addresses.transfer import own_ids
from app.modules.addresses.transfer.formats import Format
from app.modules.addresses.transfer.loading import keys_of, stored_states, taken_meanwhile
from app.modules.addresses.transfer.options import Options
from app.modules.addresses.transfer.planning import Action, Index, Planner
from app.modules.addresses.transfer.row_reading import RowReader
from app.modules.addresses.transfer.rows import Problem, Row
from app.modules.addresses.transfer.scratch import Scratch
from app.modules.addresses.transfer.source import Record, Source, Table
from app.modules.addresses.transfer.states import AddressState
from app.modules.addresses.transfer.targets import MATCHED, OWN_ID, target_of
from app.modules.addresses.transfer.writing import hold_keys, write

#: Rows of a transaction: as many as can be stored while a ringing call waits no longer than this. A batch costs some
#: thirty statements whatever its length: one much shorter would make everybody wait longer in all.
FIRST_BATCH, SMALLEST_BATCH, LARGEST_BATCH = 100, 25, 1000
HOLD_SECONDS = 0.1
#: On PostgreSQL no call waits: only who changes the same addresses, or gives out a number, does.
HOLD_SECONDS_BESIDE = 0.5
#: A batch that another's change got into is done again; so often in a row is no coincidence.
ATTEMPTS = 5
#: Rows that are read before others may have the processor.
READ_AT_ONCE = 25


@dataclass(frozen=True, slots=True)
class Failure:
    """A row that was not imported, as it stands in the file."""

    line: int
    cells: tuple[str, ...]
    problems: tuple[Problem, ...]


@dataclass(slots=True)
class Totals:
    """How far an import has come, in rows of the file."""

    total: int = 0
    done: int = 0
    created: int = 0
    updated: int = 0
    same: int = 0
    left: int = 0
    """Addresses that were there and were to be left as they are."""
    failed: int = 0
    unread: int = 0
    """Phone numbers, new or changed, that could not be read: kept as typed, and marked."""

    def count(self, actions: Iterable[Action]) -> None:
        """Add rows."""
        for action in actions:
            self.done += 1
            match action:
                case "create":
                    self.created += 1
                case "update":
                    self.updated += 1
                case "same":
                    self.same += 1
                case "leave":
                    self.left += 1
                case "fail":
                    self.failed += 1


class Observer(Protocol):
    """Who looks on: keeps the progress, may end the import, lets others have the processor."""

    def begin(self, session: Session) -> None:
        """A batch begins. May raise what ends the import: nothing of the batch is stored then."""
        ...

    def store(self, session: Session, totals: Totals, failures: Sequence[Failure]) -> None:
        """A batch is stored and not yet committed; what is stored here is committed with it."""
        ...

    def progressed(self, totals: Totals, failures: Sequence[Failure]) -> None:
        """Rows were counted, or a batch is committed with these failures."""
        ...

    def pause(self) -> None:
        """Some rows were read, or a batch is committed: others may work now."""
        ...


@dataclass(frozen=True, slots=True)
class Plan:
    """What is imported, and how."""

    source: Source
    format: Format
    assignment: tuple[str, ...]
    options: Options = field(default_factory=Options)


def reader_for(plan: Plan, headings: Sequence[str], session: Session) -> RowReader:
    """Reads the rows of a file as the plan says."""
    return RowReader(
        headings,
        plan.assignment,
        country=plan.options.country,
        users=users_by_name(session),
        own_id=own_ids.read,
    )


def users_by_name(session: Session) -> dict[str, int]:
    """Users by folded user name, e-mail address and name; a name or address of several is none of them."""
    rows = session.execute(select(User.id, User.username_key, User.email, User.name)).all()
    found: dict[str, int] = {}
    for texts in (
        [(row.id, row.name) for row in rows],
        [(row.id, row.email) for row in rows],
        [(row.id, row.username_key) for row in rows],
    ):
        folded = [(one, text.strip().casefold()) for one, text in texts if text.strip()]
        counts: dict[str, int] = {}
        for _one, text in folded:
            counts[text] = counts.get(text, 0) + 1
        found.update({text: one for one, text in folded if counts[text] == 1})
    return found


def run_import(
    plan: Plan, observer: Observer, *, by: int | None = None, dry_run: bool = False, totals: Totals | None = None
) -> Totals:
    """Import a file; returns what became of its rows. ``totals`` of an import that was interrupted: it goes on there.

    ``dry_run`` finds out the same and stores nothing. Raises what the observer raises, and OSError where the file
    cannot be read.
    """
    return _Import(plan, observer, by, dry_run, totals or Totals()).run()


class _Again(Exception):
    """Somebody took a key between two looks: the batch is done again."""


class _Import:
    def __init__(self, plan: Plan, observer: Observer, by: int | None, dry_run: bool, totals: Totals) -> None:
        self.plan = plan
        self.observer = observer
        self.by = by
        self.dry_run = dry_run
        self.totals = totals
        self.scratch = Scratch()
        self.batch = FIRST_BATCH
        self.key_columns = [
            (target.field, column)
            for column, text in enumerate(plan.assignment)
            if (target := target_of(text)) and not target.contact and target.field in MATCHED
        ]

    def run(self) -> Totals:
        try:
            self._count()
            with Table(self.plan.source, self.plan.format) as table:
                with reading() as session:
                    self.reader = reader_for(self.plan, table.headings, session)
                self.planner = Planner(self.reader, self.plan.options)
                records = iter(table)
                self._recall(islice(records, self.totals.done))
                while rows := self._read(islice(records, self.batch)):
                    self._store(rows)
        finally:
            self.scratch.close()
        return self.totals

    # --------------------------------------------------------------------------------------------------- the first pass

    def _count(self) -> None:
        """How many rows there are, and by what they name their addresses."""
        count = 0
        with Table(self.plan.source, self.plan.format) as table:
            for count, record in enumerate(table, 1):
                keys = self._keys(record)
                for key, value in keys:
                    self.scratch.note(key, value, record.line)
                if not keys:
                    self.scratch.note_cells(record.cells, record.line)
                if count % READ_AT_ONCE == 0:
                    self.observer.pause()
        self.scratch.complete()
        self.totals.total = count
        self.observer.progressed(self.totals, ())

    def _keys(self, record: Record) -> list[tuple[str, str]]:
        """By what a record names its address."""
        cells = record.cells
        found = [(key, " ".join(cells[column].split())) for key, column in self.key_columns if column < len(cells)]
        return [(key, value) for key, value in found if value]

    def _is_shared(self, row: Row) -> bool:
        """Whether other rows name the same address."""
        return any(self.scratch.is_repeated(key, value) for key, value in self._keys(row.record))

    # -------------------------------------------------------------------------------------------------- the second pass

    def _recall(self, records: Iterable[Record]) -> None:
        """What rows that are done have said of addresses that later rows name, too. Nothing is stored."""
        shared = (row for record in records if self._is_shared(row := Row(record)))
        while rows := self._read(row.record for row in islice(shared, LARGEST_BATCH)):
            with reading() as session:
                index = self._index(session, rows)
            for row in rows:
                self.planner.apply(row, index, shared=True)
            self.scratch.remember_given(index.states)

    def _read(self, records: Iterable[Record]) -> list[Row]:
        rows: list[Row] = []
        for record in records:
            row = self.reader.read(record)
            for number in row.all_numbers():
                as_read(number, row.country)  # found again while the database is held
            if not row.problems and not self._keys(record):
                earlier = self.scratch.earlier(record.cells, record.line)
                if earlier is not None:
                    row.fail("same_row", told=str(earlier))
            rows.append(row)
            if len(rows) % READ_AT_ONCE == 0:
                self.observer.pause()
        return rows

    def _store(self, rows: Sequence[Row]) -> None:
        problems = [list(row.problems) for row in rows]
        failures: list[Failure] = []
        for attempt in range(1, ATTEMPTS + 1):
            try:
                failures = self._store_once(rows)
                break
            except (IntegrityError, OperationalError, _Again):
                # Somebody else took a key meanwhile, or waited for us as we did for them.
                if attempt == ATTEMPTS:
                    raise
                time.sleep(0.05 * attempt)
                for row, known in zip(rows, problems, strict=True):
                    row.problems = list(known)
        self.observer.progressed(self.totals, failures)
        self.observer.pause()

    def _store_once(self, rows: Sequence[Row]) -> list[Failure]:
        if self.dry_run:
            with reading() as session:
                index = self._index(session, rows)
            totals, failures = self._apply(rows, index)
            with transaction() as session:
                self.observer.begin(session)
                self.observer.store(session, totals, failures)
            self.scratch.remember_states([state for state in index.states if state.shared], KEYS)
        else:
            with transaction() as session:
                held_since = time.monotonic()
                # What others do with the news after the commit holds nobody up.
                event.listen(session, "after_commit", lambda _: self._adapt(time.monotonic() - held_since), once=True)
                self.observer.begin(session)
                index = self._index(session, rows, lock=True)
                totals, failures = self._apply(rows, index)
                moment = current_app.extensions["durchwahl"].clock.now()
                concerned = write(session, index.states, moment, self.by, self.scratch.reserved)
                if concerned is not None:
                    publish(session, concerned)
                self.observer.store(session, totals, failures)
            self.scratch.remember_given(state for state in index.states if state.shared)
        self.totals = totals
        return failures

    def _apply(self, rows: Sequence[Row], index: Index) -> tuple[Totals, list[Failure]]:
        totals = replace(self.totals)
        actions = [self.planner.apply(row, index, shared=self._is_shared(row))[0] for row in rows]
        totals.count(actions)
        totals.unread += sum(map(unread, index.states))
        return totals, [
            Failure(row.line, tuple(row.record.cells), tuple(row.problems))
            for row, action in zip(rows, actions, strict=True)
            if action == "fail"
        ]

    def _index(self, session: Session, rows: Sequence[Row], *, lock: bool = False) -> Index:
        """The addresses that these rows may mean, as they are now."""
        keys = keys_of(row for row in rows if not row.problems)
        states = {state.id or 0: state for state in stored_states(session, keys, lock=lock)}
        if lock:
            hold_keys(session, [key for key in KEYS if keys[key]])
            if not database().is_sqlite and taken_meanwhile(session, keys, states.values()):
                raise _Again
        if self.dry_run:
            ids = {one for key in KEYS for one in self.scratch.ids_of(key, keys[key]).values()}
            states |= self.scratch.states({*ids, *keys[OWN_ID]})
        for one, given in self.scratch.given(states).items():
            states[one].given = given
        return Index(states.values())

    def _adapt(self, seconds: float) -> None:
        """Make the next batch as large as can be stored in the time for which others may have to wait."""
        hold = HOLD_SECONDS if database().is_sqlite else HOLD_SECONDS_BESIDE
        factor = max(0.5, min(1.5, hold / max(seconds, 0.001)))
        self.batch = max(SMALLEST_BATCH, min(LARGEST_BATCH, int(self.batch * factor)))


def unread(state: AddressState) -> int:
    """The phone numbers of an address that are new here and could not be read."""
    old = list(state.stored.all_numbers()) if state.stored else []
    return sum(number["e164"] is None and number not in old for number in state.all_numbers())
