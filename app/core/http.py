"""Outgoing HTTP, the only way out of the house.

Every request has time-outs, also one for the whole exchange. Nothing is repeated here: whether a request
may be repeated depends on what it does, and only its caller knows. Log lines carry method, host, path,
status and duration; never a header, a body or a query, because those hold keys and numbers.

It stands on ``http.client`` and opens the connection itself. That tells exactly what a caller who dials must
know: whether the request can have left. Higher libraries mix both into one exception, and their read
time-out counts from byte to byte: a server that drips one byte every five seconds holds them for hours.
"""

from __future__ import annotations

import http.client
import io
import json as jsonlib
import logging
import socket
import ssl
import time
from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from functools import cached_property
from typing import Any, Protocol
from urllib.parse import urlencode, urlsplit

log = logging.getLogger(__name__)

#: Seconds to connect to one address, and to wait for the next bytes; other integrators use 4 to 6.
CONNECT_TIMEOUT = 4.0
READ_TIMEOUT = 6.0
#: Seconds for the whole exchange, however often the other side sends a little. (Looking up the name has
#: the resolver's own limits.)
TOTAL_TIMEOUT = 15.0
#: No answer that we ask for is larger; a wrong host must not fill the memory.
MAX_ANSWER_BYTES = 8 * 1024 * 1024

_CHUNK = 64 * 1024
_DEFAULT_PORTS = {"http": 80, "https": 443}


class HttpFault(StrEnum):
    """What went wrong, in the words that decide whether a request may be repeated."""

    NOT_SENT = "not_sent"
    """No connection came about: the request surely did not arrive."""
    TIMEOUT = "timeout"
    """Sent, no answer in time: it may have been carried out."""
    BROKEN = "broken"
    """Sent, the connection broke or what came is no HTTP: it may have been carried out."""


class HttpError(Exception):
    """No usable answer. ``fault`` says whether the request may have been carried out.

    The message is the name of the cause, never its text: that may hold a header.
    """

    def __init__(self, fault: HttpFault, reason: str) -> None:
        super().__init__(reason)
        self.fault = fault

    @property
    def may_have_arrived(self) -> bool:
        """True when nobody knows whether the other side carried the request out."""
        return self.fault is not HttpFault.NOT_SENT

    @property
    def timed_out(self) -> bool:
        """True when the request was sent and the answer did not come in time."""
        return self.fault is HttpFault.TIMEOUT


@dataclass(frozen=True, slots=True)
class HttpResponse:
    """An answer, whatever its status. ``headers`` have lower-case names.

    Its repr shows the status only: bodies hold numbers and names.
    """

    status: int
    headers: Mapping[str, str] = field(repr=False)
    body: bytes = field(repr=False)

    def json(self) -> Any:
        """The body as JSON; ValueError when it is none."""
        try:
            return jsonlib.loads(self.body)
        except RecursionError:
            # No `from`: the chain would carry a thousand frames.
            raise ValueError("JSON nested too deeply") from None


class HttpClient(Protocol):
    """What providers get. Tests pass a recording fake."""

    Error: type[HttpError]
    """The exception that ``request`` raises, as an attribute (the custom of PEP 249): who is handed a client
    can catch its errors without importing this file."""

    def request(
        self,
        method: str,
        url: str,
        *,
        headers: Mapping[str, str] | None = None,
        params: Mapping[str, str] | None = None,
        json: Any = None,
    ) -> HttpResponse:
        """Send once, return the answer whatever its status. Raises HttpError. No redirects."""
        ...


