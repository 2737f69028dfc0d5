"""Under which name a server answers, what it says with every answer, and that looking changes nothing."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from flask import Flask

from app.core.accounts import service
from app.core.accounts.access import PUBLIC
from app.core.accounts.models import ADMINISTRATOR
from app.core.security import CONTENT_SECURITY_POLICY
from tests.conftest import PASSWORD, build_app, logged_in_client
from tests.integration.callcenter.phone_system import PhoneSystem, configure, notifications
from tests.integration.core.furnished import ROUTES, furnish
from tests.watching import statements

PAGES = [route for route in ROUTES if route.method == "GET"]
WRITING = re.compile(r"\s*(INSERT|UPDATE|DELETE|REPLACE|MERGE|TRUNCATE|COPY)\b", re.I)


@pytest.fixture
def behind(databases: Any, tmp_path: Path) -> Iterator[Any]:
    """``behind(proxy_hops=1, …)``: an application with this configuration."""
    made: list[Flask] = []

    def make(**config: Any) -> Flask:
        app = build_app(databases.copy(), tmp_path, **config)
        made.append(app)
        return app

    yield make
    for app in made:
        app.extensions["durchwahl"].database.dispose()


def test_every_page_says_how_browsers_shall_treat_it_and_looking_changes_nothing(own_app: Flask) -> None:
    with own_app.app_context():
        values = furnish(own_app)
        admin = service.create_user("admin", PASSWORD, ADMINISTRATOR)
        client = logged_in_client(own_app, admin)
        database = own_app.extensions["durchwahl"].database
        for route in PAGES:
            with statements(database) as heard:
                answer = client.get(route.at(values), buffered=True)
            assert answer.headers["Content-Security-Policy"] == CONTENT_SECURITY_POLICY, route
            assert answer.headers["X-Content-Type-Options"] == "nosniff", route
            assert answer.headers["X-Frame-Options"] == "DENY", route
            assert answer.headers["Referrer-Policy"] == "same-origin", route
            assert answer.headers["Cross-Origin-Opener-Policy"] == "same-origin", route
            assert "Access-Control-Allow-Origin" not in answer.headers, route
            if answer.status_code not in (302, 304):
                assert answer.content_type.split(";")[0].strip(), route
            if route.mark != PUBLIC:
                assert answer.headers["Cache-Control"] == "no-store", route
            assert not [text for text in heard if WRITING.match(text)], route


def test_the_policy_lets_nothing_run_that_is_not_a_file_of_ours() -> None:
    rules = dict(rule.strip().partition(" ")[::2] for rule in CONTENT_SECURITY_POLICY.split(";"))
    assert rules["default-src"] == "'none'"
    assert rules["script-src"] == rules["style-src"] == rules["connect-src"] == rules["form-action"] == "'self'"
    assert rules["base-uri"] == rules["frame-ancestors"] == "'none'"
    assert "unsafe" not in CONTENT_SECURITY_POLICY
    assert "*" not in CONTENT_SECURITY_POLICY


# ------------------------------------------------------------------------------------------------------------- names


@pytest.mark.parametrize(
    ("host", "status"),
    [
        ("erp.example.de", 200),
        ("ERP.Example.DE:8443", 200),
        ("erp.example.de.", 200),
        ("phone.example.org", 200),
        ("localhost:8000", 200),
        ("127.0.0.1", 200),
        ("[::1]:8000", 200),
        ("evil.example", 400),
        ("erp.example.de.evil.example", 400),
        ("evil-erp.example.de", 400),
        ("evilerp.example.de", 400),
        ("erp.example.de@evil.example", 400),
        ("evil.example:80@erp.example.de", 400),
        ("example.de", 400),
        ("10.0.0.1", 400),
    ],
)
def test_only_names_of_ours_are_answered(behind: Any, host: str, status: int) -> None:
    app = behind(public_url="https://erp.example.de", allowed_hosts=(".example.org",))
    answer = app.test_client().get("/login", headers={"Host": host})
    assert answer.status_code == status
    assert "evil" not in answer.get_data(as_text=True)
    assert app.test_client().get("/healthz", headers={"Host": host}).status_code == 200


def test_a_notification_counts_by_its_signature_whatever_name_it_was_sent_to(behind: Any) -> None:
    app = behind(public_url="https://erp.example.de")
    with app.app_context():
        configure(app)
    body = b"event=IncomingCall&call_id=" + b"a" * 64
    answer = PhoneSystem(app).post(body, headers={"Host": "10.0.0.1"})
    assert answer.status_code == 200
    with app.app_context():
        assert [one["body"] for one in notifications()] == [body]


def test_the_name_that_a_proxy_passes_on_counts_and_only_then(behind: Any) -> None:
    evil = {"Host": "erp.example.de", "X-Forwarded-Host": "evil.example"}
    direct = behind(public_url="https://erp.example.de")
    assert direct.test_client().get("/login", headers=evil).status_code == 200
    proxied = behind(public_url="https://erp.example.de", proxy_hops=1)
    assert proxied.test_client().get("/login", headers=evil).status_code == 400


def test_an_address_that_is_shown_is_ours_whoever_asks(behind: Any) -> None:
    app = behind(public_url="https://erp.example.de", allowed_hosts=(".example.org",))
    with app.app_context():
        client = logged_in_client_over_https(app, service.create_user("admin", PASSWORD, ADMINISTRATOR))
    page = client.get("/callcenter/settings", base_url="https://phone.example.org").get_data(as_text=True)
    assert 'value="https://erp.example.de/index.php?' in page
    assert "phone.example.org" not in page


def logged_in_client_over_https(app: Flask, user_id: int) -> Any:
    client = app.test_client()
    with client.session_transaction(base_url="https://phone.example.org") as cookie:
        cookie["sid"] = service.start_session(user_id)
    return client


# ------------------------------------------------------------------------------------------------------ behind a proxy


FORWARDED = {"X-Forwarded-Proto": "https", "X-Forwarded-For": "198.51.100.7", "Forwarded": "proto=https"}


def test_https_is_demanded_for_a_year_once_it_is_there(behind: Any) -> None:
    told = behind(proxy_hops=1).test_client().get("/login", headers=FORWARDED).headers
    assert told["Strict-Transport-Security"] == "max-age=31536000"


@pytest.mark.parametrize("hops", [0, 1])
def test_what_a_visitor_says_of_his_own_way_is_not_believed(behind: Any, hops: int) -> None:
    client = behind(proxy_hops=hops).test_client()
    visitor_says = FORWARDED if hops == 0 else {**FORWARDED, "X-Forwarded-Proto": "https, http"}
    assert "Strict-Transport-Security" not in client.get("/login", headers=visitor_says).headers
