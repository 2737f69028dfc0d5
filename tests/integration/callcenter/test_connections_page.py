"""The page of the connections, and the settings of one that is not the first."""

from __future__ import annotations

import re
from html import unescape
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from app.modules.callcenter import configuring, connecting, connection, connections, control_rules, dialling
from app.modules.callcenter.connections import FIRST_CONNECTION, Connection
from app.modules.callcenter.control_rules import Draft
from app.modules.callcenter.domain.call_control import Action, ActionKind, Conditions
from app.modules.callcenter.written_lists import AccountEntry, LineEntry
from tests.conftest import csrf_of
from tests.integration.callcenter.phone_system import LINE_E164, SECRET, PhoneSystem, call_id, configure

PAGE = "/callcenter/settings/connections"
SETTINGS = "/callcenter/settings"


@pytest.fixture
def admin(app: Flask, client_for: Any) -> FlaskClient:
    configure(app)
    found: FlaskClient = client_for("chief", role="administrator")
    return found


@pytest.fixture
def cologne(admin: FlaskClient) -> Connection:
    return connecting.add("placetel", "Köln")


def send(client: FlaskClient, path: str, **fields: str) -> TestResponse:
    return client.post(path, data={**fields, "csrf_token": csrf_of(client, PAGE)}, follow_redirects=True)


def test_with_one_connection_the_settings_only_offer_another(admin: FlaskClient) -> None:
    page = admin.get(SETTINGS).text
    assert "Weitere Telefonanlage anschließen" in page
    assert 'aria-label="Verbindungen"' not in page


def test_one_is_added_and_its_settings_with_its_address_come_next(admin: FlaskClient) -> None:
    page = unescape(send(admin, PAGE, kind="placetel", name=" Köln  Süd ").text)
    made = connections.listed()[-1]
    assert made.name == "Köln Süd"
    assert made.token
    assert f"&connection={made.token}" in page
    assert "Die Verbindung Köln Süd wurde hinzugefügt" in page


@pytest.mark.parametrize(("name", "said"), [("", "Namen ein"), ("Placetel", "diesem Namen"), ("x" * 81, "80 Zeichen")])
def test_a_bad_name_is_told_and_stays_as_it_was_typed(admin: FlaskClient, name: str, said: str) -> None:
    answer = send(admin, PAGE, kind="placetel", name=name)
    assert answer.status_code == 422
    assert said in answer.text
    assert f'value="{name}"' in answer.text
    assert len(connections.listed()) == 1


def test_one_is_renamed_deactivated_and_taken_into_use_again(admin: FlaskClient, cologne: Connection) -> None:
    send(admin, f"{PAGE}/{cologne.key}/name", name="Bonn")
    send(admin, f"{PAGE}/{cologne.key}/active", active="0")
    now = connections.connection(cologne.key)
    assert (now.name, now.active, connections.connection(FIRST_CONNECTION).active) == ("Bonn", False, True)
    send(admin, f"{PAGE}/{cologne.key}/active", active="1")
    assert connections.connection(cologne.key).active
    assert f"Verbindung ({cologne.key})" in admin.get("/callcenter/audit?kind=change").text


def test_one_that_there_is_not_is_not_found(admin: FlaskClient) -> None:
    assert admin.get(f"{SETTINGS}?connection=placetel-00000000").status_code == 404
    assert send(admin, f"{PAGE}/placetel-00000000/name", name="x").status_code == 404
    assert send(admin, f"{PAGE}/placetel-00000000/active", active="1").status_code == 404


def test_what_is_saved_for_one_is_not_saved_for_another(admin: FlaskClient, cologne: Connection) -> None:
    before = connection.own_settings(), configuring.accounts(), configuring.lines()
    user = configuring.known_users()[0]
    fields = {
        "shared_secret": "a-secret-of-its-own",
        "base_url": "https://api.example/v2",
        "target_style": "e164",
        "accounts": f"{user.username}:101@fpbx.de",
        "ringing_minutes": "5",
        "talking_hours": "4",
        "line_row": "new",
        "line_number_new": "030 23125100",
        "line_users_new": str(user.id),
    }
    page = send(admin, f"{SETTINGS}?connection={cologne.key}", **fields).text
    assert 'aria-current="page">Köln' in page
    now = connection.own_settings(cologne.key)
    assert now.shared_secret is not None
    assert (now.shared_secret.reveal(), now.base_url) == ("a-secret-of-its-own", "https://api.example/v2")
    assert [entry.uid for entry in configuring.accounts(cologne.key)] == ["101@fpbx.de"]
    assert [(line.key, line.user_ids) for line in configuring.lines(cologne.key)] == [("+493023125100", (user.id,))]
    assert before == (connection.own_settings(), configuring.accounts(), configuring.lines())


