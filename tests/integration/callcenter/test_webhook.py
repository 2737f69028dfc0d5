"""The status table of the webhook, and what each answer leaves behind."""

from __future__ import annotations

import errno
import io
import logging
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import select
from sqlalchemy.exc import OperationalError

from app.core.database import reading
from app.modules.callcenter import inbox, recognition
from app.modules.callcenter.refusals import KEEP, MOST_PER_SECOND, REFUSAL, prune
from app.modules.callcenter.spool import Spool
from app.modules.callcenter.views import webhook
from tests.integration.callcenter.phone_system import (
    CUSTOMER,
    PhoneSystem,
    all_calls,
    call_id,
    configure,
    notifications,
    sign,
    the_call,
)

BODY = b"call_id=" + b"a" * 64 + b"&direction=in&event=IncomingCall&from=01713920001&to=03023125100"


def refusals() -> list[tuple[str, str, str]]:
    with reading() as session:
        query = select(REFUSAL.c.provider, REFUSAL.c.remote_addr, REFUSAL.c.reason).order_by(REFUSAL.c.id)
        return [(provider, remote_addr, reason) for provider, remote_addr, reason in session.execute(query)]


def test_an_authentic_notification_is_answered_with_an_empty_response(phones: PhoneSystem) -> None:
    answer = phones.post(BODY)
    assert answer.status_code == 200
    assert answer.content_type == "application/xml; charset=utf-8"
    assert b"".join(answer.data.split()) == b'<?xmlversion="1.0"encoding="UTF-8"?><Response></Response>'
    assert [n["state"] for n in notifications()] == ["processed"]
    assert the_call().phase == "ringing"


@pytest.mark.parametrize(
    "url",
    [
        "/index.php?module=callcenter&action=call&provider=placetel",
        "/?module=callcenter&action=call&provider=placetel",
        "/callcenter/webhook/placetel",
    ],
)
def test_the_old_addresses_and_the_new_one_take_it(phones: PhoneSystem, url: str) -> None:
    assert phones.post(BODY, url=url).status_code == 200
    assert notifications()[0]["body"] == BODY


def test_a_repeated_notification_gets_the_same_answer_and_changes_nothing(phones: PhoneSystem) -> None:
    first = phones.post(BODY)
    before = the_call()
    again = phones.post(BODY)
    assert (again.status_code, again.data) == (200, first.data)
    assert [n["state"] for n in notifications()] == ["processed", "repeated"]
    assert the_call() == before


@pytest.mark.parametrize(
    ("body", "state", "reason"),
    [
        (b"event=CallTransferred&call_id=" + b"a" * 64, "unsupported", "event CallTransferred"),
        (b"event=IncomingCall&from=1&to=2", "malformed", "call_id is missing"),
        (b"", "malformed", "event is missing"),
        (b"\x00\xff\xfe%00%ff", "malformed", "event is missing"),
        (b"event=IncomingCall&call_id=a%00b", "malformed", "call_id has characters that no text has"),
        (b'{"event": "IncomingCall"', "malformed", "JSON that cannot be read"),
    ],
)
def test_what_cannot_be_understood_is_kept_and_answered(
    phones: PhoneSystem, body: bytes, state: str, reason: str
) -> None:
    assert phones.post(body).status_code == 200
    assert [(n["state"], n["reason"], n["body"]) for n in notifications()] == [(state, reason, body)]
    assert all_calls() == []


@pytest.mark.parametrize(
    ("signature", "reason"),
    [
        (None, "missing_signature"),
        ("abc", "malformed_signature"),
        (sign(BODY).upper(), "malformed_signature"),
        (sign(BODY, "another secret"), "wrong_signature"),
        (sign(BODY + b"&"), "wrong_signature"),
    ],
)
def test_a_request_that_is_not_signed_rightly_is_refused(
    phones: PhoneSystem, signature: str | None, reason: str
) -> None:
    assert phones.post(BODY, signature).status_code == 403
    assert notifications() == []
    assert refusals() == [("placetel", "127.0.0.1", reason)]


@pytest.mark.parametrize("secret", [None, ""])
def test_without_a_secret_everything_is_refused(app: Flask, secret: str | None) -> None:
    configure(app, secret)
    assert PhoneSystem(app).post(BODY, sign(BODY, "")).status_code == 403
    assert refusals() == [("placetel", "127.0.0.1", "no_secret")]


def test_a_repeated_refusal_is_written_once_a_second(phones: PhoneSystem, clock: Any) -> None:
    for _ in range(20):
        assert phones.post(BODY, None).status_code == 403
    assert len(refusals()) == 1
    clock.advance(1)
    phones.post(BODY, None)
    assert len(refusals()) == 2


def test_a_flood_from_everywhere_writes_few_rows(phones: PhoneSystem) -> None:
    for number in range(40):
        address = f"203.0.113.{number}"
        assert phones.post(BODY, None, environ_base={"REMOTE_ADDR": address}).status_code == 403
    assert len(refusals()) == MOST_PER_SECOND


def test_old_refusals_are_pruned(phones: PhoneSystem, monkeypatch: pytest.MonkeyPatch, clock: Any) -> None:
    monkeypatch.setattr("app.modules.callcenter.refusals.KEEP", 3)
    for _ in range(5):
        phones.post(BODY, None)
        clock.advance(2)
    prune()
    assert len(refusals()) == 3
    assert KEEP > 3


def test_an_unknown_provider_is_not_found(phones: PhoneSystem) -> None:
    assert phones.post(BODY, url="/callcenter/webhook/nobody").status_code == 404
    assert phones.post(BODY, url="/index.php?module=callcenter&action=call&provider=nobody").status_code == 404


