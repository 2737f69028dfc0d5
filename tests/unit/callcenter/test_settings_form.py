from __future__ import annotations

import pytest
from werkzeug.datastructures import MultiDict

from app.modules.callcenter.settings import CallcenterSettings, ConnectionSettings
from app.modules.callcenter.views.settings_form import (
    LineRow,
    SentForm,
    checked_lines,
    is_api_address,
    lines_mark,
    merged_accounts,
    read,
    setting_changes,
)
from app.modules.callcenter.written_lists import KnownUser, LineEntry

USERS = [KnownUser(1, "Anna", "Anna", "", True), KnownUser(2, "ben", "Ben", "", True)]
NOW, OF_ALL = ConnectionSettings(), CallcenterSettings()


def form(shown: str = "", text: str | None = None, **picks: str) -> SentForm:
    named = {uid.replace("_", "@"): user for uid, user in picks.items()}
    return SentForm(accounts_text=shown if text is None else text, accounts_shown=shown, picks=named)


def test_a_choice_in_the_table_changes_the_text():
    assert merged_accounts(form("Anna:a@x", a_x="2"), USERS) == "ben:a@x"
    assert merged_accounts(form("Anna:a@x", a_x="1", b_x="2"), USERS) == "Anna:a@x\nben:b@x"


def test_nobody_chosen_in_the_table_takes_the_line_away():
    assert merged_accounts(form("Anna:a@x\nben:b@x", a_x="", b_x="2"), USERS) == "ben:b@x"


def test_an_untouched_table_leaves_what_was_typed():
    assert merged_accounts(form("Anna:a@x", "ben:a@x\n oops", a_x="1"), USERS) == "ben:a@x\n oops"


def test_the_text_wins_where_both_were_changed():
    assert merged_accounts(form("Anna:a@x", "", a_x="2"), USERS) == ""


def test_bad_lines_stay_where_they_are():
    typed = "what\nAnna:a@x\nnobody:c@x"
    assert merged_accounts(form("Anna:a@x", typed, a_x="2"), USERS) == "what\nben:a@x\nnobody:c@x"


def test_a_user_that_does_not_exist_cannot_be_chosen():
    assert merged_accounts(form("Anna:a@x", a_x="99"), USERS) == "Anna:a@x"


def test_an_accepted_proposal_is_a_choice():
    sent = read(MultiDict([("pick_uid", "a@x"), ("pick_user", ""), ("accept", "a@x|2")]))
    assert merged_accounts(sent, USERS) == "ben:a@x"


def test_rows_without_content_and_proposals_not_accepted_do_not_count():
    rows = [LineRow(), LineRow("23", proposed=True), LineRow("24", proposed=True, accepted=True)]
    entries, _rows = checked_lines(rows, [1])
    assert entries == [LineEntry("24", "24")]


def test_each_bad_row_is_marked_and_a_user_who_is_gone_is_left_out():
    rows = [LineRow("030 23125100", "Zentrale", (1, 7)), LineRow("abc"), LineRow("", "Name"), LineRow("+493023125100")]
    entries, checked = checked_lines(rows, [1])
    assert entries == [LineEntry("030 23125100", "+493023125100", "Zentrale", (1,))]
    assert [row.problem.code if row.problem else None for row in checked] == [
        None,
        "bad_number",
        "no_number",
        "number_twice",
    ]


def test_the_mark_of_lines_ignores_their_order_and_sees_every_change():
    one, two = LineEntry("23", "23", "A", (1, 2)), LineEntry("24", "24")
    assert lines_mark([one, two]) == lines_mark([two, LineEntry("23", "23", "A", (2, 1))])
    assert lines_mark([one]) != lines_mark([LineEntry("23", "23", "B", (1, 2))])


def test_a_secret_left_empty_stays_as_it_is():
    sent = SentForm(base_url=NOW.base_url, ringing_minutes="5", talking_hours="4")
    assert setting_changes(sent, NOW, OF_ALL) == ({}, {})


def test_a_secret_is_replaced_or_removed():
    sent = SentForm(
        api_key="new", remove_shared_secret=True, base_url=NOW.base_url, ringing_minutes="5", talking_hours="4"
    )
    assert setting_changes(sent, NOW, OF_ALL)[0] == {"api_key": "new", "shared_secret": ""}


def test_faults_are_named_by_field():
    sent = SentForm(base_url="javascript:alert(1)", silent_seconds="5", ringing_minutes="61", talking_hours="x")
    assert setting_changes(sent, NOW, OF_ALL) == (
        {},
        {
            "base_url": "bad_url",
            "silent_seconds": "bad_number",
            "ringing_minutes": "bad_number",
            "talking_hours": "bad_number",
        },
    )


@pytest.mark.parametrize(
    ("text", "right"),
    [
        ("https://api.placetel.de/v2", True),
        ("http://127.0.0.1:8099/v2", True),
        ("ftp://x/", False),
        ("https://", False),
        ("http://[::1", False),
        ("http://x:99999/", False),
        ("", False),
    ],
)
def test_an_address_of_the_api_has_a_scheme_and_a_host(text: str, right: bool):
    assert is_api_address(text) is right
