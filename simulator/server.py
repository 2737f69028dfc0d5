"""The simulator as a web application and as a server on this machine."""

from __future__ import annotations

import logging
import socket
from urllib.parse import urlsplit

from flask import Flask, Response, jsonify, request
from werkzeug.serving import BaseWSGIServer, WSGIRequestHandler, make_server

from simulator.api_contacts import Contacts
from simulator.api_v2 import create_api
from simulator.control import create_control
from simulator.exchange import Exchange
from simulator.page import create_page

LOOPBACK = frozenset({"127.0.0.1", "localhost", "::1"})
_BACKLOG = 128


class PortInUse(OSError):
    """Somebody else listens there."""


def create_app(exchange: Exchange) -> Flask:
    """Web API, control API and page around one exchange."""
    app = Flask("simulator", static_folder=None)
    app.json.ensure_ascii = False  # type: ignore[attr-defined]  # Flask's default provider has it, its base class not
    contacts = Contacts(exchange)

    def reset() -> None:
        exchange.reset()
        contacts.clear()

    app.before_request(_only_from_here)
    app.register_blueprint(create_api(exchange, contacts))
    app.register_blueprint(create_control(exchange, reset))
    app.register_blueprint(create_page(exchange))
    return app


def _only_from_here() -> tuple[Response, int] | None:
    """No foreign web page may drive the simulator through the user's browser."""
    request.get_data()  # a connection closed over an unread body is reset, and the client loses our answer
    host = urlsplit(f"//{request.host}").hostname
    origin = request.headers.get("Origin")
    if host not in LOOPBACK or (origin is not None and urlsplit(origin).netloc != request.host):
        return jsonify({"error": "Der Simulator ist nur auf diesem Rechner erreichbar."}), 403
    return None


class _QuietHandler(WSGIRequestHandler):
    """Logs nothing: paths and queries hold telephone numbers, and the page has a log."""

    def log_request(self, code: int | str = "-", size: int | str = "-") -> None:
        pass


def bind(exchange: Exchange, host: str, port: int) -> BaseWSGIServer:
    """A threaded server that listens already; port 0 takes a free one. Raises PortInUse."""
    logging.getLogger("werkzeug").setLevel(logging.ERROR)
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    listening = socket.socket(family, socket.SOCK_STREAM)
    listening.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        listening.bind((host, port))
        listening.listen(_BACKLOG)
    except OSError as problem:
        listening.close()
        raise PortInUse(str(problem)) from problem
    bound_port = listening.getsockname()[1]
    # The server duplicates the descriptor; ours stays open until then.
    with listening:
        return make_server(
            host,
            bound_port,
            create_app(exchange),
            threaded=True,
            request_handler=_QuietHandler,
            fd=listening.fileno(),
        )
