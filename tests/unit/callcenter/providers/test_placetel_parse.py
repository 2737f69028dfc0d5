"""What the samples do not show: hostile, odd and over-long bodies."""

from __future__ import annotations

import json
from typing import Any
from urllib.parse import urlencode

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from app.modules.callcenter.domain.events import Direction, EventKind, Outcome, ProviderEvent
from app.modules.callcenter.providers.base import Malformed, Unsupported
from app.modules.callcenter.providers.placetel.parse import (
    EVENTS,
    MAX_CALL_ID,
    MAX_PARTY,
    MAX_TALK_SECONDS,
    OUTCOMES,
    parse,
)

ENDED = {"event": "HungUp", "call_id": "c1", "from": "022147100123", "to": "022147100100", "direction": "in"}
STARTED = {**ENDED, "event": "IncomingCall"}


def form(base: dict[str, str] = STARTED, **changes: str | None) -> bytes:
    fields = {**base, **{name.rstrip("_"): value for name, value in changes.items()}}
    return urlencode({name: value for name, value in fields.items() if value is not None}).encode()


def malformed(body: bytes) -> str:
    with pytest.raises(Malformed) as caught:
        parse(body)
    return str(caught.value)


class TestTheDirection:
    def test_of_a_start_is_in_its_name_whatever_the_field_says(self) -> None:
        assert parse(form(direction="out")).direction is Direction.IN
        assert parse(form(event="OutgoingCall", direction="in")).direction is Direction.OUT

    @pytest.mark.parametrize("direction", [None, "", "sideways"])
    def test_of_an_acceptance_is_incoming_when_the_field_tells_nothing(self, direction: str | None) -> None:
        assert parse(form(event="CallAccepted", direction=direction)).direction is Direction.IN

    def test_of_an_acceptance_follows_the_field_should_outgoing_ones_come_one_day(self) -> None:
        event = parse(form(event="CallAccepted", direction="out"))
        assert (event.direction, event.remote) == (Direction.OUT, "022147100100")

    @pytest.mark.parametrize("type_", ["accepted", "missed", "voicemail", "blocked", None])
    def test_of_an_end_without_one_is_unknown_and_both_parties_are_kept(self, type_: str | None) -> None:
        event = parse(form(ENDED, direction=None, type=type_))
        assert (event.direction, event.remote, event.line) == (None, None, None)
        assert (event.first, event.second) == ("022147100123", "022147100100")

    @pytest.mark.parametrize("type_", ["busy", "canceled", "unavailable", "congestion"])
    def test_of_an_end_that_only_outgoing_calls_have_is_outgoing(self, type_: str) -> None:
        event = parse(form(ENDED, direction=None, type=type_))
        assert (event.direction, event.remote, event.line) == (
            Direction.OUT,
            "022147100100",
            "022147100123",
        )


class TestTheParties:
    def test_a_sip_id_as_caller_of_an_outgoing_call_is_the_account(self) -> None:
        event = parse(form(event="OutgoingCall", from_="sip:7771ABC@fpbx.de"))
        assert (event.peer, event.line) == ("7771abc@fpbx.de", None)

    def test_a_named_peer_comes_before_the_one_in_from(self) -> None:
        event = parse(form(event="OutgoingCall", from_="7771@fpbx.de", peer="7772@fpbx.de"))
        assert event.peer == "7772@fpbx.de"

    def test_a_sip_id_as_the_called_one_of_an_incoming_call_stays_the_line(self) -> None:
        event = parse(form(to="7771@fpbx.de"))
        assert (event.peer, event.line) == (None, "7771@fpbx.de")

    @pytest.mark.parametrize("blank", [None, "", "   "])
    def test_that_are_blank_are_none(self, blank: str | None) -> None:
        event = parse(form(from_=blank, to=blank, peer=blank))
        assert (event.remote, event.line, event.peer) == (None, None, None)

    def test_that_are_too_long_are_refused_because_cutting_makes_another_number(self) -> None:
        assert parse(form(from_="1" * MAX_PARTY)).remote == "1" * MAX_PARTY
        assert malformed(form(from_="1" * (MAX_PARTY + 1))) == "from is too long"

    def test_a_plus_that_was_not_escaped_is_still_a_plus(self) -> None:
        assert parse(b"event=IncomingCall&call_id=c1&from=+41791234567&to=+1").remote == "+41791234567"


