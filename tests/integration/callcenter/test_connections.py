"""Several connections at once: which one a notification belongs to, and that what each tells stays its own."""

from __future__ import annotations

import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import Any
from urllib.parse import urlsplit

import pytest
from flask import Flask
from flask_babel import force_locale

from app.core.accounts import service
from app.core.database import reading, transaction
from app.modules.callcenter import (
    accounts,
    blocking,
    configuring,
    connecting,
    connection,
    connections,
    control_rules,
    dialling,
    inbox,
)
from app.modules.callcenter.blocking import Terms, numbers_of
from app.modules.callcenter.configuring import Changes, Listed
from app.modules.callcenter.connecting import BadConnection
from app.modules.callcenter.connections import FIRST_CONNECTION, Connection
from app.modules.callcenter.control_rules import Draft
from app.modules.callcenter.domain.belonging import belonging
from app.modules.callcenter.domain.call_control import Action, ActionKind, Conditions, Step, To
from app.modules.callcenter.labels import labels, line_name
from app.modules.callcenter.models import ConnectionRow, Refusal
from app.modules.callcenter.providers.base import DialOrder, DialReceipt, PbxUser
from app.modules.callcenter.settings import ConnectionSettings
from app.modules.callcenter.views import call_words
from app.modules.callcenter.written_lists import AccountEntry, LineEntry
from tests.conftest import PASSWORD
from tests.integration.callcenter.phone_system import (
    ANNA,
    BEN,
    CUSTOMER,
    LINE,
    LINE_E164,
    OTHER_SECRET,
    SECRET,
    WEBHOOK,
    PhoneSystem,
    all_calls,
    call_id,
    give_account,
    give_line,
    notifications,
    reports,
)


def test_the_first_connection_is_there_and_its_address_is_the_old_one(app: Flask) -> None:
    (first,) = connections.listed()
    assert (first.key, first.provider, first.active, first.token) == (FIRST_CONNECTION, "placetel", True, None)
    assert not connections.are_several()
    assert (
        connections.address(first, "https://d.example")
        == "https://d.example/index.php?module=callcenter&action=call&provider=placetel"
    )


def test_the_address_of_another_one_carries_its_token_and_leads_to_it(app: Flask, cologne: Connection) -> None:
    where = urlsplit(connections.address(cologne, "https://d.example"))
    assert where.query.startswith("module=callcenter&action=call&provider=placetel&connection=")
    PhoneSystem(app, secret=OTHER_SECRET, url=f"{where.path}?{where.query}").incoming(call_id())
    assert [call.connection for call in all_calls()] == [cologne.key]


def test_the_token_is_found_nowhere_in_the_database(app: Flask, cologne: Connection, other: PhoneSystem) -> None:
    other.incoming(call_id())
    assert cologne.token
    assert cologne.token not in repr(cologne)
    PhoneSystem(app, secret=OTHER_SECRET, url=f"{WEBHOOK}?%63onnection={cologne.token}").incoming(call_id())
    with reading() as session:
        row = session.get_one(ConnectionRow, cologne.key)
        assert cologne.token not in f"{row.token} {row.token_digest}"
    assert len(notifications()) == 2
    assert cologne.token not in repr(notifications())


def test_the_same_call_id_on_two_connections_is_two_calls(phones: PhoneSystem, other: PhoneSystem) -> None:
    same = call_id()
    phones.incoming(same)
    other.incoming(same)
    other.hung_up(same, "missed", duration="0")
    first, second = all_calls()
    assert (first.external_id, second.external_id) == (same, same)
    assert (first.phase, second.phase) == ("ringing", "ended")
    assert {row["connection"] for row in notifications()} == {first.connection, second.connection}
    assert len(reports()) == 3


def test_each_secret_counts_for_its_own_connection_only(app: Flask, cologne: Connection) -> None:
    body = b"call_id=0123456789abcdef&event=IncomingCall"
    for secret, url in ((OTHER_SECRET, WEBHOOK), (SECRET, f"{WEBHOOK}?connection={cologne.token}")):
        assert PhoneSystem(app, secret=secret, url=url).post(body).status_code == 403
    assert not notifications()


