"""Compares the packages of the lock file with known weaknesses: what ``make audit`` runs.

It needs the network, so it is no part of ``make test``. The tool lives in an environment of its own, where nothing of
the application is. A package that could not be looked up fails like one with a weakness: not known is not safe.
"""

from __future__ import annotations

import json
import subprocess
import sys
import tempfile
import venv
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
ENVIRONMENT = ROOT / ".venv-audit"
TOOL = "pip-audit==2.9.0"
LOCKS = ("requirements.lock",)


@dataclass(frozen=True, slots=True)
class Found:
    """What was found about a lock file."""

    audited: int
    weaknesses: tuple[str, ...]
    not_audited: tuple[str, ...]

    @property
    def passes(self) -> bool:
        """Whether every package was looked up, and none has a known weakness."""
        return bool(self.audited) and not self.weaknesses and not self.not_audited


def locked(text: str) -> dict[str, str]:
    """Package → version as a lock file pins them; names as packages are compared by: ``Foo_Bar`` is ``foo-bar``."""
    lines = [line for line in text.splitlines() if line[:1].isalnum() and "==" in line]
    pairs = [line.split(";")[0].split("\\")[0].split()[0].partition("==") for line in lines]
    return {_key(name): version for name, _equals, version in pairs}


def read(report: str, wanted: dict[str, str]) -> Found:
    """What a report of the tool says of the wanted packages. Raises ValueError for one that cannot be read."""
    told = json.loads(report)
    if not isinstance(told, dict) or not isinstance(told.get("dependencies"), list):
        raise ValueError("the report has no list of dependencies")
    weaknesses: list[str] = []
    left_out: dict[str, str] = {}
    seen: dict[str, str] = {}
    for one in told["dependencies"]:
        name = _key(one["name"])
        if "skip_reason" in one or "vulns" not in one:
            left_out[name] = str(one.get("skip_reason", "no answer"))
            continue
        seen[name] = one["version"]
        for weakness in one["vulns"]:
            mended = ", ".join(weakness.get("fix_versions", [])) or "no version yet"
            weaknesses.append(f"{name} {one['version']}: {weakness['id']}, mended in {mended}")
    missing = [
        f"{name} {version}: {left_out.get(name, 'not in the report')}"
        for name, version in sorted(wanted.items())
        if seen.get(name) != version
    ]
    return Found(len(wanted) - len(missing), tuple(weaknesses), tuple(missing))


def _key(name: str) -> str:
    return name.split("[")[0].strip().lower().replace("_", "-").replace(".", "-")


def _run(command: Sequence[str | Path]) -> subprocess.CompletedProcess[str]:
    return subprocess.run([str(part) for part in command], capture_output=True, text=True, check=False)


def _audit(program: Path, wanted: dict[str, str]) -> subprocess.CompletedProcess[str]:
    """Have the tool look up exactly these, those for other systems and versions of Python among them."""
    options = ["--disable-pip", "--no-deps", "--format", "json", "--progress-spinner", "off"]
    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder) / "packages.txt"
        file.write_text("".join(f"{name}=={version}\n" for name, version in wanted.items()), "utf-8")
        return _run([program, "--requirement", file, *options])


def _tool() -> Path | None:
    """The tool in its own environment, installed when it is missing; None when that does not succeed."""
    program = ENVIRONMENT / "bin" / "pip-audit"
    if not program.exists():
        print(f"Installing {TOOL} into {ENVIRONMENT.name} …", flush=True)
        venv.create(ENVIRONMENT, with_pip=True)
        installed = _run([ENVIRONMENT / "bin" / "python", "-m", "pip", "install", "--quiet", TOOL])
        if installed.returncode or not program.exists():
            return None
    return program


def main() -> int:
    """Audit each lock file; the exit code is 0 only when all of their packages were looked up and none is weak."""
    program = _tool()
    if program is None:
        print(f"Nothing was audited: {TOOL} could not be installed. It needs the network.")
        return 1
    code = 0
    for lock in LOCKS:
        wanted = locked((ROOT / lock).read_text("utf-8"))
        done = _audit(program, wanted)
        try:
            found = read(done.stdout, wanted)
        except (ValueError, KeyError, TypeError):
            told = (done.stderr.strip().splitlines() or ["it said nothing"])[-1]
            print(f"{lock} was not audited: {told}")
            code = 1
            continue
        for line in found.weaknesses:
            print(f"{lock}: {line}")
        for line in found.not_audited:
            print(f"{lock}: not audited: {line}")
        said = "no known weakness" if found.passes else "NOT passed"
        print(f"{lock}: {found.audited} packages audited, {said}.")
        code = code or (0 if found.passes else 1)
    return code


if __name__ == "__main__":
    sys.exit(main())
