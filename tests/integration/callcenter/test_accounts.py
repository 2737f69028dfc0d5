from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from flask import Flask

from app.core.accounts import personal, service
from app.core.database import reading
from app.modules.callcenter import accounts, configuring, connection
from app.modules.callcenter.configuring import Changes, Listed
from app.modules.callcenter.domain.recipients import Watcher
from app.modules.callcenter.providers.base import Dials, PbxLine, PbxUser
from app.modules.callcenter.written_lists import AccountEntry, LineEntry
from tests.integration.callcenter.web_api import ANNA, BEN, set_up

LINES = [LineEntry("030 23125100", "+493023125100", "Zentrale", (1,)), LineEntry("23", "23")]


@pytest.fixture
def anna(make_user: Callable[..., int]) -> int:
    return make_user("anna")


def watcher(user_id: int) -> Watcher:
    with reading() as session:
        return next(one for one in accounts.watchers(session) if one.user_id == user_id)


def owner(uid: str | None) -> int | None:
    with reading() as session:
        return accounts.user_of(session, uid)


def test_an_account_leads_to_its_user_in_any_case(app: Flask, anna: int):
    configuring.save(Changes(accounts=[AccountEntry(ANNA, anna)]))
    assert owner(ANNA.upper()) == anna
    assert owner("nobody@fpbx.de") is None
    assert owner(None) is None


def test_accounts_keep_the_order_of_the_text_and_each_users_first_dials(app: Flask, anna: int):
    entries = [AccountEntry("9@x.de", anna), AccountEntry("1@x.de", anna)]
    configuring.save(Changes(accounts=entries))
    assert configuring.accounts() == entries
    assert accounts.accounts_of(anna) == ("9@x.de", "1@x.de")
    configuring.save(Changes(accounts=entries[::-1]))
    assert accounts.accounts_of(anna) == ("1@x.de", "9@x.de")


def test_a_chosen_telephone_that_was_taken_away_is_forgotten(app: Flask, anna: int):
    configuring.save(Changes(accounts=[AccountEntry("1@x.de", anna), AccountEntry("2@x.de", anna)]))
    accounts.choose(anna, "2@x.de")
    assert accounts.accounts_of(anna) == ("2@x.de", "1@x.de")
    configuring.save(Changes(accounts=[AccountEntry("1@x.de", anna)]))
    assert accounts.accounts_of(anna) == ("1@x.de",)


def test_an_account_can_change_hands(app: Flask, anna: int, make_user: Callable[..., int]):
    ben = make_user("ben")
    configuring.save(Changes(accounts=[AccountEntry(ANNA, anna)]))
    configuring.save(Changes(accounts=[AccountEntry(ANNA, ben)]))
    assert owner(ANNA) == ben
    assert accounts.accounts_of(anna) == ()


def test_lines_are_stored_renamed_and_taken_away(app: Flask, anna: int):
    lines = [LineEntry("030 23125100", "+493023125100", "Zentrale", (anna,)), LineEntry("23", "23")]
    configuring.save(Changes(lines=lines))
    assert configuring.lines() == lines
    assert watcher(anna).lines == {"+493023125100"}
    configuring.save(Changes(lines=[LineEntry("030 23125100", "+493023125100", "Empfang")]))
    assert configuring.lines() == [LineEntry("030 23125100", "+493023125100", "Empfang")]
    assert watcher(anna).lines == frozenset()


def test_what_is_not_given_stays(app: Flask, anna: int):
    configuring.save(Changes(accounts=[AccountEntry(ANNA, anna)], lines=[LineEntry("23", "23")]))
    configuring.save(Changes(settings={"target_style": "e164"}))
    assert len(configuring.accounts()) == 1
    assert len(configuring.lines()) == 1


def test_a_watcher_knows_rights_choices_accounts_and_lines_at_once(app: Flask, anna: int):
    assert watcher(anna) == Watcher(anna, True, True, True, "all", frozenset(), frozenset())
    configuring.save(Changes(accounts=[AccountEntry(ANNA, anna)]))
    personal.save(anna, {("callcenter", "notifications"): False, ("callcenter", "scope"): "lines"})
    assert watcher(anna) == Watcher(anna, True, True, False, "lines", frozenset({ANNA}), frozenset())
    service.update_user(anna, active=False)
    assert not watcher(anna).active


def test_the_list_of_the_telephone_system_replaces_the_one_before(app: Flask, kernel: Any):
    now = kernel.clock.now()
    first = Listed((PbxUser(ANNA, "Anna", "standard"), PbxUser(BEN, "Ben", "fax")), (PbxLine("030", "Zentrale"),), now)
    configuring.remember(first)
    assert configuring.listed() == first
    second = Listed((PbxUser(ANNA, "Anna S.", "standard", extension="11", online=True),), (), now)
    configuring.remember(second)
    assert configuring.listed() == second


def test_a_telephone_system_that_lists_one_twice_or_writes_at_length_is_no_failure(app: Flask, kernel: Any):
    long = PbxUser("x@fpbx.de", "n" * 500, "t" * 100, extension="1" * 100, caller_id="2" * 100, email="e" * 400)
    configuring.remember(Listed((long, long), (PbxLine("030", "a"), PbxLine("030", "b")), kernel.clock.now()))
    assert len(configuring.listed().users) == 1


def test_lines_from_a_file_keep_their_names_or_get_those_of_the_telephone_system(app: Flask, kernel: Any):
    configuring.save(Changes(lines=[LineEntry("030 23125100", "+493023125100", "Mein Name")]))
    listed = Listed((), (PbxLine("03023125100", "Zentrale"), PbxLine("03023125101", "Büro")), kernel.clock.now())
    configuring.remember(listed)
    entries = [LineEntry("03023125100", "+493023125100"), LineEntry("x", "+493023125101"), LineEntry("9", "9")]
    assert [entry.name for entry in configuring.named(entries)] == ["Mein Name", "Büro", ""]


def test_a_provider_is_built_from_the_settings_in_force(app: Flask):
    assert isinstance(connection.provider_for("placetel"), Dials)
    assert connection.provider_for("unheard-of") is None


def test_a_secret_under_another_key_counts_as_none(app: Flask, kernel: Any):
    set_up(app, shared_secret="abc")
    kernel.cipher = type(kernel.cipher)("another-secret-key-" + "x" * 32)
    kernel.settings.cipher, before = kernel.cipher, kernel.settings.cipher
    kernel.settings.forget()
    try:
        found = connection.own_settings()
        assert found.api_key is not None
        assert not found.api_key.readable
        assert connection.provider_for("placetel") is not None
    finally:
        kernel.cipher = kernel.settings.cipher = before
        kernel.settings.forget()
