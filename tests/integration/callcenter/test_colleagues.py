"""Calls inside the house: an extension or a SIP user is shown as the colleague whose telephone it is."""

from __future__ import annotations

from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient

from app.core.accounts import service
from app.modules.callcenter import cards, configuring
from app.modules.callcenter.configuring import Changes, Listed
from app.modules.callcenter.providers.base import PbxUser
from app.modules.callcenter.written_lists import AccountEntry
from tests.conftest import logged_in_client
from tests.integration.callcenter.open_browser import Browser
from tests.integration.callcenter.phone_system import ANNA, BEN, LINE, PhoneSystem, call_id, give_account, the_call
from tests.integration.callcenter.test_origins import text_of

RECEPTION = "7771000004@fpbx.de"


def list_telephones(*listed: tuple[str, str, str | None]) -> None:
    """The PBX's list as last stored: SIP user, name, extension."""
    users = tuple(PbxUser(uid=uid, name=name, type="standard", extension=did) for uid, name, did in listed)
    configuring.remember(Listed(users))


@pytest.fixture
def anna(app: Flask, make_user: Any) -> int:
    user_id: int = make_user(name="Anna Berger")
    give_account(app, user_id, ANNA)
    list_telephones((ANNA, "Tel. Berger", "23"), (RECEPTION, "Empfang", "10"))
    return user_id


@pytest.fixture
def ben(app: Flask, make_user: Any) -> int:
    user_id: int = make_user(name="Ben Yilmaz")
    give_account(app, user_id, BEN)
    return user_id


def told(user_id: int) -> dict[str, Any]:
    (call,) = cards.state_for(user_id)["calls"]
    found: dict[str, Any] = call
    return found


@pytest.mark.parametrize("caller", ["23", ANNA, ANNA.upper(), f"sip:{ANNA}"])
def test_an_extension_or_sip_user_is_the_user_whose_telephone_it_is(
    phones: PhoneSystem, anna: int, ben: int, caller: str
) -> None:
    phones.incoming(call_id(), caller=caller)
    assert told(ben)["colleague"] == {"name": "Anna Berger", "extension": "23"}
    assert told(ben)["origin"] is None


@pytest.mark.parametrize("caller", ["10", RECEPTION])
def test_a_telephone_of_nobody_is_called_as_the_pbx_calls_it(
    phones: PhoneSystem, anna: int, ben: int, caller: str
) -> None:
    phones.incoming(call_id(), caller=caller)
    assert told(ben)["colleague"] == {"name": "Empfang", "extension": "10"}


def test_an_extension_that_nobody_has_is_shown_as_one(phones: PhoneSystem, anna: int, ben: int) -> None:
    phones.incoming(call_id(), caller="99")
    assert told(ben)["colleague"] == {"name": "", "extension": "99"}


def test_a_sip_user_of_another_house_is_no_colleague(phones: PhoneSystem, anna: int, ben: int) -> None:
    phones.incoming(call_id(), caller="7779999999@fpbx.de")
    assert told(ben)["colleague"] is None


def test_a_user_is_named_without_extension_while_the_pbx_was_never_asked(phones: PhoneSystem, ben: int) -> None:
    phones.incoming(call_id(), caller=BEN)
    assert told(ben)["colleague"] == {"name": "Ben Yilmaz", "extension": ""}


def test_an_extension_that_two_people_have_names_neither(phones: PhoneSystem, anna: int, ben: int) -> None:
    list_telephones((ANNA, "", "23"), (BEN, "", "23"))
    phones.incoming(call_id(), caller="23")
    assert told(ben)["colleague"] == {"name": "", "extension": "23"}


def test_one_person_with_two_telephones_at_one_extension_is_named(
    app: Flask, phones: PhoneSystem, anna: int, ben: int
) -> None:
    give_account(app, anna, RECEPTION)
    list_telephones((ANNA, "", "23"), (RECEPTION, "", "23"))
    phones.incoming(call_id(), caller="23")
    assert told(ben)["colleague"] == {"name": "Anna Berger", "extension": "23"}


