"""Does a notification come from Placetel?

Header ``X-PLACETEL-SIGNATURE``: HMAC-SHA256 over the raw body with the shared secret, 64 lower-case
hexadecimal digits. Placetel signs only once a secret is set in its portal; unsigned is refused here all the same.

Source: the vendor's Call-Control/Notify API, whose example is a sample in this folder.
"""

from __future__ import annotations

import hmac
import re
from collections.abc import Sequence
from hashlib import sha256

from app.modules.callcenter.providers.base import NotAuthentic

#: In lower case, as all header names of a RawRequest.
HEADER = "x-placetel-signature"

# Strict on purpose: what Placetel sends looks exactly like this. Upper case, a prefix, several values joined by
# a comma or a stray space come from somebody who built the request himself, and are told so.
_SIGNATURE = re.compile(r"[0-9a-f]{64}")


def sign(body: bytes, secret: str) -> str:
    """The signature that Placetel sends with this body."""
    return hmac.new(secret.encode(), body, sha256).hexdigest()


def verify(body: bytes, signature: str | None, secrets: Sequence[str]) -> None:
    """Return when the signature was made with one of the secrets, else raise NotAuthentic.

    Takes the same time wherever the signatures differ and whichever secret fits. No secret is a
    refusal, never a pass.
    """
    usable = [secret for secret in secrets if secret]
    if not usable:
        raise NotAuthentic("no_secret")
    if not signature:
        raise NotAuthentic("missing_signature")
    if not _SIGNATURE.fullmatch(signature):
        raise NotAuthentic("malformed_signature")
    fits = False
    for secret in usable:
        fits |= hmac.compare_digest(sign(body, secret), signature)
    if not fits:
        raise NotAuthentic("wrong_signature")
