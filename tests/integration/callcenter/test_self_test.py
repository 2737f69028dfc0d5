"""The self-test: the whole way of a notification, and for each way to fail a sentence of its own."""

from __future__ import annotations

from collections.abc import Callable
from html import unescape
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient

from app.core.database import reading, transaction
from app.core.http import HttpError, HttpFault, HttpResponse
from app.modules.callcenter import connecting, inbox
from app.modules.callcenter.connections import Connection
from app.modules.callcenter.inbox import last_heard
from app.modules.callcenter.models import FIRST_CONNECTION
from app.modules.callcenter.settings import ConnectionSettings
from tests.conftest import FakeHttp, csrf_of
from tests.integration.callcenter.open_browser import Browser
from tests.integration.callcenter.phone_system import (
    PhoneSystem,
    all_calls,
    call_id,
    configure,
    notifications,
)

PATH = "/callcenter/self-test"


def arriving(
    app: Flask, change: Callable[[bytes], bytes] = lambda body: body
) -> Callable[[dict[str, Any]], HttpResponse]:
    """What is sent reaches the application itself, perhaps changed on its way."""

    def post(sent: dict[str, Any]) -> HttpResponse:
        path = sent["url"].partition("://")[2].partition("/")[2]
        answer = app.test_client().post(f"/{path}", data=change(sent["body"]), headers=sent["headers"])
        return HttpResponse(answer.status_code, {}, answer.data)

    return post


def page_of_test(client: FlaskClient) -> str:
    return unescape(client.post(PATH, data={"csrf_token": csrf_of(client, PATH)}).text)


@pytest.fixture
def asking(browser: Callable[..., Browser]) -> Browser:
    return browser(role="administrator")


def test_each_step_is_told_and_the_last_reaches_the_browser_that_asked(
    app: Flask, http: FakeHttp, phones: PhoneSystem, asking: Browser, browser: Callable[..., Browser]
) -> None:
    other = browser()
    http.answers.append(arriving(app))
    page = page_of_test(asking.http)
    for words in ("mit dem Shared Secret signiert", "gesendet und angenommen", "im Eingang", "Sie wurde verstanden"):
        assert words in page
    (heard,) = asking.heard("selftest")
    assert f'data-self-test="{heard["token"]}"' in page
    assert other.heard("selftest") == []
    (sent,) = http.requests
    assert sent["url"] == "http://localhost/index.php?module=callcenter&action=call&provider=placetel"


def test_it_leaves_no_call_and_is_no_news_of_the_telephone_system(
    app: Flask, http: FakeHttp, phones: PhoneSystem, asking: Browser
) -> None:
    http.answers.append(arriving(app))
    page_of_test(asking.http)
    assert all_calls() == []
    (stored,) = notifications()
    assert (stored["state"], stored["event"], stored["call_id"]) == ("processed", "test", None)
    with reading() as session:
        assert session.scalar(last_heard()) is None
    assert "Eigener Test" in asking.http.get("/callcenter/log").text
    assert inbox.replay() == {"processed": 1}
    phones.incoming(call_id())
    with reading() as session:
        assert session.scalar(last_heard()) is not None


def test_without_a_secret_nothing_is_sent(app: Flask, http: FakeHttp, asking: Browser) -> None:
    configure(app, None)
    assert "Es ist kein Shared Secret gesetzt" in page_of_test(asking.http)
    assert http.requests == []


@pytest.mark.parametrize(
    ("answer", "words"),
    [
        (HttpError(HttpFault.NOT_SENT, "ConnectionRefusedError"), "von diesem Server aus nicht erreichbar"),
        (HttpError(HttpFault.TIMEOUT, "ReadTimeout"), "hat nicht rechtzeitig geantwortet"),
        (HttpError(HttpFault.BROKEN, "ConnectionResetError"), "brach ab (ConnectionResetError)"),
        (HttpResponse(301, {}, b""), "leitet auf eine andere Adresse weiter"),
        (HttpResponse(401, {}, b""), "ohne Benutzer und Passwort"),
        (HttpResponse(403, {}, b""), "passte die Signatur nicht"),
        (HttpResponse(404, {}, b""), "nimmt niemand Benachrichtigungen an"),
        (HttpResponse(405, {}, b""), "nimmt kein POST an"),
        (HttpResponse(413, {}, b""), "als zu groß abgelehnt"),
        (HttpResponse(429, {}, b""), "zu viele gefälschte Anfragen"),
        (HttpResponse(503, {}, b""), "Die Datenbank war nicht erreichbar"),
        (HttpResponse(502, {}, b""), "antwortete mit Status 502"),
        (HttpResponse(200, {}, b"<Response/>"), "nicht von dieser Installation"),
    ],
)
def test_each_failure_has_its_sentence(
    http: FakeHttp, phones: PhoneSystem, asking: Browser, answer: HttpError | HttpResponse, words: str
) -> None:
    http.answers.append(answer)
    page = page_of_test(asking.http)
    assert words in page
    assert "data-self-test" not in page


