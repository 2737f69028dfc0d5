"""The form that gives a caller's number to an address, as a browser uses it."""

from __future__ import annotations

import re
from collections.abc import Mapping
from html import unescape
from typing import Any

from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from app.modules.addresses.reading import get_address
from app.modules.addresses.records import AddressDetail, ContactInput, NumberInput
from app.modules.addresses.services import create_address
from tests.conftest import csrf_of
from tests.integration.callcenter.phone_system import CUSTOMER, PhoneSystem, call_id, the_call

DIALOG = {"HX-Request": "true"}
DIRECT = "0221471057"


def called(phones: PhoneSystem, caller: str = CUSTOMER) -> int:
    """A call; its own number here."""
    call = call_id()
    phones.incoming(call, caller=caller)
    return the_call(call).id


def address_of(address_id: int) -> AddressDetail:
    address = get_address(address_id)
    assert address is not None
    return address


def numbers_of(address_id: int) -> list[tuple[str, str, str, str]]:
    """Owner, number, kind and label of everything stored there."""
    address = address_of(address_id)
    return [
        (owner, number.raw, number.kind, number.label)
        for owner, numbers in ((address.name, address.numbers), *((one.name, one.numbers) for one in address.contacts))
        for number in numbers
    ]


def page(client: FlaskClient, path: str, **more: Any) -> str:
    answer = client.get(path, **more)
    assert answer.status_code == 200, path
    return unescape(answer.get_data(as_text=True))


class Form:
    """The form as a browser has it: hidden fields and choices as they stand on the page."""

    def __init__(self, client: FlaskClient, number: int, owner: str) -> None:
        self.client = client
        self.path = f"/callcenter/calls/{number}/number"
        self.read(page(client, f"{self.path}?owner={owner}"))

    def read(self, markup: str) -> None:
        form = re.search(r'<form method="post"[^>]*data-assign-form>.*?</form>', markup, re.DOTALL)
        assert form is not None, markup
        self.fields: dict[str, Any] = {}
        for tag in re.findall(r"<input[^>]*>", form.group()):
            given = dict(re.findall(r'([\w-]+)="([^"]*)"', tag))
            if given.get("type") == "radio":
                if tag.rstrip(">").endswith("checked"):
                    self.fields["who"] = given["value"]
            elif given["name"] == "holder":
                self.fields.setdefault("holder", []).append(given["value"])
            else:
                self.fields[given["name"]] = given.get("value", "")
        chosen = re.search(r'<option value="(\w+)" selected', form.group())
        assert chosen is not None
        self.fields["kind"] = chosen[1]

    def send(self, fields: Mapping[str, Any] | None = None, *, dialog: bool = False) -> TestResponse:
        return self.client.post(self.path, data={**self.fields, **(fields or {})}, headers=DIALOG if dialog else {})

    def saved(self, **fields: Any) -> dict[str, Any]:
        """What the dialog is told when it is done."""
        answer = self.send(fields, dialog=True)
        assert answer.status_code == 200, answer.get_data(as_text=True)
        told: dict[str, Any] = answer.get_json()
        return told

    def refused(self, status: int = 409, **fields: Any) -> str:
        """What is said instead; the form is read again as it came back."""
        answer = self.send(fields)
        assert answer.status_code == status, answer.status_code
        markup = unescape(answer.get_data(as_text=True))
        if "data-assign-form>" in markup:
            self.read(markup)
        return " ".join(
            re.findall(r'role="alert">(.*?)</div></div>|invalid-feedback d-block"[^>]*>(.*?)</div>', markup, re.DOTALL)[
                0
            ]
        )


def undo(client: FlaskClient, told: dict[str, Any]) -> str:
    fields = {**told["undo"]["fields"], "csrf_token": csrf_of(client)}
    answer = client.post(told["undo"]["url"], data=fields, headers=DIALOG)
    assert answer.status_code == 200
    message: str = answer.get_json()["message"]
    return message


def new_rheinwerk() -> int:
    """A company with a switchboard and two contacts."""
    return create_address(
        {"name": "Rheinwerk GmbH", "city": "Köln", "postcode": "50667"},
        [NumberInput("0221 4710-0")],
        [ContactInput("Max Muster", "Einkauf"), ContactInput("Eva Falk")],
    )


def contact_of(address_id: int, name: str) -> int:
    return next(one.id for one in address_of(address_id).contacts if one.name == name)
