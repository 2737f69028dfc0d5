"""The words that occur in addresses, how often, and the spellings by which a mistyped one leads to them.

Kept in the transaction that saves an address. A word that occurs often is no longer counted, so that two who save at
the same time need not wait for each other at *GmbH*.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping
from itertools import islice
from typing import Any, TypeVar, cast

from sqlalchemy import Table, bindparam, delete, select
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.orm import Session

from app.modules.addresses.correcting import SHORTEST, spellings
from app.modules.addresses.models import Spelling, Word

#: Addresses from which on a word is not counted any more. Its row stays until the index is built anew.
MANY = 100
#: Rows in one statement.
BATCH = 500

_WORD, _SPELLING = cast(Table, Word.__table__), cast(Table, Spelling.__table__)
#: Built once, and asked without the ORM: an import asks for every few rows.
_COUNTED = select(_WORD.c.word, _WORD.c.count).where(_WORD.c.word.in_(bindparam("words", expanding=True)))
_UNUSED = delete(_WORD).where(_WORD.c.word.in_(bindparam("words", expanding=True)), _WORD.c.count <= 0)
_INSERTS: dict[str, Callable[[Any], Any]] = {"sqlite": sqlite.insert, "postgresql": postgresql.insert}


def recount(session: Session, gained: Mapping[str, str], changes: Mapping[str, int]) -> None:
    """Count words: ``changes`` says by how many addresses more or fewer; ``gained``, how the new ones are written."""
    words = sorted(word for word, change in changes.items() if change)
    known = {row.word: row.count for row in _rows(session, words)}
    # In the same order in each transaction, so that none waits for another in a circle.
    counted = [word for word in words if known.get(word, 0) < MANY]
    rows = [
        {"word": word, "written": gained.get(word, word), "count": changes[word]}
        for word in counted
        if changes[word] > 0 or word in known
    ]
    for batch in _batches(rows):
        _add(session, batch)
    fewer = [word for word in counted if changes[word] < 0]
    for some in _batches(fewer):
        session.connection().execute(_UNUSED, {"words": some})
    if session.get_bind().dialect.name == "sqlite":
        _spell(session, [word for word in counted if word not in known and changes[word] > 0])
    else:
        # Another transaction may have taken a word away since it was looked at: what was inserted has our count alone.
        _spell(session, [row.word for row in _rows(session, counted) if row.count == changes[row.word]])


def recounted(session: Session, true: Counter[str], written: Mapping[str, str]) -> int:
    """Make the counts those of ``true``; how many words were wrong."""
    stored: dict[str, int] = dict(session.execute(select(Word.word, Word.count)).all())
    words: set[str] = {*stored, *true}
    wrong = [word for word in words if min(MANY, stored.get(word, 0)) != min(MANY, true[word])]
    for some in _batches(sorted(wrong)):
        session.execute(delete(Word).where(Word.word.in_(some)), execution_options=_PLAIN)
        rows = [{"word": word, "written": written.get(word, word), "count": true[word]} for word in some if true[word]]
        if rows:
            _add(session, rows)
            _spell(session, [word for word in some if true[word]])
    return len(wrong)


_PLAIN = {"synchronize_session": False}
_T = TypeVar("_T")


def _batches(things: Iterable[_T]) -> Iterator[list[_T]]:
    rest = iter(things)
    while batch := list(islice(rest, BATCH)):
        yield batch


def _rows(session: Session, words: Iterable[str]) -> list[Any]:
    found: list[Any] = []
    for some in _batches(words):
        found += session.connection().execute(_COUNTED, {"words": some})
    return found


def _adding(dialect: str) -> Any:
    statement = _INSERTS[dialect](_WORD)
    return statement.on_conflict_do_update(
        index_elements=["word"], set_={"count": _WORD.c.count + statement.excluded.count}
    )


_ADD = {dialect: _adding(dialect) for dialect in _INSERTS}
_SPELL = {dialect: insert(_SPELLING).on_conflict_do_nothing() for dialect, insert in _INSERTS.items()}


def _add(session: Session, rows: list[dict[str, Any]]) -> None:
    session.connection().execute(_ADD[session.get_bind().dialect.name], rows)


def _spell(session: Session, words: Iterable[str]) -> None:
    rows = [
        {"spelling": spelling, "word": word}
        for word in words
        if len(word) >= SHORTEST
        for spelling in sorted(spellings(word))
    ]
    if rows:
        session.connection().execute(_SPELL[session.get_bind().dialect.name], rows)
