from __future__ import annotations

import xml.etree.ElementTree as ET
from datetime import UTC, date, datetime
from typing import Any

import pytest

from app.core.http import HttpFault
from app.modules.callcenter.domain.events import Outcome
from app.modules.callcenter.providers.base import (
    Decision,
    DecisionKind,
    DialOrder,
    Failure,
    PastCall,
    PbxLine,
    PbxUser,
    ProviderError,
)
from app.modules.callcenter.providers.placetel import PlacetelSettings, records
from app.modules.callcenter.providers.placetel.provider import PlacetelProvider, build, target
from tests.unit.callcenter.providers.samples import exchanges
from tests.unit.contract.fake_http import FakeHttp, answer, fault, pages
from tests.unit.contract.subjects import CLOCK

SAMPLES = exchanges()
ACCOUNT = "7771234567@fpbx.de"


def body_of(name: str) -> Any:
    return SAMPLES[name]["response"]["body"]


@pytest.fixture
def http() -> FakeHttp:
    http = FakeHttp()
    http.on("GET", "/v2/me", answer(body_of("me")))
    http.on("GET", "/v2/sip_users", pages([{"id": 1, "sipuid": ACCOUNT, "name": "Demo"}]))
    http.on("POST", "/v2/calls", answer(None, 201))
    return http


def make(http: FakeHttp, **changes: Any) -> PlacetelProvider:
    settings = {"api_key": "key-1", "shared_secrets": ("secret",), **changes}
    return build(PlacetelSettings(**settings), http, CLOCK)


def codes(provider: PlacetelProvider) -> list[tuple[str, str]]:
    return [(finding.level, finding.code) for finding in provider.check().findings]


class TestTheConnectionTest:
    def test_says_whose_key_it_is(self, http: FakeHttp) -> None:
        (finding,) = make(http).check().findings
        assert (finding.level, finding.code) == ("ok", "ok")
        assert finding.params == {"name": "John Doe", "company": "John Corp.", "platform": "PROFI"}

    def test_asks_nobody_without_a_key(self, http: FakeHttp) -> None:
        provider = make(http, api_key=None)
        assert codes(provider) == [("error", "not_configured")]
        assert not provider.check().ok
        assert http.sent == []

    @pytest.mark.parametrize("secrets", [(), ("",)])
    def test_warns_without_a_secret_because_notifications_are_refused(
        self, http: FakeHttp, secrets: tuple[str, ...]
    ) -> None:
        provider = make(http, shared_secrets=secrets)
        assert codes(provider) == [("ok", "ok"), ("warning", "no_secret")]
        assert provider.check().ok

    @pytest.mark.parametrize(
        ("reaction", "code"),
        [
            (answer({"error": "x"}, 401), "bad_key"),
            (answer({"error": "x"}, 403), "forbidden"),
            (answer({"error": "x"}, 429), "rate_limited"),
            (answer({"error": "x"}, 500), "server_error"),
            (answer(b"<html>"), "bad_answer"),
            (fault(HttpFault.NOT_SENT), "unreachable"),
            (fault(HttpFault.TIMEOUT), "timeout"),
        ],
    )
    def test_names_the_failure_and_asks_no_further(self, http: FakeHttp, reaction: Any, code: str) -> None:
        http.on("GET", "/v2/me", reaction)
        provider = make(http)
        assert codes(provider) == [("error", code)]
        assert len(http.sent) == 1
        assert provider.check().findings[0].params["request"] == "me"

    def test_tells_a_key_that_may_not_list_the_accounts(self, http: FakeHttp) -> None:
        http.on("GET", "/v2/sip_users", answer({"error": "x"}, 403))
        provider = make(http)
        assert codes(provider) == [("error", "forbidden"), ("ok", "ok")]
        assert provider.check().findings[0].params == {"request": "sip_users", "status": 403, "detail": "x"}

    def test_warns_of_the_platform_on_which_notify_does_not_work(self, http: FakeHttp) -> None:
        http.on("GET", "/v2/me", answer(body_of("me-other-platform")))
        finding = make(http).check().findings[1]
        assert (finding.level, finding.code, finding.params) == (
            "warning",
            "not_profi",
            {"platform": "WEBEX"},
        )

    @pytest.mark.parametrize("platform", ["PROFI", "profi", "", None])
    def test_says_nothing_of_a_platform_that_is_right_or_not_told(self, http: FakeHttp, platform: str | None) -> None:
        http.on("GET", "/v2/me", answer({"platform": platform}))
        assert codes(make(http)) == [("ok", "ok")]

    def test_warns_of_accounts_whose_numbers_are_changed_or_refused(self, http: FakeHttp) -> None:
        http.on("GET", "/v2/sip_users", pages(body_of("sip-users")))
        _, automatic, blocked = make(http).check().findings
        assert (automatic.code, automatic.params) == (
            "account_automatic_prefix",
            {"uid": "777712345678@fbpx.de", "prefix": "0221"},
        )
        assert (blocked.code, blocked.params) == (
            "account_blocked_prefix",
            {"uid": "777712345678@fbpx.de", "prefixes": "0211"},
        )


