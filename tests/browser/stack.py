"""The real programs for browser tests: the server under gunicorn and the simulated telephone system."""

from __future__ import annotations

import contextlib
import os
import signal
import sqlite3
import subprocess
import sys
import time
import urllib.error
import urllib.request
from datetime import UTC, datetime, timedelta
from pathlib import Path

from simulator.client import SimulatorClient
from tests.services import free_port

ROOT = Path(__file__).resolve().parents[2]
SECRET = "browser-tests-secret"
API_KEY = "browser-tests-key"
LONG_AGO = "2020-01-01 00:00:00.000000"
START_SECONDS = 120
STOP_SECONDS = 15
#: What a developer's own server is told must not reach these.
OURS = frozenset({"DATABASE_URL", "REDIS_URL", "WEB_CONCURRENCY", "PUBLIC_URL", "PROXY_HOPS"})
ANNA, BEN, CLARA = "7770000001@fpbx.de", "7770000002@fpbx.de", "7770000003@fpbx.de"
ACCOUNTS = f"anna:{ANNA}\nben:{BEN}\nclara:{CLARA}\n"
ZENTRALE, ANNAS_LINE, BENS_LINE = "02214710000", "02214710011", "02214710012"
LINES = f"{ZENTRALE}:anna,ben\n{ANNAS_LINE}:anna\n{BENS_LINE}:ben\n"


