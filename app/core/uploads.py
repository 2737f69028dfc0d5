"""Files that browsers send: a view that takes one says how large it may be; everything else stays small."""

from __future__ import annotations

import io
from collections.abc import Callable, Iterable, Iterator
from typing import Any, BinaryIO, TypeVar

from flask import Flask, request
from flask_login import current_user

F = TypeVar("F", bound=Callable[..., Any])
MARK = "_durchwahl_upload"
#: Besides the file: the form's other fields and what stands between the parts.
AROUND_BYTES = 64 * 1024


def takes_file(most_bytes: int) -> Callable[[F], F]:
    """The view takes a file of this size at most from somebody who is logged in; a larger one is answered with 413."""

    def mark(view: F) -> F:
        setattr(view, MARK, most_bytes)
        return view

    return mark


def install(app: Flask) -> None:
    """Widen the limit of such requests. Before anything reads the form, so before the check of its CSRF token."""

    @app.before_request
    def widen() -> None:
        view = app.view_functions.get(request.endpoint or "")
        most: int | None = getattr(view, MARK, None)
        if most is not None and request.method == "POST" and current_user.is_authenticated:
            request.max_content_length = most + AROUND_BYTES


class Blocks(io.RawIOBase):
    """Blocks of bytes, one after the other, as a file that can be read once."""

    def __init__(self, blocks: Iterable[bytes]) -> None:
        self._blocks: Iterator[bytes] = iter(blocks)
        self._rest = memoryview(b"")

    def readable(self) -> bool:
        """Always."""
        return True

    def readinto(self, buffer: Any) -> int:
        """The next bytes; 0 at the end."""
        while not self._rest:
            block = next(self._blocks, None)
            if block is None:
                return 0
            self._rest = memoryview(block)
        size = min(len(buffer), len(self._rest))
        buffer[:size] = self._rest[:size]
        self._rest = self._rest[size:]
        return size


def as_file(blocks: Iterable[bytes]) -> BinaryIO:
    """``Blocks`` with a buffer."""
    return io.BufferedReader(Blocks(blocks), 64 * 1024)