class TestTheDuration:
    @pytest.mark.parametrize(
        ("sent", "seconds"),
        [
            ("42", 42),
            (" 42 ", 42),
            ("042", 42),
            ("42.9", 42),
            ("-1", None),
            ("", None),
            ("1e3", None),
            ("nan", None),
            ("٤٢", None),
            ("42s", None),
            ("999999999999", MAX_TALK_SECONDS),
            ("9" * 5000, None),
        ],
    )
    def test_is_read_where_it_can_be(self, sent: str, seconds: int | None) -> None:
        assert parse(form(ENDED, type="accepted", duration=sent)).talk_seconds == seconds

    def test_of_zero_tells_nothing_of_an_accepted_call_and_something_of_a_missed_one(self) -> None:
        assert parse(form(ENDED, type="accepted", duration="0")).talk_seconds is None
        assert parse(form(ENDED, type="missed", duration="0")).talk_seconds == 0

    def test_belongs_to_an_end_only(self) -> None:
        assert parse(form(duration="5")).talk_seconds is None

    @pytest.mark.parametrize("sent", [42, 42.5, "42"])
    def test_may_be_a_number_in_json(self, sent: Any) -> None:
        body = json.dumps({**ENDED, "type": "accepted", "duration": sent}).encode()
        assert parse(body).talk_seconds == 42

    @pytest.mark.parametrize("sent", [None, True, [], {}, {"seconds": 1}, -3])
    def test_of_another_type_in_json_is_none(self, sent: Any) -> None:
        body = json.dumps({**ENDED, "type": "accepted", "duration": sent}).encode()
        assert parse(body).talk_seconds is None


class TestTheOutcome:
    @pytest.mark.parametrize("type_", ["answered", "ACCEPTED!", None, "", "x" * 5000])
    def test_of_an_end_of_unknown_type_is_unknown(self, type_: str | None) -> None:
        assert parse(form(ENDED, type=type_)).outcome is Outcome.UNKNOWN

    def test_belongs_to_an_end_only(self) -> None:
        assert parse(form(type="missed")).outcome is None


class TestABodyThatCannotBeUsed:
    @pytest.mark.parametrize("body", [b"", b" ", b"\xff\xfe\x00", b"hello", b"&&==&;", b"{}"])
    def test_without_an_event_is_malformed(self, body: bytes) -> None:
        assert malformed(body) == "event is missing"

    @pytest.mark.parametrize("call_id", [None, "", " "])
    def test_without_a_call_id_is_malformed(self, call_id: str | None) -> None:
        assert malformed(form(call_id=call_id)) == "call_id is missing"

    @pytest.mark.parametrize("call_id", [None, True, [], {"id": "c1"}])
    def test_with_a_call_id_that_is_no_text_in_json_is_malformed(self, call_id: Any) -> None:
        assert malformed(json.dumps({**STARTED, "call_id": call_id}).encode()) == "call_id is missing"

    def test_with_an_absurdly_long_call_id_is_malformed(self) -> None:
        assert parse(form(call_id="c" * MAX_CALL_ID)).call_id == "c" * MAX_CALL_ID
        assert malformed(form(call_id="c" * (MAX_CALL_ID + 1))) == "call_id is too long"

    @pytest.mark.parametrize("name", ["call_id", "from", "to", "peer", "type", "event", "direction"])
    @pytest.mark.parametrize("bad", ["a\x00b", "a\nb", "a\x7fb", "a\ufffdb"])
    def test_with_characters_that_no_text_has_is_malformed(self, name: str, bad: str) -> None:
        assert malformed(form({**STARTED, name: bad})) == f"{name} has characters that no text has"

    def test_with_bytes_that_are_no_utf_8_in_a_field_is_malformed(self) -> None:
        assert malformed(form() + b"&peer=%FF%FE").startswith("peer has")
        assert malformed(form() + b"&peer=\xff\xfe").startswith("peer has")

    def test_with_a_lone_surrogate_in_json_is_malformed(self) -> None:
        body = b'{"event": "IncomingCall", "call_id": "\\ud800", "from": "1"}'
        assert malformed(body).startswith("call_id has")

    def test_with_contradicting_fields_is_malformed(self) -> None:
        assert malformed(form() + b"&call_id=c2") == "call_id is given twice with different values"
        assert malformed(b'{"event": "HungUp", "event": "IncomingCall", "call_id": "c"}').startswith("event is")

    def test_with_thousands_of_fields_is_malformed(self) -> None:
        assert malformed(form() + b"&a=1" * 5000) == "too many fields"

    @pytest.mark.parametrize("body", [b"[]", b'["event"]', b"[[[["])
    def test_that_is_json_but_no_object_is_malformed(self, body: bytes) -> None:
        assert malformed(body).startswith("JSON")

    @pytest.mark.parametrize("body", [b'{"event":', b"{" * 60_000, b'{"a":' * 13_000, b'{"a":' + b"9" * 6000 + b"}"])
    def test_that_is_broken_json_is_malformed(self, body: bytes) -> None:
        assert malformed(body) == "JSON that cannot be read"

    def test_is_not_quoted_by_the_message(self) -> None:
        for body in (form(call_id="022147100123\x00"), form(from_="022147100123" * 20), b'{"022147100123":'):
            assert "022147100123" not in malformed(body)

    def test_with_an_event_of_unusual_name_is_unsupported_without_its_name(self) -> None:
        with pytest.raises(Unsupported) as caught:
            parse(form(event="call 022147100123"))
        assert "022147100123" not in str(caught.value)

    @pytest.mark.parametrize("event", ["incomingcall", "Hangup", "IncomingCall2"])
    def test_with_an_event_that_is_none_of_the_four_is_unsupported(self, event: str) -> None:
        with pytest.raises(Unsupported, match=event):
            parse(form(event=event))


