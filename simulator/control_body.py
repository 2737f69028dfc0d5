"""The bodies of control requests, read with their types."""

from __future__ import annotations

from typing import Any

from flask import request


class BadRequest(ValueError):
    """The body of a control request is not of its form. The text is for people."""


class Given:
    """The JSON body of a control request, read with its types."""

    def __init__(self) -> None:
        body = request.get_json(silent=True) if request.get_data() else {}
        if not isinstance(body, dict):
            raise BadRequest("Der Inhalt muss ein JSON-Objekt sein.")
        self.values: dict[str, Any] = body

    @property
    def wait(self) -> bool:
        return self.flag("wait", default=True)

    def flag(self, name: str, *, default: bool) -> bool:
        value = self.values.get(name, default)
        if not isinstance(value, bool):
            raise BadRequest(f"{name} muss true oder false sein.")
        return value

    def text(self, name: str) -> str:
        """A required text."""
        value = self.optional(name)
        if value is None:
            raise BadRequest(f"{name} fehlt.")
        return value

    def optional(self, name: str) -> str | None:
        value = self.values.get(name)
        if value is not None and not isinstance(value, str):
            raise BadRequest(f"{name} muss ein Text sein.")
        return value

    def seconds(self, name: str) -> int | None:
        value = self.values.get(name)
        if value is not None and (not isinstance(value, int) or isinstance(value, bool) or value < 0):
            raise BadRequest(f"{name} muss eine Zahl von Sekunden sein.")
        return value

    def texts(self, name: str) -> list[str] | None:
        value = self.values.get(name)
        if value is not None and not (isinstance(value, list) and all(isinstance(one, str) for one in value)):
            raise BadRequest(f"{name} muss eine Liste von Texten sein.")
        return value
