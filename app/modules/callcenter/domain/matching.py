"""How surely we know who calls, from the matches that the addresses found.

The addresses grade (exact or switchboard, see ``app.modules.addresses.matching``); here the grade
and the count become what a card may claim. A doubt is shown, never resolved in silence.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from enum import StrEnum
from typing import Protocol

_EXACT = "exact"
_SWITCHBOARD = "switchboard"


class Match(Protocol):
    """What is needed of a match; the addresses' own type has it."""

    @property
    def grade(self) -> str:
        """``exact`` or ``switchboard``."""
        ...

    @property
    def address_id(self) -> int:
        """The address, the contact's where the match is a contact."""
        ...

    @property
    def contact_id(self) -> int | None:
        """The contact, None where the number is the address's own."""
        ...


class Certainty(StrEnum):
    """What a card may claim about the far party."""

    KNOWN = "known"
    """The number belongs to exactly one address or contact."""
    AMBIGUOUS = "ambiguous"
    """The number belongs to several; all are offered, none is chosen."""
    PROBABLE = "probable"
    """The number is an extension behind a switchboard that we know."""
    UNKNOWN = "unknown"
    """Nobody has the number."""


@dataclass(frozen=True, slots=True)
class Person:
    """An address, or a contact at it. Ids only: names change while a call is stored."""

    address_id: int
    contact_id: int | None = None


@dataclass(frozen=True, slots=True)
class Recognition:
    """Who calls, and how surely. ``persons`` keeps the order of the matches."""

    certainty: Certainty
    persons: tuple[Person, ...] = ()

    @property
    def address_id(self) -> int | None:
        """The one address that all persons belong to, even where the person is in doubt."""
        addresses = {person.address_id for person in self.persons}
        return addresses.pop() if len(addresses) == 1 else None

    @property
    def contact_id(self) -> int | None:
        """The contact, where exactly one person is known."""
        return self.persons[0].contact_id if self.certainty is Certainty.KNOWN else None


def choose(matches: Iterable[Match]) -> Recognition:
    """What the matches allow to say. Exact ones silence switchboards; the same person counts once."""
    exact: dict[Person, None] = {}
    behind: dict[Person, None] = {}
    for match in matches:
        if match.grade == _EXACT:
            exact[Person(match.address_id, match.contact_id)] = None
        elif match.grade == _SWITCHBOARD:
            behind[Person(match.address_id, match.contact_id)] = None
    if exact:
        return Recognition(Certainty.KNOWN if len(exact) == 1 else Certainty.AMBIGUOUS, tuple(exact))
    if behind:
        return Recognition(Certainty.PROBABLE, tuple(behind))
    return Recognition(Certainty.UNKNOWN)
