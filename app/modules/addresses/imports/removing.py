"""Removes a person from imported tables: refused rows, and files that nobody has imported yet.

What only may be about him is shown to whoever removes him, and goes where it is chosen.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field, replace

from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from sqlalchemy import delete, select, update
from sqlalchemy.orm import Session

from app.core.database import reading, transaction
from app.core.privacy import batches
from app.core.privacy.persons import NotYet, Part, Person, Removal, Unclear
from app.modules.addresses.imports import services, upkeep
from app.modules.addresses.imports.files import remove_file
from app.modules.addresses.imports.looking import Hit, KeptFile, Unreadable, kept_files, refused, wanted_of
from app.modules.addresses.imports.standing import Wanted
from app.modules.addresses.imports.states import AT_WORK, OPEN, NoSuchImport, NotNow
from app.modules.addresses.imports.stored import FAILURE, IMPORT, Planned

#: Their file may be imported still.
FILED = (*OPEN, "failed")
#: What cannot be looked through before it ends.
_BUSY = (*AT_WORK, "arriving")
#: Unclear rows that are shown; what is behind them stays.
MOST_SHOWN = 50
#: Letters of a row that are shown.
SHOWN = 300
_ROW, _FILE = "addresses.row-", "addresses.file-"

PARTS = (
    Part(
        "addresses.failures",
        _l("Rows of imported tables that were refused"),
        "removed",
        _l("Those in which the name or a number stands, and those that you choose below."),
    ),
    Part(
        "addresses.imports",
        _l("Files of tables that nobody has imported yet"),
        "removed",
        _l("Those in which the name or a number stands, for an import would bring the person back."),
    ),
    Part(
        "addresses.unclear",
        _l("Rows and files of tables that may be about this person"),
        "stays",
        _l("The name's parts stand apart in them, or with somebody else: choose below what goes, too."),
    ),
)


@dataclass(slots=True)
class _Found:
    """What a preview needs."""

    rows: int = 0
    files: int = 0
    unclear: list[Unclear] = field(default_factory=list)
    more: int = 0
    """Unclear ones that are not shown."""

    def add(self, one: Unclear) -> None:
        if len(self.unclear) < MOST_SHOWN:
            self.unclear.append(one)
        else:
            self.more += 1


def plan(session: Session, removal: Removal) -> Iterator[tuple[str, int]]:
    """How many rows and files there are."""
    found = _look(session, removal.person)
    chosen = [one.key for one in found.unclear if one.key in removal.also]
    rows = sum(key.startswith(_ROW) for key in chosen)
    yield "addresses.failures", found.rows + rows
    yield "addresses.imports", found.files + len(chosen) - rows
    yield "addresses.unclear", len(found.unclear) + found.more - len(chosen)


def unclear(session: Session, removal: Removal) -> list[Unclear]:
    """Rows in which he may stand; of a file that may be imported still there is one for all of them."""
    return _look(session, removal.person).unclear


def remove(removal: Removal) -> Iterator[tuple[str, int]]:
    """Raises NotYet while a table is read or imported."""
    upkeep.drop_given_up()
    with reading() as session:
        busy = select(IMPORT.c.id).where(IMPORT.c.state.in_(_BUSY)).limit(1)
        if session.execute(busy).first() is not None:
            raise NotYet
        wanted = wanted_of(session, removal.person)
        failures = [
            one.failure_id
            for one in refused(session, wanted)
            if one.hit.standing == "surely" or f"{_ROW}{one.failure_id}" in removal.also
        ]
        files = kept_files(session, FILED)
    for start in range(0, len(failures), batches.BATCH):
        some = failures[start : start + batches.BATCH]
        with transaction() as session:
            session.execute(delete(FAILURE).where(FAILURE.c.id.in_(some)))
        yield "addresses.failures", len(some)
    for file in files:
        standing, _perhaps = _standing_in(file, wanted)
        goes = standing == "surely" or (standing == "perhaps" and f"{_FILE}{file.import_id}" in removal.also)
        if goes:
            _drop(file.import_id)
        # Also tells that the removal is alive: a file may take a minute.
        yield "addresses.imports", int(goes)
    _forget_headings(wanted)


def _forget_headings(wanted: Wanted) -> None:
    """Of a file without headings the first row may have been taken for some: those stay with the import's entry."""
    with reading() as session:
        plans = session.execute(select(IMPORT.c.id, IMPORT.c.plan)).all()
    for import_id, text in plans:
        try:
            planned = Planned.from_text(text)
        except (ValueError, KeyError, TypeError):
            continue
        if wanted.stands_in(planned.headings, planned.assignment) == "surely":
            blank = replace(planned, headings=("",) * len(planned.headings)).text()
            with transaction() as session:
                session.execute(update(IMPORT).where(IMPORT.c.id == import_id).values(plan=blank))


def _look(session: Session, person: Person) -> _Found:
    """Once for all that a preview asks in this session."""
    kept: dict[str, _Found] = session.info.setdefault(__name__, {})
    if person.key not in kept:
        kept[person.key] = _looked(session, person)
    return kept[person.key]


def _looked(session: Session, person: Person) -> _Found:
    found, wanted = _Found(), wanted_of(session, person)
    for one in refused(session, wanted):
        if one.hit.standing == "surely":
            found.rows += 1
        else:
            where = _("%(file)s, line %(line)s", file=one.file_name, line=one.hit.line)
            found.add(Unclear(f"{_ROW}{one.failure_id}", where, _shown(one.hit)))
    for file in kept_files(session, FILED):
        standing, perhaps = _standing_in(file, wanted)
        if standing == "surely":
            found.files += 1
        elif perhaps:
            where = _("%(file)s, not imported yet, line %(line)s", file=file.file_name, line=perhaps[0].line)
            more = len(perhaps) - 1
            text = _shown(perhaps[0])
            text = _("%(text)s (and %(count)s more)", text=text, count=more) if more else text
            found.add(Unclear(f"{_FILE}{file.import_id}", where, text))
    return found


def _standing_in(file: KeptFile, wanted: Wanted) -> tuple[str, list[Hit]]:
    """Surely also where the file cannot be read: nobody can tell then. With it the rows in which he may stand."""
    perhaps: list[Hit] = []
    try:
        for hit in file.hits(wanted):
            if hit.standing == "surely":
                return "surely", []
            perhaps.append(hit)
    except Unreadable:
        return "surely", []
    return ("perhaps" if perhaps else "not"), perhaps


def _shown(hit: Hit) -> str:
    return " · ".join(cell for cell in map(str.strip, hit.cells) if cell)[:SHOWN]


def _drop(import_id: int) -> None:
    """Forget one that was never started; one that failed is never taken up again."""
    try:
        services.discard(import_id)
    except (NotNow, NoSuchImport):
        with transaction() as session:
            this = (IMPORT.c.id == import_id, IMPORT.c.state == "failed")
            session.execute(update(IMPORT).where(*this).values(state="cancelled"))
        remove_file(import_id)
