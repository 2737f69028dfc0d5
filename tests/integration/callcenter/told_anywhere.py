"""Looks through the whole database for what tells of a person."""

from __future__ import annotations

import re
import zlib

from sqlalchemy import select

from app.core.database import Base, reading


def cells() -> dict[str, list[str]]:
    """Every text of every table by its column, what is compressed as it was."""
    found: dict[str, list[str]] = {}
    with reading() as session:
        for table in Base.metadata.sorted_tables:
            for row in session.execute(select(table)).mappings():
                for name, value in row.items():
                    if value is not None:
                        found.setdefault(f"{table.name}.{name}", []).append(_text(value))
    return found


def _text(value: object) -> str:
    if not isinstance(value, bytes):
        return str(value)
    try:
        return zlib.decompress(value).decode("utf-8", "replace")
    except zlib.error:
        return value.decode("utf-8", "replace")


def where(*words: str, digits: str = "") -> set[str]:
    """The columns in which one of the words stands, or the digits with anything between them."""
    spelt = re.compile(r"[ ()/.+-]*".join(digits)) if digits else None
    return {
        column
        for column, texts in cells().items()
        for text in texts
        if any(word.casefold() in text.casefold() for word in words) or (spelt and spelt.search(text))
    }
