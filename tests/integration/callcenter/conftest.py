"""A telephone system that posts to the application."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import pytest
from flask import Flask

from app.core.accounts import personal
from app.modules.callcenter import configuring, connecting
from app.modules.callcenter.configuring import Changes
from app.modules.callcenter.connections import Connection
from app.modules.callcenter.refusals import Gate
from app.modules.callcenter.views import webhook
from tests.integration.callcenter.open_browser import Browser
from tests.integration.callcenter.phone_system import OTHER_SECRET, WEBHOOK, PhoneSystem, configure, give_account

LISTENING = ("app.core.events", "app.core.realtime", "app.core.versions")


@pytest.fixture
def phones(app: Flask) -> PhoneSystem:
    configure(app)
    return PhoneSystem(app)


@pytest.fixture
def cologne(app: Flask, phones: PhoneSystem) -> Connection:
    """A second Placetel, with a secret of its own."""
    made = connecting.add("placetel", "Köln")
    configuring.save(Changes({"shared_secret": OTHER_SECRET}, connection=made.key))
    return made


@pytest.fixture
def other(app: Flask, cologne: Connection) -> PhoneSystem:
    """The second Placetel at work."""
    return PhoneSystem(app, secret=OTHER_SECRET, url=f"{WEBHOOK}?connection={cologne.token}")


@pytest.fixture(autouse=True)
def _open_gate(monkeypatch: pytest.MonkeyPatch) -> None:
    """Tests share a clock that stands still: one refusal would keep the next test's from being written."""
    monkeypatch.setattr(webhook, "gate", Gate())


@pytest.fixture(autouse=True)
def _no_listener_failed(caplog: pytest.LogCaptureFixture) -> Iterator[None]:
    """What follows a commit is logged when it fails, as the commit stands; a test must see it."""
    yield
    failed = [record for record in caplog.get_records("call") if record.name in LISTENING]
    assert not failed, failed[0].getMessage()


@pytest.fixture
def browser(app: Flask, make_user: Any) -> Iterator[Callable[..., Browser]]:
    opened: list[Browser] = []
    # Users of earlier tests had these ids.
    app.extensions["durchwahl.callcenter.journal_readers"].clear()

    def make(role: str = "staff", account: str | None = None, scope: str | None = None, **more: Any) -> Browser:
        user_id = make_user(role=role, **more)
        if account:
            give_account(app, user_id, account)
        if scope:
            personal.save(user_id, {("callcenter", "scope"): scope})
        opened.append(Browser(app, user_id))
        return opened[-1]

    yield make
    for one in opened:
        if one.socket.is_connected():
            one.socket.disconnect()
