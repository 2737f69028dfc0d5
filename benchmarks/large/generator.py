"""An address book of any size, the same in each run: companies and persons, their contacts and numbers.

Names and towns are drawn by rank, the first ones most often; rare surnames are put together. About 1.6 numbers an
address (``benchmarks.large.numbers``). Companies of some size have a switchboard, their contacts numbers behind it;
some numbers belong to several; some addresses are archived.
"""

from __future__ import annotations

import random
from collections import deque
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import accumulate

from benchmarks.large.numbers import Number, Numbers
from benchmarks.large.words import (
    DEPARTMENTS,
    ENDINGS,
    FIRST_NAMES,
    LEGAL_FORMS,
    STEMS,
    STREETS,
    SURNAMES,
    TOWNS,
    TRADES,
    Town,
)

SEED = 1899
#: Shares of all addresses, of companies, of contacts.
PERSONS = 0.35
WITHOUT_NUMBER = 0.03
WITH_SECOND_NUMBER = 0.12
SWITCHBOARDS = 0.4
MARKED_BY_HAND = 0.1
WITH_CONTACTS = 0.3
CONTACTS_WITH_NUMBER = 0.9
CONTACTS_WITH_SECOND = 0.2
FAXES = 0.12
RARE_SURNAMES = 0.45
SHARED = 0.02
ARCHIVED = 0.03
SUPPLIERS = 0.08
WITH_VAT_ID = 0.3
#: Somebody shares a number with one of so many who were drawn last.
NEIGHBOURS = 1000
_ASCII = str.maketrans({"ä": "ae", "ö": "oe", "ü": "ue", "ß": "ss", " ": "-", ".": "", "&": "und", "(": "", ")": ""})


@dataclass(frozen=True, slots=True)
class Person:
    """A contact."""

    name: str
    department: str
    email: str
    numbers: tuple[Number, ...]


@dataclass(frozen=True, slots=True)
class Entry:
    """An address with all that belongs to it."""

    kind: str
    name: str
    street: str
    postcode: str
    city: str
    country: str
    email: str
    vat_id: str
    is_supplier: bool
    archived: bool
    numbers: tuple[Number, ...]
    contacts: tuple[Person, ...]

    def all_numbers(self) -> Iterator[Number]:
        """Its own, then those of its contacts."""
        yield from self.numbers
        for person in self.contacts:
            yield from person.numbers


def entries(count: int, seed: int = SEED) -> Iterator[Entry]:
    """The first ``count`` addresses of an endless address book: a smaller one is the beginning of a larger one."""
    book = _Book(random.Random(seed))
    for _ in range(count):
        yield book.entry()


class _Ranked:
    """Words of which the first ones are drawn most often; a higher ``flatness`` makes them more alike."""

    def __init__(self, words: Sequence[str], flatness: float) -> None:
        self.words = words
        self.weights = list(accumulate(1 / (rank + flatness) for rank in range(len(words))))

    def draw(self, chance: random.Random) -> str:
        return chance.choices(self.words, cum_weights=self.weights)[0]


class _Book:
    def __init__(self, chance: random.Random) -> None:
        self.chance = chance
        self.numbers = Numbers(chance)
        self.surnames = _Ranked(SURNAMES, 8)
        self.first_names = _Ranked(FIRST_NAMES, 20)
        self.trades = _Ranked(TRADES, 15)
        self.towns = {town.name: town for town in TOWNS}
        self.town_names = _Ranked(list(self.towns), 4)
        self.lately: dict[str, deque[Number]] = {town.country: deque(maxlen=NEIGHBOURS) for town in TOWNS}

    def entry(self) -> Entry:
        """The next one."""
        chance = self.chance
        town = self.towns[self.town_names.draw(chance)]
        person = chance.random() < PERSONS
        surname = self._surname()
        name = f"{self.first_names.draw(chance)} {surname}" if person else self._company(surname, town)
        domain = f"{name.lower().translate(_ASCII)[:40].strip('-')}.example"
        base = "" if person or chance.random() > SWITCHBOARDS else self.numbers.base(town)
        missing = town.postcode_length - len(town.postcode)
        return Entry(
            kind=chance.choice(("mr", "ms")) if person else "company",
            name=name,
            street=f"{chance.choice(STREETS)} {chance.randrange(1, 180)}",
            postcode=f"{town.postcode}{chance.randrange(10**missing):0{missing}}",
            city=town.name,
            country=town.country,
            email="" if chance.random() < 0.3 else f"info@{domain}",
            # Behind the country no real one begins with 00.
            vat_id=f"{town.country}00{chance.randrange(10**7):07}"
            if not person and chance.random() < WITH_VAT_ID
            else "",
            is_supplier=not person and chance.random() < SUPPLIERS,
            archived=chance.random() < ARCHIVED,
            numbers=self._own_numbers(town, base),
            contacts=() if person or chance.random() > WITH_CONTACTS else self._contacts(town, base, domain),
        )

    def _vat_id(self, town: Town) -> str:
        """None is anybody's: behind the country no real one begins with 00."""
        return f"{town.country}00{self.chance.randrange(10**7):07}" if self.chance.random() < WITH_VAT_ID else ""

    def _surname(self) -> str:
        if self.chance.random() < RARE_SURNAMES:
            return self.chance.choice(STEMS) + self.chance.choice(ENDINGS)
        return self.surnames.draw(self.chance)

    def _company(self, surname: str, town: Town) -> str:
        chance = self.chance
        form, way = chance.choice(LEGAL_FORMS), chance.random()
        if way < 0.15:
            return f"{surname} & {self._surname()} {form}"
        trade = self.trades.draw(chance)
        if way < 0.25:
            return f"{trade} {town.name} {form}"
        if way < 0.4:
            return f"{trade} {surname} {form}"
        return f"{surname} {trade} {form}"

    def _contacts(self, town: Town, base: str, domain: str) -> tuple[Person, ...]:
        chance = self.chance
        people = []
        for _ in range(chance.choice((1, 1, 1, 2, 2, 3, 5))):
            surname = self._surname()
            numbers = []
            if chance.random() < CONTACTS_WITH_NUMBER:
                numbers.append(self.numbers.behind(town, base) if base else self._line(town))
            if chance.random() < CONTACTS_WITH_SECOND:
                numbers.append(self.numbers.mobile(town))
            email = f"{surname.lower().translate(_ASCII)}@{domain}"
            name = f"{self.first_names.draw(chance)} {surname}"
            people.append(Person(name, chance.choice(DEPARTMENTS), email, tuple(numbers)))
        return tuple(people)

    def _own_numbers(self, town: Town, base: str) -> tuple[Number, ...]:
        chance = self.chance
        numbers = []
        if base:
            numbers.append(self.numbers.switchboard(town, base, marked=chance.random() < MARKED_BY_HAND))
            if chance.random() < FAXES:
                fax = self.numbers.behind(town, base)
                numbers.append(Number(fax.raw, fax.e164, "fax"))
        elif chance.random() > WITHOUT_NUMBER:
            numbers.append(self._line(town))
        if chance.random() < WITH_SECOND_NUMBER:
            numbers.append(self.numbers.mobile(town))
        return tuple(numbers)

    def _line(self, town: Town) -> Number:
        """A line of its own, now and then a neighbour's: companies of one house, people of one household."""
        lately = self.lately[town.country]
        if lately and self.chance.random() < SHARED:
            return self.chance.choice(lately)
        line = self.numbers.line(town)
        lately.append(line)
        return line
