from __future__ import annotations

import json
import subprocess
from pathlib import Path
from typing import Any

import pytest

from scripts import audit
from scripts.audit import locked, read

WANTED = {"flask": "3.1.3", "jinja2": "3.1.6"}


def report(*dependencies: dict[str, Any]) -> str:
    return json.dumps({"dependencies": list(dependencies), "fixes": []})


def well(name: str, version: str) -> dict[str, Any]:
    return {"name": name, "version": version, "vulns": []}


def test_all_is_well_when_every_package_was_looked_up_and_none_is_weak() -> None:
    found = read(report(well("Flask", "3.1.3"), well("jinja2", "3.1.6")), WANTED)
    assert found.passes
    assert found.audited == 2


def test_a_weakness_is_told_with_the_version_that_mends_it() -> None:
    weak = {"name": "flask", "version": "3.1.3", "vulns": [{"id": "PYSEC-1", "fix_versions": ["3.1.4"]}]}
    found = read(report(weak, well("jinja2", "3.1.6")), WANTED)
    assert not found.passes
    assert found.weaknesses == ("flask 3.1.3: PYSEC-1, mended in 3.1.4",)


@pytest.mark.parametrize(
    ("dependency", "told"),
    [
        ({"name": "jinja2", "skip_reason": "Dependency not found on the index"}, "Dependency not found on the index"),
        ({"name": "jinja2", "version": "3.1.6"}, "no answer"),
        (well("jinja2", "3.1.5"), "not in the report"),
        (well("other", "1"), "not in the report"),
    ],
)
def test_a_package_that_could_not_be_audited_fails(dependency: dict[str, Any], told: str) -> None:
    found = read(report(well("flask", "3.1.3"), dependency), WANTED)
    assert not found.passes
    assert found.not_audited == (f"jinja2 3.1.6: {told}",)


@pytest.mark.parametrize("text", ["", "no JSON", "[]", "{}", '{"dependencies": null}'])
def test_a_report_that_cannot_be_read_is_an_error(text: str) -> None:
    with pytest.raises(ValueError, match=r".*"):
        read(text, WANTED)


def test_an_empty_lock_does_not_pass() -> None:
    assert not read(report(), {}).passes


def test_the_lock_is_read_whole() -> None:
    text = (audit.ROOT / "requirements.lock").read_text("utf-8")
    pinned = locked(text)
    assert pinned["flask"].startswith("3.")
    assert len(pinned) == sum("==" in line for line in text.splitlines() if line[:1].isalnum())


def test_without_the_tool_nothing_passes(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    monkeypatch.setattr(audit, "_tool", lambda: None)
    assert audit.main() == 1
    assert capsys.readouterr().out.startswith("Nothing was audited")


def test_packages_for_other_systems_are_audited_as_well(monkeypatch: pytest.MonkeyPatch) -> None:
    text = "tzdata==2026.6 ; sys_platform == 'win32' \\\n    --hash=sha256:00\nFoo_Bar[x]==1.0\n    # via flask==9\n"
    assert locked(text) == {"tzdata": "2026.6", "foo-bar": "1.0"}
    asked: list[str] = []

    def run(command: list[Any]) -> subprocess.CompletedProcess[str]:
        asked.append(Path(command[command.index("--requirement") + 1]).read_text("utf-8"))
        return subprocess.CompletedProcess(command, 0, "", "")

    monkeypatch.setattr(audit, "_run", run)
    audit._audit(Path("tool"), locked(text))
    assert asked == ["tzdata==2026.6\nfoo-bar==1.0\n"]
