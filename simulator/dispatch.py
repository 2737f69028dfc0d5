"""From the events of a call to letters: what the quirks make of them, and in which order they leave."""

from __future__ import annotations

import threading
from collections import deque
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime

from simulator import notify, numbers
from simulator.calls import Call, Event, Phase
from simulator.log import Delivery, Log
from simulator.quirks import Quirks

FALLBACK_EXTENSION = "23"
"""Told by the quirk extension_target when no line of ours was dialled: the vendor's example."""


@dataclass
class Settings:
    """Where notifications go and which secrets are shared with the application."""

    target: str
    secret: str
    api_key: str


@dataclass
class Subscription:
    """A webhook made through the API: JSON without a content type; nothing is known of a signature."""

    id: str
    service: str
    url: str
    incoming: bool
    outgoing: bool
    hungup: bool
    accepted: bool
    phone: bool
    numbers: list[str]

    def wants(self, event: str, line: str) -> bool:
        wanted = {
            "IncomingCall": self.incoming,
            "OutgoingCall": self.outgoing,
            "CallAccepted": self.accepted,
            "HungUp": self.hungup,
        }.get(event, False)
        return wanted and (not self.numbers or numbers.e164(line) in self.numbers)


@dataclass
class Outbox:
    """The letters of one call. They leave in the order in which they were put in, one after the other."""

    reorder: str = ""
    held: list[Delivery] = field(default_factory=list)
    unknown_event_sent: bool = False
    _waiting: deque[Delivery] = field(default_factory=deque)
    _sending: threading.Lock = field(default_factory=threading.Lock)

    def put(self, deliveries: Iterable[Delivery]) -> None:
        self._waiting.extend(deliveries)

    def flush(self, send: Callable[[Delivery], None]) -> None:
        """Returns when everything put in before has left, whoever sent it."""
        with self._sending:
            while self._waiting:
                send(self._waiting.popleft())

    def hold(self, deliveries: list[Delivery], *, ended: bool) -> list[Delivery]:
        """Keeps what is to be reordered; answers with what may leave now, in its order."""
        if not self.reorder:
            return deliveries
        self.held += deliveries
        order = [name.strip() for name in self.reorder.split(",")]
        present = {delivery.event for delivery in self.held}
        if not ended and (self.reorder == "reversed" or not present.issuperset(order)):
            for delivery in self.held:
                delivery.fate = "held"
            return []
        released, self.held = self.held, []
        if self.reorder == "reversed":
            released.reverse()
        else:
            released.sort(key=lambda one: order.index(one.event) if one.event in order else len(order))
            self.reorder = ""
        for delivery in released:
            delivery.fate = "waiting"
        return released


