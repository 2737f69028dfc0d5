"""The search for addresses: what is found by a text, the best first (``ranking``).

Found is whatever holds every word, in any order: name, town, e-mail, customer number, contacts, and any part of a
number in any spelling.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import ColumnElement, and_, false, or_, select
from sqlalchemy.orm import InstrumentedAttribute, Session

from app.core.database import storable
from app.core.phones import search_key
from app.modules.addresses.documents import bare
from app.modules.addresses.finding import matching
from app.modules.addresses.folding import both_ways, typed_signs
from app.modules.addresses.models import Address, PhoneNumber
from app.modules.addresses.name_ranges import best_ranges
from app.modules.addresses.ranking import Ranked, in_any
from app.modules.addresses.settings import address_settings
from app.modules.addresses.terms import MAX_QUERY_LENGTH, MAX_WORDS, Term, terms_of

Condition = ColumnElement[bool]


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
    found = ranked(session, text, [Address.archived_at.is_(None)])
    return found.ids(limit) if found is not None else []


def ranked(session: Session, text: str, conditions: Sequence[Condition]) -> Ranked | None:
    """What a text finds among the addresses that pass these conditions; None where it asks for nothing."""
    text = _storable(text)
    wanted = terms(text)
    if not text.strip() or not wanted:
        return None
    return Ranked(session, text, words_of(text), wanted, conditions)


def _name_begins(query: str) -> Condition:
    whole, first_words = best_ranges(query, words_of(query))
    return in_any((whole, *first_words))
