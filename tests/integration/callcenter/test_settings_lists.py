from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any

import pytest
from flask.testing import FlaskClient

from app.modules.callcenter import configuring, connection
from app.modules.callcenter.configuring import Changes
from app.modules.callcenter.written_lists import AccountEntry, LineEntry
from tests.conftest import FakeHttp, csrf_of
from tests.integration.callcenter.settings_page import PATH, fields, page_of, save
from tests.integration.callcenter.web_api import ANNA, BEN, FAX, WebApi


@pytest.fixture
def api(http: FakeHttp) -> WebApi:
    return WebApi(http)


@pytest.fixture
def users(make_user: Callable[..., int]) -> dict[str, int]:
    return {
        "anna": make_user("Anna", name="Anna Schmidt", email="anna@muster.example"),
        "ben": make_user("ben", name="Ben Yilmaz"),
    }


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
