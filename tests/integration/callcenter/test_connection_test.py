from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient

from app.core.clock import FixedClock
from app.core.http import HttpFault
from app.modules.callcenter import configuring, connection
from app.modules.callcenter.configuring import Changes
from app.modules.callcenter.written_lists import AccountEntry
from tests.conftest import FakeHttp
from tests.integration.callcenter.phone_system import PhoneSystem, call_id, give_line
from tests.integration.callcenter.settings_page import save
from tests.integration.callcenter.web_api import ANNA, BEN, FAX, KEY, WebApi, set_up, sip_user


@pytest.fixture
def api(http: FakeHttp) -> WebApi:
    return WebApi(http)


@pytest.fixture
def users(make_user: Callable[..., int]) -> dict[str, int]:
    return {
        "anna": make_user("Anna", name="Anna Schmidt", email="anna@muster.example"),
        "ben": make_user("ben", name="Ben Yilmaz"),
    }


def findings(client: FlaskClient, **changes: Any) -> str:
    status, page = save(client, "/test", **changes)
    assert status == 200
    return page.partition('id="findings"')[2].partition("</section>")[0]


def test_the_connection_test_names_whose_key_it_is_and_what_is_missing(app: Flask, admin: FlaskClient, api: WebApi):
    set_up(app)
    told = findings(admin)
    assert "Die Verbindung steht" in told
    assert "Es ist kein Shared Secret gesetzt" in told
    assert "Noch ist niemandem ein Telefon zugeordnet" in told


@pytest.mark.parametrize(
    ("status", "fault", "words"),
    [
        (401, None, "nimmt den API-Key nicht an"),
        (403, None, "nicht das nötige Recht"),
        (404, None, "gibt es die API nicht"),
        (429, None, "keine weiteren Anfragen"),
        (None, HttpFault.NOT_SENT, "nicht erreichbar"),
        (None, HttpFault.TIMEOUT, "nicht rechtzeitig geantwortet"),
    ],
)
def test_each_failure_of_the_connection_has_its_own_words(
    app: Flask, admin: FlaskClient, api: WebApi, status: int | None, fault: HttpFault | None, words: str
):
    set_up(app)
    api.status, api.fault = status, fault
    assert words in findings(admin)


def test_another_platform_than_profi_is_said(app: Flask, admin: FlaskClient, api: WebApi):
    set_up(app)
    api.me["platform"] = "WEBEX"
    assert "nicht auf PROFI" in findings(admin)


def test_a_line_whose_calls_are_not_notified_is_named_and_no_other_number(
    app: Flask, admin: FlaskClient, api: WebApi, make_user: Callable[..., int]
):
    set_up(app)
    give_line(app, make_user("ben"))
    api.routings = [
        {"number": {"number": "03023125100"}, "notify_external_api": False},
        {"number": {"number": "03023125900"}, "notify_external_api": False},
        {"number": {"number": "03023125101"}, "notify_external_api": True},
        {"number": None, "notify_external_api": False},
    ]
    told = findings(admin)
    assert "benachrichtigt nicht über Anrufe an 03023125100" in told
    assert told.count("benachrichtigt nicht über Anrufe") == 1


def test_prefixes_are_warned_of_for_accounts_in_use_only(
    app: Flask, admin: FlaskClient, api: WebApi, users: dict[str, int]
):
    set_up(app)
    api.users = [
        sip_user(ANNA, "Anna", automatic_prefix="0"),
        sip_user(BEN, "Ben", blocked_prefixes="0900"),
        sip_user(FAX, "Fax", automatic_prefix="9"),
    ]
    configuring.save(Changes(accounts=[AccountEntry(ANNA, users["anna"]), AccountEntry(BEN, users["ben"])]))
    told = findings(admin)
    assert f"Placetel setzt vor jede Nummer, die {ANNA} wählt, die 0." in told
    assert f"Placetel sperrt für {BEN} Nummern, die mit 0900 beginnen." in told
    assert FAX not in told


def test_a_valid_key_and_secret_without_any_notification_is_said_until_one_comes(
    app: Flask, admin: FlaskClient, api: WebApi, phones: PhoneSystem, clock: FixedClock
):
    set_up(app)
    assert "Noch nie ist eine Meldung angekommen" in findings(admin)
    phones.post(b"event=IncomingCall", "0" * 64)
    assert "wurde abgelehnt. Ihre Signatur passt nicht" in findings(admin)
    clock.advance(1)
    phones.incoming(call_id())
    told = findings(admin)
    assert "Meldungen kommen an" in told
    assert "Noch nie" not in told
    assert "abgelehnt" not in told


def test_a_typed_key_is_tested_and_not_stored(app: Flask, admin: FlaskClient, api: WebApi):
    set_up(app)
    told = findings(admin, api_key="typed-key", accounts="half a line")
    assert api.keys == {"typed-key"}
    assert "Die Verbindung steht" in told
    key = connection.own_settings().api_key
    assert key is not None
    assert key.reveal() == KEY
    assert configuring.listed().users == ()


def test_the_test_refreshes_what_is_known_of_the_telephone_system(app: Flask, admin: FlaskClient, api: WebApi):
    set_up(app)
    findings(admin)
    assert {user.uid for user in configuring.listed().users} == {ANNA, BEN, FAX}
    assert [line.number for line in configuring.listed().lines] == ["03023125100"]
