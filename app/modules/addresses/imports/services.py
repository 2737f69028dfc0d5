"""Use cases of whoever imports from the page: bring a file, say what its columns are, check, start, end, discard.

Each changes the row only where it is in the state that the user has seen: of two who click at once, or of two windows,
one is told what the other has done.
"""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime
from pathlib import PurePosixPath
from typing import Any

from flask import current_app
from sqlalchemy import delete, insert, select, update
from sqlalchemy.orm import Session

from app.core.database import storable, transaction
from app.core.events import publish
from app.modules.addresses.imports.events import ImportChanged
from app.modules.addresses.imports.files import Received, StoredFile, arrives_until, remove_file, store_file
from app.modules.addresses.imports.states import AT_WORK, ENDED, OPEN, OVER, NoSuchImport, NotNow
from app.modules.addresses.imports.stored import FAILURE, IMPORT, Planned, StoredImport, load, totals_text
from app.modules.addresses.settings import address_settings
from app.modules.addresses.transfer.formats import Format, NoTable
from app.modules.addresses.transfer.importing import Totals
from app.modules.addresses.transfer.options import Options
from app.modules.addresses.transfer.proposing import Proposal, beginning, propose
from app.modules.addresses.transfer.source import Source
from app.modules.addresses.transfer.targets import lacking, twice

#: Bytes of a file that a browser may send; larger ones are for the command.
MAX_FILE_BYTES = 64 * 1024 * 1024
#: Columns that a person can assign; more are the sign of a wrong separator.
MAX_COLUMNS = 200
MAX_NAME_LENGTH = 200


def receive(received: Received, file_name: str, by: int) -> int:
    """Keep a file that a browser has sent; returns the id of its import. Raises NoTable, and nothing is kept then.

    NoTable's code may also be ``too_many_columns`` or ``only_headings``.
    """
    planned = Planned.from_proposal(_proposed(received), Options(country=address_settings().default_country))
    if not beginning(received, planned.format, 1)[1]:
        raise NoTable("only_headings")
    name = storable(PurePosixPath(file_name.replace("\\", "/")).name).strip()[-MAX_NAME_LENGTH:] or "csv"
    with transaction() as session:
        values = {"file_name": name, "size": 0, "state": "arriving", "version": 1, "plan": planned.text()}
        values |= {"totals": "{}", "created_at": _now(), "created_by": by, "ending": False, "attempts": 0}
        values["leased_until"] = arrives_until()
        import_id = int(session.execute(insert(IMPORT).values(**values).returning(IMPORT.c.id)).scalar_one())
    size = store_file(import_id, received)
    with transaction() as session:
        session.execute(
            update(IMPORT).where(IMPORT.c.id == import_id).values(state="draft", size=size, leased_until=None)
        )
    return import_id


def reformat(stored: StoredImport, form: Format, planned: Planned) -> Planned:
    """The plan for a file that is read in another format. Raises NoTable.

    What somebody assigned stays where the columns are the same.
    """
    old = planned.format
    found = _proposed(StoredFile(stored.id), encoding=form.encoding, separator=form.separator, header=form.header)
    assignment = found.assignment
    if form.separator == old.separator and len(found.assignment) == len(planned.assignment):
        columns = zip(planned.assignment, planned.proposed, found.assignment, strict=True)
        assignment = tuple((new or chosen) if chosen == proposed else chosen for chosen, proposed, new in columns)
    return replace(
        Planned.from_proposal(found, planned.options),
        assignment=assignment,
        encoding_because=planned.encoding_because if form.encoding == old.encoding else "chosen",
        separator_because=planned.separator_because if form.separator == old.separator else "chosen",
    )


def propose_again(stored: StoredImport, planned: Planned) -> Planned:
    """The plan as it was proposed when the file came. Raises NoTable."""
    return Planned.from_proposal(_proposed(StoredFile(stored.id)), planned.options)


def save_plan(import_id: int, planned: Planned) -> None:
    """Keep how the file is to be imported; what was checked before is not any more. Raises NotNow, NoSuchImport."""
    with transaction() as session:
        values: dict[str, Any] = {"plan": planned.text(), "state": "draft", "version": IMPORT.c.version + 1}
        _change(session, import_id, OPEN, values)
        _forget_failures(session, import_id)


