"""How long a page of the phone book and of the list of addresses takes: the first one, and those deep inside."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

from app.core.database import reading
from app.modules.addresses.api import phone_book
from app.modules.addresses.listing import list_addresses
from benchmarks.large.plan import Plan
from benchmarks.large.subjects import Subject, times_of

PHONE_BOOK, ADDRESSES = LISTS = ("phone_book", "addresses")
FIRST, MIDDLE, DEEP = DEPTHS = ("first", "middle", "deep")
_SHARES = {FIRST: 0.0, MIDDLE: 0.5, DEEP: 0.99}
PER_PAGE = 50


def _phone_book(page: int) -> int:
    with reading() as session:
        return phone_book(session, search="", sort="company", descending=False, page=page, per_page=PER_PAGE)[1]


def _addresses(page: int) -> int:
    return list_addresses(page=page, per_page=PER_PAGE)[1]


READERS: dict[str, Callable[[int], int]] = {PHONE_BOOK: _phone_book, ADDRESSES: _addresses}


def measure(subjects: Sequence[Subject], plan: Plan) -> dict[str, Any]:
    """Database → list → depth → times in ms; lists, depths and databases take turns."""
    found: dict[str, Any] = {
        subject.kind: {name: {depth: [] for depth in DEPTHS} for name in LISTS} for subject in subjects
    }
    with subjects[0].app.app_context():
        totals = {name: read(1) for name, read in READERS.items()}
    for _ in range(plan.pages):
        for name, read in READERS.items():
            for depth, share in _SHARES.items():
                page = 1 + int(totals[name] * share) // PER_PAGE
                for subject in subjects:
                    with subject.app.app_context():
                        found[subject.kind][name][depth] += times_of(read, [page])
    return found
