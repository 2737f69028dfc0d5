"""With several connections each has its own list of calls, its own test, and its own settings by command."""

from __future__ import annotations

from collections.abc import Callable
from html import unescape
from typing import Any

import pytest
from flask import Flask, g
from flask.testing import FlaskClient

from app.core.database import transaction
from app.core.http import HttpFault, HttpResponse
from app.modules.callcenter import comparing, configuring, connecting, connection, gaps, health, jobs
from app.modules.callcenter.comparing import CannotCompare
from app.modules.callcenter.configuring import Changes
from app.modules.callcenter.connections import FIRST_CONNECTION, Connection, address
from app.modules.callcenter.domain.belonging import belonging
from app.modules.callcenter.models import DialOrderRow
from tests.conftest import NOW, FakeHttp, csrf_of
from tests.integration.callcenter.open_browser import Browser
from tests.integration.callcenter.phone_system import LINE_E164, PhoneSystem, all_calls, configure
from tests.integration.callcenter.test_gaps import TODAY, doubtful, entry
from tests.integration.callcenter.test_log import entries
from tests.integration.callcenter.test_self_test import PATH, arriving
from tests.integration.callcenter.web_api import WebApi, set_up

SECRET = "a-secret-of-its-own"


@pytest.fixture
def cologne(app: Flask) -> Connection:
    set_up(app)
    configure(app)
    comparing.install(app, NOW)
    made = connecting.add("placetel", "Köln")
    configuring.save(Changes({"api_key": "another-key", "shared_secret": SECRET}, connection=made.key))
    return made


@pytest.fixture
def api(http: FakeHttp) -> WebApi:
    return WebApi(http)


def test_calls_of_a_list_belong_to_the_connection_that_was_asked(api: WebApi, cologne: Connection) -> None:
    api.calls = [entry(30)]
    assert gaps.fill(TODAY, cologne.key).added == 1
    (added,) = all_calls()
    assert (added.connection, added.provider) == (cologne.key, "placetel")
    assert added.line_key == belonging(cologne.key, LINE_E164)
    # The first one lists a call that looks the same: it is another one, and neither takes the other's away.
    assert gaps.fill(TODAY).added == 1
    assert gaps.fill(TODAY, cologne.key) == gaps.Filled(1, 0, 0, 0, 0)
    assert gaps.fill(TODAY) == gaps.Filled(1, 0, 0, 0, 0)
    assert {row.connection for row in all_calls()} == {FIRST_CONNECTION, cologne.key}
    assert [(one.connection, one.added) for one in comparing.compared()] == [(cologne.key, 1), (FIRST_CONNECTION, 1)]


def test_a_list_that_does_not_come_keeps_nobody_from_the_others(api: WebApi, cologne: Connection) -> None:
    api.fault = HttpFault.NOT_SENT
    with pytest.raises(CannotCompare, match="unreachable"):
        gaps.fill(TODAY)
    api.fault, api.calls = None, [entry(30)]
    with pytest.raises(CannotCompare, match="paused"):
        gaps.fill(TODAY)
    assert gaps.fill(TODAY, cologne.key).added == 1


def test_the_job_looks_at_each_that_is_in_use(api: WebApi, cologne: Connection) -> None:
    api.calls = [entry(30)]
    jobs.fill_gaps()
    assert {row.connection for row in all_calls()} == {FIRST_CONNECTION, cologne.key}
    connecting.set_active(cologne.key, active=False)
    assert {key for key, _day in comparing.due_now()} <= {FIRST_CONNECTION}


def test_what_is_unclear_is_decided_for_its_own_connection(
    admin: FlaskClient, api: WebApi, cologne: Connection
) -> None:
    api.calls = [entry(20, from_number="0171392XXXX")]
    token = csrf_of(admin, "/callcenter/gaps")
    asked = {"day": TODAY.isoformat(), "connection": cologne.key, "csrf_token": token}
    page = unescape(admin.post("/callcenter/gaps", data=asked, follow_redirects=True).text)
    assert "1 Eintrag bleibt Ihnen zur Entscheidung." in page
    assert page.count("Köln") >= 3  # to choose, at the entry, at the comparison
    (waiting,) = doubtful()
    admin.post(f"/callcenter/gaps/{waiting.id}", data={"decision": "add", "csrf_token": token})
    assert [row.connection for row in all_calls()] == [cologne.key]
    assert admin.post("/callcenter/gaps", data={**asked, "connection": "placetel-00000000"}).status_code == 404


