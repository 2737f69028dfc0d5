"""docs/communication.md names everybody who is spoken to: compared with what code opens and what providers ask."""

from __future__ import annotations

import dataclasses
import re
from urllib.parse import urlsplit

from app.core.http import MAX_ANSWER_BYTES, TOTAL_TIMEOUT
from app.modules.callcenter.providers import registry
from app.modules.callcenter.settings import ConnectionSettings
from config import Config
from tests.architecture.imports import ROOT, python_files

PAGE = (ROOT / "docs" / "communication.md").read_text("utf-8")
TO_OTHERS = PAGE.partition("## To others")[2].partition("## From others")[0]
#: What opens connections, besides the standard library, which test_walls.py keeps in app/core/http.py.
OPENING = re.compile(
    r"\b(create_engine|Redis|from_url|ConnectionPool|psycopg\.\w*[cC]onnect\w*|requests\.\w+|urlopen)\(", re.ASCII
)


def speaking() -> set[str]:
    """The files of the application that open a connection to somebody else."""
    return {str(path.relative_to(ROOT)) for path in python_files("app") if OPENING.search(path.read_text("utf-8"))}


def test_every_file_that_speaks_to_others_is_on_the_page() -> None:
    told = set(re.findall(r"`(app/[\w/]+\.py)`", TO_OTHERS))
    assert told == speaking()


def test_every_api_of_a_provider_is_on_the_page() -> None:
    asking = {
        name
        for name, kind in registry.provider_types().items()
        if any(field.name == "base_url" for field in dataclasses.fields(kind.settings))
    }
    assert asking == {"placetel"}
    host = urlsplit(ConnectionSettings().base_url).hostname
    assert f"`{host}`" in TO_OTHERS
    assert f"`API_HOSTS={host}`" in TO_OTHERS


def test_variables_and_limits_are_those_of_the_code() -> None:
    variables = set(re.findall(r"`([A-Z]+_[A-Z]+)`", PAGE))
    assert {name.lower() for name in variables} <= {field.name for field in dataclasses.fields(Config)}
    assert f"an answer is {MAX_ANSWER_BYTES // 1024**2} MiB and {TOTAL_TIMEOUT:.0f} seconds" in TO_OTHERS.replace(
        "\n", " "
    )


def test_the_addresses_that_others_come_to_exist() -> None:
    sources = "\n".join(path.read_text("utf-8") for path in python_files("app"))
    for path in ("/callcenter/webhook/", "/api/v1", "/metrics", "/healthz", "/readyz"):
        assert f'"{path}' in sources, path
