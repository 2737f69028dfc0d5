"""One server configuration for `make run` and production, chosen by the database.

SQLite: one worker with threads, because sqlite3 is not cooperative. PostgreSQL: gevent workers, one unless REDIS_URL
connects several. See docs/realtime.md for the measurements behind each number.
"""

from __future__ import annotations

import sys
from typing import Any

from config import Config, ConfigError

try:
    _config = Config.from_env()
except ConfigError as error:
    sys.exit("The configuration cannot be used:\n" + "\n".join(f"  - {text}" for text in error.problems))

bind = f"{_config.host}:{_config.port}"
if _config.is_sqlite:
    worker_class = "gthread"
    workers = 1
    # Every open socket holds a thread; 32 more answer pages and webhooks meanwhile.
    threads = _config.max_sockets + 32
else:
    worker_class = "gevent"
    workers = _config.workers
    worker_connections = _config.max_sockets + 200

# Sockets are closed by worker_exit's cousin below; what still hangs is not waited for.
graceful_timeout = 2
timeout = 60
keepalive = 5
control_socket_disable = True
forwarded_allow_ips = "*" if _config.proxy_hops else ""
accesslog = None
errorlog = "-"
loglevel = _config.log_level.lower()
limit_request_line = 8190


def post_worker_init(worker: Any) -> None:
    """Start the worker's own thread: versions, sweeps, jobs."""
    from app.core.jobs import start_ticker

    start_ticker(worker.wsgi)


def worker_int(worker: Any) -> None:
    """Ctrl-C: close the sockets first, or stopping takes 30 s."""
    _close_sockets(worker)


def worker_exit(_server: Any, worker: Any) -> None:
    """The worker ends: close what is still open."""
    _close_sockets(worker)


def _close_sockets(worker: Any) -> None:
    kernel = getattr(worker.wsgi, "extensions", {}).get("durchwahl")
    if kernel is not None:
        kernel.realtime.close_all()
