"""Any telephone system that speaks Zammad's generic CTI interface, as a telephone system of Durchwahl."""

from __future__ import annotations

import hmac
import json
import re
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from app.modules.callcenter.domain.events import ProviderEvent
from app.modules.callcenter.providers.base import (
    REFUSALS,
    Answer,
    Clock,
    Decision,
    Finding,
    Health,
    Malformed,
    NotAuthentic,
    Posting,
    RawRequest,
)
from app.modules.callcenter.providers.cti.parse import TEST_EVENT, parse

if TYPE_CHECKING:
    from app.core.http import HttpClient

MEDIA_TYPE = "application/json; charset=utf-8"
#: All that can be said without asking anybody.
READY = {
    "en": "The address takes notifications. The telephone system itself cannot be asked.",
    "de": "Die Adresse nimmt Meldungen an. Die Telefonanlage selbst lässt sich nicht fragen.",
}
#: Of the address in which the token is the last word.
_TOKEN = re.compile(r"[A-Za-z0-9_-]{1,200}")


@dataclass(frozen=True, slots=True)
class CtiSettings:
    """Revealed values, for the time of one request. The repr shows no token.

    ``token``: the last word of the address that the telephone system posts to, and all that proves who it is.
    """

    token: str | None = field(default=None, repr=False)


class CtiProvider:
    """Receives notifications. The interface knows no way to start a call: its users dial with ``tel:`` links."""

    key = "cti"
    title = "CTI (Zammad)"

    def __init__(self, settings: CtiSettings) -> None:
        self._settings = settings

    def check(self) -> Health:
        """See Provider. There is nobody to ask; what can be wrong is that there is no token (``no_secret``)."""
        if not self._settings.token:
            return Health((Finding("warning", "no_secret"),))
        return Health((Finding("ok", "ok", {"words": READY}),))

    def authenticate(self, request: RawRequest) -> None:
        """See Receives. Codes: ``no_secret``, ``missing_token``, ``malformed_token``, ``wrong_token``."""
        if not self._settings.token:
            raise NotAuthentic("no_secret")
        _way, slash, told = request.path.rpartition("/")
        if not slash or not told:
            raise NotAuthentic("missing_token")
        if not _TOKEN.fullmatch(told):
            raise NotAuthentic("malformed_token")
        if not hmac.compare_digest(told.encode(), self._settings.token.encode()):
            raise NotAuthentic("wrong_token")

    def parse(self, request: RawRequest) -> Sequence[ProviderEvent]:
        """See Receives; one event each."""
        return (parse(request.body, request.query),)

    def answer(self, decision: Decision) -> Answer:
        """``{}``, or that the call is to be refused. Nothing else can be said in this interface."""
        refused = decision.kind in REFUSALS
        return _json({"action": "reject", "reason": "busy"} if refused else {})

    def test_request(self, token: str) -> Posting:
        """See Testable. What proves it is the address that it is posted to."""
        if not self._settings.token:
            raise NotAuthentic("no_secret")
        body = json.dumps({"event": TEST_EVENT, "callId": token, "direction": "in"}).encode()
        return Posting(body, {"Content-Type": "application/json"})

    def complain(self, fault: Malformed) -> Answer:
        """See Complains. Clients write an answer that is no 200 to their log, and do not repeat the request."""
        return _json({"error": str(fault)}, 422)


def build(settings: CtiSettings, http: HttpClient, clock: Clock) -> CtiProvider:
    """See ProviderType."""
    return CtiProvider(settings)


def _json(content: dict[str, str], status: int = 200) -> Answer:
    return Answer(json.dumps(content).encode(), MEDIA_TYPE, status)
