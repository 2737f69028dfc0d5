"""The commands that docs/administration.md tells an administrator, run by a shell as they stand there."""

from __future__ import annotations

import os
import re
import subprocess
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
GUIDE = ROOT / "docs" / "administration.md"


def blocks(section: str) -> list[str]:
    """The blocks of commands below a heading, up to the next one."""
    _before, heading, rest = GUIDE.read_text("utf-8").partition(f"\n## {section}\n")
    assert heading, f"there is no section {section}"
    return re.findall(r"^```\n(.*?)^```$", rest.partition("\n## ")[0], re.DOTALL | re.MULTILINE)


def run(commands: str, elsewhere: dict[str, str], given: str = "", before: str = "", **env: str) -> str:
    """Run the commands, with other folders and names as ``elsewhere`` says, up to the first that fails.

    ``before``: what shall stand for programs that are not ours to run. Returns what was said; fails the test when a
    command does.
    """
    for text, other in elsewhere.items():
        assert text in commands, f"{text} does not stand there any more"
        commands = commands.replace(text, other)
    done = subprocess.run(
        ["bash", "-eu", "-o", "pipefail", "-c", f"{before}\n{commands}"],
        env={**os.environ, **env},
        input=given,
        capture_output=True,
        text=True,
        timeout=180,
        start_new_session=True,  # without a terminal, programs that ask for a password read it from what is given
    )
    assert done.returncode == 0, f"{commands}\n{done.stdout}{done.stderr}"
    return done.stdout
