"""Every page and API route against everybody who may come: what happens follows from what its view states."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient
from itsdangerous import URLSafeTimedSerializer
from werkzeug.test import TestResponse

from app.core.accounts import service, tokens
from app.core.accounts.access import LOGGED_IN, PUBLIC, missing_marks, role_allows
from app.core.accounts.models import ADMINISTRATOR, ROLES, STAFF
from app.core.accounts.tokens import READ, WRITE
from tests.conftest import PASSWORD, logged_in_client
from tests.integration.core.furnished import CTI, ROUTES, Route, furnish, routes_of

PAGES = [route for route in ROUTES if not route.is_api]
OPERATIONS = [route for route in ROUTES if route.is_api]
OF_A_ROW = [route for route in ROUTES if any(name.endswith("_id") for name in route.arguments)]
WEBHOOK = "callcenter_webhook.receive"
#: Take a POST without a CSRF token, and why.
WITHOUT_TOKEN = {
    WEBHOOK: "authenticates each request by its signature",
    CTI: "authenticates each request by the token in its address",
    "pages.unknown_action": "says only that there is nothing",
}
#: Open to all, and what they answer to whoever proves nothing.
UNPROVED = {WEBHOOK: 403, CTI: 401}
#: Numbers that no row can have; the last two do not fit the database's type.
NO_ROW = (0, 987_654, 2**31, 10**30)
READING = "GET"


def allowed(mark: str | None, role: str | None) -> bool:
    """Whether the stated access lets somebody in; ``role`` None is nobody in particular."""
    assert mark is not None, "this endpoint states no access"
    return mark == PUBLIC or (role is not None and (mark == LOGGED_IN or role_allows(role, mark)))


@pytest.fixture
def values(app: Flask) -> dict[str, Any]:
    return furnish(app)


@pytest.fixture
def client_of(app: Flask) -> Callable[[str | None], FlaskClient]:
    """A new client of somebody with this role, or of nobody."""

    def make(role: str | None) -> FlaskClient:
        if role is None:
            return app.test_client()
        return logged_in_client(app, service.create_user(f"a-{role}", PASSWORD, role))

    return make


def _send(client: FlaskClient, route: Route, path: str) -> TestResponse:
    if route.method == READING:
        # Read to its end: a table may be sent while it is read.
        return client.get(path, buffered=True)
    return client.open(path, method=route.method, data={"csrf_token": _csrf_token(client)})


def _csrf_token(client: FlaskClient) -> str:
    """A token as Flask-WTF makes it, without a page around it: some three hundred are needed here."""
    with client.session_transaction() as cookie:
        known = cookie.setdefault("csrf_token", "0" * 40)
    return str(URLSafeTimedSerializer(client.application.secret_key or "", salt="wtf-csrf-token").dumps(known))


def _is_let_in(answer: TestResponse) -> bool:
    to_the_log_in = answer.status_code == 302 and answer.headers["Location"].startswith("/login?next=")
    return answer.status_code not in (401, 403) and not to_the_log_in


@pytest.mark.parametrize("route", PAGES, ids=str)
def test_a_page_opens_to_those_whom_it_states(
    route: Route, values: dict[str, Any], client_of: Callable[..., FlaskClient]
) -> None:
    for role in (None, STAFF, ADMINISTRATOR):
        answer = _send(client_of(role), route, route.at(values))
        assert answer.status_code < 500, role
        if route.endpoint in UNPROVED:
            assert answer.status_code == UNPROVED[route.endpoint], role
        elif allowed(route.mark, role):
            assert _is_let_in(answer), role
        elif role is None and route.method == READING:
            assert answer.headers["Location"].startswith("/login?next="), role
        else:
            assert answer.status_code == (401 if role is None else 403), role


@pytest.mark.parametrize("route", [route for route in PAGES if route.method == READING], ids=str)
def test_a_part_of_a_page_that_htmx_fetches_is_not_replaced_by_the_log_in(
    route: Route, app: Flask, values: dict[str, Any]
) -> None:
    answer = app.test_client().get(route.at(values), headers={"HX-Request": "true"})
    assert answer.status_code == (401 if route.mark != PUBLIC else answer.status_code)
    assert answer.status_code < 500


@pytest.mark.parametrize("route", [route for route in PAGES if route.method != READING], ids=str)
def test_a_form_without_its_token_is_refused(
    route: Route, values: dict[str, Any], client_of: Callable[..., FlaskClient]
) -> None:
    answer = client_of(ADMINISTRATOR).open(route.at(values), method=route.method)
    if route.endpoint in WITHOUT_TOKEN:
        assert answer.status_code in (UNPROVED.get(route.endpoint), 404)
    else:
        assert answer.status_code == 400


@pytest.mark.parametrize("route", OF_A_ROW, ids=str)
def test_what_does_not_exist_is_not_found(
    route: Route, values: dict[str, Any], client_of: Callable[..., FlaskClient]
) -> None:
    client = client_of(ADMINISTRATOR)
    headers = _bearer(f"a-{ADMINISTRATOR}", WRITE) if route.is_api else {}
    for number in NO_ROW:
        path = route.at({**values, **{name: number for name in route.arguments if name.endswith("_id")}})
        if route.is_api:
            # 405: routing has seen rules for other methods before it finds that the number is none.
            answer = client.open(path, method=route.method, json={}, headers=headers)
            assert answer.status_code in (404, 405, 422), path
        else:
            answer = _send(client, route, path)
            assert answer.status_code in (404, 400 if answer.request.method == "POST" else 404), path


# ----------------------------------------------------------------------------------------------------------------- API


def _bearer(username: str, scope: str) -> dict[str, str]:
    return {"Authorization": f"Bearer {tokens.create(username, 'matrix', scope)}"}


def _call(client: FlaskClient, route: Route, path: str, headers: dict[str, str]) -> TestResponse:
    if route.method == READING:
        return client.get(path, headers=headers)
    return client.open(path, method=route.method, headers=headers, json={})


@pytest.mark.parametrize("route", OPERATIONS, ids=str)
def test_an_operation_answers_tokens_of_those_whom_it_states(route: Route, app: Flask, values: dict[str, Any]) -> None:
    for role in ROLES:
        service.create_user(f"an-{role}", PASSWORD, role)
        for scope in (READ, WRITE):
            answer = _call(app.test_client(), route, route.at(values), _bearer(f"an-{role}", scope))
            assert answer.status_code < 500, (role, scope)
            if allowed(route.mark, role) and (scope == WRITE or route.method == READING):
                assert answer.status_code not in (401, 403), (role, scope)
            else:
                assert answer.status_code == 403, (role, scope)
                assert answer.get_json()["error"]["code"], (role, scope)


@pytest.mark.parametrize("route", OPERATIONS, ids=str)
def test_an_operation_knows_nobody_without_a_token(
    route: Route, values: dict[str, Any], client_of: Callable[..., FlaskClient]
) -> None:
    administrator = client_of(ADMINISTRATOR)
    revoked = _bearer(f"a-{ADMINISTRATOR}", WRITE)
    tokens.revoke(tokens.list_tokens()[0].id)
    for headers in ({}, {"Authorization": "Bearer dw_nonsense"}, {"Authorization": "Basic YTpi"}, revoked):
        # Logged in in the browser, which counts for nothing here.
        answer = _call(administrator, route, route.at(values), headers)
        assert answer.status_code == (200 if route.mark == PUBLIC else 401), headers


# ------------------------------------------------------------------------------------------------ the matrix as a whole


@pytest.mark.parametrize("route", [route for route in ROUTES if route.endpoint.startswith("callcenter")], ids=str)
def test_nothing_of_an_inactive_app_answers(
    route: Route, app: Flask, kernel: Any, values: dict[str, Any], client_of: Callable[..., FlaskClient]
) -> None:
    client = client_of(ADMINISTRATOR)
    headers = _bearer(f"a-{ADMINISTRATOR}", WRITE)
    kernel.states.set_active("callcenter", False)
    if route.is_api:
        assert _call(client, route, route.at(values), headers).status_code == 404
    else:
        assert _send(client, route, route.at(values)).status_code == 404


def test_the_matrix_holds_every_route_of_the_application(app: Flask) -> None:
    assert routes_of(app) == ROUTES
    assert {route.mark for route in ROUTES} > {PUBLIC, LOGGED_IN, "core.users"}
    assert len(PAGES) > 40
    assert len(OPERATIONS) > 8


def test_an_endpoint_that_states_no_access_fails(own_app: Flask) -> None:
    own_app.add_url_rule("/forgotten", "forgotten", lambda: "open to all")
    assert missing_marks(own_app) == ["forgotten"]
    (forgotten,) = (route for route in routes_of(own_app) if route.endpoint == "forgotten")
    with pytest.raises(AssertionError, match="states no access"):
        allowed(forgotten.mark, STAFF)
    assert own_app.test_client().get("/forgotten").status_code in (302, 403)