def test_each_address_is_tried_with_its_own_secret(
    app: Flask, http: FakeHttp, cologne: Connection, browser: Callable[..., Browser]
) -> None:
    asking = browser(role="administrator")
    address = f"{PATH}?connection={cologne.key}"
    page = asking.http.get(address).text
    assert 'aria-current="page">Köln' in page
    assert f"connection={cologne.token}" in unescape(page)
    sent: list[dict[str, Any]] = []

    def arrive(request: dict[str, Any]) -> HttpResponse:
        sent.append(request)
        return arriving(app)(request)

    http.answers.append(arrive)
    token = csrf_of(asking.http, PATH)
    told = unescape(asking.http.post(address, data={"csrf_token": token}).text)
    assert f"connection={cologne.token}" in sent[-1]["url"]
    for words in ("mit dem Shared Secret signiert", "gesendet und angenommen", "im Eingang", "Sie wurde verstanden"):
        assert words in told
    assert asking.http.get(f"{PATH}?connection=placetel-00000000").status_code == 404


def test_commands_set_up_the_connection_that_they_name(app: Flask, api: WebApi, cologne: Connection) -> None:
    def run(*words: str, given: str = "") -> tuple[int, str]:
        done = app.test_cli_runner().invoke(args=["callcenter", "placetel", *words], input=given)
        return done.exit_code, done.output

    before = connection.own_settings()
    assert run("configure", "--connection", cologne.key, "--shared-secret-stdin", given="newer\n")[0] == 0
    assert (
        run("demand-log-in", "--connection", cologne.key, "--user", "pbx", "--password-stdin", given="x" * 20)[0] == 0
    )
    now = connection.own_settings(cologne.key)
    assert now.shared_secret is not None
    assert (now.shared_secret.reveal(), now.webhook_user) == ("newer", "pbx")
    api.calls = [entry(30)]
    assert run("compare", "2026-11-23", "--connection", cologne.key)[0] == 0
    assert [row.connection for row in all_calls()] == [cologne.key]
    assert connection.own_settings() == before
    other = connecting.add("cti", "Asterisk")
    for key in ("placetel-00000000", other.key):
        code, told = run("check", "--connection", key)
        assert (code, f"no connection {key} to Placetel" in told) == (1, True)


def test_the_log_names_the_connection_of_each_line(app: Flask, admin: FlaskClient, cologne: Connection) -> None:
    phones = PhoneSystem(app)
    phones.incoming("c-1")
    PhoneSystem(app, secret=SECRET, url=address(cologne, "")).incoming("c-1")
    newest, oldest = entries(admin)
    assert "Köln" in newest
    assert "Placetel" in oldest
    assert "Köln" not in oldest


def test_silence_is_told_of_the_connection_that_is_silent(
    app: Flask, cologne: Connection, make_user: Callable[..., int], clock: Any
) -> None:
    user_id = make_user("clara")
    with transaction() as session:
        for number in range(2 * health.SUSPICIOUS):
            session.add(
                DialOrderRow(
                    connection=(FIRST_CONNECTION, cologne.key)[number % 2],
                    user_id=user_id,
                    idempotency_key=str(number),
                    target_raw="0221 4710-0",
                    state="accepted",
                    created_at=NOW,
                )
            )
    clock.advance(2 * health.REPORTED_WITHIN.total_seconds())
    PhoneSystem(app).incoming("c-1")
    with app.test_request_context("/"):
        g.language = "en"
        told = [light.sentence for light in health.lights() if "dialled, but" in light.sentence]
    assert ["at Köln (Placetel) whether" in sentence for sentence in told] == [True]


def test_the_first_one_is_meant_where_none_is_named(app: Flask, api: WebApi, cologne: Connection) -> None:
    api.calls = [entry(30)]
    assert app.test_cli_runner().invoke(args=["callcenter", "placetel", "compare", "2026-11-23"]).exit_code == 0
    assert [row.connection for row in all_calls()] == [FIRST_CONNECTION]
    assert PhoneSystem(app).incoming("c-1").status_code == 200
