"""What only one kind of telephone system has to be told: its provider says so, and everything else is there already."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass, replace
from html import unescape
from types import MappingProxyType
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import select

from app.core.database import reading, transaction
from app.core.security import Cipher
from app.core.settings import SETTINGS_VERSION, Setting
from app.modules.callcenter import configuring, connecting, connection, support_file
from app.modules.callcenter.configuring import Changes
from app.modules.callcenter.connections import Connection
from app.modules.callcenter.providers import fields, registry
from app.modules.callcenter.providers.base import Finding, Health
from tests.conftest import csrf_of
from tests.unit.contract import recording

SETTINGS = "/callcenter/settings"
PIN = "pin-that-nobody-may-see"


def is_host(text: str) -> fields.Words | None:
    if "." in text:
        return None
    return {"en": "This is no name of a machine.", "de": "Das ist kein Name eines Rechners."}


@dataclass(frozen=True, slots=True)
class GateSettings:
    shared_secrets: tuple[str, ...] = ()
    host: str = fields.text({"en": "Machine", "de": "Rechner"}, required=True, check=is_host, hint="gate.example")
    pin: str = fields.secret({"en": "PIN of the gate", "de": "PIN des Tors"}, required=True)
    bell: str = fields.choice({"en": "Bell", "de": "Klingel"}, {"a": {"en": "loud", "de": "laut"}, "b": "piano"})
    night: bool = fields.switch({"en": "Also at night", "de": "Auch nachts"})


class GateProvider(recording.RecordingProvider):
    """Finds nothing wrong, and keeps what it was told."""

    key = "gate"
    title = "Gate"

    def check(self) -> Health:
        return Health((Finding("ok", "ok"),))


@pytest.fixture
def built(monkeypatch: pytest.MonkeyPatch) -> list[GateSettings]:
    """The settings with which a gate was built, while its provider is one of the house."""
    told: list[GateSettings] = []

    def build(settings: GateSettings, http: object, clock: object) -> GateProvider:
        told.append(settings)
        return GateProvider(settings.pin)

    declared = replace(
        recording.PROVIDER, key="gate", title="Gate", settings=GateSettings, implementation=GateProvider, build=build
    )
    known = MappingProxyType({**registry.provider_types(), "gate": declared})
    monkeypatch.setattr(registry, "provider_types", lambda: known)
    return told


@pytest.fixture
def gate(app: Flask, built: list[GateSettings]) -> Connection:
    return connecting.add("gate", "Tor")


@pytest.fixture
def chief(client_for: Callable[..., FlaskClient]) -> FlaskClient:
    return client_for("chief", role="administrator")


def page_of(client: FlaskClient, one: Connection) -> str:
    return unescape(client.get(f"{SETTINGS}?connection={one.key}").text)


def send(client: FlaskClient, one: Connection, action: str = "", **typed: str | list[str]) -> tuple[int, str]:
    """The form as the page shows it, with what is typed; the status and the page that follows."""
    path = f"{SETTINGS}?connection={one.key}"
    kept = dict(re.findall(r'<input type="hidden" name="(\w+)" value="([^"]*)">', page_of(client, one)))
    sent = {**kept, "csrf_token": csrf_of(client, path), **typed}
    answer = client.post(f"{SETTINGS}{action}?connection={one.key}", data=sent)
    return answer.status_code, page_of(client, one) if answer.status_code == 302 else unescape(answer.text)


ALL: dict[str, Any] = {"own_host": "gate.example", "own_pin": PIN, "own_bell": "b", "own_night": ["0", "1"]}


def told_of(built: list[GateSettings], one: Connection) -> GateSettings:
    connection.provider_for(one.key)
    return built[-1]


def test_the_page_asks_for_what_the_provider_declares_and_for_nothing_of_other_kinds(
    chief: FlaskClient, gate: Connection
) -> None:
    page = page_of(chief, gate)
    for words in (
        "Rechner",
        "gate.example",
        "PIN des Tors",
        "Klingel",
        ">laut<",
        ">piano<",
        "Auch nachts",
        "Shared Secret",
    ):
        assert words in page
    assert 'name="api_key"' not in page
    assert "Placetel signiert" not in page


def test_what_is_saved_is_what_the_provider_is_built_with(
    chief: FlaskClient, gate: Connection, built: list[GateSettings]
) -> None:
    assert told_of(built, gate) == GateSettings()
    status, page = send(chief, gate, **ALL)
    assert status == 302
    assert told_of(built, gate) == GateSettings((), "gate.example", PIN, "b", night=True)
    assert 'value="gate.example"' in page
    assert re.search(r'<option value="b" selected>', page)
    assert send(chief, gate, own_host="gate.example", own_pin="", own_bell="b", own_night="0")[0] == 302
    assert told_of(built, gate) == GateSettings((), "gate.example", PIN, "b", night=False)


def test_a_secret_is_shown_nowhere_and_lies_encrypted(chief: FlaskClient, gate: Connection) -> None:
    _status, page = send(chief, gate, **ALL)
    assert PIN not in page
    assert "gesetzt am" in page
    assert PIN not in repr(connection.own_settings(gate.key))
    assert PIN not in repr(support_file.collect())
    with reading() as session:
        rows = dict(session.execute(select(Setting.name, Setting.value).where(Setting.name.like("own%"))).all())
    assert rows.keys() == ALL.keys()
    assert PIN not in repr(rows)


def test_what_is_wrong_is_told_in_a_sentence_and_kept_as_it_was_typed_while_the_rest_is_saved(
    chief: FlaskClient, gate: Connection, built: list[GateSettings]
) -> None:
    status, page = send(chief, gate, **{**ALL, "own_host": "gate", "own_pin": ""})
    assert status == 422
    assert "Das ist kein Name eines Rechners." in page
    assert "Bitte ausfüllen" in page
    assert 'value="gate"' in page
    assert told_of(built, gate) == GateSettings((), "", "", "b", night=True)


@pytest.mark.parametrize(
    ("name", "typed", "said"),
    [
        ("own_host", "x." * 600, "höchstens 1000 Zeichen"),
        ("own_pin", "a\x07b", "Zeichen, die nicht darstellbar sind"),
        ("own_bell", "c", "Bitte wählen Sie"),
    ],
)
def test_no_kind_takes_what_could_not_be_meant(
    chief: FlaskClient, gate: Connection, built: list[GateSettings], name: str, typed: str, said: str
) -> None:
    status, page = send(chief, gate, **{**ALL, name: typed})
    assert (status, said in page) == (422, True)
    assert getattr(told_of(built, gate), name.removeprefix("own_")) == getattr(
        GateSettings(), name.removeprefix("own_")
    )


def test_the_test_of_the_connection_takes_what_is_typed_and_stores_nothing(
    chief: FlaskClient, gate: Connection, built: list[GateSettings]
) -> None:
    page = send(chief, gate, "/test", **ALL)[1]
    assert "Die Verbindung steht." in page
    assert built[-1].pin == PIN
    assert told_of(built, gate) == GateSettings()


def test_the_audit_log_names_them_as_the_page_does_and_tells_no_secret(chief: FlaskClient, gate: Connection) -> None:
    send(chief, gate, **ALL)
    page = unescape(chief.get("/callcenter/audit?kind=change").text)
    for words in ("Rechner", "gate.example", "PIN des Tors", "Klingel", "piano", "Auch nachts"):
        assert words in page
    assert f"Rechner ({gate.key})" in page
    assert PIN not in page


def test_a_required_one_cannot_be_removed(chief: FlaskClient, gate: Connection, built: list[GateSettings]) -> None:
    send(chief, gate, **ALL)
    status, page = send(chief, gate, **{**ALL, "own_pin": "", "remove_own_pin": "1"})
    assert (status, "Bitte ausfüllen" in page) == (422, True)
    assert told_of(built, gate).pin == PIN


def test_what_is_missing_or_cannot_be_read_any_more_is_told_by_its_name(
    app: Flask, chief: FlaskClient, gate: Connection
) -> None:
    assert "„Rechner“ ist noch nicht gesetzt" in unescape(chief.get("/health").text)
    configuring.save(Changes({"own_host": "gate.example", "own_pin": PIN}, connection=gate.key))
    with transaction() as session:
        row = session.get_one(Setting, (f"callcenter/{gate.key}", "own_pin"))
        row.value = Cipher("another key").encrypt("x")
        app.extensions["durchwahl"].versions.bump(session, SETTINGS_VERSION)
    assert "pin  unreadable  PIN of the gate" in run(app, "settings", gate.key).output
    page = unescape(chief.get("/health").text)
    assert "„PIN des Tors“ lässt sich nicht mehr lesen" in page
    assert "„Rechner“" not in page


def test_two_gates_are_told_apart(chief: FlaskClient, gate: Connection, built: list[GateSettings]) -> None:
    other = connecting.add("gate", "Hoftor")
    send(chief, gate, **ALL)
    send(chief, other, **{**ALL, "own_host": "other.example"})
    assert [told_of(built, one).host for one in (gate, other)] == ["gate.example", "other.example"]


def run(app: Flask, *arguments: str, typed: str = "") -> Any:
    return app.test_cli_runner().invoke(args=["callcenter", "connections", *arguments], input=typed)


def test_commands_set_them_and_tell_which_there_are(app: Flask, gate: Connection, built: list[GateSettings]) -> None:
    assert run(app, "set", gate.key, "host", "gate.example").output == "host stored.\n"
    assert run(app, "set", gate.key, "pin", "--stdin", typed=f"{PIN}\n").output == "pin stored.\n"
    assert run(app, "set", gate.key, "night", "on").exit_code == 0
    assert run(app, "set", gate.key, "shared_secret", "--stdin", typed="a-secret\n").exit_code == 0
    assert told_of(built, gate) == GateSettings(("a-secret",), "gate.example", PIN, "a", night=True)
    assert run(app, "settings", gate.key).output.splitlines() == [
        "shared_secret  set  Shared secret",
        "host  gate.example  Machine",
        "pin  set  PIN of the gate",
        "bell  a  Bell",
        "night  on  Also at night",
    ]
    assert run(app, "set", gate.key, "shared_secret", "--remove").exit_code == 0
    assert told_of(built, gate).shared_secrets == ()


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (("host", "gate"), "This is no name of a machine."),
        (("host", "--remove"), "This is needed"),
        (("pin", "1234"), "use --stdin"),
        (("bell", "c"), "bell is one of: a, b."),
        (("night", "yes"), "night is on or off."),
        (("colour", "red"), "it has: shared_secret, host, pin, bell, night."),
        (("host",), "Give a value, --stdin or --remove."),
    ],
)
def test_commands_refuse_what_the_page_refuses(
    app: Flask, gate: Connection, built: list[GateSettings], arguments: tuple[str, ...], said: str
) -> None:
    result = run(app, "set", gate.key, *arguments)
    assert (result.exit_code, said in result.stderr) == (1, True)
    assert told_of(built, gate) == GateSettings()


@pytest.mark.parametrize("name", ["shared_secret", "pin"])
@pytest.mark.parametrize(("typed", "said"), [(" \n", "is empty"), ("one\ntwo\n", "has several lines")])
def test_commands_take_a_secret_of_one_line(
    app: Flask, gate: Connection, built: list[GateSettings], name: str, typed: str, said: str
) -> None:
    result = run(app, "set", gate.key, name, "--stdin", typed=typed)
    assert (result.exit_code, said in result.stderr) == (1, True)
    assert told_of(built, gate) == GateSettings()


def test_commands_know_the_connections_that_there_are(app: Flask, gate: Connection) -> None:
    for arguments in (("settings", "gate-00000000"), ("set", "gate-00000000", "host", "x")):
        assert "There is no connection gate-00000000" in run(app, *arguments).stderr
