"""Keys carry their connection, and never another one's."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from app.modules.callcenter.domain.belonging import FIRST_CONNECTION, LONGEST, belonging, connection_of, plain

OTHER, THIRD = "placetel-1a2b3c4d", "cti-00000000"


def test_keys_of_the_first_connection_are_what_the_telephone_system_says() -> None:
    assert belonging(FIRST_CONNECTION, "+493023125100") == "+493023125100"
    assert connection_of("+493023125100") == FIRST_CONNECTION


def test_keys_of_another_one_name_it_and_are_taken_apart_again() -> None:
    key = belonging(OTHER, "101")
    assert (connection_of(key), plain(key)) == (OTHER, "101")


def test_what_a_telephone_system_sends_never_names_another_connection() -> None:
    for sent in (f"101 via {OTHER}", f"101 via {THIRD} via {OTHER}", f"101 via via {OTHER}", f" via  via {OTHER}"):
        assert connection_of(belonging(FIRST_CONNECTION, sent)) == FIRST_CONNECTION
        assert connection_of(belonging(THIRD, sent)) == THIRD


@given(st.text(max_size=250), st.text(max_size=250))
def test_keys_of_two_connections_are_never_the_same(one: str, other: str) -> None:
    keys = [belonging(key, text) for key, text in ((FIRST_CONNECTION, one), (OTHER, other), (THIRD, one))]
    assert len(set(keys)) == 3
    assert [connection_of(key) for key in keys] == [FIRST_CONNECTION, OTHER, THIRD]
    assert all(len(key) <= LONGEST for key in keys[1:])
