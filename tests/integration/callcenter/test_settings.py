from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import replace
from html import unescape
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient

from app.core.clock import FixedClock
from app.core.http import HttpFault
from app.modules.callcenter import configuring, connection
from app.modules.callcenter.configuring import Changes
from app.modules.callcenter.written_lists import AccountEntry, LineEntry
from tests.conftest import FakeHttp, csrf_of
from tests.integration.callcenter.phone_system import PhoneSystem, call_id
from tests.integration.callcenter.web_api import ANNA, BEN, FAX, KEY, WebApi, set_up, sip_user

PATH = "/callcenter/settings"


@pytest.fixture
def api(http: FakeHttp) -> WebApi:
    return WebApi(http)


@pytest.fixture
def users(make_user: Callable[..., int]) -> dict[str, int]:
    return {
        "anna": make_user("Anna", name="Anna Schmidt", email="anna@muster.example"),
        "ben": make_user("ben", name="Ben Yilmaz"),
    }


def page_of(client: FlaskClient, path: str = PATH) -> str:
    return unescape(client.get(path).get_data(as_text=True))


def fields(page: str) -> dict[str, Any]:
    """The form as a browser would send it, untouched."""
    sent: dict[str, Any] = {}
    for name in ("accounts_shown", "lines_shown", "base_url", "ringing_minutes", "talking_hours"):
        found = re.search(rf'name="{name}"[^>]*value="([^"]*)"', page)
        assert found, name
        sent[name] = found.group(1)
    found = re.search(r'<textarea[^>]*name="accounts"[^>]*>(.*?)</textarea>', page, re.S)
    assert found
    sent["accounts"] = found.group(1)
    sent["target_style"] = "national"
    sent["line_row"] = re.findall(r'name="line_row" value="(\d+)"', page)
    for token in sent["line_row"]:
        for part in ("number", "name"):
            value = re.search(rf'name="line_{part}_{token}" value="([^"]*)"', page)
            assert value
            sent[f"line_{part}_{token}"] = value.group(1)
        if f'name="line_proposed_{token}"' in page:
            sent[f"line_proposed_{token}"] = "1"
        boxes = re.findall(rf'name="line_users_{token}" value="(\d+)"( checked)?', page)
        sent[f"line_users_{token}"] = [user_id for user_id, checked in boxes if checked]
    return sent


def save(client: FlaskClient, action: str = "", **changes: Any) -> tuple[int, str]:
    """Change the form as shown and send it; the status and the page that follows."""
    sent = {**fields(page_of(client)), "csrf_token": csrf_of(client, PATH), **changes}
    answer = client.post(PATH + action, data={name: value for name, value in sent.items() if value is not None})
    page = page_of(client) if answer.status_code == 302 else unescape(answer.get_data(as_text=True))
    return answer.status_code, page


# ------------------------------------------------------------------------------------------------------------ secrets


def test_a_new_key_is_tried_with_a_real_request_and_the_result_is_told(admin: FlaskClient, api: WebApi):
    status, page = save(admin, api_key="new-key")
    assert status == 302
    assert "Gespeichert." in page
    assert "Die Verbindung steht: Der API-Key gehört zu Muster GmbH, Muster." in page
    assert api.keys == {"new-key"}
    key = connection.settings().api_key
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
    assert connection.settings().api_key is not None


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
    assert connection.settings().api_key is not None


def test_secrets_are_never_shown_again(app: Flask, admin: FlaskClient, api: WebApi):
    set_up(app, shared_secret="very-secret-text")
    page = page_of(admin)
    assert KEY not in page
    assert "very-secret-text" not in page
    assert page.count("gesetzt am 23.11.26, 11:10") == 2


def test_an_empty_field_keeps_a_secret_and_the_tick_removes_it(app: Flask, admin: FlaskClient, api: WebApi):
    set_up(app, shared_secret="abc")
    save(admin)
    assert connection.settings().shared_secret is not None
    save(admin, remove_shared_secret="1", remove_api_key="1")
    assert connection.settings().shared_secret is None
    assert connection.settings().api_key is None


def test_without_a_secret_the_page_says_what_works_and_what_does_not(admin: FlaskClient):
    assert "Ohne Shared Secret geht das Wählen, aber Meldungen über Anrufe werden abgelehnt" in page_of(admin)


def test_a_generated_secret_is_shown_once_and_counts_when_it_is_saved(admin: FlaskClient):
    status, page = save(admin, "/secret", accounts="half a line")
    found = re.search(r'name="shared_secret" type="text" value="([0-9a-f]{48})"', page)
    assert status == 200
    assert found
    assert "half a line" in page
    assert connection.settings().shared_secret is None
    save(admin, shared_secret=found.group(1))
    stored = connection.settings().shared_secret
    assert stored is not None
    assert stored.reveal() == found.group(1)
    assert found.group(1) not in page_of(admin)


# ----------------------------------------------------------------------------------------------------------- accounts


def test_the_text_of_accounts_is_stored_and_shown_as_user_names(admin: FlaskClient, users: dict[str, int]):
    save(admin, accounts=f"ANNA:{ANNA}\r\nben:{BEN}")
    assert configuring.accounts() == [AccountEntry(ANNA, users["anna"]), AccountEntry(BEN, users["ben"])]
    assert fields(page_of(admin))["accounts"] == f"Anna:{ANNA}\nben:{BEN}"