def test_a_wrong_a_strange_and_a_deactivated_token_get_the_answer_of_a_wrong_signature(
    app: Flask, phones: PhoneSystem, cologne: Connection, other: PhoneSystem
) -> None:
    body = b"call_id=0123456789abcdef&event=IncomingCall"
    refused = PhoneSystem(app, secret="wrong").post(body)
    connecting.set_active(cologne.key, active=False)
    for token in ("", "x" * 32, "ä", f"{cologne.token}x", cologne.token):
        answer = PhoneSystem(app, secret=OTHER_SECRET, url=f"{WEBHOOK}?connection={token}").post(body)
        assert (answer.status_code, answer.data) == (refused.status_code, refused.data) == (403, b"Refused.\n")
    assert not notifications()
    with reading() as session:
        told = {(row.connection, row.reason) for row in session.query(Refusal)}
    assert told == {(FIRST_CONNECTION, "wrong_signature"), (None, "unknown_connection")}


def test_deactivating_one_leaves_the_others_and_its_own_calls_alone(
    phones: PhoneSystem, other: PhoneSystem, cologne: Connection
) -> None:
    other.incoming(call_id())
    connecting.set_active(cologne.key, active=False)
    phones.incoming(call_id())
    assert [call.connection for call in all_calls()] == [cologne.key, FIRST_CONNECTION]
    assert inbox.replay() == {"processed": 2}
    connecting.set_active(cologne.key, active=True)
    other.incoming(call_id())
    assert len(all_calls()) == 3


def test_the_first_one_can_be_deactivated_too(phones: PhoneSystem, other: PhoneSystem) -> None:
    connecting.set_active(FIRST_CONNECTION, active=False)
    assert phones.post(b"call_id=0123456789abcdef&event=IncomingCall").status_code == 403
    other.incoming(call_id())
    assert len(all_calls()) == 1


def test_the_same_account_belongs_to_another_user_on_another_connection(
    app: Flask, make_user: Callable[..., int], phones: PhoneSystem, other: PhoneSystem, cologne: Connection
) -> None:
    anna, ben = make_user("anna"), make_user("ben")
    give_account(app, anna, ANNA)
    configuring.save(Changes(accounts=[AccountEntry(ANNA, ben)], connection=cologne.key))
    for system in (phones, other):
        call = call_id()
        system.incoming(call)
        system.accepted(call, ANNA)
    assert [call.user_id for call in all_calls()] == [anna, ben]
    assert [entry.user_id for entry in configuring.accounts()] == [anna]
    assert [entry.user_id for entry in configuring.accounts(cologne.key)] == [ben]


def test_a_line_of_one_connection_concerns_nobody_at_another(
    app: Flask, make_user: Callable[..., int], phones: PhoneSystem, other: PhoneSystem, cologne: Connection
) -> None:
    anna, ben = make_user("anna"), make_user("ben")
    give_line(app, anna)
    configuring.save(Changes(lines=[LineEntry(LINE, LINE_E164, "Zentrale", (ben,))], connection=cologne.key))
    phones.incoming(call_id())
    other.incoming(call_id())
    first, second = all_calls()
    seen = {one.user_id: one.lines for one in accounts.assignments().watchers}
    assert [list(seen[one]) for one in (anna, ben)] == [[first.line_key], [second.line_key]]
    assert labels().lines[first.line_key or ""] == "Zentrale (Placetel)"
    assert labels().lines[second.line_key or ""] == "Zentrale (Köln)"
    assert [line.key for line in configuring.lines(cologne.key)] == [LINE_E164]


