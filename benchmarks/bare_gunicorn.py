"""Durchwahl's own server configuration, read from its file, without what only Durchwahl's workers do."""

from __future__ import annotations

import runpy
from pathlib import Path

_durchwahl = runpy.run_path(str(Path(__file__).resolve().parent.parent / "gunicorn.conf.py"))
globals().update(
    {
        name: value
        for name, value in _durchwahl.items()
        if not name.startswith("_") and (value is None or isinstance(value, str | int | float))
    }
)
