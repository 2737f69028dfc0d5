"""What is measured with many addresses, how often, and in which parts."""

from __future__ import annotations

from dataclasses import dataclass

LOOKUP, SEARCH, LISTS, IMPORT, BESIDE, JOURNAL, REMOVAL = PARTS = (
    *("lookup", "search", "lists"),
    *("import", "beside"),
    *("journal", "removal"),
)


@dataclass(frozen=True, slots=True)
class Plan:
    """Counts of one run."""

    sizes: tuple[int, ...]
    """Addresses, rising: the first and the last are compared."""
    rounds: int
    """All ways on both databases take turns so often."""
    lookups: int
    """Callers of each kind, each way, each round."""
    scan_each: int
    """Where a table is read from its beginning to its end: one caller in so many rounds."""
    search_size: int
    """Addresses for which the search has its aims."""
    searches: int
    """Texts of each kind."""
    search_rounds: int
    """Times that each of them is looked for."""
    pages: int
    """Times that each page of a list is read."""
    import_rows: int
    beside: int
    """Notifications without an import, beside those during one."""
    beside_seconds: float
    """So long they are sent during an import, at most."""
    journal_addresses: int
    calls: int
    journal_pages: int
    """Times that each page of the journal is read."""
    whole_pages: int
    """Times that the newest page is asked for as a browser does: its HTML takes as long for any other."""
    removal_addresses: int
    removal_calls: int
    removal_persons: tuple[int, ...]
    """How many calls those have who are removed, rising."""
    removal_quiet: int
    """Notifications before anything is asked about the last of them."""

    def distance(self, size: int) -> int:
        """How far a number of addresses is from the one for which the search has its aims."""
        return abs(size - self.search_size)


FULL = Plan(
    sizes=(20_000, 100_000, 1_000_000),
    rounds=64,
    lookups=10,
    scan_each=8,
    search_size=100_000,
    searches=40,
    search_rounds=3,
    pages=16,
    import_rows=20_000,
    beside=300,
    beside_seconds=60.0,
    journal_addresses=20_000,
    calls=1_000_000,
    journal_pages=25,
    whole_pages=25,
    removal_addresses=100_000,
    removal_calls=1_000_000,
    removal_persons=(50, 5_000),
    removal_quiet=100,
)
QUICK = Plan(
    sizes=(100, 300),
    rounds=4,
    lookups=4,
    scan_each=2,
    search_size=100,
    searches=3,
    search_rounds=2,
    pages=2,
    import_rows=60,
    beside=6,
    beside_seconds=3.0,
    journal_addresses=100,
    calls=300,
    journal_pages=3,
    whole_pages=1,
    removal_addresses=100,
    removal_calls=300,
    removal_persons=(3, 120),
    removal_quiet=4,
)
