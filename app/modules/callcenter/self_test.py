"""Tries the whole way of a notification: signed and sent through the real address, to the browser of whoever asks.

Each step is told by itself, so that the first that fails names what is to be mended. What is sent reports no call.
"""

from __future__ import annotations

import re
import secrets
from base64 import b64encode
from collections.abc import Generator, Iterator
from dataclasses import dataclass, field
from typing import Any, Literal, cast

from flask import current_app
from sqlalchemy import select

from app.core.database import reading
from app.core.http import HttpError
from app.core.kernel import Kernel, ModuleSetup
from app.modules.callcenter import connection, connections, inbox, webhook_secrets
from app.modules.callcenter.connections import Connection
from app.modules.callcenter.domain.belonging import FIRST_CONNECTION
from app.modules.callcenter.events import TestHeard
from app.modules.callcenter.inbox import NOTIFICATION
from app.modules.callcenter.providers import registry
from app.modules.callcenter.providers.base import NotAuthentic, Posting, Testable

#: The message to a browser, with the token of the test.
MESSAGE = "selftest"
_TOKEN = re.compile(r"test-([0-9]{1,10})-[0-9a-f]{16}")
#: Among so many of the last notifications ours must be.
LOOKED_AT = 50


@dataclass(frozen=True, slots=True)
class Step:
    """What came of a part of the way. ``code`` becomes words, with ``params`` in them."""

    level: Literal["ok", "error"]
    code: str
    params: dict[str, Any] = field(default_factory=dict)


def install(setup: ModuleSetup) -> None:
    """Pass what has arrived on to the browser of whoever asked."""

    def tell(event: TestHeard) -> None:
        asked_by = _TOKEN.fullmatch(event.token)
        if asked_by:
            setup.kernel.realtime.emit(MESSAGE, {"token": event.token}, [int(asked_by[1])])

    setup.on(TestHeard, tell)


def can_test(one: Connection) -> bool:
    """Whether its kind can try the way of a notification."""
    kind = registry.provider_types().get(one.provider)
    return kind is not None and issubclass(kind.implementation, Testable)


def run(user_id: int, address: str, key: str = FIRST_CONNECTION) -> tuple[str, list[Step]]:
    """Send a test notification to ``address``, that of a connection; its token, and the steps up to a failure.

    The last step, that the browser hears, only the browser knows. Sends once, and waits for the answer.
    """
    token = f"test-{user_id}-{secrets.token_hex(8)}"
    return token, list(_steps(token, address, key))


def _steps(token: str, address: str, key: str) -> Iterator[Step]:
    provider = connection.provider_for(key)
    if provider is None or not isinstance(provider, Testable):
        yield Step("error", "no_webhook")
        return
    try:
        posting = cast(Testable, provider).test_request(token)
    except NotAuthentic as error:
        yield Step("error", error.code if connection.signs(connections.connection(key)) else "no_token")
        return
    yield Step("ok", "signed" if connection.signs(connections.connection(key)) else "built")
    status = yield from _sent(posting, address, key)
    if status is None:
        return
    with reading() as session:
        recent = session.execute(
            select(NOTIFICATION.c.state, NOTIFICATION.c.body).order_by(NOTIFICATION.c.id.desc()).limit(LOOKED_AT)
        ).all()
    state = next((row.state for row in recent if bytes(row.body) == posting.body), None)
    if state is None:
        yield Step("error", "stored_elsewhere", {"address": address})
        return
    yield Step("ok", "stored")
    understood = state in (inbox.PROCESSED, inbox.REPEATED)
    yield Step("ok", "understood") if understood else Step("error", "not_understood")


def _sent(posting: Posting, address: str, key: str) -> Generator[Step, None, int | None]:
    """Post it; the step, and returns the status where it was taken."""
    headers = dict(posting.headers)
    chosen = connection.own_settings(key)
    if webhook_secrets.demands_log_in(chosen) and chosen.webhook_password is not None:
        pair = f"{chosen.webhook_user}:{chosen.webhook_password.reveal()}".encode()
        headers["Authorization"] = f"Basic {b64encode(pair).decode()}"
    kernel: Kernel = current_app.extensions["durchwahl"]
    try:
        answer = kernel.own_http.request("POST", address, headers=headers, body=posting.body)
    except HttpError as error:
        code = "timeout" if error.timed_out else "broken" if error.may_have_arrived else "unreachable"
        yield Step("error", code, {"address": address, "reason": str(error)})
        return None
    if answer.status == 200:
        yield Step("ok", "taken", {"address": address})
        return answer.status
    code = f"status_{answer.status}" if answer.status in (401, 403, 404, 405, 413, 429, 503) else "status"
    if answer.status in (401, 403) and not connection.signs(connections.connection(key)):
        code = "wrong_token"
    if 300 <= answer.status < 400:
        code = "redirect" if connections.connection(key).provider == "placetel" else "redirects"
    yield Step("error", code, {"address": address, "status": answer.status})
    return None
