from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.modules.addresses.correcting import (
    LONG,
    Known,
    candidate_spellings,
    distance,
    may_be_corrected,
    nearest,
    slips_allowed,
    spellings,
)
from app.modules.addresses.folding import both_ways


@pytest.mark.parametrize(
    ("one", "other", "slips"),
    [
        ("schmidt", "schmidt", 0),
        ("schmdit", "schmidt", 1),
        ("schmit", "schmidt", 1),
        ("schmiddt", "schmidt", 1),
        ("schmifdt", "schmidt", 1),
        ("scmhitd", "schmidt", 2),
        ("maschienenbua", "maschinenbau", 2),
        ("", "ab", 2),
        ("ca", "abc", 3),
        ("kraftwerk", "schmidt", 3),
    ],
)
def test_slips_are_counted(one: str, other: str, slips: int) -> None:
    assert distance(one, other, 2) == slips
    assert distance(other, one, 2) == slips


KNOWN = [
    Known("mueller", "Müller", 90),
    Known("muller", "Müller", 90),
    Known("moeller", "Möller", 12),
    Known("moller", "Möller", 12),
    Known("miller", "Miller", 1),
    Known("strasse", "Straße", 100),
    Known("maschinenbau", "Maschinenbau", 40),
    Known("maschinenbauer", "Maschinenbauer", 2),
    Known("koeln", "Köln", 80),
    Known("koln", "Köln", 80),
    Known("schmidt", "Schmidt", 70),
]


@pytest.mark.parametrize(
    ("typed", "meant"),
    [
        ("Mülller", "Müller"),
        ("Mueler", "Müller"),
        ("Müler", "Müller"),
        ("Moler", "Möller"),
        ("Schmdit", "Schmidt"),
        ("Shcmidt", "Schmidt"),
        ("Strase", "Straße"),
        ("Straßse", "Straße"),
        ("Maschienenbua", "Maschinenbau"),
        ("Kln", None),
        ("Brunnen", None),
    ],
)
def test_what_was_meant(typed: str, meant: str | None) -> None:
    ways = [way for way in both_ways(typed) if may_be_corrected(way)]
    found = nearest(ways, [known for known in KNOWN if known.word not in ways])
    assert (found[0].written if found else None) == meant


def test_fewer_slips_win_then_the_more_frequent_word() -> None:
    found = nearest(["meyer"], [Known("meier", "Meier", 5), Known("mayer", "Mayer", 50), Known("meyers", "Meyers", 5)])
    assert [known.written for known in found] == ["Mayer", "Meier", "Meyers"]
    far = nearest(["hausmeister"], [Known("hausmeyster", "Hausmeyster", 1), Known("hauzmaister", "Hauzmaister", 99)])
    assert [known.written for known in far] == ["Hausmeyster", "Hauzmaister"]


@pytest.mark.parametrize("word", ["4711", "12345", "abc1d", "abc", "", "info@x"])
def test_digits_and_short_words_are_never_corrected(word: str) -> None:
    assert not may_be_corrected(word)


words = st.text("abcdn", min_size=4, max_size=12)


@given(words, st.data())
def test_one_slip_is_always_found_by_its_spellings(word: str, data: st.DataObject) -> None:
    place = data.draw(st.integers(0, len(word) - 1))
    sign = data.draw(st.sampled_from("abcdn"))
    kind = data.draw(st.sampled_from(["missing", "more", "other", "swapped"]))
    behind = word[place + 1 :]
    typed = {
        "missing": word[:place] + behind,
        "more": word[:place] + sign + word[place:],
        "other": word[:place] + sign + behind,
        "swapped": word[:place] + behind[:1] + word[place] + behind[1:],
    }[kind]
    assert distance(typed, word, 1) <= 1
    assert candidate_spellings(typed) & spellings(word)
    if typed != word and may_be_corrected(typed):
        assert [known.word for known in nearest([typed], [Known(word, word, 1)])] == [word]


@given(words, words)
def test_the_distance_is_symmetric_and_stops_at_the_limit(one: str, other: str) -> None:
    for most in (1, 2):
        slips = distance(one, other, most)
        assert slips == distance(other, one, most)
        assert 0 <= slips <= most + 1
        assert (slips == 0) == (one == other)


@given(words, st.lists(words, max_size=8))
def test_only_what_is_near_enough_is_meant(typed: str, known: list[str]) -> None:
    for found in nearest([typed], [Known(word, word, 1) for word in known]):
        assert 0 < distance(typed, found.word, 2) <= slips_allowed(typed)
        assert slips_allowed(typed) == (2 if len(typed) >= LONG else 1)
