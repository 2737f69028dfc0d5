"""What every provider promises, whatever it can do."""

from __future__ import annotations

import contextlib
import logging
import re
import socket
from collections.abc import Callable, Sequence
from dataclasses import replace
from datetime import UTC, date
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from app.core.http import HttpFault
from app.modules.callcenter.domain.events import ProviderEvent
from app.modules.callcenter.providers import base, fields, registry
from app.modules.callcenter.providers.base import (
    Answer,
    Complains,
    Decision,
    DecisionKind,
    DialReceipt,
    Dials,
    Failure,
    HasHistory,
    Health,
    ListsLines,
    ListsUsers,
    Malformed,
    NotAuthentic,
    OwnTest,
    Provider,
    ProviderError,
    Receives,
    Stage,
    Unsupported,
)
from app.modules.callcenter.providers.fields import Kind
from tests.unit.contract import guide
from tests.unit.contract.fake_http import FakeHttp, answer, fault
from tests.unit.contract.folders import exchanges
from tests.unit.contract.subjects import API_KEY, CLOCK, RECORDING, SUBJECTS, TEL, Subject

CAPABILITIES = (Receives, Dials, ListsUsers, ListsLines, HasHistory)
ALL = pytest.mark.parametrize("subject", SUBJECTS, ids=lambda subject: subject.declared.key)


def those_that(*capabilities: type) -> pytest.MarkDecorator:
    can = [one for one in SUBJECTS if all(issubclass(one.declared.implementation, each) for each in capabilities)]
    return pytest.mark.parametrize("subject", can, ids=lambda subject: subject.declared.key)


RECEIVING = those_that(Receives)
#: What no database's text can hold, and what an undecodable byte became.
UNSTORABLE = re.compile("[\x00-\x1f\x7f-\x9f\ud800-\udfff\ufffd]")
UNPROVED = {f"{fault}_{proof}" for fault in ("missing", "malformed", "wrong") for proof in ("signature", "token")}
# The providers hold no state that an example could leave to the next one.
many = settings(deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])

json_values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=20),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=10), inner, max_size=4),
    max_leaves=10,
)


@pytest.fixture(autouse=True)
def no_network(monkeypatch: pytest.MonkeyPatch) -> None:
    """Nothing but the injected client may reach out."""

    def refuse(*arguments: object) -> None:
        raise AssertionError("a provider opened a connection of its own")

    monkeypatch.setattr(socket.socket, "connect", refuse)
    monkeypatch.setattr(socket, "getaddrinfo", refuse)


def requests_of(subject: Subject) -> list[Callable[[Any], object]]:
    """Everything that asks the PBX, for the provider at hand."""
    provider = subject.build()
    asking: list[Callable[[Any], object]] = [lambda p: p.check()]
    if isinstance(provider, Dials):
        asking.append(lambda p: p.dial(subject.order))
    if isinstance(provider, ListsUsers):
        asking.append(lambda p: p.list_users())
    if isinstance(provider, ListsLines):
        asking.append(lambda p: p.list_lines())
    if isinstance(provider, HasHistory):
        asking.append(lambda p: list(p.history(date(2026, 3, 2))))
    return asking


