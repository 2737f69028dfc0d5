"""Whoever calls, or types a name, may send HTML and scripts: every page shows them as text, and no answer runs them."""

from __future__ import annotations

from html import unescape

import pytest
from flask import Flask

from app.core.accounts import service
from app.core.accounts.models import ADMINISTRATOR
from app.modules.addresses.note_services import NoteInput, create_note
from app.modules.addresses.records import ContactInput, NumberInput
from app.modules.addresses.services import create_address
from app.modules.callcenter import configuring, connecting, groups
from app.modules.callcenter.configuring import Listed
from app.modules.callcenter.connections import address
from app.modules.callcenter.providers.base import PbxLine, PbxUser
from tests.conftest import PASSWORD, logged_in_client
from tests.integration.callcenter.phone_system import ANNA, CUSTOMER, LINE, PhoneSystem, call_id, give_line
from tests.integration.core.furnished import ROUTES, furnish

PAGES = [route for route in ROUTES if route.method == "GET" and not route.is_api]
#: What would run if it were taken for markup, as an element, out of an attribute, and out of a template of Jinja's.
HOSTILE = (
    "<script>hit()</script>",
    '"><img src=x onerror=hit()>',
    "'><svg/onload=hit()>",
    "</textarea></title><script>hit()</script>",
    "{{ 'zq' * 4 }}",
)
#: None of our own pages has these.
RUNS = ("<script>hit", "<img src=x", "<svg/onload", "zqzqzqzq")


def told(name: str) -> list[dict[str, str]]:
    """Notifications with this text in each field that a caller, or whoever he calls, decides on."""
    right = {"from": CUSTOMER, "to": LINE, "direction": "in"}
    calls: list[dict[str, str]] = []
    for field in ("from", "to", "direction"):
        calls.append({"event": "IncomingCall", "call_id": call_id(), **right, field: name})
    calls.append({"event": "CallAccepted", "call_id": call_id(), **right, "peer": name})
    calls.append({"event": "OutgoingCall", "call_id": call_id(), "from": LINE, "to": name, "peer": ANNA})
    calls.append({"event": "OutgoingCall", "call_id": call_id(), "from": name, "to": CUSTOMER, "peer": name})
    calls.append({"event": "HungUp", "call_id": call_id(), **right, "type": name, "duration": name})
    calls.append({"event": "IncomingCall", "call_id": name, **right})
    calls.append({"event": name, "call_id": call_id(), **right})
    return calls


def told_as_cti(name: str) -> list[dict[str, str]]:
    """The same through the generic CTI, with what only that can tell."""
    right = {"event": "newCall", "direction": "in", "from": CUSTOMER, "to": LINE}
    answer = {**right, "event": "answer"}
    fields = [{**right, field: name} for field in ("event", "direction", "from", "to", "queue", "user", "callId")]
    fields += [{**answer, "answeringNumber": name}, {**answer, "user": name}]
    fields += [{**right, "event": "hangup", "cause": name}]
    return [{"callId": f"cti-{number}", **told} for number, told in enumerate(fields)]


def hostile_names(app: Flask, name: str, user_id: int) -> None:
    """The same text as the name of everything that has one."""
    service.update_user(user_id, name=name[:200])
    stored = create_address(
        {"name": name, "city": name, "street": name},
        [NumberInput(CUSTOMER, label=name)],
        [ContactInput(name, numbers=(NumberInput("0171 3920002"),))],
        by=user_id,
    )
    create_note(NoteInput(name, name, address_id=stored), by=user_id)
    give_line(app, user_id, number="03023125101", key="+493023125101", name=name)
    groups.store(None, name, [user_id])
    configuring.remember(Listed((PbxUser(uid=ANNA, name=name, type=name, extension="23"),), (PbxLine(LINE, name),)))


@pytest.mark.parametrize("name", HOSTILE)
def test_no_page_takes_what_somebody_sent_for_markup(app: Flask, name: str) -> None:
    values = furnish(app)
    admin = service.create_user("admin", PASSWORD, ADMINISTRATOR)
    hostile_names(app, name, admin)
    phones = PhoneSystem(app)
    for fields in told(name):
        phones.tell(fields.pop("event"), fields.pop("call_id"), **fields)
    post = app.test_client().post
    where = address(connecting.add("cti", name[:80]), "")
    assert [post(where, json=event).status_code for event in told_as_cti(name)].count(200) > 3
    client = logged_in_client(app, admin)
    shown = 0
    for route in PAGES:
        answer = client.get(route.at(values), buffered=True)
        assert answer.status_code < 500, route
        if not (answer.content_type or "").startswith("text/html"):
            # A table or JSON: never taken for a page.
            assert answer.headers["X-Content-Type-Options"] == "nosniff", route
            continue
        page = answer.get_data(as_text=True)
        assert not [one for one in RUNS if one in page], route
        shown += name in unescape(page)
    # Shown it is, as text: in the head of each page at least, where the user's own name stands.
    assert shown > 10