def test_a_request_that_is_changed_on_its_way_is_refused(
    app: Flask, http: FakeHttp, phones: PhoneSystem, asking: Browser
) -> None:
    http.answers.append(arriving(app, lambda body: body + b"&x=1"))
    assert "passte die Signatur nicht" in page_of_test(asking.http)


def test_the_log_in_that_the_address_demands_is_sent_along(
    app: Flask, http: FakeHttp, phones: PhoneSystem, asking: Browser
) -> None:
    with transaction() as session:
        values = {"webhook_user": "placetel", "webhook_password": "a-long-passphrase"}
        app.extensions["durchwahl"].settings.save(session, ConnectionSettings, values, part=FIRST_CONNECTION)
    http.answers.append(arriving(app))
    assert "Sie wurde verstanden" in page_of_test(asking.http)
    assert "a-long-passphrase" not in asking.http.get(PATH).text


def test_a_token_that_is_none_of_ours_reaches_nobody(phones: PhoneSystem, asking: Browser) -> None:
    for token in ("test-x-0123456789abcdef", "test-1-short", "", "test-99999999999-0123456789abcdef"):
        phones.tell("DurchwahlTest", token)
    assert asking.heard("selftest") == []


@pytest.fixture
def asterisk(app: Flask) -> Connection:
    return connecting.add("cti", "Asterisk")


def page_of(client: FlaskClient, one: Connection) -> str:
    path = f"{PATH}?connection={one.key}"
    return unescape(client.post(path, data={"csrf_token": csrf_of(client, path)}).text)


def test_a_generic_cti_is_tried_through_the_address_that_its_token_opens(
    app: Flask, http: FakeHttp, asking: Browser, asterisk: Connection, caplog: pytest.LogCaptureFixture
) -> None:
    assert "an die Adresse gesendet, die Asterisk (CTI [Zammad]) verwendet" in unescape(
        asking.http.get(f"{PATH}?connection={asterisk.key}").text
    )
    http.answers.append(arriving(app))
    page = page_of(asking.http, asterisk)
    for words in ("das Token in ihrer Adresse", "gesendet und angenommen", "im Eingang", "Sie wurde verstanden"):
        assert words in page
    (heard,) = asking.heard("selftest")
    assert f'data-self-test="{heard["token"]}"' in page
    (sent,) = http.requests
    assert sent["url"] == f"http://localhost/api/v1/cti/{asterisk.token}"
    (stored,) = notifications()
    assert (stored["state"], stored["event"], stored["call_id"]) == ("processed", "test", None)
    assert asterisk.token
    assert asterisk.token not in f"{stored}{caplog.text}"
    assert all_calls() == []


@pytest.mark.parametrize(
    ("status", "words"), [(401, "Das Token in der Adresse wurde nicht angenommen"), (302, "und bei Asterisk (CTI")]
)
def test_what_keeps_a_generic_cti_from_arriving_is_said_in_its_own_words(
    http: FakeHttp, asking: Browser, asterisk: Connection, status: int, words: str
) -> None:
    http.answer(status)
    assert words in page_of(asking.http, asterisk)


def test_a_generic_cti_that_is_deactivated_takes_no_test(
    app: Flask, http: FakeHttp, asking: Browser, asterisk: Connection
) -> None:
    connecting.set_active(asterisk.key, active=False)
    http.answers.append(arriving(app))
    assert "Die Verbindung ist deaktiviert" in page_of(asking.http, asterisk)
    assert notifications() == []
