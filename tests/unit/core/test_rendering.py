"""The shorter ways of templates lead where Jinja's and Flask's own lead."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from flask import Flask, render_template_string
from jinja2 import Environment, StrictUndefined, UndefinedError, pass_context, pass_environment, pass_eval_context
from jinja2.runtime import Context
from markupsafe import Markup

from app.core import static_files
from app.core.ui import rendering


class Wanting:
    """One that Jinja calls by its ``__call__``, which wants the context."""

    @pass_context
    def __call__(self, context: Context, more: str) -> str:
        return f"{context['name']}{more}"


class Asked:
    def path(self, *parts: str, last: str = "") -> str:
        return "/".join((*parts, last))


@pass_context
def in_context(context: Context, loop: str = "") -> str:
    return f"{context['name']}{context.get('item', '-')}{loop}"


@pass_eval_context
def escaping(context: Any) -> bool:
    return bool(context.autoescape)


@pass_environment
def strict(environment: Environment) -> bool:
    return environment.undefined is StrictUndefined


def exhausted() -> str:
    return next(iter(()))


GIVEN = {
    "name": "<Anna>",
    "asked": Asked(),
    "words": {"a": "1"},
    "wanting": Wanting(),
    "in_context": in_context,
    "escaping": escaping,
    "strict": strict,
    "plain": lambda one, two="": f"{one}{two}",
    "exhausted": exhausted,
}
TEMPLATES = [
    "{% macro m(a, b='x') %}<b>{{ a }}{{ b }}</b>{% endmacro %}{{ m(name) }}{{ m(name, b=name) }}{{ m(b='y', a='z') }}",
    "{% macro m() %}[{{ caller() }}]{% endmacro %}{% call m() %}{{ name }}{% endcall %}",
    "{% macro m() %}{{ varargs }}{{ kwargs }}{% endmacro %}{{ m(1, two=2) }}",
    "{% macro m(n) %}{{ n }}{% if n %}{{ m(n - 1) }}{% endif %}{% endmacro %}{{ m(3) }}",
    "{% for item in 'ab' %}{{ in_context() }}{{ in_context(item) }}{{ wanting(item) }}{% endfor %}",
    "{% for item in 'ab' %}{% macro m() %}{{ item }}{% endmacro %}{{ m() }}{% endfor %}",
    "{{ asked.path('a', name, last='c') }}{{ words.get('a') }}{{ words.get('b', 'none') }}{{ name.upper() }}",
    "{{ escaping() }}{{ strict() }}{{ plain(name) }}{{ plain(1, two=2) }}{{ dict(a=1).items() | list }}",
    "{% set n = namespace(x=1) %}{% set n.x = range(3) | list %}{{ n.x }}{{ wanting('!') }}",
]


@pytest.mark.parametrize("template", TEMPLATES)
def test_a_template_gives_what_jinja_alone_makes_of_it(template: str) -> None:
    assert _environment(rendering.QuickContext).from_string(template).render(GIVEN) == _environment(
        Context
    ).from_string(template).render(GIVEN)


@pytest.mark.parametrize("template", ["{{ missing() }}", "{{ words.nothing() }}", "{{ exhausted() }}", "{{ name() }}"])
def test_what_cannot_be_called_fails_as_in_jinja(template: str) -> None:
    for kind in (Context, rendering.QuickContext):
        with pytest.raises((UndefinedError, TypeError)):
            _environment(kind).from_string(template).render(GIVEN)


LOOKED_INTO = [
    "{{ words.a }}{{ words['a'] }}{{ words.items() | list }}{{ words.get('b', 'none') }}{{ deep.one.two }}",
    "{{ own.items() | list }}{{ own.get('get') }}{{ own['items'] }}{{ own.name }}",
    "{{ words.z is defined }}{{ words.z | default('-') }}{{ words.pop is defined }}",
    "{{ kind.a }}{{ kind['a'] }}{{ kind.items() | list }}",
    "{{ asked.path('a') }}{{ asked.none is defined }}{{ name.z is defined }}",
]


class Kind(dict[str, str]):
    a = "of the class"


@pytest.mark.parametrize("template", LOOKED_INTO)
def test_what_a_template_looks_into_gives_what_it_gives_in_jinja(template: str) -> None:
    given = {
        **GIVEN,
        "deep": {"one": {"two": "<2>"}},
        "own": {"items": "of its own", "get": 1, "name": "<Ben>"},
        "kind": Kind(a="a key"),
    }
    quick = rendering.QuickEnvironment(Flask(__name__), autoescape=True, undefined=StrictUndefined)
    assert quick.from_string(template).render(given) == _environment(Context).from_string(template).render(given)


def test_a_key_that_is_missing_is_named_as_in_jinja() -> None:
    quick = rendering.QuickEnvironment(Flask(__name__), undefined=StrictUndefined)
    for environment in (quick, _environment(Context)):
        with pytest.raises(UndefinedError, match=r"'dict object' has no attribute 'z'"):
            environment.from_string("{{ words.z }}").render(GIVEN)


class Marked:
    def __html__(self) -> str:
        return "<i>&amp;</i>"


@pytest.mark.parametrize(
    "value",
    ["", "plain", "a < b & 'c' > \"d\"", "<Ümlaut>", Markup("<b>&amp;</b>"), Marked(), 7, 1.5, None, True, ["<"], b"<"],
)
def test_what_a_template_writes_is_escaped_as_jinja_escapes_it(value: object) -> None:
    quick = rendering.QuickEnvironment(Flask(__name__), autoescape=True, undefined=StrictUndefined)
    plain = Environment(autoescape=True, undefined=StrictUndefined)
    for template in (
        "{{ value }}",
        "{{ value | safe }}",
        "{% macro m(x) %}<u>{{ x }}</u>{% endmacro %}{{ m(value) }}{{ m(m(value)) }}",
        "{% set kept %}{{ value }}{% endset %}{{ kept }}",
        "{% filter upper %}{{ value }}{% endfilter %}",
        "{% autoescape false %}{{ value }}{% endautoescape %}",
    ):
        assert quick.from_string(template).render(value=value) == plain.from_string(template).render(value=value)


def test_what_is_missing_cannot_be_written() -> None:
    quick = rendering.QuickEnvironment(Flask(__name__), autoescape=True, undefined=StrictUndefined)
    with pytest.raises(UndefinedError):
        quick.from_string("{{ missing }}").render()


@pytest.fixture
def app(tmp_path: Path) -> Flask:
    (tmp_path / "css").mkdir()
    (tmp_path / "css" / "ä b.css").write_text("a { }")
    app = Flask(__name__, static_folder=None)
    rendering.install(app, static_files.install(app, tmp_path))
    app.add_url_rule("/list", "list", lambda: "")
    app.add_url_rule("/one/<int:number>", "one", lambda number: "")
    return app


@pytest.mark.parametrize("root", ["", "/phone", "/"])
def test_addresses_are_those_of_flask_below_each_root(app: Flask, root: str) -> None:
    for _again in range(2):
        with app.test_request_context("/", environ_overrides={"SCRIPT_NAME": root}):
            for asked, values in (
                ("list", {}),
                ("list", {"page": "2"}),
                ("list", {"_external": True}),
                ("one", {"number": 3}),
                ("static", {"filename": "css/ä b.css"}),
                ("static", {"filename": "css/ä b.css", "version": "x"}),
            ):
                shown = render_template_string("{{ url_for(asked, **values) | safe }}", asked=asked, values=values)
                assert shown == app.url_for(asked, **values)


def test_a_changed_file_has_another_address_at_once(
    app: Flask, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(static_files, "LOOK_SECONDS", 0.0)
    source = "{{ url_for('static', filename='css/ä b.css') }}"
    with app.test_request_context("/"):
        before = render_template_string(source)
        assert render_template_string(source) == before
        (tmp_path / "css" / "ä b.css").write_text("a { color: red }")
        assert render_template_string(source) != before


def test_without_a_request_addresses_are_made_as_flask_makes_them(app: Flask) -> None:
    app.config["SERVER_NAME"] = "durchwahl.example"
    with app.app_context():
        assert app.jinja_env.from_string("{{ url_for('list') }}").render() == "http://durchwahl.example/list"


def _environment(kind: type[Context]) -> Environment:
    environment = Environment(autoescape=True, undefined=StrictUndefined)
    environment.context_class = kind
    return environment
