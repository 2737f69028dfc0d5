"""What a user dialled last, beside the box in which he dials."""

from __future__ import annotations

import re
from typing import Any

import pytest
from flask import Flask

from app.modules.addresses.records import NumberInput
from app.modules.addresses.services import create_address
from app.modules.callcenter import dialling
from tests.conftest import FakeHttp, logged_in_client
from tests.integration.callcenter.phone_system import give_account
from tests.integration.callcenter.web_api import ANNA, WebApi, set_up

NUMBER = "0221 4710 123"


@pytest.fixture
def anna(app: Flask, http: FakeHttp, make_user: Any) -> int:
    set_up(app, shared_secret="shared-secret-for-tests")
    WebApi(http)
    user_id: int = make_user("anna", name="Anna Schmidt")
    give_account(app, user_id, ANNA)
    return user_id


def own_orders(app: Flask, user_id: int) -> list[str]:
    """The entries, as text."""
    page = logged_in_client(app, user_id).get("/callcenter/").text
    part = page[page.index('id="own-orders"') : page.index('id="book-title"')]
    return [
        re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", item)).strip()
        for item in re.findall(r"<li.*?</li>", part, re.DOTALL)
    ]


def test_orders_stand_there_newest_first_with_their_owner_and_what_came_of_them(app: Flask, anna: int) -> None:
    create_address({"name": "Muster GmbH"}, [NumberInput(NUMBER)])
    dialling.dial(anna, NUMBER, "one")
    dialling.dial(anna, "0900 1000000", "two")
    refused, dialled = own_orders(app, anna)
    assert re.match(r"0900 1 000000 abgelehnt \d", refused)
    assert re.match(r"0221 4710123 Muster GmbH Telefon klingelte \d", dialled)


def test_a_number_that_several_have_is_nobodys(app: Flask, anna: int) -> None:
    for name in ("Erste", "Zweite"):
        create_address({"name": name}, [NumberInput(NUMBER)])
    dialling.dial(anna, NUMBER, "one")
    (dialled,) = own_orders(app, anna)
    assert "Erste" not in dialled
    assert "Zweite" not in dialled


def test_nobody_sees_what_others_dialled_and_few_are_shown(app: Flask, anna: int, make_user: Any) -> None:
    for key in range(8):
        dialling.dial(anna, f"0221 4710 1{key:02}", f"key-{key}")
    assert len(own_orders(app, anna)) == 6
    assert own_orders(app, make_user("ben", role="administrator")) == []
