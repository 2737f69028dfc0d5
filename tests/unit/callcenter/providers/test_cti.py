"""What the samples of the generic CTI do not show: which spelling wins, what is too long, what is answered."""

from __future__ import annotations

import json
from dataclasses import replace
from typing import Any

import pytest

from app.modules.callcenter.domain.calls import fold
from app.modules.callcenter.domain.events import CallEvent, Direction, EventKind, Outcome
from app.modules.callcenter.providers import registry
from app.modules.callcenter.providers.base import Answer, Decision, DecisionKind, Malformed, NotAuthentic
from app.modules.callcenter.providers.cti import PROVIDER, CtiSettings
from app.modules.callcenter.providers.cti.parse import CAUSES, MAX_CALL_ID, MAX_PARTY, MAX_TALK_SECONDS, parse
from app.modules.callcenter.providers.cti.provider import CtiProvider
from tests.unit.contract.fake_http import FakeHttp
from tests.unit.contract.folders import notifications
from tests.unit.contract.subjects import CLOCK

NEW = {"event": "newCall", "callId": "c1", "direction": "in", "from": "03023125741", "to": "02214710100"}
END = {**NEW, "event": "hangup"}


def read(base: dict[str, Any] = NEW, **changes: Any) -> Any:
    fields = {**base, **{name.rstrip("_"): value for name, value in changes.items()}}
    return parse(json.dumps({name: value for name, value in fields.items() if value is not None}).encode())


def malformed(**changes: Any) -> str:
    with pytest.raises(Malformed) as caught:
        read(**changes)
    return str(caught.value)


def provider(token: str | None = "right-token") -> CtiProvider:
    built = registry.build("cti", CtiSettings(token), FakeHttp(), CLOCK)
    assert isinstance(built, CtiProvider)
    return built


class TestNames:
    @pytest.mark.parametrize("name", ["callId", "call_id", "callid", "CallID", "call-id"])
    def test_of_the_call_id_are_many(self, name: str) -> None:
        told: dict[str, Any] = {"callId": None, name: "c7"}
        assert read(**told).call_id == "c7"

    @pytest.mark.parametrize("name", ["answeringNumber", "answering_number", "AnsweringNumber"])
    def test_of_who_answered_too(self, name: str) -> None:
        told: dict[str, Any] = {name: "23"}
        assert read(**told).peer == "23"

    @pytest.mark.parametrize("event", ["newCall", "newcall", "NEWCALL"])
    def test_of_an_event_are_compared_without_case(self, event: str) -> None:
        assert read(event=event).kind is EventKind.STARTED

    @pytest.mark.parametrize(("stated", "direction"), [("IN", "in"), ("Inbound", "in"), ("Outbound", "out")])
    def test_of_a_direction_are_those_that_clients_have(self, stated: str, direction: str) -> None:
        assert read(direction=stated).direction is Direction(direction)


class TestWhoItIs:
    @pytest.mark.parametrize("user", ["Emma Taylor", ["Emma Taylor"], ["", "Emma Taylor"], "Emma Taylor, Emma Taylor"])
    def test_is_the_only_user(self, user: object) -> None:
        assert read(user=user).peer == "emma taylor"

    @pytest.mark.parametrize("user", [None, "", [], ["Emma", "Bob"], "Emma,Bob", {"name": "Emma"}])
    def test_is_nobody_where_several_ring_or_none_is_named(self, user: object) -> None:
        assert read(user=user).peer is None

    def test_is_the_answering_number_before_the_user(self) -> None:
        assert read(user="Emma", answeringNumber="23").peer == "23"

    @pytest.mark.parametrize(
        ("told", "peer"),
        [("SIP/anna", "anna"), ("PJSIP/23-0000001f", "23"), ("sip:anna@pbx.example", "anna@pbx.example")],
    )
    def test_is_named_without_what_says_that_it_is_a_telephone(self, told: str, peer: str) -> None:
        assert read(answeringNumber=told).peer == peer

    @pytest.mark.parametrize(
        ("caller", "peer", "line"),
        [("23", "23", None), ("anna@pbx.example", "anna@pbx.example", None), ("02214710100", None, "02214710100")],
    )
    def test_is_the_caller_of_an_outgoing_call_where_that_is_a_telephone(
        self, caller: str, peer: str | None, line: str | None
    ) -> None:
        event = read(direction="out", from_=caller, to="03023125741")
        assert (event.peer, event.line, event.remote) == (peer, line, "03023125741")


