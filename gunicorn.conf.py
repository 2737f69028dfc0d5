"""One server configuration for `make run` and production, chosen by the database.

SQLite: one worker with threads, because sqlite3 is not cooperative. PostgreSQL: gevent workers, one unless REDIS_URL
connects several. See docs/realtime.md for the measurements behind each number.
"""

from __future__ import annotations

import ctypes
import gc
import resource
import sys
from typing import Any

import loglines
from config import Config, ConfigError

try:
    _config = Config.from_env()
except ConfigError as error:
    sys.exit("The configuration cannot be used:\n" + "\n".join(f"  - {text}" for text in error.problems))

#: Of malloc.h.
M_ARENA_MAX = -8

# Each socket is an open file; the usual soft limit of 1024 would be less than MAX_SOCKETS may be.
_soft, _hard = resource.getrlimit(resource.RLIMIT_NOFILE)
resource.setrlimit(resource.RLIMIT_NOFILE, (_hard, _hard))


def _share_heaps() -> None:
    """Have hundreds of threads, of which one works at a time, share two heaps of glibc instead of eight a core.

    What a thread frees in a heap of its own no other one uses, so memory rises long after everything is warm.
    """
    mallopt = getattr(ctypes.CDLL(None), "mallopt", None)  # other libraries of C have none
    if mallopt is not None:
        mallopt(M_ARENA_MAX, 2)


bind = f"[{_config.host}]:{_config.port}" if ":" in _config.host else f"{_config.host}:{_config.port}"
if _config.is_sqlite:
    worker_class = "gthread"
    workers = 1
    # Every open socket holds a thread; of 32 more half hears refusals (app/core/sockets.py), half answers requests.
    threads = _config.max_sockets + 32
    _share_heaps()
else:
    worker_class = "gevent"
    workers = _config.workers
# Connections that are accepted at all, the idle ones of browsers among them.
worker_connections = _config.max_sockets + 500

# Sockets are closed at once; what still hangs after this is not waited for.
graceful_timeout = 2
timeout = 60
keepalive = 5
control_socket_disable = True
forwarded_allow_ips = "*" if _config.proxy_hops else ""
accesslog = None
errorlog = "-"
logconfig_dict = loglines.configuration(_config.log_format, _config.log_level)
loglevel = _config.log_level.lower()
limit_request_line = 8190
#: With threads a notification that comes back from the database waits so long for another thread that computes, else
#: Python's own 5 ms; and it comes back a dozen times.
_SWITCH_SECONDS = 0.0005


def post_worker_init(worker: Any) -> None:
    """Start the worker's own threads: versions, sweeps, jobs."""
    from app.core.jobs import start_ticker

    # What was loaded by now stays: a full collection need not look through it while a notification waits.
    gc.collect()
    gc.freeze()
    if _config.is_sqlite:
        sys.setswitchinterval(_SWITCH_SECONDS)
    start_ticker(worker.wsgi, stopping=lambda: not worker.alive)


def worker_int(worker: Any) -> None:
    """Ctrl-C: close the sockets first, or stopping takes 30 s."""
    _close_sockets(worker)


def worker_exit(_server: Any, worker: Any) -> None:
    """The worker ends: close what is still open, and leave its last figures."""
    _close_sockets(worker)
    kernel = getattr(worker.wsgi, "extensions", {}).get("durchwahl")
    if kernel is not None:
        kernel.figures.end()


def _close_sockets(worker: Any) -> None:
    kernel = getattr(worker.wsgi, "extensions", {}).get("durchwahl")
    if kernel is not None:
        kernel.realtime.close_all()
