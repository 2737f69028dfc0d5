"""How long the search takes while somebody types, for texts that are taken from the address book itself."""

from __future__ import annotations

import random
from collections.abc import Sequence
from typing import Any

from sqlalchemy import func, select

from app.modules.addresses.picking import picks
from benchmarks.large.plan import Plan
from benchmarks.large.rows import ADDRESS, NUMBER
from benchmarks.large.subjects import Subject, times_of

KINDS = (
    *("name", "name_begins", "name_inside", "town", "name_and_town"),
    *("number", "number_begins", "number_inside", "customer", "customer_begins"),
)
WARM_UP = 2


def texts_of(subject: Subject, count: int, seed: int = 11) -> dict[str, list[str]]:
    """So many texts of each kind, from addresses all over the table."""
    with subject.database.engine.connect() as connection:
        last = connection.execute(select(func.max(ADDRESS.c.id))).scalar_one()
        chance = random.Random(seed)
        ids = [chance.randint(1, last) for _ in range(count * 4)]
        rows = connection.execute(
            select(ADDRESS.c.name, ADDRESS.c.city, ADDRESS.c.customer_number, NUMBER.c.raw, NUMBER.c.e164)
            .join(NUMBER, NUMBER.c.address_id == ADDRESS.c.id)
            .where(ADDRESS.c.id.in_(ids), ADDRESS.c.archived_at.is_(None), NUMBER.c.contact_id.is_(None))
            .order_by(ADDRESS.c.id % 89, NUMBER.c.id)
            .limit(count)
        ).all()
    found: dict[str, list[str]] = {kind: [] for kind in KINDS}
    for row in rows:
        words = sorted((word for word in row.name.split() if word.isalpha()), key=len)
        word = words[-1] if words else row.name
        national = "0" + row.e164[3:]
        texts = (
            *(row.name, word[:4], word[1:6], row.city, f"{word} {row.city}"),
            *(row.raw, national[:7], row.e164[-7:-2], row.customer_number, row.customer_number[:4]),
        )
        for kind, text in zip(KINDS, texts, strict=True):
            found[kind].append(text)
    return found


def measure(subjects: Sequence[Subject], plan: Plan) -> dict[str, Any]:
    """Database → kind of text → times in ms, by the function behind the pick list; the databases take turns."""
    texts = texts_of(subjects[0], plan.searches + WARM_UP)
    found: dict[str, Any] = {subject.kind: {kind: [] for kind in texts} for subject in subjects}
    for kind, some in texts.items():
        for place, text in enumerate(some):
            for subject in subjects:
                with subject.app.app_context():
                    times = times_of(picks, [text])
                if place >= WARM_UP:
                    found[subject.kind][kind] += times
    return found
