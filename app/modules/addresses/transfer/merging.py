"""What the number columns of a row mean for the numbers that are there. docs/import.md says it for people.

The columns of a kind stand for the stored numbers of that kind, in order. A number that is there already stays as it
was typed; another takes the place of one that the row no longer has; more are added. Stored numbers beyond the columns
are never touched, and an empty cell takes nothing away unless that is asked for.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from collections.abc import Set as AbstractSet

from app.modules.addresses.fields import MAX_NUMBERS
from app.modules.addresses.numbers import Columns, as_read
from app.modules.addresses.transfer.rows import Numbers


class TooMany(ValueError):
    """More numbers than an owner can have."""


def merged(
    stored: Sequence[Columns],
    given: Numbers,
    columns: Mapping[str, int],
    country: str,
    *,
    clear: bool = False,
    add_only: bool = False,
    from_headings: AbstractSet[str] = frozenset(),
) -> list[Columns]:
    """The numbers of an owner after a row. Raises TooMany.

    ``columns``: kind → how many columns the file has. ``add_only``: nothing is replaced. ``from_headings``: labels
    that stand in no cell but in the heading; they overwrite none that is there.
    """
    result: list[Columns | None] = list(stored)
    added: list[Columns] = []
    for kind, numbers in given.items():
        places = [place for place, number in enumerate(stored) if number["kind"] == kind]
        read = [as_read(number, country) for number in numbers]
        fresh, open_places = _match(read, stored, places, result, from_headings)
        head = places[: max(columns[kind], len(numbers))] if columns.get(kind) else []
        replaceable = [] if add_only else [place for place in open_places if place in head]
        for number, place in zip(fresh, replaceable, strict=False):
            result[place] = number
        added += fresh[len(replaceable) :]
        if clear:
            for place in replaceable[len(fresh) :]:
                result[place] = None
    kept = [number for number in result if number is not None] + added
    if len(kept) > MAX_NUMBERS:
        raise TooMany
    return kept


def _match(
    given: Sequence[Columns],
    stored: Sequence[Columns],
    places: Sequence[int],
    result: list[Columns | None],
    from_headings: AbstractSet[str],
) -> tuple[list[Columns], list[int]]:
    """Given numbers that are not stored, and places of stored ones that were not given."""
    fresh: list[Columns] = []
    free = list(places)
    for number in given:
        place = next((place for place in free if _same(number, stored[place])), None)
        if place is None:
            fresh.append(number)
            continue
        free.remove(place)
        result[place] = _told(stored[place], number, from_headings)
    return fresh, free


def _same(one: Columns, other: Columns) -> bool:
    if one["raw"] == other["raw"]:
        return True
    return one["e164"] is not None and (one["e164"], one["extension"]) == (other["e164"], other["extension"])


def _told(stored: Columns, given: Columns, from_headings: AbstractSet[str]) -> Columns:
    """A stored number with what the file says more of it: its label, and that it is a switchboard's."""
    label = given["label"]
    if not label or (stored["label"] and label in from_headings):
        label = stored["label"]
    if given["stem"] and not stored["stem"]:
        return {**given, "label": label}
    if label == stored["label"] and (stored["switchboard"] or not given["switchboard"]):
        return stored
    return {**stored, "label": label, "switchboard": stored["switchboard"] or given["switchboard"]}
