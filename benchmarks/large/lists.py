"""How long a page of the phone book and of the list of addresses takes: the first one, and those deep inside."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

from sqlalchemy import func, select

from app.core.database import reading
from app.core.ui.leaves import Asked, Place
from app.modules.addresses.api import phone_book
from app.modules.addresses.listing import list_addresses
from benchmarks.large.plan import Plan
from benchmarks.large.rows import ADDRESS
from benchmarks.large.subjects import Subject, times_of

PHONE_BOOK, ADDRESSES = LISTS = ("phone_book", "addresses")
FIRST, MIDDLE, DEEP = DEPTHS = ("first", "middle", "deep")
_SHARES = {FIRST: 0.0, MIDDLE: 0.5, DEEP: 0.99}
PER_PAGE = 50


def _phone_book(asked: Asked) -> int:
    with reading() as session:
        page = phone_book(session, search="", sort="company", descending=False, asked=asked, per_page=PER_PAGE)
    return len(page.rows)


def _addresses(asked: Asked) -> int:
    return len(list_addresses(asked=asked, per_page=PER_PAGE).rows)


READERS: dict[str, Callable[[Asked], int]] = {PHONE_BOOK: _phone_book, ADDRESSES: _addresses}


def _places(subject: Subject, share: float) -> dict[str, Asked]:
    """Behind so much of each list, in the order of names."""
    if not share:
        return dict.fromkeys(LISTS, Asked())
    with subject.database.engine.connect() as connection:
        count = connection.execute(select(func.count()).select_from(ADDRESS)).scalar_one()
        names = select(ADDRESS.c.name_key, ADDRESS.c.id).order_by(ADDRESS.c.name_key, ADDRESS.c.id)
        key = tuple(connection.execute(names.offset(int(count * share)).limit(1)).one())
    return {PHONE_BOOK: Asked(Place(0, (*key, "", 0))), ADDRESSES: Asked(Place(0, key))}


def measure(subjects: Sequence[Subject], plan: Plan) -> dict[str, Any]:
    """Database → list → depth → times in ms; lists, depths and databases take turns."""
    found: dict[str, Any] = {
        subject.kind: {name: {depth: [] for depth in DEPTHS} for name in LISTS} for subject in subjects
    }
    places = {depth: _places(subjects[0], share) for depth, share in _SHARES.items()}
    for _ in range(plan.pages):
        for name, read in READERS.items():
            for depth in DEPTHS:
                for subject in subjects:
                    with subject.app.app_context():
                        found[subject.kind][name][depth] += times_of(read, [places[depth][name]])
    return found
