"""The generated address book is plausible, the same each time, and nobody's."""

from __future__ import annotations

from collections import Counter
from itertools import islice

from app.core.phones import prefixes_for_switchboard
from app.modules.addresses.numbers import as_read
from app.modules.addresses.records import NumberInput
from benchmarks.large.generator import entries
from benchmarks.large.numbers import FICTITIOUS_MOBILES, strangers
from benchmarks.large.words import TOWNS

BOOK = list(entries(3000))
NUMBERS = [(number, entry.country) for entry in BOOK for number in entry.all_numbers()]


def test_it_is_the_same_each_time_and_a_smaller_one_is_the_beginning_of_a_larger_one() -> None:
    assert list(entries(200)) == BOOK[:200]
    assert list(entries(200, seed=2)) != BOOK[:200]


def test_an_address_has_about_1_6_numbers() -> None:
    assert 1.5 < len(NUMBERS) / len(BOOK) < 1.7


def test_the_application_reads_every_number_as_the_generator_meant_it() -> None:
    for number, country in NUMBERS:
        columns = as_read(NumberInput(number.raw, number.kind, "", number.marked), country)
        assert (columns["e164"], columns["stem"]) == (number.e164, number.stem), number
        assert (columns["extension"], columns["problem"], columns["finding"]) == (None, None, None), number


def test_no_number_is_anybodys() -> None:
    areas = {f"+{town.calling_code}{town.area_code}" for town in TOWNS}
    mobiles = {f"+49{code}{own}" for code, own in FICTITIOUS_MOBILES}
    for e164 in [*(number.e164 for number, _ in NUMBERS), *islice(strangers(seed=5), 300)]:
        # Behind the area code a 0, with which no subscriber's number begins.
        assert e164 in mobiles or any(e164.startswith(f"{area}0") for area in areas), e164


def test_some_numbers_belong_to_several_and_some_addresses_are_archived() -> None:
    owners = Counter(e164 for entry in BOOK for e164 in {number.e164 for number in entry.all_numbers()})
    assert sum(count > 1 for count in owners.values()) > 10
    assert 30 < sum(entry.archived for entry in BOOK) < 200


def test_contacts_of_companies_with_a_switchboard_have_numbers_behind_it() -> None:
    behind = 0
    for entry in BOOK:
        stem = next((number.stem for number in entry.numbers if number.stem), None)
        if stem:
            direct = [number for person in entry.contacts for number in person.numbers if number.kind == "phone"]
            assert not [number for number in direct if number.stem]
            behind += sum(number.e164.startswith(stem) and number.e164 != stem for number in direct)
    assert behind > 100


def test_no_direct_line_begins_like_a_switchboard_of_another() -> None:
    stems = {number.stem for number, _ in NUMBERS if number.stem}
    lines = {number.e164 for number, _ in NUMBERS if not number.stem and number.raw.count("-") == 0}
    for e164 in lines:
        assert not stems & set(prefixes_for_switchboard(e164)), e164


def test_all_three_countries_and_both_kinds_of_address_occur() -> None:
    countries = Counter(entry.country for entry in BOOK)
    assert countries["DE"] > countries["CH"] > 100
    assert countries["AT"] > 100
    kinds = Counter(entry.kind for entry in BOOK)
    assert kinds["company"] > kinds["mr"] > 100
    assert kinds["ms"] > 100
