"""The ``_`` of templates: the language of whoever looks, and nothing of what is put into a text as markup."""

from __future__ import annotations

import pytest
from flask import Flask, g, render_template_string
from flask_babel import force_locale
from flask_login import LoginManager

from app.core import i18n


@pytest.fixture(scope="module")
def app() -> Flask:
    app = Flask(__name__)
    LoginManager(app).request_loader(lambda _request: None)
    i18n.install(app)
    return app


def _shown(source: str, **given: object) -> str:
    return render_template_string(source, **given)


def test_a_text_stands_in_the_language_of_whoever_looks(app: Flask) -> None:
    for language, text in (("de", "Abmelden"), ("en", "Log out")):
        with app.test_request_context("/"):
            g.language = language
            assert _shown("{{ _('Log out') }}, {{ gettext('Log out') }}") == f"{text}, {text}"


def test_another_language_counts_only_as_long_as_it_is_forced(app: Flask) -> None:
    with app.test_request_context("/"):
        g.language = "de"
        assert _shown("{{ _('Log out') }}") == "Abmelden"
        with force_locale("en"):
            assert _shown("{{ _('Log out') }}") == "Log out"
        assert _shown("{{ _('Log out') }}") == "Abmelden"


def test_what_is_put_into_a_text_is_escaped(app: Flask) -> None:
    with app.test_request_context("/"):
        assert _shown("{{ _('Hello %(name)s', name=name) }}", name="<b>") == "Hello &lt;b&gt;"
        assert _shown("{{ _('<b>%(name)s</b>', name='x') }}") == "<b>x</b>"


def test_a_percent_sign_is_written_twice_with_and_without_variables(app: Flask) -> None:
    with app.test_request_context("/"):
        assert _shown("{{ _('100%% of it') }}") == "100% of it"
        assert _shown("{{ _('100%% of %(what)s', what='it') }}") == "100% of it"


def test_without_a_request_the_first_language_is_spoken(app: Flask) -> None:
    with app.app_context():
        assert app.jinja_env.from_string("{{ _('Log out') }}").render() == "Abmelden"
