"""All that is kept about one person, as the modules tell it: the answer to whoever asks (Art. 15 GDPR)."""

from __future__ import annotations

import io
import json
import zipfile
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field, replace
from datetime import date, datetime
from itertools import islice
from typing import TYPE_CHECKING, Any, Literal

from flask import current_app, stream_template
from flask_babel import gettext as _
from sqlalchemy.orm import Session

from app.core import phones
from app.core.database import reading, transaction
from app.core.i18n import show_datetime
from app.core.privacy.unhurried import breathe, unhurried
from app.core.security import keyed_hash

if TYPE_CHECKING:
    from app.core.modules import Text

#: Persons that a search shows.
MOST_FOUND = 50
#: Pieces of a file, each a part of a table's row, that are written at once: some milliseconds.
PIECES_AT_ONCE = 500
#: Shorter names occur in too many texts that mean nobody.
SHORTEST_NAME = 4


@dataclass(frozen=True, slots=True)
class Former:
    """Numbers (E.164) and names that a person had formerly."""

    numbers: frozenset[str] = frozenset()
    names: frozenset[str] = frozenset()

    def __bool__(self) -> bool:
        return bool(self.numbers or self.names)


@dataclass(frozen=True, slots=True)
class Person:
    """Whom it is about: somebody of the addresses, whoever has a number, or a user of the house."""

    key: str
    """Names the person in forms, such as ``address-5``; begins with what only its source knows."""
    title: str
    numbers: frozenset[str]
    """E.164."""
    address_id: int | None = None
    contact_id: int | None = None
    """Of a contact alone ``address_id`` is None: what concerns the company is not his."""
    company_id: int | None = None
    """Of a contact the address at which he is: by it what is his is found quickly."""
    user_id: int | None = None
    """Somebody of the house; then there are neither numbers nor an address."""
    names: frozenset[str] = frozenset()
    """As they are stored, of an address its contacts' too; none of a bare number."""
    shared: frozenset[str] = frozenset()
    """Those of the numbers that somebody else has, too."""
    former: Former = Former()
    """Those of the numbers and names that he had formerly, and nobody has today."""

    @property
    def own(self) -> frozenset[str]:
        """The numbers that nobody else has."""
        return self.numbers - self.shared


@dataclass(frozen=True, slots=True)
class Chapter:
    """A table of what is kept: texts, numbers, moments, days, yes and no."""

    title: str
    headings: tuple[str, ...]
    rows: tuple[tuple[Any, ...], ...] = field(default=())


@dataclass(frozen=True, slots=True)
class Part:
    """A kind of data about a person, and what becomes of it when the person is removed."""

    key: str
    """Begins with the module's name."""
    title: Text
    deed: Literal["removed", "anonymised", "handed_on", "stays"]
    why: Text
    """One sentence: what goes and what stays, or why it stays."""


@dataclass(frozen=True, slots=True)
class Unclear:
    """Something that may be about a person, which only people can tell: it stays unless somebody chooses it."""

    key: str
    """Names it in forms; begins with the module's name."""
    where: str
    """For people."""
    text: str
    """What stands there, for whoever decides."""


@dataclass(frozen=True, slots=True)
class Removal:
    """That a person is to be removed. What comes of it is told by parts, each with a count."""

    person: Person
    unblock: bool = False
    """Whether his number goes from the block list, too."""
    successor: int | None = None
    """Of somebody of the house: the user who goes on with what is open."""
    called: str = ""
    """Likewise, what he is called from then on."""
    by: int | None = None
    also: frozenset[str] = frozenset()
    """``Unclear.key`` of what somebody has chosen to go, too."""


class NotYet(Exception):
    """Something is under way that must end before: the removal is taken up again later."""


@dataclass(frozen=True, slots=True)
class PersonSource:
    """What a module knows of persons. All of it is asked in one reading session, while the module is inactive, too."""

    tell: Callable[[Session, Person], Iterable[Chapter]]
    find: Callable[[Session, str], Iterable[Person]] = lambda _session, _text: ()
    """By what somebody typed: a name, a number in any spelling."""
    resolve: Callable[[Session, str], Person | None] = lambda _session, _key: None
    """By a key; None for another source's, and for who is there no longer."""
    former: Callable[[Session, Person], Former] = lambda _session, _person: Former()
    """What is certain to have been his, whoever may have it today."""
    held: Callable[[Session, Former], Former] = lambda _session, _former: Former()
    """Those of these numbers and names that somebody has today."""
    parts: tuple[Part, ...] = ()
    refuse: Callable[[Session, Removal], str | None] = lambda _session, _removal: None
    """Why this person cannot be removed, in a sentence."""
    plan: Callable[[Session, Removal], Iterable[tuple[str, int]]] = lambda _session, _removal: ()
    """How much of each part there is."""
    unclear: Callable[[Session, Removal], Iterable[Unclear]] = lambda _session, _removal: ()
    """What may be about him, for people to decide."""
    remove: Callable[[Removal], Iterator[tuple[str, int]]] = lambda _removal: iter(())
    """Lets the person go, each batch in a short transaction of its own; tells how much of which part after each.

    May end at any moment and be called again, also when all is done. Raises NotYet.
    """


