"""Static files: kept by browsers for good under the address of their content, seen at once when they change."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from flask import Flask, url_for
from flask.testing import FlaskClient
from werkzeug.datastructures import Headers

from app.core import static_files
from app.core.static_files import FOREVER, StaticVersion, install

PAGE_JS = "js/page.js"


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setattr(static_files, "LOOK_SECONDS", 0.0)
    (tmp_path / "js").mkdir()
    (tmp_path / PAGE_JS).write_text("first")
    return tmp_path


@pytest.fixture
def small(folder: Path) -> Flask:
    app = Flask(__name__, static_folder=None)
    install(app, folder)
    return app


def asked(client: FlaskClient, path: str, headers: dict[str, str] | None = None) -> tuple[int, Headers, bytes]:
    with client.get(path, headers=headers) as answer:
        return answer.status_code, answer.headers, answer.get_data()


def address(app: Flask) -> str:
    with app.test_request_context():
        return url_for("static", filename=PAGE_JS)


def test_pages_name_files_by_their_version_and_browsers_keep_those(admin: FlaskClient) -> None:
    page = admin.get("/account/settings").get_data(as_text=True)
    names = set(re.findall(r'(?:src|href)="(/static/[^"#]+)', page))
    assert len(names) > 5
    for name in names:
        assert name.startswith("/static/v-"), name
        status, headers, _body = asked(admin, name)
        assert (status, headers["Cache-Control"]) == (200, FOREVER)
        assert "Set-Cookie" not in headers


def test_an_address_without_a_version_is_asked_for_anew_each_time(admin: FlaskClient) -> None:
    status, headers, _body = asked(admin, f"/static/{PAGE_JS}")
    assert (status, headers["Cache-Control"]) == (200, "no-cache")
    assert asked(admin, f"/static/{PAGE_JS}", {"If-None-Match": headers["ETag"]})[0] == 304


def test_changed_files_have_new_addresses_and_the_old_ones_are_not_kept(folder: Path, small: Flask) -> None:
    old, client = address(small), small.test_client()
    assert asked(client, old)[1]["Cache-Control"] == FOREVER
    (folder / PAGE_JS).write_text("second one")
    new = address(small)
    assert new != old
    assert asked(client, new)[2] == asked(client, old)[2] == b"second one"
    assert asked(client, new)[1]["Cache-Control"] == FOREVER
    # Whoever still has the old page gets what is there, but does not keep it under the old name.
    assert asked(client, old)[1]["Cache-Control"] == "no-cache"


def test_the_version_is_that_of_names_and_contents_wherever_and_whenever(folder: Path, tmp_path: Path) -> None:
    other = tmp_path / "elsewhere"
    (other / "js").mkdir(parents=True)
    (other / PAGE_JS).write_text("first")
    assert StaticVersion(other / "js").current() == StaticVersion(folder / "js").current()
    (other / PAGE_JS).rename(other / "js/side.js")
    assert StaticVersion(other / "js").current() != StaticVersion(folder / "js").current()


@pytest.mark.parametrize("path", ["/static/v-x/../../config.py", "/static/v-x/js/none.js", "/static/v-x/"])
def test_nothing_else_is_served(admin: FlaskClient, path: str) -> None:
    assert admin.get(path).status_code == 404
