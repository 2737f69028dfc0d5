"""Who may ask the API: bearer tokens only, each checked at each request."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta

import pytest
from flask import Blueprint, Flask
from flask.testing import FlaskClient
from sqlalchemy import select

from app.core.accounts import service, tokens
from app.core.accounts.models import ApiToken
from app.core.clock import FixedClock
from app.core.database import reading
from app.core.rest import PREFIX, operation
from tests.conftest import NOW, PASSWORD
from tests.integration.api.client import Api, api_for, description_of, ok, refused

#: Every operation, with a path that exists and a body that would be taken.
OPERATIONS = [
    ("GET", "/addresses", None),
    ("POST", "/addresses", {"name": "Muster GmbH"}),
    ("GET", "/addresses/{address}", None),
    ("PATCH", "/addresses/{address}", {"city": "Köln"}),
    ("DELETE", "/addresses/{address}", None),
    ("GET", "/lookup?number=02214710123", None),
    ("GET", "/calls", None),
    ("GET", "/calls/1", None),
    ("POST", "/calls", {"number": "0221 4710 123", "idempotency_key": "a"}),
]
WRITING = {"POST", "PATCH", "DELETE"}
each_operation = pytest.mark.parametrize(("method", "path", "body"), OPERATIONS)


@pytest.fixture
def address(app: Flask) -> int:
    found: int = api_for(app).created()["id"]
    return found


def test_the_table_above_names_every_operation(app: Flask) -> None:
    described = {
        (method.upper(), path.removeprefix("/api/v1"))
        for path, operations in description_of(app)["paths"].items()
        for method in operations
        if not path.endswith("/openapi.json")
    }
    named = {
        (method, path.partition("?")[0].replace("{address}", "{address_id}").replace("/calls/1", "/calls/{call_id}"))
        for method, path, _body in OPERATIONS
    }
    assert named == described


@each_operation
def test_without_a_token_nothing_is_told(app: Flask, address: int, method: str, path: str, body: object) -> None:
    answer = Api(app, None).request(method, path.format(address=address), json=body)
    refused(answer, 401, "unauthorized")
    assert answer.headers["WWW-Authenticate"] == 'Bearer realm="Durchwahl"'


@each_operation
def test_a_log_in_cookie_is_no_token(
    app: Flask, address: int, admin: FlaskClient, method: str, path: str, body: object
) -> None:
    answer = admin.open(f"/api/v1{path.format(address=address)}", method=method, json=body)
    assert answer.status_code == 401
    assert answer.get_json()["error"]["code"] == "unauthorized"


def test_a_log_in_cookie_adds_nothing_to_a_token(app: Flask, admin: FlaskClient) -> None:
    reading = api_for(app, scope=tokens.READ)
    headers = {"Authorization": f"Bearer {reading.token}"}
    answer = admin.post("/api/v1/addresses", json={"name": "Muster GmbH"}, headers=headers)
    assert (answer.status_code, answer.get_json()["error"]["code"]) == (403, "read_only_token")
    assert admin.get("/api/v1/addresses", headers={"Authorization": "Bearer dw_wrong"}).status_code == 401


@each_operation
def test_a_reading_token_reads_and_nothing_more(app: Flask, address: int, method: str, path: str, body: object) -> None:
    api = api_for(app, scope=tokens.READ)
    answer = api.request(method, path.format(address=address), **({"json": body} if body else {}))
    if method in WRITING:
        refused(answer, 403, "read_only_token")
        assert 'error="insufficient_scope"' in answer.headers["WWW-Authenticate"]
        assert api.get(f"/addresses/{address}").get_json()["city"] == ""
        assert api.get(f"/addresses/{address}").get_json()["archived"] is False
    else:
        assert answer.status_code in (200, 404)


@each_operation
@pytest.mark.parametrize("role", ["staff", "administrator"])
def test_both_roles_may_use_every_operation(
    app: Flask, address: int, role: str, method: str, path: str, body: object
) -> None:
    answer = api_for(app, role).request(method, path.format(address=address), **({"json": body} if body else {}))
    assert answer.status_code not in (401, 403)
    assert answer.status_code < 500


@pytest.mark.parametrize(
    "header",
    [
        "",
        "Bearer",
        "Bearer ",
        "Basic YWRtaW46YWRtaW4=",
        "Token {token}",
        "{token}",
        "Bearer{token}",
    ],
)
def test_another_way_to_send_a_token_is_none(app: Flask, header: str) -> None:
    api = api_for(app)
    answer = Api(app, None).request(
        "GET", "/addresses", headers={"Authorization": header.replace("{token}", str(api.token))}
    )
    refused(answer, 401, "unauthorized")


@pytest.mark.parametrize("wrong", ["dw_wrong", "x" * 5000, "dw_" + "A" * 43, "Ünïcode", "dw_\x00", "a b c"])
def test_a_wrong_token_is_told_apart_from_none(app: Flask, wrong: str) -> None:
    header = f"Bearer {wrong}".encode().decode("latin-1")
    answer = Api(app, None).request("GET", "/addresses", environ_overrides={"HTTP_AUTHORIZATION": header})
    refused(answer, 401, "invalid_token")
    assert 'error="invalid_token"' in answer.headers["WWW-Authenticate"]


def test_the_scheme_is_written_in_any_case_and_blanks_around_the_token_do_not_matter(app: Flask) -> None:
    token = api_for(app).token
    for header in (f"bearer {token}", f"BEARER   {token} "):
        ok(Api(app, None).request("GET", "/addresses", headers={"Authorization": header}))


def test_a_token_in_the_query_is_not_taken(app: Flask) -> None:
    refused(Api(app, None).get("/addresses", access_token=api_for(app).token), 401, "unauthorized")


def test_a_token_with_one_letter_changed_is_worth_nothing(app: Flask) -> None:
    token = str(api_for(app).token)
    changed = token[:-1] + ("A" if token[-1] != "A" else "B")
    refused(Api(app, changed).get("/addresses"), 401, "invalid_token")


def test_a_revoked_token_is_worth_nothing_at_once(app: Flask) -> None:
    api = api_for(app)
    ok(api.get("/addresses"))
    tokens.revoke(tokens.list_tokens()[0].id)
    refused(api.get("/addresses"), 401, "invalid_token")


def test_the_tokens_of_a_deactivated_user_are_worth_nothing_until_he_is_back(app: Flask) -> None:
    api = api_for(app, username="anna")
    user = service.find_user("anna")
    assert user is not None
    service.update_user(user.id, active=False)
    refused(api.get("/addresses"), 401, "invalid_token")
    service.update_user(user.id, active=True)
    ok(api.get("/addresses"))


def test_a_new_password_leaves_tokens_alone(app: Flask) -> None:
    api = api_for(app, username="anna")
    user = service.find_user("anna")
    assert user is not None
    service.set_password(user.id, "another " + PASSWORD)
    ok(api.get("/addresses"))


def test_a_permission_that_only_administrators_have_is_refused_to_staff(own_app: Flask) -> None:
    blueprint = Blueprint("trial_api", __name__, url_prefix=PREFIX)

    @operation(
        blueprint,
        "GET",
        "/trial",
        permission="callcenter.configure",
        summary="Trial",
        tag="trial",
        answers={200: {"type": "object"}},
    )
    def trial() -> dict[str, str]:
        return {}

    own_app.register_blueprint(blueprint)
    with own_app.app_context():
        answer = api_for(own_app).get("/trial")
        refused(answer, 403, "missing_permission")
        assert 'error="insufficient_scope"' in answer.headers["WWW-Authenticate"]
        ok(api_for(own_app, "administrator").get("/trial"))


def test_the_last_use_of_a_token_is_kept_to_the_minute(app: Flask, clock: FixedClock) -> None:
    api = api_for(app)

    def last_use() -> object:
        with reading() as session:
            return session.execute(select(ApiToken.last_used_at)).scalar_one()

    assert last_use() is None
    api.get("/addresses")
    assert last_use() == NOW
    clock.advance(30)
    api.get("/addresses")
    assert last_use() == NOW
    clock.advance(31)
    api.get("/addresses")
    assert last_use() == NOW + timedelta(seconds=61)


def test_only_a_hash_of_the_token_is_kept(app: Flask) -> None:
    api = api_for(app)
    with reading() as session:
        stored = session.execute(select(ApiToken.token_hash)).scalar_one()
    assert str(api.token) not in stored
    assert len(stored) == 64


def test_the_description_needs_no_token(app: Flask) -> None:
    answer = app.test_client(use_cookies=False).get("/api/v1/openapi.json")
    assert answer.status_code == 200
    assert "Set-Cookie" not in answer.headers


def test_a_page_under_the_prefix_of_the_api_that_is_no_operation_is_not_open(
    own_app: Flask, make_page: Callable[[Flask], str]
) -> None:
    path = make_page(own_app)
    assert own_app.test_client().get(path).status_code in (302, 401)


@pytest.fixture
def make_page() -> Callable[[Flask], str]:
    from app.core.accounts.access import requires

    def make(app: Flask) -> str:
        blueprint = Blueprint("stray", __name__)

        @blueprint.get("/api/v1/stray")
        @requires("addresses.view")
        def stray() -> str:
            return "seen"

        app.register_blueprint(blueprint)
        return "/api/v1/stray"

    return make
