from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient

from app.core.http import HttpFault
from app.modules.callcenter import connection
from tests.conftest import FakeHttp, csrf_of
from tests.integration.callcenter.settings_page import PATH, fields, page_of, save
from tests.integration.callcenter.web_api import ANNA, BEN, KEY, WebApi, set_up


@pytest.fixture
def api(http: FakeHttp) -> WebApi:
    return WebApi(http)


@pytest.fixture
def users(make_user: Callable[..., int]) -> dict[str, int]:
    return {
        "anna": make_user("Anna", name="Anna Schmidt", email="anna@muster.example"),
        "ben": make_user("ben", name="Ben Yilmaz"),
    }


def test_a_new_key_is_tried_with_a_real_request_and_the_result_is_told(admin: FlaskClient, api: WebApi):
    status, page = save(admin, api_key="new-key")
    assert status == 302
    assert "Gespeichert." in page
    assert "Die Verbindung steht: Der API-Key gehört zu Muster GmbH, Muster." in page
    assert api.keys == {"new-key"}
    key = connection.own_settings().api_key
    assert key is not None
    assert key.reveal() == "new-key"


def test_after_a_valid_key_the_accounts_of_the_telephone_system_appear(admin: FlaskClient, api: WebApi):
    assert "Noch keine Accounts bekannt" in page_of(admin)
    _status, page = save(admin, api_key="new-key")
    for text in ("Anna Schmidt", "Ben Yilmaz", ANNA, BEN, "Telefon", "Fax", "Durchwahl"):
        assert text in page


@pytest.mark.parametrize(
    ("status", "words"), [(401, "nimmt den API-Key nicht an"), (403, "nicht das nötige Recht"), (500, "eigenen Fehler")]
)
def test_a_key_that_is_refused_is_said_and_saved_all_the_same(admin: FlaskClient, api: WebApi, status: int, words: str):
    api.status = status
    answered, page = save(admin, api_key="new-key")
    assert answered == 302
    assert words in page
    assert connection.own_settings().api_key is not None


@pytest.mark.parametrize(
    ("fault", "words"),
    [(HttpFault.NOT_SENT, "Placetel ist nicht erreichbar"), (HttpFault.TIMEOUT, "nicht rechtzeitig geantwortet")],
)
def test_an_unreachable_telephone_system_never_keeps_a_key_from_being_saved(
    admin: FlaskClient, api: WebApi, fault: HttpFault, words: str
):
    api.fault = fault
    status, page = save(admin, api_key="new-key")
    assert status == 302
    assert "Der neue API-Key konnte nicht bestätigt werden" in page
    assert words in page
    assert connection.own_settings().api_key is not None


def test_secrets_are_never_shown_again(app: Flask, admin: FlaskClient, api: WebApi):
    set_up(app, shared_secret="very-secret-text")
    page = page_of(admin)
    assert KEY not in page
    assert "very-secret-text" not in page
    assert page.count("gesetzt am 23.11.26, 11:10") == 2


def test_an_empty_field_keeps_a_secret_and_the_tick_removes_it(app: Flask, admin: FlaskClient, api: WebApi):
    set_up(app, shared_secret="abc")
    save(admin)
    assert connection.own_settings().shared_secret is not None
    save(admin, remove_shared_secret="1", remove_api_key="1")
    assert connection.own_settings().shared_secret is None
    assert connection.own_settings().api_key is None


def test_without_a_secret_the_page_says_what_works_and_what_does_not(admin: FlaskClient):
    assert "Ohne Shared Secret geht das Wählen, aber Meldungen über Anrufe werden abgelehnt" in page_of(admin)


def test_a_generated_secret_is_shown_once_and_counts_when_it_is_saved(admin: FlaskClient):
    status, page = save(admin, "/secret", accounts="half a line")
    found = re.search(r'name="shared_secret" type="text" value="([0-9a-f]{48})"', page)
    assert status == 200
    assert found
    assert "half a line" in page
    assert connection.own_settings().shared_secret is None
    save(admin, shared_secret=found.group(1))
    stored = connection.own_settings().shared_secret
    assert stored is not None
    assert stored.reveal() == found.group(1)
    assert found.group(1) not in page_of(admin)


