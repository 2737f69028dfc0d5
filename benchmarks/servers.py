"""Starts the servers under measurement as they are started in production, and reads what they take of the machine."""

from __future__ import annotations

import http.client
import os
import re
import resource
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
START_SECONDS = 60.0
STOP_SECONDS = 20.0
#: For the programs that prepare and look up; the largest fills a database of 100 000 addresses.
PROGRAM_SECONDS = 300.0
MAX_SOCKETS = 1100
#: Open files that this process and the servers need: a browser is one at either end.
OPEN_FILES = 8192


class BenchmarkFailed(Exception):
    """Something did not run as it must; the text says what, with the end of the program's own words."""


def environment(data_dir: Path, database_url: str, port: int = 0) -> dict[str, str]:
    """The whole environment of a program: nothing of a developer's own server gets in."""
    kept = {name: os.environ[name] for name in ("PATH", "LANG", "LC_ALL") if name in os.environ}
    return {
        **kept,
        "SECRET_KEY": "a-secret-key-for-measurements-only",
        "DATA_DIR": str(data_dir),
        "DATABASE_URL": database_url,
        "HOST": "127.0.0.1",
        "PORT": str(port or 8000),
        "MAX_SOCKETS": str(MAX_SOCKETS),
        "LOG_LEVEL": "WARNING",
        "PYTHONUNBUFFERED": "1",
        "GLIBC_TUNABLES": _tunables(),
    }


def _tunables() -> str:
    """How the service of deploy/ has glibc work: it is part of how a server is started in production."""
    unit = (ROOT / "deploy" / "systemd" / "durchwahl.service").read_text("utf-8")
    (found,) = re.findall(r"^Environment=GLIBC_TUNABLES=(\S+)$", unit, re.MULTILINE)
    return str(found)


def run_program(arguments: Sequence[str], env: Mapping[str, str], seconds: float = PROGRAM_SECONDS) -> str:
    """Run a program of ours to its end; returns its standard output. Raises BenchmarkFailed."""
    done = subprocess.run(
        [sys.executable, *arguments], cwd=ROOT, env=dict(env), capture_output=True, text=True, timeout=seconds
    )
    if done.returncode:
        raise BenchmarkFailed(f"{' '.join(arguments)}:\n{(done.stdout + done.stderr)[-4000:]}")
    return done.stdout


def allow_many_sockets() -> None:
    """Raise the soft limit of open files for us and for those whom we start. Raises BenchmarkFailed."""
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    if soft >= OPEN_FILES:
        return
    if hard != resource.RLIM_INFINITY and hard < OPEN_FILES:
        raise BenchmarkFailed(f"{OPEN_FILES} open files are needed, {hard} are allowed (ulimit -n)")
    resource.setrlimit(resource.RLIMIT_NOFILE, (OPEN_FILES, hard))


@dataclass(frozen=True, slots=True)
class Server:
    """A running gunicorn."""

    port: int
    pid: int

    def workers(self) -> list[int]:
        """The processes that do the work."""
        children = Path(f"/proc/{self.pid}/task/{self.pid}/children").read_text("ascii")
        return [int(pid) for pid in children.split()]

    def memory_kib(self) -> int:
        """Memory of the workers that is really in use (resident), in KiB."""
        return sum(resident_kib(pid) for pid in self.workers())

    def cpu_seconds(self) -> float:
        """Processor time that the workers have used so far."""
        return sum(cpu_seconds(pid) for pid in self.workers())


def cpu_seconds(pid: int) -> float:
    """Processor time that a process has used so far, its threads included."""
    fields = Path(f"/proc/{pid}/stat").read_text("ascii").rpartition(")")[2].split()
    user, system = int(fields[11]), int(fields[12])
    return (user + system) / os.sysconf("SC_CLK_TCK")


def resident_kib(pid: int) -> int:
    """Memory of a process that is really in use, in KiB."""
    for line in Path(f"/proc/{pid}/status").read_text("ascii").splitlines():
        if line.startswith("VmRSS:"):
            return int(line.split()[1])
    return 0


def open_files(pid: int) -> int:
    """Files, sockets and pipes that a process holds open."""
    return len(os.listdir(f"/proc/{pid}/fd"))


@contextmanager
def gunicorn(configuration: str, application: str, env: Mapping[str, str], alive: str) -> Iterator[Server]:
    """A server, from its first answer at the path ``alive`` until the end of the block. Raises BenchmarkFailed."""
    with tempfile.TemporaryFile() as log:
        process = subprocess.Popen(
            [sys.executable, "-m", "gunicorn", "-c", configuration, application],
            cwd=ROOT,
            env=dict(env),
            stdin=subprocess.DEVNULL,
            stdout=log,
            stderr=subprocess.STDOUT,
            start_new_session=True,  # Ctrl-C is for us: we stop first, then the server
        )
        try:
            port = int(env["PORT"])
            deadline = time.monotonic() + START_SECONDS
            while not _answers(port, alive):
                if process.poll() is not None or time.monotonic() > deadline:
                    log.seek(0)
                    said = log.read().decode("utf-8", "replace")
                    raise BenchmarkFailed(f"{application} does not answer:\n{said[-4000:]}")
                time.sleep(0.1)
            yield Server(port, process.pid)
        finally:
            _stop(process)


def _answers(port: int, path: str) -> bool:
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=5)
    try:
        connection.request("GET", path)
        return connection.getresponse().status < 500
    except OSError:
        return False
    finally:
        connection.close()


def _stop(process: subprocess.Popen[bytes]) -> None:
    if process.poll() is None:
        process.send_signal(signal.SIGTERM)
        try:
            process.wait(STOP_SECONDS)
        except subprocess.TimeoutExpired:
            os.killpg(process.pid, signal.SIGKILL)  # its own session, so only what we started
            process.wait()
