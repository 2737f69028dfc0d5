from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.modules.callcenter.written_lists import (
    AccountEntry,
    KnownUser,
    LineEntry,
    Problem,
    by_key,
    format_accounts,
    format_lines,
    line_key,
    parse_accounts,
    parse_lines,
)

ANNA = KnownUser(1, "anna", "Anna Schmidt", "anna@muster.example", True)
BEN = KnownUser(2, "Ben", "Ben Yilmaz", "", True)
GONE = KnownUser(3, "carl", "Carl", "", False)
USERS = by_key([ANNA, BEN, GONE])
NAMES = {user.id: user.username for user in (ANNA, BEN, GONE)}


def codes(problems: list[Problem]) -> list[tuple[int, str, str]]:
    return [(problem.line, problem.level, problem.code) for problem in problems]


def test_accounts_are_read_as_xentral_wrote_them():
    entries, problems = parse_accounts("anna:7771@fpbx.de\nBen:7772@fpbx.de", USERS, ())
    assert entries == [AccountEntry("7771@fpbx.de", 1), AccountEntry("7772@fpbx.de", 2)]
    assert problems == []


def test_user_names_match_ignoring_case_and_uids_are_lower_case():
    entries, _problems = parse_accounts(" ANNA : SIP:7771@FPBX.de \r\n\r\nbEN:7772@fpbx.de", USERS, ())
    assert entries == [AccountEntry("7771@fpbx.de", 1), AccountEntry("7772@fpbx.de", 2)]


def test_every_bad_line_is_named_with_its_number_and_the_good_ones_are_read():
    text = "anna 7771@fpbx.de\nnobody:7772@fpbx.de\n\nanna:\n:7773@fpbx.de\nanna:77 74@fpbx.de\nben:7775@fpbx.de"
    entries, problems = parse_accounts(text, USERS, ())
    assert entries == [AccountEntry("7775@fpbx.de", 2)]
    assert codes(problems) == [
        (1, "error", "no_colon"),
        (2, "error", "unknown_user"),
        (4, "error", "no_uid"),
        (5, "error", "no_user"),
        (6, "error", "bad_uid"),
    ]
    assert problems[1].params == {"user": "nobody"}


@pytest.mark.parametrize("uid", ["23", "anna", "Emma Taylor", "anna@pbx.example"])
def test_where_a_telephone_system_names_extensions_or_persons_any_name_is_an_account(uid: str):
    text = f"{ANNA.username}:{uid}"
    entries, problems = parse_accounts(text, USERS, (), any_uid=True)
    assert ([entry.uid for entry in entries], problems) == ([uid.lower()], [])


@pytest.mark.parametrize("uid", ["a,b", "a:b", "a/b", "x" * 201])
def test_what_no_telephone_is_called_is_no_account_there_either(uid: str):
    entries, problems = parse_accounts(f"{ANNA.username}:{uid}", USERS, (), any_uid=True)
    assert (entries, [problem.code for problem in problems]) == ([], ["bad_uid"])


def test_a_uid_for_two_users_is_an_error_that_names_the_first_line():
    _entries, problems = parse_accounts("anna:7771@fpbx.de\nben:7771@FPBX.de", USERS, ())
    assert codes(problems) == [(2, "error", "uid_twice")]
    assert problems[0].params == {"uid": "7771@fpbx.de", "line": 1}


def test_the_same_line_twice_is_no_error():
    entries, problems = parse_accounts("anna:7771@fpbx.de\nanna:7771@fpbx.de", USERS, ())
    assert (entries, problems) == ([AccountEntry("7771@fpbx.de", 1)], [])


def test_what_the_telephone_system_does_not_know_is_a_warning_and_stored():
    entries, problems = parse_accounts("anna:7779@fpbx.de", USERS, {"7771@fpbx.de"})
    assert entries == [AccountEntry("7779@fpbx.de", 1)]
    assert codes(problems) == [(1, "warning", "unknown_to_pbx")]


def test_a_deactivated_user_keeps_his_account_with_a_warning():
    entries, problems = parse_accounts("carl:7771@fpbx.de", USERS, ())
    assert entries == [AccountEntry("7771@fpbx.de", 3)]
    assert codes(problems) == [(1, "warning", "inactive_user")]


def test_a_user_may_have_several_accounts_in_the_order_of_the_text():
    entries, problems = parse_accounts("anna:2@x.de\nanna:1@x.de", USERS, ())
    assert [entry.uid for entry in entries] == ["2@x.de", "1@x.de"]
    assert problems == []


def test_lines_are_read_with_their_users():
    entries, problems = parse_lines("03023125100:anna, ben\n+49 30 23125101:\n23:ben", USERS)
    assert entries == [
        LineEntry("03023125100", "+493023125100", user_ids=(1, 2)),
        LineEntry("+49 30 23125101", "+493023125101"),
        LineEntry("23", "23", user_ids=(2,)),
    ]
    assert problems == []


def test_bad_lines_of_the_lines_are_named_too():
    text = "03023125100\nabc:anna\n03023125100:nobody\n030 23125101:anna\n+493023125101:ben\n:anna\n123456:anna"
    entries, problems = parse_lines(text, USERS)
    assert codes(problems) == [
        (1, "error", "no_colon"),
        (2, "error", "bad_number"),
        (3, "error", "unknown_user"),
        (5, "error", "number_twice"),
        (6, "error", "no_number"),
        (7, "warning", "odd_number"),
    ]
    assert [entry.key for entry in entries] == ["+493023125101", "123456"]


@pytest.mark.parametrize(
    ("number", "key"),
    [("030 23125-100", "+493023125100"), ("23", "23"), ("anonymous", None), ("a@b.de", None), ("", None)],
)
def test_a_line_is_found_by_its_e164_number_or_its_digits(number: str, key: str | None):
    assert line_key(number) == key


def test_what_is_written_reads_the_same_again():
    accounts = [AccountEntry("2@x.de", 1), AccountEntry("1@x.de", 2), AccountEntry("3@x.de", 1)]
    assert parse_accounts(format_accounts(accounts, NAMES), USERS, ()) == (accounts, [])
    lines = [LineEntry("03023125100", "+493023125100", user_ids=(2, 1)), LineEntry("23", "23")]
    assert parse_lines(format_lines(lines, NAMES), USERS) == (lines, [])


@given(st.text(max_size=200))
def test_no_text_breaks_the_reading(text: str):
    for _entries, problems in (parse_accounts(text, USERS, ()), parse_lines(text, USERS)):
        assert all(1 <= problem.line <= len(text.splitlines()) for problem in problems)
