"""Signs that no keyboard sends and PostgreSQL refuses, and numbers too large for any row: never a 5xx."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient

from app.modules.callcenter import configuring
from tests.conftest import FakeHttp, csrf_of, logged_in_client
from tests.integration.callcenter.phone_system import PhoneSystem, call_id, give_account, the_call
from tests.integration.callcenter.settings_page import PATH, save
from tests.integration.callcenter.web_api import ANNA, WebApi, set_up

#: As it stands in an address: NUL, control characters, half a surrogate pair, a byte that begins nothing.
ENCODED = "Rhein%00werk%20%1B%7F%20%ED%A0%80%20%EF%BF%BF%FF"
HUGE = ("99999999999999999999", "-99999999999999999999", "9" * 5000, "2147483648", "\u0663", "1e9", "")


@pytest.mark.parametrize(
    "path",
    [
        "/callcenter/calls?q={}",
        "/callcenter/calls?direction={0}&missed={0}&before={0}",
        "/callcenter/?q={}",
        "/callcenter/?sort={0}&desc={0}&page={0}",
        "/callcenter/phonebook.csv?q={}",
        "/callcenter/log?page={0}&show={0}",
        "/index.php?module={0}&action={0}&provider={0}&id={0}",
        "/index.php?module=adresse&action=edit&id={}",
    ],
)
def test_any_question_is_answered(admin: FlaskClient, phones: PhoneSystem, path: str):
    phones.incoming(call_id())
    for value in (ENCODED, "%00", *HUGE):
        assert admin.get(path.format(value)).status_code in (200, 302, 404), path


@pytest.mark.parametrize("who", ["\x00", "1,\x00", *HUGE, f"1,{'9' * 5000}"])
def test_a_choice_among_matches_that_is_none_is_refused(admin: FlaskClient, phones: PhoneSystem, who: str):
    phones.incoming(call_id())
    sent = {"who": who, "csrf_token": csrf_of(admin)}
    # A number that no address can have is told like that of an address which is none of the matches.
    assert admin.post(f"/callcenter/calls/{the_call().id}/assign", data=sent).status_code in (302, 400, 404)
    assert not the_call().chosen


ODD = ("\x00", "0221\x004710123", "\ud800", "0221 4710123 \ud800", "\x1b", "9" * 5000)


@pytest.mark.parametrize("odd", ODD)
@pytest.mark.parametrize("field", ["number", "idempotency_key", "account"])
def test_a_press_with_odd_values_is_a_refusal_or_a_call(
    app: Flask, http: FakeHttp, make_user: Callable[..., int], field: str, odd: str
):
    set_up(app)
    WebApi(http)
    user_id = make_user("anna")
    give_account(app, user_id, ANNA)
    client = logged_in_client(app, user_id)
    given = {"number": "0221 4710123", "idempotency_key": "key", field: odd}
    headers = {"X-CSRFToken": csrf_of(client, "/callcenter/"), "Accept": "application/json"}
    answer = client.post("/callcenter/dial", data=json.dumps(given), content_type="application/json", headers=headers)
    assert answer.status_code == 200
    assert answer.json is not None
    assert answer.json["state"] in ("refused", "accepted")


def test_settings_with_odd_values_are_saved_or_refused(admin: FlaskClient, make_user: Callable[..., int]):
    make_user("anna")
    row = {"line_row": ["n1"], "line_number_n1": "030 23125-100", "line_name_n1": "Zentrale"}
    fields: dict[str, dict[str, Any]] = {
        "api_key": {},
        "shared_secret": {},
        "base_url": {},
        "silent_seconds": {},
        "ringing_minutes": {},
        "talking_hours": {},
        "target_style": {},
        "accounts": {},
        "accounts_shown": {},
        "lines_shown": {},
        "line_number_n1": row,
        "line_name_n1": row,
        "line_users_n1": row,
        "accept": {},
    }
    for field, more in fields.items():
        for value in ("a\x00b", "anna:7\x007@fpbx.de", f"anna:{ANNA}\x00", *HUGE):
            status, _page = save(admin, **{**more, field: value})
            assert status in (302, 422), (field, value[:30])


def test_what_cannot_be_stored_is_left_out_of_lines(admin: FlaskClient):
    row: dict[str, Any] = {"line_row": ["n1"], "line_number_n1": "030 23125-100", "line_name_n1": "Zen\x00trale"}
    assert save(admin, **row)[0] == 302
    assert [line.name for line in configuring.lines()] == ["Zentrale"]
    assert admin.get(PATH).status_code == 200


@pytest.mark.parametrize("odd", ["\x00", "\ud800", "a\x00b" * 200])
def test_what_the_telephone_system_lists_may_hold_anything(app: Flask, admin: FlaskClient, http: FakeHttp, odd: str):
    set_up(app)
    api = WebApi(http)
    api.users = [{**user, "name": odd, "description": odd} for user in api.users]
    status, page = save(admin, "/test")
    assert status == 200
    assert ANNA in page
    assert admin.get(PATH).status_code == 200
