"""A clone serves everything: what pages load, what they say in German, and nothing that git would leave out."""

from __future__ import annotations

import re
import subprocess
from functools import cache
from pathlib import PurePosixPath
from urllib.parse import urljoin, urlsplit

from flask import Flask
from flask.testing import FlaskClient

from app.core.i18n import translation_folders
from tests.architecture.imports import ROOT
from tests.integration.core.furnished import ROUTES, furnish

#: How a page, a style or a script names another file.
NAMES = (
    re.compile(r"""(?:src|href)=["']([^"'#?]+)"""),
    re.compile(r"""url\(\s*["']?([^"')#?]+)"""),
    re.compile(r"""(?:\bfrom|\bimport)\s*\(?["']([^"']+\.js)["']"""),
)
FOLDERS = ("app", "static", "templates", "migrations", "simulator")


@cache
def in_the_clone() -> frozenset[str]:
    """The files that git holds."""
    return frozenset(_git("ls-files"))


def _git(*arguments: str) -> list[str]:
    done = subprocess.run(
        ["git", "-c", "safe.directory=*", "-C", str(ROOT), *arguments, "-z"], capture_output=True, text=True, check=True
    )
    return [name for name in done.stdout.split("\0") if name]


def test_everything_that_pages_load_is_served_and_in_the_clone(app: Flask, admin: FlaskClient) -> None:
    values = furnish(app)
    waiting = {route.at(values) for route in ROUTES if route.method == "GET" and not route.is_api} | {"/login"}
    loaded: set[str] = set()
    while waiting:
        path = waiting.pop()
        with (app.test_client() if path == "/login" else admin).get(path) as answer:
            text = answer.get_data().decode("utf-8", "replace")
        if path.startswith("/static/"):
            assert answer.status_code == 200, path
            loaded.add(path)
        if answer.mimetype not in ("text/html", "text/css", "text/javascript"):
            continue
        found = {urlsplit(urljoin(path, name)).path for one in NAMES for name in one.findall(text)}
        waiting |= {name for name in found if name.startswith("/static/")} - loaded
    kinds = {PurePosixPath(path).suffix for path in loaded}
    assert kinds >= {".js", ".css", ".svg", ".woff2"}
    assert {re.sub(r"^/static/(v-\w+/)?", "static/", path) for path in loaded} <= in_the_clone()


def test_the_translations_are_in_the_clone_compiled() -> None:
    for folder in translation_folders():
        for kind in ("po", "mo"):
            name = (folder / "de" / "LC_MESSAGES" / f"messages.{kind}").relative_to(ROOT).as_posix()
            assert name in in_the_clone()


def test_git_leaves_out_nothing_that_the_application_needs() -> None:
    ignored = _git("ls-files", "--others", "--ignored", "--exclude-standard", *FOLDERS)
    assert not [name for name in ignored if "__pycache__" not in name]
