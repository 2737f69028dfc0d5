"""What several windows of one user type into the same draft comes together, and nothing is lost."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from app.modules.addresses.note_merging import Merged, Typed, merged, read, written

NAMES = st.sampled_from(["subject", "text", "tags", "duration"])
TEXTS = st.text(max_size=20)
TYPED = st.dictionaries(NAMES, TEXTS, max_size=4)


def test_what_is_typed_first_is_taken_over() -> None:
    assert merged({}, 0, {"text": "Hallo"}, 0) == Merged({"text": Typed("Hallo", 1)}, 1, {})


def test_different_fields_of_two_windows_come_together() -> None:
    first = merged({}, 0, {"text": "von hier"}, 0)
    second = merged(first.fields, first.version, {"subject": "von dort"}, 0)
    assert {name: one.value for name, one in second.fields.items()} == {"text": "von hier", "subject": "von dort"}
    assert second.refused == {}


def test_the_same_field_typed_in_two_windows_is_refused_to_the_second_with_what_stands_there() -> None:
    first = merged({}, 0, {"text": "von hier"}, 0)
    second = merged(first.fields, first.version, {"text": "von dort", "tags": "eilig"}, 0)
    assert second.refused == {"text": "von hier"}
    assert second.fields["text"].value == "von hier"
    assert second.fields["tags"] == Typed("eilig", 2)


def test_whoever_has_seen_the_others_text_may_replace_it() -> None:
    first = merged({}, 0, {"text": "von hier"}, 0)
    assert merged(first.fields, first.version, {"text": "beides"}, first.version).fields["text"] == Typed("beides", 2)


def test_the_same_text_from_two_windows_is_no_conflict_and_no_change() -> None:
    first = merged({}, 0, {"text": "gleich"}, 0)
    assert merged(first.fields, first.version, {"text": "gleich"}, 0) == Merged(first.fields, 1, {})


@given(st.lists(st.tuples(TYPED, st.integers(0, 3)), max_size=8))
def test_whatever_is_typed_is_kept_or_told_to_be_refused(steps: list[tuple[dict[str, str], int]]) -> None:
    state = Merged({}, 0, {})
    for typed, behind in steps:
        before = state
        state = merged(state.fields, state.version, typed, max(0, state.version - behind))
        for name, value in typed.items():
            if name in state.refused:
                assert state.refused[name] == before.fields[name].value == state.fields[name].value != value
            else:
                assert state.fields[name].value == value
        untouched = set(before.fields) - set(typed)
        assert all(state.fields[name] == before.fields[name] for name in untouched)
        assert (state.version > before.version) == (state.fields != before.fields)
        assert read(written(state.fields)) == state.fields


@given(TYPED, TYPED)
def test_a_window_that_knows_everything_is_never_refused(one: dict[str, str], other: dict[str, str]) -> None:
    first = merged({}, 0, one, 0)
    second = merged(first.fields, first.version, other, first.version)
    assert second.refused == {}
    assert {name: field.value for name, field in second.fields.items()} == {**one, **other}
