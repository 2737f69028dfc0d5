"""docs/permissions.md: who may open what, and who sees which fields. Its tables are those of the running application.

``python -m tests.integration.core.test_permission_page`` writes them anew after a change.
"""

from __future__ import annotations

import re
from collections import defaultdict
from pathlib import Path

from flask import Flask
from flask_babel import force_locale

from app.core.accounts.access import LOGGED_IN, PUBLIC
from tests.integration.core.furnished import ROUTES

PAGE = Path(__file__).resolve().parents[3] / "docs" / "permissions.md"
#: Permissions that open no page of their own, but show more of one: what they show stands in the table of fields.
OF_FIELDS = {
    "callcenter.all_calls",
    "callcenter.remember",
    "callcenter.payloads",
    "callcenter.audit_numbers",
}


def held(app: Flask) -> str:
    lines = ["| permission | what it allows | staff | administrators |", "|---|---|---|---|"]
    with app.app_context(), force_locale("en"):
        for name, one in app.extensions["durchwahl"].permissions.items():
            lines.append(f"| `{name}` | {one.title} | {'yes' if one.staff else 'when given'} | yes |")
    return "\n".join(lines) + "\n"


def opened() -> str:
    pages: dict[str, list[str]] = defaultdict(list)
    for route in ROUTES:
        path = re.sub(r"<(?:\w+:)?(\w+)>", r"‹\1›", route.path)
        pages[str(route.mark)].append(f"`{route.method} {path}`")
    lines = ["| needs | opens |", "|---|---|"]
    lines += [f"| `{mark}` | {', '.join(sorted(pages[mark]))} |" for mark in sorted(pages)]
    return "\n".join(lines) + "\n"


def renewed(text: str, app: Flask) -> str:
    """The page with its tables as they are now."""
    for name, table in (("held", held(app)), ("opened", opened())):
        before, began, rest = text.partition(f"<!-- {name} -->\n")
        _old, ended, after = rest.partition(f"<!-- end of {name} -->")
        assert began, name
        assert ended, name
        text = f"{before}{began}{table}{ended}{after}"
    return text


def test_the_page_says_of_every_permission_who_has_it_and_of_every_route_what_it_needs(app: Flask) -> None:
    text = PAGE.read_text("utf-8")
    assert renewed(text, app) == text, "python -m tests.integration.core.test_permission_page"


def test_every_permission_opens_something_or_shows_a_field(app: Flask) -> None:
    marks = {str(route.mark) for route in ROUTES} - {PUBLIC, LOGGED_IN}
    permissions = set(app.extensions["durchwahl"].permissions)
    assert marks <= permissions
    assert permissions - marks == OF_FIELDS
    fields = PAGE.read_text("utf-8").partition("## Fields")[2]
    assert {name for name in permissions if f"`{name}`" in fields} >= {*OF_FIELDS, "callcenter.person_figures"}


if __name__ == "__main__":
    import tempfile

    from app import create_app
    from tests.conftest import make_config

    folder = Path(tempfile.mkdtemp())
    PAGE.write_text(
        renewed(PAGE.read_text("utf-8"), create_app(make_config(f"sqlite:///{folder}/x.db", folder))), "utf-8"
    )
