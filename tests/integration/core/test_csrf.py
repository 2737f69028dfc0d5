"""Somebody else's page sends a form in the name of whoever is logged in: every change is refused."""

from __future__ import annotations

from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient
from itsdangerous import URLSafeTimedSerializer

from app.core.accounts import service
from app.core.accounts.models import ADMINISTRATOR
from tests.conftest import PASSWORD, csrf_of, logged_in_client
from tests.integration.core.furnished import ROUTES, furnish
from tests.integration.core.test_access_matrix import WITHOUT_TOKEN

CHANGES = [route for route in ROUTES if route.method != "GET" and not route.is_api]
OPERATIONS = [route for route in ROUTES if route.method != "GET" and route.is_api]


@pytest.fixture
def victim(app: Flask) -> FlaskClient:
    client = logged_in_client(app, service.create_user("victim", PASSWORD, ADMINISTRATOR))
    csrf_of(client)
    return client


def of_another_log_in(app: Flask) -> str:
    return csrf_of(logged_in_client(app, service.create_user("attacker", PASSWORD, ADMINISTRATOR)))


def signed_with_another_key(_app: Flask) -> str:
    return str(URLSafeTimedSerializer("another key", salt="wtf-csrf-token").dumps("0" * 40))


@pytest.mark.parametrize("token_of", [of_another_log_in, signed_with_another_key, lambda _app: "x", lambda _app: ""])
def test_no_change_is_made_with_a_token_that_is_not_of_this_log_in(app: Flask, victim: FlaskClient, token_of: Any):
    values, token = furnish(app), token_of(app)
    assert len(CHANGES) > 40
    for route in CHANGES:
        if route.endpoint in WITHOUT_TOKEN:
            continue
        ways: list[dict[str, Any]] = [
            {"data": {"csrf_token": token}},
            {"headers": {"X-CSRFToken": token}},
            {"json": {}},
        ]
        for sent in ways:
            assert victim.open(route.at(values), method=route.method, **sent).status_code == 400, route


def test_a_log_in_alone_changes_nothing_through_the_api(app: Flask, victim: FlaskClient):
    values = furnish(app)
    token = csrf_of(victim)
    assert len(OPERATIONS) > 3
    for route in OPERATIONS:
        answer = victim.open(route.at(values), method=route.method, json={}, headers={"X-CSRFToken": token})
        assert answer.status_code == 401, route


def test_over_https_a_form_of_another_page_is_refused_even_with_its_token(app: Flask, victim: FlaskClient):
    token = csrf_of(victim)
    for referrer in ("https://evil.example/", "https://localhost.evil.example/", ""):
        answer = victim.post(
            "/account/password", data={"csrf_token": token}, base_url="https://localhost", headers={"Referer": referrer}
        )
        assert answer.status_code == 400, referrer
