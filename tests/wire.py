"""What reaches the server over the network: a person's requests, a browser's socket, a notification."""

from __future__ import annotations

import hashlib
import hmac
import json
import re
import time
from pathlib import Path
from typing import Any
from urllib.parse import urlencode

import requests
import websocket

WEBHOOK = "/index.php?module=callcenter&action=call&provider=placetel"
#: Seconds after which a test gives up waiting for something that should come at once.
PATIENCE = 20.0
#: Two seconds are promised. A machine that is busy with something else meanwhile is given as much again, twice.
PROMISED_SECONDS = 6.0


class Refused(Exception):
    """The server did not let the socket in; the text is its reason."""


class LiveSocket:
    """A Socket.IO connection, packet by packet."""

    def __init__(
        self,
        url: str,
        cookie: str | None = None,
        *,
        origin: str | None = None,
        joining: bool = True,
        offered: dict[str, str] | None = None,
    ) -> None:
        address = f"{url.replace('http', 'ws', 1)}/socket.io/?EIO=4&transport=websocket"
        self.ws = websocket.WebSocket()
        try:
            self.ws.connect(address, timeout=PATIENCE, cookie=cookie, origin=origin, header=offered)
            assert self._receive(PATIENCE).startswith("0")
            if joining:
                self.join()
        except BaseException:
            self.close()
            raise

    def join(self) -> None:
        """Log in. Raises Refused."""
        self.ws.send("40")
        answer = self._receive(PATIENCE)
        if answer.startswith("44"):
            raise Refused(json.loads(answer[2:])["message"])
        assert answer.startswith("40"), answer

    def next(self, event: str, seconds: float = PATIENCE) -> Any:
        """What the next message of this name carries; others are passed over. Raises TimeoutError."""
        end = time.monotonic() + seconds
        while True:
            packet = self._receive(end - time.monotonic())
            if packet.startswith("42"):
                name, *values = json.loads(packet[2:])
                if name == event:
                    return values[0] if values else None

    def next_of_all(self, seconds: float = PATIENCE) -> tuple[str, Any]:
        """The next message's name and what it carries, in the order of arrival; of an answer the name is empty.

        Raises TimeoutError.
        """
        end = time.monotonic() + seconds
        while True:
            packet = self._receive(end - time.monotonic())
            if packet.startswith("42"):
                name, *values = json.loads(packet[2:])
                return name, values[0] if values else None
            if packet.startswith("430"):
                return "", json.loads(packet[3:])[0]
            if packet == "41":
                raise websocket.WebSocketConnectionClosedException

    def send(self, event: str) -> None:
        """Send a message that is answered; ``next_of_all`` hears the answer."""
        self.ws.send(f"420{json.dumps([event])}")

    def ask(self, event: str) -> Any:
        """Send a message that is answered; the answer. What comes before it is passed over."""
        self.send(event)
        while True:
            packet = self._receive(PATIENCE)
            if packet.startswith("430"):
                return json.loads(packet[3:])[0]

    def seconds_until_closed(self, seconds: float = PATIENCE) -> float:
        """Wait until the server takes the user out. Raises TimeoutError."""
        started = time.monotonic()
        try:
            while self._receive(started + seconds - time.monotonic()) != "41":
                pass
        except (websocket.WebSocketConnectionClosedException, ConnectionError):
            pass
        return time.monotonic() - started

    def is_open(self) -> bool:
        """Whether the server still answers on it."""
        try:
            self.ask("calls")
        except (websocket.WebSocketException, OSError):
            return False
        return True

    def is_cut(self, seconds: float = PATIENCE) -> bool:
        """Whether the server ends the connection itself within so many seconds, not only the log-in on it."""
        end = time.monotonic() + seconds
        try:
            while True:
                self._receive(end - time.monotonic())
        except TimeoutError:
            return False
        except (websocket.WebSocketConnectionClosedException, OSError):
            return True

    @property
    def local_port(self) -> int:
        assert self.ws.sock is not None
        return int(self.ws.sock.getsockname()[1])

    def close(self) -> None:
        """Close the connection without waiting for the server's good-bye."""
        self.ws.shutdown()

    def _receive(self, seconds: float) -> str:
        while True:
            self.ws.settimeout(max(0.01, seconds))
            try:
                packet = self.ws.recv()
            except websocket.WebSocketTimeoutException as error:
                raise TimeoutError from error
            if packet == "2":
                self.ws.send("3")
            elif packet == "":
                raise websocket.WebSocketConnectionClosedException
            else:
                return str(packet)


