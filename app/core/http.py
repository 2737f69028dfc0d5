"""Outgoing HTTP, the only way out of the house.

Every request has time-outs, also one for the whole exchange. Nothing is repeated here: whether a request
may be repeated depends on what it does, and only its caller knows. Log lines carry method, host, path,
status and duration; never a header, a body or a query, because those hold keys and numbers.

It stands on requests. Where that cannot tell whether a request has left, the answer is that it may have: whoever dials
must then not repeat it.
"""

from __future__ import annotations

import json as jsonlib
import logging
import os
import socket
import time
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from ipaddress import ip_address
from typing import Any, Protocol
from urllib.parse import SplitResult, urlsplit

import requests
import urllib3
from requests.adapters import HTTPAdapter

from app.core.destinations import Destinations
from app.core.metrics import Family, Metrics

log = logging.getLogger(__name__)
# urllib3's own lines show the query, which may hold a number.
logging.getLogger("urllib3").setLevel(logging.WARNING)

#: Seconds to connect to one address, and to wait for the next bytes; other integrators use 4 to 6.
CONNECT_TIMEOUT = 4.0
READ_TIMEOUT = 6.0
#: Seconds for the whole exchange, however often the other side sends a little of its body.
TOTAL_TIMEOUT = 15.0
#: No answer that we ask for is larger; a wrong host must not fill the memory.
MAX_ANSWER_BYTES = 8 * 1024 * 1024

REQUESTS = Family(
    "durchwahl_http_requests_total",
    "counter",
    "Requests to other systems by host and result: the status of the answer, or not_sent, timeout, broken.",
    ("host", "result"),
)
_CHUNK = 64 * 1024
#: The reason of an error where nobody may be spoken to under this address.
NOT_ALLOWED = "NotAllowed"


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
        body: bytes | None = None,
    ) -> HttpResponse:
        """Send once, return the answer whatever its status. Raises HttpError. No redirects.

        ``body`` is sent as it is, in place of ``json``.
        """
        ...


class RequestsClient:
    """The real client. One per process; a session per request, so threads and greenlets share nothing.

    The environment's proxies and .netrc are not used: they must not add credentials to a PBX request.
    ``secret_paths``: beginnings of paths of our own behind which a secret stands; no log holds what follows.
    Certificates are checked against the usual authorities, or those that ``SSL_CERT_FILE`` names.
    ``destinations``: whom it may speak to; for anybody else nothing is sent (``NotAllowed``).
    """

    Error = HttpError

    def __init__(
        self,
        connect_timeout: float = CONNECT_TIMEOUT,
        read_timeout: float = READ_TIMEOUT,
        total_timeout: float = TOTAL_TIMEOUT,
        metrics: Metrics | None = None,
        secret_paths: Iterable[str] = (),
        destinations: Destinations | None = None,
    ) -> None:
        if metrics is not None:
            metrics.declare(REQUESTS)
        self.metrics = metrics
        self.secret_paths = secret_paths
        self.destinations = destinations or Destinations()
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
        body: bytes | None = None,
    ) -> HttpResponse:
        """See HttpClient."""
        place = _place(url)
        started = time.monotonic()
        outcome = "failed"
        try:
            if not self.destinations.may_ask(url):
                raise HttpError(HttpFault.NOT_SENT, NOT_ALLOWED)
            with requests.Session() as session:
                adapter = _Adapter(self.destinations)
                for scheme in ("http://", "https://"):
                    session.mount(scheme, adapter)
                session.trust_env = False
                session.verify = os.environ.get("SSL_CERT_FILE") or True
                session.headers["User-Agent"] = "Durchwahl"
                answer = self._send(session, method, url, headers, params, json, body)
                with answer:
                    content = self._body(answer, started + self.total_timeout)
            outcome = str(answer.status_code)
            named = {name.lower(): value for name, value in answer.headers.items()}
            return HttpResponse(answer.status_code, named, content)
        except HttpError as error:
            outcome = f"{error.fault} ({error})"
            raise
        finally:
            if self.metrics is not None:
                self.metrics.count(REQUESTS, place.hostname or "", outcome.partition(" ")[0])
            elapsed = (time.monotonic() - started) * 1000
            log.info("%s %s%s -> %s in %.0f ms", method, place.hostname, self._shown(place.path), outcome, elapsed)

    def _shown(self, path: str) -> str:
        """A path as the log may hold it; ours may stand behind another one, where a proxy has put us there."""
        for beginning in self.secret_paths:
            before, found, _secret = path.partition(beginning)
            if found:
                return f"{before}{beginning}…"
        return path

    def _send(
        self,
        session: requests.Session,
        method: str,
        url: str,
        headers: Mapping[str, str] | None,
        params: Mapping[str, str] | None,
        json: Any,
        body: bytes | None,
    ) -> requests.Response:
        """Status and headers of the answer; the body is still to be read. Raises HttpError."""
        try:
            return session.request(
                method,
                url,
                headers=dict(headers or {}),
                params=dict(params or {}),
                json=json,
                data=body,
                timeout=(self.connect_timeout, self.read_timeout),
                allow_redirects=False,
                stream=True,
            )
        except (requests.exceptions.ConnectTimeout, requests.exceptions.SSLError) as error:
            raise HttpError(HttpFault.NOT_SENT, _name(error)) from error
        except requests.exceptions.Timeout as error:
            raise HttpError(HttpFault.TIMEOUT, _name(error)) from error
        except requests.exceptions.ConnectionError as error:
            cause = _cause(error)
            never_connected = isinstance(cause, urllib3.exceptions.NewConnectionError)
            raise HttpError(HttpFault.NOT_SENT if never_connected else HttpFault.BROKEN, _name(error)) from error
        except ValueError as error:
            # An address or a header that cannot be sent. Not chained: the message quotes the header.
            raise HttpError(HttpFault.NOT_SENT, _name(error)) from None
        except (requests.exceptions.RequestException, urllib3.exceptions.HTTPError, OSError) as error:
            raise HttpError(HttpFault.BROKEN, _name(error)) from error

    def _body(self, answer: requests.Response, end: float) -> bytes:
        """The body, whole. Raises HttpError for one too slow, too large or cut short."""
        body = bytearray()
        try:
            while chunk := answer.raw.read1(_CHUNK, decode_content=True):
                body += chunk
                if len(body) > MAX_ANSWER_BYTES:
                    raise HttpError(HttpFault.BROKEN, "AnswerTooLarge")
                if time.monotonic() > end:
                    # A read time-out counts from byte to byte; a server that drips would hold us for hours.
                    raise HttpError(HttpFault.TIMEOUT, "WholeExchangeTooLong")
        except (urllib3.exceptions.TimeoutError, TimeoutError) as error:
            raise HttpError(HttpFault.TIMEOUT, type(error).__name__) from error
        except (urllib3.exceptions.HTTPError, OSError, ValueError) as error:
            raise HttpError(HttpFault.BROKEN, type(error).__name__) from error
        return bytes(body)


