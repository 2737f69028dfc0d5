"""``/metrics``: the figures for Prometheus, for those who may read them; and what core itself counts."""

from __future__ import annotations

import hmac
import ipaddress
from collections.abc import Mapping

from flask import Blueprint, Response, current_app, request

from app.core.accounts.access import public
from app.core.hosts import any_host
from app.core.kernel import Kernel
from app.core.metrics import CONTENT_TYPE, Family

SOCKETS = Family("durchwahl_sockets", "gauge", "Browsers that are connected.")
SOCKETS_MOST = Family("durchwahl_sockets_most", "gauge", "Browsers that may be connected.")
CONNECTIONS = Family(
    "durchwahl_database_connections", "gauge", "Connections to the database by pool and state.", ("pool", "state")
)

blueprint = Blueprint("metrics", __name__)


@blueprint.get("/metrics")
@public
@any_host
def show() -> Response:
    """All workers' figures; 403 for whoever neither comes from a permitted address nor brings the token."""
    kernel: Kernel = current_app.extensions["durchwahl"]
    if not _may_read(kernel):
        refused = Response("Refused: METRICS_TOKEN or METRICS_FROM says who may read this.\n", 403)
        refused.content_type = "text/plain; charset=utf-8"
        return refused
    return Response(kernel.figures.text(), content_type=CONTENT_TYPE)


def _may_read(kernel: Kernel) -> bool:
    config = kernel.config
    if config.metrics_token:
        scheme, _, token = request.headers.get("Authorization", "").partition(" ")
        if scheme.lower() == "bearer" and hmac.compare_digest(token.strip().encode(), config.metrics_token.encode()):
            return True
    if not config.proxy_hops and "X-Forwarded-For" in request.headers:
        # A proxy that nobody told us of: the address is its own, and the whole world might stand behind it.
        return False
    try:
        address = ipaddress.ip_address((request.remote_addr or "").partition("%")[0])
    except ValueError:
        return False
    mapped = getattr(address, "ipv4_mapped", None)
    return any((mapped or address) in network for network in config.metrics_from)


def install(kernel: Kernel) -> None:
    """Register the page, and the gauges of core."""
    kernel.app.register_blueprint(blueprint)
    realtime, database = kernel.realtime, kernel.database

    def connections() -> Mapping[tuple[str, ...], float]:
        found: dict[tuple[str, ...], float] = {}
        for name, engine in zip(("main", "ahead"), database.engines, strict=True):
            pool = engine.pool
            for state in ("checkedout", "checkedin"):
                words = {"checkedout": "in_use", "checkedin": "idle"}
                found[name, words[state]] = float(getattr(pool, state)())
        return found

    kernel.metrics.gauge(SOCKETS, lambda: {(): float(realtime.open_sockets)})
    kernel.metrics.gauge(SOCKETS_MOST, lambda: {(): float(kernel.config.max_sockets)})
    kernel.metrics.gauge(CONNECTIONS, connections)
