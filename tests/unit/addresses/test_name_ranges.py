from __future__ import annotations

import itertools

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.modules.addresses.name_ranges import NameRange, beginning, best_ranges


@pytest.mark.parametrize(
    ("text", "first", "then"),
    [
        ("adler", "adler hof", ""),
        ("adler", "adler", ""),
        ("zum adler", "zum adler", "adlerhof"),
        ("zum adler", "zum adlerhof", "zum"),
        ("Müller", "muller", "mueller"),
        ("mueller", "mueller", "muller"),
        ("Adler GmbH", "adler gmbh", "adler ag"),
        ("Straße", "strasse", ""),
    ],
)
def test_names_that_begin_with_the_whole_text_come_before_those_that_begin_with_a_word(
    text: str, first: str, then: str
) -> None:
    whole, words = best_ranges(text, text.split())
    assert first in whole
    assert not any(first in one for one in words)
    assert not then or (then not in whole and any(then in one for one in words))


words = st.lists(st.text("abcu ", min_size=1, max_size=4).filter(str.strip), min_size=1, max_size=4)


@given(words, st.text("abcu ", max_size=8))
def test_the_ranges_are_in_order_and_hold_each_name_that_begins_so_once(some: list[str], name: str) -> None:
    text = " ".join(some)
    whole, others = best_ranges(text, text.split())
    ranges = list(others)
    assert all(one.start < one.end for one in ranges)
    assert all(one.end <= other.start for one, other in itertools.pairwise(ranges))
    holding = [one for one in (whole, *others) if name in one]
    assert len(holding) <= 1
    begins = any(name.startswith(word) for word in text.split()) or name in whole
    assert bool(holding) or not begins


def test_a_range_is_half_open() -> None:
    assert "b" in NameRange("b", "c")
    assert "c" not in NameRange("b", "c")
    assert "straße\U0010fffe" in beginning("straße")
