"""Whoever posts to the webhook without being the telephone system: what he hears, and what it leaves behind."""

from __future__ import annotations

import gzip
import json
from base64 import b64encode
from datetime import timedelta
from hashlib import sha256
from typing import Any
from urllib.parse import parse_qsl

import pytest
from sqlalchemy import select

from app.core.database import reading
from app.modules.callcenter.refusals import FLOOD_AGAIN_AFTER, MOST_AT_ONCE, ONE_MORE_AFTER, REFUSAL
from tests.integration.callcenter.phone_system import (
    SECRET,
    URL,
    PhoneSystem,
    all_calls,
    call_id,
    notifications,
    sign,
)

BODY = b"call_id=" + b"a" * 64 + b"&direction=in&event=IncomingCall&from=01713920001&to=03023125100"


def reasons() -> list[str]:
    with reading() as session:
        return list(session.execute(select(REFUSAL.c.reason).order_by(REFUSAL.c.id)).scalars())


def flood(phones: PhoneSystem, requests: int, **more: Any) -> list[int]:
    return [phones.post(BODY, None, **more).status_code for _ in range(requests)]


def test_a_flood_of_forged_requests_hears_to_come_later(phones: PhoneSystem, clock: Any) -> None:
    assert flood(phones, MOST_AT_ONCE) == [403] * MOST_AT_ONCE
    refused = phones.post(BODY, None)
    assert refused.status_code == 429
    assert refused.headers["Retry-After"] == str(int(ONE_MORE_AFTER.total_seconds()))
    assert reasons() == ["missing_signature", "too_many"]
    clock.advance(ONE_MORE_AFTER.total_seconds())
    assert flood(phones, 2) == [403, 429]


def test_an_authentic_notification_is_taken_during_a_flood_from_its_own_source(phones: PhoneSystem) -> None:
    flood(phones, MOST_AT_ONCE + 5)
    for _ in range(100):
        assert flood(phones, 1) == [429]
        phones.incoming(call_id())
    assert len(all_calls()) == 100
    assert {n["state"] for n in notifications()} == {"processed"}


def test_authentic_notifications_use_nothing_up(phones: PhoneSystem) -> None:
    for _ in range(MOST_AT_ONCE + 5):
        phones.incoming(call_id())
    assert flood(phones, 1) == [403]


@pytest.mark.parametrize(
    ("flooding", "other", "answer"),
    [
        ("203.0.113.7", "203.0.113.8", 403),
        ("203.0.113.7", "::ffff:203.0.113.7", 429),
        ("2001:db8:1:2::1", "2001:db8:1:2:ffff::1", 429),
        ("2001:db8:1:2::1", "2001:db8:1:3::1", 403),
    ],
)
def test_sources_count_by_themselves_and_who_has_a_network_is_one(
    phones: PhoneSystem, flooding: str, other: str, answer: int
) -> None:
    flood(phones, MOST_AT_ONCE + 1, environ_base={"REMOTE_ADDR": flooding})
    assert flood(phones, 1, environ_base={"REMOTE_ADDR": other}) == [answer]


def test_a_source_cannot_choose_another_name_for_itself(phones: PhoneSystem) -> None:
    answers = [
        phones.post(BODY, None, headers={"X-Forwarded-For": f"203.0.113.{number}", "Forwarded": "for=::1"}).status_code
        for number in range(MOST_AT_ONCE + 1)
    ]
    assert answers[-1] == 429


def test_bodies_that_are_too_large_count_as_well(phones: PhoneSystem) -> None:
    large = b"x" * (64 * 1024 + 1)
    assert [phones.post(large).status_code for _ in range(MOST_AT_ONCE)] == [413] * MOST_AT_ONCE
    assert phones.post(large).status_code == 429


def test_a_flood_that_lasts_is_written_now_and_then(phones: PhoneSystem, clock: Any) -> None:
    for _ in range(3):
        flood(phones, MOST_AT_ONCE + 10)
        clock.advance((FLOOD_AGAIN_AFTER - timedelta(minutes=4)).total_seconds())
    # After twelve minutes it is news again; whoever was quiet for two may send a burst in between.
    assert reasons().count("too_many") == 2


def test_a_flood_from_everywhere_fills_no_memory(phones: PhoneSystem) -> None:
    from app.modules.callcenter.views import webhook

    webhook.gate._requests.most = 50
    for number in range(200):
        address = f"198.51.{number // 100}.{number % 100}"
        phones.post(BODY, None, environ_base={"REMOTE_ADDR": address})
    assert len(webhook.gate._requests) == 50


# ------------------------------------------------------------------------------------------------------- signatures

RIGHT = sign(BODY)


