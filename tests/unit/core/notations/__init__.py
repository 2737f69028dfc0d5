"""Notations of telephone numbers by subject, a text file each, with what each of them means.

A section begins with ``== COUNTRY NUMBERS``: the country of the address, and the numbers in E.164 parted by commas, one
with its extension as ``+442079460123 ext. 12``, or ``none`` for what is kept as typed. Every line below is one field,
exactly as typed but for ``\\n``, ``\\t``, ``\\\\`` and ``\\uXXXX``.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

_FOLDER = Path(__file__).parent
_ESCAPED = re.compile(r"\\(?:u[0-9a-f]{4}|U[0-9a-f]{8}|[nrt\\])")


@dataclass(frozen=True)
class Notation:
    """A field as typed at an address in the region, and the numbers that it holds, each with its extension."""

    written: str
    region: str
    numbers: tuple[tuple[str, str | None], ...]
    subject: str

    def __str__(self) -> str:
        return f"{self.region} {self.written!a}"


def notations(subject: str = "*") -> list[Notation]:
    """Those of one subject, or all."""
    return [one for path in sorted(_FOLDER.glob(f"{subject}.txt")) for one in _read(path)]


def _read(path: Path) -> Iterator[Notation]:
    region = ""
    numbers: tuple[tuple[str, str | None], ...] = ()
    for line in path.read_text("utf-8").split("\n"):
        if line.startswith("== "):
            _, region, listed = line.split(" ", 2)
            numbers = tuple(_number(one) for one in listed.split(", ") if one != "none")
        elif line and not line.startswith("# "):
            yield Notation(_ESCAPED.sub(_sign, line), region, numbers, path.stem)


def _number(text: str) -> tuple[str, str | None]:
    e164, _, extension = text.partition(" ext. ")
    return e164, extension or None


def _sign(match: re.Match[str]) -> str:
    return match.group().encode("ascii").decode("unicode_escape")
