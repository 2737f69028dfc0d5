"""Whoever tries to log in as somebody else: guessing, finding out who is there, bringing a cookie along."""

from __future__ import annotations

import logging
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient
from itsdangerous import TimestampSigner
from werkzeug.test import TestResponse

from app.core.accounts import service
from app.core.accounts.throttle import ACCOUNT_BURST, KNOWN_COOKIE, KNOWN_DAYS, SOURCE_BURST
from tests.conftest import PASSWORD, build_app, csrf_of, logged_in_client

TOO_MANY = "Zu viele Versuche"


def send(client: FlaskClient, username: str, password: str, address: str = "127.0.0.1", **more: Any) -> TestResponse:
    source = {"REMOTE_ADDR": address}
    token = csrf_of(client, "/login")
    data = {"username": username, "password": password, "csrf_token": token, **more}
    return client.post("/login", data=data, environ_base=source)


def guess(app: Flask, username: str, address: str) -> int:
    """A wrong password from a browser that has never been here."""
    return send(app.test_client(), username, "a wrong guess", address).status_code


# ------------------------------------------------------------------------------------------------------------- guessing


def test_who_guesses_at_an_account_hears_to_come_later(app: Flask, make_user: Callable[..., int], clock: Any) -> None:
    make_user("anna")
    assert [guess(app, "anna", f"203.0.113.{number}") for number in range(ACCOUNT_BURST)] == [401] * ACCOUNT_BURST
    refused = send(app.test_client(), "anna", PASSWORD, "198.51.100.1")
    assert refused.status_code == 429
    assert refused.headers["Retry-After"] == "60"
    assert TOO_MANY in refused.get_data(as_text=True)
    clock.advance(60)
    assert send(app.test_client(), "anna", PASSWORD, "198.51.100.1").status_code == 302


@pytest.mark.parametrize("spelling", ["ANNA", " anna ", "Anna", "\tanna"])
def test_another_spelling_of_the_name_is_the_same_account(
    app: Flask, make_user: Callable[..., int], spelling: str
) -> None:
    make_user("anna")
    for number in range(ACCOUNT_BURST):
        guess(app, spelling, f"203.0.113.{number}")
    assert guess(app, "anna", "198.51.100.1") == 429


def test_who_guesses_at_many_accounts_from_one_address_hears_to_come_later(
    app: Flask, make_user: Callable[..., int]
) -> None:
    make_user("anna")
    answers = [guess(app, f"user{number}", "203.0.113.7") for number in range(SOURCE_BURST)]
    assert answers == [401] * SOURCE_BURST
    assert guess(app, "anna", "203.0.113.7") == 429
    assert guess(app, "anna", "203.0.113.8") == 401


def test_an_ipv6_network_is_one_address(app: Flask) -> None:
    for number in range(SOURCE_BURST):
        guess(app, f"user{number}", f"2001:db8:1:2::{number:x}")
    assert guess(app, "another", "2001:db8:1:2:ffff::1") == 429


def test_the_user_is_not_locked_out_where_he_has_logged_in_before(app: Flask, make_user: Callable[..., int]) -> None:
    make_user("anna")
    own = app.test_client()
    assert send(own, "anna", PASSWORD).status_code == 302
    own.post("/logout", data={"csrf_token": csrf_of(own)})
    for number in range(ACCOUNT_BURST + SOURCE_BURST):
        # Also from the address behind which the user sits.
        guess(app, "anna", "127.0.0.1" if number % 2 else f"203.0.113.{number}")
    assert guess(app, "anna", "127.0.0.1") == 429
    assert send(own, "anna", PASSWORD).status_code == 302


def test_the_cookie_of_a_known_browser_gives_attempts_to_its_own_account_only(
    app: Flask, make_user: Callable[..., int]
) -> None:
    make_user("anna")
    make_user("ben")
    own = app.test_client()
    send(own, "anna", PASSWORD)
    own.post("/logout", data={"csrf_token": csrf_of(own)})
    for number in range(ACCOUNT_BURST):
        guess(app, "ben", f"203.0.113.{number}")
    assert send(own, "ben", "a wrong guess").status_code == 429
    answers = [send(own, "anna", "a wrong guess").status_code for _ in range(ACCOUNT_BURST + 1)]
    assert answers == [401] * ACCOUNT_BURST + [429]


@pytest.mark.parametrize("cookie", ["", "x", "eyJuYW1lIjoiYSJ9.aaaa.bbbb", '{"name": "a", "accounts": []}', "é"])
def test_a_made_up_cookie_is_as_good_as_none(app: Flask, make_user: Callable[..., int], cookie: str) -> None:
    make_user("anna")
    for number in range(ACCOUNT_BURST):
        guess(app, "anna", f"203.0.113.{number}")
    client = app.test_client()
    client.set_cookie(KNOWN_COOKIE, cookie)
    assert send(client, "anna", PASSWORD).status_code == 429


