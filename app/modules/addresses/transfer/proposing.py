"""How a file will probably be imported: what was found of its format, its headings, and what each column may be."""

from __future__ import annotations

from dataclasses import dataclass

from app.modules.addresses.transfer.formats import Format, Found, detect
from app.modules.addresses.transfer.headings import known, proposal, proposal_without_headings
from app.modules.addresses.transfer.source import Record, Source, Table, blocks

#: Rows by which the proposal is made.
ROWS = 100


@dataclass(frozen=True, slots=True)
class Proposal:
    """A format, the headings (none where the first row is an address), and the target of each column."""

    found: Found
    headings: tuple[str, ...]
    assignment: tuple[str, ...]

    @property
    def format(self) -> Format:
        """How the file is read."""
        return self.found.format


def propose(
    source: Source, *, encoding: str | None = None, separator: str | None = None, header: bool | None = None
) -> Proposal:
    """Look at a file; what is given is not looked for. Raises NoTable, and OSError where it cannot be read."""
    found = detect(blocks(source), known, encoding=encoding, separator=separator, header=header)
    headings, records = beginning(source, found.format, ROWS)
    rows = [record.cells for record in records]
    assignment = proposal(headings, rows) if found.format.header else proposal_without_headings(rows)
    return Proposal(found, tuple(headings), assignment)


def beginning(source: Source, form: Format, rows: int) -> tuple[list[str], list[Record]]:
    """Headings and the first rows of a file."""
    with Table(source, form) as table:
        return table.headings, [record for record, _place in zip(table, range(rows), strict=False)]
