"""Two shared secrets while one is replaced, and a log-in in the address besides: what is valid, and for how long."""

from __future__ import annotations

from base64 import b64encode
from datetime import timedelta
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import select

from app.core.database import reading
from app.modules.callcenter import configuring, connection, jobs
from app.modules.callcenter.configuring import Changes
from app.modules.callcenter.refusals import MOST_AT_ONCE, REFUSAL
from tests.conftest import csrf_of
from tests.integration.callcenter.phone_system import PhoneSystem, all_calls, call_id, notifications, sign
from tests.integration.callcenter.settings_page import page_of, save

OLD, NEW = "the-secret-of-yesterday", "the-secret-of-today"
USER, PASSWORD = "placetel", "a-password-for-notify"


def body() -> bytes:
    fields = f"call_id={call_id()}&direction=in&event=IncomingCall&from=01713920001&to=03023125100"
    return fields.encode()


def accepted(app: Flask, secret: str) -> bool:
    sent = body()
    return PhoneSystem(app).post(sent, sign(sent, secret)).status_code == 200


def replace_secret(secret: str, hours: float = 0) -> None:
    configuring.save(Changes({"shared_secret": secret}, keep_old_secret=timedelta(hours=hours)))


# -------------------------------------------------------------------------------------------------------- two secrets


def test_both_secrets_are_valid_for_the_chosen_time_and_then_the_new_one_alone(app: Flask, clock: Any) -> None:
    replace_secret(OLD)
    assert accepted(app, OLD)
    replace_secret(NEW, hours=2)
    assert accepted(app, OLD)
    assert accepted(app, NEW)
    clock.advance(2 * 3600 - 1)
    assert accepted(app, OLD)
    clock.advance(1)
    assert not accepted(app, OLD)
    assert accepted(app, NEW)


def test_a_secret_that_is_replaced_at_once_is_worth_nothing(app: Flask) -> None:
    replace_secret(OLD)
    replace_secret(NEW)
    assert not accepted(app, OLD)
    assert accepted(app, NEW)


def test_of_three_secrets_the_last_two_are_valid_at_most(app: Flask) -> None:
    replace_secret("the-first-of-three")
    replace_secret(OLD, hours=24)
    replace_secret(NEW, hours=24)
    assert [accepted(app, secret) for secret in ("the-first-of-three", OLD, NEW)] == [False, True, True]


def test_removing_the_secret_ends_the_old_one_too(app: Flask) -> None:
    replace_secret(OLD)
    replace_secret(NEW, hours=24)
    replace_secret("")
    assert [accepted(app, secret) for secret in (OLD, NEW, "")] == [False, False, False]
    assert connection.own_settings().old_shared_secret is None


def test_an_old_secret_is_forgotten_when_its_time_is_over(app: Flask, clock: Any) -> None:
    replace_secret(OLD)
    replace_secret(NEW, hours=1)
    jobs.forget_old_secret()
    assert connection.own_settings().old_shared_secret is not None
    clock.advance(3600)
    jobs.forget_old_secret()
    assert connection.own_settings().old_shared_secret is None
    assert accepted(app, NEW)


def test_both_secrets_are_compared_in_constant_time(app: Flask, monkeypatch: pytest.MonkeyPatch) -> None:
    import hmac

    replace_secret(OLD)
    replace_secret(NEW, hours=1)
    real, compared = hmac.compare_digest, []

    def counting(first: Any, second: Any) -> bool:
        if isinstance(first, str) and len(first) == 64:
            compared.append(first)
        return real(first, second)

    monkeypatch.setattr(hmac, "compare_digest", counting)
    for secret, fits in ((NEW, True), (OLD, True), ("neither", False)):
        compared.clear()
        assert accepted(app, secret) is fits
        assert len(compared) == 2


