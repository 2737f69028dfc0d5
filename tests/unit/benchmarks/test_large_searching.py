"""Slips of the finger that the measurement of the search types."""

from __future__ import annotations

import random

from hypothesis import given
from hypothesis import strategies as st

from app.modules.addresses.correcting import distance
from benchmarks.large.searching import MISTYPED, mistyped

words = st.text("abcdefghijklmnopqrstuvwxyz", min_size=5, max_size=20)


@given(words, st.sampled_from(MISTYPED[:-1]), st.integers())
def test_a_slip_is_one_and_spares_the_first_letter(word: str, kind: str, seed: int) -> None:
    found = mistyped(word, kind, random.Random(seed))
    assert found[0] == word[0]
    # Two equal letters that change places are as before.
    assert distance(word, found, 2) == (found != word)
    assert len(found) == len(word) + {"letter_left_out": -1, "letter_too_many": 1}.get(kind, 0)
    if kind != "letters_swapped":
        assert found != word
