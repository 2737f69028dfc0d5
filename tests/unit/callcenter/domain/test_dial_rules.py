from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.core.values import Dialable, Internal, Party, SipUser, Unverified, Withheld
from app.modules.callcenter.domain.dial_rules import Refusal, check
from tests.unit.callcenter.domain.reports import ANNAS_SIP, CALLER


@pytest.mark.parametrize("target", [CALLER, Internal("23"), Internal("99999"), Internal("49112")])
def test_a_valid_number_and_an_extension_are_dialled(target: Party) -> None:
    assert check(target, emergency=False) is None


@pytest.mark.parametrize(
    ("target", "refusal"),
    [
        (Unverified("0900123"), Refusal.UNVERIFIED),
        (Unverified("030 nicht bekannt"), Refusal.UNVERIFIED),
        (Internal("123456"), Refusal.UNVERIFIED),
        (Internal("2a"), Refusal.UNVERIFIED),
        (Internal("*23"), Refusal.UNVERIFIED),
        (Internal("١٢"), Refusal.UNVERIFIED),
        (Dialable("030", "030"), Refusal.UNVERIFIED),
        (Dialable("030", "+"), Refusal.UNVERIFIED),
        (ANNAS_SIP, Refusal.SIP),
        (Withheld("anonymous"), Refusal.WITHHELD),
        (Withheld(), Refusal.EMPTY),
        (Withheld("  "), Refusal.EMPTY),
        (Internal(""), Refusal.EMPTY),
        (Unverified(" "), Refusal.EMPTY),
    ],
)
def test_what_is_no_number_is_refused_with_its_reason(target: Party, refusal: Refusal) -> None:
    assert check(target, emergency=False) is refusal


@pytest.mark.parametrize("number", ["110", "112"])
@pytest.mark.parametrize("spelling", ["{}", " {} ", "0{}", "00{}", "+49{}", "0049{}", "+49 0{}", "{}#"])
@pytest.mark.parametrize("kind", [Internal, Unverified])
def test_110_and_112_are_never_dialled_by_click_in_any_spelling(
    number: str, spelling: str, kind: type[Internal] | type[Unverified]
) -> None:
    assert check(kind(spelling.format(number)), emergency=False) is Refusal.EMERGENCY


@pytest.mark.parametrize("number", ["110", "112"])
def test_an_emergency_number_that_was_taken_for_a_public_one_is_refused(number: str) -> None:
    assert check(Dialable("Notruf", f"+49{number}"), emergency=False) is Refusal.EMERGENCY
    assert check(Dialable(number, f"+49{number}"), emergency=False) is Refusal.EMERGENCY


def test_the_numbering_plan_can_name_further_emergency_numbers() -> None:
    assert check(Internal("911"), emergency=True) is Refusal.EMERGENCY
    assert check(CALLER, emergency=True) is Refusal.EMERGENCY


def test_the_code_of_a_refusal_is_its_value() -> None:
    assert Refusal.EMERGENCY.code == "emergency"


@given(st.sampled_from([Internal, Unverified, SipUser, Withheld]), st.text(max_size=12), st.booleans())
def test_whatever_is_passed_only_an_extension_of_digits_gets_through(
    kind: type[Internal] | type[Unverified] | type[SipUser] | type[Withheld], raw: str, emergency: bool
) -> None:
    target = kind(raw)
    if check(target, emergency=emergency) is None:
        assert isinstance(target, Internal)
        assert not emergency
        assert raw.strip().isdigit()
        assert raw.strip().lstrip("0") not in {"110", "112"}
        assert len(raw.strip()) <= 5
