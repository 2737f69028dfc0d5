"""Facts about whom a call is with, told while it rings: what modules contribute to its card.

A module declares kinds of facts, which are data, and one function that finds them for several calls at once. Facts hold
values, no texts of ours: one message goes to users of both languages, and the page has the words. A contributor that
fails, or that answers what it did not declare, costs its own facts and nothing else; its failure is logged and told.
"""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, date, datetime
from typing import Any, Literal, get_args

from sqlalchemy.orm import Session

from app.core.database import Database

log = logging.getLogger(__name__)

Tone = Literal["plain", "warning", "danger"]
TONES: tuple[str, ...] = get_args(Tone)
#: Signs of one text in a fact; a card has no room for more.
MOST_SIGNS = 300


@dataclass(frozen=True, slots=True)
class Subject:
    """Whom facts are asked about: the far party of a call, as far as it is known. One of the first two is there."""

    number: str | None
    """E.164."""
    address_id: int | None
    contact_id: int | None
    at: datetime
    """When the call began, aware: what was *last* was before that."""
    origin: str
    """The call itself, as notes about it name it."""


@dataclass(frozen=True, slots=True)
class Word:
    """One of the words that the kind of a fact declares; ``{time}`` in it stands for ``at``, a moment or a day."""

    key: str
    at: date | None = None


Part = str | int | date | datetime | Word
"""A text as it is stored, a count, a day, an aware moment (shown in the reader's zone), or a word."""


@dataclass(frozen=True, slots=True)
class Fact:
    """One fact. ``kind`` is the key of a declared one; without parts its label says it all. Raises ValueError."""

    kind: str
    parts: tuple[Part, ...] = ()
    tone: Tone = "plain"
    path: str | None = None
    """Where it can be read in full: a path of our own."""
    readers: frozenset[int] | None = None
    """The users who alone are told it; None for all who may know its kind. For what differs with what one may see."""

    def __post_init__(self) -> None:
        if self.tone not in TONES:
            raise ValueError(f"{self.kind}: there is no tone {self.tone!r}")
        if self.path is not None and (not self.path.startswith("/") or self.path.startswith("//")):
            raise ValueError(f"{self.kind}: a fact leads to a path of our own")
        for part in self.parts:
            _check(self.kind, part)

    @property
    def moment(self) -> datetime | None:
        """The first moment that it names."""
        return next((part for part in self.parts if isinstance(part, datetime)), None)


def _check(kind: str, part: object) -> None:
    if isinstance(part, bool) or not isinstance(part, str | int | date | Word):
        raise ValueError(f"{kind}: {type(part).__name__} is no part of a fact")
    moment = part.at if isinstance(part, Word) else part
    if isinstance(moment, datetime) and moment.tzinfo is None:
        raise ValueError(f"{kind}: naive datetime")


@dataclass(frozen=True, slots=True)
class FactKind:
    """What a module can tell of somebody. Only data."""

    key: str
    """``module.what``."""
    label: Any
    """A lazy text."""
    icon: str
    """Stands beside every fact that is no plain one: state is never told by colour alone."""
    order: int = 100
    permissions: tuple[str, ...] = ()
    """Whoever lacks one of them is not told."""
    words: Mapping[str, Any] = field(default_factory=dict)
    """Lazy texts by the keys that ``Word`` names."""
    newest_of: str = ""
    """Of all facts whose kinds name the same, also of several modules, only the latest by its moment is shown."""


Find = Callable[[Session, Sequence[Subject]], Mapping[Subject, Sequence[Fact]]]
"""Facts of several at once, with a number of statements that does not grow with theirs. Asks nobody outside."""


@dataclass(frozen=True, slots=True)
class Contribution:
    """What one module registered."""

    module: str
    kinds: tuple[FactKind, ...]
    find: Find


@dataclass(frozen=True, slots=True)
class Found:
    """What active modules know; ``failed`` names those that could not answer."""

    facts: Mapping[Subject, tuple[Fact, ...]]
    failed: tuple[str, ...]


