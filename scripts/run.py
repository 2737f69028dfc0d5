"""``make run``: Durchwahl with demo data and, beside it, the simulated telephone system. Both end together.

For trying out on one's own machine: the passwords are published, so it listens on loopback only.
"""

from __future__ import annotations

import json
import logging
import os
import secrets
import signal
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from pathlib import Path
from types import FrameType
from typing import NoReturn

ROOT = Path(__file__).resolve().parent.parent
LOOPBACK = ("127.0.0.1", "::1", "localhost")
#: Seconds that the server may take to answer for the first time, and to end.
START_SECONDS = 60.0
STOP_SECONDS = 4.0

#: Accounts of the simulated telephone system, as the settings' text field has them.
ACCOUNTS = "anna:7770000001@fpbx.de\nben:7770000002@fpbx.de\nclara:7770000003@fpbx.de\n"
LINES = "02214710000:anna,ben,clara\n02214710011:anna\n02214710012:ben\n02214710013:clara\n"


def fail(text: str) -> NoReturn:
    """End with one clear sentence."""
    print(text, file=sys.stderr)
    sys.exit(1)


def secret_key(data_dir: Path) -> None:
    """Create the secret key that ``config`` reads, for the owner only."""
    file = data_dir / "secret_key"
    if os.environ.get("SECRET_KEY") or file.exists():
        return
    data_dir.mkdir(parents=True, exist_ok=True)
    descriptor = os.open(file, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(descriptor, "w") as handle:
        handle.write(secrets.token_hex(32))


def port_number(text: str) -> int:
    """The number of a port; ends with a sentence where it is none."""
    if not (text.isascii() and text.isdigit() and 1 <= int(text) <= 65535):
        fail("PORT and SIMULATOR_PORT must be whole numbers from 1 to 65535.")
    return int(text)


def port_is_free(host: str, port: int) -> bool:
    """Whether a server can listen there."""
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    with socket.socket(family, socket.SOCK_STREAM) as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((host, port))
        except OSError:
            return False
    return True


def prepare(simulator_port: int) -> tuple[dict[str, str], bool]:
    """Migrate, load the demo data, and connect to the simulator the first time; returns its key and secret, and whether
    it was the first time.
    """  # fmt: skip
    from app import create_app
    from app.modules.callcenter.connections import FIRST_CONNECTION
    from app.modules.callcenter.settings import ConnectionSettings
    from config import Config, ConfigError

    try:
        config = Config.from_env()
    except ConfigError as error:
        fail("The configuration cannot be used:\n" + "\n".join(f"  - {text}" for text in error.problems))
    app = create_app(config)
    # Alembic reports each step; here one line a command is enough.
    logging.getLogger("alembic").setLevel(logging.WARNING)
    runner = app.test_cli_runner()

    def command(*arguments: str, given: str = "") -> None:
        result = runner.invoke(args=list(arguments), input=given)
        for line in result.output.strip().splitlines():
            print(f"  {line}")
        if result.exit_code:
            fail(f"flask {' '.join(arguments[:2])} failed: {result.exception}")

    command("db", "upgrade")
    command("demo", "load")
    file = config.data_dir / "simulator.json"
    stored = app.extensions["durchwahl"].settings.load(ConnectionSettings, part=FIRST_CONNECTION)
    # The file without what it was configured for: somebody has removed the database to begin anew.
    first = not file.exists() or stored.shared_secret is None
    if not file.exists():
        known = {"api_key": secrets.token_hex(16), "secret": secrets.token_hex(16), "port": str(simulator_port)}
    else:
        known = json.loads(file.read_text("utf-8"))
    if first or known["port"] != str(simulator_port):
        accounts, lines = config.data_dir / "accounts.txt", config.data_dir / "lines.txt"
        more: list[str] = []
        if first:
            accounts.write_text(ACCOUNTS, "utf-8")
            lines.write_text(LINES, "utf-8")
            more = ["--shared-secret", known["secret"], "--accounts-file", str(accounts), "--lines-file", str(lines)]
            more.append("--api-key-stdin")
        base_url = f"http://127.0.0.1:{simulator_port}/v2"
        command("callcenter", "placetel", "configure", "--base-url", base_url, *more, given=known["api_key"] + "\n")
        known["port"] = str(simulator_port)
        descriptor = os.open(file, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
        with os.fdopen(descriptor, "w") as handle:
            json.dump(known, handle)
        for used in (accounts, lines):
            used.unlink(missing_ok=True)
    app.extensions["durchwahl"].database.dispose()
    return known, first


def learn_telephones() -> None:
    """Have the application ask the simulator which telephones there are, as *Verbindung testen* does."""
    command = [sys.executable, "-m", "flask", "--app", "wsgi", "callcenter", "placetel", "check"]
    subprocess.run(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, timeout=START_SECONDS, check=False)


def wait_for(url: str, process: subprocess.Popen[bytes]) -> bool:
    """Wait until ``url`` answers; False when the process ended or the time is over."""
    end = time.monotonic() + START_SECONDS
    while time.monotonic() < end and process.poll() is None:
        try:
            with urllib.request.urlopen(url, timeout=2):
                return True
        except urllib.error.HTTPError:
            return True
        except OSError:
            time.sleep(0.1)
    return False


def stop(processes: list[subprocess.Popen[bytes]]) -> None:
    """End all of them, at the latest after STOP_SECONDS."""
    for process in processes:
        if process.poll() is None:
            process.terminate()
    end = time.monotonic() + STOP_SECONDS
    for process in processes:
        try:
            process.wait(max(0.1, end - time.monotonic()))
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()


def main() -> int:
    """Run until Ctrl-C or until one of the two ends."""
    os.chdir(ROOT)
    host = os.environ.setdefault("HOST", "127.0.0.1")
    os.environ.setdefault("LOG_LEVEL", "WARNING")
    if host not in LOOPBACK:
        fail("make run listens on loopback only, because its passwords are published. Unset HOST.")
    port = port_number(os.environ.get("PORT") or "8000")
    simulator_port = port_number(os.environ.get("SIMULATOR_PORT") or str(port + 1))
    if port == simulator_port:
        fail("PORT and SIMULATOR_PORT must be two different ports.")
    for number, name in ((port, "PORT"), (simulator_port, "SIMULATOR_PORT")):
        if not port_is_free(host, number):
            fail(f"Port {number} is in use. End the other program, or choose another port: {name}=… make run")
    secret_key(Path(os.environ.get("DATA_DIR") or "data").absolute())
    print("Preparing Durchwahl …", flush=True)
    known, first = prepare(simulator_port)

    url = f"http://{f'[{host}]' if ':' in host else host}:{port}"
    webhook = f"{url}/index.php?module=callcenter&action=call&provider=placetel"
    python = sys.executable
    # In sessions of their own: Ctrl-C reaches this program, which then ends both in order.
    processes = [
        subprocess.Popen(
            [python, "-m", "gunicorn", "-c", "gunicorn.conf.py", "wsgi:app"],
            env={**os.environ, "PORT": str(port)},
            start_new_session=True,
        ),
        subprocess.Popen(
            [
                *(python, "-m", "simulator", "--port", str(simulator_port), "--target", webhook),
                *("--secret", known["secret"], "--api-key", known["api_key"]),
            ],
            start_new_session=True,
            stdout=subprocess.DEVNULL,
        ),
    ]
    stopping = False

    def on_signal(_number: int, _frame: FrameType | None) -> None:
        nonlocal stopping
        stopping = True

    for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        signal.signal(number, on_signal)
    try:
        ready = wait_for(f"{url}/login", processes[0]) and wait_for(f"http://127.0.0.1:{simulator_port}/", processes[1])
        if not ready and not stopping:
            print("It did not start; the reason stands above.", file=sys.stderr)
            return 1
        if first and not stopping:
            learn_telephones()
        if not stopping:
            greet(url, simulator_port)
        while not stopping and all(process.poll() is None for process in processes):
            time.sleep(0.2)
        if not stopping:
            print("One of the two programs ended by itself; ending the other.", file=sys.stderr)
            return 1
        print("\nEnding …", flush=True)
        return 0
    finally:
        stop(processes)


def greet(url: str, simulator_port: int) -> None:
    """Say where everything is."""
    from app.core.demo import DEMO_PASSWORD, DEMO_USERS

    print(f"\n  Durchwahl                {url}")
    print(f"  Simulated telephones     http://127.0.0.1:{simulator_port}")
    print("\n  Log in as")
    for username, role, name, _email in DEMO_USERS:
        print(f"    {username:<8} {DEMO_PASSWORD}   {name} ({role})")
    print("\n  Open both addresses, log in, and let somebody call. Ctrl-C ends both.\n", flush=True)


if __name__ == "__main__":
    sys.exit(main())
