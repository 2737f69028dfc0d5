"""Who chose which of several matches for a call, and whose choice holds on whose screen.

A choice is made for one call, or remembered for its number: for the user alone, or for everybody. Made by hand about
this very call it stays, whatever is learnt about numbers later. A remembered one comes with each look at the number and
holds only while its person is among several matches.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from enum import StrEnum
from typing import Any

from app.modules.callcenter.domain.matching import Person

Key = tuple[str, int]


class Scope(StrEnum):
    """For what a choice is made."""

    CALL = "call"
    """This call, on everybody's screen."""
    MINE = "me"
    """The number, on the screens of the user who chose."""
    ALL = "all"
    """The number, on everybody's screen."""


@dataclass(frozen=True, slots=True)
class Remembered:
    """What is remembered for a number. ``for_user`` None: for everybody."""

    for_user: int | None
    person: Person
    by: int | None
    """Who chose it, None where that user is gone."""


@dataclass(frozen=True, slots=True)
class Choice:
    """A choice as a call keeps it. ``match`` is the chosen one as it was shown, so that the name stays."""

    scope: Scope
    user_id: int | None
    """Who chose; with ``MINE`` also whom it concerns."""
    match: Mapping[str, Any]
    by_hand: bool
    """Made about this very call."""
    remembered: bool
    """The number is remembered so, too."""
    change_id: int | None = None
    """The entry in the call's history that takes it back; None where it is remembered only."""

    @property
    def person(self) -> Person:
        """Who was chosen."""
        return person_of(self.match)

    @property
    def key(self) -> Key:
        """Of one key a call has one choice."""
        return key_of(self.scope, self.user_id)


def person_of(match: Mapping[str, Any]) -> Person:
    """Whom a match means."""
    return Person(match["address_id"], match["contact_id"])


def key_of(scope: Scope, user_id: int | None) -> Key:
    """The same for two choices of which the later one replaces the earlier."""
    return scope.value, (user_id or 0) if scope is Scope.MINE else 0


def in_force(choices: Iterable[Choice], viewer: int | None) -> Choice | None:
    """The choice that holds on a user's screen; with ``viewer`` None on that of somebody who chose nothing.

    What is said about this very call counts before what is remembered, and mine before everybody's.
    """
    by_key = {choice.key: choice for choice in choices}
    mine = by_key.get(key_of(Scope.MINE, viewer)) if viewer is not None else None
    if mine is not None and mine.by_hand:
        return mine
    return by_key.get(key_of(Scope.CALL, None)) or mine or by_key.get(key_of(Scope.ALL, None))


def replaced_by(scope: Scope, user_id: int) -> tuple[Key, ...]:
    """The choices that a new one takes the place of, its own kind first.

    Whoever chooses for the call or for everybody means himself too; whoever chooses for everybody means this call too.
    """
    mine = key_of(Scope.MINE, user_id)
    if scope is Scope.MINE:
        return (mine,)
    if scope is Scope.CALL:
        return (key_of(Scope.CALL, None), mine)
    return (key_of(Scope.ALL, None), key_of(Scope.CALL, None), mine)


def with_choice(choices: Iterable[Choice], new: Choice) -> tuple[Choice, ...]:
    """The choices of a call after somebody made another one by hand."""
    gone = replaced_by(new.scope, new.user_id or 0)
    return (*(choice for choice in choices if choice.key not in gone), new)


def by_hand(choices: Iterable[Choice]) -> tuple[Choice, ...]:
    """Those that stay whatever is learnt later."""
    return tuple(choice for choice in choices if choice.by_hand)


def after_a_look(
    kept: Sequence[Choice], remembered: Iterable[Remembered], matches: Sequence[Mapping[str, Any]]
) -> tuple[Choice, ...]:
    """The choices of a call after a look at its number: those by hand, then what is remembered and has an effect.

    ``kept`` are those by hand; one whose person is among the matches gets the present name.
    """
    persons = {person_of(match): match for match in matches}
    known = {_key(one): one for one in remembered}
    found = [
        replace(
            choice,
            match=persons.get(choice.person, choice.match),
            remembered=choice.key in known and known[choice.key].person == choice.person,
        )
        for choice in kept
    ]
    taken = {choice.key for choice in kept}
    if len(persons) > 1:
        found += [
            Choice(_scope(one), one.for_user or one.by, persons[one.person], by_hand=False, remembered=True)
            for key, one in sorted(known.items())
            if key not in taken and one.person in persons
        ]
    return tuple(found)


def _scope(one: Remembered) -> Scope:
    return Scope.ALL if one.for_user is None else Scope.MINE


def _key(one: Remembered) -> Key:
    return key_of(_scope(one), one.for_user)
