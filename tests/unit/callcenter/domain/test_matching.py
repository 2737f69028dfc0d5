from __future__ import annotations

from dataclasses import dataclass

from hypothesis import given
from hypothesis import strategies as st

from app.modules.callcenter.domain.matching import Certainty, Person, Recognition, choose


@dataclass(frozen=True)
class Found:
    grade: str
    address_id: int
    contact_id: int | None = None


def test_one_exact_match_is_known() -> None:
    recognition = choose([Found("exact", 7, 3)])
    assert recognition == Recognition(Certainty.KNOWN, (Person(7, 3),))
    assert (recognition.address_id, recognition.contact_id) == (7, 3)


def test_two_contacts_with_one_number_are_ambiguous_but_their_address_is_sure() -> None:
    recognition = choose([Found("exact", 7, 3), Found("exact", 7, 4)])
    assert recognition == Recognition(Certainty.AMBIGUOUS, (Person(7, 3), Person(7, 4)))
    assert (recognition.address_id, recognition.contact_id) == (7, None)


def test_two_addresses_with_one_number_are_never_resolved_in_silence() -> None:
    recognition = choose([Found("exact", 9), Found("exact", 7)])
    assert recognition.certainty is Certainty.AMBIGUOUS
    assert recognition.persons == (Person(9), Person(7))
    assert (recognition.address_id, recognition.contact_id) == (None, None)


def test_a_person_with_the_number_in_two_fields_is_one_person() -> None:
    assert choose([Found("exact", 7), Found("exact", 7)]).certainty is Certainty.KNOWN


def test_an_extension_behind_a_switchboard_is_only_probable() -> None:
    recognition = choose([Found("switchboard", 7)])
    assert recognition == Recognition(Certainty.PROBABLE, (Person(7),))
    assert (recognition.address_id, recognition.contact_id) == (7, None)


def test_an_exact_match_silences_a_switchboard() -> None:
    assert choose([Found("switchboard", 8), Found("exact", 7)]) == Recognition(Certainty.KNOWN, (Person(7),))


def test_no_match_is_unknown() -> None:
    assert choose([]) == Recognition(Certainty.UNKNOWN)
    assert choose([Found("none", 7)]) == Recognition(Certainty.UNKNOWN)
    assert choose([]).address_id is None


founds = st.builds(
    Found,
    st.sampled_from(["exact", "switchboard", "none"]),
    st.integers(1, 3),
    st.none() | st.integers(1, 2),
)


@given(st.lists(founds, max_size=6))
def test_known_means_exactly_one_and_the_order_never_changes_the_certainty(matches: list[Found]) -> None:
    recognition = choose(matches)
    exact = {(m.address_id, m.contact_id) for m in matches if m.grade == "exact"}
    assert (recognition.certainty is Certainty.KNOWN) == (len(exact) == 1)
    assert (recognition.certainty is Certainty.AMBIGUOUS) == (len(exact) > 1)
    turned = choose(list(reversed(matches)))
    assert turned.certainty is recognition.certainty
    assert set(turned.persons) == set(recognition.persons)
