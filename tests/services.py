"""Private servers of a test run, PostgreSQL, Redis and nginx, on free loopback ports; nothing of them remains.

    with postgres_server() as prefix:    # "postgresql://postgres@127.0.0.1:40123/", add a database's name
    with redis_server() as url:          # "redis://127.0.0.1:40124/0"

``stoppable_postgres`` and ``stoppable_redis`` yield a ``Service`` that a test stops and starts again at the same port.

As a program it runs a command with such a PostgreSQL server, named to it by TEST_POSTGRES_URL:

    python -m tests.services python -m pytest tests/integration --database=postgresql
"""

from __future__ import annotations

import os
import pwd
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from functools import partial
from pathlib import Path

import psycopg

START_SECONDS = 30
STOP_SECONDS = 20
ATTEMPTS = 3  # another program can take the free port between our look and the server's start

POSTGRES = ("max_connections=200", "listen_addresses=127.0.0.1", "log_min_messages=warning", "jit=off")
# What a crash would lose does not matter to a test: its data lives as long as the test run.
POSTGRES_NOT_DURABLE = ("fsync=off", "synchronous_commit=off", "full_page_writes=off")


class ServerDidNotStart(Exception):
    """A server ended or stayed silent; the text holds what it said."""


class Service:
    """A server at a port of its own, which can be stopped and started again there."""

    url: str

    def __init__(
        self,
        port: int,
        command: Sequence[str | Path],
        answers: Callable[[], bool],
        folder: Path,
        account: str | None,
    ) -> None:
        self.port = port
        self._command = command
        self._answers = answers
        self._folder = folder
        self._account = account
        self._process: subprocess.Popen[bytes] | None = None

    def start(self) -> None:
        """Start it again and wait until it answers. Raises ServerDidNotStart."""
        if not self.attempt():
            raise ServerDidNotStart(f"{self._command[0]} does not answer:\n{self.said()}")

    def attempt(self) -> bool:
        """Start it; whether it answers."""
        with (self._folder / "log").open("wb") as output:
            self._process = subprocess.Popen(
                self._command,
                cwd=self._folder,
                user=self._account,
                group=self._account,
                extra_groups=[] if self._account else None,
                stdin=subprocess.DEVNULL,
                stdout=output,
                stderr=subprocess.STDOUT,
                start_new_session=True,  # Ctrl-C is for the tests: they stop first, then the server
            )
        deadline = time.monotonic() + START_SECONDS
        while self._process.poll() is None and time.monotonic() < deadline:
            if self._answers():
                return True
            time.sleep(0.05)
        return False

    def stop(self, number: int = signal.SIGINT) -> None:
        """End it: SIGINT is PostgreSQL's fast shutdown and Redis's ordinary one, SIGQUIT PostgreSQL's crash."""
        process = self._process
        if process is not None and process.poll() is None:
            process.send_signal(number)
            try:
                process.wait(STOP_SECONDS)
            except subprocess.TimeoutExpired:
                process.kill()
                process.wait()

    @contextmanager
    def halted(self) -> Iterator[None]:
        """It and all that it started stand still: it neither answers nor refuses."""
        assert self._process is not None
        processes = [self._process.pid, *_descendants(self._process.pid)]
        for process in processes:
            os.kill(process, signal.SIGSTOP)
        try:
            yield
        finally:
            for process in processes:
                os.kill(process, signal.SIGCONT)

    def said(self) -> str:
        """What it wrote since it was started last."""
        return (self._folder / "log").read_text("utf-8", "replace")


def _descendants(process: int) -> list[int]:
    found = [int(child) for child in Path(f"/proc/{process}/task/{process}/children").read_text().split()]
    return [*found, *(one for child in found for one in _descendants(child))]


def free_port() -> int:
    """A port of 127.0.0.1 that nobody listens on at this moment."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


@contextmanager
def postgres_for_tests() -> Iterator[str]:
    """The server that TEST_POSTGRES_URL names, left running; a private one where the variable is unset."""
    if given := os.environ.get("TEST_POSTGRES_URL"):
        yield given
    else:
        with postgres_server() as prefix:
            yield prefix


@contextmanager
def postgres_server(*, durable: bool = False, data: Path | None = None) -> Iterator[str]:
    """A new PostgreSQL server; yields the URL of it that lacks only a database's name.

    durable: keeps PostgreSQL's promise that what is committed is on disk, for measurements; tests do without.
    data: a folder that stays, with the databases that an earlier server has left there.
    """
    with stoppable_postgres(durable=durable, data=data) as service:
        yield service.url


@contextmanager
def stoppable_postgres(*, durable: bool = True, data: Path | None = None) -> Iterator[Service]:
    """A new PostgreSQL server of the test's own; its ``url`` lacks only a database's name."""
    programs = postgres_programs()
    with _folder("durchwahl-pg-") as folder:
        account = _account_for_postgres(folder)
        data = data or folder / "data"
        if not (data / "PG_VERSION").exists():
            _initdb(programs, folder, data, account)
        settings = [
            *POSTGRES,
            *(() if durable else POSTGRES_NOT_DURABLE),
            f"unix_socket_directories={folder}",
        ]
        command: list[str | Path] = [programs / "postgres", "-D", data]
        for setting in settings:
            command += ["-c", setting]

        def answers(port: int) -> bool:
            try:
                psycopg.connect(host="127.0.0.1", port=port, user="postgres", connect_timeout=5).close()
            except psycopg.OperationalError:
                return False
            return True

        with _running(lambda port: [*command, "-p", str(port)], answers, folder, account) as service:
            service.url = f"postgresql://postgres@127.0.0.1:{service.port}/"
            yield service


def end_all_connections(database: str) -> None:
    """Have PostgreSQL end every connection to this database, given by its address, and wait until they have ended."""
    server, _slash, name = database.replace("+psycopg", "").rpartition("/")
    with psycopg.connect(f"{server}/postgres", autocommit=True) as connection:
        ended = connection.execute(
            "SELECT pg_terminate_backend(pid, 10000) FROM pg_stat_activity WHERE datname = %s", [name]
        ).fetchall()
    assert ended, "there was no connection to end"


@contextmanager
def redis_server() -> Iterator[str]:
    """A new Redis server that keeps nothing on disk; yields its URL."""
    with stoppable_redis() as service:
        yield service.url


@contextmanager
def stoppable_redis() -> Iterator[Service]:
    """A new Redis server of the test's own that keeps nothing on disk."""
    program = shutil.which("redis-server")
    if program is None:
        raise ServerDidNotStart("redis-server is not installed; scripts/install_test_tools.sh installs it")
    options = ["--bind", "127.0.0.1", "--save", "", "--appendonly", "no", "--daemonize", "no"]

    def answers(port: int) -> bool:
        try:
            with socket.create_connection(("127.0.0.1", port), timeout=5) as connection:
                connection.sendall(b"PING\r\n")
                return connection.recv(16).startswith(b"+PONG")
        except OSError:
            return False

    with (
        _folder("durchwahl-redis-") as folder,
        _running(lambda port: [program, *options, "--port", str(port)], answers, folder, None) as service,
    ):
        service.url = f"redis://127.0.0.1:{service.port}/0"
        yield service


