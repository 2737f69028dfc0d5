"""Placetel's Web API v2: one method for each request that we make, errors as ProviderError.

Nothing is repeated here. A request that only reads may always be repeated by its caller (RETRY_LATER). The one
that makes a phone ring may not: after a time-out, a broken connection or a 5xx nobody knows whether it rings.

SIP passwords never leave this file: they are dropped from every answer, and the record of a single SIP
user, which always has one, is never asked for.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from datetime import UTC, date, datetime
from email.utils import parsedate_to_datetime
from typing import TYPE_CHECKING, Any

from app.modules.callcenter.providers.base import Clock, Failure, ProviderError

if TYPE_CHECKING:
    from app.core.http import HttpClient, HttpResponse

#: The most that is honoured for every list.
PER_PAGE = 100
#: Reading stops with an error after so many pages and seconds: a list is asked for while somebody waits.
MAX_PAGES = 200
MAX_LIST_SECONDS = 60.0
#: No answer may make us wait longer than this.
MAX_RETRY_AFTER = 3600.0
#: Inferred: ``RateLimit-Reset`` counts seconds, as the sample shows. A larger number can only be a point in time.
RESET_IS_A_TIME_FROM = 1_000_000_000

SECRET_FIELDS = frozenset({"password", "hotdesk_pin"})

_KEY = re.compile(r"[\x21-\x7e]+")
_MAX_DETAIL = 200

#: Status → code. Other 4xx are ``invalid``.
_CODES = {401: "bad_key", 403: "forbidden", 404: "not_found", 429: "rate_limited"}

Record = Mapping[str, Any]


class PlacetelClient:
    """Asks the Web API with one key. Every method raises ProviderError."""

    def __init__(self, http: HttpClient, clock: Clock, api_key: str | None, base_url: str) -> None:
        self._http = http
        self._clock = clock
        self._api_key = (api_key or "").strip()
        self._base_url = base_url.rstrip("/")

    def me(self) -> Record:
        """Whose key it is: ``name``, ``email``, ``company``, ``platform``."""
        answer = self._get("/me")
        if not isinstance(answer, dict):
            raise ProviderError(Failure.PERMANENT, "bad_answer", detail="an object was expected")
        return answer

    def sip_users(self) -> Sequence[Record]:
        """All SIP users, without their passwords."""
        return self._list("/sip_users")

    def numbers(self) -> Sequence[Record]:
        """All own numbers."""
        return self._list("/numbers")

    def routings(self) -> Sequence[Record]:
        """Where the calls of each number go, and whether they are notified."""
        return self._list("/routings")

    def calls(self, day: date) -> Sequence[Record]:
        """The incoming calls of one day; the API has no list of outgoing ones."""
        return self._list("/calls", {"filter[date]": day.isoformat()})

    def call_detail_records(self, day: date) -> Sequence[Record]:
        """The legs of all calls of one day. They have no id."""
        return self._list("/call_detail_records", {"date": day.isoformat()})

    def call_center_calls(self, day: date) -> Sequence[Record]:
        """The calls to queues of one day. They have no id."""
        return self._list("/call_center_calls", {"date": day.isoformat()})

    def start_call(self, sipuid: str, target: str, from_name: str | None = None) -> str | None:
        """Ring the SIP user's phone and dial the target once it is picked up.

        Returns the id that the API gives the call, mostly none: the body of the 201 may be empty.
        """
        order = {"sipuid": sipuid, "target": target}
        if from_name:
            order["from_name"] = from_name
        answer = self._send("POST", "/calls", json=order)
        try:
            body = answer.json()
        except ValueError:
            return None
        reference = body.get("id") if isinstance(body, dict) else None
        if isinstance(reference, int | str) and not isinstance(reference, bool):
            return str(reference)[:64]
        return None

    def _list(self, path: str, query: Mapping[str, str] | None = None) -> list[Record]:
        """All pages. There are no totals, and a short page need not be the last: read until an empty one."""
        records: list[Record] = []
        seen: set[object] = set()
        previous: list[Record] | None = None
        started = self._clock.now()
        for page in range(1, MAX_PAGES + 1):
            answer = self._get(path, {**(query or {}), "page": str(page), "per_page": str(PER_PAGE)})
            if not isinstance(answer, list):
                raise ProviderError(Failure.PERMANENT, "bad_answer", detail="a list was expected")
            current: list[Record] = [record for record in answer if isinstance(record, dict)]
            # A server that ignores `page` sends the same again and again.
            fresh = [record for record in current if _identity(record) not in seen]
            if not fresh or current == previous:
                return records
            # A record that is new on top shifts the pages: the last of one is the first of the next.
            records += fresh
            seen.update(identity for record in fresh if (identity := _identity(record)) is not None)
            previous = current
            if (self._clock.now() - started).total_seconds() > MAX_LIST_SECONDS:
                raise ProviderError(Failure.RETRY_LATER, "timeout", detail="the list took too long")
        raise ProviderError(Failure.PERMANENT, "bad_answer", detail="the list has no end")

    def _get(self, path: str, query: Mapping[str, str] | None = None) -> Any:
        answer = self._send("GET", path, params=query)
        try:
            return _without_secrets(answer.json())
        except (ValueError, RecursionError):
            raise ProviderError(Failure.PERMANENT, "bad_answer", status=answer.status, detail="no JSON") from None

    def _send(
        self, method: str, path: str, *, params: Mapping[str, str] | None = None, json: Any = None
    ) -> HttpResponse:
        """A 2xx answer, or ProviderError."""
        if not self._api_key:
            raise ProviderError(Failure.PERMANENT, "not_configured")
        if not _KEY.fullmatch(self._api_key):  # no header can carry it, so no key of Placetel's looks like it
            raise ProviderError(Failure.PERMANENT, "bad_key")
        # What is unclear about a request that only reads does not matter: it may be repeated.
        unclear = Failure.RETRY_LATER if method == "GET" else Failure.OUTCOME_UNKNOWN
        headers = {"Authorization": f"Bearer {self._api_key}", "Accept": "application/json"}
        try:
            answer = self._http.request(method, self._base_url + path, headers=headers, params=params, json=json)
        except self._http.Error as error:
            if not error.may_have_arrived:
                raise ProviderError(Failure.RETRY_LATER, "unreachable", detail=str(error)) from None
            code = "timeout" if error.timed_out else "bad_answer"
            raise ProviderError(unclear, code, detail=str(error)) from None
        if 200 <= answer.status < 300:
            return answer
        raise self._error(answer, unclear)

    def _error(self, answer: HttpResponse, unclear: Failure) -> ProviderError:
        status = answer.status
        if status == 429:
            failure, code = Failure.RETRY_LATER, "rate_limited"
        elif 400 <= status < 500:
            failure, code = Failure.PERMANENT, _CODES.get(status, "invalid")
        elif status >= 500:
            failure, code = unclear, "server_error"
        else:
            # A redirect means a wrong base URL; it was surely not carried out.
            failure, code = Failure.PERMANENT, "bad_answer"
        return ProviderError(
            failure,
            code,
            retry_after=retry_after(answer.headers, self._clock.now()),
            status=status,
            detail=self._detail(answer),
        )

    def _detail(self, answer: HttpResponse) -> str:
        """What the API says, where it says ``{"error": "text"}``; no document promises that it does."""
        try:
            body = answer.json()
        except ValueError:
            return ""
        text = body.get("error") if isinstance(body, dict) else None
        if not isinstance(text, str):
            return ""
        plain = "".join(character for character in text if character.isprintable())
        return plain.replace(self._api_key, "…")[:_MAX_DETAIL]


def retry_after(headers: Mapping[str, str], now: datetime) -> float | None:
    """Seconds to wait, from ``Retry-After`` (seconds or a date), else ``RateLimit-Reset``; None if neither."""
    for name in ("retry-after", "ratelimit-reset"):
        value = headers.get(name, "").strip()
        seconds: float | None = None
        if re.fullmatch(r"[0-9]{1,12}", value):
            seconds = float(value)
            if seconds >= RESET_IS_A_TIME_FROM:
                seconds -= now.timestamp()
        elif value:
            seconds = _seconds_until(value, now)
        if seconds is not None:
            return min(max(seconds, 0.0), MAX_RETRY_AFTER)
    return None


def _seconds_until(http_date: str, now: datetime) -> float | None:
    try:
        at = parsedate_to_datetime(http_date)
    except (TypeError, ValueError, OverflowError):
        return None
    return (at if at.tzinfo else at.replace(tzinfo=UTC)).timestamp() - now.timestamp()


def _identity(record: Record) -> object:
    """The record's id, None where it has none (call detail records)."""
    identity = record.get("id")
    return identity if isinstance(identity, int | str) else None


def _without_secrets(value: Any) -> Any:
    if isinstance(value, dict):
        return {name: _without_secrets(inner) for name, inner in value.items() if name not in SECRET_FIELDS}
    if isinstance(value, list):
        return [_without_secrets(inner) for inner in value]
    return value