@ALL
class TestEveryProvider:
    def test_has_the_key_and_the_title_that_its_type_declares(self, subject: Subject) -> None:
        provider = subject.build()
        assert isinstance(provider, Provider)
        assert isinstance(provider, subject.declared.implementation)
        assert (provider.key, provider.title) == (subject.declared.key, subject.declared.title)
        assert subject.declared.title

    def test_shows_what_it_can_do_without_being_built(self, subject: Subject) -> None:
        provider = subject.build()
        for capability in CAPABILITIES:
            assert isinstance(provider, capability) == issubclass(subject.declared.implementation, capability)

    def test_can_be_built_from_empty_settings_and_asks_nobody_meanwhile(self, subject: Subject) -> None:
        http = FakeHttp()
        assert subject.declared.settings() is not None
        subject.declared.build(subject.unconfigured, http, CLOCK)
        assert http.sent == []

    def test_asks_for_everything_that_its_folder_answers(self, subject: Subject) -> None:
        http = FakeHttp()
        provider = subject.build(http)
        for ask in requests_of(subject):
            ask(provider)
        unasked = [
            one.name for one in exchanges(subject.declared) if one.is_played and not any(map(one.answers, http.sent))
        ]
        assert not unasked

    def test_says_what_each_setting_of_its_own_is(self, subject: Subject) -> None:
        for one in fields.asked(subject.declared.settings).values():
            for language in ("de", "en"):
                assert fields.in_language(one.label, language)
            assert one.kind is not Kind.CHOICE or len(one.choices) > 1

    @given(typed=st.text(min_size=1, max_size=100))
    @many
    def test_tells_what_is_wrong_with_a_setting_in_a_sentence_or_nothing(self, subject: Subject, typed: str) -> None:
        for one in fields.asked(subject.declared.settings).values():
            told = one.check(typed) if one.check is not None else None
            assert told is None or all(fields.in_language(told, language) for language in ("de", "en"))

    def test_says_that_all_is_well(self, subject: Subject) -> None:
        health = subject.build().check()
        assert isinstance(health, Health)
        assert health.ok
        assert "ok" in [finding.code for finding in health.findings]

    def test_checks_without_raising_when_nothing_is_configured(self, subject: Subject) -> None:
        assert replace(subject, settings=subject.unconfigured).build().check().findings

    @pytest.mark.parametrize("kind", list(HttpFault))
    def test_checks_without_raising_when_the_network_fails(self, subject: Subject, kind: HttpFault) -> None:
        http = FakeHttp()
        provider = replace(subject, prepare=lambda _: None).build(http)
        http.otherwise = fault(kind)
        health = provider.check()
        assert health.ok == (http.sent == [])

    @given(body=json_values, status=st.integers(100, 599))
    @many
    def test_fails_with_a_provider_error_only_whatever_the_pbx_answers(
        self, subject: Subject, body: Any, status: int
    ) -> None:
        http = FakeHttp()
        provider = replace(subject, prepare=lambda _: None).build(http)
        http.otherwise = answer(body, status, {"Retry-After": str(body)})
        assert isinstance(provider.check(), Health)
        for ask in requests_of(subject):
            with contextlib.suppress(ProviderError):
                ask(provider)

    @given(body=st.binary(max_size=200))
    @many
    def test_fails_with_a_provider_error_only_when_the_answer_is_no_json(self, subject: Subject, body: bytes) -> None:
        http = FakeHttp()
        provider = replace(subject, prepare=lambda _: None).build(http)
        http.otherwise = answer(body)
        for ask in requests_of(subject):
            with contextlib.suppress(ProviderError):
                ask(provider)

    @pytest.mark.parametrize(
        "reaction",
        [*map(fault, HttpFault), answer({"error": f"bad key {API_KEY}"}, 401), answer(b"<html>", 200)],
        ids=lambda reaction: repr(reaction),
    )
    def test_lets_no_secret_into_repr_errors_findings_and_log(
        self, subject: Subject, reaction: Any, caplog: pytest.LogCaptureFixture
    ) -> None:
        caplog.set_level(logging.DEBUG)
        http = FakeHttp()
        provider = replace(subject, prepare=lambda _: None).build(http)
        http.otherwise = reaction
        seen = [repr(provider), str(provider), repr(subject.settings), repr(provider.check())]
        for ask in requests_of(subject):
            try:
                ask(provider)
            except ProviderError as error:
                seen += [repr(error), str(error), error.detail, repr(error.__cause__)]
        for text in [*seen, caplog.text]:
            for secret in (API_KEY, *subject.secrets):
                assert secret not in text


@RECEIVING
class TestOneThatReceives:
    def test_takes_a_signed_request_and_says_the_same_twice(self, subject: Subject) -> None:
        provider, request = subject.build(), signed(subject, subject.good)
        provider.authenticate(request)
        events = provider.parse(request)
        assert events
        assert all(isinstance(event, ProviderEvent) for event in events)
        assert list(provider.parse(request)) == list(events)
        assert list(subject.build().parse(request)) == list(events)

    def test_refuses_another_body_under_the_same_signature(self, subject: Subject) -> None:
        request = replace(signed(subject, subject.good), body=subject.good + b" ")
        if proof_of(subject) == "signature":
            assert refusal(subject, request) == "wrong_signature"
        else:  # who has the token may say what he likes
            subject.build().authenticate(request)

    def test_refuses_a_request_without_proof(self, subject: Subject) -> None:
        assert refusal(subject, without_proof(subject)) in ("missing_signature", "missing_token")

    def test_refuses_everything_when_no_secret_is_configured(self, subject: Subject) -> None:
        request = signed(subject, subject.good)
        assert refusal(replace(subject, settings=subject.unconfigured), request) == "no_secret"

    @given(headers=st.dictionaries(st.text(max_size=20), st.text(max_size=80)), body=st.binary(max_size=500))
    @many
    def test_refuses_whatever_else_comes(self, subject: Subject, headers: dict[str, str], body: bytes) -> None:
        names = signed(subject, b"").headers
        for value in headers.values():
            told = {**headers, **dict.fromkeys(names, value)}
            request = replace(signed(subject, body), headers=told, path=f"/webhook/{value}", query=value)
            assert refusal(subject, request) in UNPROVED

    @given(body=st.binary(max_size=2000))
    @many
    def test_reads_any_bytes_or_says_why_not(self, subject: Subject, body: bytes) -> None:
        self._reads(subject, body)

    @given(body=json_values)
    @many
    def test_reads_any_json_or_says_why_not(self, subject: Subject, body: Any) -> None:
        self._reads(subject, answer(body).body)

    def test_reads_even_the_deepest_json_or_says_why_not(self, subject: Subject) -> None:
        self._reads(subject, b"[" * 65536)
        self._reads(subject, b'{"a":' * 13000)

    def _reads(self, subject: Subject, body: bytes) -> None:
        provider, request = subject.build(), signed(subject, body)
        events: Sequence[ProviderEvent] = ()
        with contextlib.suppress(Malformed, Unsupported):
            events = provider.parse(request)
        for event in events:
            assert 0 < len(event.call_id) <= 200
            assert 0 <= (event.talk_seconds or 0) < 2**31
            told = (event.call_id, event.remote, event.line, event.peer, event.first, event.second)
            assert not any(text and UNSTORABLE.search(text) for text in told)

    @pytest.mark.parametrize("kind", list(DecisionKind))
    def test_has_an_answer_to_every_decision_always_the_same(self, subject: Subject, kind: DecisionKind) -> None:
        given_answer = subject.build().answer(Decision(kind))
        assert isinstance(given_answer, Answer)
        assert given_answer.status == 200
        assert given_answer.media_type
        assert subject.build().answer(Decision(kind)) == given_answer

    @pytest.mark.parametrize("kind", list(DecisionKind))
    @pytest.mark.parametrize("text", ["", "17", "\x00", '"><&', "a@b", "ä" * 300])
    def test_answers_whatever_a_decision_names(self, subject: Subject, kind: DecisionKind, text: str) -> None:
        decision = Decision(kind, (Stage((text, "+493012345678"), 20), Stage((), -1)), True, text, 10**9)
        given_answer = subject.build().answer(decision)
        assert (given_answer.status, given_answer) == (200, subject.build().answer(decision))


