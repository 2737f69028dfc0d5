"""The file for support: complete enough to help, and without a secret, a name or a number in full."""

from __future__ import annotations

import json
import re

from flask import Flask
from flask.testing import FlaskClient

from app.core.accounts import service
from tests.conftest import PASSWORD, logged_in_client
from tests.integration.callcenter.phone_system import (
    ANNA,
    CUSTOMER,
    LINE,
    SECRET,
    PhoneSystem,
    call_id,
    give_account,
    give_line,
)

PATH = "/health/diagnostics.json"


def test_the_file_tells_how_it_is_and_gives_nobody_away(app: Flask, admin: FlaskClient, phones: PhoneSystem) -> None:
    user_id = service.create_user("erika.muster", PASSWORD, "staff", name="Erika Muster")
    give_account(app, user_id, ANNA)
    give_line(app)  # which nobody answers: a light says so with its number
    phones.incoming(call := call_id())
    phones.accepted(call)
    phones.hung_up(call)
    phones.post(b"event=Strange&call_id=02214710987&from_name=Erika+Muster&secret=abcdefgh")
    phones.post(b"event=IncomingCall&from=" + CUSTOMER.encode(), "0" * 64)
    answer = admin.get(PATH)
    assert answer.headers["Content-Disposition"].startswith('attachment; filename="durchwahl-diagnostics-')
    text = answer.get_data(as_text=True)
    told = json.loads(text)
    assert told["callcenter"]["counts"]["notifications"] == {"processed": 3, "unsupported": 1}
    assert told["callcenter"]["counts"]["refused"] == {"wrong_signature": 1}
    assert [one["settings"]["shared_secret"] for one in told["callcenter"]["connections"]] == ["set"]
    last = told["callcenter"]["last_notifications"][0]
    assert ["from_name", "… (12)"] in last["content"]
    assert told["core"]["packages"]["Flask"]
    assert told["core"]["database"]["revision"] == told["core"]["database"]["newest_revision"]
    config = app.extensions["durchwahl"].config
    for hidden in (SECRET, config.secret_key, "abcdefgh", "Muster", "erika", ANNA, call):
        assert hidden not in text
    digits = re.sub(r"[^0-9\n]", "", text)
    for number in (CUSTOMER, LINE, "02214710987"):
        assert number.lstrip("0") not in digits


def test_a_part_that_fails_costs_no_other(app: Flask, admin: FlaskClient) -> None:
    def broken() -> dict[str, str]:
        raise LookupError("02214710987")

    diagnostics = app.extensions["durchwahl"].diagnostics
    parts = list(diagnostics._parts)
    diagnostics.add("broken", broken, lambda: True)
    try:
        told = admin.get(PATH).get_json()
    finally:
        diagnostics._parts[:] = parts
    assert told["broken"] == {"failed": "LookupError"}
    assert "callcenter" in told


def test_staff_does_not_get_it(app: Flask) -> None:
    client = logged_in_client(app, service.create_user("somebody", PASSWORD, "staff"))
    assert client.get(PATH).status_code == 403
