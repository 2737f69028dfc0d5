"""Static files under addresses that change with their content, so that a browser asks for each only once.

``url_for("static", …)`` gives ``/static/v-<version>/…``. Imports of ES modules and ``url()`` of style sheets are
relative and inherit the version, so there is one for all files. Without it, or with another, a file is asked for anew
each time.
"""

from __future__ import annotations

import os
import time
from collections.abc import Callable
from functools import lru_cache
from hashlib import sha256
from pathlib import Path
from typing import Any

from flask import Flask, Response, send_from_directory

ENDPOINT = "static"
#: Seconds between two looks whether a file has changed.
LOOK_SECONDS = 1.0
#: Addresses that are kept: of all files, in a version or two.
MOST_ADDRESSES = 1024
FOREVER = "public, max-age=31536000, immutable"


class StaticVersion:
    """The digest of everything in a folder, made anew when a file there has changed."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self._looked_at = -LOOK_SECONDS
        self._seen: list[tuple[str, int, int]] = []
        self._version = ""

    def current(self) -> str:
        """The version of what lies there now."""
        now = time.monotonic()
        if now - self._looked_at >= LOOK_SECONDS:
            seen = sorted(_files(str(self.folder)))
            if seen != self._seen:
                self._version, self._seen = self._digest(seen), seen
            self._looked_at = now
        return self._version

    def _digest(self, files: list[tuple[str, int, int]]) -> str:
        # Of names and contents, not of times: several machines that serve the same files agree.
        digest = sha256()
        for path, _changed, _size in files:
            digest.update(os.path.relpath(path, self.folder).encode() + b"\0")
            digest.update(sha256(Path(path).read_bytes()).digest())
        return digest.hexdigest()[:12]


def _files(folder: str) -> list[tuple[str, int, int]]:
    found = []
    with os.scandir(folder) as entries:
        for entry in entries:
            if entry.is_dir():
                found += _files(entry.path)
            else:
                told = entry.stat()
                found.append((entry.path, told.st_mtime_ns, told.st_size))
    return found


def install(app: Flask, folder: Path) -> Callable[[str, str], str]:
    """Serve the folder. Reads it with the first address that is made or asked for, not here.

    Returns what makes the address of a file in a request, told below what the app stands: once a version.
    """
    version_of = StaticVersion(folder)

    def static(filename: str, version: str | None = None) -> Response:
        answer = send_from_directory(folder, filename)
        if version is not None and version == version_of.current():
            answer.headers["Cache-Control"] = FOREVER
        return answer

    app.add_url_rule("/static/<path:filename>", ENDPOINT, static)
    app.add_url_rule("/static/v-<version>/<path:filename>", ENDPOINT, static)

    @app.url_defaults
    def add_version(endpoint: str, values: dict[str, Any]) -> None:
        if endpoint == ENDPOINT:
            values.setdefault("version", version_of.current())

    @lru_cache(maxsize=MOST_ADDRESSES)
    def made(filename: str, _root: str, version: str) -> str:
        return app.url_for(ENDPOINT, filename=filename, version=version)

    return lambda filename, root: made(filename, root, version_of.current())
