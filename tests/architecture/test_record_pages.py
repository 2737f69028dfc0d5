"""docs/input.md, logging.md and keys.md say what the code does: their figures, logs, loggers and keys are compared."""

from __future__ import annotations

import ast
import importlib
import re
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from app.core.accounts.service import _LONGEST
from app.modules.addresses.fields import CONTACT_TEXTS, TEXTS
from tests.architecture.imports import ROOT, module_name, python_files

INPUT, LOGGING, KEYS = ((ROOT / "docs" / f"{name}.md").read_text("utf-8") for name in ("input", "logging", "keys"))
LIMIT = re.compile(r"^\| [^|]+ \| (\d+)(?: (s|KiB|MiB))? \| `([\w.]+)` \|$", re.MULTILINE)
UNITS = {"": 1, "s": 1, "KiB": 1024, "MiB": 1024**2}
#: Modules that stand at the door: each limit of theirs is on the page.
DOORS = {
    "app.core.accounts.throttle": r"\w+_(BURST|EVERY)|KNOWN_DAYS",
    "app.core.accounts.passwords": r"M(IN|AX)_PASSWORD_LENGTH",
    "app.core.rest.reading": r"MAX_(BODY_BYTES|DEPTH)",
    "app.modules.addresses.fields": r"MAX_\w+",
    "app.modules.addresses.imports.services": r"MAX_(FILE|COLUMNS)\w*",
    "app.modules.callcenter.providers.cti.parse": r"MAX_(?!TALK)\w+",
    "app.modules.callcenter.providers.placetel.parse": r"MAX_\w+",
    "app.modules.callcenter.refusals": r"MOST_AT_ONCE|ONE_MORE_AFTER|KEEP",
}


def in_code(path: str) -> Any:
    """What stands under a dotted name: of a module, or of a class within it."""
    module, _, name = path.rpartition(".")
    try:
        return getattr(importlib.import_module(module), name)
    except ModuleNotFoundError:
        outer, _, cls = module.rpartition(".")
        return getattr(getattr(importlib.import_module(outer), cls), name)


def counted(value: Any) -> float:
    return value.total_seconds() if isinstance(value, timedelta) else float(value)


def test_every_limit_on_the_page_is_that_of_the_code() -> None:
    rows = LIMIT.findall(INPUT)
    assert len(rows) == len(re.findall(r"^\| .*`app\.[\w.]+` \|$", INPUT, re.MULTILINE))
    wrong = [
        (path, figure, unit) for figure, unit, path in rows if float(figure) * UNITS[unit] != counted(_plain(path))
    ]
    assert wrong == []


def _plain(path: str) -> Any:
    found = in_code(path)
    # A field of a dataclass with slots: its default stands in the constructor.
    if type(found).__name__ == "member_descriptor":
        module, _, name = path.rpartition(".")
        return getattr(in_code(module)(), name)
    return found


def test_every_limit_at_the_door_is_on_the_page() -> None:
    told = {path for _figure, _unit, path in LIMIT.findall(INPUT)}
    there = {
        f"{module}.{name}"
        for module, pattern in DOORS.items()
        for name in vars(importlib.import_module(module))
        if re.fullmatch(pattern, name)
    }
    assert len(there) > 15
    assert there - told == set()


@pytest.mark.parametrize(("of", "fields"), [("an address", TEXTS), ("a contact", CONTACT_TEXTS), ("a user", _LONGEST)])
def test_the_most_characters_of_each_field_are_those_of_the_code(of: str, fields: dict[str, int]) -> None:
    (row,) = re.findall(rf"^\| {of} \| (`name` 200.*) \|$", INPUT, re.MULTILINE)
    assert {name: int(most) for name, most in re.findall(r"`(\w+)` (\d+)", row)} == fields


def test_bodies_and_forms_are_as_small_as_the_page_says() -> None:
    code = (ROOT / "app" / "__init__.py").read_text("utf-8")
    assert "MAX_CONTENT_LENGTH=8 * 1024 * 1024" in code
    assert "MAX_FORM_MEMORY_SIZE=2 * 1024 * 1024" in code
    assert "Any other request has 8 MiB at most, a form's texts 2 MiB" in INPUT


# ------------------------------------------------------------------------------------------------------------ logging


def loggers(source: str, module: str) -> set[str]:
    """The names under which a file writes lines."""
    names: set[str] = set()
    for node in ast.walk(ast.parse(source)):
        if not isinstance(node, ast.Assign) or not isinstance(node.value, ast.Call) or not node.value.args:
            continue
        if ast.unparse(node.value.func) in ("logging.getLogger", "getLogger"):
            argument = node.value.args[0]
            names.add(str(argument.value) if isinstance(argument, ast.Constant) else module)
    return names


def test_every_logger_is_on_the_page_and_every_one_there_writes() -> None:
    told = set(re.findall(r"^\| `([a-z][\w.]+)` \| ", LOGGING, re.MULTILINE)) - {"gunicorn.error"}
    there: set[str] = set()
    for path in python_files("app"):
        source = path.read_text("utf-8")
        if re.search(r"\b(?:access_)?log\.(debug|info|warning|error|exception|log)\(", source):
            there |= loggers(source, module_name(path))
    assert told == there