class TestDialling:
    @pytest.mark.parametrize(
        ("e164", "style", "dialled"),
        [
            ("+4922147100123", "national", "022147100123"),
            ("+4917139200001", "national", "017139200001"),
            ("+41791234567", "national", "0041791234567"),
            ("+390600000000", "national", "00390600000000"),
            ("+12025550123", "national", "0012025550123"),
            ("+4922147100123", "e164", "+4922147100123"),
            ("+41791234567", "e164", "+41791234567"),
        ],
    )
    def test_writes_the_number_in_the_chosen_way(self, http: FakeHttp, e164: str, style: str, dialled: str) -> None:
        make(http, target_style=style).dial(DialOrder(ACCOUNT, e164))
        assert http.sent[0].json == {"sipuid": ACCOUNT, "target": dialled}

    def test_dials_an_extension_as_it_is(self, http: FakeHttp) -> None:
        make(http).dial(DialOrder(ACCOUNT, None, internal="23"))
        assert http.sent[0].json["target"] == "23"

    @pytest.mark.parametrize(
        "order",
        [
            DialOrder(ACCOUNT, None),
            DialOrder("", "+4922147100123"),
            DialOrder(ACCOUNT, ""),
            DialOrder(ACCOUNT, "022147100123"),
            DialOrder(ACCOUNT, "+0221"),
            DialOrder(ACCOUNT, "+49110"),
            DialOrder(ACCOUNT, "+4922147100123,,1"),
            DialOrder(ACCOUNT, "+4922147100123\n"),
            DialOrder(ACCOUNT, "+" + "1" * 16),
            DialOrder(ACCOUNT, None, internal="123456"),
            DialOrder(ACCOUNT, None, internal="*21"),
            DialOrder(ACCOUNT, None, internal="٢٣"),
            DialOrder(ACCOUNT, None, internal="110"),
            DialOrder(ACCOUNT, None, internal="112"),
        ],
    )
    def test_refuses_what_is_neither_number_nor_extension_and_the_emergency_numbers(
        self, http: FakeHttp, order: DialOrder
    ) -> None:
        with pytest.raises(ProviderError) as caught:
            make(http).dial(order)
        assert (caught.value.failure, caught.value.code) == (Failure.PERMANENT, "invalid")
        assert http.sent == []

    def test_sends_a_name_cut_to_what_a_display_takes(self, http: FakeHttp) -> None:
        make(http).dial(DialOrder(ACCOUNT, "+4922147100123", display_name="Müller\n& Söhne " + "x" * 100))
        assert http.sent[0].json["from_name"] == ("Müller& Söhne " + "x" * 100)[:60]
        make(http).dial(DialOrder(ACCOUNT, "+4922147100123", display_name=" \t"))
        assert "from_name" not in http.sent[1].json

    def test_passes_the_reference_on_where_there_is_one(self, http: FakeHttp) -> None:
        provider = make(http)
        assert provider.dial(DialOrder(ACCOUNT, "+4922147100123")).reference is None
        http.on("POST", "/v2/calls", answer(body_of("call-started-with-body"), 201))
        assert provider.dial(DialOrder(ACCOUNT, "+4922147100123")).reference == "1"

    def test_needs_a_key_and_no_secret(self, http: FakeHttp) -> None:
        make(http, shared_secrets=()).dial(DialOrder(ACCOUNT, "+4922147100123"))
        with pytest.raises(ProviderError, match="not_configured"):
            make(http, api_key="").dial(DialOrder(ACCOUNT, "+4922147100123"))


class TestTheAnswerToANotification:
    @pytest.mark.parametrize(
        ("kind", "text"),
        [
            (
                DecisionKind.NOTHING,
                '<?xml version="1.0" encoding="UTF-8"?>\n<Response>\n</Response>\n',
            ),
            (
                DecisionKind.REJECT,
                '<?xml version="1.0" encoding="UTF-8"?>\n<Response>\n    <Reject />\n</Response>',
            ),
            (
                DecisionKind.BUSY,
                '<?xml version="1.0" encoding="UTF-8"?>\n<Response>\n    <Reject reason="busy" />\n</Response>',
            ),
        ],
    )
    def test_is_the_vendors_document(self, http: FakeHttp, kind: DecisionKind, text: str) -> None:
        given = make(http).answer(Decision(kind))
        assert (given.status, given.media_type) == (200, "application/xml; charset=utf-8")
        assert given.body.decode() == text
        assert ET.fromstring(given.body).tag == "Response"


