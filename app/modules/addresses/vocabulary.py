"""The words that occur in addresses, how often, and the spellings by which a mistyped one leads to them.

Kept in the transaction that saves an address. A word that occurs often is no longer counted, so that two who save at
the same time need not wait for each other at *GmbH*.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from itertools import islice
from typing import Any, TypeVar, cast

from sqlalchemy import ARRAY, JSON, Integer, Table, Text, bindparam, delete, func, select
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.orm import Session

from app.core.prepared import Prepared
from app.modules.addresses.correcting import SHORTEST, spellings
from app.modules.addresses.models import Spelling, Word

#: Addresses from which on a word is not counted any more. Its row stays until the index is built anew.
MANY = 100
#: Rows in one statement.
BATCH = 500

_WORD, _SPELLING = cast(Table, Word.__table__), cast(Table, Spelling.__table__)


def _listed(name: str, type_: Any = Text) -> Any:
    """A column of the values of a list, which is one parameter of PostgreSQL however long it is."""
    return func.unnest(bindparam(name, type_=ARRAY(type_)))


def _counting(statement: Any) -> Any:
    return statement.on_conflict_do_update(
        index_elements=["word"], set_={"count": _WORD.c.count + statement.excluded.count}
    )


#: Built once, and asked without the ORM: an import asks for every few rows, and each has some new words. So on
#: PostgreSQL, which takes a row of many statements one by one, they are one statement with lists.
_COUNTED = Prepared(
    {
        "sqlite": select(_WORD.c.word, _WORD.c.count).where(
            _WORD.c.word.in_(select(func.json_each(bindparam("words", type_=JSON)).table_valued("value").c.value))
        ),
        "postgresql": select(_WORD.c.word, _WORD.c.count).where(
            _WORD.c.word == func.any(bindparam("words", type_=ARRAY(Text)))
        ),
    }
)
_UNUSED = delete(_WORD).where(_WORD.c.word.in_(bindparam("words", expanding=True)), _WORD.c.count <= 0)
_ADD_EACH = _counting(sqlite.insert(_WORD))
_ADD_ALL = Prepared(
    _counting(
        postgresql.insert(_WORD).from_select(
            ["word", "written", "count"], select(_listed("word"), _listed("written"), _listed("count", Integer))
        )
    ).returning(_WORD.c.word, _WORD.c.count)
)
_SPELL_EACH = sqlite.insert(_SPELLING).on_conflict_do_nothing()
_SPELL_ALL = Prepared(
    postgresql.insert(_SPELLING)
    .from_select(["spelling", "word"], select(_listed("spelling"), _listed("word")))
    .on_conflict_do_nothing()
)


def recount(session: Session, gained: Mapping[str, str], changes: Mapping[str, int]) -> None:
    """Count words: ``changes`` says by how many addresses more or fewer; ``gained``, how the new ones are written."""
    words = sorted(word for word, change in changes.items() if change)
    known = _counts(session, words)
    # In the same order in each transaction, so that none waits for another in a circle.
    counted = [word for word in words if known.get(word, 0) < MANY]
    rows = [
        {"word": word, "written": gained.get(word, word), "count": changes[word]}
        for word in counted
        if changes[word] > 0 or word in known
    ]
    added: dict[str, int] = {}
    for batch in _batches(rows):
        added |= _add(session, batch)
    fewer = [word for word in counted if changes[word] < 0]
    for some in _batches(fewer):
        session.connection().execute(_UNUSED, {"words": some})
    if session.get_bind().dialect.name == "sqlite":
        _spell(session, [word for word in counted if word not in known and changes[word] > 0])
    else:
        # Another transaction may have taken a word away since it was looked at: what was inserted has our count alone.
        _spell(session, [word for word, count in added.items() if count == changes[word] > 0])


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


def _counts(session: Session, words: Iterable[str]) -> dict[str, int]:
    found: dict[str, int] = {}
    for some in _batches(words):
        found.update(_COUNTED.rows(session, {"words": some}))  # type: ignore[arg-type] # rows of two
    return found


def _add(session: Session, rows: list[dict[str, Any]]) -> dict[str, int]:
    """Count these, which are in order; on PostgreSQL the counts as they are then."""
    if session.get_bind().dialect.name == "sqlite":
        session.connection().execute(_ADD_EACH, rows)
        return {}
    columns = {name: [row[name] for row in rows] for name in ("word", "written", "count")}
    return dict(_ADD_ALL.rows(session, columns))  # type: ignore[arg-type] # likewise


def _spell(session: Session, words: Iterable[str]) -> None:
    rows = [
        {"spelling": spelling, "word": word}
        for word in words
        if len(word) >= SHORTEST
        for spelling in sorted(spellings(word))
    ]
    if rows and session.get_bind().dialect.name == "sqlite":
        session.connection().execute(_SPELL_EACH, rows)
    elif rows:
        _SPELL_ALL.rows(session, {name: [row[name] for row in rows] for name in ("spelling", "word")})