@contextmanager
def nginx_server(site: Callable[[int, Path], str]) -> Iterator[int]:
    """A new nginx; ``site(port, folder)`` gives what stands in its http block. Yields the port it listens on."""
    program = shutil.which("nginx") or shutil.which("nginx", path="/usr/sbin")
    if program is None:
        raise ServerDidNotStart("nginx is not installed; scripts/install_test_tools.sh installs it")

    def command_at(port: int) -> Sequence[str | Path]:
        kept = "".join(
            f"{name}_temp_path {folder}/{name};" for name in ("client_body", "proxy", "fastcgi", "uwsgi", "scgi")
        )
        # A browser is two connections of nginx, and so is each webhook that waits for a server under load.
        text = f"daemon off; worker_processes 1; pid {folder}/pid; error_log {folder}/log;"
        text += "worker_rlimit_nofile 20000; events { worker_connections 16384; }"
        text += f"http {{ {kept}\n{site(port, folder)}\n}}"
        (folder / "nginx.conf").write_text(text, "utf-8")
        return [program, "-p", folder, "-e", folder / "log", "-c", folder / "nginx.conf"]

    def answers(port: int) -> bool:
        try:
            socket.create_connection(("127.0.0.1", port), timeout=5).close()
        except OSError:
            return False
        return True

    with _folder("durchwahl-nginx-") as folder:
        # nginx gives up its rights where it is started as root, and must still read its folder.
        folder.chmod(0o755)
        with _running(command_at, answers, folder, None) as service:
            yield service.port


@contextmanager
def _folder(prefix: str) -> Iterator[Path]:
    folder = Path(tempfile.mkdtemp(prefix=prefix))
    try:
        yield folder
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def postgres_programs() -> Path:
    """The folder of initdb and postgres: Debian keeps them out of the PATH; the newest version wins."""
    debian = sorted(Path("/usr/lib/postgresql").glob("*/bin/initdb"), key=lambda path: int(path.parts[-3]))
    if debian:
        return debian[-1].parent
    if found := shutil.which("initdb"):
        return Path(found).resolve().parent
    raise ServerDidNotStart("PostgreSQL is not installed; scripts/install_test_tools.sh installs it")


def _initdb(programs: Path, folder: Path, data: Path, account: str | None) -> None:
    data.mkdir(exist_ok=True)
    if account:
        shutil.chown(data, account, account)
    options = ["--username=postgres", "--auth=trust", "--no-sync", "--encoding=UTF8", "--locale=C.UTF-8"]
    made = subprocess.run(
        [str(programs / "initdb"), "--pgdata", str(data), *options],
        cwd=folder,
        user=account,
        group=account,
        extra_groups=[] if account else None,
        capture_output=True,
        text=True,
    )
    if made.returncode:
        raise ServerDidNotStart(f"initdb failed:\n{made.stdout}{made.stderr}")


def _account_for_postgres(folder: Path) -> str | None:
    """Who shall run PostgreSQL: it refuses root, so the user postgres, who gets the folder; else us."""
    if os.geteuid() != 0:
        return None
    try:
        account = pwd.getpwnam("postgres")
    except KeyError:
        raise ServerDidNotStart("PostgreSQL does not run as root, and there is no user postgres") from None
    os.chown(folder, account.pw_uid, account.pw_gid)
    return account.pw_name


@contextmanager
def _running(
    command_at: Callable[[int], Sequence[str | Path]],
    answers: Callable[[int], bool],
    folder: Path,
    account: str | None,
) -> Iterator[Service]:
    """Starts a server on a free port and waits until it answers; stops it after."""
    said = ""
    for _ in range(ATTEMPTS):
        port = free_port()
        service = Service(port, command_at(port), partial(answers, port), folder, account)
        try:
            if service.attempt():
                yield service
                return
            said = service.said()
        finally:
            service.stop()
    raise ServerDidNotStart(f"{command_at(0)[0]} does not answer:\n{said}")


def main(command: Sequence[str]) -> int:
    """Runs the command with TEST_POSTGRES_URL set; returns its exit code."""
    if not command:
        print(__doc__, file=sys.stderr)
        return 2
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))  # so that the server is stopped then, too
    with postgres_server() as prefix:
        return subprocess.call(command, env={**os.environ, "TEST_POSTGRES_URL": prefix})


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
