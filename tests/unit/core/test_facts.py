"""Facts about whom a call is with: what is refused, what is shown in which order, and how a browser is told."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.core.facts import Fact, FactKind, Word, arranged, as_told

NAIVE = datetime.fromisoformat("2026-11-23T10:00")
AT = datetime(2026, 11, 23, 10, 10, 16, tzinfo=UTC)
NOTE = FactKind("notes.last", "Last contact", "note", 30, newest_of="contact")
CALL = FactKind("calls.last", "Last contact", "phone", 31, newest_of="contact")
BLOCK = FactKind("notes.block", "Block", "ban", 0)
COUNT = FactKind("calls.count", "Calls", "phone", 50)
KINDS = {kind.key: kind for kind in (COUNT, CALL, BLOCK, NOTE)}


@pytest.mark.parametrize(
    ("wrong", "says"),
    [
        ({"tone": "red"}, "no tone"),
        ({"path": "https://elsewhere.example"}, "path of our own"),
        ({"path": "//elsewhere.example"}, "path of our own"),
        ({"path": "javascript:alert(1)"}, "path of our own"),
        ({"parts": (None,)}, "NoneType is no part"),
        ({"parts": (True,)}, "bool is no part"),
        ({"parts": (1.5,)}, "float is no part"),
        ({"parts": (NAIVE,)}, "naive"),
        ({"parts": (Word("due", NAIVE),)}, "naive"),
    ],
)
def test_a_wrong_fact_is_refused_when_it_is_made(wrong: dict[str, Any], says: str) -> None:
    with pytest.raises(ValueError, match=says):
        Fact("notes.block", **wrong)


def test_facts_stand_in_the_order_of_their_kinds_and_unknown_kinds_are_left_out() -> None:
    facts = [Fact("calls.count", (3,)), Fact("others.what"), Fact("notes.block", ("Unpaid",), "danger")]
    assert [fact.kind for fact in arranged(facts, KINDS)] == ["notes.block", "calls.count"]


@pytest.mark.parametrize(
    ("note_at", "call_at", "shown"),
    [
        (AT, AT - timedelta(days=1), "notes.last"),
        (AT - timedelta(days=1), AT, "calls.last"),
        (AT.replace(second=0), AT, "notes.last"),
        (AT.astimezone(ZoneInfo("Asia/Tokyo")), AT - timedelta(minutes=1), "notes.last"),
    ],
    ids=["the note is later", "the call is later", "the note of that call", "another zone"],
)
def test_of_several_last_contacts_the_latest_is_shown(note_at: datetime, call_at: datetime, shown: str) -> None:
    facts = [Fact("calls.last", (call_at,)), Fact("notes.last", ("Anna", note_at, "Offer"))]
    assert [fact.kind for fact in arranged(facts, KINDS)] == [shown]


def test_a_last_contact_without_a_moment_is_the_earliest() -> None:
    facts = [Fact("notes.last", ("Anna",)), Fact("calls.last", (AT,))]
    assert [fact.kind for fact in arranged(facts, KINDS)] == ["calls.last"]


MOMENTS = st.datetimes(min_value=NAIVE.replace(year=1990), max_value=NAIVE.replace(year=2090), timezones=st.just(UTC))
FACTS = st.builds(Fact, st.sampled_from(sorted(KINDS)), st.tuples(MOMENTS))


@given(st.lists(FACTS, max_size=8), st.randoms())
def test_whatever_is_contributed_a_shared_line_stands_once_and_the_order_of_asking_decides_nothing(
    facts: list[Fact], random: Any
) -> None:
    shown = arranged(facts, KINDS)
    lines = [KINDS[fact.kind].newest_of for fact in shown if KINDS[fact.kind].newest_of]
    assert len(lines) <= 1
    assert [KINDS[fact.kind].order for fact in shown] == sorted(KINDS[fact.kind].order for fact in shown)
    shuffled = random.sample(facts, len(facts))
    assert [fact.kind for fact in arranged(shuffled, KINDS)] == [fact.kind for fact in shown]


def test_a_browser_is_told_values_and_no_texts_of_ours() -> None:
    fact = Fact("calls.count", ("<b>Anna</b>", 3, AT, date(2026, 11, 20), Word("due", AT), Word("in")), "warning", "/x")
    at = "2026-11-23T10:10:16.000Z"
    assert as_told(fact) == {
        "kind": "calls.count",
        "tone": "warning",
        "path": "/x",
        "parts": [
            "<b>Anna</b>",
            3,
            {"at": at},
            {"day": "2026-11-20"},
            {"word": "due", "of": {"at": at}},
            {"word": "in", "of": None},
        ],
    }


def test_a_long_text_is_cut() -> None:
    assert as_told(Fact("notes.block", ("x" * 1000,)))["parts"] == ["x" * 300]
