"""What a worker sets before it takes its first request, by the database."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[3]
STARTED = """
import gc, runpy, sys
from types import SimpleNamespace
from app.core import jobs

jobs.start_ticker = lambda *_given, **_named: None
runpy.run_path("gunicorn.conf.py")["post_worker_init"](SimpleNamespace(wsgi=None, alive=True))
print(sys.getswitchinterval(), gc.get_freeze_count() > 1000)
"""


@pytest.mark.parametrize(
    ("database", "seconds"), [("sqlite:///{}/one.db", "0.0005"), ("postgresql://nobody@127.0.0.1/none", "0.005")]
)
def test_with_threads_whoever_computes_hands_on_soon(tmp_path: Path, database: str, seconds: str) -> None:
    env = {
        "PATH": os.environ["PATH"],
        "SECRET_KEY": "a-secret-key-of-a-test-and-nothing-else",
        "DATA_DIR": str(tmp_path),
        "DATABASE_URL": database.format(tmp_path),
    }
    done = subprocess.run(
        [sys.executable, "-c", STARTED], cwd=ROOT, env=env, capture_output=True, text=True, timeout=60
    )
    assert done.stdout.split() == [seconds, "True"], done.stderr
