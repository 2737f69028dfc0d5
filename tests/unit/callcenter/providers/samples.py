"""Placetel's samples of its Web API, one file per situation."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from app.modules.callcenter.providers import placetel

FOLDER = Path(placetel.__file__).parent / "samples"


def exchanges() -> dict[str, dict[str, Any]]:
    """Requests and answers of the Web API by name: kind, source, request, response."""
    return _load("api")


def _load(folder: str) -> dict[str, dict[str, Any]]:
    return {path.stem: json.loads(path.read_text()) for path in sorted((FOLDER / folder).glob("*.json"))}
