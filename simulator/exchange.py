"""The simulated telephone exchange: its phones, its calls, and everything a person can do with them."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime

from simulator import call_control, numbers, phones
from simulator.calls import Call, Event, NotPossible, Phase, new_call_id
from simulator.dispatch import Dispatch, Outbox, Settings
from simulator.log import Delivery, Log
from simulator.phones import Line, SipUser
from simulator.quirks import Quirks

CALLS_KEPT = 2000
CALLEE = frozenset({"busy", "unavailable", "canceled", "congestion", "missed", "voicemail"})
"""What can happen at the other side of an outgoing call, beside answering."""

_PRESENCE = ("talking", "dialling", "click_to_dial", "ringing")
"""What a phone does, the most present first."""


class Unknown(LookupError):
    """No such call, phone or record. The text is for people."""


@dataclass(frozen=True)
class Outcome:
    """What an action did: the call and the notifications it caused, which are still to be delivered."""

    call: Call
    deliveries: Sequence[Delivery]
    box: Outbox


def utc_now() -> datetime:
    """The present time, aware."""
    return datetime.now(UTC)


class Exchange:
    """One lock guards all state. Actions answer with an Outcome; `deliver` posts it, outside of the lock."""

    def __init__(
        self,
        settings: Settings,
        *,
        sip_users: Iterable[SipUser] = phones.SIP_USERS,
        lines: Iterable[Line] = phones.LINES,
        clock: Callable[[], datetime] = utc_now,
    ) -> None:
        self.sip_users = {user.sipuid: user for user in sip_users}
        self.lines = {line.number: line for line in lines}
        self.settings = settings
        self._first_settings = replace(settings)
        self.clock = clock
        self.quirks = Quirks()
        self.log = Log()
        self.dispatch = Dispatch(settings, self.quirks, self.log, clock)
        self.stopping = threading.Event()
        self._lock = threading.RLock()
        self._calls: dict[str, Call] = {}
        self._boxes: dict[str, Outbox] = {}
        self._next_id = 1

    # What can be seen

    def calls(self) -> list[Call]:
        """All calls, oldest first."""
        with self._lock:
            return list(self._calls.values())

    def call(self, call_id: str) -> Call:
        """The call of that id. Raises Unknown."""
        with self._lock:
            if call_id not in self._calls:
                raise Unknown(f"Diesen Anruf gibt es nicht: {call_id}")
            return self._calls[call_id]

    def sip_user(self, sipuid: str) -> SipUser:
        """The phone of that SIP id. Raises Unknown."""
        if sipuid not in self.sip_users:
            raise Unknown(f"Dieses Telefon gibt es nicht: {sipuid}")
        return self.sip_users[sipuid]

    def calls_of(self, sipuid: str) -> list[tuple[str, Call]]:
        """The live calls of a phone with what the phone does in each, the most present one first."""
        found = []
        for call in self.calls():
            state = _state_at(call, sipuid)
            if state is not None:
                found.append((state, call))
        found.sort(key=lambda pair: _PRESENCE.index(pair[0]))
        return found

    # What the outside world does

    def incoming(
        self,
        caller: str,
        called: str,
        *,
        ring: Iterable[str] | None = None,
        call_id: str | None = None,
    ) -> Outcome:
        """Somebody calls one of our numbers. Raises NotANumber, Unknown, NotPossible (call id in use)."""
        caller, called = numbers.canonical(caller or numbers.ANONYMOUS), numbers.canonical(called)
        line = self.lines.get(called)
        ringing = set(ring) if ring is not None else set(line.rings if line else ())
        for sipuid in ringing:
            self.sip_user(sipuid)
        with self._lock:
            call = self._new("in", caller, called, call_id)
            call.waits = ring is None and called in self.quirks.external_numbers()
            call.ringing, call.queue = set() if call.waits else ringing, self.quirks.queue_call
            return self._done(call, [call.arrives()])

    def end(self, call_id: str, outcome: str | None = None, duration: int | None = None) -> Outcome:
        """The call ends. Raises Unknown, NotPossible."""
        with self._lock:
            call = self.call(call_id)
            return self._done(call, [call.end(self.clock(), outcome, duration)])

    def callee(self, call_id: str, does: str) -> Outcome:
        """The other side of an outgoing call answers, or one of CALLEE happens. Raises Unknown, NotPossible.

        Placetel notifies the end only.
        """
        with self._lock:
            call = self.call(call_id)
            if call.direction != "out" or call.phase is not Phase.RINGING:
                raise NotPossible("Bei der Gegenstelle klingelt es nicht.")
            if does == "answer":
                call.is_answered(self.clock())
                return self._done(call, [])
            if does not in CALLEE:
                raise NotPossible(f"Das kann die Gegenstelle nicht: {does!r}")
            return self._done(call, [call.end(self.clock(), does)])

    # What happens at our phones

    def accept(self, call_id: str, sipuid: str) -> Outcome:
        """A phone of ours takes the call. Raises Unknown, NotPossible."""
        self.sip_user(sipuid)
        with self._lock:
            call = self.call(call_id)
            return self._done(call, [call.accept(sipuid, self.clock())])

    def pick_up(self, sipuid: str) -> Outcome:
        """The receiver is lifted at a ringing phone. Raises Unknown, NotPossible."""
        self.sip_user(sipuid)
        with self._lock:
            for state, call in self.calls_of(sipuid):
                if state == "click_to_dial":
                    return self._dial(call)
                if state == "ringing" and call.direction == "in":
                    return self._done(call, [call.accept(sipuid, self.clock())])
                if state == "ringing":
                    call.is_answered(self.clock())
                    return self._done(call, [])
            raise NotPossible("Dieses Telefon klingelt nicht.")

    def put_down(self, sipuid: str) -> Outcome:
        """The receiver is put down, or a ringing call is declined. Raises Unknown, NotPossible."""
        self.sip_user(sipuid)
        with self._lock:
            for state, call in self.calls_of(sipuid):
                if state == "ringing":
                    call.decline(sipuid)
                    if call.ringing:
                        return self._done(call, [])
                    refused = "missed" if call.direction == "in" else "busy"
                    return self._done(call, [call.end(self.clock(), refused)])
                return self._done(call, [call.end(self.clock())])
            raise NotPossible("An diesem Telefon ist kein Anruf.")

    def dial_by_hand(self, sipuid: str, target: str, *, call_id: str | None = None) -> Outcome:
        """A number is dialled on the phone itself. Raises Unknown, NotANumber, NotPossible."""
        with self._lock:
            return self._dial(self._outgoing(sipuid, target, None, call_id))

    def click_to_dial(self, sipuid: str, target: str, from_name: str | None = None) -> Call:
        """The Web API asks: the phone rings, nothing is notified yet. Raises as `dial_by_hand`."""
        with self._lock:
            call = self._outgoing(sipuid, target, from_name, None)
            call.phase, call.ringing = Phase.OWN_PHONE, {sipuid}
            self.log.touch()
            return call

    # What leaves the house

    def deliver(self, outcome: Outcome, *, wait: bool = True) -> Outcome:
        """Posts what an action caused, after whatever the same call still has to post.

        With `wait` it returns when all of it was answered, otherwise at once.
        """
        if wait:
            outcome.box.flush(self._send)
        else:
            threading.Thread(target=outcome.box.flush, args=(self._send,), daemon=True).start()
        return outcome

    def reset(self) -> None:
        """As just started: no calls, no log, no subscriptions, no quirks, the first settings."""
        with self._lock:
            self._calls.clear()
            self._boxes.clear()
            self.quirks.reset()
            self.dispatch.subscriptions.clear()
            self.log.clear()
            first = self._first_settings
            self.settings.target, self.settings.secret = first.target, first.secret
            self.settings.api_key = first.api_key

    # Inside

    def _send(self, delivery: Delivery) -> None:
        """Posts a letter; the answer to a call that waits for one decides it."""
        self.dispatch.send(delivery)
        with self._lock:
            call = self._calls.get(delivery.call_id or "")
            if call is None or not call.waits or delivery.event != "IncomingCall":
                return
            call.waits = False
            answer = delivery.answer
            plan = call_control.read(answer.status if answer else None, answer.body if answer else "")
            call.decision, call.queue = plan.words, call.queue or plan.queue
            if call.phase is not Phase.RINGING:
                return
            if plan.ends is not None:
                # Its letter joins those that are on their way already.
                self._done(call, [call.end(self.clock(), plan.ends)])
            elif plan.stages:
                self._ring(call, plan, 0)
            else:
                line = self.lines.get(call.called)
                call.ringing = set(line.rings if line else ())
            self.log.touch()

    def _ring(self, call: Call, plan: call_control.Plan, place: int) -> None:
        """A stage rings; the next one follows unless somebody has taken the call."""
        stage = plan.stages[place]
        call.ringing = {found for number in stage.numbers for found in self._telephones(number)}
        timer = threading.Timer(stage.seconds, self._next_stage, (call.call_id, plan, place + 1))
        timer.daemon = True
        timer.start()

    def _next_stage(self, call_id: str, plan: call_control.Plan, place: int) -> None:
        with self._lock:
            call = self._calls.get(call_id)
            if call is None or call.phase is not Phase.RINGING or self.stopping.is_set():
                return
            if place < len(plan.stages):
                self._ring(call, plan, place)
                self.log.touch()
                return
            outcome = self._done(call, [call.end(self.clock(), "voicemail" if plan.voicemail else "missed")])
        self.deliver(outcome)

    def _telephones(self, number: str) -> set[str]:
        """Those of ours that ring for a number, an extension or a SIP user."""
        line = self.lines.get(number)
        if line is not None:
            return set(line.rings)
        return {
            user.sipuid for user in self.sip_users.values() if user.rings and number in (user.sipuid, str(user.did))
        }

    def _outgoing(self, sipuid: str, target: str, from_name: str | None, call_id: str | None) -> Call:
        user = self.sip_user(sipuid)
        if not user.rings:
            raise NotPossible("Ein Faxgerät kann nicht wählen.")
        called = numbers.canonical(target)
        if called == numbers.ANONYMOUS:
            raise numbers.NotANumber("Keine Rufnummer: anonymous")
        inner = self._inner(called)
        prefix = self.quirks.automatic_prefix.get(sipuid, "")
        if prefix and inner is None and not called.startswith("+"):
            called = prefix + called
        call = self._new("out", user.callerid, called, call_id)
        call.peer, call.from_name, call.inner = sipuid, from_name, inner
        return call

    def _inner(self, called: str) -> str | None:
        for user in self.sip_users.values():
            if user.rings and called in (str(user.did), user.sipuid):
                return user.sipuid
        line = self.lines.get(called)
        return line.rings[0] if line and line.rings else None

    def _dial(self, call: Call) -> Outcome:
        events: list[Event | None] = [call.is_dialled()]
        blocked = self.quirks.blocked_prefixes.get(call.peer or "", "")
        if any(call.called.startswith(prefix.strip()) for prefix in blocked.split(",") if prefix.strip()):
            events.append(call.end(self.clock(), "unavailable"))
        return self._done(call, events)

    def _new(self, direction: str, caller: str, called: str, call_id: str | None) -> Call:
        call_id = call_id or new_call_id()
        if call_id in self._calls:
            raise NotPossible("Diese Anrufnummer (call_id) gibt es schon.")
        call = Call(self._next_id, call_id, "in" if direction == "in" else "out", caller, called, self.clock())
        self._next_id += 1
        self._calls[call_id] = call
        self._boxes[call_id] = Outbox(reorder=self.quirks.reorder)
        if len(self._calls) > CALLS_KEPT:
            oldest = next(iter(self._calls))
            del self._calls[oldest], self._boxes[oldest]
        return call

    def _done(self, call: Call, events: Sequence[Event | None]) -> Outcome:
        box = self._boxes[call.call_id]
        happened = [event for event in events if event is not None]
        deliveries = self.dispatch.prepare(call, box, happened, self._extensions())
        self.log.touch()
        return Outcome(call, deliveries, box)

    def _extensions(self) -> dict[str, int]:
        own = {user.callerid: user.did for user in self.sip_users.values() if user.rings}
        return own | {str(user.did): user.did for user in self.sip_users.values()}


def _state_at(call: Call, sipuid: str) -> str | None:
    """What this phone does in this call; None if it has no part in it (any more)."""
    if call.phase is Phase.OWN_PHONE:
        return "click_to_dial" if call.peer == sipuid else None
    if call.phase is Phase.RINGING:
        if sipuid in call.ringing:
            return "ringing"
        return "dialling" if call.peer == sipuid else None
    if call.phase is Phase.TALKING:
        return "talking" if sipuid in (call.peer, call.inner) else None
    return None