def test_bad_lines_are_named_and_nothing_typed_is_lost(admin: FlaskClient, users: dict[str, int]):
    typed = f"Anna {ANNA}\nnobody:{BEN}\nAnna:{FAX}\nben:{FAX}"
    status, page = save(admin, accounts=typed, ringing_minutes="7")
    assert status == 422
    assert "Zeile 1: Der Doppelpunkt fehlt" in page
    assert "Zeile 2: Den Benutzer „nobody“ gibt es nicht." in page
    assert f"Zeile 4: {FAX} gehört in Zeile 3 schon zu einem anderen Benutzer." in page
    assert fields(page)["accounts"] == typed
    assert configuring.accounts() == []
    assert connection.settings().ringing_minutes == 7


def test_an_account_unknown_to_the_telephone_system_is_stored_with_a_warning(
    admin: FlaskClient, api: WebApi, users: dict[str, int]
):
    save(admin, api_key="new-key")
    status, page = save(admin, accounts="Anna:7779999999@fpbx.de")
    assert status == 302
    assert "Zeile 1: Placetel kennt 7779999999@fpbx.de nicht." in page
    assert len(configuring.accounts()) == 1


def test_the_table_edits_the_same_accounts(admin: FlaskClient, api: WebApi, users: dict[str, int]):
    save(admin, api_key="new-key", accounts=f"Anna:{ANNA}")
    save(admin, pick_uid=[ANNA, BEN, FAX], pick_user=["", str(users["ben"]), ""])
    assert configuring.accounts() == [AccountEntry(BEN, users["ben"])]
    assert fields(page_of(admin))["accounts"] == f"ben:{BEN}"


def test_pairs_are_proposed_by_email_and_name_and_stored_when_accepted(
    admin: FlaskClient, api: WebApi, users: dict[str, int]
):
    _status, page = save(admin, api_key="new-key")
    assert "Vorschlag: Anna Schmidt (gleiche E-Mail)" in page
    assert "Vorschlag: Ben Yilmaz (gleicher Name)" in page
    offered = re.findall(r'name="accept" value="([^"]+)"', page)
    save(admin, accept=offered)
    assert configuring.accounts() == [AccountEntry(ANNA, users["anna"]), AccountEntry(BEN, users["ben"])]
    assert "Vorschlag" not in page_of(admin).partition("Leitungen")[0]


def test_a_page_left_open_does_not_undo_what_somebody_else_stored(admin: FlaskClient, users: dict[str, int]):
    old = {**fields(page_of(admin)), "csrf_token": csrf_of(admin, PATH)}
    configuring.save(Changes(accounts=[AccountEntry(ANNA, users["anna"])], lines=[LineEntry("23", "23")]))
    assert admin.post(PATH, data={**old, "ringing_minutes": "9"}).status_code == 302
    assert connection.settings().ringing_minutes == 9
    assert len(configuring.accounts()) == 1
    assert len(configuring.lines()) == 1


# -------------------------------------------------------------------------------------------------------------- lines


def test_lines_are_added_by_hand_without_a_key(admin: FlaskClient, users: dict[str, int]):
    rows: dict[str, Any] = {"line_row": ["0", "n1"], "line_number_0": "030 23125-100", "line_name_0": "Zentrale"}
    more: dict[str, Any] = {
        "line_users_0": [str(users["anna"]), str(users["ben"])],
        "line_number_n1": "",
        "line_name_n1": "",
    }
    status, page = save(admin, **rows, **more)
    assert status == 302
    ids = tuple(sorted((users["anna"], users["ben"])))
    assert configuring.lines() == [LineEntry("030 23125-100", "+493023125100", "Zentrale", ids)]
    assert "Anna Schmidt, Ben Yilmaz" in re.sub(r"\s*,\s*", ", ", page)


def test_a_bad_number_is_marked_and_what_was_typed_stays(admin: FlaskClient):
    rows: dict[str, Any] = {
        "line_row": ["0", "n1"],
        "line_number_0": "Zentrale",
        "line_number_n1": "23",
        "line_name_n1": "Büro",
    }
    status, page = save(admin, **rows)
    assert status == 422
    assert "„Zentrale“ ist keine Telefonnummer." in page
    sent = fields(page)
    assert [sent[f"line_number_{token}"] for token in sent["line_row"]][:2] == ["Zentrale", "23"]
    assert configuring.lines() == []


def test_lines_are_proposed_from_numbers_and_caller_ids_and_stored_when_accepted(
    admin: FlaskClient, api: WebApi, users: dict[str, int]
):
    save(admin, api_key="new-key", accounts=f"Anna:{ANNA}")
    sent = fields(page_of(admin))
    proposed = [token for token in sent["line_row"] if f"line_proposed_{token}" in sent]
    assert [sent[f"line_number_{token}"] for token in proposed] == ["03023125100", "03023125101", "03023125102"]
    save(admin)
    assert configuring.lines() == []
    save(admin, **{f"line_accept_{token}": "1" for token in proposed[:2]})
    assert configuring.lines() == [
        LineEntry("03023125100", "+493023125100", "Zentrale"),
        LineEntry("03023125101", "+493023125101", "", (users["anna"],)),
    ]


# ----------------------------------------------------------------------------------------------------- connection test


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
    key = connection.settings().api_key
    assert key is not None
    assert key.reveal() == KEY
    assert configuring.listed().users == ()


def test_the_test_refreshes_what_is_known_of_the_telephone_system(app: Flask, admin: FlaskClient, api: WebApi):
    set_up(app)
    findings(admin)
    assert {user.uid for user in configuring.listed().users} == {ANNA, BEN, FAX}
    assert [line.number for line in configuring.listed().lines] == ["03023125100"]


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