def test_a_system_that_names_extensions_is_told_whose_they_are(admin: FlaskClient) -> None:
    asterisk, user = connecting.add("cti", "Asterisk"), configuring.known_users()[0]
    page = unescape(admin.get(f"{SETTINGS}?connection={asterisk.key}").text)
    assert f"/api/v1/cti/{asterisk.token}" in page
    assert "wo nach der Adresse der CTI-Schnittstelle" in page
    kept = dict(re.findall(r'<input type="hidden" name="(\w+)" value="([^"]*)">', page))
    assert {"base_url", "target_style", "ringing_minutes", "talking_hours"} <= kept.keys()
    kept.pop("csrf_token", None)
    saved = send(admin, f"{SETTINGS}?connection={asterisk.key}", accounts=f"{user.username}:23", **kept)
    assert saved.status_code == 200
    assert [entry.uid for entry in configuring.accounts(asterisk.key)] == ["23"]
    assert f"{user.username}:23" in saved.text
    configuring.save(configuring.Changes(accounts=[], connection=asterisk.key))
    # Whoever has the same name there needs no line.
    assert "Asterisk: Noch ist niemandem" not in unescape(admin.get("/health").text)


def test_pages_show_lines_of_another_connection_without_its_key(
    app: Flask, admin: FlaskClient, cologne: Connection, make_user: Any
) -> None:
    users = (configuring.known_users()[0].id, make_user("emma"))
    entry = LineEntry("030 23125100", LINE_E164, "", users)
    configuring.save(configuring.Changes({"shared_secret": SECRET}, lines=[entry], connection=cologne.key))
    other, call = PhoneSystem(app, url=f"/callcenter/webhook/placetel?connection={cologne.token}"), call_id()
    other.incoming(call)
    other.hung_up(call, "missed", duration="0")
    for name in ("calls", "statistics", "callbacks", "control"):
        path = f"/callcenter/{name}"
        page = admin.get(path).text
        assert "030 23125100 (Köln)" in page, path
        assert f"via {cologne.key}" not in re.sub(r'"[^"]*"', "", page), path
    rule = admin.get("/callcenter/control/new").text
    assert "jede Leitung von Placetel" in rule
    assert f'value="{entry.key} via {cologne.key}"' in rule


def test_whoever_has_a_telephone_there_is_among_the_colleagues_of_the_journal(
    admin: FlaskClient, cologne: Connection, make_user: Any
) -> None:
    emma = make_user("emma", name="Emma Beispiel")
    configuring.save(configuring.Changes(accounts=[AccountEntry("101@fpbx.de", emma)], connection=cologne.key))
    connecting.set_active(cologne.key, active=False)
    assert f'<option value="{emma}">Emma Beispiel' in admin.get("/callcenter/calls").text


def test_the_audit_log_tells_a_telephone_as_its_telephone_system_does(
    admin: FlaskClient, cologne: Connection, make_user: Any
) -> None:
    emma = make_user("emma")
    configuring.save(configuring.Changes(accounts=[AccountEntry("101@fpbx.de", emma)], connection=cologne.key))
    assert dialling.dial(emma, "0221 4710057", "key-1").code == "not_configured"
    assert ">101@fpbx.de<" in admin.get("/callcenter/audit").text


def test_the_preview_tells_which_rules_hold_at_another_connection(admin: FlaskClient, cologne: Connection) -> None:
    line = f"+493023125100 via {cologne.key}"
    busy = Action(ActionKind.BUSY)
    control_rules.store(None, Draft("Nur in Köln", Conditions(lines=(line,)), busy), by=None)
    control_rules.store(None, Draft("Überall sonst", Conditions(), Action(ActionKind.REJECT)), by=None)
    there = send(admin, "/callcenter/control/try", caller="0171 3920001", line=line).text
    tried = there.partition('id="tried"')[2].partition("</ol>")[0]
    assert "Nur in Köln" in tried
    assert "Überall sonst" not in tried


def test_the_state_of_the_system_tells_of_which_connection_it_speaks(admin: FlaskClient, cologne: Connection) -> None:
    assert "Köln (Placetel): Es gibt kein Shared Secret" in unescape(admin.get("/health").text)
