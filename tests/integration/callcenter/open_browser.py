"""A browser of a user with an open socket, as the server sees it."""

from __future__ import annotations

from typing import Any

from flask import Flask

from tests.conftest import logged_in_client


class Browser:
    """What it heard, and what it asks."""

    def __init__(self, app: Flask, user_id: int) -> None:
        self.user_id = user_id
        self.http = logged_in_client(app, user_id)
        self.socket = app.extensions["durchwahl"].realtime.socketio.test_client(app, flask_test_client=self.http)
        assert self.socket.is_connected()

    def heard(self, name: str = "call") -> list[Any]:
        """The messages since the last look."""
        return [message["args"][0] for message in self.socket.get_received() if message["name"] == name]

    def facts(self) -> list[dict[str, Any]]:
        """What it was told of callers since the last look, call by call."""
        return [told for message in self.heard("facts") for told in message]

    def forms(self) -> list[tuple[str, str]]:
        return [(call["form"], call.get("phase", "")) for call in self.heard()]

    def ask(self, held: list[int] | None = None) -> dict[str, Any]:
        """All that it should show; ``held``: the cards that it says it holds."""
        sent = () if held is None else ({"held": held},)
        state: dict[str, Any] = self.socket.emit("calls", *sent, callback=True)
        return state
