"""Pieces of a field that are one number only together: '0221, 4710123', 'Vorwahl 0221 Nummer 4710123'."""

from __future__ import annotations

import re
from dataclasses import replace

from app.core.phones import plan
from app.core.phones.digits import only_digits, understand
from app.core.phones.fields import Piece

_INTERNATIONAL = re.compile(r"\D*(?:\+|00)")
#: An area code alone, with or without its country code in front.
_AREA_CODE = re.compile(r"[^\d+]*0[1-9]\d{0,4}\D*|\D*(?:\+|00)\d{1,3}[^\d+]+(?:0?[^\d+]*)[1-9]\d{0,4}\D*")


def joined(pieces: list[Piece], region: str) -> list[Piece]:
    """The pieces, a country code or an area code that stands apart put before what follows it."""
    done: list[Piece] = []
    for piece in pieces:
        if done and _belongs(done[-1], piece, region, only_two=len(pieces) == 2):
            done[-1] = replace(
                piece, text=f"{done[-1].text} {piece.text}", start=done[-1].start, before=done[-1].before
            )
        else:
            done.append(piece)
    return done


def _belongs(front: Piece, piece: Piece, region: str, *, only_two: bool) -> bool:
    if piece.before in ("several", "until") or front.extension is not None or _INTERNATIONAL.match(piece.text):
        return False
    if _INTERNATIONAL.match(front.text):
        code = only_digits(front.text).removeprefix("00")
        if 0 < len(code) == plan.code_length(f"+{code}"):
            return understand(f"{front.text} {piece.text}", region).e164 is not None
    if not (only_two and _AREA_CODE.fullmatch(front.text)) or only_digits(piece.text)[0] == "0":
        return False
    if understand(front.text, region).e164 or understand(piece.text, region).e164:
        return False
    return understand(f"{front.text} {piece.text}", region).e164 is not None