def test_the_page_replaces_a_secret_and_keeps_the_old_one_as_long_as_it_was_told(
    app: Flask, admin: FlaskClient
) -> None:
    replace_secret(OLD)
    status, page = save(admin, shared_secret=NEW, keep_hours="3")
    assert status == 302
    assert "Das bisherige Shared Secret wird noch bis 23.11.26, 14:10 angenommen." in page
    assert OLD not in page
    assert NEW not in page
    assert accepted(app, OLD)
    ended = admin.post("/callcenter/settings/old-secret/end", data={"csrf_token": csrf_of(admin)})
    assert ended.status_code == 302
    assert "wird noch bis" not in page_of(admin)
    assert not accepted(app, OLD)
    assert accepted(app, NEW)


@pytest.mark.parametrize("hours", ["-1", "169", "a day", "1.5", "٣"])
def test_an_odd_time_is_refused_and_nothing_typed_is_lost(app: Flask, admin: FlaskClient, hours: str) -> None:
    replace_secret(OLD)
    status, page = save(admin, shared_secret=NEW, keep_hours=hours)
    assert status == 422
    assert "Bitte geben Sie eine Zahl von 0 bis 168 ein." in page
    assert f'value="{NEW}"' in page
    assert f'value="{hours}"' in page
    assert accepted(app, OLD)


def test_a_time_without_a_new_secret_says_nothing(app: Flask, admin: FlaskClient) -> None:
    replace_secret(OLD)
    assert save(admin, keep_hours="a day")[0] == 302
    assert save(admin, keep_hours="24")[0] == 302
    assert connection.own_settings().old_shared_secret is None
    assert accepted(app, OLD)


@pytest.mark.parametrize("empty", [" ", "\t ", "\u200b", "\x00", "\u00a0\u2003"])
def test_an_empty_secret_is_refused_in_words(app: Flask, admin: FlaskClient, empty: str) -> None:
    replace_secret(OLD)
    status, page = save(admin, shared_secret=empty)
    if empty == "\x00":
        # Left out of the form as no text can hold it: nothing was typed.
        assert status == 302
    else:
        assert status == 422
        assert "Dieses Shared Secret ist leer" in page
    assert accepted(app, OLD)
    assert not accepted(app, empty)
    assert not accepted(app, "")


def test_commands_replace_a_secret_as_the_page_does(app: Flask) -> None:
    def run(*options: str) -> Any:
        command = ["configure", *options] if options else ["end-old-secret"]
        return app.test_cli_runner().invoke(args=["callcenter", "placetel", *command])

    assert run("--shared-secret", OLD).exit_code == 0
    told = run("--shared-secret", NEW, "--keep-old-secret", "2")
    assert told.output == "Shared secret stored.\nThe former one is accepted for 2 more hours.\n"
    assert accepted(app, OLD)
    assert run().output == "The former shared secret is not accepted any more.\n"
    assert [accepted(app, OLD), accepted(app, NEW)] == [False, True]
    for wrong in (
        ("--keep-old-secret", "2"),
        ("--shared-secret", OLD, "--keep-old-secret", "169"),
        ("--shared-secret", "\u200b"),
    ):
        assert run(*wrong).exit_code != 0, wrong
    assert accepted(app, NEW)


# ---------------------------------------------------------------------------------------------- a log-in in the address


@pytest.fixture
def locked(phones: PhoneSystem) -> PhoneSystem:
    configuring.save(Changes({"webhook_user": USER, "webhook_password": PASSWORD}))
    return phones


def basic(text: str, scheme: str = "Basic") -> dict[str, str]:
    return {"Authorization": f"{scheme} {b64encode(text.encode()).decode()}"}


RIGHT = basic(f"{USER}:{PASSWORD}")


def test_with_the_log_in_a_signed_notification_is_taken(locked: PhoneSystem) -> None:
    assert locked.post(body(), headers=RIGHT).status_code == 200
    assert locked.post(body(), headers=basic(f"{USER}:{PASSWORD}", "bAsIc")).status_code == 200
    assert len(all_calls()) == 2


def test_the_log_in_never_stands_for_the_signature(locked: PhoneSystem) -> None:
    sent = body()
    for signature in (None, "0" * 64, sign(sent, "another"), sign(sent, PASSWORD)):
        assert locked.post(sent, signature, headers=RIGHT).status_code == 403
    configuring.save(Changes({"shared_secret": ""}))
    assert locked.post(sent, sign(sent, ""), headers=RIGHT).status_code == 403
    assert notifications() == []


