"""What lies in deploy/ fits the program, and fits together."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from flask import Flask

from config import Config

ROOT = Path(__file__).resolve().parents[3]
UNITS = sorted((ROOT / "deploy" / "systemd").iterdir())
CURRENT = "/opt/durchwahl/current/"


def read(name: str) -> dict[str, list[tuple[str, str]]]:
    """The sections of a unit; a name may stand in one several times."""
    sections: dict[str, list[tuple[str, str]]] = {}
    for line in (ROOT / "deploy" / "systemd" / name).read_text("utf-8").splitlines():
        if section := re.fullmatch(r"\[(\w+)\]", line):
            sections[section[1]] = []
        elif line and not line.startswith("#"):
            key, equals, value = line.partition("=")
            assert equals, line
            sections[list(sections)[-1]].append((key, value))
    return sections


def values(name: str, section: str, key: str) -> list[str]:
    return [value for found, value in read(name)[section] if found == key]


def test_socket_proxy_and_configuration_name_the_same_port(tmp_path: Path) -> None:
    config = Config.from_env({"SECRET_KEY": "x" * 32, "DATA_DIR": str(tmp_path)})
    address = f"{config.host}:{config.port}"
    assert values("durchwahl.socket", "Socket", "ListenStream") == [address]
    assert f"server {address};" in (ROOT / "deploy" / "nginx" / "durchwahl.conf").read_text("utf-8")


@pytest.mark.parametrize("unit", ["durchwahl.service", "durchwahl-backup.service"])
def test_services_run_what_there_is(unit: str, own_app: Flask) -> None:
    assert values(unit, "Service", "WorkingDirectory") == [CURRENT.rstrip("/")]
    commands = [value for key in ("ExecStartPre", "ExecStart") for value in values(unit, "Service", key)]
    assert commands
    for command in commands:
        program, *arguments = command.removeprefix(f"{CURRENT}.venv/bin/").split()
        if program == "flask":
            group = own_app.cli.commands[arguments[0]]
            assert arguments[1] in group.commands  # type: ignore[attr-defined] # a group of commands
        else:
            assert (program, arguments) == ("gunicorn", ["-c", "gunicorn.conf.py", "wsgi:app"])
            assert (ROOT / "gunicorn.conf.py").is_file()
            assert (ROOT / "wsgi.py").is_file()


def test_every_path_of_the_project_in_a_unit_exists() -> None:
    named = {path for unit in UNITS for path in re.findall(rf"{CURRENT}([\w./-]+\.\w+)", unit.read_text("utf-8"))}
    assert named == {"docs/administration.md"}
    assert all((ROOT / path).is_file() for path in named)


def test_the_guide_names_every_file_of_deploy() -> None:
    guide = (ROOT / "docs" / "administration.md").read_text("utf-8")
    files = [path for path in (ROOT / "deploy").rglob("*") if path.is_file()]
    assert len(files) == 5
    assert [path.name for path in files if f"deploy/{path.parent.name}/{path.name}" not in guide] == []


def test_the_service_writes_nowhere_but_its_state() -> None:
    kept = dict(read("durchwahl.service")["Service"])
    assert kept["ProtectSystem"] == "strict"
    assert kept["StateDirectory"] == "durchwahl"
    assert "DATA_DIR=/var/lib/durchwahl" in kept["Environment"]
    assert "ReadWritePaths" not in kept
