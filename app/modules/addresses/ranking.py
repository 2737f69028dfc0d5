"""What a text finds, the best first, from a place on.

First comes who has exactly this customer number or phone number, then names that begin so, then names that begin with
one of the words, then words that begin so, then the rest; each by name.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

from sqlalchemy import ColumnElement, Integer, Select, and_, case, column, false, func, not_, or_, select, union_all
from sqlalchemy.orm import Session

from app.core.phones import search_key
from app.core.ui.leaves import Key
from app.modules.addresses.finding import contains_all, matching
from app.modules.addresses.models import Address, PhoneNumber, SearchEntry
from app.modules.addresses.name_ranges import NameRange, best_ranges
from app.modules.addresses.settings import address_settings
from app.modules.addresses.terms import Term, begins_words
from app.modules.addresses.walking import counted, holding, in_order, key_of

Condition = ColumnElement[bool]
EXACT, NAME, FIRST_WORD, WORDS, PARTS = KINDS = range(5)
#: So many hits are ranked one by one; where there are more, the better kinds are looked for first.
RANKED = 500
#: Who has exactly the number that was typed: more than so many are not looked for.
MOST_EXACT = 20
#: Where of so many documents that many hold the terms, they are many.
SAMPLE, DENSE = 300, 25
_KIND = column("kind", Integer)
_KEYS: tuple[Any, ...] = (Address.name_key, Address.id)


class Ranked:
    """The hits of a text among the addresses that pass ``conditions``. ``wanted``: its terms, ``words``: its words."""

    def __init__(
        self,
        session: Session,
        text: str,
        words: Sequence[str],
        wanted: Sequence[Term],
        conditions: Sequence[Condition] = (),
    ) -> None:
        self.session = session
        self.wanted = tuple(wanted)
        self.conditions = tuple(conditions)
        self.ranges = best_ranges(text, words)
        self.exact = _exact(session, text)
        self._is_sqlite = session.get_bind().dialect.name == "sqlite"
        self.is_indexed = any(needle.is_indexed for term in self.wanted for needle in term)

    def ids(self, limit: int) -> list[int]:
        """The best ones."""
        return [address_id for _key, address_id in self.rows(None, False, limit)]

    def rows(self, beyond: Key | None, backwards: bool, limit: int) -> list[tuple[Key, int]]:
        """A stretch as ``leaves`` takes it. The key is kind, name and id; the row is the id."""
        if not self.is_indexed:
            return self._by_kind((EXACT, NAME, FIRST_WORD), beyond, backwards, limit)
        found = self._few(beyond, backwards, limit)
        return self._by_kind(KINDS, beyond, backwards, limit) if found is None else found

    def in_order(
        self, query: Select[Any], keys: Sequence[Any], beyond: Key | None, *, descending: bool, limit: int
    ) -> Sequence[Any]:
        """The hits among the addresses of ``query`` in another order."""
        if self.is_indexed:
            return holding(self.session, query, keys, self.wanted, beyond, descending=descending, limit=limit)
        whole, first_words = self.ranges
        either = in_any((whole, *first_words))
        named = query.where(or_(either, Address.id.in_(self.exact)) if self.exact else either)
        return self.session.execute(in_order(named, keys, beyond, descending=descending, limit=limit)).all()

    def count(self, most: int) -> int:
        """How many there are; ``most + 1`` stands for more."""
        if not self.is_indexed:
            return len(self.rows(None, False, most + 1))
        hits = matching(self.session, self.wanted).subquery()
        some = select(Address.id).join(hits, hits.c.id == Address.id).where(*self.conditions).limit(most + 1).subquery()
        return self.session.execute(select(func.count()).select_from(some)).scalar_one()

    # ----------------------------------------------------------------------------------------------- all that there is

    def _few(self, beyond: Key | None, backwards: bool, limit: int) -> list[tuple[Key, int]] | None:
        """Where there are few hits: those that are wanted of them. None where there are many."""
        if self._is_dense():
            return None
        hits = matching(self.session, self.wanted).limit(RANKED + 1)
        few = hits.cte("hits").prefix_with("MATERIALIZED")
        are_few = select(func.count()).select_from(few).scalar_subquery() <= RANKED
        query = (
            select(self._kind().label("kind"), *_KEYS)
            .select_from(few)
            .join(Address, Address.id == few.c.id)
            .join(SearchEntry, SearchEntry.address_id == few.c.id)
            .where(are_few, *self.conditions)
        )
        keys = (self._kind(), *_KEYS)
        ordered = in_order(query, keys, beyond, descending=backwards, limit=limit)
        number, rows = counted(self.session, few, ordered, (_KIND, *_KEYS), descending=backwards)
        if number > RANKED:
            return None
        return [(key_of(row, (_KIND, *_KEYS)), row.id) for row in rows]

    def _is_dense(self) -> bool:
        """Whether a good part of all addresses are hits, all of which PostgreSQL would collect before it shows one."""
        if self._is_sqlite:
            return False
        some = select(SearchEntry.text).limit(SAMPLE).subquery()
        found = self.session.execute(select(func.count()).where(contains_all(some.c.text, self.wanted))).scalar_one()
        return found > DENSE

    def _kind(self) -> ColumnElement[int]:
        exact, (whole, first_words) = self.exact, self.ranges
        return case(
            (Address.id.in_(exact) if exact else false(), EXACT),
            (_in_range(whole), NAME),
            (in_any(first_words), FIRST_WORD),
            (contains_all(SearchEntry.text, begins_words(self.wanted)), WORDS),
            else_=PARTS,
        )

    # ----------------------------------------------------------------------------------------------------- kind by kind

    def _by_kind(self, kinds: Sequence[int], beyond: Key | None, backwards: bool, limit: int) -> list[tuple[Key, int]]:
        found: list[tuple[Key, int]] = []
        for kind in reversed(kinds) if backwards else kinds:
            behind = None
            if beyond is not None:
                if kind > beyond[0] if backwards else kind < beyond[0]:
                    continue
                behind = beyond[1:] if kind == beyond[0] else None
            for rows in self._of_kind(kind, behind, backwards, limit):
                found += [((kind, row.name_key, row.id), row.id) for row in rows]
                if len(found) >= limit:
                    return found[:limit]
        return found

    def _of_kind(self, kind: int, beyond: Key | None, backwards: bool, limit: int) -> Iterator[Sequence[Any]]:
        """The hits of a kind, piece by piece in the order of names."""
        exact, (whole, first_words) = self.exact, self.ranges
        query = select(*_KEYS).where(*self.conditions)
        others = query.where(Address.id.not_in(exact)) if exact else query
        if kind == EXACT:
            if exact:
                found = in_order(query.where(Address.id.in_(exact)), _KEYS, beyond, descending=backwards, limit=limit)
                yield self.session.execute(found).all()
        elif kind == NAME:
            yield self._holding(others.where(_in_range(whole)), beyond, backwards, limit)
        elif kind == FIRST_WORD:
            for piece in reversed(first_words) if backwards else first_words:
                yield self._holding(others.where(_in_range(piece)), beyond, backwards, limit)
        else:
            elsewhere = others.where(not_(in_any((whole, *first_words))))
            begin = begins_words(self.wanted)
            if kind == WORDS:
                yield self._holding(elsewhere, beyond, backwards, limit, begin)
            elif begin != self.wanted:
                yield self._holding(elsewhere, beyond, backwards, limit, but=begin)

    def _holding(
        self,
        query: Select[Any],
        beyond: Key | None,
        backwards: bool,
        limit: int,
        wanted: Sequence[Term] = (),
        but: Sequence[Term] = (),
    ) -> Sequence[Any]:
        if not self.is_indexed:
            return self.session.execute(in_order(query, _KEYS, beyond, descending=backwards, limit=limit)).all()
        wanted = wanted or self.wanted
        return holding(self.session, query, _KEYS, wanted, beyond, but=but, descending=backwards, limit=limit)


def _exact(session: Session, text: str) -> list[int]:
    """Who has this customer, supplier or phone number, or is called this by another system."""
    number = text.strip()[:80]
    either = or_(Address.customer_number == number, Address.supplier_number == number, Address.external_id == number)
    owners = [select(Address.id.label("id")).where(either).limit(MOST_EXACT).subquery()]
    whole = search_key(text, address_settings().default_country)
    if whole:
        of_number = select(PhoneNumber.address_id.label("id")).where(PhoneNumber.e164.in_(whole))
        owners.append(of_number.order_by(PhoneNumber.address_id).limit(MOST_EXACT).subquery())
    return list(dict.fromkeys(session.execute(union_all(*(select(one.c.id) for one in owners))).scalars()))


def _in_range(one: NameRange) -> Condition:
    return and_(Address.name_key >= one.start, Address.name_key < one.end)


def in_any(ranges: Sequence[NameRange]) -> Condition:
    """Whether an address's name lies in one of the ranges."""
    return or_(false(), *map(_in_range, ranges))
