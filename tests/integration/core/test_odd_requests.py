"""Requests to pages with values that no database takes: refused in words, never a failure of ours."""

from __future__ import annotations

import pytest
from flask import Flask
from flask.testing import FlaskClient

from app import create_app
from tests.conftest import csrf_of

HUGE = "9" * 20


@pytest.mark.parametrize(
    "path",
    [
        "/addresses/?q=%00",
        f"/addresses/?page={HUGE}",
        f"/addresses/{HUGE}",
        "/addresses/new?number=%00",
        "/callcenter/?q=%00",
        f"/callcenter/?page={HUGE}",
        f"/callcenter/calls/{HUGE}",
        "/callcenter/calls?q=%00",
        f"/users/{HUGE}",
    ],
)
def test_an_odd_address_is_no_failure(admin: FlaskClient, path: str) -> None:
    assert admin.get(path).status_code in (200, 302, 400, 404)


def test_an_odd_user_name_is_no_failure(app: Flask) -> None:
    client = app.test_client()
    form = {"username": "a\x00b", "password": "x\x00", "csrf_token": csrf_of(client, "/login")}
    assert client.post("/login", data=form).status_code in (400, 401)


@pytest.mark.parametrize("method", ["TRACE", "CONNECT", "TRACK", "PROPFIND"])
def test_a_method_that_nothing_here_knows_is_refused_everywhere(app: Flask, method: str) -> None:
    paths = ("/", "/login", "/addresses/", "/api/v1/calls", "/healthz", "/callcenter/webhook/placetel")
    for path in paths:
        answer = app.test_client().open(path, method=method, headers={"X-Secret": "told-nobody"})
        assert answer.status_code in (405, 501), path
        assert b"told-nobody" not in answer.data
    taken = {known for rule in app.url_map.iter_rules() for known in rule.methods or ()}
    assert taken <= {"GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"}


def test_of_a_parameter_that_is_given_twice_the_first_counts(admin: FlaskClient) -> None:
    token = csrf_of(admin, "/addresses/new")
    for name in ("Erste Firma", "Zweite Firma"):
        admin.post("/addresses/new", data={"name": name, "kind": "company", "csrf_token": token})
    page = admin.get("/addresses/?q=Erste&q=Zweite").text
    assert "Erste Firma" in page
    assert "Zweite Firma" not in page


def test_the_log_out_is_on_every_page_that_a_person_opens(admin: FlaskClient) -> None:
    for path in ("/", "/addresses/", "/callcenter/calls", "/account/settings", "/health", "/privacy", "/apps/"):
        assert 'action="/logout"' in admin.get(path, follow_redirects=True).text, path


def test_no_variable_of_the_environment_switches_the_debug_mode_on(monkeypatch: pytest.MonkeyPatch, app: Flask) -> None:
    monkeypatch.setenv("FLASK_DEBUG", "1")
    assert Flask("another").debug, "that is how Flask takes it"
    kernel = app.extensions["durchwahl"]
    assert not create_app(kernel.config, clock=kernel.clock).debug
