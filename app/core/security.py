"""Secrets at rest, headers on every answer, and safe redirects."""

from __future__ import annotations

import base64
import hashlib
import hmac
from urllib.parse import urlsplit

from cryptography.fernet import Fernet, InvalidToken
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.kdf.hkdf import HKDF
from flask import Flask, Response, request

CONTENT_SECURITY_POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; font-src 'self'; "
    "connect-src 'self'; manifest-src 'self'; media-src 'self'; "
    "form-action 'self'; base-uri 'none'; frame-ancestors 'none'"
)
#: On every answer that has not its own.
HEADERS = (
    ("Content-Security-Policy", CONTENT_SECURITY_POLICY),
    ("X-Content-Type-Options", "nosniff"),
    ("Referrer-Policy", "same-origin"),
    ("X-Frame-Options", "DENY"),
    ("Cross-Origin-Opener-Policy", "same-origin"),
    ("Permissions-Policy", "camera=(), microphone=(), geolocation=()"),
)


class CannotDecrypt(Exception):
    """A stored secret was encrypted under another SECRET_KEY."""


class Cipher:
    """Encrypts secrets at rest with a key derived from SECRET_KEY."""

    def __init__(self, secret_key: str) -> None:
        derived = HKDF(hashes.SHA256(), 32, salt=None, info=b"durchwahl settings").derive(secret_key.encode())
        self._fernet = Fernet(base64.urlsafe_b64encode(derived))

    def encrypt(self, text: str) -> str:
        """A token that holds the text; differs each time."""
        return self._fernet.encrypt(text.encode()).decode()

    def decrypt(self, token: str) -> str:
        """The text again. Raises CannotDecrypt."""
        try:
            return self._fernet.decrypt(token.encode()).decode()
        except InvalidToken as error:
            raise CannotDecrypt from error


def keyed_hash(secret_key: str, purpose: str, text: str) -> str:
    """HMAC-SHA256 in hex, one family per purpose: for tokens, of which only this is kept."""
    return hmac.new(f"{purpose}:{secret_key}".encode(), text.encode(), hashlib.sha256).hexdigest()


def cookie_name(name: str, *, secure: bool) -> str:
    """The name under which a cookie is set. Over HTTPS one that no other host under the same domain can set."""
    return f"__Host-{name}" if secure else name


def safe_next(target: str | None) -> str | None:
    """``target`` when it is a path of ours, None for anything that leaves the house."""
    if not target or not target.startswith("/") or target.startswith(("//", "/\\")):
        return None
    if any(ord(character) < 32 or character == "\\" for character in target):
        return None
    parts = urlsplit(target)
    return target if not parts.scheme and not parts.netloc else None


def install_headers(app: Flask) -> None:
    """CSP and friends on every answer; pages are never stored by a shared cache."""

    @app.after_request
    def add_headers(response: Response) -> Response:
        # Looked up at once: each setdefault would go through all the headers again.
        there = {name.lower() for name, _value in response.headers}
        for name, value in HEADERS:
            if name.lower() not in there:
                response.headers.add(name, value)
        if request.endpoint != "static" and "cache-control" not in there:
            response.headers.add("Cache-Control", "no-store")
        if request.is_secure:
            response.headers.setdefault("Strict-Transport-Security", "max-age=31536000")
        return response
