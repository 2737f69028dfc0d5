"""What the frame of the API does with requests that are odd, whatever the resource."""

from __future__ import annotations

import base64
import json

import pytest
from flask import Flask
from werkzeug.test import TestResponse

from tests.integration.api.client import Api, ok, refused


def send(api: Api, body: bytes, content_type: str | None = "application/json") -> TestResponse:
    return api.request("POST", "/addresses", data=body, content_type=content_type)


class TestThePath:
    @pytest.mark.parametrize("path", ["/nothing", "/addresses/", "/addresses/1/2", "/", "/calls/x", "/v2", "/openapi"])
    def test_that_leads_nowhere_is_told_as_json(self, api: Api, path: str) -> None:
        assert api.get(path).status_code == 404

    @pytest.mark.parametrize("resource", ["addresses", "calls"])
    @pytest.mark.parametrize(
        "number",
        [
            "0",
            "-1",
            "007",
            "abc",
            "1.0",
            "2147483647",
            "2147483648",
            "9223372036854775808",
            "9" * 30,
            "9" * 5000,
            "٣",
            "1e3",
            "%00",
            "1%00",
        ],
    )
    def test_with_a_number_that_no_row_has_is_not_found(self, api: Api, resource: str, number: str) -> None:
        refused(api.get(f"/{resource}/{number}"), 404, "not_found")
        if resource == "addresses":
            refused(api.request("DELETE", f"/addresses/{number}"), 404, "not_found")
            refused(api.request("PATCH", f"/addresses/{number}", json={"name": "Muster"}), 404, "not_found")

    def test_with_another_method_names_those_that_are_taken(self, api: Api) -> None:
        answer = api.request("PUT", "/addresses", json={})
        refused(answer, 405, "method_not_allowed")
        assert set(answer.headers["Allow"].split(", ")) == {"GET", "HEAD", "OPTIONS", "POST"}

    @pytest.mark.parametrize("method", ["PUT", "TRACE", "PROPFIND", "FOO"])
    def test_with_an_odd_method_is_json_too(self, api: Api, method: str) -> None:
        refused(api.request(method, "/addresses/1"), 405, "method_not_allowed")

    def test_head_answers_like_get_without_a_body(self, api: Api) -> None:
        answer = api.request("HEAD", "/addresses")
        assert answer.status_code == 200
        assert answer.content_type == "application/json"
        assert api.request("HEAD", "/addresses/1").status_code == 404

    def test_head_needs_a_token_like_get(self, app: Flask) -> None:
        assert Api(app, None).request("HEAD", "/addresses").status_code == 401

    def test_options_names_the_methods_and_tells_nothing_more(self, app: Flask) -> None:
        answer = Api(app, None).request("OPTIONS", "/addresses")
        assert answer.status_code == 200
        assert set(answer.headers["Allow"].split(", ")) == {"GET", "HEAD", "OPTIONS", "POST"}
        assert "Access-Control-Allow-Origin" not in answer.headers


class TestTheQuery:
    def test_names_every_unknown_parameter(self, api: Api) -> None:
        refused(api.get("/addresses", nonsense="1", more="2"), 422, "invalid", "nonsense", "more")

    def test_takes_a_parameter_once(self, api: Api) -> None:
        refused(api.request("GET", "/addresses?limit=1&limit=2"), 422, "invalid", "limit")
        refused(api.request("GET", "/lookup?number=1&number=2"), 422, "invalid", "number")

    @pytest.mark.parametrize(
        "limit", ["0", "-1", "201", "x", "", "--5", "1.5", "9" * 40, "²", " 5", "1_0", "0x10", "+5", "\x00"]
    )
    def test_takes_a_limit_from_1_to_200(self, api: Api, limit: str) -> None:
        refused(api.get("/addresses", limit=limit), 422, "invalid", "limit")

    @pytest.mark.parametrize("limit", ["1", "200", "050"])
    def test_reads_a_limit(self, api: Api, limit: str) -> None:
        ok(api.get("/addresses", limit=limit))

    @pytest.mark.parametrize("archived", ["true", "false", "TRUE", "1", "0"])
    def test_reads_a_switch(self, api: Api, archived: str) -> None:
        ok(api.get("/addresses", archived=archived))

    @pytest.mark.parametrize("archived", ["", "yes", "2", "null"])
    def test_refuses_what_is_no_switch(self, api: Api, archived: str) -> None:
        refused(api.get("/addresses", archived=archived), 422, "invalid", "archived")

    @pytest.mark.parametrize("text", ["a\x00b", "\x00"])
    def test_refuses_a_nul_sign(self, api: Api, text: str) -> None:
        refused(api.get("/addresses", q=text), 422, "invalid", "q")
        refused(api.get("/lookup", number=text), 422, "invalid", "number")
        refused(api.get("/calls", call_id=text), 422, "invalid", "call_id")

    def test_takes_bytes_that_are_no_utf8(self, api: Api) -> None:
        ok(api.request("GET", "/addresses?q=%ff%fe%ed%a0%80"))

    def test_names_a_parameter_that_is_missing(self, api: Api) -> None:
        refused(api.get("/lookup"), 422, "invalid", "number")

    @pytest.mark.parametrize(
        "cursor",
        [
            "",
            "x",
            "!!!!",
            "äöü",
            base64.urlsafe_b64encode(b"[]").decode(),
            base64.urlsafe_b64encode(b'["1"]').decode(),
            base64.urlsafe_b64encode(b"[true]").decode(),
            base64.urlsafe_b64encode(b"[1.0]").decode(),
            base64.urlsafe_b64encode(b"[NaN]").decode(),
            base64.urlsafe_b64encode(b"[-1]").decode(),
            base64.urlsafe_b64encode(b"[99999999999999999999999]").decode(),
            base64.urlsafe_b64encode(b"[2147483648]").decode(),
            base64.urlsafe_b64encode(b"[1,2]").decode(),
            base64.urlsafe_b64encode(b'{"a":1}').decode(),
            base64.urlsafe_b64encode(b'["2026-11-23T10:00:00",5]').decode(),
            base64.urlsafe_b64encode(b'["0001-01-01T00:00:00+14:00",5]').decode(),
            base64.urlsafe_b64encode(b'["now",5]').decode(),
            base64.urlsafe_b64encode(b"[" * 140).decode(),
            "A" * 201,
        ],
    )
    def test_takes_no_cursor_that_is_not_its_own(self, api: Api, cursor: str) -> None:
        for path in ("/addresses", "/calls"):
            refused(api.get(path, cursor=cursor), 422, "invalid", "cursor")


