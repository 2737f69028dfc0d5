from __future__ import annotations

import re
from collections.abc import Callable

from flask import Flask
from flask.testing import FlaskClient

from tests.conftest import PASSWORD, csrf_of


def _log_in(client: FlaskClient, username: str, password: str, target: str = "") -> int:
    token = csrf_of(client, "/login")
    answer = client.post(
        "/login", data={"username": username, "password": password, "csrf_token": token, "next": target}
    )
    return answer.status_code


def test_a_user_logs_in_whatever_the_case_of_the_name(app: Flask, make_user: Callable[..., int]) -> None:
    make_user("Anna")
    client = app.test_client()
    assert _log_in(client, "aNNa", PASSWORD) == 302
    assert client.get("/").status_code in (200, 302)
    assert "/login" not in client.get("/").headers.get("Location", "")


def test_whoever_mistyped_the_password_finds_his_name_and_types_on_in_the_password(app: Flask) -> None:
    client = app.test_client()
    empty = client.get("/login").text
    again = client.post(
        "/login", data={"csrf_token": csrf_of(client, "/login"), "username": "anna", "password": "geheim-4711"}
    ).text
    focused = [re.findall(r'<input [^>]*\bautofocus\b[^>]*\bname="(\w+)"', page) for page in (empty, again)]
    assert focused == [["username"], ["password"]]
    assert 'value="anna"' in again
    assert "geheim-4711" not in again


def test_a_wrong_password_and_an_unknown_user_get_the_same_answer(app: Flask, make_user: Callable[..., int]) -> None:
    make_user("anna")
    assert _log_in(app.test_client(), "anna", "wrong") == 401
    assert _log_in(app.test_client(), "nobody", "wrong") == 401


def test_an_answer_that_adds_nothing_to_the_cookie_does_not_send_it(client_for: Callable[..., FlaskClient]) -> None:
    client = client_for("anna")
    csrf_of(client)
    # A late one would overwrite what another answer has put in meanwhile.
    for path in ("/static/js/page.js", "/account/settings"):
        with client.get(path) as answer:
            assert answer.headers.getlist("Set-Cookie") == []


def test_after_the_log_out_the_cookie_is_worth_nothing(client_for: Callable[..., FlaskClient]) -> None:
    client = client_for("anna")
    token = csrf_of(client)
    with client.session_transaction() as cookie:
        session_id = cookie["sid"]
    assert client.post("/logout", data={"csrf_token": token}).status_code == 302
    with client.session_transaction() as cookie:
        cookie["sid"] = session_id
    assert client.get("/").headers["Location"].startswith("/login")