def test_a_user_dials_through_the_connection_of_his_account(
    app: Flask, make_user: Callable[..., int], cologne: Connection, monkeypatch: pytest.MonkeyPatch
) -> None:
    anna = make_user("anna")
    configuring.save(Changes(accounts=[AccountEntry(ANNA, anna)], connection=cologne.key))
    asked: list[str] = []

    class Dialler:
        def __init__(self, key: str) -> None:
            asked.append(key)

        def dial(self, order: DialOrder) -> DialReceipt:
            asked.append(order.account)
            return DialReceipt()

    monkeypatch.setattr(connection, "provider_for", Dialler)
    dialling.dial(anna, "0221 4710 123", "key-1")
    dialling.dial(anna, "0221 4710 124", "key-of-a-program", account=ANNA)
    assert asked == [cologne.key, ANNA] * 2
    connecting.set_active(cologne.key, active=False)
    assert accounts.accounts_of(anna) == ()
    assert dialling.dial(anna, "0221 4710 123", "key-2").code == "no_account"


def test_who_is_blocked_is_refused_at_every_connection(phones: PhoneSystem, other: PhoneSystem) -> None:
    blocking.add(numbers_of(CUSTOMER), Terms(), by=None)
    for system in (phones, other):
        assert b"<Reject" in system.incoming(call_id()).data
    assert [call.outcome for call in all_calls()] == ["blocked", "blocked"]


def test_a_rule_holds_for_calls_of_another_connection_where_it_names_its_line(
    app: Flask, make_user: Callable[..., int], phones: PhoneSystem, other: PhoneSystem, cologne: Connection
) -> None:
    anna, ben = make_user("anna"), make_user("ben")
    give_account(app, anna, ANNA)
    give_account(app, ben, BEN)
    configuring.save(
        Changes(
            accounts=[AccountEntry("101@koeln.example", ben)],
            lines=[LineEntry(LINE, LINE_E164, "", (anna, ben))],
            connection=cologne.key,
        )
    )
    rings = Action(ActionKind.FORWARD, (Step(To.LINE, 20),), voicemail=False)
    line = belonging(cologne.key, LINE_E164)
    control_rules.store(None, Draft("Köln", Conditions(lines=(line,)), rings), by=None)
    control_rules.store(None, Draft("all", Conditions(), Action(ActionKind.QUEUE, pbx_id="7")), by=None)
    told = other.incoming(call_id()).text
    assert "101@koeln.example" in told
    assert not any(account in told for account in (ANNA, BEN))
    assert 'Queue id="7"' in phones.incoming(call_id()).text
    # Of another line of that connection no rule speaks, and one without lines speaks of the first connection only.
    assert not any(word in other.incoming(call_id(), line="030 23125 999").text for word in ("Queue", "Forward"))


def test_inside_sales_for_all_ring_at_another_connection_only_by_number(
    app: Flask, phones: PhoneSystem, other: PhoneSystem, cologne: Connection
) -> None:
    line = belonging(cologne.key, LINE_E164)
    rings = Action(ActionKind.FORWARD, (Step(To.INSIDE, 20),), voicemail=False)
    control_rules.store(None, Draft("Köln", Conditions(lines=(line,)), rings), by=None)
    control_rules.set_inside(ANNA, by=None)
    assert "<Forward" not in other.incoming(call_id()).text
    control_rules.set_inside("+493023125177", by=None)
    assert "23125177" in other.incoming(call_id()).text


def test_its_line_without_a_name_is_told_by_number_and_connection(cologne: Connection) -> None:
    assert line_name(LINE_E164) == "030 23125100 (Placetel)"
    assert line_name(belonging(cologne.key, LINE_E164)) == "030 23125100 (Köln)"
    assert line_name(belonging(cologne.key, "23")) == "23 (Köln)"


def test_one_that_is_not_known_yet_is_looked_for_again(cologne: Connection, monkeypatch: pytest.MonkeyPatch) -> None:
    with monkeypatch.context() as patched:
        patched.setattr(connection, "provider_with", lambda *_given: None)
        assert connection.intake_for(cologne.key) is None
    found = connection.intake_for(cologne.key)
    assert found is not None
    assert connection.intake_for(cologne.key) is found


