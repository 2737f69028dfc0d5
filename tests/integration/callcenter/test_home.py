"""The telephone system's country follows the setting: what it sends, what is shown, dialled and entered as a line."""

from __future__ import annotations

import pytest
from flask import Flask

from app.core.database import transaction
from app.core.phones import dialable_target
from app.core.values import Dialable
from app.modules.addresses.settings import AddressSettings
from app.modules.callcenter import home
from app.modules.callcenter.labels import labels
from app.modules.callcenter.snapshots import line_of, remote_of
from app.modules.callcenter.written_lists import line_key
from tests.integration.callcenter.phone_system import PhoneSystem, call_id, the_call


@pytest.fixture
def in_switzerland(app: Flask) -> None:
    with transaction() as session:
        app.extensions["durchwahl"].settings.save(session, AddressSettings, {"default_country": "CH"})


@pytest.mark.usefixtures("in_switzerland")
@pytest.mark.parametrize("sent", ["0791234567", "+41791234567", "0041791234567", "41791234567"])
def test_a_swiss_telephone_system_sends_swiss_numbers(phones: PhoneSystem, sent: str) -> None:
    phones.tell("IncomingCall", call_id(), **{"from": sent, "to": "0446681800", "direction": "in"})
    call = the_call()
    assert (call.remote_e164, call.line_key) == ("+41791234567", "+41446681800")
    assert remote_of(call)["display"] == "079 123 45 67"
    line = line_of(call, labels())
    assert line is not None
    assert line["display"] == "044 668 18 00"


@pytest.mark.usefixtures("in_switzerland")
def test_lines_and_dialled_numbers_are_swiss_too(app: Flask) -> None:
    assert home.region() == "CH"
    assert line_key("044 668 18 00") == "+41446681800"
    assert home.format_display("+41446681800") == "044 668 18 00"
    assert home.format_display("+492214710123") == "+49 221 4710123"
    assert dialable_target("044 668 18 00", home.region()) == Dialable("044 668 18 00", "+41446681800")


def test_where_nothing_was_set_the_telephone_system_is_german(phones: PhoneSystem) -> None:
    phones.tell("IncomingCall", call_id(), **{"from": "02214710123", "to": "03023125100", "direction": "in"})
    assert (the_call().remote_e164, the_call().line_key) == ("+492214710123", "+493023125100")
    assert home.region() == "DE"