class TestABodyThatIsOdd:
    def test_may_repeat_a_field_with_the_same_value(self) -> None:
        assert parse(form() + b"&call_id=c1") == parse(form())

    def test_may_have_fields_that_nobody_knows_even_unreadable_ones(self) -> None:
        assert parse(form() + b"&name=M%FCller&name=%00") == parse(form())

    def test_may_begin_with_a_byte_order_mark_and_end_with_a_line(self) -> None:
        assert parse(b"\xef\xbb\xbf" + form() + b"\r\n") == parse(form())
        assert parse(b"\xef\xbb\xbf " + json.dumps(STARTED).encode() + b"\n") == parse(form())

    def test_may_have_its_fields_in_any_order(self) -> None:
        assert parse(form(dict(reversed(STARTED.items())))) == parse(form())


texts = st.text(max_size=120) | st.sampled_from(["in", "out", "", "anonymous", "7771@fpbx.de", "0221 4710 0"])
fields = st.fixed_dictionaries(
    {"event": st.sampled_from([*EVENTS]), "call_id": st.text(min_size=1, max_size=210)},
    optional={
        "from": texts,
        "to": texts,
        "peer": texts,
        "direction": texts,
        "type": texts | st.sampled_from([*OUTCOMES]),
        "duration": texts | st.integers().map(str),
    },
)


def outcome_of(body: bytes) -> ProviderEvent | str:
    try:
        return parse(body)
    except (Malformed, Unsupported) as error:
        return f"{type(error).__name__}: {error}"


@settings(max_examples=300)
@given(fields)
def test_any_values_in_the_known_fields_give_an_event_that_can_be_stored_or_a_reason(
    values: dict[str, str],
) -> None:
    event = outcome_of(urlencode(values, errors="surrogatepass").encode())
    if isinstance(event, ProviderEvent):
        assert event.kind in EventKind
        assert (event.outcome is not None) == (event.kind is EventKind.ENDED)
        assert event.talk_seconds is None or 0 <= event.talk_seconds <= MAX_TALK_SECONDS
        for text in (event.call_id, event.remote, event.line, event.peer, event.first, event.second):
            assert text is None or (0 < len(text) <= MAX_CALL_ID and "\x00" not in text)
            assert text is None or text.encode("utf-8")


@given(fields)
def test_a_form_and_json_with_the_same_fields_give_the_same(values: dict[str, str]) -> None:
    as_form = outcome_of(urlencode(values, errors="surrogatepass").encode())
    as_json = outcome_of(json.dumps(values).encode())
    assert as_form == as_json


@settings(max_examples=500)
@given(st.binary(max_size=500) | st.binary(max_size=300).map(lambda tail: form() + b"&" + tail))
def test_any_bytes_give_an_event_or_a_reason(body: bytes) -> None:
    assert outcome_of(body)