class Stack:
    """One installation on free loopback ports, with a database of its own. Ends only what it started."""

    def __init__(self, data_dir: Path, *, simulator_port: int | None = None, **env: str) -> None:
        self.data_dir = data_dir
        self.port = free_port()
        self.simulator_port = simulator_port or free_port()
        self.url = f"http://127.0.0.1:{self.port}"
        self.env = {
            **{name: value for name, value in os.environ.items() if name not in OURS},
            "SECRET_KEY": "browser-" + "0123456789abcdef" * 3,
            "DATA_DIR": str(data_dir),
            "HOST": "127.0.0.1",
            "PORT": str(self.port),
            "MAX_SOCKETS": "40",
            "LOG_LEVEL": "INFO",
            "FLASK_APP": "wsgi",
            **env,
        }
        self.log = data_dir / "server.log"
        #: Cookies of users who are logged in, for further browser contexts of theirs.
        self.logins: dict[str, str] = {}
        self._server: subprocess.Popen[bytes] | None = None
        self._simulator: subprocess.Popen[bytes] | None = None
        self.simulator = SimulatorClient(f"http://127.0.0.1:{self.simulator_port}")

    @property
    def webhook(self) -> str:
        return f"{self.url}/index.php?module=callcenter&action=call&provider=placetel"

    def flask(self, *arguments: str, given: str = "") -> str:
        """Run a ``flask`` command in a process of its own; its output. Fails the test when it fails."""
        done = subprocess.run(
            [sys.executable, "-m", "flask", *arguments],
            cwd=ROOT,
            env=self.env,
            input=given,
            capture_output=True,
            text=True,
            timeout=180,
        )
        assert done.returncode == 0, f"flask {' '.join(arguments)}: {done.stderr}"
        return done.stdout

    def prepare(self) -> None:
        """Migrate, load the demo data and connect to the simulator: what ``make run`` does, with fixed secrets."""
        accounts, lines = self.data_dir / "accounts.txt", self.data_dir / "lines.txt"
        accounts.write_text(ACCOUNTS, "utf-8")
        lines.write_text(LINES, "utf-8")
        self.flask("db", "upgrade")
        self.flask("demo", "load")
        self.flask(
            *("callcenter", "placetel", "configure", "--api-key-stdin", "--shared-secret", SECRET),
            *("--accounts-file", str(accounts), "--lines-file", str(lines)),
            *("--base-url", f"http://127.0.0.1:{self.simulator_port}/v2"),
            given=API_KEY + "\n",
        )

    def start(self) -> None:
        """Start both and wait until both answer."""
        self._run_simulator()
        self.start_server()
        self._wait_for_simulator()

    def start_simulator(self) -> None:
        """Start the telephone system alone and wait until it answers."""
        self._run_simulator()
        self._wait_for_simulator()

    def _run_simulator(self) -> None:
        self._simulator = subprocess.Popen(
            [
                *(sys.executable, "-m", "simulator", "--port", str(self.simulator_port), "--target", self.webhook),
                *("--secret", SECRET, "--api-key", API_KEY),
            ],
            cwd=ROOT,
            stdout=subprocess.DEVNULL,
        )

    def _wait_for_simulator(self) -> None:
        assert self._simulator is not None
        self._wait(f"http://127.0.0.1:{self.simulator_port}/control/state", self._simulator)

    def start_server(self) -> None:
        """Start the server alone and wait until it answers."""
        with self.log.open("ab") as log:
            self._server = subprocess.Popen(
                [sys.executable, "-m", "gunicorn", "-c", "gunicorn.conf.py", "wsgi:app"],
                cwd=ROOT,
                env=self.env,
                stdout=log,
                stderr=log,
            )
        self._wait(f"{self.url}/login", self._server)

    @property
    def workers(self) -> list[int]:
        """The process ids of the server's workers."""
        assert self._server is not None
        return _children(self._server.pid)

    def stop_simulator(self) -> None:
        """End the telephone system: nothing listens there any more."""
        assert self._simulator is not None
        self._simulator.terminate()
        self._simulator.wait(STOP_SECONDS)

    def stop_server(self, number: int = signal.SIGTERM) -> float:
        """End the server and wait for it; the seconds that took. SIGKILL takes the workers along."""
        server = self._server
        assert server is not None
        started = time.monotonic()
        if number == signal.SIGKILL:
            kill_whole(server)
        else:
            server.send_signal(number)
            server.wait(STOP_SECONDS)
        self._server = None
        return time.monotonic() - started

    def stop(self) -> None:
        """End whatever runs."""
        for process in (self._server, self._simulator):
            if process is not None and process.poll() is None:
                process.terminate()
                try:
                    process.wait(STOP_SECONDS)
                except subprocess.TimeoutExpired:
                    process.kill()
                    process.wait()
        self._server = self._simulator = None

    def let_calls_be_old(self) -> None:
        """Put all calls so far back in time, so that the pages of the next test open without their cards."""
        with contextlib.closing(sqlite3.connect(self.data_dir / "durchwahl.db", timeout=10)) as database, database:
            database.execute("UPDATE callcenter_call SET received_at = :then, ended_at = :then", {"then": LONG_AGO})

    def let_calls_be_over(self, minutes: int = 10) -> None:
        """Have all calls ended so long ago; cards that are held open stay."""
        then = (datetime.now(UTC) - timedelta(minutes=minutes)).strftime("%Y-%m-%d %H:%M:%S.%f")
        with contextlib.closing(sqlite3.connect(self.data_dir / "durchwahl.db", timeout=10)) as database, database:
            database.execute("UPDATE callcenter_call SET received_at = :then, ended_at = :then", {"then": then})

    def let_cards_be_told_anew(self) -> None:
        """Have the server push all that browsers should show, as after a command that changed calls."""
        with contextlib.closing(sqlite3.connect(self.data_dir / "durchwahl.db", timeout=10)) as database, database:
            raised = "INSERT INTO core_version (name, value) VALUES ('callcenter.cards', 1) "
            database.execute(raised + "ON CONFLICT (name) DO UPDATE SET value = core_version.value + 1")

    def let_calls_be_closed(self) -> None:
        """Have the server close calls that ring when it looks next: as if five minutes had passed without a report."""
        then = (datetime.now(UTC) - timedelta(minutes=5, seconds=2)).strftime("%Y-%m-%d %H:%M:%S.%f")
        with contextlib.closing(sqlite3.connect(self.data_dir / "durchwahl.db", timeout=10)) as database, database:
            for table in ("callcenter_call", "callcenter_call_event"):
                database.execute(f"UPDATE {table} SET received_at = ?", (then,))

    def forget_choices(self) -> None:
        """Take back what users chose of the telephone in their personal settings."""
        with contextlib.closing(sqlite3.connect(self.data_dir / "durchwahl.db", timeout=10)) as database, database:
            database.execute("DELETE FROM core_user_setting WHERE module = 'callcenter'")
            database.execute("UPDATE core_version SET value = value + 1 WHERE name = 'users'")

    def server_log(self) -> str:
        return self.log.read_text("utf-8", "replace")

    def _wait(self, url: str, process: subprocess.Popen[bytes]) -> None:
        end = time.monotonic() + START_SECONDS
        while time.monotonic() < end:
            assert process.poll() is None, f"{url} ended at the start: {self.server_log()[-2000:]}"
            try:
                with urllib.request.urlopen(url, timeout=2):
                    return
            except urllib.error.HTTPError:
                return
            except OSError:
                time.sleep(0.05)
        raise AssertionError(f"{url} does not answer: {self.server_log()[-2000:]}")


def kill_whole(server: subprocess.Popen[bytes]) -> None:
    """Kill a server and its workers. It is halted before, or it starts another worker for the first that is killed."""
    server.send_signal(signal.SIGSTOP)
    os.waitid(os.P_PID, server.pid, os.WSTOPPED | os.WNOWAIT)
    for child in _children(server.pid):
        os.kill(child, signal.SIGKILL)
    server.kill()
    server.wait(STOP_SECONDS)


def _children(pid: int) -> list[int]:
    found = Path(f"/proc/{pid}/task/{pid}/children").read_text().split()
    return [int(child) for child in found]
