"""The entry of the menu that a page belongs to."""

from __future__ import annotations

import re
from collections.abc import Callable

import pytest
from flask.testing import FlaskClient

ACTIVE = re.compile(r'<li class="nav-item[^"]* active">.*?nav-link-title">([^<]+)<', re.DOTALL)


@pytest.mark.parametrize(
    ("path", "entries"),
    [
        ("/addresses/", ["Adressen"]),
        ("/addresses/new", ["Adressen"]),
        ("/callcenter/", ["Telefonbuch"]),
        ("/callcenter/calls", ["Anrufe"]),
        ("/callcenter/callbacks", ["Rückrufe"]),
        ("/callcenter/settings", ["Administration"]),
        ("/callcenter/settings/connections", ["Administration"]),
        ("/callcenter/control", ["Administration"]),
        ("/callcenter/self-test", ["Administration"]),
        ("/callcenter/audit", ["Administration"]),
        ("/users/", ["Administration"]),
        ("/callcenter/blocks", []),
        ("/account/settings", []),
    ],
)
def test_a_page_marks_the_entry_it_belongs_to(client_for: Callable[..., FlaskClient], path: str, entries: list[str]):
    page = client_for("ada", role="administrator").get(path)
    assert page.status_code == 200
    assert ACTIVE.findall(page.text) == entries