def test_a_card_names_the_telephone_system_only_where_all_are_of_one_kind(app: Flask, cologne: Connection) -> None:
    with force_locale("en"):
        assert call_words.card_words()["in.silent"].title == "Placetel reports nothing more"
        connecting.add("cti", "Asterisk")
        assert call_words.card_words()["in.silent"].title == "The telephone system reports nothing more"


def test_of_several_who_add_the_same_name_at_once_one_does(own_app: Flask) -> None:
    gate = threading.Barrier(4)

    def add() -> str:
        with own_app.app_context():
            gate.wait()
            try:
                return connecting.add("placetel", "Köln").name
            except BadConnection as fault:
                return fault.code

    with ThreadPoolExecutor(4) as pool:
        said = sorted(one.result() for one in [pool.submit(add) for _ in range(4)])
    assert said == ["Köln", "name_taken", "name_taken", "name_taken"]
    with own_app.app_context():
        assert len(connections.listed()) == 2


def test_of_several_who_save_accounts_at_once_the_last_one_counts(own_app: Flask) -> None:
    gate = threading.Barrier(4)
    with own_app.app_context():
        anna = service.create_user("anna", PASSWORD, "staff")

    def save() -> None:
        with own_app.app_context():
            gate.wait()
            configuring.save(Changes(accounts=[AccountEntry(ANNA, anna)], lines=[LineEntry(LINE, LINE_E164)]))
            configuring.remember(Listed(users=(PbxUser(ANNA, "Anna", "sip"),)))

    with ThreadPoolExecutor(4) as pool:
        for one in [pool.submit(save) for _ in range(4)]:
            one.result()
    with own_app.app_context():
        assert [entry.uid for entry in configuring.accounts()] == [ANNA]
        assert [line.key for line in configuring.lines()] == [LINE_E164]
        assert [user.uid for user in configuring.listed().users] == [ANNA]


def test_settings_of_one_are_not_those_of_another(app: Flask, cologne: Connection) -> None:
    configuring.save(Changes({"base_url": "https://one.example/v2"}))
    assert connection.own_settings(cologne.key).base_url == ConnectionSettings().base_url
    with transaction() as session:
        found = app.extensions["durchwahl"].settings.load(ConnectionSettings, session, part=cologne.key)
    assert found.shared_secret is not None
    assert found.shared_secret.reveal() == OTHER_SECRET


def test_connections_are_added_listed_and_deactivated_by_command(app: Flask) -> None:
    run = app.test_cli_runner()

    def words(*arguments: str) -> list[str]:
        result = run.invoke(args=["callcenter", "connections", *arguments])
        assert result.exit_code == 0, result.output
        return result.output.split()

    url = words("add", "placetel", "Köln")[-1]
    made = connections.listed()[-1]
    assert url == connections.address(made, "http://127.0.0.1:8000")
    assert [word for word in words("list") if word.startswith("http")][-1] == url
    words("deactivate", made.key)
    assert connections.find("placetel", made.token) is None
    assert "inactive" in words("list")
    words("activate", made.key)
    assert connections.find("placetel", made.token) == connections.connection(made.key)


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (("add", "nfon", "Köln"), "nfon"),
        (("add", "tel", "Köln"), "tel"),
        (("add", "placetel", "  "), "The name is empty."),
        (("add", "placetel", "x" * 81), "80 characters"),
        (("add", "placetel", "placetel"), "Another connection has this name."),
        (("deactivate", "placetel-00000000"), "placetel-00000000"),
    ],
)
def test_what_cannot_be_is_said_in_one_line(app: Flask, arguments: tuple[str, ...], said: str) -> None:
    result: Any = app.test_cli_runner().invoke(args=["callcenter", "connections", *arguments])
    assert result.exit_code == 1
    assert said in result.stderr
    assert len(connections.listed()) == 1
