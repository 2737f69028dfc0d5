from __future__ import annotations

from werkzeug.datastructures import MultiDict

from app.modules.addresses.views.conflicts import differences, with_theirs


def _compare(stored: dict[str, str], mine: dict[str, str], base: dict[str, str]) -> list[tuple[str, bool]]:
    found = differences(stored, mine, base, lambda field: field, lambda _field, value: value)
    return [(difference.field, difference.untouched) for difference in found]


def test_only_fields_that_differ_are_shown() -> None:
    assert _compare({"name": "A", "city": "Bonn"}, {"name": "A", "city": "Köln"}, {"city": "Ulm"}) == [("city", False)]


def test_what_only_i_changed_is_no_conflict() -> None:
    assert _compare({"city": "Bonn"}, {"city": "Köln"}, {"city": "Bonn"}) == []


def test_without_the_former_values_every_difference_is_shown() -> None:
    assert _compare({"city": "Bonn"}, {"city": "Köln"}, {}) == [("city", False)]


def test_what_only_the_other_changed_is_proposed_to_be_taken() -> None:
    assert _compare({"street": "Neue Gasse 1"}, {"street": "Alte Gasse 1"}, {"street": "Alte Gasse 1"}) == [
        ("street", True)
    ]


def test_line_ends_of_a_browser_are_no_difference() -> None:
    assert _compare({"notes": "one\ntwo"}, {"notes": "one\r\ntwo"}, {}) == []


def test_the_others_value_replaces_mine_where_it_was_chosen() -> None:
    sent = MultiDict({"name": "Mine", "street": "Mine", "is_customer": "y"})
    merged = with_theirs(sent, {"name": "Theirs", "street": "Theirs", "is_customer": ""}, {"street", "is_customer"})
    assert merged.to_dict() == {"name": "Mine", "street": "Theirs"}
