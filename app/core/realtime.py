"""Socket.IO: who may connect, and how a message reaches users.

Rooms are ``user:<id>`` only. A socket belongs to a log-in; when that ends, the socket is closed. WebSocket is the only
transport, so no sticky sessions are needed. Messages are sent after the commit, once to a list of rooms.
"""

from __future__ import annotations

import logging
import threading
import time
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

from flask import Flask, request
from flask import session as cookie
from flask_socketio import ConnectionRefusedError, SocketIO, join_room

from app.core import cooperation
from app.core.accounts import service
from app.core.accounts.service import SESSIONS_VERSION, SessionsEnded
from app.core.events import EventBus
from app.core.message_queue import MessageQueue
from app.core.metrics import Family, Metrics
from app.core.sockets import CLOSE_SECONDS, JOIN_SECONDS, KEY, SPARE, Gate

if TYPE_CHECKING:
    from app.core.accounts.models import User
    from app.core.versions import Versions
    from config import Config

log = logging.getLogger(__name__)
#: Seconds between pings, and how long an answer may take: a dead browser is noticed within 45 s.
PING_INTERVAL = 25
PING_TIMEOUT = 20
#: Seconds after which the log-ins of all open sockets are looked up even though no version changed: they may expire.
EXPIRY_SECONDS = 60.0
SESSION_KEY = "sid"
MESSAGES = Family(
    "durchwahl_messages_total",
    "counter",
    "Messages to users' browsers by kind, one a user; call is a card, calls are all cards of a user anew.",
    ("message",),
)


def async_mode() -> str:
    """``gevent`` where the worker has patched the sockets, ``threading`` everywhere else; never guessed by engineio."""
    return "gevent" if cooperation.is_asked_for() else "threading"


def asking_user() -> User | None:
    """Who asks over a socket. The cookie is a copy from when it connected, so the log-in is looked up again."""
    session_id = cookie.get(SESSION_KEY)
    return _at_work(session_id) if isinstance(session_id, str) else None


def _at_work(session_id: str) -> User | None:
    """Whose log-in it is; None also for whoever has to choose another password before anything else."""
    user = service.load_session(session_id)
    return user if user is not None and not user.must_change_password else None


@dataclass(frozen=True, slots=True)
class _Socket:
    session_hash: str
    connection_id: str
    """engineio's id of the connection under it."""