class _Adapter(HTTPAdapter):
    """Makes connections that look where they lead before anything is sent."""

    def __init__(self, destinations: Destinations) -> None:
        super().__init__()
        self.poolmanager.pool_classes_by_scheme = _pools(destinations)


def _pools(destinations: Destinations) -> dict[str, type[urllib3.HTTPConnectionPool]]:
    def check(scheme: str, host: str, place: tuple[Any, ...]) -> None:
        if not destinations.may_reach(scheme, host, ip_address(place[0].partition("%")[0])):
            raise HttpError(HttpFault.NOT_SENT, NOT_ALLOWED)

    def looked_up(scheme: str, host: str, port: int) -> None:
        """Not even a connection is made, as it would tell who listens there."""
        try:
            places = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
        except (OSError, UnicodeError):
            return  # the connection will say so
        for *_kind, place in places:
            check(scheme, host, place)

    class Plain(urllib3.connection.HTTPConnection):
        def _new_conn(self) -> socket.socket:
            looked_up("http", self.host, self.port)
            made = super()._new_conn()
            return _checked(made, "http", self.host)

    class Secure(urllib3.connection.HTTPSConnection):
        def _new_conn(self) -> socket.socket:
            looked_up("https", self.host, self.port)
            made = super()._new_conn()
            return _checked(made, "https", self.host)

    def _checked(made: socket.socket, scheme: str, host: str) -> socket.socket:
        """Once more, because the name may have been given another address meanwhile."""
        try:
            check(scheme, host, made.getpeername())
        except BaseException:
            made.close()
            raise
        return made

    class PlainPool(urllib3.HTTPConnectionPool):
        ConnectionCls = Plain

    class SecurePool(urllib3.HTTPSConnectionPool):
        ConnectionCls = Secure

    return {"http": PlainPool, "https": SecurePool}


def _place(url: str) -> SplitResult:
    """The parts of an address. Raises HttpError (NOT_SENT); an address with a log-in in it is refused, too."""
    try:
        parts = urlsplit(url)
        usable = parts.scheme in ("http", "https") and parts.hostname and "@" not in parts.netloc and parts.port != 0
    except ValueError as error:
        raise HttpError(HttpFault.NOT_SENT, "NoHttpAddress") from error
    if not usable or not url.isascii() or not url.isprintable() or " " in url:
        raise HttpError(HttpFault.NOT_SENT, "NoHttpAddress")
    return parts


def _cause(error: requests.exceptions.RequestException) -> object:
    """What urllib3 said, which requests wraps."""
    reason = error.args[0] if error.args else None
    return getattr(reason, "reason", reason)


def _name(error: Exception) -> str:
    """The name of the innermost cause that is known; never its text."""
    cause = _cause(error) if isinstance(error, requests.exceptions.RequestException) else error
    return type(cause if isinstance(cause, Exception) else error).__name__
