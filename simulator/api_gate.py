"""What every request to the simulated Web API passes: the key, the rate limit, the API's quirks, the log."""

from __future__ import annotations

import math
import socket
import threading
import time

from flask import Blueprint, Response, g, jsonify, request

from simulator.exchange import Exchange
from simulator.log import ApiRequest

_LOGGED_CHARS = 2000


class ApiError(Exception):
    """Answered as `{"error": "text"}` with this status."""

    def __init__(self, status: int, text: str) -> None:
        super().__init__(text)
        self.status = status
        self.text = text


class TokenBucket:
    """Placetel's kind of rate limit: a full bucket of tokens, one for each request, refilled steadily."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._tokens = math.inf
        self._filled_at = time.monotonic()

    def take(self, per_minute: int) -> tuple[bool, int, int]:
        """Takes a token if there is one. Answers (taken, tokens left, seconds until the bucket is full)."""
        with self._lock:
            now = time.monotonic()
            refill = (now - self._filled_at) * per_minute / 60
            self._tokens, self._filled_at = min(float(per_minute), self._tokens + refill), now
            taken = self._tokens >= 1
            if taken:
                self._tokens -= 1
            missing = per_minute - self._tokens
            return taken, int(self._tokens), math.ceil(missing * 60 / per_minute) if per_minute else 60


def guard(api: Blueprint, exchange: Exchange) -> None:
    """Puts the gate in front of every request of this blueprint."""
    bucket = TokenBucket()

    @api.before_request
    def _begin() -> Response | None:
        quirks = exchange.quirks
        g.began = time.perf_counter()
        g.body = request.get_data(as_text=True)[:_LOGGED_CHARS]
        if quirks.api_down:
            return _hang_up_connection()
        if quirks.api_slow:
            exchange.stopping.wait(quirks.api_slow)
        taken, g.tokens_left, g.full_in = bucket.take(quirks.api_rate_limit)
        if quirks.api_401 or request.headers.get("Authorization") != f"Bearer {exchange.settings.api_key}":
            raise ApiError(401, "Unauthorized")
        if quirks.api_403:
            raise ApiError(403, "Forbidden")
        if quirks.take_refusal() or not taken:
            g.tokens_left, g.full_in = 0, quirks.api_retry_after
            g.retry_after = quirks.api_retry_after
            raise ApiError(429, "Too Many Requests")
        return None

    @api.after_request
    def _finish(response: Response) -> Response:
        if "tokens_left" in g:
            response.headers["RateLimit-Remaining"] = str(g.tokens_left)
            response.headers["RateLimit-Reset"] = str(g.full_in)
        if "retry_after" in g:
            response.headers["Retry-After"] = str(g.retry_after)
        exchange.log.add(
            ApiRequest(
                exchange.log.next_number(),
                exchange.clock(),
                request.method,
                request.path,
                request.query_string.decode("ascii", "replace"),
                g.body,
                None if "hung_up" in g else response.status_code,
                round((time.perf_counter() - g.began) * 1000, 1),
            )
        )
        return response

    @api.errorhandler(ApiError)
    def _error(problem: ApiError) -> tuple[Response, int]:
        return jsonify({"error": problem.text}), problem.status


def _hang_up_connection() -> Response:
    """Closes the connection under the server, so that the client gets no answer at all."""
    g.hung_up = True
    connection = request.environ.get("werkzeug.socket")
    if isinstance(connection, socket.socket):
        connection.shutdown(socket.SHUT_RDWR)
    return Response(status=503)