class Realtime:
    """The Socket.IO server and the sockets of this process."""

    def __init__(self, bus: EventBus, versions: Versions, metrics: Metrics) -> None:
        metrics.declare(MESSAGES)
        self.metrics = metrics
        self.socketio = SocketIO()
        self.max_sockets = 0
        self.gate: Gate
        self._sockets: dict[str, _Socket] = {}
        self._lock = threading.Lock()
        self._sweep_needed = False
        self._shared = False
        self._swept_at = time.monotonic()
        bus.subscribe(SessionsEnded, lambda event: self.close_sessions(event.session_hashes))
        versions.on_change(SESSIONS_VERSION, self._ask_for_sweep)

    def init_app(self, app: Flask, config: Config) -> None:
        """Bind to the application. Connects to Redis on the first message, not here."""
        self.max_sockets = config.max_sockets
        queue = MessageQueue(config.redis_url, self.close_all) if config.redis_url else None
        self._shared = queue is not None
        self.socketio.init_app(
            app,
            async_mode=async_mode(),
            **({"client_manager": queue} if queue else {}),
            transports=["websocket"],
            # None: the address that the request itself names.
            cors_allowed_origins=[_origin(config.public_url)] if config.public_url else None,
            manage_session=False,
            ping_interval=PING_INTERVAL,
            ping_timeout=PING_TIMEOUT,
            max_http_buffer_size=64 * 1024,
            http_compression=False,
            logger=_quiet("socketio"),
            engineio_logger=_quiet("engineio"),
        )
        self.socketio.on_event("connect", self._on_connect)
        self.socketio.on_event("disconnect", self._on_disconnect)
        self.gate = Gate(app.wsgi_app, config.max_sockets + SPARE)
        app.wsgi_app = self.gate  # type: ignore[method-assign] # Flask's documented way

    def emit(self, event: str, payload: Any, user_ids: Iterable[int]) -> None:
        """Send to every open browser of these users: one emit to the list of their rooms."""
        rooms = [f"user:{user_id}" for user_id in user_ids]
        if not rooms:
            return
        try:
            self.socketio.emit(event, payload, to=rooms)
            self.metrics.count(MESSAGES, event, by=len(rooms))
        except Exception:
            # Redis away: what is committed stays true, browsers fetch it when they reconnect.
            log.exception("message %s was not sent", event)
        # Yield, or a burst starves the writers of the sockets (median 24 ms instead of 0.8 ms).
        self.socketio.sleep(0)

    def in_background(self, work: Callable[[], None]) -> None:
        """Run ``work`` beside whatever runs, in a thread or greenlet as the server has them. Tests replace it."""
        self.socketio.start_background_task(work)

    def sleep(self, seconds: float) -> None:
        """Wait as the server's threads or greenlets do. Tests replace it."""
        self.socketio.sleep(seconds)

    @property
    def is_heard(self) -> bool:
        """Whether a message may reach somebody: of this process, or through Redis of others."""
        return bool(self._sockets) or self._shared

    @property
    def open_sockets(self) -> int:
        """How many sockets this process holds."""
        return len(self._sockets)

    def close_sessions(self, session_hashes: Iterable[str]) -> None:
        """Close the sockets of ended log-ins in this process."""
        ended = set(session_hashes)
        for sid, socket in self._snapshot():
            if socket.session_hash in ended:
                self._close(sid, socket)

    def sweep(self) -> None:
        """Close what should not be open any more: sockets of log-ins that ended elsewhere or expired, strangers."""
        self._show_strangers_out()
        if not self._sweep_needed and time.monotonic() - self._swept_at < EXPIRY_SECONDS:
            return
        self._sweep_needed = False
        try:
            hashes = {socket.session_hash for _sid, socket in self._snapshot()}
            if hashes:
                self.close_sessions(hashes - service.running_sessions(list(hashes)))
        except Exception:
            self._sweep_needed = True  # the database is away: nobody is forgotten
            raise
        self._swept_at = time.monotonic()

    def close_all(self) -> None:
        """Close every socket of this process: at the end of a worker, which else would wait for them."""
        for sid, socket in self._snapshot():
            self._close(sid, socket)

    def _snapshot(self) -> list[tuple[str, _Socket]]:
        with self._lock:
            return list(self._sockets.items())

    def _close(self, sid: str, socket: _Socket) -> None:
        try:
            self.socketio.server.disconnect(sid)
        except Exception:  # noqa: BLE001 (whatever state the socket is in: it shall be closed, and the others after it)
            log.debug("socket was gone already")
        # Socket.IO only asks the browser to close the connection.
        self._close_connection(socket.connection_id)

    def _close_connection(self, connection_id: str) -> None:
        found = self.socketio.server.eio.sockets.get(connection_id)
        try:
            if found is not None:
                found.close(wait=False)
        except Exception:  # noqa: BLE001 (likewise)
            log.debug("connection was gone already")

    def _show_strangers_out(self) -> None:
        """Connections that never logged in, those that do not close, and sockets whose connection is gone."""
        server = self.socketio.server
        now = time.monotonic()
        sockets = self._snapshot()
        joined = {socket.connection_id for _sid, socket in sockets}
        known = {environ.get(KEY): connection_id for connection_id, environ in list(server.environ.items())}
        for connection in self.gate.connections():
            connection_id = known.get(connection)
            if connection_id is not None:
                if connection_id not in joined and now - connection.since > JOIN_SECONDS:
                    self._close_connection(connection_id)
            elif connection.left_at is None:
                connection.left_at = now
            elif now - connection.left_at > CLOSE_SECONDS:
                connection.cut()
        for sid, socket in sockets:
            # Closed in the moment of its log-in: Socket.IO does not report that as a disconnect.
            if socket.connection_id not in server.environ:
                self._close(sid, socket)
                self._forget(sid)

    def _ask_for_sweep(self) -> None:
        self._sweep_needed = True

    def _on_connect(self, _auth: object = None) -> None:
        sid: str = request.sid  # type: ignore[attr-defined] # added by Flask-SocketIO
        session_id = cookie.get(SESSION_KEY)
        if not isinstance(session_id, str):
            raise ConnectionRefusedError("not_logged_in")
        connection_id = self.socketio.server.manager.eio_sid_from_sid(sid, "/")
        with self._lock:
            if len(self._sockets) >= self.max_sockets:
                raise ConnectionRefusedError("too_many_sockets")
            # Entered before the log-in is looked up: one that ends at this very moment finds the socket.
            self._sockets[sid] = _Socket(service.session_hash(session_id), connection_id)
        try:
            user = _at_work(session_id)
        except Exception as error:
            self._forget(sid)
            log.warning("a browser cannot connect: %s", type(error).__name__)
            raise ConnectionRefusedError("unavailable") from error
        if user is None:
            self._forget(sid)
            raise ConnectionRefusedError("not_logged_in")
        join_room(f"user:{user.id}")

    def _on_disconnect(self, _reason: object = None) -> None:
        self._forget(request.sid)  # type: ignore[attr-defined] # added by Flask-SocketIO

    def _forget(self, sid: str) -> None:
        with self._lock:
            self._sockets.pop(sid, None)


def _quiet(name: str) -> logging.Logger:
    """Their own loggers write past the server's log, and below errors whole messages."""
    found = logging.getLogger(f"{__name__}.{name}")
    found.setLevel(logging.ERROR)
    return found


def _origin(address: str) -> str:
    """What a browser calls the origin of pages under this address."""
    parts = urlsplit(address.lower())
    return f"{parts.scheme}://{parts.netloc}"
