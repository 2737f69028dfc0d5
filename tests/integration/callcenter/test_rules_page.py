"""The page of the rules for dialling, and its answer to what would happen."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient

from app.modules.callcenter import connection, dialling
from app.modules.callcenter.settings import EUROPE
from tests.conftest import FakeHttp, csrf_of
from tests.integration.callcenter.phone_system import give_account
from tests.integration.callcenter.web_api import ANNA, WebApi, set_up

PAGE = "/callcenter/settings/dialling"
KINDS = ["premium", "mass", "enquiries", "satellite", "personal"]


@pytest.fixture
def anna(app: Flask, make_user: Callable[..., int]) -> int:
    user_id = make_user("anna")
    give_account(app, user_id, ANNA)
    return user_id


def form(client: FlaskClient, **more: Any) -> dict[str, Any]:
    """As the page sends it when nobody touched anything."""
    values = {"kind": KINDS, "countries": "chosen", "country": list(EUROPE), "hour_limit": "60", "day_limit": "300"}
    return {"csrf_token": csrf_of(client, PAGE), "allowed": "", "blocked": "", **values, **more}


def tried(client: FlaskClient, user_id: int, number: str, **more: Any) -> str:
    sent = form(client, try_user=str(user_id), try_number=number, **more)
    answer = client.post(f"{PAGE}/try", data=sent, headers={"HX-Request": "true"})
    assert answer.status_code == 200
    return answer.get_data(as_text=True)


def test_what_is_sent_untouched_changes_nothing(app: Flask, admin: FlaskClient) -> None:
    before = connection.settings()
    assert admin.post(PAGE, data=form(admin)).status_code == 302
    now = connection.settings()
    assert (now.dial_blocked_kinds, set(now.dial_countries)) == (before.dial_blocked_kinds, set(before.dial_countries))
    assert (now.dial_hour_limit, now.dial_day_limit) == (60, 300)


def test_rules_are_stored_as_they_were_chosen_and_the_own_country_always(app: Flask, admin: FlaskClient) -> None:
    sent = form(
        admin,
        kind=["premium", "nonsense"],
        country=["AT", "XX"],
        allowed="0900 1000000\n+49180*\n\n11833\n",
        blocked="00 44 7*",
        hour_limit="",
        day_limit="9",
    )
    assert admin.post(PAGE, data=sent).status_code == 302
    now = connection.settings()
    assert now.dial_blocked_kinds == ("premium",)
    assert now.dial_countries == ("AT", "DE")
    assert (now.dial_allowed, now.dial_blocked) == (("+499001000000", "+49180*", "11833"), ("+447*",))
    assert (now.dial_hour_limit, now.dial_day_limit) == (0, 9)
    shown = admin.get(PAGE).get_data(as_text=True)
    assert "0900 1 000000\n+49180*\n11833</textarea>" in shown


def test_what_is_wrong_is_said_kept_and_nothing_is_stored(app: Flask, admin: FlaskClient) -> None:
    before = connection.settings()
    sent = form(admin, kind=[], allowed="nobody\n900*\n23\n23", day_limit="many", blocked="0900 1000000")
    answer = admin.post(PAGE, data=sent)
    shown = answer.get_data(as_text=True)
    assert answer.status_code == 422
    for words in (
        "Zeile 1: „nobody“ ist keine Telefonnummer.",
        "Zeile 2: „900*“ ist kein Anfang von Nummern.",
        "Zeile 4: „23“ steht doppelt da.",
        "Bitte geben Sie eine Zahl von 0 bis 10000 ein.",
        "nobody\n900*\n23\n23</textarea>",
        'value="many"',
        "0900 1000000</textarea>",
    ):
        assert words in shown, words
    assert connection.settings() == before


def test_every_country_is_warned_of(app: Flask, admin: FlaskClient) -> None:
    warning = "Anrufe in jedes Land sind erlaubt."
    assert warning not in admin.get(PAGE).get_data(as_text=True)
    admin.post(PAGE, data=form(admin, countries="every"))
    assert connection.settings().dial_countries == ("*",)
    assert warning in admin.get(PAGE).get_data(as_text=True)


def test_the_rules_in_the_form_are_tried_before_they_are_saved(app: Flask, admin: FlaskClient, anna: int) -> None:
    blocked = tried(admin, anna, "0900 1000000")
    assert "Mehrwertnummern sind gesperrt." in blocked
    assert "Regel: Mehrwertnummern" in blocked
    allowed = tried(admin, anna, "0900 1000000", kind=[])
    assert f"Zuerst klingelt das Telefon {ANNA}." in allowed
    assert "Land: Deutschland" in allowed
    by_exception = tried(admin, anna, "0900 1000000", allowed="+49900*")
    assert "Regel: Ausnahme „immer erlaubt“: +49900*" in by_exception
    assert "premium" in connection.settings().dial_blocked_kinds


def test_a_trial_counts_what_the_user_ordered_and_dials_nothing(
    app: Flask, admin: FlaskClient, anna: int, http: FakeHttp
) -> None:
    set_up(app)
    api = WebApi(http)
    dialling.dial(anna, "0221 4710 123", "key")
    found = tried(admin, anna, "0221 4710 124", hour_limit="1")
    assert "Sie haben so viele Anrufe aufgegeben, wie erlaubt sind." in found
    assert "Höchstens 1 Anrufe in einer Stunde" in found
    assert "Wählaufträge in der letzten Stunde: 1, in den letzten 24 Stunden: 1." in found
    assert len(api.dialled) == 1


def test_a_trial_for_somebody_without_telephone_says_so(app: Flask, admin: FlaskClient, make_user: Any) -> None:
    assert "ihm ist kein telefon zugeordnet" in tried(admin, make_user("clara"), "0221 4710 124").lower()


@pytest.mark.parametrize("user", ["", "x", "0", "987654", "9" * 30, "-1"])
def test_a_trial_without_a_user_asks_for_one(app: Flask, admin: FlaskClient, user: str) -> None:
    sent = form(admin, try_user=user, try_number="0221 4710 124")
    assert "Bitte wählen Sie aus, wer anruft." in admin.post(f"{PAGE}/try", data=sent).get_data(as_text=True)


def test_staff_neither_sees_nor_changes_the_rules(app: Flask, staff: FlaskClient) -> None:
    assert staff.get(PAGE).status_code == 403
    assert staff.post(PAGE, data={"csrf_token": csrf_of(staff, "/account/settings")}).status_code == 403
