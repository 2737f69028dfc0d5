"""Of several telephone systems each sentence names the one that is meant, and each one in use has its light."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from html import unescape

import pytest
from flask import Flask
from flask.testing import FlaskClient
from flask_babel import force_locale
from sqlalchemy import update

from app.core.database import transaction
from app.modules.callcenter import configuring, connecting, connections, diagnosis, dialling, health
from app.modules.callcenter.configuring import Changes
from app.modules.callcenter.connection_models import ConnectionRow
from app.modules.callcenter.connections import CONNECTIONS_VERSION, FIRST_CONNECTION, Connection, address, system_name
from app.modules.callcenter.dial_results import DialResult, DialState
from app.modules.callcenter.dial_words import sentence
from app.modules.callcenter.gap_words import failure_sentence
from app.modules.callcenter.providers.base import Finding
from app.modules.callcenter.refusal_words import refusal_sentence
from app.modules.callcenter.setup_words import account_problem, finding_sentence, line_problem
from app.modules.callcenter.written_lists import AccountEntry, Problem
from tests.conftest import FakeHttp
from tests.integration.callcenter.phone_system import ANNA, PhoneSystem, configure
from tests.integration.callcenter.test_log import entries

WEBHOOK = "/callcenter/webhook/placetel"
ASTERISK = "Asterisk (CTI [Zammad])"
OF_DIALLING = (
    *("not_configured", "bad_key", "forbidden", "not_found", "invalid", "unreachable", "timeout", "server_error"),
    *("bad_answer", "rate_limited"),
)
FAILURES = (
    *OF_DIALLING,
    *("not_profi", "no_secret", "line_without_notify", "account_automatic_prefix", "account_blocked_prefix"),
    *("account_unknown", "account_no_caller_id", "no_accounts", "line_without_users", "nothing_heard", "nothing_came"),
    *("token_unreadable", "unknown_kind"),
)
REFUSALS = (
    *("no_secret", "missing_signature", "malformed_signature", "wrong_signature", "missing_token", "malformed_token"),
    *("wrong_token", "no_log_in", "unknown_connection", "too_large", "too_many"),
)


@pytest.fixture
def asterisk(app: Flask) -> Connection:
    return connecting.add("cti", "Asterisk")


@pytest.fixture
def cologne(app: Flask) -> Connection:
    return connecting.add("placetel", "Köln")


@pytest.fixture(params=["en", "de"])
def language(request: pytest.FixtureRequest, app: Flask) -> Iterator[str]:
    with app.test_request_context("/"), force_locale(request.param):
        yield request.param


@pytest.mark.parametrize(
    ("kind", "name", "told"),
    [
        ("placetel", "Köln", "Köln (Placetel)"),
        ("placetel", "Neue placetel", "Neue placetel"),
        ("cti", "Asterisk", ASTERISK),
    ],
)
def test_a_system_is_called_by_its_name_and_its_kind_where_the_name_does_not_tell_it(
    app: Flask, kind: str, name: str, told: str
) -> None:
    assert system_name(FIRST_CONNECTION) == "Placetel"
    assert system_name(connecting.add(kind, name).key) == told
    assert system_name(None, "cti") == "CTI (Zammad)"
    assert system_name("gone-00000000", "parlophone") == "parlophone"


def test_no_sentence_about_another_kind_speaks_of_the_first_one_s(asterisk: Connection, language: str) -> None:
    key, system = asterisk.key, system_name(asterisk.key)
    told = [finding_sentence(Finding("error", code), key) for code in FAILURES]
    told += [refusal_sentence(code, system) for code in REFUSALS]
    told += [failure_sentence(code, key) for code in ("no_list", "paused", *OF_DIALLING)]
    told += [sentence(DialResult(DialState.FAILED, code, connection=key)) for code in OF_DIALLING]
    told += [account_problem(Problem(1, "warning", "unknown_to_pbx", {"uid": "23"}), key)]
    told += [line_problem(Problem(1, "warning", "odd_number", {"number": "1234567"}), key)]
    assert [text for text in told if "Placetel" in text] == []
    assert sum(ASTERISK in text for text in told) >= 30
    assert not [text for text in told if "%(" in text]


def test_what_is_missing_at_another_placetel_is_told_of_that_one(cologne: Connection, language: str) -> None:
    assert finding_sentence(Finding("error", "bad_key"), cologne.key).startswith("Köln (Placetel) ")
    assert finding_sentence(Finding("error", "bad_key")).startswith("Placetel ")


def test_a_call_that_could_not_be_dialled_names_the_system_of_its_account(
    app: Flask, make_user: Callable[..., int], cologne: Connection, http: FakeHttp
) -> None:
    anna = make_user("anna")
    configuring.save(Changes({"api_key": "key"}, accounts=[AccountEntry(ANNA, anna)], connection=cologne.key))
    http.answer(401)
    with app.test_request_context("/"), force_locale("de"):
        first = dialling.dial(anna, "0221 4710 123", "key-1")
        again = dialling.dial(anna, "0221 4710 123", "key-1")
        assert (first.code, again.code) == ("bad_key", "bad_key")
        told = "Köln (Placetel) nimmt den API-Key nicht an, es wurde nichts gewählt."
        assert [one.startswith(told) for one in (sentence(first), sentence(again))] == [True, True]


def test_the_log_names_the_system_of_each_entry(
    app: Flask, admin: FlaskClient, cologne: Connection, asterisk: Connection
) -> None:
    configuring.save(Changes({"shared_secret": "another secret"}, connection=cologne.key))
    url = f"{WEBHOOK}?connection={cologne.token}"
    assert PhoneSystem(app, secret="wrong", url=url).post(b"call_id=1").status_code == 403
    app.extensions["durchwahl"].clock.advance(2)
    app.test_client().post(address(asterisk, ""), json={"event": "parked", "callId": "c1"})
    unknown, refused = entries(admin)
    assert f"{ASTERISK} hat etwas gemeldet, das diese Version nicht kennt." in unknown
    assert "Bei Köln (Placetel) ist ein anderes Shared Secret gesetzt als hier." in refused


def test_pages_of_another_kind_do_not_speak_of_the_first_one_s(
    client_for: Callable[..., FlaskClient], asterisk: Connection
) -> None:
    chief = client_for("chief", role="administrator")
    for path in ("/callcenter/settings", "/callcenter/self-test"):
        page = unescape(chief.get(f"{path}?connection={asterisk.key}").text)
        main = page.partition("<main")[2].partition("</main>")[0]
        text = re.sub(r"<[^>]+>", "\n", main)
        # The first connection's own name, in the list of connections, and the module's.
        told = {line.strip(" :") for line in text.splitlines() if "Placetel" in line}
        assert told <= {"Placetel", "Placetel Anbindung"}, told


class TestLights:
    """Of *Systemzustand*."""

    @pytest.fixture(autouse=True)
    def _in_english(self, app: Flask) -> Iterator[None]:
        with app.test_request_context("/", headers={"Accept-Language": "en"}):
            yield

    @staticmethod
    def of(system: str) -> dict[str, str]:
        return {light.sentence: light.level for light in health.lights() if system in light.sentence}

    def test_one_that_was_never_heard_says_so_and_what_comes_next(self, app: Flask, asterisk: Connection) -> None:
        assert self.of(ASTERISK) == {
            f"No notification has ever arrived. Please enter the address of this connection in {ASTERISK}; "
            "then call one of your numbers.": "warning"
        }
        told = {"event": "newCall", "callId": "c1", "direction": "in", "from": "030 23125741", "to": "030 23125100"}
        app.test_client().post(address(asterisk, ""), json=told)
        ((text, level),) = self.of(ASTERISK).items()
        assert (level, text.startswith(f"{ASTERISK}: Notifications arrive")) == ("ok", True)

    def test_each_one_in_use_has_one(self, app: Flask, cologne: Connection, asterisk: Connection) -> None:
        configure(app)
        connecting.set_active(cologne.key, active=False)
        kinds = [connecting.add(kind, f"One more {kind}") for kind in connecting.kinds()]
        for one in (connections.connection(FIRST_CONNECTION), asterisk, *kinds):
            assert self.of(system_name(one.key)), one.name
        assert not self.of("Köln")

    def test_while_it_was_never_heard_a_wrong_address_may_be_its_own(self, app: Flask, asterisk: Connection) -> None:
        app.test_client().post("/api/v1/cti/wrong", json={"event": "newCall"})
        assert [level for text, level in self.of(ASTERISK).items() if "belongs to no connection in use" in text] == [
            "warning"
        ]
        app.test_client().post(address(asterisk, ""), json={"event": "hangup", "callId": "c1"})
        app.extensions["durchwahl"].clock.advance(60)
        app.test_client().post("/api/v1/cti/wrong", json={"event": "newCall"})
        assert list(self.of(ASTERISK).values()) == ["ok"]

    def test_one_whose_token_cannot_be_read_is_an_error(self, app: Flask, asterisk: Connection) -> None:
        with transaction() as session:
            session.execute(
                update(ConnectionRow).where(ConnectionRow.key == asterisk.key).values(token="of another key")
            )
            app.extensions["durchwahl"].versions.bump(session, CONNECTIONS_VERSION)
        ((text, level),) = self.of(ASTERISK).items()
        assert (level, "SECRET_KEY has changed" in text) == ("error", True)
        found = diagnosis.diagnose(None, asterisk.key)
        assert [one.code for one in found.findings] == ["token_unreadable"]

    def test_testing_it_claims_nothing_that_was_not_asked(self, asterisk: Connection) -> None:
        found = diagnosis.diagnose(None, asterisk.key)
        assert [finding_sentence(one, asterisk.key) for one in found.findings if one.code == "ok"] == [
            "The address takes notifications. The telephone system itself cannot be asked."
        ]
