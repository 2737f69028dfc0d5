"""Finds addresses by their documents, through the index of trigrams of either database."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any
from weakref import WeakKeyDictionary

from sqlalchemy import (
    ARRAY,
    Boolean,
    ColumnElement,
    Engine,
    Select,
    Text,
    and_,
    bindparam,
    column,
    func,
    not_,
    or_,
    select,
    table,
    text,
)
from sqlalchemy.ext.compiler import compiles
from sqlalchemy.orm import Session
from sqlalchemy.sql.functions import FunctionElement

from app.modules.addresses.models import SEARCH_INDEX, SearchEntry
from app.modules.addresses.terms import Needle, Term

_FTS = table(SEARCH_INDEX, column("rowid"), column(SEARCH_INDEX))
#: PostgreSQL whose owner may not have pg_trgm has an index over a function of ours, which must be named in a query.
_without_extension: WeakKeyDictionary[Engine, bool] = WeakKeyDictionary()


def contains_all(column_: Any, terms: Sequence[Term]) -> ColumnElement[bool]:
    """A condition on the text of a document at hand, which no index need find."""
    return and_(*(or_(*(is_inside(column_, needle.pattern) for needle in term)) for term in terms))


def matching(session: Session, terms: Sequence[Term], *, but: Sequence[Term] = ()) -> Select[Any]:
    """The ids of addresses whose documents hold all terms, and not all of ``but``, found through the index.

    Terms too short for it (one letter) are compared afterwards; where none is longer, there is nothing to find by.
    """
    indexed = [term for term in terms if all(needle.is_indexed for needle in term)]
    if not indexed:
        return select(SearchEntry.address_id.label("id")).where(text("1 = 0"))
    short = [term for term in terms if term not in indexed]
    if session.get_bind().dialect.name == "sqlite":
        found = select(_FTS.c.rowid.label("id")).where(_FTS.c[SEARCH_INDEX].op("MATCH")(_expression(indexed)))
        if not short and not but:
            return found
        found = found.join(SearchEntry, SearchEntry.address_id == _FTS.c.rowid)
        return found.where(*_holding(short), *_lacking(but))
    conditions = [or_(*(_is_like(needle) for needle in term)) for term in terms]
    if _has_no_extension(session):
        conditions += [or_(*(_has_trigrams(needle) for needle in term)) for term in indexed]
    # Asked of the rows that the index finds: to join the documents once more makes PostgreSQL read them all.
    return select(SearchEntry.address_id.label("id")).where(*conditions, *_lacking(but))


def _holding(terms: Sequence[Term]) -> list[ColumnElement[bool]]:
    return [contains_all(SearchEntry.text, terms)] if terms else []


def _lacking(terms: Sequence[Term]) -> list[ColumnElement[bool]]:
    return [not_(holds) for holds in _holding(terms)]


class is_inside(FunctionElement[bool]):  # noqa: N801 (used like a function of the database)
    """Whether a text is part of a column's; for rows that an index has found."""

    type = Boolean()
    inherit_cache = True
    name = "is_inside"


@compiles(is_inside)
def _is_inside(element: Any, compiler: Any, **more: Any) -> str:
    function = "instr" if compiler.dialect.name == "sqlite" else "strpos"
    return f"({function}({compiler.process(element.clauses, **more)}) > 0)"


def _is_like(needle: Needle) -> ColumnElement[bool]:
    """What an index of pg_trgm answers."""
    return SearchEntry.text.contains(needle.pattern, autoescape=True)


def _expression(terms: Sequence[Term]) -> str:
    """In the language of SQLite's FTS5: every needle a phrase in quotation marks."""
    return " AND ".join(
        "(" + " OR ".join('"' + needle.pattern.replace('"', '""') + '"' for needle in term) + ")" for term in terms
    )


def _has_trigrams(needle: Needle) -> ColumnElement[bool]:
    pattern = needle.pattern
    trigrams = sorted({pattern[place : place + 3] for place in range(len(pattern) - 2)})
    found: ColumnElement[bool] = func.addresses_trigrams(SearchEntry.text).op("@>")(
        bindparam(None, trigrams, type_=ARRAY(Text))
    )
    return found


def _has_no_extension(session: Session) -> bool:
    bind = session.get_bind()
    engine = bind if isinstance(bind, Engine) else bind.engine
    known = _without_extension.get(engine)
    if known is None:
        known = session.execute(text("SELECT to_regprocedure('addresses_trigrams(text)') IS NOT NULL")).scalar_one()
        _without_extension[engine] = known
    return known
