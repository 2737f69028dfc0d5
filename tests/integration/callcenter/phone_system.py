"""A telephone system for tests: posts signed notifications as Placetel does."""

from __future__ import annotations

import hmac
import itertools
import json
from hashlib import sha256
from typing import Any
from urllib.parse import urlencode

from flask import Flask
from werkzeug.test import TestResponse

from app.core.database import reading, transaction
from app.modules.callcenter.accounts import SETUP_VERSION
from app.modules.callcenter.domain.visibility import Watcher
from app.modules.callcenter.filing import REPORT
from app.modules.callcenter.inbox import NOTIFICATION
from app.modules.callcenter.models import FIRST_CONNECTION, Account, Line, LineUser
from app.modules.callcenter.settings import ConnectionSettings
from app.modules.callcenter.stored import CALL, StoredCall, stored

SECRET = "shared-secret-for-tests"
#: Of a second Placetel, whose address is this one and its token.
OTHER_SECRET = "the-secret-of-the-other-one"
WEBHOOK = "/callcenter/webhook/placetel"
URL = "/index.php?module=callcenter&action=call&provider=placetel"
CUSTOMER = "01713920001"
CUSTOMER_E164 = "+491713920001"
LINE = "03023125100"
LINE_E164 = "+493023125100"
ANNA, BEN = "7771000001@fpbx.de", "7771000002@fpbx.de"
#: Somebody who sees every call.
EVERYTHING = Watcher(0, True, True, True, "all", frozenset(), frozenset())
_ids = itertools.count(1)


def call_id() -> str:
    """A call id of its own, shaped as Placetel's."""
    return sha256(str(next(_ids)).encode()).hexdigest()


def sign(body: bytes, secret: str = SECRET) -> str:
    return hmac.new(secret.encode(), body, sha256).hexdigest()


class PhoneSystem:
    """Posts to one application, to its first connection unless told otherwise."""

    def __init__(self, app: Flask, secret: str = SECRET, url: str = URL) -> None:
        self.app = app
        self.client = app.test_client()
        self.secret = secret
        self.url = url

    def post(self, body: bytes, signature: str | None = "", url: str = "", **more: Any) -> TestResponse:
        """A request; signed rightly unless told otherwise."""
        headers = dict(more.pop("headers", {}))
        url = url or self.url
        if signature is not None:
            headers["X-PLACETEL-SIGNATURE"] = signature or sign(body, self.secret)
        more.setdefault("content_type", "application/x-www-form-urlencoded")
        return self.client.post(url, data=body, headers=headers, **more)

    def tell(self, event: str, call: str, **fields: str) -> TestResponse:
        """A notification with its fields in alphabetical order."""
        answer = self.post(urlencode(sorted({"event": event, "call_id": call, **fields}.items())).encode())
        assert answer.status_code == 200
        return answer

    def incoming(self, call: str, caller: str = CUSTOMER, line: str = LINE) -> TestResponse:
        return self.tell("IncomingCall", call, **{"from": caller, "to": line, "direction": "in"})

    def accepted(self, call: str, peer: str = ANNA, caller: str = CUSTOMER, line: str = LINE) -> TestResponse:
        return self.tell("CallAccepted", call, **{"from": caller, "to": line, "direction": "in", "peer": peer})

    def hung_up(self, call: str, type: str = "accepted", duration: str = "42", **more: str) -> TestResponse:
        fields = {"from": CUSTOMER, "to": LINE, "direction": "in", "type": type, "duration": duration, **more}
        return self.tell("HungUp", call, **fields)

    def outgoing(self, call: str, peer: str = ANNA, target: str = CUSTOMER) -> TestResponse:
        return self.tell("OutgoingCall", call, **{"from": LINE, "to": target, "direction": "out", "peer": peer})


def configure(app: Flask, secret: str | None = SECRET) -> None:
    """Set the shared secret."""
    settings = app.extensions["durchwahl"].settings
    with transaction() as session:
        settings.save(session, ConnectionSettings, {"shared_secret": secret}, part=FIRST_CONNECTION)


def give_account(app: Flask, user_id: int, uid: str) -> None:
    with transaction() as session:
        session.add(Account(connection=FIRST_CONNECTION, uid=uid, user_id=user_id, position=0))
        app.extensions["durchwahl"].versions.bump(session, SETUP_VERSION)


def give_line(app: Flask, *user_ids: int, number: str = LINE, key: str = LINE_E164, name: str = "Zentrale") -> None:
    with transaction() as session:
        line = Line(connection=FIRST_CONNECTION, number=number, key=key, name=name)
        session.add(line)
        session.flush()
        session.add_all(LineUser(line_id=line.id, user_id=user_id) for user_id in user_ids)
        app.extensions["durchwahl"].versions.bump(session, SETUP_VERSION)


def all_calls() -> list[StoredCall]:
    with reading() as session:
        return [stored(row) for row in session.execute(CALL.select().order_by(CALL.c.id)).mappings()]


def the_call(call: str | None = None) -> StoredCall:
    """The call with this id, or the only one."""
    found = [row for row in all_calls() if call is None or row.external_id == call]
    assert len(found) == 1, f"{len(found)} calls"
    return found[0]


def notifications() -> list[dict[str, Any]]:
    with reading() as session:
        rows = session.execute(NOTIFICATION.select().order_by(NOTIFICATION.c.id)).mappings()
        return [{str(name): value for name, value in row.items()} for row in rows]


def reports() -> list[dict[str, Any]]:
    with reading() as session:
        rows = session.execute(REPORT.select().order_by(REPORT.c.id)).mappings()
        return [{str(name): value for name, value in row.items()} for row in rows]


def matches_of(call: StoredCall) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = json.loads(call.matches)
    return found
