"""Rows in the order of an index, from a place on: how every list of addresses gets its pages."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from sqlalchemy import Row, Select, func, not_, select, true, tuple_
from sqlalchemy.orm import Session

from app.core.ui.leaves import Key
from app.modules.addresses.finding import contains_all, matching
from app.modules.addresses.models import Address, SearchEntry
from app.modules.addresses.terms import Term

#: Rows that are looked at for each wanted hit, and at most, before the index is asked: a frequent word is among them.
WALKED_EACH = 50
WALKED = 1500


def in_order(
    query: Select[Any],
    keys: Sequence[Any],
    beyond: Key | None,
    *,
    descending: bool,
    limit: int,
) -> Select[Any]:
    """The first rows in the order of ``keys``, or behind those of the key ``beyond``.

    The keys all go up or all go down, so that one index gives the order and the place in it.
    """
    if beyond is not None:
        place = tuple_(*keys)
        query = query.where(place < beyond if descending else place > beyond)
    return query.order_by(*(key.desc() if descending else key.asc() for key in keys)).limit(limit)


def key_of(row: Row[Any], keys: Sequence[Any]) -> Key:
    """The key of a row that has its columns."""
    return tuple(getattr(row, key.key) for key in keys)


def counted(
    session: Session, of: Any, query: Select[Any], keys: Sequence[Any], *, descending: bool
) -> tuple[int, list[Row[Any]]]:
    """How many rows ``of`` has, and the rows of an ordered query, in one exchange with the database."""
    number, rows = select(func.count().label("number")).select_from(of).subquery(), query.subquery()
    order = (rows.c[key.key] for key in keys)
    columns: list[Any] = [*rows.c, number.c.number]
    both = (
        select(*columns)
        .select_from(number.outerjoin(rows, true()))
        .order_by(*(one.desc() if descending else one.asc() for one in order))
    )
    found = session.execute(both).all()
    return found[0].number, [row for row in found if row.id is not None]


def holding(
    session: Session,
    query: Select[Any],
    keys: Sequence[Any],
    wanted: Sequence[Term],
    beyond: Key | None,
    *,
    but: Sequence[Term] = (),
    descending: bool,
    limit: int,
) -> list[Row[Any]]:
    """The same, of those addresses only whose documents hold the terms, and not all of ``but``.

    ``query`` selects from Address. A frequent word is found by walking along the order, a rare one through the index.
    """
    walked = min(WALKED, WALKED_EACH * limit)
    walk = in_order(query, keys, beyond, descending=descending, limit=walked)
    documents = walk.join(SearchEntry, SearchEntry.address_id == Address.id).add_columns(SearchEntry.text)
    looked_at = documents.cte("looked_at").prefix_with("MATERIALIZED")
    *names, text = looked_at.c
    held: Select[Any] = select(*names).where(
        contains_all(text, wanted), *([not_(contains_all(text, but))] if but else [])
    )
    places = [looked_at.c[key.key] for key in keys]
    seen, found = counted(
        session,
        looked_at,
        in_order(held, places, None, descending=descending, limit=limit),
        keys,
        descending=descending,
    )
    if len(found) >= limit or seen < walked:
        return found  # enough, or all were looked at
    hits = matching(session, wanted, but=but).cte("hits").prefix_with("MATERIALIZED")
    through_index = query.join(hits, hits.c.id == Address.id)
    return list(session.execute(in_order(through_index, keys, beyond, descending=descending, limit=limit)).all())
