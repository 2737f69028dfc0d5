"""What is offered beside a call: only what the reader may do."""

from __future__ import annotations

from typing import Any

import pytest
from flask import Flask

from app.core.modules import Permission
from tests.conftest import logged_in_client
from tests.integration.callcenter.facts_heard import address
from tests.integration.callcenter.phone_system import PhoneSystem, call_id, the_call

NOTE, ADDRESS, NEW = "Telefonnotiz anlegen", "Zur Adresse", "Adresse anlegen"


def pages(app: Flask, user_id: int) -> str:
    """Journal, call, bell, and the page whose cards the browser fills."""
    client = logged_in_client(app, user_id)
    paths = ("/callcenter/calls", f"/callcenter/calls/{the_call().id}", "/callcenter/bell", "/account/settings")
    return "".join(client.get(path).text for path in paths)


@pytest.fixture
def anna(app: Flask, phones: PhoneSystem, make_user: Any) -> Any:
    address()
    phones.incoming(call_id())
    return make_user()


def test_whoever_may_write_notes_is_offered_to(app: Flask, anna: int) -> None:
    shown = pages(app, anna)
    assert shown.count(NOTE) > 4
    assert ADDRESS in shown
    assert NEW in shown


def test_whoever_may_not_write_notes_is_offered_the_address_only(
    app: Flask, anna: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    denied = Permission("addresses.edit", "", staff=False)
    monkeypatch.setitem(app.extensions["durchwahl"].permissions, "addresses.edit", denied)
    shown = pages(app, anna)
    assert ADDRESS in shown
    assert NOTE not in shown
    assert NEW not in shown
    assert '"may_edit": false' in shown


def test_whoever_may_not_look_at_addresses_is_offered_none(
    app: Flask, anna: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in ("addresses.view", "addresses.edit"):
        monkeypatch.setitem(app.extensions["durchwahl"].permissions, name, Permission(name, "", staff=False))
    shown = pages(app, anna)
    assert ADDRESS not in shown
    assert NOTE not in shown
