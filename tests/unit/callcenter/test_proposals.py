from __future__ import annotations

from app.modules.callcenter.proposals import Proposal, propose_accounts, propose_lines
from app.modules.callcenter.providers.base import PbxLine, PbxUser
from app.modules.callcenter.written_lists import AccountEntry, KnownUser, LineEntry

ANNA = KnownUser(1, "anna", "Anna Schmidt", "Anna@Muster.example", True)
JOERG = KnownUser(2, "joerg", "Jörg Müller", "", True)
GONE = KnownUser(3, "carl", "Carl Gone", "carl@muster.example", False)
USERS = [ANNA, JOERG, GONE]


def pbx(uid: str, name: str = "", **more: str) -> PbxUser:
    return PbxUser(uid, name, more.pop("type", "standard"), **more)  # type: ignore[arg-type] # only texts are given


def test_the_same_email_is_proposed_before_the_same_name():
    found = propose_accounts([pbx("1@x", "Jörg Müller", email="anna@muster.example")], USERS, [])
    assert found == {"1@x": Proposal("1@x", 1, "email")}


def test_names_match_in_any_order_and_with_written_out_umlauts():
    found = propose_accounts([pbx("1@x", "Mueller, Joerg"), pbx("2@x", "Schmidt Anna")], USERS, [])
    assert {uid: proposal.user_id for uid, proposal in found.items()} == {"1@x": 2, "2@x": 1}


def test_nobody_is_proposed_where_two_would_fit():
    twin = KnownUser(9, "anna2", "Anna Schmidt", "", True)
    assert propose_accounts([pbx("1@x", "Anna Schmidt")], [*USERS, twin], []) == {}


def test_taken_accounts_deactivated_users_fax_and_trunks_are_not_proposed():
    pbx_users = [
        pbx("1@x", "Anna Schmidt"),
        pbx("2@x", "Carl Gone", email="carl@muster.example"),
        pbx("3@x", "Jörg Müller", type="fax"),
        pbx("4@x", "Jörg Müller", type="trunk"),
    ]
    assert propose_accounts(pbx_users, USERS, [AccountEntry("1@x", 1)]) == {}


def test_a_second_telephone_is_proposed_by_email_only():
    pbx_users = [pbx("2@x", "Anna Schmidt"), pbx("3@x", "Softphone", email="anna@muster.example")]
    found = propose_accounts(pbx_users, USERS, [AccountEntry("1@x", 1)])
    assert list(found) == ["3@x"]


def test_a_single_word_is_too_little_to_match():
    assert propose_accounts([pbx("1@x", "Anna")], [KnownUser(1, "anna", "Anna", "", True)], []) == {}


def test_lines_come_from_numbers_and_caller_ids_with_those_who_call_from_them():
    accounts = [AccountEntry("1@x", 1), AccountEntry("2@x", 2)]
    pbx_users = [pbx("1@x", caller_id="03023125101"), pbx("2@x", caller_id="03023125100"), pbx("3@x")]
    pbx_lines = [PbxLine("03023125100", "Zentrale"), PbxLine("03023125109", "Alt", active=False), PbxLine("x", "")]
    assert propose_lines(pbx_lines, pbx_users, accounts, []) == [
        LineEntry("03023125100", "+493023125100", "Zentrale", (2,)),
        LineEntry("03023125101", "+493023125101", "", (1,)),
    ]


def test_lines_that_are_there_are_not_proposed_again():
    there = [LineEntry("+49 30 23125100", "+493023125100")]
    assert propose_lines([PbxLine("03023125100", "Zentrale")], [], [], there) == []
