"""What imported tables tell about one person, for whoever asks what is stored about him."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import zip_longest

from flask_babel import gettext as _
from sqlalchemy.orm import Session

from app.core.privacy.persons import Chapter, Person
from app.modules.addresses.imports.looking import Hit, Unreadable, kept_files, refused, wanted_of
from app.modules.addresses.imports.removing import FILED
from app.modules.addresses.imports.states import AT_WORK


def tell(session: Session, person: Person) -> Iterator[Chapter]:
    """Rows in which he stands, and in which lines he may stand: what is there may be about somebody else."""
    sure: list[tuple[str, int, str]] = []
    perhaps: list[tuple[str, int | None]] = []

    def sort(file_name: str, headings: tuple[str, ...], hit: Hit) -> None:
        if hit.standing == "surely":
            sure.append((file_name, hit.line, _content(headings, hit)))
        else:
            perhaps.append((file_name, hit.line))

    wanted = wanted_of(session, person, shared=True)
    for one in refused(session, wanted):
        sort(one.file_name, one.headings, one.hit)
    for file in kept_files(session, (*FILED, *AT_WORK)):
        try:
            for hit in file.hits(wanted):
                sort(file.file_name, file.headings(), hit)
        except Unreadable:
            perhaps.append((file.file_name, None))
    yield Chapter(_("Rows of imported tables"), (_("File"), _("Line of the file"), _("Content")), tuple(sure))
    yield Chapter(
        _("Rows of imported tables that may be about this person"), (_("File"), _("Line of the file")), tuple(perhaps)
    )


def _content(headings: tuple[str, ...], hit: Hit) -> str:
    pairs = zip_longest(headings, hit.cells, fillvalue="")
    return "; ".join(f"{heading}: {cell}" if heading else cell for heading, cell in pairs if cell.strip())
