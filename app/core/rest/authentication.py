"""Who asks: the bearer token of an API request (RFC 6750). Cookies say nothing here, so no page can borrow a log-in."""

from __future__ import annotations

from flask import g, request

from app.core.accounts import tokens
from app.core.accounts.access import LOGGED_IN, allows
from app.core.accounts.tokens import TokenUse
from app.core.rest.errors import ApiError

WRITING = frozenset({"POST", "PUT", "PATCH", "DELETE"})
_CHALLENGE = 'Bearer realm="Durchwahl"'


def authenticate(method: str, permission: str) -> TokenUse:
    """Whose token this request carries. Raises ApiError: 401 for no valid one, 403 where it does not suffice.

    ``method`` is the operation's: its writing ones need a token that may write.
    """
    scheme, _, token = request.headers.get("Authorization", "").partition(" ")
    token = token.strip()
    if scheme.lower() != "bearer" or not token:
        raise ApiError(401)
    use = tokens.verify(token)
    if use is None:
        raise ApiError(
            401,
            "invalid_token",
            "This token is unknown or revoked, or its user is not active.",
            headers={"WWW-Authenticate": f'{_CHALLENGE}, error="invalid_token"'},
        )
    if method in WRITING and not use.may_write:
        raise _insufficient("read_only_token", "This token may only read.")
    if permission != LOGGED_IN and not allows(use.user.role, use.user.permissions, permission):
        raise _insufficient("missing_permission", "The token's user does not have the permission for this.")
    # For this request only: language, zone and may() follow the token's user. No cookie is read or set (login.py).
    g._login_user = use.user
    return use


def _insufficient(code: str, message: str) -> ApiError:
    return ApiError(403, code, message, headers={"WWW-Authenticate": f'{_CHALLENGE}, error="insufficient_scope"'})