class TestTheBody:
    @pytest.mark.parametrize(
        "content_type",
        [None, "", "text/plain", "application/x-www-form-urlencoded", "text/json", "multipart/form-data"],
    )
    def test_of_another_media_type_is_refused(self, api: Api, content_type: str | None) -> None:
        refused(send(api, b'{"name": "Muster"}', content_type), 415, "unsupported_media_type")

    def test_may_name_its_character_set(self, api: Api) -> None:
        ok(send(api, '{"name": "Köln"}'.encode(), "application/json; charset=utf-8"), 201)

    @pytest.mark.parametrize(
        "body",
        [
            b"",
            b" ",
            b"{",
            b"name=Muster",
            b"{'name': 'Muster'}",
            b'{"name": NaN}',
            b'{"name": Infinity}',
            b'{"name": "a"} {"name": "b"}',
            b'{"name": "a", "name": "b"}',
            b'{"name": "\xff"}',
            b"[" * 100_000,
            b'{"a":' * 50_000,
            b"9" * 5000,
            b'{"name": "a\x00b"}',
            b"\xff\xfe",
        ],
    )
    def test_that_is_no_json_is_not_understood(self, api: Api, body: bytes) -> None:
        refused(send(api, body), 400, "bad_json")

    @pytest.mark.parametrize("content", ["null", "true", "1", "1.5", "1e999", '"name"', "[]", '[{"name": "a"}]'])
    def test_that_is_no_object_cannot_be_accepted(self, api: Api, content: str) -> None:
        refused(send(api, content.encode()), 422, "invalid", ".")

    @pytest.mark.parametrize("depth", [25, 300, 900])
    def test_that_is_nested_too_deeply_cannot_be_accepted(self, api: Api, depth: int) -> None:
        refused(send(api, b'{"name": ' + b"[" * depth + b"]" * depth + b"}"), 422, "invalid", ".")

    @pytest.mark.parametrize("text", ["a\\u0000b", "\\ud800", "a\\udfffb", "\\ude00\\ud83d"])
    def test_with_a_text_that_no_database_takes_cannot_be_accepted(self, api: Api, text: str) -> None:
        refused(send(api, f'{{"name": "{text}"}}'.encode()), 422, "invalid", "name")
        nested = f'{{"name": "a", "contacts": [{{"name": "b", "phone_numbers": [{{"raw": "{text}"}}]}}]}}'
        refused(send(api, nested.encode()), 422, "invalid", "contacts/0/phone_numbers/0/raw")
        refused(send(api, f'{{"name": "a", "{text}": 1}}'.encode()), 422, "invalid")

    def test_with_a_whole_surrogate_pair_is_accepted(self, api: Api) -> None:
        assert ok(send(api, b'{"name": "Caf\\u00e9 \\ud83d\\ude00"}'), 201)["name"] == "Café 😀"

    def test_of_more_than_a_mebibyte_is_too_large(self, api: Api) -> None:
        body = json.dumps({"name": "Muster", "notes": "x" * 1024 * 1024}).encode()
        refused(send(api, body), 413, "too_large")

    def test_that_is_too_large_and_does_not_say_so_is_too_large_all_the_same(self, api: Api) -> None:
        answer = api.request(
            "POST",
            "/addresses",
            content_type="application/json",
            headers={"Transfer-Encoding": "chunked"},
            environ_overrides={"wsgi.input": _Endless(), "wsgi.input_terminated": True},
        )
        refused(answer, 413, "too_large")

    def test_with_a_hundred_thousand_wrong_entries_is_refused_briefly(self, api: Api) -> None:
        error = refused(api.post("/addresses", {"name": "a", "phone_numbers": [1] * 100_000}), 422, "invalid")
        assert len(error["fields"]) <= 20

    def test_is_not_repeated_in_the_refusal(self, api: Api) -> None:
        answer = api.post("/addresses", {"name": "a", "country": "+492214710123", "kind": ["+492214710123"]})
        refused(answer, 422, "invalid", "country", "kind")
        assert "4710" not in answer.get_data(as_text=True)

    def test_of_a_request_that_takes_none_does_not_matter(self, api: Api) -> None:
        ok(api.request("GET", "/addresses", data=b"\xff{", content_type="application/json"))


class _Endless:
    """A body that goes on and on, sent in chunks: no Content-Length."""

    def read(self, size: int = -1) -> bytes:
        return b" " * (size if size > 0 else 65536)

    def readline(self, size: int = -1) -> bytes:
        return self.read(size)

    def close(self) -> None:
        pass
