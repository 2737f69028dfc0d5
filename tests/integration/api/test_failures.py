"""What a client is told when something fails on our side: JSON, no details; and what the log says of it."""

from __future__ import annotations

import logging
from collections.abc import Callable
from typing import Any

import pytest
from flask import Blueprint, Flask
from sqlalchemy import text
from sqlalchemy.exc import OperationalError

from app.core.database import transaction
from app.core.rest import PREFIX, operation
from tests.integration.api.client import Api, api_for, refused

NUMBER = "+492214710123"


@pytest.fixture
def failing(own_app: Flask) -> Callable[[Callable[[], Any]], Api]:
    """A client and ``GET /trial``, which does what the test says."""

    def make(work: Callable[[], Any]) -> Api:
        blueprint = Blueprint("trial_api", __name__, url_prefix=PREFIX)

        @operation(blueprint, "GET", "/trial", permission="logged_in", summary="T", tag="t", answers={204: None})
        def trial() -> tuple[str, int]:
            work()
            return "", 204

        own_app.register_blueprint(blueprint)
        with own_app.app_context():
            return api_for(own_app)

    return make


def _raise(error: Exception) -> Callable[[], Any]:
    def work() -> None:
        raise error

    return work


def test_our_own_failure_is_json_without_details(failing: Callable[[Callable[[], Any]], Api]) -> None:
    answer = failing(_raise(RuntimeError("the inside of the house"))).get("/trial")
    refused(answer, 500, "internal_error")
    assert "house" not in answer.get_data(as_text=True)


def test_a_database_that_is_away_is_a_matter_of_time(failing: Callable[[Callable[[], Any]], Api]) -> None:
    answer = failing(_raise(OperationalError("select 1", {}, Exception("gone")))).get("/trial")
    refused(answer, 503, "unavailable")
    assert int(answer.headers["Retry-After"]) > 0


def test_the_log_names_neither_numbers_nor_tokens(
    failing: Callable[[Callable[[], Any]], Api], caplog: pytest.LogCaptureFixture
) -> None:
    def work() -> None:
        with transaction() as session:
            session.execute(text("INSERT INTO no_such_table VALUES (:number)"), {"number": NUMBER})

    api = failing(work)
    with caplog.at_level(logging.DEBUG):
        answer = api.get("/trial")
        api.get("/lookup", number=NUMBER)
    assert answer.status_code in (500, 503)
    assert NUMBER not in caplog.text
    assert str(api.token) not in caplog.text


def test_a_refusal_is_not_logged_as_a_failure(app: Flask, caplog: pytest.LogCaptureFixture) -> None:
    api = api_for(app)
    with caplog.at_level(logging.WARNING):
        api.post("/addresses", {"nonsense": 1})
        api.get("/addresses/1")
        Api(app, "dw_wrong").get("/addresses")
    assert not [record for record in caplog.records if record.name.startswith("app.core.rest")]


def test_answers_carry_the_headers_of_every_page_and_are_not_stored(app: Flask) -> None:
    for answer in (api_for(app).get("/addresses"), Api(app, None).get("/addresses")):
        assert answer.headers["Cache-Control"] == "no-store"
        assert answer.headers["X-Content-Type-Options"] == "nosniff"