class DirectClient:
    """The real client. One per process; a connection per request, so threads and greenlets share nothing.

    The environment's proxies and .netrc are not used: they must not add credentials to a PBX request.
    Certificates are checked against the system's authorities (``SSL_CERT_FILE`` names others).
    """

    Error = HttpError

    def __init__(
        self,
        connect_timeout: float = CONNECT_TIMEOUT,
        read_timeout: float = READ_TIMEOUT,
        total_timeout: float = TOTAL_TIMEOUT,
    ) -> None:
        self.connect_timeout = connect_timeout
        self.read_timeout = read_timeout
        self.total_timeout = total_timeout

    def request(
        self,
        method: str,
        url: str,
        *,
        headers: Mapping[str, str] | None = None,
        params: Mapping[str, str] | None = None,
        json: Any = None,
    ) -> HttpResponse:
        """See HttpClient."""
        place = _Place.of(url)
        target = place.path + ("?" + urlencode(params) if params else "")
        sent_headers = {
            "Host": place.host_header,
            "Accept-Encoding": "identity",
            "Connection": "close",
            "User-Agent": "Durchwahl",
            **(headers or {}),
        }
        content = None
        if json is not None:
            content = jsonlib.dumps(json).encode()
            sent_headers["Content-Type"] = "application/json"

        started = time.perf_counter()
        outcome = "failed"
        try:
            answer = self._exchange(method, place, target, sent_headers, content)
            outcome = str(answer.status)
            return answer
        except HttpError as error:
            outcome = f"{error.fault} ({error})"
            raise
        finally:
            elapsed = (time.perf_counter() - started) * 1000
            log.info("%s %s%s -> %s in %.0f ms", method, place.host, place.path, outcome, elapsed)

    def _exchange(
        self, method: str, place: _Place, target: str, headers: Mapping[str, str], content: bytes | None
    ) -> HttpResponse:
        deadline = _Deadline(self.total_timeout)
        try:
            sock = self._connect(place, deadline)
        except (OSError, ValueError) as error:  # refused, no such host, no time, no trust
            raise HttpError(HttpFault.NOT_SENT, type(error).__name__) from error
        with sock:
            connection = http.client.HTTPConnection(place.host, place.port)
            connection.sock = sock
            connection.auto_open = 0  # never a second connection behind our back
            try:
                sock.settimeout(deadline.left(self.read_timeout))
                connection.request(method, target, body=content, headers=headers)
                return _read(sock, method, deadline, self.read_timeout)
            except TimeoutError as error:
                raise HttpError(HttpFault.TIMEOUT, type(error).__name__) from error
            except (ValueError, http.client.InvalidURL) as error:
                # A header or a path that cannot be sent. Not chained: the message quotes the header.
                raise HttpError(HttpFault.NOT_SENT, type(error).__name__) from None
            except (OSError, http.client.HTTPException) as error:
                raise HttpError(HttpFault.BROKEN, type(error).__name__) from error

    def _connect(self, place: _Place, deadline: _Deadline) -> socket.socket:
        """A connected socket, with TLS where asked for. Tries each address of the host in turn."""
        failure: OSError | None = None
        for family, kind, proto, _, address in socket.getaddrinfo(place.host, place.port, type=socket.SOCK_STREAM):
            sock = socket.socket(family, kind, proto)
            try:
                sock.settimeout(deadline.left(self.connect_timeout))
                sock.connect(address)
                if place.scheme == "https":
                    sock.settimeout(deadline.left(self.connect_timeout))
                    return self._tls.wrap_socket(sock, server_hostname=place.host)
                return sock
            except OSError as error:
                sock.close()
                failure = error
            except ValueError:  # a host name that TLS cannot check
                sock.close()
                raise
        raise failure or OSError("no address")

    @cached_property
    def _tls(self) -> ssl.SSLContext:
        # On first use: reading the authorities takes some 10 ms, and under gevent ssl must be patched before.
        return ssl.create_default_context()


def _read(sock: socket.socket, method: str, deadline: _Deadline, read_timeout: float) -> HttpResponse:
    """The answer, whole. Raises OSError, HTTPException; HttpError for one too large or cut short."""
    response = http.client.HTTPResponse(sock, method=method)
    response.fp = io.BufferedReader(_TimedReader(response.fp.detach(), sock, deadline, read_timeout))
    with response:
        try:
            response.begin()
            body = bytearray()
            while chunk := response.read(_CHUNK):
                body += chunk
                if len(body) > MAX_ANSWER_BYTES:
                    raise HttpError(HttpFault.BROKEN, "AnswerTooLarge")
        except ValueError as error:
            # Not the caller's fault by now: http.client stumbled over what it read.
            raise HttpError(HttpFault.BROKEN, type(error).__name__) from error
        # http.client does not complain about a body shorter than promised when it is read in chunks.
        if response.length:
            raise HttpError(HttpFault.BROKEN, "IncompleteRead")
        return HttpResponse(
            response.status, {name.lower(): value for name, value in response.getheaders()}, bytes(body)
        )


@dataclass(frozen=True, slots=True)
class _Place:
    """Where a request goes."""

    scheme: str
    host: str
    port: int
    host_header: str
    path: str

    @classmethod
    def of(cls, url: str) -> _Place:
        """Read an address. Raises HttpError (NOT_SENT); an address with a log-in in it is refused, too."""
        try:
            parts = urlsplit(url)
            port = parts.port
        except ValueError as error:
            raise HttpError(HttpFault.NOT_SENT, "NoHttpAddress") from error
        plain = url.isascii() and url.isprintable() and " " not in url
        if parts.scheme not in _DEFAULT_PORTS or not parts.hostname or "@" in parts.netloc or not plain:
            raise HttpError(HttpFault.NOT_SENT, "NoHttpAddress")
        return cls(
            parts.scheme,
            parts.hostname,
            port or _DEFAULT_PORTS[parts.scheme],
            parts.netloc,
            parts.path or "/",
        )


class _Deadline:
    """The moment at which the whole exchange ends."""

    def __init__(self, seconds: float) -> None:
        self._end = time.monotonic() + seconds

    def left(self, at_most: float) -> float:
        """Seconds that the next step may take. Raises TimeoutError when none are left."""
        left = self._end - time.monotonic()
        if left <= 0:
            raise TimeoutError("the whole exchange took too long")
        return min(left, at_most)


class _TimedReader(io.RawIOBase):
    """Reads a socket and gives each wait no more than what is left of the deadline."""

    def __init__(self, raw: io.RawIOBase, sock: socket.socket, deadline: _Deadline, timeout: float) -> None:
        self._raw = raw
        self._sock = sock
        self._deadline = deadline
        self._timeout = timeout

    def readable(self) -> bool:
        """See io.RawIOBase."""
        return True

    def readinto(self, buffer: Any, /) -> int | None:
        """See io.RawIOBase. Raises TimeoutError."""
        self._sock.settimeout(self._deadline.left(self._timeout))
        return self._raw.readinto(buffer)

    def close(self) -> None:
        """See io.RawIOBase."""
        self._raw.close()
        super().close()
