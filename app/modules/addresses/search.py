"""The search for addresses: what is found by a text, the best first.

Found is whatever holds every word, in any order: name, town, e-mail, customer number, contacts, and any part of a
number in any spelling. First comes who has exactly this customer number or phone number, then names that begin so,
then words that begin so, then the rest.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import ColumnElement, and_, false, func, or_, select
from sqlalchemy.orm import InstrumentedAttribute, Session

from app.core.database import storable
from app.core.phones import search_key
from app.modules.addresses.documents import bare
from app.modules.addresses.finding import contains_all, matching
from app.modules.addresses.folding import both_ways, plain_letters, typed_signs
from app.modules.addresses.models import Address, PhoneNumber, SearchEntry
from app.modules.addresses.settings import address_settings
from app.modules.addresses.terms import MAX_QUERY_LENGTH, MAX_WORDS, Term, begins_words, terms_of

Condition = ColumnElement[bool]
#: So many hits are fetched and ranked one by one; where there are more, the better kinds are looked for first.
RANKED = 300
#: Rows in the order of names that are looked at for each wanted hit, and at most, before the index is asked: a frequent
#: word is among them.
WALKED_EACH = 50
WALKED = 1500
_LAST_SIGN = "\U0010ffff"


def _storable(text: str) -> str:
    """What PostgreSQL takes: NUL, which it does not, becomes another sign that parts words and is found nowhere."""
    return storable(text.replace("\x00", "\x01"))


def words_of(query: str) -> list[str]:
    """The words to look for, as many as are worth it; what folds to nothing is none."""
    return [word for word in typed_signs(query[:MAX_QUERY_LENGTH]).split() if both_ways(word)[0]][:MAX_WORDS]


def contains(column: InstrumentedAttribute[str], word: str) -> Condition:
    """The word, in either spelling, in a folded column."""
    return or_(*(column.contains(way, autoescape=True) for way in both_ways(bare(word))))


def number_begins(fragment: str) -> Condition | None:
    """The number of a row begins as the fragment says; None where the fragment is no beginning of a number."""
    prefixes = search_key(fragment, address_settings().default_country)
    if not prefixes:
        return None
    # ":" follows "9": the end of all numbers that begin so, in the byte order of the column.
    return or_(*(and_(PhoneNumber.e164 >= prefix, PhoneNumber.e164 < f"{prefix}:") for prefix in prefixes))


def terms(query: str) -> tuple[Term, ...]:
    """What the query looks for, numbers as the home country writes them."""
    return terms_of(query.strip(), address_settings().default_country)


def address_matches(session: Session, query: str) -> Condition | None:
    """A condition on Address: every word found in its document; None for an empty query."""
    query = _storable(query)
    if not query.strip():
        return None
    wanted = terms(query)
    if not wanted:
        return false()
    if any(needle.is_indexed for term in wanted for needle in term):
        return Address.id.in_(matching(session, wanted))
    return _name_begins(query)


@dataclass(frozen=True, slots=True)
class AddressHit:
    """An address in a pick list."""

    id: int
    name: str
    town: str
    customer_number: str | None


def search(session: Session, text: str, limit: int = 20) -> list[AddressHit]:
    """Active addresses for a pick list, the best first; none for an empty text."""
    ids = found_ids(session, text, limit)
    columns: tuple[Any, ...] = (Address.id, Address.name, Address.postcode, Address.city, Address.customer_number)
    rows = {row.id: row for row in session.execute(select(*columns).where(Address.id.in_(ids)))}
    return [
        AddressHit(one, row.name, f"{row.postcode} {row.city}".strip(), row.customer_number)
        for one in ids
        if (row := rows.get(one)) is not None
    ]


def found_ids(session: Session, text: str, limit: int) -> list[int]:
    """The ids of active addresses that a text finds, the best first."""
    text = _storable(text)
    wanted = terms(text)
    if not text.strip() or not wanted:
        return []
    exact = _exact(session, text)
    if not any(needle.is_indexed for term in wanted for needle in term):
        return _unique([*exact, *_by_name(session, _name_begins(text), None, limit)], limit)
    few = _few(session, wanted)
    if few is not None:
        return [row.id for row in sorted(few, key=lambda row: _rank(row, text, wanted, exact))][:limit]
    return _many(session, text, wanted, exact, limit)


def _few(session: Session, wanted: Sequence[Term]) -> list[Any] | None:
    """All hits where there are few, None where there are many."""
    if _is_dense(session, wanted):
        return None
    # On SQLite they come one by one, so that no more are looked for than are wanted.
    hits = matching(session, wanted).cte("hits").prefix_with("MATERIALIZED", dialect="postgresql")
    rows = session.execute(
        select(Address.id, Address.name_key, SearchEntry.text)
        .select_from(hits)
        .join(Address, Address.id == hits.c.id)
        .join(SearchEntry, SearchEntry.address_id == hits.c.id)
        .where(Address.archived_at.is_(None))
        .limit(RANKED + 1)
    ).all()
    return list(rows) if len(rows) <= RANKED else None


def _is_dense(session: Session, wanted: Sequence[Term]) -> bool:
    """Whether nearly every tenth address is a hit. PostgreSQL would collect them all before it shows the first."""
    if session.get_bind().dialect.name == "sqlite":
        return False
    some = select(SearchEntry.text).limit(RANKED).subquery()
    found = session.execute(select(some.c.text).where(contains_all(some.c.text, wanted))).all()
    return len(found) > RANKED // 12


def _many(session: Session, text: str, wanted: Sequence[Term], exact: Sequence[int], limit: int) -> list[int]:
    found = list(exact)
    whole = plain_letters(text)
    kinds: list[tuple[Condition | None, Sequence[Term]]] = [
        (_range(start), wanted) for start in dict.fromkeys([whole, *_name_starts(text)])
    ]
    kinds += [(None, begins_words(tuple(wanted))), (None, wanted)]
    for condition, of_kind in kinds:
        if len(found) < limit:
            found = _unique([*found, *_by_name(session, condition, of_kind, limit + len(found))], limit)
    return found


def _by_name(session: Session, condition: Condition | None, wanted: Sequence[Term] | None, limit: int) -> list[int]:
    """The first ones by name, of those that fit the condition and hold the terms.

    A frequent word is found by walking along the names, a rare one through the index.
    """
    conditions = [Address.archived_at.is_(None)] + ([condition] if condition is not None else [])
    ordered = select(Address.id).where(*conditions).order_by(Address.name_key, Address.id)
    if wanted is None:
        return list(session.execute(ordered.limit(limit)).scalars())
    walked = min(WALKED, WALKED_EACH * limit)
    walk = (
        ordered.add_columns(Address.name_key, SearchEntry.text)
        .join(SearchEntry, SearchEntry.address_id == Address.id)
        .limit(walked)
        .subquery()
    )
    found = session.execute(
        select(walk.c.id).where(contains_all(walk.c.text, wanted)).order_by(walk.c.name_key, walk.c.id).limit(limit)
    ).scalars()
    ids = list(found)
    if len(ids) >= limit or session.execute(select(func.count()).select_from(walk)).scalar_one() < walked:
        # Enough, or all that fit the condition were looked at.
        return ids
    hits = matching(session, wanted).cte("hits").prefix_with("MATERIALIZED")
    return list(
        session.execute(
            select(Address.id)
            .select_from(hits)
            .join(Address, Address.id == hits.c.id)
            .where(*conditions)
            .order_by(Address.name_key, Address.id)
            .limit(limit)
        ).scalars()
    )


def _exact(session: Session, text: str) -> list[int]:
    """Who has this customer, supplier or phone number, or is called this by another system."""
    number = text.strip()[:80]
    either = or_(Address.customer_number == number, Address.supplier_number == number, Address.external_id == number)
    ids = list(session.execute(select(Address.id).where(either, Address.archived_at.is_(None)).limit(10)).scalars())
    whole = search_key(text, address_settings().default_country)
    if whole:
        ids += session.execute(
            select(PhoneNumber.address_id)
            .join(Address, Address.id == PhoneNumber.address_id)
            .where(PhoneNumber.e164.in_(whole), Address.archived_at.is_(None))
            .order_by(PhoneNumber.address_id)
            .limit(10)
        ).scalars()
    return _unique(ids, len(ids))


def _rank(row: Any, text: str, wanted: Sequence[Term], exact: Sequence[int]) -> tuple[int, str, int]:
    """The kind of a hit, then its name."""
    if row.id in exact:
        kind = 0
    elif row.name_key.startswith(plain_letters(text)):
        kind = 1
    elif any(row.name_key.startswith(start) for start in _name_starts(text)):
        kind = 2
    elif all(any(f" {needle.text}" in row.text for needle in term) for term in wanted):
        kind = 3
    else:
        kind = 4
    return kind, row.name_key, row.id


def _name_starts(text: str) -> list[str]:
    """How a name may begin whose first word is one of the query's: as typed, and with umlauts as they are sorted."""
    starts = [way for word in words_of(text) for way in both_ways(bare(word))]
    return list(dict.fromkeys([*starts, *map(_umlauts_joined, starts)]))


def _umlauts_joined(word: str) -> str:
    """``mueller`` → ``muller``, as *Müller* is sorted; some other word with these letters finds nothing that way."""
    return word.replace("ae", "a").replace("oe", "o").replace("ue", "u")


def _name_begins(query: str) -> Condition:
    return or_(*(_range(start) for start in dict.fromkeys([plain_letters(query), *_name_starts(query)])))


def _range(start: str) -> Condition:
    return and_(Address.name_key >= start, Address.name_key < start + _LAST_SIGN)


def _unique(ids: Sequence[int], limit: int) -> list[int]:
    return list(dict.fromkeys(ids))[:limit]
