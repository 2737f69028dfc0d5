"""Writes requirements.lock and requirements-dev.lock: every package of the .in files pinned, with hashes.

Run by `make lock`. Packages already locked keep their version where the .in files allow it; `make lock ARGS=--upgrade`
takes the newest. The locks hold for every platform and Python from 3.11 on, and name no host.
"""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
OPTIONS = (
    "--universal",
    "--python-version=3.11",
    "--generate-hashes",
    "--no-header",
    "--no-annotate",
    "--no-emit-index-url",
    "--no-emit-find-links",
    "--quiet",
)


def lock(name: str, *options: str) -> None:
    """Writes NAME.lock from NAME.in."""
    uv = Path(sys.executable).parent / "uv"
    command = [str(uv), "pip", "compile", *OPTIONS, *options, f"{name}.in", "-o", f"{name}.lock"]
    if subprocess.run(command, cwd=ROOT, stdout=subprocess.DEVNULL).returncode:
        sys.exit(f"uv could not lock {name}.in; its reason is above")
    text = (ROOT / f"{name}.lock").read_text("utf-8")
    if "://" in text:
        sys.exit(f"{name}.lock names a host; it must not be committed like that")
    print(f"{name}.lock: {sum(line[:1].isalpha() for line in text.splitlines())} packages")


if __name__ == "__main__":
    wishes = sys.argv[1:]
    lock("requirements", *wishes)
    # The same versions in both, so that what is tested is what runs.
    lock("requirements-dev", "--constraint=requirements.lock", *wishes)
