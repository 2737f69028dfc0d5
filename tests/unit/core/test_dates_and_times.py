"""Dates and times as people read them, in both languages."""

from __future__ import annotations

from datetime import UTC, datetime
from zoneinfo import ZoneInfo

import pytest
from babel.dates import format_datetime
from flask import Flask, g
from flask_babel import refresh
from flask_login import LoginManager
from hypothesis import given, settings
from hypothesis import strategies as st

from app.core import i18n

BERLIN = ZoneInfo("Europe/Berlin")


@pytest.fixture(scope="module")
def app() -> Flask:
    app = Flask(__name__)
    LoginManager(app).request_loader(lambda _request: None)
    i18n.install(app)
    return app


@given(at=st.integers(0, 2_100_000_000).map(lambda seconds: datetime.fromtimestamp(seconds, UTC)))
@pytest.mark.parametrize("language", i18n.LANGUAGES)
@settings(max_examples=30, deadline=None)
def test_a_moment_is_written_as_babel_writes_it(app: Flask, language: str, at: datetime) -> None:
    with app.test_request_context("/"):
        g.language = language
        assert i18n.show_datetime(at) == format_datetime(
            at.astimezone(BERLIN), "short", locale=i18n.written_as(language)
        )


def test_a_moment_stands_in_the_language_of_whoever_looks(app: Flask) -> None:
    at = datetime(2026, 11, 23, 15, 5, tzinfo=UTC)
    with app.test_request_context("/"):
        g.language = "de"
        assert i18n.show_datetime(at) == "23.11.26, 16:05"
        g.language = "en"
        refresh()
        assert i18n.show_datetime(at) == "23/11/2026, 16:05"
        assert i18n.show_datetime(None) == ""
