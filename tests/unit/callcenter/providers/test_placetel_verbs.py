"""Call Control: each decision as Placetel's documented XML."""

from __future__ import annotations

from xml.etree import ElementTree as ET

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.core.clock import FixedClock
from app.modules.callcenter.providers.base import Decision, DecisionKind, Stage
from app.modules.callcenter.providers.placetel import verbs
from app.modules.callcenter.providers.placetel.provider import PlacetelProvider, build
from app.modules.callcenter.providers.placetel.settings import PlacetelSettings
from tests.conftest import NOW
from tests.unit.contract.fake_http import FakeHttp, answer, pages

PHONE = "7777abcdefg@fpbx.de"


def provider(**given_settings: str) -> PlacetelProvider:
    return build(PlacetelSettings(api_key="key", **given_settings), FakeHttp(), FixedClock(NOW))  # type: ignore[arg-type] # of HTTP only what is needed


def told(decision: Decision, **given_settings: str) -> str:
    return provider(**given_settings).answer(decision).body.decode()


def document(inner: str) -> str:
    return f'<?xml version="1.0" encoding="UTF-8"?>\n<Response>\n{inner}\n</Response>'


def test_a_call_is_forwarded_step_by_step_in_the_vendors_form() -> None:
    decision = Decision(
        DecisionKind.FORWARD, (Stage((PHONE,), 15), Stage(("+4922129191999", "+41791234567", "23"), 30))
    )
    assert told(decision) == document(
        """    <Forward voicemail="true">
        <Target ringtime="15">
            <Number>7777abcdefg@fpbx.de</Number>
        </Target>
        <Target ringtime="30">
            <Number>022129191999</Number>
            <Number>0041791234567</Number>
            <Number>23</Number>
        </Target>
    </Forward>"""
    )


def test_numbers_follow_the_setting_and_the_mailbox_can_be_left_out() -> None:
    text = told(Decision(DecisionKind.FORWARD, (Stage(("+4922129191999",), 20),), voicemail=False), target_style="e164")
    assert '<Forward voicemail="false">' in text
    assert "<Number>+4922129191999</Number>" in text


@pytest.mark.parametrize(
    ("decision", "inner"),
    [
        (Decision(DecisionKind.GROUP, pbx_id="17", seconds=25), '    <Group id="17" ringtime="25" />'),
        (Decision(DecisionKind.GROUP, pbx_id="17", seconds=3), '    <Group id="17" ringtime="10" />'),
        (Decision(DecisionKind.GROUP, pbx_id="17", seconds=300), '    <Group id="17" ringtime="60" />'),
        (Decision(DecisionKind.GROUP, pbx_id="17"), '    <Group id="17" />'),
        (Decision(DecisionKind.QUEUE, pbx_id="4"), '    <Queue id="4" />'),
        (Decision(DecisionKind.PROMPT, pbx_id="9"), '    <Prompt id="9" />'),
        (Decision(DecisionKind.ROUTING_PLAN, pbx_id="3"), '    <RoutingPlan id="3" />'),
        (
            Decision(DecisionKind.ROUTING_PLAN, (Stage((PHONE,), 20),), pbx_id="3"),
            (
                '    <RoutingPlan id="3">\n        <Forward voicemail="true">\n            <Target ringtime="20">\n'
                "                <Number>7777abcdefg@fpbx.de</Number>\n            </Target>\n        </Forward>\n"
                "    </RoutingPlan>"
            ),
        ),
    ],
)
def test_what_the_telephone_system_has_is_named_by_its_id(decision: Decision, inner: str) -> None:
    assert told(decision) == document(inner)


@pytest.mark.parametrize(
    "decision",
    [
        Decision(DecisionKind.FORWARD),
        Decision(DecisionKind.FORWARD, (Stage((), 20), Stage(("112", "nobody"), 20))),
        Decision(DecisionKind.GROUP),
        Decision(DecisionKind.QUEUE, pbx_id='7" evil="'),
        Decision(DecisionKind.PROMPT, pbx_id="<Hangup/>"),
    ],
)
def test_what_names_nothing_that_can_be_done_decides_nothing(decision: Decision) -> None:
    assert told(decision) == verbs.NOTHING


ANYTHING = st.text(max_size=30) | st.from_regex(r'[<>&"\'@.a-z0-9]{0,20}', fullmatch=True) | st.just(PHONE)


@given(
    st.builds(
        Decision,
        st.sampled_from(DecisionKind),
        st.lists(st.builds(Stage, st.lists(ANYTHING, max_size=3).map(tuple), st.integers()), max_size=3).map(tuple),
        st.booleans(),
        ANYTHING,
        st.none() | st.integers(),
    )
)
def test_it_is_well_formed_whatever_is_named(decision: Decision) -> None:
    found = ET.fromstring(told(decision))
    assert found.tag == "Response"
    assert len(found) <= 1
    assert {one.tag for one in found.iter()} <= {
        *("Response", "Reject", "Forward", "Target", "Number", "Group", "RoutingPlan", "Queue", "Prompt")
    }
    for target in found.iter("Target"):
        assert 1 <= int(target.attrib["ringtime"]) <= 300
        assert len(target)


def test_which_lines_wait_for_our_answer_is_read_from_the_routings() -> None:
    http = FakeHttp()
    http.on(
        "GET",
        "/v2/numbers",
        pages([{"number": "022147100"}, {"number": "022147111", "e164": "+4922147111"}, {"number": "022147122"}]),
    )
    http.on(
        "GET",
        "/v2/routings",
        pages(
            [{"number": {"number": "022147100"}, "api": None}, {"number": {"number": "022147111"}, "api": {"id": 1}}]
        ),
    )
    made = build(PlacetelSettings(api_key="key"), http, FixedClock(NOW))
    assert [(line.number, line.decides) for line in made.list_lines()] == [
        ("022147100", False),
        ("+4922147111", True),
        ("022147122", None),
    ]


def test_a_key_that_may_not_read_the_routings_leaves_open_where_calls_go() -> None:
    http = FakeHttp()
    http.on("GET", "/v2/numbers", pages([{"number": "022147100"}]))
    http.on("GET", "/v2/routings", answer({"error": "Forbidden"}, 403))
    made = build(PlacetelSettings(api_key="key"), http, FixedClock(NOW))
    assert [line.decides for line in made.list_lines()] == [None]