class Dispatch:
    """Makes letters of events and sends them."""

    def __init__(self, settings: Settings, quirks: Quirks, log: Log, clock: Callable[[], datetime]) -> None:
        self.settings = settings
        self.quirks = quirks
        self.log = log
        self.clock = clock
        self.subscriptions: dict[str, Subscription] = {}

    def prepare(
        self, call: Call, box: Outbox, events: Sequence[Event], extensions: Mapping[str, int]
    ) -> list[Delivery]:
        """Logs what is to be sent for these events and puts it into the call's outbox.

        extensions: our own numbers and SIP ids with the extension of each.
        """
        made: list[Delivery] = []
        for event in events:
            reason = self._why_not(call, event["event"])
            dressed = self._dress(call, event, extensions)
            delivery = self._delivery(dressed, self._letter(dressed))
            if reason:
                delivery.fate, delivery.reason = reason
                made.append(delivery)
                continue
            repeats = max(1, self.quirks.repeat_notifications) - 1
            again = [self._delivery(dressed, delivery.letter) for _ in range(repeats)]
            letters = [delivery, *again, *self._extra_event(call, box)]
            made += letters
            box.put(box.hold(letters, ended=call.phase is Phase.ENDED))
            box.put(self._for_subscribers(call, event, made))
        if call.phase is Phase.ENDED:
            box.put(box.hold([], ended=True))  # the last event may have been lost: nothing is held for ever
        for delivery in made:
            self.log.add(delivery)
        return made

    def send(self, delivery: Delivery) -> None:
        """Posts one letter and notes the answer."""
        delivery.answer = notify.post(delivery.letter)
        delivery.fate = "failed" if delivery.answer.status is None else "sent"
        self.log.touch()

    def raw(self, event: str, call_id: str | None, letter: notify.Letter) -> Delivery:
        """A letter made by hand: sent as it is, no quirk touches it."""
        delivery = Delivery(self.log.next_number(), self.clock(), event, call_id, letter)
        self.log.add(delivery)
        self.send(delivery)
        return delivery

    def _why_not(self, call: Call, event: str) -> tuple[str, str] | None:
        if self.quirks.platform != "PROFI":
            return "not_notified", "Webex for Placetel kennt kein Notify."
        if call.line in self.quirks.silent_numbers():
            return "not_notified", "Notify ist für diese Nummer ausgeschaltet."
        if call.direction == "out" and not call.caller:
            return "not_notified", "Ausgehende Anrufe ohne Rufnummernanzeige meldet Placetel nicht."
        if call.queue and event != "IncomingCall":
            return "not_notified", "Von Anrufen in Warteschlangen meldet Placetel nur den Beginn."
        if self.quirks.loses(event):
            return "lost", "Schalter: geht verloren."
        return None

    def _dress(self, call: Call, event: Event, extensions: Mapping[str, int]) -> dict[str, str]:
        quirks, params = self.quirks, dict(event)
        if quirks.sip_ids_in_from_to and call.direction == "out" and call.peer:
            params["from"] = call.peer
            params["to"] = call.inner or params["to"]
        if quirks.extension_target and call.direction == "out" and "@" not in params["to"]:
            params["to"] = str(extensions.get(params["to"], FALLBACK_EXTENSION))
        params["from"] = numbers.on_the_wire(params["from"], quirks.foreign_format)
        params["to"] = numbers.on_the_wire(params["to"], quirks.foreign_format)
        if quirks.omit_direction:
            params.pop("direction", None)
        if params["event"] == "HungUp":
            if quirks.duration_zero:
                params["duration"] = "0"
            if quirks.unknown_type:
                params["type"] = quirks.unknown_type
        return params

    def _extra_event(self, call: Call, box: Outbox) -> list[Delivery]:
        if not self.quirks.unknown_event or box.unknown_event_sent:
            return []
        box.unknown_event_sent = True
        params = self._dress(call, {**call.arrives(), "event": self.quirks.unknown_event}, {})
        return [self._delivery(params, self._letter(params))]

    def _letter(self, params: Mapping[str, str]) -> notify.Letter:
        quirks = self.quirks
        if quirks.json_body:
            body = notify.encode_json(params)
            content_type = notify.JSON if quirks.json_body == "with_content_type" else None
        else:
            body, content_type = notify.encode_form(params), notify.FORM
        signature = None
        if self.settings.secret and not quirks.no_signature:
            signature = notify.sign(self.settings.secret + ("?" if quirks.wrong_signature else ""), body)
        return notify.Letter(self.settings.target, body, content_type, signature)

    def _for_subscribers(self, call: Call, event: Event, made: list[Delivery]) -> list[Delivery]:
        letters = [
            self._delivery(event, notify.Letter(subscription.url, notify.encode_json(event), None, None))
            for subscription in list(self.subscriptions.values())
            if subscription.wants(event["event"], call.line)
        ]
        made += letters
        return letters

    def _delivery(self, params: Mapping[str, str], letter: notify.Letter) -> Delivery:
        return Delivery(self.log.next_number(), self.clock(), params["event"], params["call_id"], letter)
