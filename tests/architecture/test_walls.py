"""The walls that are allow-lists, or that concern the standard library; the others are contracts in pyproject.toml."""

from __future__ import annotations

import ast
import functools
import importlib.metadata
import re
from collections.abc import Callable, Iterable, Mapping
from functools import partial
from pathlib import Path

import pytest

from tests.architecture.imports import ROOT, Import, imports_in, imports_of, module_name, python_files
from tests.unit.contract import guide

VALUES = "app.core.values"
CALLCENTER = "app.modules.callcenter"
PROVIDERS = f"{CALLCENTER}.providers"


def test_the_domain_imports_the_standard_library_core_values_and_itself() -> None:
    for domain in sorted((ROOT / "app/modules").glob("*/domain")):
        own = module_name(domain / "__init__.py")
        assert_all(domain.rglob("*.py"), partial(allowed_in_domain, own=own))


def test_core_values_import_the_standard_library_only() -> None:
    assert_all([ROOT / "app/core/values.py"], lambda i: i.is_standard_library)


def test_a_provider_imports_the_domain_the_contract_and_core_values() -> None:
    for folder in sorted(path for path in (ROOT / "app/modules/callcenter/providers").iterdir() if path.is_dir()):
        own = f"{PROVIDERS}.{folder.name}"
        assert_all(folder.rglob("*.py"), partial(allowed_in_provider, own=own))


def test_the_provider_of_the_guide_keeps_within_the_walls() -> None:
    own = f"{PROVIDERS}.{guide.KEY}"
    sources = [text for name, text in guide.files().items() if name.endswith(".py")]
    assert len(sources) == 3
    assert all(allowed_in_provider(found, own) for source in sources for found in imports_in(source, own))


def test_the_contract_of_the_providers_imports_the_domain_and_core_values() -> None:
    files = [ROOT / f"app/modules/callcenter/providers/{name}.py" for name in ("base", "fields")]
    assert_all(files, lambda i: allowed_in_provider(i, f"{PROVIDERS}.base"))


def test_only_core_http_opens_connections_to_others() -> None:
    # core.sockets closes connections that others opened to us; it opens none.
    excepted = ("app.core.http", "app.core.sockets")
    files = [path for path in python_files("app") if not module_name(path).startswith(excepted)]
    assert_all(files, lambda i: not i.is_of(*CONNECTING))


def test_core_imports_no_module_not_even_for_types() -> None:
    assert_all(python_files("app/core"), lambda i: not i.is_of("app.modules"))


def test_the_simulator_shares_no_code_with_the_application() -> None:
    assert_all(python_files("simulator"), lambda i: not i.is_of("app", "config", "loglines", "wsgi"))
    assert_all(python_files("app"), lambda i: not i.is_of("simulator"))


def test_nothing_that_runs_imports_tests_scripts_or_benchmarks() -> None:
    files = [
        *python_files("app", "simulator", "migrations"),
        ROOT / "config.py",
        ROOT / "loglines.py",
        ROOT / "wsgi.py",
    ]
    assert_all(files, lambda i: not i.is_of("tests", "scripts", "benchmarks"))


def test_everything_that_runs_is_in_the_running_lock() -> None:
    """A clone with requirements.lock installed serves everything: no import may come from the development lock."""
    locked = set(re.findall(r"^([a-z0-9-]+)==", (ROOT / "requirements.lock").read_text("utf-8"), re.MULTILINE))
    files = [
        *python_files("app", "simulator", "migrations"),
        ROOT / "config.py",
        ROOT / "loglines.py",
        ROOT / "wsgi.py",
    ]
    assert_all(files, lambda i: comes_from(i, locked))


def test_only_the_clock_tells_the_time() -> None:
    files = [path for path in python_files("app") if path != ROOT / "app/core/clock.py"]
    found = [f"{place(path)}:{line}" for path in files for line in looks_at_the_time(path.read_text("utf-8"))]
    assert not found, f"take the injected clock instead: {found}"


# What connects to other machines without core.http's time-outs, bounds and redaction.
CONNECTING = (
    *("requests", "urllib3", "httpx", "aiohttp", "http.client", "urllib.request"),
    *("socket", "ssl", "smtplib", "ftplib", "xmlrpc", "telnetlib"),
)


