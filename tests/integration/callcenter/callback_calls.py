"""Calls that make and settle call-backs, and what is open then."""

from __future__ import annotations

from flask.testing import FlaskClient

from app.modules.callcenter import callback_tasks
from app.modules.callcenter.callback_tasks import Task
from tests.integration.callcenter.phone_system import CUSTOMER, EVERYTHING, PhoneSystem, call_id


def open_tasks() -> list[Task]:
    return callback_tasks.listed("open", EVERYTHING)[0]


def done_tasks() -> list[Task]:
    return callback_tasks.listed("done", EVERYTHING)[0]


def miss(phones: PhoneSystem, caller: str = CUSTOMER, kind: str = "missed") -> str:
    call = call_id()
    phones.incoming(call, caller=caller)
    phones.hung_up(call, type=kind, duration="0", **{"from": caller})
    return call


def talk(phones: PhoneSystem, caller: str = CUSTOMER) -> str:
    call = call_id()
    phones.incoming(call, caller=caller)
    phones.accepted(call, caller=caller)
    phones.hung_up(call, duration="30", **{"from": caller})
    return call


def main_of(client: FlaskClient, path: str) -> str:
    return client.get(path).get_data(as_text=True).partition("<main")[2].partition("</main>")[0]


def call_back(phones: PhoneSystem, kind: str = "accepted", duration: str = "30", target: str = CUSTOMER) -> str:
    call = call_id()
    phones.outgoing(call, target=target)
    phones.hung_up(call, type=kind, duration=duration, direction="out", **{"from": "03023125100", "to": target})
    return call