class TestTheLists:
    def test_an_account_is_read_from_the_vendors_example(self, http: FakeHttp) -> None:
        http.on("GET", "/v2/sip_users", pages(body_of("sip-users")))
        assert make(http).list_users() == [
            PbxUser(
                uid="777712345678@fbpx.de",
                name="John",
                type="standard",
                extension="23",
                caller_id="022112345678",
                online=True,
                email="johndoe@example.org",
                description="John's sip user",
                automatic_prefix="0221",
                blocked_prefixes="0211",
            )
        ]

    def test_an_account_may_have_nothing_but_its_id(self) -> None:
        bare = records.user({"sipuid": "7771@FPBX.de", "webuser": None, "online": None, "did": ""})
        assert bare == PbxUser(uid="7771@fpbx.de", name="7771@FPBX.de", type="")

    def test_an_account_without_an_id_is_put_together_or_left_out(self) -> None:
        whole = records.user({"username": "7771", "domain": "fpbx.de", "webuser": {"first_name": "Ada"}})
        assert whole == PbxUser(uid="7771@fpbx.de", name="Ada", type="")
        assert records.user({"name": "nobody"}) is None
        assert records.user({"sipuid": ["7771"], "username": None}) is None

    def test_a_line_is_read_with_and_without_e164(self, http: FakeHttp) -> None:
        http.on("GET", "/v2/numbers", pages(body_of("numbers")))
        assert make(http).list_lines() == [PbxLine("022129191999", "Number one", True)]
        http.on("GET", "/v2/numbers", pages(body_of("numbers-with-e164")))
        assert make(http).list_lines() == [PbxLine("+4922129191999", "Number one", True)]

    def test_a_line_may_be_switched_off_and_nameless(self) -> None:
        assert records.line({"number": "0221", "activated": False, "description": "Lager"}) == PbxLine(
            "0221", "Lager", False
        )
        assert records.line({"number": 221}) == PbxLine("221", "", True)
        assert records.line({"name": "no number"}) is None


class TestThePast:
    @pytest.mark.parametrize("name", ["calls", "calls-flat", "calls-text"])
    def test_a_call_is_read_in_each_of_the_three_forms(self, http: FakeHttp, name: str) -> None:
        http.on("GET", "/v2/calls", pages(body_of(name)))
        assert list(make(http).history(date(2018, 8, 16))) == [
            PastCall(
                received_at=datetime(2018, 8, 16, 9, 42, 47, tzinfo=UTC),
                remote="022129191999",
                line="022129191999",
                outcome=Outcome.VOICEMAIL,
                talk_seconds=0,
            )
        ]
        assert http.sent[0].params["filter[date]"] == "2018-08-16"

    @pytest.mark.parametrize(
        ("type_", "outcome", "seconds"),
        [
            ("accepted", Outcome.ACCEPTED, 10),
            ("missed", Outcome.MISSED, 0),
            ("blocked", Outcome.BLOCKED, 0),
            ("something new", Outcome.UNKNOWN, 10),
            (None, Outcome.UNKNOWN, 10),
        ],
    )
    def test_only_a_call_that_was_taken_has_talk_time(self, type_: str | None, outcome: Outcome, seconds: int) -> None:
        call = records.past_call({"received_at": "2026-03-02T10:00:00+01:00", "type": type_, "duration": 10})
        assert call is not None
        assert (call.outcome, call.talk_seconds) == (outcome, seconds)

    @pytest.mark.parametrize("received_at", [None, "", "yesterday", 5, "2026-03-02T10:00:00", "0001-01-01T00:00+23:00"])
    def test_a_call_without_a_readable_moment_is_left_out(self, received_at: Any) -> None:
        assert records.past_call({"received_at": received_at}) is None

    @pytest.mark.parametrize("duration", [None, -3, "x", True, [], 1.5])
    def test_an_unreadable_duration_is_none_at_all(self, duration: Any) -> None:
        call = records.past_call({"received_at": "2026-03-02T10:00:00Z", "type": "accepted", "duration": duration})
        assert call is not None
        assert call.talk_seconds == 0

    def test_fails_when_called_and_not_only_when_read(self, http: FakeHttp) -> None:
        http.on("GET", "/v2/calls", answer({}, 500))
        with pytest.raises(ProviderError):
            make(http).history(date(2026, 3, 2))


def test_the_settings_show_no_secret() -> None:
    shown = repr(PlacetelSettings(api_key="key-1", shared_secrets=("secret-1", "secret-2")))
    assert "key-1" not in shown
    assert "secret-" not in shown


def test_a_target_that_is_no_number_is_none() -> None:
    assert target("110", "national") is None
