"""How often somebody may try to log in: by the account that he names and by where he comes from.

Only attempts that fail count. Who guesses at an account uses up what that account has, wherever he sits; so its owner
would wait as well. Therefore a browser in which somebody has logged in before carries a cookie that says so, and has
attempts of its own at this account: nobody else can use them up. What is allowed does not depend on whether there is
such an account. Counted by each worker for itself.
"""

from __future__ import annotations

import secrets
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta

from flask import Flask, Request, Response, current_app
from itsdangerous import BadSignature, URLSafeTimedSerializer

from app.core.accounts.service import username_key
from app.core.allowances import Allowance, source_of
from app.core.security import cookie_name, keyed_hash

#: Failed attempts at one account, and of one browser that is known to it: at once, then one after each.
ACCOUNT_BURST, ACCOUNT_EVERY = 10, timedelta(minutes=1)
#: Failed attempts from one address, behind which a whole house may sit.
SOURCE_BURST, SOURCE_EVERY = 30, timedelta(seconds=20)
KNOWN_COOKIE = "durchwahl_known"
KNOWN_DAYS = 180
#: Accounts that a browser is known to; of more the last ones.
KNOWN_ACCOUNTS = 5
_EXTENSION = "durchwahl.log_ins"


@dataclass(frozen=True, slots=True)
class Browser:
    """What the cookie of a browser says."""

    name: str
    """Random, so that whoever copies the cookie uses up the attempts of this browser only."""
    accounts: tuple[str, ...] = ()


class LogIns:
    """The attempts of this process."""

    def __init__(self) -> None:
        self._accounts = Allowance(ACCOUNT_BURST, ACCOUNT_EVERY)
        self._browsers = Allowance(ACCOUNT_BURST, ACCOUNT_EVERY)
        self._sources = Allowance(SOURCE_BURST, SOURCE_EVERY)

    def begin(self, username: str, address: str, browser: Browser, now: datetime) -> timedelta:
        """Count an attempt as failed: zero, or after how long there may be one, and nothing is counted."""
        counted: list[tuple[Allowance, str]] = []
        for allowance, key in self._counts(username, address, browser):
            wait = allowance.spend(key, now)
            if wait:
                for other, other_key in counted:
                    other.give_back(other_key, now)
                return wait
            counted.append((allowance, key))
        return timedelta()

    def succeeded(self, username: str, address: str, browser: Browser, now: datetime) -> None:
        """The attempt that was begun last does not count."""
        for allowance, key in self._counts(username, address, browser):
            allowance.give_back(key, now)

    def begin_change(self, user_id: int, now: datetime) -> timedelta:
        """The same for the present password, which somebody who is logged in gives to choose a new one."""
        return self._browsers.spend(f"change {user_id}", now)

    def changed(self, user_id: int, now: datetime) -> None:
        """The present password was right."""
        self._browsers.give_back(f"change {user_id}", now)

    def _counts(self, username: str, address: str, browser: Browser) -> Iterator[tuple[Allowance, str]]:
        account = account_mark(username)
        if account in browser.accounts:
            yield self._browsers, f"{browser.name} {account}"
        else:
            yield self._accounts, account
            yield self._sources, source_of(address)


def log_ins() -> LogIns:
    """Those of the application."""
    found: LogIns = current_app.extensions[_EXTENSION]
    return found


def install(app: Flask) -> None:
    """Begin to count, from nothing."""
    app.extensions[_EXTENSION] = LogIns()


def account_mark(username: str) -> str:
    """What stands for an account, there or not: in the cookie nobody shall read who logs in here."""
    return keyed_hash(str(current_app.secret_key), "account", username_key(username))[:24]


def known_browser(request: Request) -> Browser:
    """The browser of the request as its cookie says; a new one where it says nothing or something made up."""
    try:
        told = _serializer().loads(request.cookies.get(_cookie_name(), ""), max_age=KNOWN_DAYS * 86400)
        return Browser(str(told["name"]), tuple(str(account) for account in told["accounts"]))
    except BadSignature:
        return Browser(secrets.token_hex(16))


def make_known(response: Response, browser: Browser, username: str) -> None:
    """The browser says from now on that somebody has logged in to this account in it."""
    account = account_mark(username)
    accounts = [*(other for other in browser.accounts if other != account), account][-KNOWN_ACCOUNTS:]
    response.set_cookie(
        _cookie_name(),
        str(_serializer().dumps({"name": browser.name, "accounts": accounts})),
        max_age=KNOWN_DAYS * 86400,
        secure=_is_secure(),
        httponly=True,
        samesite="Lax",
    )


def _is_secure() -> bool:
    return bool(current_app.config["SESSION_COOKIE_SECURE"])


def _cookie_name() -> str:
    return cookie_name(KNOWN_COOKIE, secure=_is_secure())


def _serializer() -> URLSafeTimedSerializer:
    return URLSafeTimedSerializer(str(current_app.secret_key), salt="known browser")
