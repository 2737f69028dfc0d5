"""What two systems of a kind call the same: telephones of rules, accounts that dial, what users are told of them."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from flask import Flask
from flask_babel import force_locale

from app.core.database import reading
from app.modules.callcenter import (
    accounts,
    configuring,
    connecting,
    connection,
    control_rules,
    dialling,
    staff_data,
)
from app.modules.callcenter.configuring import Changes
from app.modules.callcenter.connections import FIRST_CONNECTION, Connection
from app.modules.callcenter.control_rules import Draft
from app.modules.callcenter.domain.belonging import belonging
from app.modules.callcenter.domain.call_control import Action, ActionKind, Conditions, Step, To
from app.modules.callcenter.providers.base import DialOrder, DialReceipt
from app.modules.callcenter.views import control_words
from app.modules.callcenter.written_lists import AccountEntry, LineEntry
from tests.integration.callcenter.phone_system import (
    ANNA,
    BEN,
    LINE,
    LINE_E164,
    SECRET,
    WEBHOOK,
    PhoneSystem,
    call_id,
    give_account,
)


class TestASecretThatIsReplacedByCommand:
    OLD, NEW = "the-former-secret", "the-new-secret"

    @pytest.fixture
    def run(self, app: Flask, cologne: Connection) -> Callable[..., Any]:
        configuring.save(Changes({"shared_secret": self.OLD}, connection=cologne.key))

        def run(*arguments: str, typed: str = "") -> Any:
            return app.test_cli_runner().invoke(args=["callcenter", "connections", *arguments], input=typed)

        return run

    def status(self, app: Flask, cologne: Connection, secret: str) -> int:
        system = PhoneSystem(app, secret=secret, url=f"{WEBHOOK}?connection={cologne.token}")
        return system.post(f"call_id={call_id()}&event=IncomingCall".encode()).status_code

    def test_leaves_the_former_one_valid_for_as_long_as_it_is_told(
        self, app: Flask, cologne: Connection, run: Callable[..., Any]
    ) -> None:
        told = run("set", cologne.key, "shared_secret", "--stdin", "--keep-old-secret", "24", typed=self.NEW)
        assert told.output == "shared_secret stored.\nThe former one is accepted for 24 more hours.\n"
        assert [self.status(app, cologne, one) for one in (self.OLD, self.NEW, SECRET)] == [200, 200, 403]
        assert "The former shared secret is accepted until " in run("settings", cologne.key).output
        app.extensions["durchwahl"].clock.advance(25 * 3600)
        assert [self.status(app, cologne, one) for one in (self.OLD, self.NEW)] == [403, 200]
        assert "former" not in run("settings", cologne.key).output

    def test_ends_the_former_one_at_once_without_it_and_says_so(
        self, app: Flask, cologne: Connection, run: Callable[..., Any]
    ) -> None:
        told = run("set", cologne.key, "shared_secret", "--stdin", typed=self.NEW)
        assert told.output == "shared_secret stored.\nThe former one is not accepted any more.\n"
        assert [self.status(app, cologne, one) for one in (self.OLD, self.NEW)] == [403, 200]

    def test_can_end_the_former_one_before_its_time(
        self, app: Flask, cologne: Connection, run: Callable[..., Any]
    ) -> None:
        run("set", cologne.key, "shared_secret", "--stdin", "--keep-old-secret", "168", typed=self.NEW)
        assert run("end-old-secret", cologne.key).exit_code == 0
        assert [self.status(app, cologne, one) for one in (self.OLD, self.NEW)] == [403, 200]
        cti = connecting.add("cti", "Asterisk")
        assert (run("end-old-secret", cti.key).exit_code, run("end-old-secret", "nobody").exit_code) == (1, 1)

    @pytest.mark.parametrize(
        "arguments",
        [
            ("api_key", "--stdin", "--keep-old-secret", "1"),
            ("shared_secret", "--remove", "--keep-old-secret", "1"),
            ("shared_secret", "--stdin", "--keep-old-secret", "169"),
        ],
    )
    def test_takes_no_time_that_means_nothing(
        self, app: Flask, cologne: Connection, run: Callable[..., Any], arguments: tuple[str, ...]
    ) -> None:
        assert run("set", cologne.key, *arguments, typed="x").exit_code != 0
        assert self.status(app, cologne, self.OLD) == 200


def test_an_account_that_is_called_the_same_at_two_systems_dials_where_it_was_chosen(
    app: Flask, make_user: Callable[..., int], cologne: Connection, monkeypatch: pytest.MonkeyPatch
) -> None:
    anna = make_user("anna")
    give_account(app, anna, ANNA)
    configuring.save(Changes(accounts=[AccountEntry(ANNA, anna)], connection=cologne.key))
    theirs = belonging(cologne.key, ANNA)
    asked: list[str] = []

    class Dialler:
        def __init__(self, key: str) -> None:
            asked.append(key)

        def dial(self, order: DialOrder) -> DialReceipt:
            return DialReceipt()

    monkeypatch.setattr(connection, "provider_for", Dialler)
    assert accounts.choose(anna, theirs)
    assert accounts.accounts_of(anna) == (theirs, ANNA)
    for number, told in enumerate((None, theirs, ANNA)):
        assert dialling.dial(anna, f"0221 4710 12{number}", f"key-{number}", told).code == "accepted"
    # Written as the first connection's is written, that one is meant, whichever dials first.
    assert asked == [cologne.key, cologne.key, FIRST_CONNECTION]
    assert accounts.choose(anna, ANNA)
    assert accounts.accounts_of(anna) == (ANNA, theirs)


def test_an_account_is_chosen_as_it_may_be_dialled_with(
    app: Flask, make_user: Callable[..., int], cologne: Connection
) -> None:
    anna = make_user("anna")
    give_account(app, anna, BEN)
    configuring.save(Changes(accounts=[AccountEntry(ANNA, anna)], connection=cologne.key))
    assert accounts.choose(anna, ANNA.upper())
    assert accounts.accounts_of(anna)[0] == belonging(cologne.key, ANNA)
    assert not accounts.choose(anna, "7779999999@fpbx.de")


def test_a_telephone_in_a_rule_is_told_by_its_user_at_the_connection_of_the_rules_lines(
    app: Flask, make_user: Callable[..., int], cologne: Connection
) -> None:
    give_account(app, make_user("anna", name="Anna Schmidt"), ANNA)
    ben = make_user("ben", name="Ben Yilmaz")
    configuring.save(Changes(accounts=[AccountEntry(ANNA, ben)], connection=cologne.key))
    theirs = belonging(cologne.key, LINE_E164)
    told = []
    for lines in ((), (LINE_E164,), (theirs,), (LINE_E164, theirs)):
        rings = Action(ActionKind.FORWARD, (Step(To.NUMBERS, 20, (ANNA,)),), voicemail=False)
        rule_id = control_rules.store(None, Draft("Rule", Conditions(lines=lines), rings), by=None)
        rule = control_rules.find(rule_id)
        assert rule is not None
        with force_locale("en"):
            told.append(control_words.action_in_words(rule).partition(": ")[2])
    assert told == ["Anna Schmidt 20 s", "Anna Schmidt 20 s", "Ben Yilmaz 20 s", f"{ANNA} 20 s"]


def test_what_is_stored_about_a_user_names_connections_and_no_keys(
    app: Flask, make_user: Callable[..., int], phones: PhoneSystem, other: PhoneSystem, cologne: Connection
) -> None:
    anna = make_user("anna")
    give_account(app, anna, ANNA)
    configuring.save(
        Changes(
            {"api_key": "key"},
            accounts=[AccountEntry(ANNA, anna)],
            lines=[LineEntry(LINE, LINE_E164, "Zentrale", (anna,))],
            connection=cologne.key,
        )
    )
    call = call_id()
    other.incoming(call)
    other.accepted(call, ANNA)
    dialling.dial(anna, "0221 4710 123", "key-1", belonging(cologne.key, ANNA))
    with app.test_request_context("/"), force_locale("en"), reading() as session:
        told = {chapter.title: chapter for chapter in staff_data.tell(session, anna)}
    telephones = told["Telephones and lines"]
    assert (telephones.headings, telephones.rows) == (
        ("Kind", "Value", "Connection"),
        (("Account", ANNA, "Placetel"), ("Account", ANNA, "Köln (Placetel)"), ("Line", LINE, "Köln (Placetel)")),
    )
    (ordered,) = told["Numbers dialled by click"].rows
    assert ordered[1:3] == (ANNA, "Köln (Placetel)")
    (taken,) = told["Calls"].rows
    assert "Köln (Placetel)" in taken
    assert cologne.key not in repr(told)
