"""Forms, JSON and forms in parts, as telephone systems post them."""

from __future__ import annotations

import contextlib
import json
from typing import Any
from urllib.parse import urlencode

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.modules.callcenter.domain import bodies
from app.modules.callcenter.domain.bodies import Unreadable, pairs, written

names = st.text("abcdefghijkXYZ_[]", min_size=1, max_size=12)
lines = st.text(st.characters(exclude_categories=("Cc", "Cs", "Zl", "Zp")), max_size=20).map(str.strip)
fields = st.lists(st.tuples(names, lines), min_size=1, max_size=8)


def in_parts(told: list[tuple[str, str]], boundary: str = "----d74496d6", end: str = "\r\n") -> bytes:
    parts = (
        f'--{boundary}{end}Content-Disposition: form-data; name="{name}"{end}{end}{value}{end}' for name, value in told
    )
    return f"{''.join(parts)}--{boundary}--{end}".encode()


def wrong(body: bytes) -> str:
    with pytest.raises(Unreadable) as caught:
        pairs(body)
    return str(caught.value)


@given(fields)
def test_the_same_fields_are_read_from_a_form_json_and_a_form_in_parts(told: list[tuple[str, str]]) -> None:
    unlike_json = urlencode(told).encode()
    assert pairs(unlike_json) == told
    assert pairs(in_parts(told)) == told
    assert pairs(in_parts(told, end="\n")) == told
    as_json = ", ".join(f"{json.dumps(name)}: {json.dumps(value)}" for name, value in told)
    assert pairs(b"{" + as_json.encode() + b"}") == told


@given(st.binary(max_size=300) | st.binary(max_size=300).map(lambda some: b"--x\r\n" + some))
def test_any_bytes_are_fields_or_are_told_to_be_none(body: bytes) -> None:
    with contextlib.suppress(Unreadable):
        assert len(pairs(body)) <= max(bodies.MAX_FIELDS, body.count(b":"))


def test_a_part_may_have_a_type_and_its_name_stand_anywhere_in_its_line() -> None:
    body = (
        b"--b\r\nContent-Type: text/plain; charset=utf-8\r\n"
        b'content-disposition: form-data; filename="f"; name="event"\r\n\r\nnewCall\r\n--b--'
    )
    assert pairs(body) == [("event", "newCall")]


@pytest.mark.parametrize(
    ("body", "reason"),
    [
        (b"{", "JSON that cannot be read"),
        (b'["a"]', "JSON, but no object"),
        (b"[" * 65536, "JSON that cannot be read"),
        (b"--", "neither a form nor JSON"),
        (b"--\x00b\r\n", "neither a form nor JSON"),
        (b"--b", "a form that breaks off"),
        (in_parts([("event", "newCall")])[:-6], "a form that breaks off"),
        (b"--b\r\nContent-Disposition: form-data\r\n\r\nnewCall\r\n--b--", "a part of a form without a name"),
        (in_parts([("a", "b")] * 101), "too many fields"),
        (b"&".join([b"a=b"] * 101), "too many fields"),
    ],
)
def test_what_is_wrong_with_a_body_is_told_without_quoting_it(body: bytes, reason: str) -> None:
    assert wrong(body) == reason


@pytest.mark.parametrize(
    ("value", "text"),
    [(" c1 ", "c1"), (42, "42"), (1.5, "1.5"), (None, ""), (True, ""), ([], ""), ({}, "")],
)
def test_a_value_is_written_as_text_or_is_none(value: Any, text: str) -> None:
    assert written("call_id", value) == text


@pytest.mark.parametrize("sign", ["\x00", "\n", "\x7f", "\x85", chr(0xFFFD)])
def test_a_value_with_signs_that_no_text_has_is_refused(sign: str) -> None:
    with pytest.raises(Unreadable, match=r"^call_id has characters that no text has$"):
        written("call_id", f"c{sign}1")
