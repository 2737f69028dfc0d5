"""What a worker sets before it takes its first request, by the database."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

from benchmarks.servers import environment

ROOT = Path(__file__).resolve().parents[3]
STARTED = """
import gc, runpy, sys
from types import SimpleNamespace
from app.core import jobs

jobs.start_ticker = lambda *_given, **_named: None
runpy.run_path("gunicorn.conf.py")["post_worker_init"](SimpleNamespace(wsgi=None, alive=True))
print(sys.getswitchinterval(), gc.get_freeze_count() > 1000)
"""


def run(program: str, database: str, folder: Path, **more: str) -> subprocess.CompletedProcess[str]:
    """What this program says in an interpreter of its own, with this database configured and more variables."""
    env = {
        **more,
        "PATH": os.environ["PATH"],
        "SECRET_KEY": "a-secret-key-of-a-test-and-nothing-else",
        "DATA_DIR": str(folder),
        "DATABASE_URL": database.format(folder),
    }
    command = [sys.executable, "-c", program]
    return subprocess.run(command, cwd=ROOT, env=env, capture_output=True, text=True, timeout=60)


@pytest.mark.parametrize(
    ("database", "seconds"), [("sqlite:///{}/one.db", "0.0005"), ("postgresql://nobody@127.0.0.1/none", "0.005")]
)
def test_with_threads_whoever_computes_hands_on_soon(tmp_path: Path, database: str, seconds: str) -> None:
    done = run(STARTED, database, tmp_path)
    assert done.stdout.split() == [seconds, "True"], done.stderr


HEAPS = """
import ctypes, runpy, threading

runpy.run_path("gunicorn.conf.py")
everybody = threading.Barrier(17)

def work():
    held = bytearray(100_000)
    everybody.wait()
    everybody.wait()

threads = [threading.Thread(target=work) for _ in range(16)]
for thread in threads:
    thread.start()
everybody.wait()
libc = ctypes.CDLL(None)
libc.fdopen.restype = ctypes.c_void_p
output = ctypes.c_void_p(libc.fdopen(1, b"w"))
libc.malloc_info(0, output)
libc.fflush(output)
everybody.wait()
"""


@pytest.mark.parametrize(
    ("database", "are_shared"), [("sqlite:///{}/one.db", True), ("postgresql://x@127.0.0.1/none", False)]
)
def test_the_threads_of_sqlite_share_their_heaps(tmp_path: Path, database: str, are_shared: bool) -> None:
    done = run(HEAPS, database, tmp_path)
    heaps = done.stdout.count("<heap nr=")
    assert heaps, done.stderr
    assert (heaps <= 2) is are_shared


KEPT = """
import ctypes, runpy, threading

class Figures(ctypes.Structure):
    _fields_ = [(f"n{n}", ctypes.c_size_t) for n in range(10)]

runpy.run_path("gunicorn.conf.py")
mallinfo = ctypes.CDLL(None).mallinfo2
mallinfo.restype = Figures
everybody = threading.Barrier(51)

def work():
    for size in range(600, 1000, 16):
        held = [bytearray(size) for _ in range(7)]
    del held
    everybody.wait()
    everybody.wait()

threads = [threading.Thread(target=work) for _ in range(50)]
before = mallinfo().n7
for thread in threads:
    thread.start()
everybody.wait()
print((mallinfo().n7 - before) // 50)
everybody.wait()
"""


def test_a_thread_of_the_service_keeps_nothing_of_what_it_has_freed(tmp_path: Path) -> None:
    kept, left = (
        run(KEPT, "sqlite:///{}/one.db", tmp_path, **variables)
        for variables in ({}, {"GLIBC_TUNABLES": environment(tmp_path, "")["GLIBC_TUNABLES"]})
    )
    assert int(kept.stdout) > 100_000, kept.stderr
    assert int(left.stdout) < 20_000, left.stderr
