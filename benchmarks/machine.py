"""Where and when a measurement was made: machine, versions, commit. Names no host and no folder."""

from __future__ import annotations

import os
import platform
import shutil
import subprocess
import tempfile
import time
from datetime import UTC, datetime
from importlib.metadata import version
from pathlib import Path
from statistics import median
from typing import Any

ROOT = Path(__file__).resolve().parent.parent
PACKAGES = ("Flask", "Flask-SocketIO", "SQLAlchemy", "gunicorn", "gevent", "psycopg")
SYNCS = 50


def describe() -> dict[str, Any]:
    """What a reader needs to judge the figures."""
    return {
        "date": datetime.now(UTC).isoformat(timespec="minutes"),
        "commit": commit(),
        "processor": _processor(),
        "cores": os.cpu_count(),
        "memory_gib": round(os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") / 2**30, 1),
        "system": f"{platform.system()} {platform.release()}",
        "python": platform.python_version(),
        "packages": {name: version(name) for name in PACKAGES},
        "load_before": round(os.getloadavg()[0], 2),
        "disk_sync_ms": round(disk_sync_ms(), 3),
    }


def commit() -> str:
    """The commit that was measured, with a word when the tree differs from it."""
    git = shutil.which("git")
    if git is None:
        return "unknown"
    head = _said(git, "rev-parse", "--short=12", "HEAD")
    if not head:
        return "unknown"
    changed = _said(git, "status", "--porcelain", "--", "app", "benchmarks", "config.py", "gunicorn.conf.py", "wsgi.py")
    return f"{head} with uncommitted changes" if changed else head


def disk_sync_ms() -> float:
    """Median time of writing a page and having it on disk: the floor under every commit."""
    times = []
    with tempfile.TemporaryFile() as file:
        for _ in range(SYNCS):
            start = time.perf_counter()
            file.write(b"\0" * 4096)
            file.flush()
            os.fdatasync(file.fileno())
            times.append((time.perf_counter() - start) * 1000)
    return median(times)


def _said(git: str, *arguments: str) -> str:
    done = subprocess.run([git, *arguments], cwd=ROOT, capture_output=True, text=True)
    return done.stdout.strip() if done.returncode == 0 else ""


def _processor() -> str:
    for line in Path("/proc/cpuinfo").read_text("utf-8").splitlines():
        if line.startswith("model name"):
            return line.partition(":")[2].strip()
    return platform.machine()
