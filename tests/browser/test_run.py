"""``make run``: what it starts, where it listens, how it ends, and that it finds everything again."""

from __future__ import annotations

import contextlib
import os
import re
import signal
import socket
import stat
import subprocess
import sys
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

from app.core.demo import DEMO_PASSWORD, DEMO_USERS
from simulator.client import SimulatorClient
from tests.browser.stack import ANNA, ROOT, ZENTRALE
from tests.services import free_port
from tests.wire import Person

#: Seconds for a start; an idle machine needs a fifth of it.
START_SECONDS = 60
#: Seconds within which Ctrl-C ends both programs.
END_SECONDS = 5


@dataclass
class Place:
    """Where one installation keeps its data and listens."""

    data_dir: Path
    port: int
    simulator_port: int

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    def environment(self, **more: str) -> dict[str, str]:
        kept = {name: os.environ[name] for name in ("PATH", "HOME", "LANG") if name in os.environ}
        mine = {"DATA_DIR": str(self.data_dir), "PORT": str(self.port), "SIMULATOR_PORT": str(self.simulator_port)}
        return {**kept, **mine, **more}


class Running:
    """``make run`` after the environment is there."""

    def __init__(self, place: Place) -> None:
        started = time.monotonic()
        self.output = place.data_dir.with_suffix(".output")
        with self.output.open("wb") as output:
            self.program = subprocess.Popen(
                [sys.executable, "-m", "scripts.run"],
                cwd=ROOT,
                env=place.environment(),
                stdout=output,
                stderr=subprocess.STDOUT,
                start_new_session=True,
            )
        while "Ctrl-C ends both" not in self.said:
            assert self.program.poll() is None, self.said
            time.sleep(0.05)
        self.seconds = time.monotonic() - started

    @property
    def said(self) -> str:
        return self.output.read_text("utf-8")

    def everybody(self) -> list[int]:
        """This program and all that it started."""
        found = [self.program.pid]
        for pid in found:
            found += [int(child) for child in Path(f"/proc/{pid}/task/{pid}/children").read_text().split()]
        return found

    def end(self, number: int = signal.SIGINT) -> float:
        """Press Ctrl-C; the seconds until all processes are gone."""
        pids = self.everybody()
        started = time.monotonic()
        self.program.send_signal(number)
        self.program.wait(START_SECONDS)
        while any(Path(f"/proc/{pid}").exists() for pid in pids):
            assert time.monotonic() - started < START_SECONDS
            time.sleep(0.05)
        return time.monotonic() - started


@pytest.fixture(scope="module")
def place(tmp_path_factory: pytest.TempPathFactory) -> Place:
    return Place(tmp_path_factory.mktemp("run") / "data", free_port(), free_port())


@contextlib.contextmanager
def started(place: Place) -> Iterator[Running]:
    running = Running(place)
    try:
        yield running
    finally:
        if running.program.poll() is None:
            running.end(signal.SIGTERM)


def test_everything_stands_after_the_first_start_and_is_found_again_by_the_second(place: Place) -> None:
    with started(place) as first:
        assert place.url in first.said
        assert f"http://127.0.0.1:{place.simulator_port}" in first.said
        for username, *_rest in DEMO_USERS:
            assert re.search(rf"{username} +{DEMO_PASSWORD}", first.said)
        assert stat.S_IMODE((place.data_dir / "secret_key").stat().st_mode) == 0o600
        assert listening(first.everybody()) == {("127.0.0.1", place.port), ("127.0.0.1", place.simulator_port)}
        with contextlib.closing(Person(place.url, "anna", DEMO_PASSWORD)) as anna:
            with contextlib.closing(anna.socket()) as socket:
                telephones = SimulatorClient(f"http://127.0.0.1:{place.simulator_port}")
                call = telephones.incoming("022147100500", ZENTRALE)
                assert call.statuses == [200]
                assert socket.next("call")["phase"] == "ringing"
                telephones.accept(call.call_id, ANNA)
                assert socket.next("call")["user"]["name"] == "Anna Schmidt"
                # Ctrl-C while a browser is open and a request hangs.
                hanging = half_a_request(place.port)
                assert first.end() < END_SECONDS
                hanging.close()
            assert first.program.returncode == 0
        key = (place.data_dir / "secret_key").read_text()
        with started(place) as second:
            print(f"first start {first.seconds:.1f} s, second start {second.seconds:.1f} s")
            assert second.seconds < START_SECONDS / 2
            assert (place.data_dir / "secret_key").read_text() == key
            assert "Created" not in second.said
            # The log-in of before still holds, and the call is in the journal.
            assert anna.is_logged_in()
            assert "0221 4710050" in anna.get("/callcenter/calls").text
            assert telephones.incoming("022147100501", ZENTRALE).statuses == [200]
            assert second.end(signal.SIGTERM) < END_SECONDS
            assert second.program.returncode == 0


