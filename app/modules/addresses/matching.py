"""Which of the addresses found by a number is meant, and how surely. Pure; standard library only.

One query brings every number that equals the caller's, or is a switchboard's in front of it. That
is more than may be shown: :func:`grade` keeps the best kind of match.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from enum import StrEnum
from typing import NamedTuple


class Grade(StrEnum):
    """How a number was found, the best first."""

    EXACT = "exact"
    """The number itself is stored."""
    SWITCHBOARD = "switchboard"
    """It is an extension behind a stored switchboard number: the company is likely, the person open."""
    NONE = "none"


class Standing(NamedTuple):
    """How an address stands with us, as rules for its calls ask: read with the number, without a statement more."""

    delivery_block: bool = False
    account_manager_id: int | None = None
    """A user, as is the next."""
    inside_sales_id: int | None = None


class Candidate(NamedTuple):
    """A stored number with its owner. ``name`` is the owner's, ``company`` the address's.

    The owner is the contact, or without ``contact_id`` the address itself. ``number_e164`` with its plus;
    ``stem`` is how all numbers behind a switchboard begin, None for a number that is none.
    ``archived`` when the owner or its address is.
    """

    address_id: int
    contact_id: int | None
    name: str
    company: str | None
    customer_number: str | None
    number_e164: str | None
    stem: str | None
    label: str | None
    archived: bool
    kind: str = "phone"
    """phone, mobile, fax or other."""
    standing: Standing = Standing()
    """The address's."""


#: The number itself is nearer than any stem.
_NEAREST = 1000


def grade(number: str, candidates: Iterable[Candidate]) -> tuple[Grade, tuple[Candidate, ...]]:
    """The grade of ``number`` (E.164) and the candidates that reach it, each person once.

    Exact before switchboard, of switchboards only the longest stem; archived ones only when nothing
    else fits, be it a worse grade. Contacts come before a company's general number, then by name and id: the
    same candidates in any order give the same answer.
    """
    best = (False, 0)
    kept: list[Candidate] = []
    for one in candidates if number else ():
        if one.number_e164 == number:
            near = _NEAREST
        elif one.stem and number.startswith(one.stem):
            near = len(one.stem)
        else:
            continue
        rank = (not one.archived, near)
        if rank > best:
            best, kept = rank, [one]
        elif rank == best:
            kept.append(one)
    if not kept:
        return Grade.NONE, ()
    return Grade.EXACT if best[1] == _NEAREST else Grade.SWITCHBOARD, _once(kept)


def _once(candidates: Sequence[Candidate]) -> tuple[Candidate, ...]:
    """Sorted, and of a person with the number in several fields only the first."""
    if len(candidates) == 1:
        return (candidates[0],)  # most callers: this stands on the way of every call
    persons: dict[tuple[int, int | None], Candidate] = {}
    for candidate in sorted(candidates, key=_order):
        persons.setdefault((candidate.address_id, candidate.contact_id), candidate)
    return tuple(persons.values())


def _order(candidate: Candidate) -> tuple[object, ...]:
    return (
        candidate.contact_id is None,
        candidate.name.casefold(),
        candidate.name,
        candidate.address_id,
        candidate.contact_id or 0,
        candidate.label or "",
        candidate.number_e164 or "",
        candidate.company or "",
        candidate.customer_number or "",
        candidate.stem or "",
        candidate.kind != "phone",
        candidate.kind,
        [(value is None, value or 0) for value in candidate.standing],
    )