def test_a_provider_that_takes_no_notifications_is_not_found(phones: PhoneSystem) -> None:
    assert phones.post(BODY, url="/callcenter/webhook/tel").status_code == 404


def test_the_inactive_module_is_not_found_and_takes_calls_again_when_activated(app: Flask, phones: PhoneSystem) -> None:
    states = app.extensions["durchwahl"].states
    states.set_active("callcenter", False)
    assert phones.post(BODY).status_code == 404
    assert notifications() == []
    states.set_active("callcenter", True)
    assert phones.post(BODY).status_code == 200


@pytest.mark.parametrize("method", ["GET", "HEAD", "PUT", "PATCH", "DELETE", "OPTIONS"])
def test_other_methods_are_not_allowed(phones: PhoneSystem, method: str) -> None:
    for url in ("/callcenter/webhook/placetel", "/index.php?module=callcenter&action=call&provider=placetel"):
        assert phones.client.open(url, method=method).status_code == 405


def test_a_body_of_64_kib_is_taken_and_one_byte_more_is_not(phones: PhoneSystem) -> None:
    full = BODY + b"&x=" + b"y" * (webhook.MAX_BODY - len(BODY) - 3)
    assert len(full) == 65536
    assert phones.post(full).status_code == 200
    assert phones.post(full + b"y").status_code == 413
    assert [len(n["body"]) for n in notifications()] == [65536]
    assert refusals()[-1][2] == "too_large"


def test_a_chunked_body_has_the_same_limit(phones: PhoneSystem) -> None:
    full = BODY + b"&x=" + b"y" * (webhook.MAX_BODY - len(BODY) - 3)
    for body, status in ((full, 200), (full + b"y", 413), (full * 20, 413)):
        answer = phones.client.post(
            "/callcenter/webhook/placetel",
            input_stream=io.BytesIO(body),
            headers={"X-PLACETEL-SIGNATURE": sign(body), "Transfer-Encoding": "chunked"},
            environ_overrides={"wsgi.input_terminated": True},
        )
        assert answer.status_code == status


def test_a_multipart_body_reaches_the_inbox_untouched(phones: PhoneSystem) -> None:
    body = b'--x\r\nContent-Disposition: form-data; name="event"\r\n\r\nHungUp\r\n--x--\r\n'
    assert phones.post(body, content_type="multipart/form-data; boundary=x").status_code == 200
    assert notifications()[0]["body"] == body


def away(*_given: Any, **_more: Any) -> Any:
    raise OperationalError("insert", {}, Exception("connection refused"))


def broken(*_given: Any, **_more: Any) -> Any:
    raise RuntimeError(f"number {CUSTOMER} is in this message")


def break_filing(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("file_report", "file_new_call"):
        monkeypatch.setattr(inbox, name, broken)


def test_our_own_failure_is_answered_with_200_kept_with_its_reason_and_tried_again(
    phones: PhoneSystem, monkeypatch: pytest.MonkeyPatch, clock: Any, caplog: pytest.LogCaptureFixture
) -> None:
    with monkeypatch.context() as patched, caplog.at_level(logging.DEBUG):
        break_filing(patched)
        assert phones.post(BODY).status_code == 200
    failed = notifications()[0]
    assert (failed["state"], failed["reason"], failed["attempts"]) == ("failed", "RuntimeError", 1)
    assert CUSTOMER not in caplog.text
    assert all_calls() == []
    assert inbox.retry_due() == {}
    clock.advance(31)
    assert inbox.retry_due() == {"processed": 1}
    assert the_call().received_at == failed["received_at"]


def test_a_notification_that_fails_again_and_again_is_left_to_the_administrator(
    phones: PhoneSystem, monkeypatch: pytest.MonkeyPatch, clock: Any
) -> None:
    break_filing(monkeypatch)
    phones.post(BODY)
    for _ in range(10):
        clock.advance(7 * 24 * 3600)
        inbox.retry_due()
    failed = notifications()[0]
    assert (failed["attempts"], failed["next_attempt_at"]) == (len(inbox.RETRY_AFTER) + 1, None)


def no_room(*_given: Any) -> None:
    raise OSError(errno.ENOSPC, "no space left on device")


def test_a_notification_that_was_interrupted_is_picked_up(
    phones: PhoneSystem, monkeypatch: pytest.MonkeyPatch, clock: Any
) -> None:
    with monkeypatch.context() as patched:
        patched.setattr(inbox, "_process_new_call", lambda *_given: None)
        patched.setattr(inbox, "_process", away)
        patched.setattr(inbox, "_mark_failed", lambda *_given: False)
        # Committed, but no later commit says that it is on disk; and the spool cannot be written either.
        patched.setattr(Spool, "append", no_room)
        assert phones.post(BODY).status_code == 503
    assert notifications()[0]["state"] == "new"
    assert inbox.retry_due() == {}
    clock.advance(61)
    assert inbox.retry_due() == {"processed": 1}
    assert the_call().phase == "ringing"


def test_a_failing_look_up_of_the_caller_fails_the_whole_second_transaction(
    phones: PhoneSystem, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(recognition, "recognise", broken)
    assert phones.post(BODY).status_code == 200
    assert notifications()[0]["state"] == "failed"
    assert all_calls() == []


def test_neither_numbers_nor_the_payload_are_logged(phones: PhoneSystem, caplog: pytest.LogCaptureFixture) -> None:
    with caplog.at_level(logging.DEBUG):
        call = call_id()
        phones.incoming(call)
        phones.accepted(call)
        phones.hung_up(call)
        phones.post(BODY, None)
        phones.post(b"event=IncomingCall&from=01713920001")
    for secret in ("1713920001", "3023125100", "777100000", call):
        assert secret not in caplog.text
