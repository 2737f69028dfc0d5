"""Requests to pages with values that no database takes: refused in words, never a failure of ours."""

from __future__ import annotations

import pytest
from flask import Flask
from flask.testing import FlaskClient

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
