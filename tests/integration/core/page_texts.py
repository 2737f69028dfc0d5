"""What of a page people read or hear: text, and the attributes that are shown or spoken."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from html.parser import HTMLParser
from typing import Any

SPOKEN = frozenset({"title", "aria-label", "aria-description", "placeholder", "alt", "label"})
#: Attributes by which a page gives its scripts a text to show.
GIVEN = re.compile(r"data-[a-z-]*(text|label|title|message)|hx-confirm")
UNREAD = frozenset({"style", "svg"})
BUTTONS = frozenset({"submit", "button", "reset"})


class _Reader(HTMLParser):
    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.texts: list[str] = []
        self._hidden: list[str] = []
        self._script: list[str] | None = None

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        given = {name: value or "" for name, value in attrs}
        if tag in UNREAD or given.get("translate") == "no":
            self._hidden.append(tag)
        if tag == "script":
            self._script = []
            self._is_data = given.get("type") == "application/json"
        self.texts += [value for name, value in given.items() if name in SPOKEN or GIVEN.fullmatch(name)]
        if tag == "input" and given.get("type") in BUTTONS:
            self.texts.append(given.get("value", ""))

    def handle_endtag(self, tag: str) -> None:
        if self._hidden and tag == self._hidden[-1]:
            self._hidden.pop()
        if tag == "script" and self._script is not None:
            if self._is_data:
                self.texts += _strings(json.loads("".join(self._script)))
            self._script = None

    def handle_data(self, data: str) -> None:
        if self._script is not None:
            self._script.append(data)
        elif not self._hidden:
            self.texts.append(data)


def _strings(value: Any) -> Iterator[str]:
    """The sentences among the values that a page hands to its scripts; paths and keywords are none."""
    if isinstance(value, dict):
        for inner in value.values():
            yield from _strings(inner)
    elif isinstance(value, list):
        for inner in value:
            yield from _strings(inner)
    elif isinstance(value, str) and " " in value and not value.startswith("/"):
        yield value


def texts_of(page: str) -> list[str]:
    """All texts of a page with their blanks made single; empty ones left out."""
    reader = _Reader()
    reader.feed(page)
    reader.close()
    found: list[str] = []
    for text in (" ".join(text.split()) for text in reader.texts):
        if found and found[-1].count("⟦") > found[-1].count("⟧"):
            # A translation with a command in it is several pieces of text.
            found[-1] = f"{found[-1]} {text}"
        elif text:
            found.append(text)
    return found
