"""Users see where they are logged in, and end log-ins elsewhere; a password of somebody else's choice is replaced."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient

from app.core.accounts import log_ins, service, throttle
from tests.conftest import PASSWORD, csrf_of, logged_in_client
from tests.integration.callcenter.open_browser import Browser
from tests.integration.callcenter.phone_system import PhoneSystem, call_id, configure

SETTINGS = "/account/settings"
NEW = "only I know this one"
FIREFOX = "Mozilla/5.0 (X11; Linux x86_64; rv:145.0) Gecko/20100101 Firefox/145.0"
SAFARI = (
    "Mozilla/5.0 (iPhone; CPU iPhone OS 18_7 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) "
    "Version/18.7 Mobile/15E148 Safari/604.1"
)


def log_in(app: Flask, username: str, password: str = PASSWORD, agent: str = FIREFOX) -> FlaskClient:
    client = app.test_client()
    sent = {"username": username, "password": password, "csrf_token": csrf_of(client, "/login")}
    assert client.post("/login", data=sent, headers={"User-Agent": agent}).status_code == 302
    return client


def end(client: FlaskClient, **sent: Any) -> int:
    token = csrf_of(client, SETTINGS)
    return client.post("/account/log-ins/end", data={"csrf_token": token, **sent}).status_code


def marks(client: FlaskClient) -> list[str]:
    return re.findall(r'name="log_in" value="([0-9a-f]+)"', client.get(SETTINGS).text)


def is_in(client: FlaskClient) -> bool:
    return client.get(SETTINGS).status_code == 200


@pytest.mark.parametrize(
    ("agent", "found"),
    [
        (FIREFOX, ("Firefox", "Linux")),
        (SAFARI, ("Safari", "iOS")),
        (
            "Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 Chrome/142.0 Safari/537.36",
            ("Chrome", "Windows"),
        ),
        ("Mozilla/5.0 (Windows NT 10.0) Chrome/142.0 Safari/537.36 Edg/142.0", ("Edge", "Windows")),
        ("Mozilla/5.0 (Linux; Android 16) Chrome/142.0 Mobile Safari/537.36", ("Chrome", "Android")),
        ("Mozilla/5.0 (Macintosh; Intel Mac OS X 10_15_7) Version/26.0 Safari/605.1.15", ("Safari", "macOS")),
        ("curl/8.14", ("", "")),
        ("<script>alert(1)</script>", ("", "")),
        ("", ("", "")),
    ],
)
def test_of_what_a_browser_says_of_itself_two_words_are_kept(agent: str, found: tuple[str, str]) -> None:
    assert log_ins.named(agent) == found


def test_a_user_sees_where_he_is_logged_in_and_nobody_else(app: Flask, make_user: Callable[..., int]) -> None:
    make_user("anna")
    make_user("ben")
    anna = log_in(app, "anna")
    log_in(app, "anna", agent=SAFARI)
    log_in(app, "ben", agent="Opera OPR/120.0 (Windows)")
    page = anna.get(SETTINGS).text
    assert "Firefox · Linux" in page
    assert "Safari · iOS" in page
    assert "127.0.0.1" in page
    assert "Opera" not in page
    assert len(marks(anna)) == 1


def test_one_log_in_is_ended_and_the_others_go_on(app: Flask, make_user: Callable[..., int]) -> None:
    user_id = make_user("anna")
    here, phone, old = log_in(app, "anna"), log_in(app, "anna", agent=SAFARI), log_in(app, "anna", agent="curl/8")
    (mark,) = (one.mark for one in log_ins.of_user(user_id, _session(here)) if one.browser == "Safari")
    assert end(here, log_in=mark, own_password=PASSWORD) == 302
    assert (is_in(here), is_in(phone), is_in(old)) == (True, False, True)


def test_all_others_are_ended_and_their_sockets_close(app: Flask, make_user: Callable[..., int]) -> None:
    user_id = make_user("anna")
    here, elsewhere = log_in(app, "anna"), Browser(app, user_id)
    assert end(here, all="1", own_password=PASSWORD) == 302
    assert is_in(here)
    assert not is_in(elsewhere.http)
    assert not elsewhere.socket.is_connected()
    assert "nirgends" in here.get(SETTINGS).text


def test_without_the_password_nothing_ends_and_guessing_is_limited(app: Flask, make_user: Callable[..., int]) -> None:
    make_user("anna")
    here, other = log_in(app, "anna"), log_in(app, "anna", agent=SAFARI)
    for wrong in ("", "guess", f"{PASSWORD} "):
        assert end(here, all="1", own_password=wrong) == 422
    assert is_in(other)
    for _attempt in range(throttle.ACCOUNT_BURST):
        assert end(here, all="1", own_password="guess") == 422
    assert end(here, all="1", own_password=PASSWORD) == 422
    assert is_in(other)


def test_nobody_ends_the_log_in_of_somebody_else_or_his_own_of_this_browser(
    app: Flask, make_user: Callable[..., int]
) -> None:
    make_user("anna")
    make_user("ben")
    anna, other, ben = log_in(app, "anna"), log_in(app, "anna"), log_in(app, "ben")
    (theirs,) = marks(anna)
    this = service.session_hash(_session(ben))[: log_ins.MARK_LENGTH]
    for mark in (theirs, this, "", "%", "_" * log_ins.MARK_LENGTH):
        end(ben, log_in=mark, own_password=PASSWORD)
    assert (is_in(anna), is_in(other), is_in(ben)) == (True, True, True)


def _session(client: FlaskClient) -> str:
    with client.session_transaction() as cookie:
        return str(cookie["sid"])


# ------------------------------------------------------------------------------------------- chosen by somebody else


@pytest.fixture
def new_user(admin: FlaskClient) -> str:
    """Somebody whom an administrator has just created on the page."""
    values = {"name": "Ben", "email": "", "role": "staff", "language": "de", "timezone": "Europe/Berlin"}
    token = csrf_of(admin, "/users/new")
    sent = {"username": "ben", "password": PASSWORD, "active": "y", "csrf_token": token, **values}
    assert admin.post("/users/new", data=sent).status_code == 302
    return "ben"


def change(client: FlaskClient, password: str, present: str = PASSWORD) -> Any:
    token = csrf_of(client, "/account/password")
    sent = {"present": present, "password": password, "again": password, "csrf_token": token}
    return client.post("/account/password", data=sent)


def test_whoever_got_his_password_from_somebody_else_opens_nothing_before_he_has_another(
    app: Flask, new_user: str
) -> None:
    configure(app)
    PhoneSystem(app).incoming(call_id())
    client = log_in(app, new_user)
    for path in ("/", "/addresses/", SETTINGS, "/callcenter/calls", "/login?next=/addresses/"):
        answer = client.get(path)
        assert answer.status_code == 302, path
    assert client.get("/addresses/").headers["Location"] == "/account/password"
    assert client.get("/callcenter/bell", headers={"HX-Request": "true"}).status_code == 401
    assert client.post("/addresses/new", data={"csrf_token": csrf_of(client, "/account/password")}).status_code == 401
    for page in (client.get("/account/password"), client.get("/no/such/page")):
        assert "call-told" not in page.text
        assert "Telefonbuch" not in page.text
    realtime = app.extensions["durchwahl"].realtime
    assert not realtime.socketio.test_client(app, flask_test_client=client).is_connected()


def test_after_another_password_everything_is_open_and_the_first_one_is_worth_nothing(
    app: Flask, new_user: str
) -> None:
    client = log_in(app, new_user)
    assert change(client, PASSWORD).status_code == 422
    assert change(client, NEW, present="guess").status_code == 422
    assert change(client, "short").status_code == 422
    assert client.get("/addresses/").status_code == 302
    done = change(client, NEW)
    assert (done.status_code, done.headers["Location"]) == (302, "/")
    assert client.get("/addresses/").status_code == 200
    assert service.verify(new_user, PASSWORD) is None
    assert log_in(app, new_user, NEW).get("/addresses/").status_code == 200


def test_a_password_that_an_administrator_has_reset_must_be_changed(
    app: Flask, admin: FlaskClient, make_user: Callable[..., int]
) -> None:
    user_id = make_user("anna")
    token = csrf_of(admin, f"/users/{user_id}")
    admin.post(f"/users/{user_id}/password", data={"csrf_token": token})
    page = admin.get(f"/users/{user_id}").text
    (given,) = (word for word in re.findall(r"[\w-]{16}", page) if service.verify("anna", word))
    client = log_in(app, "anna", given)
    assert client.get("/addresses/").headers["Location"] == "/account/password"
    assert change(client, NEW, present=given).status_code == 302
    assert client.get("/addresses/").status_code == 200


def test_a_user_made_by_command_may_be_told_to_choose_another_password(app: Flask) -> None:
    asked = ["users", "create", "clara", "--role", "staff", "--password-stdin"]
    runner = app.test_cli_runner()
    assert runner.invoke(args=[*asked, "--change-password"], input=f"{PASSWORD}\n").exit_code == 0
    assert log_in(app, "clara").get("/").headers["Location"] == "/account/password"
    assert runner.invoke(args=["users", "create", "dora", *asked[3:]], input=f"{PASSWORD}\n").exit_code == 0
    assert log_in(app, "dora").get(SETTINGS).status_code == 200


def test_who_has_a_password_of_his_own_finds_its_change_in_the_settings(
    app: Flask, make_user: Callable[..., int]
) -> None:
    client = logged_in_client(app, make_user("anna"))
    assert client.get("/account/password").headers["Location"] == f"{SETTINGS}#password-change"
