"""The wire of Notify: bodies, signature, and posting them."""

from __future__ import annotations

import hashlib
import hmac
import json
import time
from collections.abc import Mapping
from dataclasses import dataclass
from urllib.parse import urlencode, urlsplit, urlunsplit

import requests

FORM = "application/x-www-form-urlencoded"
JSON = "application/json"
SIGNATURE_HEADER = "X-PLACETEL-SIGNATURE"
TIMEOUT_S = 15.0
_USER_AGENT = "Placetel-Simulator (not Placetel)"
_ANSWER_CHARS = 300


def encode_form(params: Mapping[str, str]) -> bytes:
    """Form-encoded with the names in alphabetical order, as Placetel does."""
    return urlencode(sorted(params.items())).encode("ascii")


def encode_json(params: Mapping[str, str]) -> bytes:
    """The JSON that subscriptions are said to deliver."""
    return json.dumps(dict(sorted(params.items())), ensure_ascii=False).encode("utf-8")


def sign(secret: str, body: bytes) -> str:
    """Hexadecimal HMAC-SHA256 over the raw body (Placetel, Call-Control/Notify API)."""
    return hmac.new(secret.encode("utf-8"), body, hashlib.sha256).hexdigest()


def without_credentials(url: str) -> str:
    """A URL as it may be shown: without the basic-auth part it may carry."""
    parts = urlsplit(url)
    return urlunsplit(parts._replace(netloc=parts.netloc.rpartition("@")[2]))


@dataclass(frozen=True)
class Letter:
    """One POST, ready to go."""

    url: str
    body: bytes
    content_type: str | None
    signature: str | None

    @property
    def headers(self) -> dict[str, str]:
        headers = {"User-Agent": _USER_AGENT, "Connection": "close"}
        if self.content_type is not None:
            headers["Content-Type"] = self.content_type
        if self.signature is not None:
            headers[SIGNATURE_HEADER] = self.signature
        return headers


@dataclass(frozen=True)
class Answer:
    """What came of a letter: a status with the beginning of the body, or an error in words."""

    status: int | None
    ms: float
    text: str = ""
    body: str = ""
    """All of it; `text` is what a log shows."""
    error: str | None = None


def post(letter: Letter) -> Answer:
    """Posts a letter once. Never raises: an unreachable target is an answer too."""
    began = time.perf_counter()

    def elapsed() -> float:
        return round((time.perf_counter() - began) * 1000, 1)

    try:
        with requests.Session() as session:
            session.trust_env = False  # no proxy between the simulator and a target on this machine
            answer = session.post(
                letter.url, data=letter.body, headers=letter.headers, timeout=TIMEOUT_S, allow_redirects=False
            )
    except requests.Timeout:
        return Answer(None, elapsed(), error="Das Ziel antwortet nicht.")
    except requests.ConnectionError:
        return Answer(None, elapsed(), error="Das Ziel ist nicht erreichbar.")
    except requests.RequestException as problem:
        return Answer(None, elapsed(), error=f"Nicht zustellbar: {type(problem).__name__}")
    return Answer(answer.status_code, elapsed(), text=answer.text[:_ANSWER_CHARS], body=answer.text)