def test_the_cookie_of_a_known_browser_ends_after_its_days(
    app: Flask, make_user: Callable[..., int], monkeypatch: pytest.MonkeyPatch
) -> None:
    """A browser forgets it, and one that does not is not believed."""
    make_user("anna")
    own = app.test_client()
    send(own, "anna", PASSWORD)
    own.post("/logout", data={"csrf_token": csrf_of(own)})
    cookie = own.get_cookie(KNOWN_COOKIE)
    assert cookie is not None
    assert cookie.max_age == KNOWN_DAYS * 86400
    for number in range(ACCOUNT_BURST):
        guess(app, "anna", f"203.0.113.{number}")
    now = TimestampSigner.get_timestamp
    monkeypatch.setattr(TimestampSigner, "get_timestamp", lambda signer: now(signer) + KNOWN_DAYS * 86400 - 60)
    assert send(own, "anna", "a wrong guess").status_code == 401
    monkeypatch.setattr(TimestampSigner, "get_timestamp", lambda signer: now(signer) + KNOWN_DAYS * 86400 + 60)
    assert send(own, "anna", "a wrong guess").status_code == 429


def test_a_log_in_that_succeeds_uses_nothing_up(app: Flask, make_user: Callable[..., int]) -> None:
    make_user("anna")
    for _ in range(ACCOUNT_BURST + SOURCE_BURST):
        assert send(app.test_client(), "anna", PASSWORD).status_code == 302
    assert guess(app, "anna", "127.0.0.1") == 401


def test_whoever_finds_a_window_open_cannot_try_passwords_in_it(client_for: Callable[..., FlaskClient]) -> None:
    client = client_for("anna")
    token = csrf_of(client)

    def change(present: str) -> str:
        sent = {"csrf_token": token, "present": present, "password": "a new passphrase", "again": "a new passphrase"}
        return client.post("/account/password", data=sent).get_data(as_text=True)

    for _ in range(ACCOUNT_BURST):
        assert TOO_MANY not in change("a wrong guess")
    assert TOO_MANY in change(PASSWORD)
    assert service.verify("anna", PASSWORD) is not None


# ------------------------------------------------------------------------------------ who is there, who is not


def test_a_new_installation_has_no_account_that_anybody_could_guess(app: Flask) -> None:
    assert service.list_users() == []
    assert [guess(app, name, "127.0.0.1") for name in ("admin", "administrator", "root", "demo")] == [401] * 4


def test_nobody_learns_which_accounts_there_are(app: Flask, make_user: Callable[..., int]) -> None:
    make_user("anna")
    service.update_user(make_user("gone"), active=False)
    pages = set()
    for username in ("anna", "gone", "nobody"):
        told = []
        for number in range(ACCOUNT_BURST + 1):
            client = app.test_client()
            token = csrf_of(client, "/login")
            data = {"username": username, "password": "wrong", "csrf_token": token}
            answer = client.post("/login", data=data, environ_base={"REMOTE_ADDR": f"203.0.113.{number}"})
            page = answer.get_data(as_text=True).replace(username, "NAME")
            told.append((answer.status_code, len(answer.headers.getlist("Set-Cookie")), _without_tokens(page)))
        pages.add(tuple(told))
    assert len(pages) == 1


def test_the_same_work_is_done_whether_the_account_is_there_or_not(
    app: Flask, make_user: Callable[..., int], monkeypatch: pytest.MonkeyPatch
) -> None:
    make_user("anna")
    service.update_user(make_user("gone"), active=False)
    verified: list[str] = []

    class Counting:
        def verify(self, known: str, password: str) -> bool:
            verified.append(known.rsplit("$", 2)[0])
            return bool(real.verify(known, password))

        hash = property(lambda self: real.hash)

    real = service._hasher
    service._dummy_hash.cache_clear()
    monkeypatch.setattr(service, "_hasher", Counting())
    for username in ("anna", "gone", "nobody"):
        guess(app, username, "127.0.0.1")
    # One each, with the same parameters: time and memory that it takes are theirs.
    assert len(verified) == 3
    assert len(set(verified)) == 1


def test_the_log_tells_of_log_ins_without_names_and_passwords(
    app: Flask, make_user: Callable[..., int], caplog: pytest.LogCaptureFixture
) -> None:
    make_user("anna")
    with caplog.at_level(logging.INFO):
        guess(app, "anna\nuser 1 logged in", "203.0.113.7")
        send(app.test_client(), "anna", PASSWORD)
    told = [record.getMessage() for record in caplog.records if record.name == "app.core.accounts.login"]
    assert told[0] == "log-in from 203.0.113.7 refused: user name or password"
    assert "logged in from 127.0.0.1" in told[1]
    assert PASSWORD not in caplog.text
    assert "a wrong guess" not in caplog.text


def test_the_log_tells_who_was_refused_what(
    client_for: Callable[..., FlaskClient], caplog: pytest.LogCaptureFixture
) -> None:
    client = client_for("anna")
    user = service.find_user("anna")
    assert user is not None
    with caplog.at_level(logging.INFO):
        assert client.get("/users/?q=030%2023125123").status_code == 403
    (told,) = [record.getMessage() for record in caplog.records if record.name == "app.core.accounts.access"]
    assert told == f"user {user.id} was refused users.index, which needs core.users"