def elsewhere(source: str) -> list[str]:
    """Where lines would go but to standard error."""
    wanted = re.compile(r"\w*Handler\b|filename=|syslog")
    found = [ast.unparse(node) for node in ast.walk(ast.parse(source)) if isinstance(node, ast.Attribute | ast.Name)]
    calls = [node for node in ast.walk(ast.parse(source)) if isinstance(node, ast.Call)]
    configured = [one for one in calls if ast.unparse(one.func).endswith("basicConfig")]
    found += [f"{argument.arg}=" for one in configured for argument in one.keywords]
    texts = [node.value for node in ast.walk(ast.parse(source)) if isinstance(node, ast.Constant)]
    named = [*found, *(text for text in texts if isinstance(text, str) and text.startswith("logging."))]
    return sorted({one for one in named if wanted.search(one.rpartition(".")[2]) and not one.endswith("StreamHandler")})


def test_lines_go_to_standard_error_and_nowhere_else() -> None:
    files = [*python_files("app"), ROOT / "loglines.py", ROOT / "gunicorn.conf.py", ROOT / "wsgi.py"]
    found = {str(path.relative_to(ROOT)): elsewhere(path.read_text("utf-8")) for path in files}
    assert {path: names for path, names in found.items() if names} == {}
    assert '"ext://sys.stderr"' in (ROOT / "loglines.py").read_text("utf-8")
    gunicorn = (ROOT / "gunicorn.conf.py").read_text("utf-8")
    assert 'errorlog = "-"' in gunicorn
    assert "accesslog = None" in gunicorn


@pytest.mark.parametrize(
    "source",
    [
        "logging.FileHandler('x')",
        "from logging.handlers import SysLogHandler\nSysLogHandler()",
        "logging.basicConfig(filename='x')",
        "d = {'class': 'logging.handlers.RotatingFileHandler'}",
    ],
)
def test_the_check_of_where_lines_go_sees(source: str) -> None:
    assert elsewhere(source) != []


def test_nginx_writes_where_the_page_says() -> None:
    site = (ROOT / "deploy" / "nginx" / "durchwahl.conf").read_text("utf-8")
    places = set(re.findall(r"(?:access|error)_log (/\S+)", site))
    assert places == {"/var/log/nginx/durchwahl.log"}
    assert all(f"`{place}`" in LOGGING for place in places)


def test_every_table_on_the_page_is_there() -> None:
    told = set(re.findall(r"\| `((?:core|addresses|callcenter)_\w+)` \|", LOGGING))
    assert len(told) > 6
    sources = "\n".join(path.read_text("utf-8") for path in python_files("app"))
    assert told <= set(re.findall(r'__tablename__ = "(\w+)"', sources))


# --------------------------------------------------------------------------------------------------------------- keys


def purposes(source: str) -> set[str]:
    """What keys are derived for: the names given to HMAC, HKDF and serializers."""
    found: set[str] = set()
    for node in ast.walk(ast.parse(source)):
        if not isinstance(node, ast.Call):
            continue
        name = ast.unparse(node.func)
        given = {one.arg: one.value for one in node.keywords}
        argument = None
        if name == "keyed_hash":
            argument = node.args[1]
        elif name == "HKDF":
            argument = given["info"]
        elif name.endswith("Serializer"):
            argument = given["salt"]
        if isinstance(argument, ast.Constant):
            value = argument.value
            found.add(value.decode() if isinstance(value, bytes) else str(value))
    return found


def test_every_use_of_the_key_is_on_the_page() -> None:
    rows = re.findall(r"^\| [^|]+ \| H[^|]+ \| `([^`]+)` \|$", KEYS, re.MULTILINE)
    #: Those of Flask and Flask-WTF stand in their code.
    theirs = {"cookie-session", "wtf-csrf-token"}
    there = {purpose for path in python_files("app") for purpose in purposes(path.read_text("utf-8"))}
    assert set(rows) == there | theirs
    assert len(rows) == len(set(rows))


def test_secrets_are_as_long_as_the_page_says() -> None:
    from app.modules.callcenter.connecting import _TOKEN_BYTES
    from config import MIN_METRICS_TOKEN_LENGTH, MIN_SECRET_KEY_LENGTH

    assert f"at least {MIN_SECRET_KEY_LENGTH} characters" in KEYS
    assert f"{MIN_METRICS_TOKEN_LENGTH} characters at least" in KEYS
    assert f"| token in the address of a connection | {_TOKEN_BYTES * 8} random bits" in KEYS
    service = Path(ROOT / "app/core/accounts/service.py").read_text("utf-8")
    assert "token_urlsafe(32)" in service
    assert "| log-in | 256 random bits" in KEYS


def test_every_encrypted_setting_is_on_the_page() -> None:
    from app.modules.callcenter.settings import SECRETS

    assert {"api_key", "shared_secret", "old_shared_secret", "webhook_password"} == SECRETS
    for told in ("API key", "shared secret", "the former one", "password in the webhook's address"):
        assert told in KEYS
