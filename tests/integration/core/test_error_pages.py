from __future__ import annotations

from collections.abc import Iterator
from typing import Any, NoReturn

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy.exc import OperationalError

from app.core.accounts import service
from tests.conftest import PASSWORD, csrf_of, logged_in_client


@pytest.fixture
def client(own_app: Flask) -> Iterator[FlaskClient]:
    """Somebody who is logged in."""
    with own_app.app_context():
        yield logged_in_client(own_app, service.create_user("anna", PASSWORD, "staff", language="en"))


@pytest.fixture
def away(own_app: Flask, client: FlaskClient, monkeypatch: pytest.MonkeyPatch) -> None:
    """The database cannot be reached, and nothing of it is remembered."""

    def refuse(**_given: Any) -> NoReturn:
        raise OperationalError("SELECT 1", {}, ConnectionError("refused"))

    for way in ("_session", "looking"):
        monkeypatch.setattr(own_app.extensions["durchwahl"].database, way, refuse)


@pytest.mark.usefixtures("away")
def test_without_the_database_every_page_says_so(client: FlaskClient) -> None:
    for path in ("/", "/addresses/", "/addresses/1", "/callcenter/calls", "/account/settings"):
        answer = client.get(path)
        assert answer.status_code == 503, path
        assert "Datenbank ist gerade nicht erreichbar" in answer.get_data(as_text=True), path


@pytest.mark.usefixtures("away")
def test_without_the_database_the_api_says_so_in_json(client: FlaskClient) -> None:
    answer = client.get("/api/v1/addresses", headers={"Authorization": f"Bearer dw_{'x' * 43}"})
    assert answer.status_code == 503
    assert answer.get_json()["error"]["code"]


@pytest.mark.usefixtures("away")
def test_what_does_not_exist_is_not_found_even_without_the_database(client: FlaskClient) -> None:
    assert client.get("/no/such/page").status_code == 404


def test_an_error_is_told_in_the_language_of_whoever_is_logged_in(client: FlaskClient) -> None:
    page = client.get("/no/such/page").get_data(as_text=True)
    assert '<html lang="en-GB"' in page
    assert "This page does not exist" in page


def test_a_failure_of_ours_is_said_without_its_details(own_app: Flask, client: FlaskClient) -> None:
    def fail() -> NoReturn:
        raise ValueError("a detail of 0171 3920001")

    own_app.view_functions["appstore.mine"] = fail
    fail._durchwahl_access = "public"  # type: ignore[attr-defined] # as the decorator does
    answer = client.get("/apps/")
    assert answer.status_code == 500
    assert "detail" not in answer.get_data(as_text=True)


def test_a_refused_form_says_what_to_do(client: FlaskClient) -> None:
    answer = client.post("/account/password", data={"csrf_token": "wrong" + csrf_of(client)})
    assert answer.status_code == 400
    assert '<html lang="en-GB"' in answer.get_data(as_text=True)