# ------------------------------------------------------------------------------------ sessions


def test_each_log_in_has_an_id_of_its_own_that_nobody_brought_along(app: Flask, make_user: Callable[..., int]) -> None:
    make_user("anna")
    planted = "planted-by-somebody-else"
    client = app.test_client()
    ids = set()
    for _ in range(2):
        token = csrf_of(client, "/login")
        with client.session_transaction() as cookie:
            cookie["sid"] = planted
            before = cookie["csrf_token"]
        data = {"username": "anna", "password": PASSWORD, "csrf_token": token}
        assert client.post("/login", data=data).status_code == 302
        with client.session_transaction() as cookie:
            ids.add(cookie["sid"])
            # Nor does anything else of the time before outlive the log-in.
            assert cookie.get("csrf_token") != before
        client.post("/logout", data={"csrf_token": csrf_of(client)})
    assert len(ids) == 2
    assert planted not in ids
    assert all(len(one) >= 43 for one in ids)


def test_a_cookie_that_was_signed_with_another_key_or_changed_is_no_log_in(
    app: Flask, make_user: Callable[..., int], tmp_path: Path
) -> None:
    client = logged_in_client(app, make_user("anna"))
    assert client.get("/account/settings").status_code == 200
    cookie = client.get_cookie("durchwahl")
    assert cookie is not None
    for forged in (cookie.value[:-1], cookie.value.swapcase(), cookie.value.split(".")[0], ""):
        stranger = app.test_client()
        stranger.set_cookie("durchwahl", forged)
        assert stranger.get("/account/settings").headers["Location"].startswith("/login")


def test_a_new_password_ends_every_other_log_in_and_keeps_this_one(app: Flask, make_user: Callable[..., int]) -> None:
    user_id = make_user("anna")
    own, elsewhere = logged_in_client(app, user_id), logged_in_client(app, user_id)
    new = "a new long password"
    sent = {"csrf_token": csrf_of(own), "present": PASSWORD, "password": new, "again": new}
    assert own.post("/account/password", data=sent).status_code == 302
    assert own.get("/account/settings").status_code == 200
    assert elsewhere.get("/account/settings").headers["Location"].startswith("/login")
    assert send(app.test_client(), "anna", PASSWORD).status_code == 401
    assert send(app.test_client(), "anna", new).status_code == 302


@pytest.mark.parametrize(("public_url", "prefix"), [("http://erp.test", ""), ("https://erp.test", "__Host-")])
def test_cookies_belong_to_this_host_and_are_hidden_from_scripts(
    databases: Any, tmp_path: Path, public_url: str, prefix: str
) -> None:
    app = build_app(databases.copy(), tmp_path, public_url=public_url)
    with app.app_context():
        service.create_user("anna", PASSWORD, "staff")
    client = app.test_client()
    answer = client.get("/login", base_url=public_url)
    token = answer.get_data(as_text=True).split('name="csrf-token" content="')[1].split('"')[0]
    data = {"username": "anna", "password": PASSWORD, "csrf_token": token}
    answer = client.post("/login", data=data, base_url=public_url, headers={"Referer": f"{public_url}/login"})
    assert answer.status_code == 302
    cookies = {text.split("=")[0]: text for text in answer.headers.getlist("Set-Cookie")}
    assert set(cookies) == {f"{prefix}durchwahl", f"{prefix}{KNOWN_COOKIE}"}
    for text in cookies.values():
        flags = {flag.strip() for flag in text.split(";")[1:]}
        assert {"HttpOnly", "Path=/", "SameSite=Lax"} <= flags
        assert ("Secure" in flags) == bool(prefix)
        assert "Domain" not in text
    app.extensions["durchwahl"].database.dispose()


# ------------------------------------------------------------------------------------ where one lands


@pytest.mark.parametrize(
    "target",
    [
        "https://evil.example/",
        "//evil.example",
        "///evil.example",
        "/\\evil.example",
        "\\\\evil.example",
        "/\t/evil.example",
        "/%0d%0aLocation:https://evil.example\r\nx",
        "javascript:alert(1)",
        "data:text/html,x",
        " //evil.example",
        "http:evil.example",
        "evil.example",
    ],
)
def test_no_log_in_leads_out_of_the_house(app: Flask, make_user: Callable[..., int], target: str) -> None:
    user_id = make_user("anna")
    for answer in (
        send(app.test_client(), "anna", PASSWORD, next=target),
        logged_in_client(app, user_id).get("/login", query_string={"next": target}),
    ):
        assert answer.status_code == 302
        assert answer.headers["Location"] == "/"
    page = app.test_client().get("/login", query_string={"next": target}).get_data(as_text=True)
    assert "evil" not in page


def _without_tokens(page: str) -> str:
    import re

    return re.sub(r'(content|value)="[^"]{40,}"', "", page)