def check(import_id: int, by: int) -> None:
    """Have a job find out what would happen. Raises NotNow, NoSuchImport."""
    _queue(import_id, "draft", "checking", by)


def start(import_id: int, by: int, version: int) -> None:
    """Have a job import what was checked. ``version`` is what the user has seen. Raises NotNow, NoSuchImport."""
    # How many rows there are is known from the check: whoever looks on, or ends it at once, is told.
    totals = Totals(total=load(import_id).totals.total)
    _queue(import_id, "checked", "running", by, version, totals)


def go_on(import_id: int, by: int) -> None:
    """Take up an import that has failed where it stood. Raises NotNow, NoSuchImport."""
    with transaction() as session:
        values = {"state": "running", "queued_at": _now(), "started_by": by, "ended_at": None, **_FREE}
        _change(session, import_id, ("failed",), values)
        _tell(session, import_id)


def cancel(import_id: int) -> None:
    """Have it end after the batch that is being stored; a check goes back to the draft. Raises NotNow, NoSuchImport.

    One that nobody works on yet ends at once: it need not wait for its turn.
    """
    with transaction() as session:
        state = _end_waiting(session, import_id)
        if state is None:
            _change(session, import_id, AT_WORK, {"ending": True})
        _tell(session, import_id)
    if state == "cancelled":
        remove_file(import_id)


def discard(import_id: int) -> None:
    """Forget an import that was never started. Raises NotNow, NoSuchImport."""
    with transaction() as session:
        # Nobody finds it any more; the file goes piece by piece, and the row with the upkeep of the job.
        _change(session, import_id, OPEN, {"state": "arriving"})
    remove_file(import_id)
    with transaction() as session:
        session.execute(delete(IMPORT).where(IMPORT.c.id == import_id, IMPORT.c.state == "arriving"))


_FREE: dict[str, Any] = {"worker": None, "leased_until": None, "ending": False, "attempts": 0, "seconds_left": None}


def _queue(
    import_id: int, state: str, then: str, by: int, version: int | None = None, totals: Totals | None = None
) -> None:
    with transaction() as session:
        values = {"state": then, "queued_at": _now(), "started_by": by, **_FREE}
        values["totals"] = totals_text(totals or Totals())
        _change(session, import_id, (state,), values, version)
        _forget_failures(session, import_id)
        _tell(session, import_id)


def _end_waiting(session: Session, import_id: int) -> str | None:
    """End what no job has taken up; the state that it is in now, None where there is no such import."""
    for state, then in ENDED.items():
        values = {"state": then, "ended_at": _now() if then in OVER else None, **_FREE}
        waiting = (IMPORT.c.id == import_id, IMPORT.c.state == state, IMPORT.c.worker.is_(None))
        if session.execute(update(IMPORT).where(*waiting).values(**values).returning(IMPORT.c.id)).first():
            return then
    return None


def _change(
    session: Session, import_id: int, states: tuple[str, ...], values: dict[str, Any], version: int | None = None
) -> None:
    conditions = [IMPORT.c.id == import_id, IMPORT.c.state.in_(states)]
    if version is not None:
        conditions.append(IMPORT.c.version == version)
    if session.execute(update(IMPORT).where(*conditions).values(**values).returning(IMPORT.c.id)).first():
        return
    present = session.execute(select(IMPORT.c.state).where(IMPORT.c.id == import_id)).scalar()
    if present is None or present == "arriving":
        raise NoSuchImport
    raise NotNow(present, "changed" if present in states else "state")


def _forget_failures(session: Session, import_id: int) -> None:
    session.execute(delete(FAILURE).where(FAILURE.c.import_id == import_id))


def _tell(session: Session, import_id: int) -> None:
    publish(session, ImportChanged(import_id))


def _proposed(source: Source, **chosen: Any) -> Proposal:
    found = propose(source, **chosen)
    if len(found.assignment) > MAX_COLUMNS:
        raise NoTable("too_many_columns")
    return found


def missing(planned: Planned) -> str | None:
    """What keeps the plan from being checked: a code of ``targets.lacking``, or ``twice``; None when complete."""
    return lacking(planned.assignment) or ("twice" if twice(planned.assignment) else None)


def _now() -> datetime:
    found: datetime = current_app.extensions["durchwahl"].clock.now()
    return found
