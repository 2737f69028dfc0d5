"""Socket.IO: who may connect, and how a message reaches users.

Rooms are ``user:<id>`` only. A socket belongs to a log-in; when that ends, the socket is closed. WebSocket is the only
transport, so no sticky sessions are needed. Messages are sent after the commit, once to a list of rooms.
"""

from __future__ import annotations

import logging
import sys
import threading
from collections.abc import Iterable
from typing import TYPE_CHECKING, Any

from flask import Flask, request
from flask import session as cookie
from flask_socketio import ConnectionRefusedError, SocketIO, disconnect, join_room

from app.core.accounts import service
from app.core.accounts.service import SESSIONS_VERSION, SessionsEnded
from app.core.events import EventBus

if TYPE_CHECKING:
    from app.core.versions import Versions
    from config import Config

log = logging.getLogger(__name__)
#: Seconds between pings, and how long an answer may take: a dead browser is noticed within 45 s.
PING_INTERVAL = 25
PING_TIMEOUT = 20
#: Redis channel; all instances of one installation share it.
CHANNEL = "durchwahl"
SESSION_KEY = "sid"


def async_mode() -> str:
    """``gevent`` where the worker has patched the sockets, ``threading`` everywhere else; never guessed by engineio."""
    monkey = sys.modules.get("gevent.monkey")
    return "gevent" if monkey is not None and monkey.is_module_patched("socket") else "threading"


class Realtime:
    """The Socket.IO server and the sockets of this process."""

    def __init__(self, bus: EventBus, versions: Versions) -> None:
        self.socketio = SocketIO()
        self.max_sockets = 0
        self._sockets: dict[str, str] = {}
        """Socket id → hash of its log-in."""
        self._lock = threading.Lock()
        self._sweep_needed = False
        bus.subscribe(SessionsEnded, lambda event: self.close_sessions(event.session_hashes))
        versions.on_change(SESSIONS_VERSION, self._ask_for_sweep)

    def init_app(self, app: Flask, config: Config) -> None:
        """Bind to the application. Connects to Redis on the first message, not here."""
        self.max_sockets = config.max_sockets
        self.socketio.init_app(
            app,
            async_mode=async_mode(),
            message_queue=config.redis_url,
            channel=CHANNEL,
            transports=["websocket"],
            cors_allowed_origins=[config.public_url] if config.public_url else None,
            manage_session=False,
            ping_interval=PING_INTERVAL,
            ping_timeout=PING_TIMEOUT,
            max_http_buffer_size=64 * 1024,
            http_compression=False,
        )
        self.socketio.on_event("connect", self._on_connect)
        self.socketio.on_event("disconnect", self._on_disconnect)

    def emit(self, event: str, payload: Any, user_ids: Iterable[int]) -> None:
        """Send to every open browser of these users: one emit to the list of their rooms."""
        rooms = [f"user:{user_id}" for user_id in user_ids]
        if not rooms:
            return
        try:
            self.socketio.emit(event, payload, to=rooms)
        except Exception:
            # Redis away: what is committed stays true, browsers fetch it when they reconnect.
            log.exception("message %s was not sent", event)
        # Yield, or a burst starves the writers of the sockets (median 24 ms instead of 0.8 ms).
        self.socketio.sleep(0)

    @property
    def open_sockets(self) -> int:
        """How many sockets this process holds."""
        return len(self._sockets)

    def close_sessions(self, session_hashes: Iterable[str]) -> None:
        """Close the sockets of ended log-ins in this process."""
        ended = set(session_hashes)
        with self._lock:
            sids = [sid for sid, session_hash in self._sockets.items() if session_hash in ended]
        for sid in sids:
            self.socketio.server.disconnect(sid)

    def sweep(self) -> None:
        """Close the sockets of log-ins that ended elsewhere; does nothing unless a version said so."""
        if not self._sweep_needed:
            return
        self._sweep_needed = False
        with self._lock:
            hashes = set(self._sockets.values())
        if hashes:
            self.close_sessions(hashes - service.running_sessions(list(hashes)))

    def close_all(self) -> None:
        """Close every socket of this process: at the end of a worker, which else would wait for them."""
        with self._lock:
            sids = list(self._sockets)
        for sid in sids:
            try:
                self.socketio.server.disconnect(sid)
            except Exception:  # noqa: BLE001 (the process ends; whatever state the socket is in)
                log.debug("socket was gone already")

    def _ask_for_sweep(self) -> None:
        self._sweep_needed = True

    def _on_connect(self, _auth: object = None) -> None:
        session_id = cookie.get(SESSION_KEY)
        user = service.load_session(session_id) if isinstance(session_id, str) else None
        if user is None or not isinstance(session_id, str):
            raise ConnectionRefusedError("not_logged_in")
        sid: str = request.sid  # type: ignore[attr-defined] # added by Flask-SocketIO
        with self._lock:
            if len(self._sockets) >= self.max_sockets:
                raise ConnectionRefusedError("too_many_sockets")
            self._sockets[sid] = service.session_hash(session_id)
        join_room(f"user:{user.id}")

    def _on_disconnect(self, _reason: object = None) -> None:
        with self._lock:
            self._sockets.pop(request.sid, None)  # type: ignore[attr-defined] # added by Flask-SocketIO


def leave() -> None:
    """Close the socket whose event is being handled."""
    disconnect()
