"""Somebody who has called for years, with all that a telephone leaves behind, to be told of and to be removed.

Put into a database that is filled already. Each has a number of his own, so that the next run finds nothing of him.
"""

from __future__ import annotations

import json
import secrets
from collections.abc import Iterator, Sequence
from datetime import datetime, timedelta
from typing import Any, cast

from sqlalchemy import Table, insert, select
from sqlalchemy.orm import Session

from app.core.database import transaction
from app.modules.addresses.models import Contact, Note
from app.modules.addresses.records import ContactInput, NumberInput
from app.modules.addresses.services import create_address
from app.modules.callcenter.models import FIRST_CONNECTION, Callback, CallEventRow, DialOrderRow, Notification
from benchmarks.large import calls
from benchmarks.large.bulk import store_in_all

EVENT, NOTIFICATION, NOTE, ORDER, CALLBACK = (
    cast(Table, model.__table__) for model in (CallEventRow, Notification, Note, DialOrderRow, Callback)
)
#: Reports of a call, each with its notification.
REPORTS = ("started", "answered", "ended")
#: One call in so many has a note; was dialled by click; was called back.
NOTED, ORDERED, CALLED_BACK = 10, 10, 20
BATCH = 1000
#: Notes about others and orders to dial others that a database holds besides.
OTHERS = 100_000
_BODY = "event=IncomingCall&call_id={call}&from={number}&to=%2B498999998000&direction=in&to_number=%2B498999998000"


def put_others_in(urls: Sequence[str], now: datetime, calls_there: int) -> None:
    """Notes and orders that are about nobody who is removed: what a statement without an index would read."""
    count = min(OTHERS, calls_there)
    store_in_all(urls, [NOTE, ORDER], _others(count, now))


def _others(count: int, now: datetime) -> Iterator[dict[Table, list[dict[str, Any]]]]:
    for start in range(1, count + 1, BATCH):
        places = range(start, min(start + BATCH, count + 1))
        number = "+493023125{:06}"
        notes = [{**_note(now, number.format(one)), "id": one} for one in places]
        orders = [{**_order(now, number.format(one)), "id": one} for one in places]
        yield {NOTE: notes, ORDER: orders}


def put_in(calls_each: int, now: datetime) -> str:
    """Somebody with so many calls; returns the key by which he is told of and removed."""
    e164 = f"+4930231258{secrets.randbelow(10**6):06}"
    name = f"Xaver Quendelbach-{secrets.token_hex(3)}"
    address_id = create_address({"name": "Muster Werkzeugbau"}, [], [ContactInput(name, numbers=(NumberInput(e164),))])
    with transaction() as session:
        contact_id = session.execute(select(Contact.id).where(Contact.address_id == address_id)).scalar_one()
    party = {
        "remote_raw": e164,
        "remote_e164": e164,
        "grade": "exact",
        "matches": json.dumps([_match(address_id, contact_id, name, e164)], ensure_ascii=False),
        "address_id": address_id,
        "contact_id": contact_id,
    }
    for start in range(0, calls_each, BATCH):
        rows = [_call(now, place, calls_each, party) for place in range(start, min(start + BATCH, calls_each))]
        with transaction() as session:
            _store(session, rows, e164, now)
    return f"contact-{contact_id}"


def _store(session: Session, rows: list[dict[str, Any]], e164: str, now: datetime) -> None:
    connection = session.connection()
    result = connection.execute(insert(calls.CALL).returning(calls.CALL.c.id, sort_by_parameter_order=True), rows)
    ids = [row.id for row in result]
    connection.execute(insert(EVENT), [_report(one, kind, e164, now) for one in ids for kind in REPORTS])
    connection.execute(insert(NOTIFICATION), [_notification(one, e164, now) for one in ids for _kind in REPORTS])
    owner = {"address_id": rows[0]["address_id"], "contact_id": rows[0]["contact_id"]}
    connection.execute(insert(NOTE), [{**_note(now, e164), **owner, "origin": f"call:{one}"} for one in ids[::NOTED]])
    orders = [{**_order(now, e164), "call_id": one} for one in ids[::ORDERED]]
    connection.execute(insert(ORDER), orders)
    connection.execute(insert(CALLBACK), [{**_callback(now, e164), **owner} for _one in ids[::CALLED_BACK]])


def _call(now: datetime, place: int, count: int, party: dict[str, Any]) -> dict[str, Any]:
    began = now - calls.MONTHS * ((place + 1) / (count + 1))
    return {
        "connection": FIRST_CONNECTION,
        "provider": FIRST_CONNECTION,
        "external_id": f"his-{secrets.token_hex(8)}",
        "version": 3,
        "direction": "in",
        "phase": "ended",
        "outcome": "accepted",
        "missed": False,
        "line_raw": calls.line_of(0),
        "line_key": calls.line_of(0),
        "peer": calls.account_of(1),
        "answered_by": json.dumps([calls.account_of(1)]),
        "user_id": 1,
        "received_at": began,
        "answered_at": began + timedelta(seconds=8),
        "ended_at": began + timedelta(seconds=128),
        "waiting_seconds": 8,
        "talk_seconds": 120,
        "remote_kind": "dialable",
        **party,
    }


def _match(address_id: int, contact_id: int, name: str, e164: str) -> dict[str, Any]:
    return {
        "grade": "exact",
        "address_id": address_id,
        "contact_id": contact_id,
        "name": name,
        "company": "Muster Werkzeugbau",
        "customer_number": None,
        "number": e164,
        "label": "",
        "extension": "",
        "archived": False,
        "path": f"/addresses/{address_id}",
    }


def _report(call_id: int, kind: str, e164: str, now: datetime) -> dict[str, Any]:
    report = {"call_id": call_id, "kind": kind, "content": secrets.token_hex(16), "received_at": now}
    return {**report, "direction": "in", "remote": e164, "line": calls.line_of(0)}


def _notification(call_id: int, e164: str, now: datetime) -> dict[str, Any]:
    body = _BODY.format(call=call_id, number=e164.replace("+", "%2B")).encode()
    return {
        "connection": FIRST_CONNECTION,
        "provider": FIRST_CONNECTION,
        "received_at": now,
        "remote_addr": "192.0.2.1",
        "query": "",
        "headers": "{}",
        "body": body,
        "state": "processed",
        "call_id": call_id,
    }


def _note(now: datetime, e164: str) -> dict[str, Any]:
    return {
        "subject": "Angebot über zwei Kisten",
        "text": "Die Kisten kommen am Donnerstag, die Rechnung mit ihnen. " * 4,
        "number_raw": e164,
        "number_e164": e164,
        "occurred_at": now,
        "created_at": now,
        "updated_at": now,
    }


def _order(now: datetime, e164: str) -> dict[str, Any]:
    return {
        "connection": FIRST_CONNECTION,
        "user_id": 1,
        "idempotency_key": secrets.token_hex(16),
        "target_raw": e164,
        "target_e164": e164,
        "state": "accepted",
        "created_at": now,
    }


def _callback(now: datetime, e164: str) -> dict[str, Any]:
    return {
        "kind": "manual",
        "state": "done",
        "number_raw": e164,
        "e164": e164,
        "party": e164,
        "name": "Xaver Quendelbach",
        "reason": "bittet um Rückruf",
        "wanted_at": now,
        "created_at": now,
        "done_at": now,
    }
