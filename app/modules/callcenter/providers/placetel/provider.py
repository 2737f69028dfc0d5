"""Placetel as a telephone system of Durchwahl."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from datetime import date
from typing import TYPE_CHECKING
from urllib.parse import urlencode

from app.modules.callcenter.domain.events import ProviderEvent
from app.modules.callcenter.providers.base import (
    Answer,
    Clock,
    Decision,
    DialOrder,
    DialReceipt,
    Failure,
    Finding,
    Health,
    NotAuthentic,
    PastCall,
    PbxLine,
    PbxUser,
    Posting,
    ProviderError,
    RawRequest,
)
from app.modules.callcenter.providers.placetel import parse, past, records, signature, verbs
from app.modules.callcenter.providers.placetel.client import PlacetelClient, Record
from app.modules.callcenter.providers.placetel.settings import PlacetelSettings, TargetStyle

if TYPE_CHECKING:
    from app.core.http import HttpClient

#: Inferred from other integrators' reports: on the other platform ("Webex for Placetel") Notify does not work.
NOTIFY_PLATFORM = "PROFI"
#: Inferred: a display takes no more of a name.
MAX_FROM_NAME = 60

_E164 = re.compile(r"\+[1-9][0-9]{6,14}")
_EXTENSION = re.compile(r"[0-9]{1,5}")
_SIP_USER = re.compile(r"[A-Za-z0-9._+-]{1,64}@[A-Za-z0-9.-]{1,120}")
#: Never dialled by a click, whatever reaches us as an extension.
_EMERGENCY = frozenset({"110", "112"})


class PlacetelProvider:
    """Receives notifications, dials, lists accounts, lines and the calls of a day."""

    key = "placetel"
    title = "Placetel"

    def __init__(self, settings: PlacetelSettings, client: PlacetelClient) -> None:
        self._settings = settings
        self._client = client

    # ------------------------------------------------------------------------------------------ Provider

    def check(self) -> Health:
        """See Provider. Three requests; without a key none.

        Codes besides those of ProviderError: ``ok`` {name, company, platform}; ``not_profi`` {platform};
        ``no_secret``; ``line_without_notify`` {number}, where the key may read the routings;
        ``account_automatic_prefix`` {uid, prefix} and ``account_blocked_prefix`` {uid, prefixes}, for every
        account that has one, as only the page knows which are in use. A failure has {request, status, detail},
        where known.
        """
        findings: list[Finding] = []
        request = "me"
        try:
            me = self._client.me()
            platform = records.text(me.get("platform"))
            findings.append(
                Finding(
                    "ok",
                    "ok",
                    {
                        "name": records.text(me.get("name")) or "",
                        "company": records.text(me.get("company")) or "",
                        "platform": platform or "",
                    },
                )
            )
            if platform is not None and platform.upper() != NOTIFY_PLATFORM:
                findings.append(Finding("warning", "not_profi", {"platform": platform}))
            request = "sip_users"
            for user in self.list_users():
                findings += _prefix_findings(user)
            request = "routings"
            silent = (records.unnotified(record) for record in _where_allowed(self._client.routings))
            findings += [Finding("warning", "line_without_notify", {"number": number}) for number in silent if number]
        except ProviderError as error:
            params = {"request": request, "status": error.status, "detail": error.detail}
            failure = Finding("error", error.code, {k: v for k, v in params.items() if v})
            findings.insert(0, failure)
        if not any(self._settings.shared_secrets):
            findings.append(Finding("warning", "no_secret"))
        return Health(tuple(findings))

    # ------------------------------------------------------------------------------------------ Receives

    def authenticate(self, request: RawRequest) -> None:
        """See Receives."""
        signature.verify(request.body, request.headers.get(signature.HEADER), self._settings.shared_secrets)

    def parse(self, request: RawRequest) -> Sequence[ProviderEvent]:
        """See Receives. Placetel puts one event into a request."""
        return (parse.parse(request.body),)

    def answer(self, decision: Decision) -> Answer:
        """See Receives."""
        return Answer(verbs.written(decision, self._number).encode(), verbs.MEDIA_TYPE)

    def test_request(self, token: str) -> Posting:
        """See Testable."""
        secret = next((secret for secret in self._settings.shared_secrets if secret), None)
        if secret is None:
            raise NotAuthentic("no_secret")
        body = urlencode({"call_id": token, "event": parse.TEST_EVENT}).encode()
        headers = {"Content-Type": "application/x-www-form-urlencoded", signature.HEADER: signature.sign(body, secret)}
        return Posting(body, headers)

    # --------------------------------------------------------------------------------------------- Dials

    def dial(self, order: DialOrder) -> DialReceipt:
        """See Dials. An order with neither a number nor an extension that can be dialled is ``invalid``."""
        target = self._target(order)
        if not order.account or target is None:
            raise ProviderError(Failure.PERMANENT, "invalid")
        name = order.display_name or ""
        name = "".join(character for character in name if character.isprintable()).strip()[:MAX_FROM_NAME]
        return DialReceipt(reference=self._client.start_call(order.account, target, name or None))

    def _number(self, aim: str) -> str | None:
        """What stands in a ``<Number>``: a SIP user, an extension, or a number as Placetel dials it."""
        if _SIP_USER.fullmatch(aim):
            return aim.lower()
        if _EXTENSION.fullmatch(aim) and aim not in _EMERGENCY:
            return aim
        return target(aim, self._settings.target_style)

    def _target(self, order: DialOrder) -> str | None:
        """What Placetel is to dial, None where nothing can be dialled."""
        if order.e164 is not None:
            return target(order.e164, self._settings.target_style)
        internal = order.internal or ""
        return internal if _EXTENSION.fullmatch(internal) and internal not in _EMERGENCY else None

    # --------------------------------------------------------------------- ListsUsers, ListsLines, HasHistory

    def list_users(self) -> Sequence[PbxUser]:
        """See ListsUsers."""
        return [user for record in self._client.sip_users() if (user := records.user(record))]

    def list_lines(self) -> Sequence[PbxLine]:
        """See ListsLines."""
        listed = [(line, records.spellings(one)) for one in self._client.numbers() if (line := records.line(one))]
        told: dict[str, bool] = {}
        for routing in _where_allowed(self._client.routings):
            told.update(records.decided_here(routing))
        return [replace(line, decides=next((told[one] for one in own if one in told), None)) for line, own in listed]

    def history(self, day: date) -> Iterator[PastCall]:
        """See HasHistory. A record without a readable time is left out.

        Incoming calls have a list of their own, to which queues may add some; outgoing ones stand among the detail
        records only, where each has its leg.
        """
        incoming = _read(self._client.calls(day), records.past_call)
        queued = _read(_where_allowed(self._client.call_center_calls, day), records.queue_call)
        outgoing = _read(_where_allowed(self._client.call_detail_records, day), records.outgoing_leg)
        return iter(past.merged(past.merged(incoming, queued), outgoing))


def _where_allowed(ask: Callable[..., Sequence[Record]], *day: date) -> Sequence[Record]:
    """A list that not every key may read, and not every contract has: without it the others are still worth much."""
    try:
        return ask(*day)
    except ProviderError as error:
        if error.code in ("forbidden", "not_found"):
            return ()
        raise


def _read(listed: Sequence[Record], read: Callable[[Record], PastCall | None]) -> list[PastCall]:
    return [call for record in listed if (call := read(record))]


def target(e164: str, style: TargetStyle) -> str | None:
    """A number as Placetel dials it; None when it is no E.164 number.

    >>> target("+4922129191999", "national"), target("+41791234567", "national")
    ('022129191999', '0041791234567')
    """
    if not _E164.fullmatch(e164):
        return None
    if style == "e164":
        return e164
    return "0" + e164[3:] if e164.startswith("+49") else "00" + e164[1:]


def _prefix_findings(user: PbxUser) -> Iterator[Finding]:
    if user.automatic_prefix:
        params = {"uid": user.uid, "prefix": user.automatic_prefix}
        yield Finding("warning", "account_automatic_prefix", params)
    if user.blocked_prefixes:
        params = {"uid": user.uid, "prefixes": user.blocked_prefixes}
        yield Finding("warning", "account_blocked_prefix", params)


def build(settings: PlacetelSettings, http: HttpClient, clock: Clock) -> PlacetelProvider:
    """See ProviderType."""
    return PlacetelProvider(settings, PlacetelClient(http, clock, settings.api_key, settings.base_url))