def find(text: str) -> list[Person]:
    """Who may be meant, the best of each module first."""
    with reading() as session:
        found = [person for source in sources() for person in source.find(session, text)]
    return found[:MOST_FOUND]


def resolve(session: Session, key: str) -> Person | None:
    """The person of a key, with what he had formerly and nobody has today; None where there is none (any more)."""
    person = next((one for source in sources() if (one := source.resolve(session, key)) is not None), None)
    if person is None:
        return None
    former = _without(_together(source.former(session, person) for source in sources()), person)
    if former:
        held = _together(source.held(session, former) for source in sources())
        former = Former(former.numbers - held.numbers, former.names - held.names)
    return replace(person, numbers=person.numbers | former.numbers, names=person.names | former.names, former=former)


def _together(found: Iterable[Former]) -> Former:
    numbers, names = frozenset[str](), frozenset[str]()
    for one in found:
        numbers, names = numbers | one.numbers, names | one.names
    return Former(numbers, names)


def _without(former: Former, person: Person) -> Former:
    names = {name for name in former.names - person.names if len(name) >= SHORTEST_NAME}
    return Former(former.numbers - person.numbers, frozenset(names))


def former_words(person: Person) -> list[str]:
    """His former names and numbers for people."""
    return [*sorted(person.former.names), *(phones.format_display(one) for one in sorted(person.former.numbers))]


def export(key: str, user_id: int, user_name: str) -> bytes | None:
    """A ZIP file with everything, for programs (JSON) and for people (HTML); None where there is no such person.

    That it was made, by whom and about whom is in the audit log; the person only as a keyed hash.
    """
    kernel = current_app.extensions["durchwahl"]
    with reading() as session:
        person = resolve(session, key)
        if person is None:
            return None
        chapters = [chapter for source in sources() for chapter in unhurried(source.tell(session, person), 1)]
    if person.former:
        rows = tuple((one,) for one in former_words(person))
        chapters.insert(0, Chapter(_("Former numbers and names"), (_("Value"),), rows))
    whose = keyed_hash(kernel.config.secret_key, "person", person.key)
    with transaction() as session:
        kernel.privacy.audit(session, user_id, user_name, {"person_told": None}, {"person_told": whose})
    now = kernel.clock.now()
    page = stream_template("core/person.html", person=person, chapters=chapters, written=_written, now=now)
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED) as archive:
        _pack(archive, "person.json", _told(person, now, chapters))
        _pack(archive, "person.html", page)
    return packed.getvalue()


def _told(person: Person, now: datetime, chapters: Iterable[Chapter]) -> Iterator[str]:
    """The JSON, each row in a line of its own: of somebody who has called for years there are ten thousands."""
    head = {"person": person.title, "made_at": now.isoformat(timespec="seconds")}
    yield f'{json.dumps(head, ensure_ascii=False)[:-1]}, "chapters": {{'
    for place, chapter in enumerate(chapters):
        yield f"{',' if place else ''}\n{json.dumps(chapter.title, ensure_ascii=False)}: ["
        for number, row in enumerate(chapter.rows):
            told = dict(zip(chapter.headings, map(_plain, row), strict=True))
            yield f"{',' if number else ''}\n {json.dumps(told, ensure_ascii=False)}"
        yield "]"
    yield "}}\n"


def _pack(archive: zipfile.ZipFile, name: str, text: Iterable[str]) -> None:
    """Some hundred pieces at a time, between which others have the processor."""
    pieces = iter(text)
    with archive.open(name, "w") as file:
        while some := list(islice(pieces, PIECES_AT_ONCE)):
            file.write("".join(some).encode())
            breathe()


def _plain(value: Any) -> Any:
    return value.isoformat() if isinstance(value, date) else value


def _written(value: Any) -> str:
    """A value for people, in the language and zone of whoever made the file."""
    if isinstance(value, datetime):
        return show_datetime(value)
    if isinstance(value, date):
        return value.isoformat()
    if isinstance(value, bool):
        return "✓" if value else ""
    return "" if value is None else str(value)


def sources() -> tuple[PersonSource, ...]:
    """What the modules know of persons; whose data rest on another's come behind it."""
    found: tuple[PersonSource, ...] = tuple(current_app.extensions["durchwahl"].privacy.sources)
    return found
