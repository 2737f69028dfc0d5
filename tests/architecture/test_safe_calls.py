"""What no file of the application may call: other programs, broken hashes, connections that believe anybody."""

from __future__ import annotations

import ast
import re
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from babel.messages.pofile import read_po

from tests.architecture.imports import ROOT, imports_in, module_name, python_files

Found = Iterator[tuple[int, str]]
#: Modules that start programs, or give the means to.
PROGRAMS = ("subprocess", "multiprocessing", "pty", "pexpect", "commands", "asyncio.subprocess", "_posixsubprocess")
_STARTS = re.compile(r"(system|popen|startfile|fork\w*|exec[lv]\w*|spawn[lv]\w*|posix_spawnp?|create_subprocess_\w+)")
#: Hashes that the ASVS approves; the short digests of BLAKE2 only tell whether something changed.
HASHES = frozenset({"sha256", "sha384", "sha512", "sha3_256", "sha3_384", "sha3_512", "blake2b", "blake2s"})
#: Where secrets may be encrypted and passwords hashed, and by whose code.
CRYPTOGRAPHY = {"app.core.security": "cryptography", "app.core.accounts.service": "argon2"}
_CRYPTOGRAPHERS = ("cryptography", "argon2", "nacl", "Crypto", "bcrypt", "passlib", "jwt", "rsa")
_NAME_OF_FILE = re.compile(r"[a-z][a-z-]*")


def programs_started(source: str, package: str = "") -> Found:
    for found in imports_in(source, package):
        if found.is_of(*PROGRAMS) or (found.is_of("os") and _STARTS.fullmatch(found.name.rpartition(".")[2])):
            yield found.line, found.name
    for node in ast.walk(ast.parse(source)):
        if not isinstance(node, ast.Attribute) or ast.unparse(node.value) not in ("os", "asyncio"):
            continue
        if _STARTS.fullmatch(node.attr):
            yield node.lineno, ast.unparse(node)


def weak_hashes(source: str, package: str = "") -> Found:
    for found in imports_in(source, package):
        if found.is_of("hashlib") and found.name != "hashlib" and found.name.rpartition(".")[2] not in HASHES:
            yield found.line, found.name
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.Attribute) and ast.unparse(node.value) == "hashlib" and node.attr not in HASHES:
            yield node.lineno, ast.unparse(node)
        if isinstance(node, ast.Call) and ast.unparse(node.func) in ("hmac.new", "hmac.digest"):
            given = [*node.args[2:3], *(one.value for one in node.keywords if one.arg in ("digestmod", "digest"))]
            if [ast.unparse(one).removeprefix("hashlib.") for one in given] != ["sha256"]:
                yield node.lineno, ast.unparse(node)


def unchecked_certificates(source: str, _package: str = "") -> Found:
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.Call):
            for keyword in node.keywords:
                if keyword.arg in ("verify", "cert_reqs", "check_hostname") and _is_off(keyword.value):
                    yield node.lineno, ast.unparse(node)
        if isinstance(node, ast.Assign) and _is_off(node.value):
            for target in node.targets:
                if isinstance(target, ast.Attribute) and target.attr in ("verify", "verify_mode", "check_hostname"):
                    yield node.lineno, ast.unparse(node)
        if isinstance(node, ast.Attribute | ast.Name):
            name = node.attr if isinstance(node, ast.Attribute) else node.id
            if name in ("CERT_NONE", "_create_unverified_context", "disable_warnings"):
                yield node.lineno, name


def _is_off(value: ast.expr) -> bool:
    return isinstance(value, ast.Constant) and not value.value


def files() -> list[Path]:
    return [
        *python_files("app"),
        *(ROOT / name for name in ("config.py", "loglines.py", "wsgi.py", "gunicorn.conf.py")),
    ]


def everywhere(look: Callable[[str, str], Found]) -> list[str]:
    return [
        f"{path.relative_to(ROOT)}:{line}: {what}"
        for path in files()
        for line, what in look(path.read_text("utf-8"), module_name(path).rpartition(".")[0])
    ]


