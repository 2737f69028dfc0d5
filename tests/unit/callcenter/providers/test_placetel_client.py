"""The Web API's client: what is asked, what is made of each answer, what may be repeated."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta
from email.utils import format_datetime
from typing import Any

import pytest

from app.core.clock import FixedClock
from app.core.http import HttpFault, HttpResponse
from app.modules.callcenter.providers.base import Failure, ProviderError
from app.modules.callcenter.providers.placetel.client import (
    MAX_LIST_SECONDS,
    MAX_PAGES,
    MAX_RETRY_AFTER,
    PlacetelClient,
    retry_after,
)
from tests.unit.callcenter.providers.samples import exchanges
from tests.unit.contract.fake_http import FakeHttp, Reaction, Sent, answer, fault, pages

NOW = datetime(2026, 3, 2, 9, 0, tzinfo=UTC)
BASE = "https://api.placetel.de/v2"
SAMPLES = exchanges()


@pytest.fixture
def http() -> FakeHttp:
    return FakeHttp()


@pytest.fixture
def clock() -> FixedClock:
    return FixedClock(NOW)


@pytest.fixture
def client(http: FakeHttp, clock: FixedClock) -> PlacetelClient:
    return PlacetelClient(http, clock, "key-1", BASE)


def users(*ids: int) -> list[Any]:
    return [{"id": number, "sipuid": f"777{number}@fpbx.de"} for number in ids]


def ids(records: Any) -> list[int]:
    return [record["id"] for record in records]


def failure(call: Callable[[], object]) -> ProviderError:
    with pytest.raises(ProviderError) as caught:
        call()
    return caught.value


class TestARequest:
    def test_carries_the_key_and_goes_below_the_base_url(self, http: FakeHttp, client: PlacetelClient) -> None:
        http.on("GET", "/v2/me", answer(SAMPLES["me"]["response"]["body"]))
        assert client.me()["platform"] == "PROFI"
        (sent,) = http.sent
        assert sent.url == "https://api.placetel.de/v2/me"
        assert sent.headers["Authorization"] == "Bearer key-1"

    @pytest.mark.parametrize("key", [None, "", "  "])
    def test_is_not_made_without_a_key(self, http: FakeHttp, clock: FixedClock, key: str | None) -> None:
        error = failure(PlacetelClient(http, clock, key, BASE).me)
        assert (error.failure, error.code, http.sent) == (Failure.PERMANENT, "not_configured", [])

    @pytest.mark.parametrize("key", ["two words", "schlüssel", "a\r\nX: b", "a\x00b"])
    def test_is_not_made_with_a_key_that_no_header_can_carry(self, http: FakeHttp, clock: FixedClock, key: str) -> None:
        error = failure(PlacetelClient(http, clock, key, BASE).me)
        assert (error.failure, error.code, http.sent) == (Failure.PERMANENT, "bad_key", [])

    def test_takes_a_key_that_was_pasted_with_a_line_end(self, http: FakeHttp, clock: FixedClock) -> None:
        http.on("GET", "/v2/me", answer({}))
        PlacetelClient(http, clock, " key-1\n", BASE + "/").me()
        assert http.sent[0].headers["Authorization"] == "Bearer key-1"
        assert http.sent[0].path == "/v2/me"

    def test_is_made_once_whatever_happens(self, http: FakeHttp, client: PlacetelClient) -> None:
        reactions: list[Reaction] = [answer({}, 429), answer({}, 500), *map(fault, HttpFault)]
        for reaction in reactions:
            http.sent.clear()
            http.otherwise = reaction
            failure(client.me)
            assert len(http.sent) == 1


class TestAList:
    def test_is_read_until_an_empty_page_also_past_short_ones(self, http: FakeHttp, client: PlacetelClient) -> None:
        http.on("GET", "/v2/sip_users", pages(users(1, 2), users(3), users(4, 5)))
        assert ids(client.sip_users()) == [1, 2, 3, 4, 5]
        assert [sent.params for sent in http.sent] == [
            {"page": str(number), "per_page": "100"} for number in (1, 2, 3, 4)
        ]

    def test_that_is_empty_takes_one_request(self, http: FakeHttp, client: PlacetelClient) -> None:
        http.on("GET", "/v2/numbers", answer([]))
        assert client.numbers() == []
        assert len(http.sent) == 1

    def test_of_a_server_that_ignores_pages_is_not_read_for_ever(self, http: FakeHttp, client: PlacetelClient) -> None:
        http.on("GET", "/v2/sip_users", answer(users(1, 2)))
        assert ids(client.sip_users()) == [1, 2]
        assert len(http.sent) == 2

    def test_of_a_server_that_begins_anew_after_its_last_page_is_read_once(
        self, http: FakeHttp, client: PlacetelClient
    ) -> None:
        http.on("GET", "/v2/sip_users", *map(answer, [users(1), users(2), users(1), users(2)]))
        assert ids(client.sip_users()) == [1, 2]
        assert len(http.sent) == 3

    def test_without_ids_of_a_server_that_ignores_pages_is_not_read_for_ever(
        self, http: FakeHttp, client: PlacetelClient
    ) -> None:
        leg = SAMPLES["call-detail-records"]["response"]["body"][0]
        http.on("GET", "/v2/call_detail_records", answer([leg, leg]))
        assert client.call_detail_records(date(2026, 3, 2)) == [leg, leg]
        assert len(http.sent) == 2

    def test_that_grows_meanwhile_has_nothing_twice(self, http: FakeHttp, client: PlacetelClient) -> None:
        http.on("GET", "/v2/sip_users", pages(users(1, 2), users(2, 3)))
        assert ids(client.sip_users()) == [1, 2, 3]

    def test_without_end_is_an_error(self, http: FakeHttp, client: PlacetelClient) -> None:
        http.on("GET", "/v2/sip_users", lambda sent: answer(users(int(sent.params["page"]))))
        assert failure(client.sip_users).code == "bad_answer"
        assert len(http.sent) == MAX_PAGES

    def test_that_takes_too_long_is_an_error(self, http: FakeHttp, client: PlacetelClient, clock: FixedClock) -> None:
        def slowly(sent: Sent) -> HttpResponse:
            clock.advance(MAX_LIST_SECONDS / 2)
            return answer(users(int(sent.params["page"])))

        http.on("GET", "/v2/sip_users", slowly)
        error = failure(client.sip_users)
        assert (error.failure, error.code, len(http.sent)) == (Failure.RETRY_LATER, "timeout", 3)

    def test_that_fails_on_a_later_page_is_an_error_and_no_half_list(
        self, http: FakeHttp, client: PlacetelClient
    ) -> None:
        http.on("GET", "/v2/sip_users", answer(users(1)), answer({}, 500))
        assert failure(client.sip_users).code == "server_error"

    def test_leaves_out_what_is_no_record(self, http: FakeHttp, client: PlacetelClient) -> None:
        http.on("GET", "/v2/sip_users", pages([None, 7, "x", [], *users(1)]))
        assert ids(client.sip_users()) == [1]

    def test_of_a_day_names_the_day(self, http: FakeHttp, client: PlacetelClient) -> None:
        http.on("GET", "/v2/calls", answer([]))
        http.on("GET", "/v2/call_detail_records", answer([]))
        client.calls(date(2026, 3, 2))
        client.call_detail_records(date(2026, 3, 2))
        assert [sent.params for sent in http.sent] == [
            {"filter[date]": "2026-03-02", "page": "1", "per_page": "100"},
            {"date": "2026-03-02", "page": "1", "per_page": "100"},
        ]


class TestAPassword:
    def test_never_leaves_the_client_however_deep_it_lies(self, http: FakeHttp, client: PlacetelClient) -> None:
        record = SAMPLES["sip-users"]["response"]["body"][0]
        assert record["password"] == "supersecret"
        nested = {**record, "members": [{"password": "supersecret"}], "hotdesk_pin": "supersecret"}
        http.on("GET", "/v2/sip_users", pages([nested]))
        assert "supersecret" not in repr(client.sip_users())


class TestAnAnswerToARead:
    @pytest.mark.parametrize(
        ("status", "expected_failure", "code"),
        [
            (302, Failure.PERMANENT, "bad_answer"),
            (400, Failure.PERMANENT, "invalid"),
            (401, Failure.PERMANENT, "bad_key"),
            (403, Failure.PERMANENT, "forbidden"),
            (404, Failure.PERMANENT, "not_found"),
            (409, Failure.PERMANENT, "invalid"),
            (422, Failure.PERMANENT, "invalid"),
            (429, Failure.RETRY_LATER, "rate_limited"),
            (500, Failure.RETRY_LATER, "server_error"),
            (503, Failure.RETRY_LATER, "server_error"),
        ],
    )
    def test_of_each_status_has_its_code(
        self, http: FakeHttp, client: PlacetelClient, status: int, expected_failure: Failure, code: str
    ) -> None:
        http.on("GET", "/v2/me", answer({"error": "in their words"}, status))
        error = failure(client.me)
        assert (error.failure, error.code, error.status) == (expected_failure, code, status)
        assert error.detail == "in their words"
        assert "in their words" not in str(error)

    @pytest.mark.parametrize(
        ("kind", "code"),
        [
            (HttpFault.NOT_SENT, "unreachable"),
            (HttpFault.TIMEOUT, "timeout"),
            (HttpFault.BROKEN, "bad_answer"),
        ],
    )
    def test_that_did_not_come_may_be_asked_for_again(
        self, http: FakeHttp, client: PlacetelClient, kind: HttpFault, code: str
    ) -> None:
        http.on("GET", "/v2/me", fault(kind))
        error = failure(client.me)
        assert (error.failure, error.code) == (Failure.RETRY_LATER, code)

    @pytest.mark.parametrize("body", [b"", b"<html>log in to the hotel's network</html>", b"\xff", b"[1]", b"7"])
    def test_that_is_not_what_was_promised_is_a_bad_answer(
        self, http: FakeHttp, client: PlacetelClient, body: bytes
    ) -> None:
        http.on("GET", "/v2/me", answer(body))
        http.on("GET", "/v2/numbers", answer(body if body != b"[1]" else b'{"error": "no"}'))
        assert failure(client.me).code == "bad_answer"
        assert failure(client.numbers).code == "bad_answer"

    @pytest.mark.parametrize("body", [b"", b"<html>", b"[]", b'{"error": {"a": 1}}', b'{"error": null}'])
    def test_whose_error_is_no_text_has_no_detail(self, http: FakeHttp, client: PlacetelClient, body: bytes) -> None:
        http.on("GET", "/v2/me", answer(body, 400))
        assert failure(client.me).detail == ""

    def test_that_quotes_the_key_or_tells_a_novel_is_cut(self, http: FakeHttp, client: PlacetelClient) -> None:
        http.on("GET", "/v2/me", answer({"error": "unknown key-1\x1b[31m " + "x" * 1000}, 401))
        detail = failure(client.me).detail
        assert detail.startswith("unknown …[31m x")
        assert len(detail) == 200


class TestStartingACall:
    def test_sends_what_is_documented_and_nothing_else(self, http: FakeHttp, client: PlacetelClient) -> None:
        documented = SAMPLES["call-started"]["request"]["body"]
        http.on("POST", "/v2/calls", answer(None, 201))
        client.start_call(documented["sipuid"], documented["target"], documented["from_name"])
        (sent,) = http.sent
        assert (sent.method, sent.path, sent.json, sent.params) == ("POST", "/v2/calls", documented, {})

    def test_leaves_out_a_name_that_is_not_given(self, http: FakeHttp, client: PlacetelClient) -> None:
        http.on("POST", "/v2/calls", answer(None, 201))
        client.start_call("7771@fpbx.de", "022147100123")
        assert http.sent[0].json == {"sipuid": "7771@fpbx.de", "target": "022147100123"}

    @pytest.mark.parametrize("status", [200, 201, 202, 204])
    @pytest.mark.parametrize(
        "body", [b"", b"{}", b"[]", b"null", b"OK", b"\xff\x00", b'{"id": null}', b'{"id": true}', b"[" * 99_999]
    )
    def test_succeeds_with_any_2xx_and_any_body(
        self, http: FakeHttp, client: PlacetelClient, status: int, body: bytes
    ) -> None:
        http.on("POST", "/v2/calls", answer(body, status))
        assert client.start_call("7771@fpbx.de", "022147100123") is None

    def test_gives_the_id_where_a_call_is_answered(self, http: FakeHttp, client: PlacetelClient) -> None:
        http.on("POST", "/v2/calls", answer(SAMPLES["call-started-with-body"]["response"]["body"], 201))
        assert client.start_call("7771@fpbx.de", "022147100123") == "1"

    @pytest.mark.parametrize(
        ("reaction", "expected_failure", "code"),
        [
            (fault(HttpFault.NOT_SENT), Failure.RETRY_LATER, "unreachable"),
            (fault(HttpFault.TIMEOUT), Failure.OUTCOME_UNKNOWN, "timeout"),
            (fault(HttpFault.BROKEN), Failure.OUTCOME_UNKNOWN, "bad_answer"),
            (answer({}, 500), Failure.OUTCOME_UNKNOWN, "server_error"),
            (answer({}, 502), Failure.OUTCOME_UNKNOWN, "server_error"),
            (answer({}, 429), Failure.RETRY_LATER, "rate_limited"),
            (answer({}, 401), Failure.PERMANENT, "bad_key"),
            (answer({}, 403), Failure.PERMANENT, "forbidden"),
            (answer({}, 422), Failure.PERMANENT, "invalid"),
            (answer({}, 307), Failure.PERMANENT, "bad_answer"),
        ],
    )
    def test_says_whether_the_phone_may_be_ringing(
        self, http: FakeHttp, client: PlacetelClient, reaction: Any, expected_failure: Failure, code: str
    ) -> None:
        http.on("POST", "/v2/calls", reaction)
        error = failure(lambda: client.start_call("7771@fpbx.de", "022147100123"))
        assert (error.failure, error.code) == (expected_failure, code)
        assert len(http.sent) == 1

    def test_shows_neither_number_nor_key_when_it_fails(self, http: FakeHttp, client: PlacetelClient) -> None:
        http.on("POST", "/v2/calls", answer({"error": "022147100123 is blocked"}, 400))
        error = failure(lambda: client.start_call("7771@fpbx.de", "022147100123"))
        assert "022147100123" not in f"{error} {error!r}"


class TestWhenToComeBack:
    @pytest.mark.parametrize(
        ("headers", "seconds"),
        [
            ({}, None),
            ({"retry-after": "3"}, 3.0),
            ({"retry-after": "0"}, 0.0),
            ({"retry-after": " 3 "}, 3.0),
            ({"retry-after": "3", "ratelimit-reset": "9"}, 3.0),
            ({"ratelimit-reset": "9"}, 9.0),
            ({"retry-after": "soon", "ratelimit-reset": "9"}, 9.0),
            ({"retry-after": "-1"}, None),
            ({"retry-after": "1.5"}, None),
            ({"retry-after": "٣"}, None),
            ({"retry-after": "999999"}, MAX_RETRY_AFTER),
            ({"retry-after": "9" * 5000}, None),
            ({"retry-after": format_datetime(NOW + timedelta(seconds=20), usegmt=True)}, 20.0),
            ({"retry-after": format_datetime(NOW - timedelta(seconds=20), usegmt=True)}, 0.0),
            ({"retry-after": "Mon, 02 Mar 2026 10:00:30 +0100"}, 30.0),
            ({"retry-after": "Mon, 02 Mar 2026 09:00:30 -0000"}, 30.0),
            ({"retry-after": "Mon, 99 Mar 99999 09:00:30 GMT"}, None),
            ({"ratelimit-reset": str(int(NOW.timestamp()) + 40)}, 40.0),
        ],
    )
    def test_is_read_from_the_headers(self, headers: dict[str, str], seconds: float | None) -> None:
        assert retry_after(headers, NOW) == seconds

    def test_is_told_with_the_error(self, http: FakeHttp, client: PlacetelClient) -> None:
        sample = SAMPLES["rate-limited"]["response"]
        http.on("GET", "/v2/me", answer(sample["body"], 429, sample["headers"]))
        assert failure(client.me).retry_after == 3.0
