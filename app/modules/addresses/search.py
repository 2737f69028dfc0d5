"""What a search for addresses, contacts and phone book rows looks for.

Every word must occur in the texts, or the number begin as typed, in any spelling. Numbers are found by range on the
index, never by LIKE.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from sqlalchemy import ColumnElement, and_, false, or_, select
from sqlalchemy.orm import InstrumentedAttribute, Session

from app.core.phones import search_key
from app.modules.addresses.folding import both_ways, typed_signs
from app.modules.addresses.models import Address, Contact, PhoneNumber
from app.modules.addresses.settings import address_settings

#: A longer query is cut: nobody types that, and each word costs a scan.
MAX_QUERY_LENGTH = 100
MAX_WORDS = 6

Condition = ColumnElement[bool]


def words_of(query: str) -> list[str]:
    """The words to look for, as many as are worth it; what folds to nothing is none."""
    return [word for word in typed_signs(query[:MAX_QUERY_LENGTH]).split() if both_ways(word)[0]][:MAX_WORDS]


def contains(column: InstrumentedAttribute[str], word: str) -> Condition:
    """The word, in either spelling, in a folded column."""
    return or_(*(column.contains(way, autoescape=True) for way in both_ways(word)))


def number_begins(fragment: str) -> Condition | None:
    """The number of a row begins as the fragment says; None where the fragment is no beginning of a number."""
    prefixes = search_key(fragment, address_settings().default_country)
    if not prefixes:
        return None
    # ":" follows "9": the end of all numbers that begin so, in the byte order of the column.
    return or_(*(and_(PhoneNumber.e164 >= prefix, PhoneNumber.e164 < f"{prefix}:") for prefix in prefixes))


def words_or_number(query: str, word_matches: Callable[[str], Condition]) -> Condition | None:
    """Every word matches, or the whole query is a number's beginning; None for an empty query.

    ``word_matches`` gets one word and should itself accept numbers.
    """
    query = query.strip()[:MAX_QUERY_LENGTH]
    words = words_of(query)
    if not query:
        return None
    conditions = [and_(*(word_matches(word) for word in words))] if words else []
    whole = number_begins(query)
    if whole is not None:
        conditions.append(Address.id.in_(select(PhoneNumber.address_id).where(whole)))
    return or_(*conditions) if conditions else false()


def address_matches(query: str) -> Condition | None:
    """A condition on Address: its own texts, its contacts', or a number of either; None for an empty query."""

    def word_matches(word: str) -> Condition:
        conditions: list[Condition] = [
            contains(Address.search_text, word),
            Address.id.in_(
                select(Contact.address_id).where(Contact.archived_at.is_(None), contains(Contact.search_text, word))
            ),
        ]
        begins = number_begins(word)
        if begins is not None:
            conditions.append(Address.id.in_(select(PhoneNumber.address_id).where(begins)))
        return or_(*conditions)

    return words_or_number(query, word_matches)


@dataclass(frozen=True, slots=True)
class AddressHit:
    """An address in a pick list."""

    id: int
    name: str
    town: str
    customer_number: str | None


def search(session: Session, text: str, limit: int = 20) -> list[AddressHit]:
    """Active addresses for a pick list, by name; none for an empty text."""
    condition = address_matches(text)
    if condition is None:
        return []
    columns: tuple[Any, ...] = (Address.id, Address.name, Address.postcode, Address.city, Address.customer_number)
    rows = session.execute(
        select(*columns)
        .where(condition, Address.archived_at.is_(None))
        .order_by(Address.name_key, Address.id)
        .limit(limit)
    )
    return [AddressHit(row.id, row.name, f"{row.postcode} {row.city}".strip(), row.customer_number) for row in rows]