# --------------------------------------------------------------------------------------------------------------- page


def test_the_address_for_notifications_is_the_one_xentral_had(admin: FlaskClient):
    assert "http://localhost/index.php?module=callcenter&action=call&provider=placetel" in page_of(admin)


def test_the_address_for_notifications_begins_with_the_public_address(
    admin: FlaskClient, kernel: Any, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setattr(kernel, "config", replace(kernel.config, public_url="https://erp.example.de"))
    assert "https://erp.example.de/index.php?module=callcenter&action=call&provider=placetel" in page_of(admin)


def test_faults_of_other_settings_are_told_beside_them(admin: FlaskClient):
    status, page = save(admin, base_url="nowhere", ringing_minutes="0")
    assert status == 422
    assert "Das ist keine Adresse wie https://api.placetel.de/v2." in page
    assert "Bitte geben Sie eine Zahl von 1 bis 60 ein." in page
    assert fields(page)["base_url"] == "nowhere"


@pytest.mark.parametrize(
    ("url", "hosts"),
    [
        ("http://api.placetel.de/v2", ()),
        ("https://10.0.0.1/v2", ()),
        ("http://169.254.169.254/latest/meta-data", ()),
        ("https://api.example/v2", ("api.placetel.de",)),
        ("http://127.0.0.1:6379/", ("api.placetel.de",)),
    ],
)
def test_an_address_that_must_not_be_spoken_to_is_not_stored_and_not_asked(
    admin: FlaskClient, kernel: Any, http: FakeHttp, monkeypatch: pytest.MonkeyPatch, url: str, hosts: tuple[str, ...]
):
    monkeypatch.setattr(kernel, "config", replace(kernel.config, api_hosts=hosts))
    before = connection.own_settings().base_url
    status, page = save(admin, base_url=url)
    assert status == 422
    assert "Diese Adresse darf der Server nicht ansprechen" in page
    assert fields(page)["base_url"] == url
    assert connection.own_settings().base_url == before
    assert http.requests == []
    made = admin.application.test_cli_runner().invoke(
        args=["callcenter", "placetel", "configure", "--base-url", url], env={"LANG": "C"}
    )
    assert made.exit_code == 1
    assert "API_HOSTS" in made.output
    assert connection.own_settings().base_url == before


@pytest.mark.parametrize(("method", "path"), [("get", ""), ("post", ""), ("post", "/test"), ("post", "/secret")])
def test_only_administrators_set_the_telephone_system_up(staff: FlaskClient, method: str, path: str):
    token = csrf_of(staff, "/callcenter/")
    assert getattr(staff, method)(PATH + path, headers={"X-CSRFToken": token}).status_code == 403


def test_settings_need_a_csrf_token(admin: FlaskClient):
    assert admin.post(PATH, data={"remove_api_key": "1"}).status_code == 400


def test_old_links_of_xentral_lead_here(admin: FlaskClient):
    assert admin.get("/index.php?module=placetel&action=einstellungen").location == PATH
    assert admin.get("/?module=placetel&action=list").location == "/callcenter/"


def test_an_inactive_app_has_no_settings(admin: FlaskClient, kernel: Any):
    kernel.states.set_active("callcenter", False)
    assert admin.get(PATH).status_code == 404


def test_the_heading_has_the_switch_of_the_app(admin: FlaskClient):
    page = page_of(admin)
    assert 'action="/appstore/callcenter/switch"' in page
    assert "Deaktivieren" in page


def test_the_page_speaks_english_too(client_for: Callable[..., FlaskClient]):
    page = page_of(client_for("eve", role="administrator", language="en"))
    for text in ("Credentials", "Test the connection", "Lines", "Placetel connection"):
        assert text in page
