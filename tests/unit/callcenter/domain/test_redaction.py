from __future__ import annotations

import json
import re
from urllib.parse import urlencode

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.modules.callcenter.domain.redaction import fields, redacted, redacted_name

HASH = "4a4cbb39578170aed9a2761a7bec8c7e704a541f52291ef603d6f5f152980c3c"


@pytest.mark.parametrize(
    ("name", "value", "shown"),
    [
        ("from", "02214710011", "02214…"),
        ("to", "+4917139200017", "+4917…"),
        ("from", "0041 44 668 18 00", "0041 …"),
        ("from", "anonymous", "anonymous"),
        ("to", "23", "23"),
        ("from", "110110", "110…"),
        ("peer", "7770000001@fpbx.de", "77700…@fpbx.de"),
        ("from", "anna@fpbx.de", "an…@fpbx.de"),
        ("call_id", HASH, "4a4cbb395781…"),
        ("call_id", "02214710011", "02214…"),
        ("event", "IncomingCall", "IncomingCall"),
        ("event", "02214710011", "02214…"),
        ("event", "call 02214710011", "… (16)"),
        ("duration", "42", "42"),
        ("direction", "in", "in"),
        ("from_name", "Erika Muster", "… (12)"),
        ("shared_secret", "12345", "…"),
        ("api_key", "abc", "…"),
        ("Authorization", "Bearer abc", "…"),
        ("anything", "", ""),
    ],
)  # fmt: skip
def test_what_is_shown_of_a_value(name: str, value: str, shown: str) -> None:
    assert redacted(name, value) == shown


@given(
    st.sampled_from(["from", "to", "peer", "event", "call_id", "x", "duration"]),
    st.from_regex(r"\+?[0-9]{6,20}", fullmatch=True),
)
def test_no_long_number_is_ever_shown_in_full(name: str, number: str) -> None:
    assert number not in redacted(name, number)
    assert len(re.sub(r"\D", "", redacted(name, number))) <= len(re.sub(r"\D", "", number)) // 2 + 1


@given(st.text(min_size=13).filter(lambda text: not text.isascii()))
def test_free_text_is_told_by_its_length(text: str) -> None:
    assert redacted("from_name", text) == f"… ({len(text)})"


def test_a_form_and_json_are_read_alike() -> None:
    told = {"event": "HungUp", "from": "02214710011", "duration": "0"}
    assert fields(urlencode(told).encode()) == tuple(told.items())
    assert fields(json.dumps(told).encode()) == tuple(told.items())


def test_a_form_in_parts_is_read_like_any_other() -> None:
    body = b'--b\r\nContent-Disposition: form-data; name="from"\r\n\r\n03023125741\r\n--b--\r\n'
    assert fields(body) == (("from", "03023125741"),)
    assert fields(body[:-6]) is None


def test_json_within_json_is_named_by_its_way() -> None:
    body = {"to_number": {"number": {"name": "x"}}, "list": [1, None]}
    assert fields(json.dumps(body).encode()) == (("to_number.number.name", "x"), ("list", "1"), ("list", "null"))


@pytest.mark.parametrize(
    "body",
    [b"", b"\xff\xfe", b"{broken", b"no form at all", b"[" * 100_000, b'{"a":' * 100_000, b"&".join([b"a=1"] * 100)],
)
def test_a_body_that_is_neither_has_no_fields(body: bytes) -> None:
    assert fields(body) is None


@given(st.binary(max_size=300))
def test_any_bytes_are_taken(body: bytes) -> None:
    for name, value in fields(body) or ():
        assert isinstance(redacted(name, value), str)
        assert isinstance(redacted_name(name), str)


@pytest.mark.parametrize(
    ("name", "shown"),
    [("from", "from"), ("to_number.name", "to_number.name"), ("02214710011", "… (11)"), ("<b>", "… (3)")],
)
def test_a_fields_name_is_shown_where_it_is_a_plain_word(name: str, shown: str) -> None:
    assert redacted_name(name) == shown