@pytest.mark.parametrize(
    "headers",
    [
        {},
        {"Authorization": ""},
        {"Authorization": "Basic"},
        {"Authorization": "Basic !!!"},
        {"Authorization": f"Basic {USER}:{PASSWORD}"},
        basic(""),
        basic(":"),
        basic(USER),
        basic(f"{USER}:"),
        basic(f":{PASSWORD}"),
        basic(f"{USER}:{PASSWORD} "),
        basic(f"{USER}:{PASSWORD}\n"),
        basic(f"{USER}:{PASSWORD[:-1]}"),
        basic(f"{USER}:{PASSWORD.upper()}"),
        basic(f"{USER}x:{PASSWORD}"),
        basic(f"{USER}:{PASSWORD}", "Bearer"),
        basic(f"{USER}:{PASSWORD}", "Digest"),
        basic("ü:ü"),
    ],
)
def test_without_the_right_log_in_a_signed_notification_is_asked_for_it(
    locked: PhoneSystem, headers: dict[str, str]
) -> None:
    answer = locked.post(body(), headers=headers)
    assert answer.status_code == 401
    assert answer.headers["WWW-Authenticate"] == 'Basic realm="Durchwahl", charset="UTF-8"'
    assert notifications() == []
    with reading() as session:
        assert list(session.execute(select(REFUSAL.c.reason)).scalars()) == ["no_log_in"]


def test_who_waits_to_be_asked_before_he_logs_in_is_never_refused_as_a_flood(locked: PhoneSystem) -> None:
    for _ in range(MOST_AT_ONCE + 5):
        sent = body()
        assert locked.post(sent).status_code == 401
        assert locked.post(sent, headers=RIGHT).status_code == 200


def test_the_page_demands_a_log_in_and_shows_the_address_without_its_password(app: Flask, admin: FlaskClient) -> None:
    status, page = save(admin, webhook_user=USER, webhook_password=PASSWORD)
    assert status == 302
    assert f'value="http://{USER}:********@localhost/index.php?module=callcenter' in page
    assert PASSWORD not in page
    # Saving anything else leaves it, the tick ends it.
    assert save(admin, webhook_user=USER)[0] == 302
    assert connection.own_settings().webhook_password is not None
    assert save(admin, webhook_user=USER, remove_webhook_password="1")[0] == 302
    assert (connection.own_settings().webhook_user, connection.own_settings().webhook_password) == ("", None)
    assert "********" not in page_of(admin)


@pytest.mark.parametrize(
    ("user", "password", "words"),
    [
        ("", PASSWORD, "Bitte geben Sie auch den Benutzer ein"),
        (USER, "", "Bitte geben Sie auch ein Passwort ein"),
        ("a:b", PASSWORD, "Nur Buchstaben, Ziffern und die Zeichen . _ ~ -"),
        ("a@evil.example", PASSWORD, "Nur Buchstaben, Ziffern und die Zeichen . _ ~ -"),
        (USER, "short", "Bitte geben Sie mindestens 12 Buchstaben"),
        (USER, "a password with spaces", "Bitte geben Sie mindestens 12 Buchstaben"),
    ],
)
def test_half_a_log_in_or_one_that_no_address_holds_is_refused(
    app: Flask, admin: FlaskClient, user: str, password: str, words: str
) -> None:
    status, page = save(admin, webhook_user=user, webhook_password=password)
    assert status == 422
    assert words in page
    assert connection.own_settings().webhook_password is None


def test_the_audit_log_tells_of_changed_secrets_without_them(app: Flask, admin: FlaskClient) -> None:
    replace_secret(OLD)
    save(admin, shared_secret=NEW, keep_hours="3", webhook_user=USER, webhook_password=PASSWORD)
    page = page_of(admin, "/callcenter/audit")
    assert "Bisheriges Shared Secret gültig bis" in page
    assert "23.11.26, 14:10" in page
    for secret in (OLD, NEW, PASSWORD):
        assert secret not in page
