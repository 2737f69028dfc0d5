"""Some two thousand ways in which people write numbers, each with what it means, and what a caller sends for it."""

from __future__ import annotations

from itertools import groupby

import pytest

from app.core.phones import PROBLEMS, classify, dial_digits, dialable_target, read_number, read_numbers
from app.core.values import Dialable, Unverified, e164_of
from tests.unit.core.notations import Notation, notations

ALL = notations()
HOME_CODES = {"DE": 49, "AT": 43, "CH": 41}


def groups(least: int, most: int) -> list[list[Notation]]:
    """The fields that hold so many numbers, those that mean the same together."""
    some = [notation for notation in ALL if least <= len(notation.numbers) <= most]
    return [list(group) for _, group in groupby(some, key=lambda one: (one.subject, one.region, one.numbers))]


def name(group: list[Notation]) -> str:
    return f"{group[0].subject} {group[0].region} {','.join(e164 for e164, _ in group[0].numbers)}"


def caller_forms(e164: str, region: str) -> list[str]:
    """How a telephone system in the region may send the number of a caller."""
    forms = [e164, f"00{e164[1:]}", dial_digits(e164, "national", HOME_CODES[region])]
    # Eight digits with the country code are not looked up without its plus: they may be a local number.
    forms += [e164[1:]] if len(e164) > 9 else []
    return [*forms, f"sip:{e164}@pbx.example;user=phone", f'"Beispiel" <sip:{e164}@pbx.example>', f" {forms[0]} "]


@pytest.mark.parametrize("group", groups(1, 1), ids=name)
def test_one_number_is_read_in_every_notation(group: list[Notation]) -> None:
    readings = {one.written: read_number(one.written, one.region) for one in group}
    assert {written: (reading.e164, reading.extension) for written, reading in readings.items()} == {
        one.written: one.numbers[0] for one in group
    }
    assert {reading.problem for reading in readings.values()} == {None}
    assert all(reading.raw == written for written, reading in readings.items())


@pytest.mark.parametrize("group", groups(1, 1), ids=name)
def test_one_number_can_be_dialled_and_sent_in_every_notation(group: list[Notation]) -> None:
    number, _ = group[0].numbers[0]
    written = [one.written for one in group if "@" not in one.written]  # a SIP address is neither
    assert {text: e164_of(dialable_target(text, group[0].region)) for text in written} == dict.fromkeys(written, number)
    # Bare digits that are sent have their country code in front.
    sent = [text for text in written if not text.isdigit()]
    assert {text: e164_of(classify(text, group[0].region)) for text in sent} == dict.fromkeys(sent, number)


@pytest.mark.parametrize("group", groups(2, 9), ids=name)
def test_every_number_of_a_field_is_read_and_none_of_them_dialled(group: list[Notation]) -> None:
    read = {one.written: read_numbers(one.written, one.region) for one in group}
    assert {written: tuple((one.e164, one.extension) for one in found) for written, found in read.items()} == {
        one.written: one.numbers for one in group
    }
    for one in group:
        assert read_number(one.written, one.region).problem == "several"
        assert dialable_target(one.written, one.region) == Unverified(one.written)
        assert classify(one.written, one.region) == Unverified(one.written)


@pytest.mark.parametrize("group", groups(0, 0), ids=name)
def test_what_cannot_be_read_for_certain_is_kept_as_typed_and_explained(group: list[Notation]) -> None:
    read = {one.written: [found.e164 for found in read_numbers(one.written, one.region)] for one in group}
    assert {written: found for written, found in read.items() if any(found)} == {}
    for one in group:
        reading = read_number(one.written, one.region)
        assert (reading.raw, reading.e164) == (one.written, None)
        assert reading.problem in PROBLEMS
        assert e164_of(dialable_target(one.written, one.region)) is None
        assert one.written.isdigit() or e164_of(classify(one.written, one.region)) is None


@pytest.mark.parametrize("region", HOME_CODES)
def test_every_number_is_known_in_all_forms_that_callers_send(region: str) -> None:
    for e164 in {e164 for notation in ALL for e164, _ in notation.numbers}:
        for sent in caller_forms(e164, region):
            assert classify(sent, region) == Dialable(sent, e164), sent


def test_the_notations_are_found() -> None:
    assert [sum(len(group) for group in groups(*size)) > enough for size, enough in
            (((1, 1), 1500), ((2, 9), 400), ((0, 0), 150))] == [True, True, True]  # fmt: skip
    assert {notation.region for notation in ALL} >= {"DE", "AT", "CH", "FR", "GB", "IT", "NL", "PL", "US"}
