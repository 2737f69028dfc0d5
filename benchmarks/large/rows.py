"""What a generated address book is in the tables: the very rows that the application's own saving would have written.

Names, sort keys, documents of the search and the vocabulary come from the application's functions. A number's E.164
form and stem come from the generator, which knows them: to read 1.6 million of them would take six minutes. Tests
compare both with the same addresses saved one by one.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from datetime import datetime
from itertools import islice
from typing import Any, cast

from sqlalchemy import Table, delete, insert
from sqlalchemy.orm import Session

from app.core.phones import index_token
from app.modules.addresses import derived, vocabulary
from app.modules.addresses.documents import document
from app.modules.addresses.models import Address, Contact, PhoneNumber, SearchEntry
from app.modules.addresses.models import Counter as Series
from app.modules.addresses.settings import AddressSettings
from benchmarks.large.generator import Entry
from benchmarks.large.numbers import Number

ADDRESS, CONTACT, NUMBER, ENTRY = TABLES = tuple(
    cast(Table, model.__table__) for model in (Address, Contact, PhoneNumber, SearchEntry)
)
#: Addresses whose rows are handed on together.
BATCH = 5000
Row = dict[str, Any]
START = AddressSettings()


@dataclass(slots=True)
class Book:
    """Turns entries into rows, and counts what can only be counted over all of them."""

    moment: datetime
    """When everything was created."""
    words: Counter[str] = field(default_factory=Counter)
    written: dict[str, str] = field(default_factory=dict)
    addresses: int = 0
    contacts: int = 0
    numbers: int = 0
    suppliers: int = 0

    def batches(self, entries: Iterable[Entry]) -> Iterator[dict[Table, list[Row]]]:
        """The rows of some thousand entries after the other, by table, in an order in which they may be stored."""
        rest = iter(entries)
        while some := list(islice(rest, BATCH)):
            rows: dict[Table, list[Row]] = {table: [] for table in TABLES}
            for entry in some:
                self._add(entry, rows)
            yield rows

    def _add(self, entry: Entry, rows: dict[Table, list[Row]]) -> None:
        self.addresses += 1
        self.suppliers += entry.is_supplier
        stamp = {"created_at": self.moment, "updated_at": self.moment}
        values = {
            "kind": entry.kind,
            "name": entry.name,
            "street": entry.street,
            "postcode": entry.postcode,
            "city": entry.city,
            "country": entry.country,
            "email": entry.email,
            "vat_id": entry.vat_id,
            "is_customer": True,
            "is_supplier": entry.is_supplier,
            # Given out in order, as to addresses that are typed in.
            "customer_number": str(START.customer_number_start + self.addresses - 1),
            "supplier_number": str(START.supplier_number_start + self.suppliers - 1) if entry.is_supplier else None,
        }
        archived = {"archived_at": self.moment, "version": 2} if entry.archived else {}
        rows[ADDRESS].append({"id": self.addresses, **values, **derived.of_address(values), **stamp, **archived})
        self._add_numbers(None, entry.numbers, rows)
        texts: list[str | None] = [values.get(name) for name in derived.SEARCHED]  # type: ignore[misc] # no flag is searched
        for place, person in enumerate(entry.contacts):
            self.contacts += 1
            known = {"name": person.name, "department": person.department, "email": person.email}
            rows[CONTACT].append(
                {
                    "id": self.contacts,
                    "address_id": self.addresses,
                    **known,
                    **derived.of_contact(known),
                    "sort": place,
                    "updated_at": self.moment,
                }
            )
            texts += [known.get(name) for name in derived.SEARCHED_OF_CONTACTS]
            self._add_numbers(self.contacts, person.numbers, rows)
        # As they are read back: by their place with their owner, then by age.
        owners = (entry.numbers, *(person.numbers for person in entry.contacts))
        placed = [placed for numbers in owners for placed in enumerate(numbers)]
        found = document(texts, (index_token(number.e164, number.raw) for _, number in sorted(placed, key=_place)))
        rows[ENTRY].append({"address_id": self.addresses, "text": found.text})
        self.words.update(found.vocabulary.keys())
        for folded, word in found.vocabulary.items():
            self.written.setdefault(folded, word)

    def _add_numbers(self, contact: int | None, numbers: Iterable[Number], rows: dict[Table, list[Row]]) -> None:
        for place, number in enumerate(numbers):
            self.numbers += 1
            rows[NUMBER].append(
                {
                    "id": self.numbers,
                    "address_id": self.addresses,
                    "contact_id": contact,
                    "raw": number.raw,
                    "e164": number.e164,
                    "kind": number.kind,
                    "switchboard": number.marked,
                    "stem": number.stem,
                    "sort": place,
                }
            )

    def complete(self, session: Session) -> None:
        """Store what is counted: the vocabulary with its spellings, and the last numbers that were given out."""
        vocabulary.recounted(session, self.words, self.written)
        last = {
            "customer_number": START.customer_number_start + self.addresses - 1 if self.addresses else None,
            "supplier_number": START.supplier_number_start + self.suppliers - 1 if self.suppliers else None,
        }
        session.execute(delete(Series))
        session.execute(insert(Series), [{"series": one, "value": value} for one, value in last.items() if value])


def _place(placed: tuple[int, Number]) -> int:
    return placed[0]
