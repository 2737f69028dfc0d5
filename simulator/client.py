"""A client of the control API, for tests that play the telephone system."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import requests


class SimulatorError(Exception):
    """The simulator refused: its status and its sentence."""

    def __init__(self, status: int, text: str) -> None:
        super().__init__(f"{status}: {text}")
        self.status = status


@dataclass(frozen=True)
class Done:
    """What an action did: the call's id and the notifications it caused, as the log has them."""

    call_id: str
    call: Mapping[str, Any]
    notifications: Sequence[Mapping[str, Any]]

    @property
    def statuses(self) -> list[int | None]:
        """The status the application answered to each notification; None where there was no answer."""
        return [notification["status"] for notification in self.notifications]


class SimulatorClient:
    """One simulator. Every action returns after its notifications were answered, unless wait is False."""

    def __init__(self, base: str, timeout: float = 30.0) -> None:
        self.base = base.rstrip("/")
        self._timeout = timeout

    def incoming(
        self,
        frm: str,
        to: str,
        *,
        ring: Sequence[str] | None = None,
        call_id: str | None = None,
        wait: bool = True,
    ) -> Done:
        """Somebody calls one of our numbers; frm may be `anonymous`."""
        return self._act("incoming", {"from": frm, "to": to, "ring": ring, "call_id": call_id}, wait)

    def outgoing(self, sipuid: str, to: str, *, call_id: str | None = None, wait: bool = True) -> Done:
        """A number is dialled by hand on a phone."""
        return self._act("outgoing", {"sipuid": sipuid, "to": to, "call_id": call_id}, wait)

    def accept(self, call_id: str, sipuid: str, *, wait: bool = True) -> Done:
        """A phone takes an incoming call."""
        return self._act(f"calls/{call_id}/accept", {"sipuid": sipuid}, wait)

    def hangup(self, call_id: str, type: str | None = None, duration: int | None = None, *, wait: bool = True) -> Done:
        """The call ends; type and duration are derived when not given."""
        return self._act(f"calls/{call_id}/hangup", {"type": type, "duration": duration}, wait)

    def voicemail(self, call_id: str, *, wait: bool = True) -> Done:
        """The caller leaves a message."""
        return self._act(f"calls/{call_id}/voicemail", {}, wait)

    def callee(self, call_id: str, does: str, *, wait: bool = True) -> Done:
        """The other side of an outgoing call: answer, busy, unavailable, canceled, congestion, missed."""
        return self._act(f"calls/{call_id}/callee", {"callee": does}, wait)

    def pick_up(self, sipuid: str, *, wait: bool = True) -> Done:
        """The receiver of a ringing phone is lifted; after click-to-dial this dials."""
        return self._act(f"phones/{sipuid}/pickup", {}, wait)

    def put_down(self, sipuid: str, *, wait: bool = True) -> Done:
        """The receiver is put down, or a ringing call declined."""
        return self._act(f"phones/{sipuid}/hangup", {}, wait)

    def notify(self, params: Mapping[str, str], **options: Any) -> Mapping[str, Any]:
        """Any notification. Options: sign, secret, json, content_type, signature, raw, raw_base64, target."""
        answer = self._post("notify", {"params": dict(params), "options": options})
        notification: Mapping[str, Any] = answer["notification"]
        return notification

    def state(self) -> Mapping[str, Any]:
        """Everything the page shows."""
        return self._answer(requests.get(f"{self.base}/control/state", timeout=self._timeout))

    def phone(self, sipuid: str) -> Mapping[str, Any]:
        """The state of one phone. Raises KeyError."""
        for phone in self.state()["phones"]:
            if phone["sipuid"] == sipuid:
                found: Mapping[str, Any] = phone
                return found
        raise KeyError(sipuid)

    def log(self, kind: str | None = None) -> Sequence[Mapping[str, Any]]:
        """Newest first; kind: notification or api."""
        address = f"{self.base}/control/log"
        answer = self._answer(requests.get(address, params={"kind": kind}, timeout=self._timeout))
        entries: Sequence[Mapping[str, Any]] = answer["entries"]
        return entries

    def quirk(self, **values: Any) -> None:
        """Sets quirks by name."""
        self._post("quirks", values)

    def settings(self, **values: str) -> None:
        """target, secret, api_key, platform."""
        self._post("settings", values)

    def reset(self) -> None:
        """As just started."""
        self._post("reset", {})

    def _act(self, path: str, values: Mapping[str, Any], wait: bool) -> Done:
        given = {name: value for name, value in values.items() if value is not None}
        answer = self._post(path, {**given, "wait": wait})
        return Done(answer["call_id"], answer["call"], answer["notifications"])

    def _post(self, path: str, values: Mapping[str, Any]) -> Mapping[str, Any]:
        return self._answer(requests.post(f"{self.base}/control/{path}", json=values, timeout=self._timeout))

    def _answer(self, answer: requests.Response) -> Mapping[str, Any]:
        if not answer.ok:
            raise SimulatorError(answer.status_code, answer.text)
        body: Mapping[str, Any] = answer.json()
        return body
