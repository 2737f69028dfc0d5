"""The bare pipeline: the least that could be called the way of a call, to compare Durchwahl with.

Flask, Flask-SocketIO and SQLAlchemy Core on the same server and database with the same durability: check the HMAC,
insert one row and look up the caller in one committed transaction, emit one message. It knows no users, repetitions,
states, switchboards or pages, and shares no code with app/.
"""

from __future__ import annotations

import hmac
import threading
from contextlib import nullcontext
from datetime import UTC, datetime
from hashlib import sha256
from typing import Any
from urllib.parse import parse_qs

from flask import Flask, Response, abort, request
from flask_socketio import SocketIO, join_room
from sqlalchemy import (
    Column,
    Connection,
    DateTime,
    Engine,
    Integer,
    LargeBinary,
    MetaData,
    String,
    Table,
    create_engine,
    event,
    insert,
    select,
)

from benchmarks.callers import SECRET, SIGNATURE, TWO
from config import Config

metadata = MetaData()
INBOX = Table(
    "inbox",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("received_at", DateTime(timezone=True), nullable=False),
    Column("body", LargeBinary, nullable=False),
)
NUMBERS = Table(
    "numbers",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("e164", String(20), nullable=False, index=True),
    Column("name", String(200), nullable=False),
)
#: Rooms: everybody, and the two whom a call to the line TWO concerns.
EVERYBODY, CONCERNED = "everybody", "two"


def make_engine(url: str) -> Engine:
    """The database with the durability that Durchwahl uses: what is acknowledged is on disk."""
    if not url.startswith("sqlite"):
        return create_engine(url, pool_size=20, max_overflow=20)
    engine = create_engine(url, pool_size=20, max_overflow=20, connect_args={"timeout": 10, "check_same_thread": False})

    @event.listens_for(engine, "connect")
    def prepare(connection: Any, _record: object) -> None:
        connection.isolation_level = None
        for pragma in ("journal_mode=WAL", "synchronous=FULL"):
            connection.execute(f"PRAGMA {pragma}")

    @event.listens_for(engine, "begin")
    def begin(connection: Connection) -> None:
        connection.exec_driver_sql("BEGIN IMMEDIATE")

    return engine


def make_app(config: Config) -> Flask:
    """The whole application."""
    app = Flask(__name__, static_folder=None)
    engine = make_engine(config.database_url)
    # SQLite lets one write at a time; waiting at a lock is quicker than in its busy handler.
    turn: Any = threading.Lock() if config.is_sqlite else nullcontext()
    socketio = SocketIO(
        app,
        async_mode="threading" if config.is_sqlite else "gevent",
        transports=["websocket"],
        http_compression=False,
        message_queue=config.redis_url,  # where there are several instances
    )

    def connect() -> None:
        join_room(EVERYBODY)
        if request.args.get("user") in ("1", "2"):
            join_room(CONCERNED)

    socketio.on_event("connect", connect)

    @app.post("/webhook")
    def receive() -> Response:
        body = request.get_data()
        expected = hmac.new(SECRET.encode(), body, sha256).hexdigest()
        if not hmac.compare_digest(expected, request.headers.get(SIGNATURE, "")):
            abort(403)
        fields = parse_qs(body.decode())
        number, line = (f"+49{fields[name][0][1:]}" for name in ("from", "to"))
        with turn, engine.begin() as connection:
            connection.execute(insert(INBOX).values(received_at=datetime.now(UTC), body=body))
            name = connection.execute(select(NUMBERS.c.name).where(NUMBERS.c.e164 == number)).scalar_one_or_none()
        room = CONCERNED if line == TWO else EVERYBODY
        socketio.emit("call", {"id": fields["call_id"][0], "name": name, "remote": {"e164": number}}, to=room)
        # Without a yield a burst starves the writers of the sockets.
        socketio.sleep(0)
        return Response("<Response/>", content_type="application/xml")

    return app
