"""How long the search takes while somebody types, for texts that are taken from the address book itself.

Some are typed wrongly: then it looks for what was probably meant, and finds that too.
"""

from __future__ import annotations

import random
from collections.abc import Mapping, Sequence
from typing import Any

from sqlalchemy import func, select

from app.modules.addresses.picking import Picks, picks
from benchmarks.large.plan import Plan
from benchmarks.large.rows import ADDRESS, NUMBER
from benchmarks.large.subjects import Subject, times_of

TYPED = (
    *("name", "name_begins", "name_inside", "town", "name_and_town"),
    *("number", "number_begins", "number_inside", "customer", "customer_begins"),
)
MISTYPED = ("letter_left_out", "letter_too_many", "letter_wrong", "letters_swapped", "mistyped_name_and_town")
KINDS = (*TYPED, *MISTYPED)
WARM_UP = 2
#: Shorter words are looked for as they are.
LONG_ENOUGH = 5
_LETTERS = "abcdefghijklmnopqrstuvwxyz"


def mistyped(word: str, kind: str, chance: random.Random) -> str:
    """The word with a slip of this kind, anywhere behind its first letter."""
    place = chance.randrange(1, len(word) - 1)
    before, here, after = word[:place], word[place], word[place + 1 :]
    if kind == "letter_left_out":
        return before + after
    if kind == "letters_swapped":
        return before + after[0] + here + after[1:]
    other = chance.choice(_LETTERS.replace(here.lower(), ""))
    return before + other + (here if kind == "letter_too_many" else "") + after


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
        long = word if len(word) >= LONG_ENOUGH else row.city
        slips = [mistyped(long, kind, chance) for kind in MISTYPED[:-1]]
        national = "0" + row.e164[3:]
        texts = (
            *(row.name, word[:4], word[1:6], row.city, f"{word} {row.city}"),
            *(row.raw, national[:7], row.e164[-7:-2], row.customer_number, row.customer_number[:4]),
            *(*slips, f"{mistyped(long, 'letter_wrong', chance)} {row.city}"),
        )
        for kind, text in zip(KINDS, texts, strict=True):
            found[kind].append(text)
    return found


def measure(books: Mapping[int, Sequence[Subject]], plan: Plan) -> dict[str, Any]:
    """``sizes``: number of addresses → database → kind of text → for each text its times in ms, by the function behind
    the pick list; ``corrected``: number of addresses → how many of the ``mistyped`` texts another spelling was offered
    for.
    """  # fmt: skip
    found: dict[str, Any] = {"sizes": {}, "corrected": {}, "aimed_at": plan.search_size}
    for size, both in books.items():
        found["sizes"][str(size)], corrected = _measure(both, plan)
        found["corrected"][str(size)] = {"mistyped": plan.searches * len(MISTYPED), "corrected": corrected}
    return found


def _measure(subjects: Sequence[Subject], plan: Plan) -> tuple[dict[str, Any], int]:
    """The databases take turns; all texts come once before the first comes again."""
    texts = texts_of(subjects[0], plan.searches + WARM_UP)
    found: dict[str, dict[str, list[list[float]]]] = {
        subject.kind: {kind: [[] for _ in range(plan.searches)] for kind in texts} for subject in subjects
    }
    corrected = 0
    for round_ in range(plan.search_rounds):
        for kind, some in texts.items():
            for place, text in enumerate(some[WARM_UP if round_ else 0 :], 0 if round_ else -WARM_UP):
                for subject in subjects:
                    answers: list[Picks] = []
                    with subject.app.app_context():
                        (took,) = times_of(lambda typed, into=answers: into.append(picks(typed)), [text])  # type: ignore[misc] # mypy cannot infer a lambda with a default
                    if place >= 0:
                        found[subject.kind][kind][place].append(took)
                        is_first = not round_ and subject is subjects[0]
                        corrected += is_first and kind in MISTYPED and bool(answers[0].corrected)
    return found, corrected