class TestTheEnd:
    @pytest.mark.parametrize("cause", list(CAUSES))
    def test_of_a_call_that_was_answered_is_that_of_a_conversation_whatever_the_cause(self, cause: str) -> None:
        events = [read(), read(event="answer", user="Emma"), read(END, cause=cause)]
        call = fold(
            CallEvent(one.kind, CLOCK.now(), one.direction, peer=one.peer, outcome=one.outcome) for one in events
        )
        assert (call.outcome, call.is_missed, call.peer) == (Outcome.ACCEPTED, False, "emma")

    @pytest.mark.parametrize("cause", ["normalClearing", "NORMAL_CLEARING", "cancel", "noAnswer", "busy", "whatever"])
    def test_of_an_incoming_call_that_nobody_answered_is_one_to_call_back(self, cause: str) -> None:
        events = [read(), read(END, cause=cause)]
        assert fold(CallEvent(one.kind, CLOCK.now(), one.direction, outcome=one.outcome) for one in events).is_missed

    def test_of_a_call_that_a_mailbox_took_is_one_to_call_back(self) -> None:
        events = [read(), read(event="answer", user="voicemail"), read(END, cause="normalClearing")]
        call = fold(CallEvent(one.kind, CLOCK.now(), one.direction, outcome=one.outcome) for one in events)
        assert (call.outcome, call.is_missed) == (Outcome.VOICEMAIL, True)

    @pytest.mark.parametrize(
        ("duration", "seconds"),
        [
            ("73", 73),
            (73, 73),
            ("0", None),
            ("00:01:13", None),
            ("9" * 12, MAX_TALK_SECONDS),
            ("-1", None),
            (None, None),
        ],
    )
    def test_takes_a_duration_where_somebody_talked(self, duration: object, seconds: int | None) -> None:
        end = read(END, cause="normalClearing", CallType="Inbound", Duration=duration)
        assert (end.outcome, end.talk_seconds) == (Outcome.ACCEPTED, seconds)
        assert read(END, cause="cancel", Duration=duration).talk_seconds is None


class TestWhatIsTooLong:
    def test_is_taken_up_to_its_limit(self) -> None:
        assert read(callId="c" * MAX_CALL_ID, from_="1" * MAX_PARTY).remote == "1" * MAX_PARTY

    def test_is_malformed_beyond(self) -> None:
        assert malformed(callId="c" * (MAX_CALL_ID + 1)) == "callId is too long"
        assert malformed(from_="1" * (MAX_PARTY + 1)) == "from is too long"
        assert malformed(to="1" * (MAX_PARTY + 1)) == "to is too long"
        assert malformed(user="u" * (MAX_PARTY + 1)) == "user is too long"


class TestTheToken:
    @pytest.mark.parametrize(
        ("path", "code"),
        [
            ("/api/v1/cti/", "missing_token"),
            ("", "missing_token"),
            ("/api/v1/cti/wrong-token", "wrong_token"),
            ("/api/v1/cti/right-token/", "missing_token"),
            ("/api/v1/cti/right-token2", "wrong_token"),
            ("/api/v1/cti/RIGHT-TOKEN", "wrong_token"),
            ("/api/v1/cti/right token", "malformed_token"),
            ("/api/v1/cti/ä", "malformed_token"),
        ],
    )
    def test_is_all_that_lets_in(self, path: str, code: str) -> None:
        request = replace(notifications(PROVIDER)[0].request(CLOCK), path=path)
        with pytest.raises(NotAuthentic) as caught:
            provider().authenticate(request)
        assert caught.value.code == code
        provider().authenticate(replace(request, path="/api/v1/cti/right-token"))


class TestTheAnswer:
    @pytest.mark.parametrize("kind", list(DecisionKind))
    def test_is_a_refusal_or_nothing(self, kind: DecisionKind) -> None:
        refused = kind in (DecisionKind.REJECT, DecisionKind.BUSY)
        body = b'{"action": "reject", "reason": "busy"}' if refused else b"{}"
        assert provider().answer(Decision(kind)) == Answer(body, "application/json; charset=utf-8", 200)

    def test_to_what_cannot_be_read_says_why(self) -> None:
        answer = provider().complain(Malformed("direction is missing"))
        assert (answer.status, json.loads(answer.body)) == (422, {"error": "direction is missing"})
