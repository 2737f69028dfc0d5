"""The two resources of the Web API that a client may write: contacts and subscriptions."""

from __future__ import annotations

import threading
from collections.abc import Mapping
from typing import Any

from flask import Blueprint, Response, jsonify, request

from simulator import numbers
from simulator.api_gate import ApiError
from simulator.dispatch import Subscription
from simulator.exchange import Exchange
from simulator.paging import page_of, placetel_time

Contact = dict[str, Any]

_NUMBER_FIELDS = ("phone_work", "mobile_work", "phone", "mobile", "fax", "fax_work")
_TEXT_FIELDS = (
    "first_name",
    "last_name",
    "email",
    "email_work",
    "company",
    "address",
    "address_work",
    *_NUMBER_FIELDS,
    "facebook_url",
    "linkedin_url",
    "xing_url",
    "twitter_account",
)
_FILTERS = (
    "speeddial",
    "first_name",
    "last_name",
    "company",
    "email",
    "email_work",
    "phone_work",
    "mobile_work",
    "phone",
    "mobile",
)
_EVENTS = ("incoming", "outgoing", "hungup", "accepted", "phone")


class Contacts:
    """The contacts of the account, in memory."""

    def __init__(self, exchange: Exchange) -> None:
        self._exchange = exchange
        self._lock = threading.Lock()
        self._records: dict[int, Contact] = {}
        self._next_id = 1

    def clear(self) -> None:
        with self._lock:
            self._records.clear()

    def all(self) -> list[Contact]:
        with self._lock:
            return list(self._records.values())

    def get(self, contact_id: int) -> Contact:
        with self._lock:
            if contact_id not in self._records:
                raise ApiError(404, "Contact not found")
            return self._records[contact_id]

    def create(self, given: Mapping[str, Any]) -> Contact:
        now = placetel_time(self._exchange.clock())
        with self._lock:
            contact: Contact = {"id": self._next_id, "user_id": 1, "speeddial": given.get("speeddial")}
            contact |= {name: str(given.get(name) or "") for name in _TEXT_FIELDS}
            contact |= {"blocked": bool(given.get("blocked", False)), "updated_at": now, "created_at": now}
            self._records[self._next_id] = contact
            self._next_id += 1
            return contact

    def change(self, contact_id: int, given: Mapping[str, Any]) -> Contact:
        contact = self.get(contact_id)
        with self._lock:
            contact |= {name: str(given[name] or "") for name in _TEXT_FIELDS if name in given}
            contact |= {name: given[name] for name in ("speeddial", "blocked") if name in given}
            contact["updated_at"] = placetel_time(self._exchange.clock())
            return contact

    def delete(self, contact_id: int) -> None:
        self.get(contact_id)
        with self._lock:
            self._records.pop(contact_id, None)

    def with_number(self, number: str) -> list[Contact]:
        """The contacts that have this number, in whatever form it is asked for."""
        try:
            wanted = numbers.e164(numbers.canonical(number))
        except numbers.NotANumber:
            return []
        if wanted is None:
            return []
        return [contact for contact in self.all() if wanted in (contact[name] for name in _NUMBER_FIELDS)]


def given_parameters() -> dict[str, Any]:
    """The body as JSON or as a form, as Grape takes both."""
    given = request.get_json(silent=True)
    if isinstance(given, dict):
        return given
    return dict(request.form.items())


def add_contacts(api: Blueprint, exchange: Exchange, contacts: Contacts) -> None:
    """GET/POST /contacts and GET/PUT/DELETE /contacts/{id}."""

    @api.get("/contacts")
    def _list_contacts() -> Response:
        found = contacts.all()
        if "search[number]" in request.args:
            found = contacts.with_number(request.args["search[number]"])
        for name in _FILTERS:
            wanted = request.args.get(f"filter[{name}]")
            if wanted is not None:
                found = [contact for contact in found if str(contact[name]) == wanted]
        return jsonify(page_of(found, fixed_size=exchange.quirks.api_page_size))

    @api.post("/contacts")
    def _create_contact() -> tuple[Response, int]:
        return jsonify(contacts.create(given_parameters())), 201

    @api.get("/contacts/<int:contact_id>")
    def _get_contact(contact_id: int) -> Response:
        return jsonify(contacts.get(contact_id))

    @api.put("/contacts/<int:contact_id>")
    def _change_contact(contact_id: int) -> Response:
        return jsonify(contacts.change(contact_id, given_parameters()))

    @api.delete("/contacts/<int:contact_id>")
    def _delete_contact(contact_id: int) -> tuple[str, int]:
        contacts.delete(contact_id)
        return "", 204


def add_subscriptions(api: Blueprint, exchange: Exchange) -> None:
    """GET/PUT /subscriptions and DELETE /subscriptions/{id}."""
    subscriptions = exchange.dispatch.subscriptions
    counter = iter(range(0x112BA1, 0x1FFFFFF))

    @api.get("/subscriptions")
    def _list_subscriptions() -> Response:
        # The label `service` is not among the fields of the vendor's sample.
        return jsonify(
            [
                {
                    "id": one.id,
                    "url": one.url,
                    **{name: getattr(one, name) for name in _EVENTS},
                    "numbers": one.numbers,
                }
                for one in list(subscriptions.values())
            ]
        )

    @api.put("/subscriptions")
    def _put_subscription() -> tuple[str, int]:
        given = given_parameters()
        missing = [f"{name} is missing" for name in ("service", "url") if not given.get(name)]
        if missing:
            raise ApiError(400, ", ".join(missing))
        service, url = str(given["service"]), str(given["url"])
        if not url.startswith(("http://", "https://")):
            raise ApiError(400, "url is invalid")
        same = [one.id for one in list(subscriptions.values()) if (one.service, one.url) == (service, url)]
        subscription_id = same[0] if same else f"sub-{next(counter):x}"
        subscriptions[subscription_id] = Subscription(
            subscription_id,
            service,
            url,
            **{name: bool(given.get(name, False)) for name in _EVENTS},
            numbers=[str(number) for number in given.get("numbers") or []],
        )
        return "", 200

    @api.delete("/subscriptions/<subscription_id>")
    def _delete_subscription(subscription_id: str) -> tuple[str, int]:
        if subscriptions.pop(subscription_id, None) is None:
            raise ApiError(404, "Subscription not found")
        return "", 204
