"""What lies in deploy/ fits the program, and fits together."""

from __future__ import annotations

import re
import subprocess
import sys
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
    assert len(files) == 6
    assert [path.name for path in files if str(path.relative_to(ROOT)) not in guide] == []


def test_the_service_writes_nowhere_but_its_state() -> None:
    kept = dict(read("durchwahl.service")["Service"])
    assert kept["ProtectSystem"] == "strict"
    assert kept["StateDirectory"] == "durchwahl"
    assert "DATA_DIR=/var/lib/durchwahl" in values("durchwahl.service", "Service", "Environment")[0]
    assert "ReadWritePaths" not in kept


def test_a_start_brings_the_structure_up_to_date() -> None:
    """What tests of updates do between two servers (tests/browser/test_update.py)."""
    assert values("durchwahl.service", "Service", "ExecStartPre") == [f"{CURRENT}.venv/bin/flask db upgrade"]


def test_a_start_is_tried_for_ever() -> None:
    assert values("durchwahl.service", "Unit", "StartLimitIntervalSec") == ["0"]
    assert values("durchwahl.service", "Service", "Restart") == ["always"]
    assert values("durchwahl.service", "Service", "RestartSec") == ["1"]


@pytest.fixture
def copied(tmp_path: Path) -> list[Path]:
    """The units, with our own environment in the place of the installed one."""
    for unit in UNITS:
        text = unit.read_text("utf-8").replace(f"{CURRENT}.venv/bin", str(Path(sys.executable).parent))
        (tmp_path / unit.name).write_text(text, "utf-8")
    return [tmp_path / unit.name for unit in UNITS]


def analyze(*arguments: str | Path) -> tuple[int, str]:
    done = subprocess.run(["systemd-analyze", "--no-pager", *arguments], capture_output=True, text=True, timeout=60)
    return done.returncode, done.stdout + done.stderr


def test_systemd_has_nothing_to_say_against_the_units(copied: list[Path]) -> None:
    assert analyze("verify", "--man=no", *copied) == (0, "")


def test_systemd_sees_a_mistake_in_a_unit(copied: list[Path]) -> None:
    service = next(path for path in copied if path.name == "durchwahl.service")
    service.write_text(service.read_text("utf-8").replace("ProtectHome=true", "ProtectHom=true"), "utf-8")
    code, said = analyze("verify", "--man=no", service)
    assert "ProtectHom" in said, code


@pytest.mark.parametrize("name", ["durchwahl.service", "durchwahl-backup.service"])
def test_the_services_may_do_little(copied: list[Path], name: str) -> None:
    """Of ten points of exposure, as systemd counts them, two at most; a service without any of it has 9.6."""
    unit = next(path for path in copied if path.name == name)
    code, said = analyze("security", "--offline=true", "--threshold=20", unit)
    assert code == 0, said


def test_the_command_for_administrators_works_where_the_service_does() -> None:
    text = (ROOT / "deploy" / "dw").read_text("utf-8")
    assert values("durchwahl.service", "Service", "EnvironmentFile") == ["/etc/durchwahl/environment"]
    for line in (
        ". /etc/durchwahl/environment",
        f"FLASK_APP={CURRENT}wsgi.py",
        "DATA_DIR=/var/lib/durchwahl",
        f'exec runuser -u durchwahl -- {CURRENT}.venv/bin/flask "$@"',
    ):
        assert f"\n{line}\n" in text
    assert (ROOT / "deploy" / "dw").stat().st_mode & 0o111


@pytest.mark.parametrize("unit", ["durchwahl.service", "durchwahl-backup.service"])
def test_services_have_no_right_but_what_they_need(unit: str) -> None:
    kept = dict(read(unit)["Service"])
    assert kept["User"] == kept["Group"] == "durchwahl"
    assert kept["NoNewPrivileges"] == "true"
    assert kept["CapabilityBoundingSet"] == ""
    assert kept["ProtectSystem"] == "strict"