def allowed_in_domain(found: Import, own: str) -> bool:
    return (found.is_standard_library and not found.is_of(*CONNECTING)) or found.is_of(VALUES, own)


def allowed_in_provider(found: Import, own: str) -> bool:
    if found.for_types_only and found.is_of("app.core.http"):
        return True
    shared = (VALUES, f"{CALLCENTER}.domain", f"{PROVIDERS}.base", f"{PROVIDERS}.fields")
    return (found.is_standard_library and not found.is_of(*CONNECTING)) or found.is_of(*shared, own)


def comes_from(found: Import, locked: set[str]) -> bool:
    top = found.name.partition(".")[0]
    if found.is_standard_library or found.for_types_only or (ROOT / top).exists() or (ROOT / f"{top}.py").exists():
        return True
    return any(re.sub(r"[-_.]+", "-", name).lower() in locked for name in distributions().get(top, []))


@functools.cache
def distributions() -> Mapping[str, list[str]]:
    """Which installed distributions bring an importable name."""
    return importlib.metadata.packages_distributions()


def looks_at_the_time(source: str) -> list[int]:
    """The lines that ask the machine for date and time; a monotonic clock, which only measures, is none of them."""
    calls = [node for node in ast.walk(ast.parse(source)) if isinstance(node, ast.Call)]
    telling = re.compile(r"(.*\.)?((datetime|date)\.(now|utcnow|today)|time\.(time|time_ns|gmtime|localtime))")
    return [node.lineno for node in calls if telling.fullmatch(ast.unparse(node.func))]


def place(path: Path) -> str:
    return path.relative_to(ROOT).as_posix()


def assert_all(files: Iterable[Path], allowed: Callable[[Import], bool]) -> None:
    wrong = [f"{place(p)}:{i.line} imports {i.name}" for p in files for i in imports_of(p) if not allowed(i)]
    assert not wrong, "\n".join(wrong)


# ------------------------------------------------------------------------------------ that these checks can fail


@pytest.mark.parametrize(
    "source",
    [
        "import flask",
        "from flask_babel import gettext",
        "def f():\n    from app.core.database import Database",
        "from app.core import settings",
        "from app.modules.callcenter import models",
        "from ..models import Call",
        "import socket",
        "if TYPE_CHECKING:\n    from app.core.http import HttpClient",
    ],
)
def test_the_check_of_the_domain_sees(source: str) -> None:
    domain = f"{CALLCENTER}.domain"
    assert [i for i in imports_in(source, domain) if not allowed_in_domain(i, domain)]


@pytest.mark.parametrize(
    "source",
    [
        "from app.core.http import HttpClient",
        "from app.modules.callcenter import inbox",
        "from app.modules.callcenter.providers.tel import provider",
        "if TYPE_CHECKING:\n    from app.core.database import Database",
        "import requests",
        "from http import client",
    ],
)
def test_the_check_of_the_providers_sees(source: str) -> None:
    own = f"{PROVIDERS}.placetel"
    assert [i for i in imports_in(source, own) if not allowed_in_provider(i, own)]


def test_a_provider_may_name_the_type_of_its_http_client() -> None:
    source = "from typing import TYPE_CHECKING\nif TYPE_CHECKING:\n    from app.core.http import HttpClient\n"
    source += "from app.core.values import Dialable\nfrom .parse import parse\nimport hmac"
    own = f"{PROVIDERS}.placetel"
    assert all(allowed_in_provider(i, own) for i in imports_in(source, own))


def test_the_check_of_the_lock_sees_a_development_package() -> None:
    assert not comes_from(Import("hypothesis.strategies", 1, False), {"flask", "pytest-of-another"})
    assert not comes_from(Import("not_installed_anywhere", 1, False), {"flask"})
    assert comes_from(Import("flask.views", 1, False), {"flask"})


@pytest.mark.parametrize("call", ["datetime.now(UTC)", "datetime.datetime.utcnow()", "date.today()", "time.time()"])
def test_the_check_of_the_clock_sees(call: str) -> None:
    assert looks_at_the_time(f"x = 1\ny = {call}") == [2]


def test_measuring_a_span_is_not_telling_the_time() -> None:
    assert looks_at_the_time("time.monotonic()\nclock.now()\ntime.perf_counter()") == []
