"""A running simulator and a receiver of its notifications, both on free loopback ports."""

from __future__ import annotations

import json
import threading
from collections.abc import Iterator
from dataclasses import dataclass, field
from email.message import Message
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any
from urllib.parse import parse_qsl

import pytest
import requests

from simulator.client import SimulatorClient
from simulator.dispatch import Settings
from simulator.exchange import Exchange
from simulator.phones import Line, SipUser
from simulator.server import bind

SECRET = "shared-secret-for-tests"
API_KEY = "api-key-for-tests"
SAMPLES: dict[str, Any] = json.loads((Path(__file__).parent / "samples.json").read_text("utf-8"))

ANNA, BEN, CLARA = (f"777000000{number}@fpbx.de" for number in (1, 2, 3))
RECEPTION, FAX = "7770000004@fpbx.de", "7770000009@fpbx.de"
CENTRAL, ANNA_DIRECT, BEN_DIRECT = "02214710000", "02214710011", "02214710012"
CUSTOMER = "03023125100"


@dataclass(frozen=True)
class Received:
    """One request at the receiver."""

    path: str
    body: bytes
    headers: Message

    @property
    def params(self) -> dict[str, str]:
        if self.body.startswith(b"{"):
            found: dict[str, str] = json.loads(self.body)
            return found
        return dict(parse_qsl(self.body.decode("ascii"), keep_blank_values=True, strict_parsing=True))


@dataclass
class Receiver:
    """The application's side: keeps what it gets and answers with `status`."""

    url: str = ""
    status: int = 200
    answer: str = "<Response/>"
    received: list[Received] = field(default_factory=list)
    may_answer: threading.Event = field(default_factory=threading.Event)

    @property
    def events(self) -> list[str]:
        return [one.params["event"] for one in self.received]

    @property
    def last(self) -> Received:
        return self.received[-1]


@pytest.fixture
def receiver() -> Iterator[Receiver]:
    kept = Receiver()
    kept.may_answer.set()

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers["Content-Length"]))
            kept.received.append(Received(self.path, body, self.headers))
            kept.may_answer.wait(10)
            self.send_response(kept.status)
            self.end_headers()
            self.wfile.write(kept.answer.encode())

        def log_message(self, format: str, *args: object) -> None:
            pass

    class Server(ThreadingHTTPServer):
        request_queue_size = 128  # the default of 5 drops connections when many calls arrive at once

    server = Server(("127.0.0.1", 0), Handler)
    kept.url = f"http://127.0.0.1:{server.server_port}/index.php?module=callcenter&action=call"
    thread = threading.Thread(target=server.serve_forever, args=(0.01,))
    thread.start()
    yield kept
    kept.may_answer.set()
    server.shutdown()
    thread.join()
    server.server_close()


class Running(SimulatorClient):
    """A running simulator: its control API, and its Web API with the right key."""

    def __init__(self, base: str, exchange: Exchange) -> None:
        super().__init__(base)
        self.exchange = exchange

    def api(self, method: str, path: str, **more: Any) -> requests.Response:
        headers = {"Authorization": f"Bearer {API_KEY}"} | more.pop("headers", {})
        return requests.request(method, f"{self.base}/v2{path}", headers=headers, timeout=10, **more)

    def dial(self, sipuid: str, target: str) -> requests.Response:
        return self.api("POST", "/calls", json={"sipuid": sipuid, "target": target})


def _running(exchange: Exchange) -> Iterator[Running]:
    server = bind(exchange, "127.0.0.1", 0)
    thread = threading.Thread(target=server.serve_forever, args=(0.01,))
    thread.start()
    yield Running(f"http://127.0.0.1:{server.port}", exchange)
    exchange.stopping.set()
    server.shutdown()
    thread.join()
    server.server_close()


@pytest.fixture
def simulator(receiver: Receiver) -> Iterator[Running]:
    """The simulator with its own phones and lines."""
    yield from _running(Exchange(Settings(receiver.url, SECRET, API_KEY)))


@pytest.fixture
def sample_simulator(receiver: Receiver) -> Iterator[Running]:
    """A simulator that has the phones and the number of the samples."""
    own = "7777abcdefg@fpbx.de"
    users = [
        SipUser(1, own, "John Doe", 11, "022129191999", "johndoe@example.org"),
        SipUser(2, "7777xyzabcd@fpbx.de", "Jane Doe", 23, "022129191998"),
    ]
    lines = [Line(1, "0221", "29191999", "Number one", (own,))]
    yield from _running(Exchange(Settings(receiver.url, SECRET, API_KEY), sip_users=users, lines=lines))