@those_that(Complains)
class TestOneThatComplains:
    @pytest.mark.parametrize("text", ["from is too long", "", '"', "\x00ä"])
    def test_tells_what_is_wrong_and_that_it_was_not_understood(self, subject: Subject, text: str) -> None:
        given_answer = subject.build().complain(Malformed(text))
        assert 400 <= given_answer.status < 500
        assert given_answer.media_type
        assert subject.build().complain(Malformed(text)) == given_answer


@those_that(base.Testable)  # by its module, or it would be collected as a test
class TestOneThatCanTryTheWay:
    def test_takes_its_own_test_and_names_it_as_that(self, subject: Subject) -> None:
        provider = subject.build()
        posting = provider.test_request("test-1-0123456789abcdef")
        headers = {name.lower(): value for name, value in posting.headers.items()}
        request = replace(signed(subject, posting.body), headers=headers)
        provider.authenticate(request)
        with pytest.raises(OwnTest) as caught:
            provider.parse(request)
        assert caught.value.token == "test-1-0123456789abcdef"

    def test_says_that_it_has_nothing_to_prove_it_with(self, subject: Subject) -> None:
        with pytest.raises(NotAuthentic, match="no_secret"):
            replace(subject, settings=subject.unconfigured).build().test_request("test-1-0123456789abcdef")


@those_that(Dials)
class TestOneThatDials:
    def test_gives_a_receipt(self, subject: Subject) -> None:
        assert isinstance(subject.build().dial(subject.order), DialReceipt)

    def test_orders_once_and_never_again_on_its_own(self, subject: Subject) -> None:
        http = FakeHttp()
        provider = replace(subject, prepare=lambda _: None).build(http)
        http.otherwise = fault(HttpFault.TIMEOUT)
        failures = []
        try:
            provider.dial(subject.order)
        except ProviderError as error:
            failures.append(error.failure)
        assert len(http.sent) <= 1
        assert failures == [Failure.OUTCOME_UNKNOWN] * len(http.sent)


@those_that(HasHistory)
class TestOneThatHasHistory:
    def test_gives_times_in_utc(self, subject: Subject) -> None:
        for call in subject.build().history(date(2026, 3, 2)):
            assert call.received_at.tzinfo is UTC


@those_that(ListsUsers)
class TestOneThatListsUsers:
    def test_lists_the_same_twice(self, subject: Subject) -> None:
        provider = subject.build()
        assert list(provider.list_users()) == list(provider.list_users())


@those_that(ListsLines)
class TestOneThatListsLines:
    def test_lists_the_same_twice(self, subject: Subject) -> None:
        provider = subject.build()
        assert list(provider.list_lines()) == list(provider.list_lines())


class TestTheSubjects:
    def test_are_all_providers_that_there_are(self) -> None:
        tested = {subject.declared.key for subject in SUBJECTS} - {RECORDING.declared.key, guide.KEY}
        assert tested == set(registry.provider_types())

    def test_include_one_with_every_capability_and_one_that_only_dials(self) -> None:
        assert all(isinstance(RECORDING.build(), capability) for capability in CAPABILITIES)
        tel = TEL.build()
        assert [capability for capability in CAPABILITIES if isinstance(tel, capability)] == [Dials]


def signed(subject: Subject, body: bytes) -> Any:
    assert subject.signed
    return subject.signed(body)


def without_proof(subject: Subject) -> Any:
    return replace(signed(subject, subject.good), headers={}, path="/", query="")


def proof_of(subject: Subject) -> str:
    """``signature`` or ``token``: which of them it misses where there is none."""
    return refusal(subject, without_proof(subject)).removeprefix("missing_")


def refusal(subject: Subject, request: Any) -> str:
    with pytest.raises(NotAuthentic) as caught:
        subject.build().authenticate(request)
    return caught.value.code
