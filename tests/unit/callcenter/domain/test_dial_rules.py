from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.core.values import Dialable, Internal, Party, SipUser, Unverified, Withheld
from app.modules.callcenter.domain.dial_rules import KINDS, Facts, Refusal, Rules, Verdict, check, judge, limit
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


# --------------------------------------------------------------------------------------------------------- the rules

PREMIUM = Facts("+499001000000", "premium", "DE", home=True)
TONGA = Facts("+6767715123", "ordinary", "TO")
HOME = Facts("+493023125123", "ordinary", "DE", home=True)
SATELLITE = Facts("+881612345678", "satellite", None)
ENQUIRIES = Facts("11833", "enquiries", None)
STRICT = Rules(blocked_kinds=frozenset(KINDS), countries=frozenset({"AT"}))


@pytest.mark.parametrize(
    ("facts", "refusal", "rule"),
    [
        (HOME, None, ""),
        (Facts("+4312345678", "ordinary", "AT"), None, ""),
        (Facts("23", "ordinary", None), None, ""),
        (Facts("+80012345678", "ordinary", None), None, ""),
        (PREMIUM, Refusal.PREMIUM, "kind premium"),
        (SATELLITE, Refusal.SATELLITE, "kind satellite"),
        (ENQUIRIES, Refusal.ENQUIRIES, "kind enquiries"),
        (TONGA, Refusal.COUNTRY, "country TO"),
    ],
)
def test_kinds_and_countries_decide(facts: Facts, refusal: Refusal | None, rule: str) -> None:
    assert judge(facts, STRICT) == Verdict(refusal, rule)


@pytest.mark.parametrize("kind", KINDS)
def test_each_kind_has_a_switch_of_its_own(kind: str) -> None:
    facts = Facts("+499001000000", kind, "DE", home=True)
    assert judge(facts, Rules(blocked_kinds=frozenset({kind}))).refusal is Refusal(kind)
    assert judge(facts, Rules(blocked_kinds=frozenset(KINDS) - {kind})).refusal is None


def test_without_rules_every_number_may_be_dialled() -> None:
    assert [judge(facts, Rules()).refusal for facts in (HOME, PREMIUM, TONGA, SATELLITE, ENQUIRIES)] == [None] * 5


@pytest.mark.parametrize(
    ("allowed", "blocked", "refusal", "rule"),
    [
        (("+499001000000",), (), None, "allowed +499001000000"),
        (("+49900*",), (), None, "allowed +49900*"),
        (("+49900*",), ("+499001*",), Refusal.BLOCKED, "blocked +499001*"),
        (("+499001*",), ("+49900*",), None, "allowed +499001*"),
        (("+49900*",), ("+49900*",), Refusal.BLOCKED, "blocked +49900*"),
        (("+499001000000",), ("+499001000000*",), None, "allowed +499001000000"),
        (("+499001000000*",), ("+499001000000",), Refusal.BLOCKED, "blocked +499001000000"),
        (("+49900100000",), (), Refusal.PREMIUM, "kind premium"),
        (("+44*",), (), Refusal.PREMIUM, "kind premium"),
        ((), ("+4*",), Refusal.BLOCKED, "blocked +4*"),
    ],
)
def test_the_longest_exception_decides(
    allowed: tuple[str, ...], blocked: tuple[str, ...], refusal: Refusal | None, rule: str
) -> None:
    rules = Rules(frozenset(KINDS), frozenset({"AT"}), allowed, blocked)
    assert judge(PREMIUM, rules) == Verdict(refusal, rule)


numbers = st.from_regex(r"\+[1-9][0-9]{5,9}", fullmatch=True)
exceptions = st.lists(st.from_regex(r"\+[1-9][0-9]{0,9}\*?", fullmatch=True), max_size=4).map(tuple)


@given(numbers, exceptions, st.sets(st.sampled_from(KINDS)), st.sampled_from(("ordinary", *KINDS)))
def test_blocking_a_number_itself_blocks_it_whatever_else_is_set(
    number: str, allowed: tuple[str, ...], kinds: set[str], tariff: str
) -> None:
    rules = Rules(frozenset(kinds), frozenset(("*",)), allowed, (number,))
    assert judge(Facts(number, tariff, "TO"), rules).refusal is Refusal.BLOCKED


@given(numbers, exceptions, exceptions, st.sampled_from(("ordinary", *KINDS)))
def test_stricter_switches_never_let_more_numbers_pass(
    number: str, allowed: tuple[str, ...], blocked: tuple[str, ...], tariff: str
) -> None:
    facts = Facts(number, tariff, "TO")
    loose = Rules(frozenset(), frozenset(("*",)), allowed, blocked)
    strict = Rules(frozenset(KINDS), frozenset(), allowed, blocked)
    if judge(facts, loose).refusal is not None:
        assert judge(facts, strict).refusal is not None


# -------------------------------------------------------------------------------------------------------- the limits

NOW = datetime(2026, 11, 25, 12, tzinfo=UTC)


def ago(*minutes: float) -> list[datetime]:
    return [NOW - timedelta(minutes=one) for one in minutes]


@pytest.mark.parametrize(
    ("given_at", "refusal", "wait"),
    [
        (ago(), None, None),
        (ago(10, 59), None, None),
        (ago(10, 50, 59), Refusal.HOUR_LIMIT, timedelta(minutes=1)),
        (ago(10, 50, 60), None, None),
        (ago(5, 6, 7, 8), Refusal.HOUR_LIMIT, timedelta(minutes=53)),
        (ago(100, 200, 300, 400, 500), Refusal.DAY_LIMIT, timedelta(minutes=940)),
        (ago(100, 200, 300, 400, 1440), None, None),
    ],
)
def test_limits_count_within_the_hour_and_the_day_and_tell_how_long_to_wait(
    given_at: list[datetime], refusal: Refusal | None, wait: timedelta | None
) -> None:
    verdict, waiting = limit(given_at, Rules(hour_limit=3, day_limit=5), NOW)
    assert (verdict.refusal, waiting) == (refusal, wait)


def test_zero_is_no_limit() -> None:
    assert limit(ago(*range(1, 1000)), Rules(), NOW) == (Verdict(None), None)


@given(st.lists(st.floats(0.1, 2000), max_size=30), st.integers(1, 10), st.integers(1, 20))
def test_after_the_wait_one_order_more_is_allowed(minutes: list[float], hour: int, day: int) -> None:
    rules = Rules(hour_limit=hour, day_limit=day)
    now, tries = NOW, 0
    while (found := limit(ago(*minutes), rules, now))[0].refusal is not None:
        assert found[1] is not None
        now += found[1]
        tries += 1
        assert tries <= 2  # the hour may be over before the day is


@pytest.mark.parametrize("digits", ["01", "0900", "01033", "00000"])
def test_digits_behind_a_zero_are_no_extension_unless_the_telephone_system_lists_them(digits: str) -> None:
    assert check(Internal(digits), emergency=False) is Refusal.UNVERIFIED
    assert check(Internal(digits), emergency=False, known_extension=True) is None