class Person:
    """Somebody at a browser without scripts: keeps cookies, sends the CSRF token."""

    def __init__(self, url: str, username: str, password: str) -> None:
        self.url = url
        self.http = requests.Session()
        self.http.headers["Referer"] = f"{url}/"  # as browsers do; over TLS it is asked for
        answer = self.post("/login", page="/login", username=username, password=password)
        if answer.status_code != 302:
            self.close()
            raise AssertionError(f"{username} cannot log in: {answer.status_code}")

    def get(self, path: str) -> requests.Response:
        return self.http.get(self.url + path, timeout=30, allow_redirects=False)

    def post(self, path: str, *, page: str = "/account/settings", **data: Any) -> requests.Response:
        """Send a form; ``page`` is where its CSRF token comes from."""
        shown = self.http.get(self.url + page, timeout=30).text
        found = re.search(r'name="csrf-token" content="([^"]+)"', shown)
        assert found, shown
        data["csrf_token"] = found.group(1)
        return self.http.post(self.url + path, data=data, timeout=30, allow_redirects=False)

    @property
    def cookie(self) -> str:
        return "; ".join(f"{cookie.name}={cookie.value}" for cookie in self.http.cookies)

    def socket(self, **options: Any) -> LiveSocket:
        return LiveSocket(self.url, self.cookie, **options)

    def close(self) -> None:
        """Close the kept connections."""
        self.http.close()

    def is_logged_in(self) -> bool:
        return self.get("/account/settings").status_code == 200


def signed(secret: str, **values: str) -> tuple[bytes, dict[str, str]]:
    """A notification's body and headers."""
    body = urlencode(sorted(values.items())).encode()
    signature = hmac.new(secret.encode(), body, hashlib.sha256).hexdigest()
    return body, {"Content-Type": "application/x-www-form-urlencoded", "X-PLACETEL-SIGNATURE": signature}


def incoming(call: str, number: str = "022147100500", line: str = "02214710000") -> dict[str, str]:
    """The values of a notification that somebody calls; ``call`` is made a call id."""
    call_id = hashlib.sha256(call.encode()).hexdigest()
    return {"event": "IncomingCall", "call_id": call_id, "from": number, "to": line, "direction": "in"}


def notify(url: str, secret: str, **values: str) -> requests.Response:
    """Send a signed notification as the telephone system does."""
    body, headers = signed(secret, **values)
    return requests.post(url + WEBHOOK, data=body, headers={**headers, "Connection": "close"}, timeout=30)


def seconds_until(true: Any, *, at_most: float = PATIENCE, every: float = 0.1) -> float:
    """Ask again and again; the seconds until the answer was true. Raises TimeoutError."""
    started = time.monotonic()
    while not true():
        if time.monotonic() - started > at_most:
            raise TimeoutError
        time.sleep(every)
    return time.monotonic() - started


def process_of(client_port: int, server_port: int, pids: list[int]) -> int | None:
    """Which of these processes holds the server's end of a loopback connection; None while none has accepted it."""
    inode = None
    for line in Path("/proc/net/tcp").read_text().splitlines()[1:]:
        fields = line.split()
        local, remote = (int(fields[place].rpartition(":")[2], 16) for place in (1, 2))
        if (local, remote) == (server_port, client_port):
            inode = fields[9]
    for pid in pids:
        for link in Path(f"/proc/{pid}/fd").iterdir():
            try:
                if str(link.readlink()) == f"socket:[{inode}]":
                    return pid
            except OSError:
                continue
    return None