@pytest.mark.parametrize("name", ["PORT", "SIMULATOR_PORT"])
def test_a_port_in_use_is_one_clear_sentence(place: Place, tmp_path: Path, name: str) -> None:
    with socket.socket() as other:
        other.bind(("127.0.0.1", 0))
        other.listen()
        number = other.getsockname()[1]
        exit_code, said = refused(Place(tmp_path / "data", free_port(), free_port()), **{name: str(number)})
    assert exit_code == 1
    assert said == f"Port {number} is in use. End the other program, or choose another port: {name}=… make run"
    assert not (tmp_path / "data").exists()


@pytest.mark.parametrize(
    ("environment", "sentence"),
    [
        ({"HOST": "0.0.0.0"}, "make run listens on loopback only, because its passwords are published. Unset HOST."),
        ({"PORT": "many"}, "PORT and SIMULATOR_PORT must be whole numbers from 1 to 65535."),
        ({"PORT": "70000"}, "PORT and SIMULATOR_PORT must be whole numbers from 1 to 65535."),
        ({"PORT": "65535", "SIMULATOR_PORT": ""}, "PORT and SIMULATOR_PORT must be whole numbers from 1 to 65535."),
        ({"PORT": "4001", "SIMULATOR_PORT": "4001"}, "PORT and SIMULATOR_PORT must be two different ports."),
    ],
)
def test_what_cannot_be_is_one_clear_sentence(tmp_path: Path, environment: dict[str, str], sentence: str) -> None:
    assert refused(Place(tmp_path / "data", free_port(), free_port()), **environment) == (1, sentence)
    assert not (tmp_path / "data").exists()


def test_a_wrong_environment_is_said_whole(tmp_path: Path) -> None:
    place = Place(tmp_path / "data", free_port(), free_port())
    exit_code, said = refused(place, MAX_SOCKETS="none", DATABASE_URL="mysql://x")
    assert exit_code == 1
    assert "MAX_SOCKETS" in said
    assert "DATABASE_URL" in said
    assert "Traceback" not in said


def refused(place: Place, **environment: str) -> tuple[int, str]:
    """Start what shall not start: its exit code and what it says on standard error."""
    done = subprocess.run(
        [sys.executable, "-m", "scripts.run"],
        cwd=ROOT,
        env=place.environment(**environment),
        capture_output=True,
        text=True,
        timeout=START_SECONDS,
    )
    return done.returncode, done.stderr.strip()


def half_a_request(port: int) -> socket.socket:
    """A connection on which a request never becomes whole."""
    hanging = socket.create_connection(("127.0.0.1", port), timeout=5)
    hanging.sendall(b"POST /login HTTP/1.1\r\nHost: localhost\r\nContent-Length: 100\r\n\r\nhalf")
    return hanging


def listening(pids: list[int]) -> set[tuple[str, int]]:
    """Where these processes listen, by address and port."""
    inodes = set()
    for pid in pids:
        for link in Path(f"/proc/{pid}/fd").iterdir():
            with contextlib.suppress(OSError):
                inodes.add(str(link.readlink()))
    found = set()
    for name, size in (("tcp", 4), ("tcp6", 16)):
        for line in Path(f"/proc/net/{name}").read_text().splitlines()[1:]:
            fields = line.split()
            if fields[3] == "0A" and f"socket:[{fields[9]}]" in inodes:
                address, _colon, port = fields[1].partition(":")
                raw = b"".join(bytes.fromhex(address[i : i + 8])[::-1] for i in range(0, 2 * size, 8))
                found.add((socket.inet_ntop(socket.AF_INET if size == 4 else socket.AF_INET6, raw), int(port, 16)))
    return found