def test_the_application_starts_no_program() -> None:
    assert everywhere(programs_started) == []


def test_no_hash_is_used_but_approved_ones() -> None:
    assert everywhere(weak_hashes) == []


def test_nothing_switches_the_check_of_certificates_off() -> None:
    assert everywhere(unchecked_certificates) == []


def test_cryptography_is_that_of_known_libraries_in_two_files() -> None:
    used = {
        (module_name(path), found.name.partition(".")[0])
        for path in python_files("app")
        for found in imports_in(path.read_text("utf-8"), module_name(path).rpartition(".")[0])
        if found.is_of(*_CRYPTOGRAPHERS)
    }
    assert used == set(CRYPTOGRAPHY.items())


def names_of_downloads(source: str) -> Iterator[str | None]:
    """What each download of a file of source is called in English; None where that is not ours alone."""
    for function in ast.walk(ast.parse(source)):
        if isinstance(function, ast.FunctionDef):
            for node in ast.walk(function):
                if isinstance(node, ast.Assign) and "Content-Disposition" in ast.unparse(node.targets[0]):
                    yield _named(node.value, function)


def _named(value: ast.expr, function: ast.FunctionDef) -> str | None:
    told = re.fullmatch(r"""f?'attachment; filename="([^"]+)"'""", ast.unparse(value))
    if told is None:
        return None
    name = re.match(r"\{name\}", told[1])
    if name is None:
        return told[1].rpartition(".")[0]
    for node in ast.walk(function):
        if isinstance(node, ast.Assign) and ast.unparse(node.targets[0]) == "name":
            constant = re.match(r"_\('([^']+)'\)|f'([^'{]+)\{", ast.unparse(node.value))
            return (constant[1] or constant[2].rstrip("-")) if constant else None
    return None


def test_downloads_have_plain_names_of_ours_in_both_languages() -> None:
    """So nothing that somebody typed stands in that header, and nothing in it needs to be encoded."""
    sources = [path.read_text("utf-8") for path in python_files("app")]
    found = [name for source in sources for name in names_of_downloads(source)]
    assert len(found) == sum(source.count('["Content-Disposition"]') for source in sources) >= 5
    german: dict[str, str] = {}
    for catalogue in (ROOT / "app").rglob("de/LC_MESSAGES/messages.po"):
        with catalogue.open("rb") as file:
            german.update({str(one.id): str(one.string) for one in read_po(file) if one.id in found})
    assert len(german) >= 4
    assert [name for name in [*found, *german.values()] if name is None or not _NAME_OF_FILE.fullmatch(name)] == []


@pytest.mark.parametrize(
    ("look", "source"),
    [
        (programs_started, "import subprocess"),
        (programs_started, "from os import system"),
        (programs_started, "import os\nos.popen('ls')"),
        (programs_started, "import asyncio\nasyncio.create_subprocess_exec('ls')"),
        (weak_hashes, "from hashlib import md5"),
        (weak_hashes, "import hashlib\nhashlib.new('sha1')"),
        (weak_hashes, "import hmac\nhmac.new(b'', b'', 'md5')"),
        (weak_hashes, "import hmac\nhmac.digest(b'', b'', digest='sha1')"),
        (unchecked_certificates, "requests.get('https://x', verify=False)"),
        (unchecked_certificates, "session.verify = False"),
        (unchecked_certificates, "context.verify_mode = ssl.CERT_NONE"),
    ],
)
def test_the_checks_see(look: Callable[[str, str], Found], source: str) -> None:
    assert list(look(source, ""))


@pytest.mark.parametrize(
    "source",
    [
        "def f():\n    r.headers['Content-Disposition'] = f'attachment; filename=\"{asked}.csv\"'",
        "def f():\n    name = asked\n    r.headers['Content-Disposition'] = f'attachment; filename=\"{name}.csv\"'",
    ],
)
def test_the_check_of_downloads_sees_a_name_that_is_not_ours(source: str) -> None:
    assert [name is None or not _NAME_OF_FILE.fullmatch(name) for name in names_of_downloads(source)] == [True]