@pytest.mark.parametrize(
    ("headers", "reason"),
    [
        ([], "missing_signature"),
        ([("X-PLACETEL-SIGNATURE", "")], "missing_signature"),
        ([("X-PLACETEL-SIGNATURE", " ")], "malformed_signature"),
        ([("X-PLACETEL-SIGNATURE", "0")], "malformed_signature"),
        ([("X-PLACETEL-SIGNATURE", "null")], "malformed_signature"),
        ([("X-PLACETEL-SIGNATURE", RIGHT[:-1])], "malformed_signature"),
        ([("X-PLACETEL-SIGNATURE", RIGHT[:32])], "malformed_signature"),
        ([("X-PLACETEL-SIGNATURE", RIGHT + "0")], "malformed_signature"),
        ([("X-PLACETEL-SIGNATURE", RIGHT.upper())], "malformed_signature"),
        ([("X-PLACETEL-SIGNATURE", f" {RIGHT}")], "malformed_signature"),
        ([("X-PLACETEL-SIGNATURE", f"{RIGHT} ")], "malformed_signature"),
        ([("X-PLACETEL-SIGNATURE", f"\t{RIGHT}")], "malformed_signature"),
        ([("X-PLACETEL-SIGNATURE", f"{RIGHT[:32]} {RIGHT[32:]}")], "malformed_signature"),
        ([("X-PLACETEL-SIGNATURE", f'"{RIGHT}"')], "malformed_signature"),
        ([("X-PLACETEL-SIGNATURE", f"sha256={RIGHT}")], "malformed_signature"),
        ([("X-PLACETEL-SIGNATURE", f"v1={RIGHT}")], "malformed_signature"),
        ([("X-PLACETEL-SIGNATURE", f"t=1700000000,v1={RIGHT}")], "malformed_signature"),
        ([("X-PLACETEL-SIGNATURE", f"v1,{RIGHT} v1a,{RIGHT}")], "malformed_signature"),
        ([("X-PLACETEL-SIGNATURE", f"{'0' * 64},{RIGHT}")], "malformed_signature"),
        ([("X-PLACETEL-SIGNATURE", "0" * 64), ("X-PLACETEL-SIGNATURE", RIGHT)], "malformed_signature"),
        ([("X-PLACETEL-SIGNATURE", RIGHT), ("X-PLACETEL-SIGNATURE", RIGHT)], "malformed_signature"),
        ([("X-PLACETEL-SIGNATURE", "é" * 64)], "malformed_signature"),
        ([("X-PLACETEL-SIGNATURE", "²" * 64)], "malformed_signature"),
        ([("X-PLACETEL-SIGNATURE", "g" * 64)], "malformed_signature"),
        ([("X-PLACETEL-SIGNATURE", b64encode(bytes.fromhex(RIGHT)).decode())], "malformed_signature"),
        ([("X-PLACETEL-SIGNATURE", "0" * 64)], "wrong_signature"),
        ([("X-PLACETEL-SIGNATURE", sign(BODY, "shared-secret-for-test"))], "wrong_signature"),
        ([("X-PLACETEL-SIGNATURE", sign(BODY, "shared-secret-for-tests "))], "wrong_signature"),
        ([("X-PLACETEL-SIGNATURE", sign(BODY, "Shared-Secret-For-Tests"))], "wrong_signature"),
        ([("X-PLACETEL-SIGNATURE", sign(BODY, ""))], "wrong_signature"),
        ([("X-PLACETEL-SIGNATURE", sha256(BODY).hexdigest())], "wrong_signature"),
        ([("X-PLACETEL-SIGNATURE", sha256(SECRET.encode() + BODY).hexdigest())], "wrong_signature"),
        ([("X-PLACETEL-SIGNATURE", sign(b""))], "wrong_signature"),
        ([("X-Hub-Signature-256", RIGHT)], "missing_signature"),
        ([("Stripe-Signature", RIGHT), ("Webhook-Signature", RIGHT)], "missing_signature"),
        ([("Authorization", f"Bearer {RIGHT}")], "missing_signature"),
    ],
)
def test_a_signature_that_is_not_exactly_right_is_refused(
    phones: PhoneSystem, headers: list[tuple[str, str]], reason: str
) -> None:
    answer = phones.client.post(URL, data=BODY, headers=headers, content_type="application/x-www-form-urlencoded")
    assert answer.status_code == 403
    # Whoever forges is not told how near he is.
    assert answer.data == b"Refused.\n"
    assert reasons() == [reason]
    assert notifications() == []


def test_a_signature_in_the_address_counts_for_nothing(phones: PhoneSystem) -> None:
    assert phones.post(BODY, None, url=f"{URL}&X-PLACETEL-SIGNATURE={RIGHT}&signature={RIGHT}").status_code == 403


def test_a_body_that_differs_in_a_single_byte_is_refused(phones: PhoneSystem, clock: Any) -> None:
    for place in range(len(BODY)):
        changed = bytearray(BODY)
        changed[place] ^= 1
        assert phones.post(bytes(changed), RIGHT).status_code in (403, 429)
    assert notifications() == []


@pytest.mark.parametrize(
    "changed",
    [
        BODY + b"&",
        BODY + b"\n",
        b"\xef\xbb\xbf" + BODY,
        BODY[:-1],
        BODY.replace(b"=in&", b"=%69n&"),
        BODY.replace(b"&", b";"),
        b"&".join(reversed(BODY.split(b"&"))),
        BODY + b"&from=01713920002",
        BODY.replace(b"=", b"%3D"),
        BODY.decode().encode("utf-16"),
        json.dumps(dict(parse_qsl(BODY.decode()))).encode(),
        gzip.compress(BODY, mtime=0),
        b"",
    ],
)
def test_the_same_content_in_other_bytes_is_refused(phones: PhoneSystem, changed: bytes) -> None:
    assert phones.post(changed, RIGHT).status_code == 403
    assert reasons() == ["wrong_signature"]


@pytest.mark.parametrize("media_type", ["application/json", "multipart/form-data; boundary=x", "text/plain", ""])
def test_the_signature_covers_the_bytes_whatever_they_are_called(phones: PhoneSystem, media_type: str) -> None:
    assert phones.post(BODY + b" ", RIGHT, content_type=media_type).status_code == 403
    assert phones.post(BODY, RIGHT, content_type=media_type).status_code == 200