def test_who_dials_an_extension_sees_the_colleague_until_the_end(phones: PhoneSystem, anna: int, ben: int) -> None:
    call = call_id()
    phones.outgoing(call, peer=BEN, target="23")
    assert told(ben)["colleague"] == {"name": "Anna Berger", "extension": "23"}
    phones.tell("HungUp", call, **{"from": BEN, "to": ANNA, "direction": "out", "type": "accepted", "duration": "7"})
    assert (told(ben)["phase"], told(ben)["colleague"]) == ("ended", {"name": "Anna Berger", "extension": "23"})


def test_a_call_from_outside_has_no_colleague(phones: PhoneSystem, anna: int, ben: int) -> None:
    for caller in ("01713920001", "anonymous", "0123456789"):
        phones.incoming(call_id(), caller=caller)
    assert [call["colleague"] for call in cards.state_for(ben)["calls"]] == [None, None, None]


@pytest.mark.parametrize(("language", "word"), [("de", "Durchwahl"), ("en", "extension")])
def test_journal_bell_and_call_show_the_colleague_and_offer_no_address(
    app: Flask, phones: PhoneSystem, anna: int, make_user: Any, language: str, word: str
) -> None:
    reader = logged_in_client(app, make_user(language=language))
    phones.incoming(call_id(), caller="23")
    for path in ("/callcenter/calls", "/callcenter/bell", f"/callcenter/calls/{the_call().id}"):
        text = text_of(reader, path)
        assert f"Anna Berger ({word} 23)" in text, path
        for other in ("Unbekannt", "Unknown", "Adresse anlegen", "Create address"):
            assert other not in text, path


def test_the_calls_page_names_telephones_of_nobody_in_its_history(
    app: Flask, phones: PhoneSystem, anna: int, make_user: Any
) -> None:
    call = call_id()
    phones.incoming(call)
    phones.accepted(call, peer=RECEPTION)
    assert "Anruf angenommen (Empfang)" in text_of(
        logged_in_client(app, make_user()), f"/callcenter/calls/{the_call().id}"
    )


class TestOpenCardsHear:
    """The names change while the card is shown."""

    @pytest.fixture
    def browser(self, app: Flask, phones: PhoneSystem, anna: int, ben: int) -> Browser:
        opened = Browser(app, ben)
        phones.incoming(call_id(), caller="23", line=LINE)
        (call,) = opened.heard()
        assert call["colleague"]["name"] == "Anna Berger"
        return opened

    def names(self, browser: Browser) -> list[str]:
        """The colleague's names in the states that were pushed since the last look."""
        return [call["colleague"]["name"] for state in browser.heard("calls") for call in state["calls"]]

    def test_that_the_telephone_belongs_to_somebody_else(self, browser: Browser, ben: int) -> None:
        configuring.save(Changes(accounts=[AccountEntry(ANNA, ben)]))
        assert self.names(browser) == ["Ben Yilmaz"]
        configuring.save(Changes(accounts=[]))
        assert self.names(browser) == ["Tel. Berger"]

    def test_that_the_colleague_is_called_otherwise(self, browser: Browser, anna: int) -> None:
        service.update_user(anna, name="Anna Berger-Kurz")
        assert self.names(browser) == ["Anna Berger-Kurz"]

    def test_nothing_when_something_else_of_a_colleague_changes(self, browser: Browser, anna: int) -> None:
        service.update_user(anna, timezone="Europe/Vienna", name="Anna Berger")
        assert self.names(browser) == []

    def test_that_the_pbx_lists_its_telephones_otherwise(self, browser: Browser) -> None:
        list_telephones((RECEPTION, "Empfang", "23"), (ANNA, "", "24"))
        assert self.names(browser) == ["Empfang"]

    def test_nothing_when_the_pbx_lists_the_same_again(self, browser: Browser) -> None:
        list_telephones((ANNA, "Tel. Berger", "23"), (RECEPTION, "Empfang", "10"))
        assert browser.heard("calls") == []


def test_a_webhook_never_asks_the_pbx_for_a_name(
    app: Flask, phones: PhoneSystem, anna: int, ben: int, http: Any, client_for: Any
) -> None:
    phones.incoming(call_id(), caller="23")
    phones.outgoing(call_id(), peer=BEN, target=RECEPTION)
    client: FlaskClient = client_for()
    assert "Anna Berger (Durchwahl 23)" in text_of(client, "/callcenter/calls")
    assert http.requests == []