class Facts:
    """What was registered, and the asking of it."""

    def __init__(self, database: Database) -> None:
        self._database = database
        self._contributions: list[Contribution] = []

    def add(self, contribution: Contribution) -> None:
        """Register; ValueError where a module has contributed already or a key is declared twice."""
        known = {kind.key for one in self._contributions for kind in one.kinds}
        for kind in contribution.kinds:
            if kind.key in known:
                raise ValueError(f"the fact {kind.key} is declared twice")
            known.add(kind.key)
        if contribution.module in {one.module for one in self._contributions}:
            raise ValueError("facts are registered once")
        self._contributions.append(contribution)

    def kinds(self, is_active: Callable[[str], bool]) -> dict[str, FactKind]:
        """Those of active modules by key."""
        return {kind.key: kind for one in self._contributions if is_active(one.module) for kind in one.kinds}

    def about(self, subjects: Iterable[Subject], is_active: Callable[[str], bool]) -> Found:
        """Ask each active module once about all of them. Never raises: who fails is named."""
        asked = tuple(dict.fromkeys(subjects))
        facts: dict[Subject, list[Fact]] = {subject: [] for subject in asked}
        failed = []
        for one in self._contributions if asked else ():
            if not is_active(one.module):
                continue
            try:
                found = self._ask(one, asked)
            except Exception as error:  # noqa: BLE001 (whatever it is: the card is there, and others' facts too)
                # Its message may quote what is stored.
                log.error("the facts of %s are missing: %s", one.module, type(error).__name__)
                failed.append(one.module)
                continue
            for subject, more in found.items():
                facts[subject] += more
        return Found({subject: tuple(found) for subject, found in facts.items()}, tuple(failed))

    def _ask(self, one: Contribution, asked: tuple[Subject, ...]) -> dict[Subject, list[Fact]]:
        # A session of its own: on PostgreSQL a statement that fails spoils its transaction for whatever follows.
        with self._database.reading() as session:
            answer = one.find(session, asked)
        kinds = {kind.key: kind for kind in one.kinds}
        found = {subject: list(facts) for subject, facts in answer.items()}
        if not found.keys() <= set(asked):
            raise ValueError("an answer about somebody else")
        for fact in (fact for facts in found.values() for fact in facts):
            words = kinds[fact.kind].words
            if any(isinstance(part, Word) and part.key not in words for part in fact.parts):
                raise ValueError(f"{fact.kind}: a word that is not declared")
        return found


def arranged(facts: Iterable[Fact], kinds: Mapping[str, FactKind]) -> list[Fact]:
    """The facts of these kinds in the order of the card; of those that share a line the latest one. Pure.

    They are compared by the minute, as people write down when something was; of the same minute the first kind counts.
    """
    ordered = sorted((fact for fact in facts if fact.kind in kinds), key=lambda fact: _place(kinds[fact.kind]))
    newest: dict[str, Fact] = {}
    for fact in ordered:
        line = kinds[fact.kind].newest_of
        if line and (line not in newest or _minute(fact) > _minute(newest[line])):
            newest[line] = fact
    return [fact for fact in ordered if newest.get(kinds[fact.kind].newest_of, fact) is fact]


def _place(kind: FactKind) -> tuple[int, str]:
    return kind.order, kind.key


def _minute(fact: Fact) -> datetime:
    return (fact.moment or datetime.min.replace(tzinfo=UTC)).astimezone(UTC).replace(second=0, microsecond=0)


def as_told(fact: Fact) -> dict[str, Any]:
    """A fact as a browser is told it: ``{"at": …}`` a moment, ``{"day": …}`` a day, ``{"word": …, "of": …}`` a word."""
    return {"kind": fact.kind, "tone": fact.tone, "path": fact.path, "parts": [_told(part) for part in fact.parts]}


def _told(part: Part) -> Any:
    if isinstance(part, Word):
        return {"word": part.key, "of": _told(part.at) if part.at else None}
    if isinstance(part, datetime):
        return {"at": _iso(part)}
    if isinstance(part, date):
        return {"day": part.isoformat()}
    return part[:MOST_SIGNS] if isinstance(part, str) else part


def _iso(moment: datetime) -> str:
    return moment.astimezone(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")
