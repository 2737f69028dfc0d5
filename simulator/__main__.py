"""`python -m simulator`: a simulated Placetel on this machine."""

from __future__ import annotations

import argparse
import signal
import sys
import threading
from types import FrameType

from simulator.dispatch import Settings
from simulator.exchange import Exchange
from simulator.server import LOOPBACK, PortInUse, bind

DEFAULT_TARGET = "http://127.0.0.1:8000/index.php?module=callcenter&action=call&provider=placetel"
DEFAULT_SECRET = "simulator-shared-secret"
DEFAULT_API_KEY = "simulator-api-key"
#: So long a wish to end waits at most.
LOOK_SECONDS = 0.2


def _arguments(given: list[str] | None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(
        prog="python -m simulator", description="Simulator – kein echtes Placetel. Listens on this machine only."
    )
    parser.add_argument("--host", default="127.0.0.1", help="a loopback address (default 127.0.0.1)")
    parser.add_argument("--port", type=int, default=8099, help="default 8099; 0 takes a free one")
    parser.add_argument("--target", default=DEFAULT_TARGET, help="the URL that receives the notifications")
    parser.add_argument("--secret", default=DEFAULT_SECRET, help="shared secret of the signature; '' sends unsigned")
    parser.add_argument("--api-key", default=DEFAULT_API_KEY, help="the bearer key that /v2 accepts")
    arguments = parser.parse_args(given)
    if arguments.host not in LOOPBACK:
        parser.error("the simulator listens on loopback only (127.0.0.1, localhost, ::1)")
    return arguments


def main(given: list[str] | None = None) -> int:
    """Runs until Ctrl-C or SIGTERM. The exit code."""
    arguments = _arguments(given)
    exchange = Exchange(Settings(arguments.target, arguments.secret, arguments.api_key))
    try:
        server = bind(exchange, arguments.host, arguments.port)
    except PortInUse:
        where = f"{arguments.host}:{arguments.port}"
        print(f"The simulator cannot start: {where} is in use or not available.", file=sys.stderr)
        return 1

    stopping = False

    def stop(_signal: int, _frame: FrameType | None) -> None:
        nonlocal stopping
        stopping = True

    signal.signal(signal.SIGTERM, stop)
    signal.signal(signal.SIGINT, stop)  # also where a shell started us in the background with SIGINT ignored
    shown = f"[{arguments.host}]" if ":" in arguments.host else arguments.host
    print(f"Simulator – kein echtes Placetel: http://{shown}:{server.port}/", flush=True)
    # Not in this thread: an interrupt there, just as a request is handed on, closes the request's connection under the
    # hands of the thread that answers it.
    serving = threading.Thread(target=server.serve_forever, daemon=True)
    serving.start()
    while serving.is_alive() and not stopping:
        # Not without end: a signal that comes just before the wait begins does not end it.
        serving.join(LOOK_SECONDS)
    exchange.stopping.set()
    server.shutdown()  # requests under way run in daemon threads, and are not waited for
    return 0


if __name__ == "__main__":
    sys.exit(main())
