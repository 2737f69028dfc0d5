"""Placetel's Web API as the tests' HTTP client plays it: answers by path, as often as it is asked."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

from flask import Flask

from app.core.database import transaction
from app.core.http import HttpError, HttpFault, HttpResponse
from app.modules.callcenter.models import FIRST_CONNECTION
from app.modules.callcenter.settings import CallcenterSettings, ConnectionSettings
from tests.conftest import FakeHttp

KEY = "api-key-for-tests"
ANNA, BEN, FAX = "7771000001@fpbx.de", "7771000002@fpbx.de", "7771000009@fpbx.de"
ME = {"name": "Muster GmbH", "company": "Muster", "platform": "PROFI"}


def sip_user(uid: str, name: str, **more: Any) -> dict[str, Any]:
    record = {"id": uid[:10], "sipuid": uid, "name": name, "type": "standard", "did": uid[8:10], "online": True}
    return {**record, "callerid": "0302312510" + uid[9], **more}


USERS = [
    sip_user(ANNA, "Anna Schmidt", webuser={"email": "anna@muster.example"}),
    sip_user(BEN, "Ben Yilmaz"),
    sip_user(FAX, "Fax", type="fax", callerid=None, online=False),
]
NUMBERS = [{"id": 1, "number": "03023125100", "name": "Zentrale"}]


class WebApi:
    """What each path answers; change the attributes to make it answer otherwise."""

    def __init__(self, http: FakeHttp) -> None:
        self.http = http
        self.me: dict[str, Any] = dict(ME)
        self.users: list[dict[str, Any]] = list(USERS)
        self.numbers: list[dict[str, Any]] = list(NUMBERS)
        self.routings: list[dict[str, Any]] = []
        self.calls: list[dict[str, Any]] = []
        self.queue_calls: list[dict[str, Any]] = []
        self.records: list[dict[str, Any]] = []
        self.status: int | None = None
        self.fault: HttpFault | None = None
        self.dial: Callable[[], HttpResponse] = lambda: HttpResponse(201, {}, b"")
        http.answers = [self._answer] * 200

    def _answer(self, sent: dict[str, Any]) -> HttpResponse:
        if self.fault is not None:
            raise HttpError(self.fault, "scripted")
        if self.status is not None:
            return HttpResponse(self.status, {}, b'{"error": "scripted"}')
        path = sent["url"].rpartition("/v2")[2]
        if (sent["method"], path) == ("POST", "/calls"):
            return self.dial()
        if path == "/me":
            return _json(self.me)
        lists = {
            "/sip_users": self.users,
            "/numbers": self.numbers,
            "/routings": self.routings,
            "/calls": self.calls,
            "/call_center_calls": self.queue_calls,
            "/call_detail_records": self.records,
        }
        records = lists.get(path)
        if records is None:
            return HttpResponse(404, {}, b"")
        return _json(records if sent["params"]["page"] == "1" else [])

    @property
    def dialled(self) -> list[dict[str, Any]]:
        """The orders that reached the telephone system."""
        return [sent["json"] for sent in self.http.requests if sent["method"] == "POST"]

    @property
    def keys(self) -> set[str]:
        """The keys that were shown to it."""
        return {sent["headers"]["Authorization"].removeprefix("Bearer ") for sent in self.http.requests}


def _json(body: Any) -> HttpResponse:
    return HttpResponse(200, {"content-type": "application/json"}, json.dumps(body).encode())


def set_up(app: Flask, **values: Any) -> None:
    """Store settings; an API key unless told otherwise."""
    settings = app.extensions["durchwahl"].settings
    with transaction() as session:
        of_all = {name: values.pop(name) for name in list(values) if name in CallcenterSettings.__dataclass_fields__}
        settings.save(session, CallcenterSettings, of_all)
        settings.save(session, ConnectionSettings, {"api_key": KEY, **values}, part=FIRST_CONNECTION)
