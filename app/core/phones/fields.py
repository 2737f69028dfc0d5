"""Where one number ends and the next begins in a field that people fill as they like.

libphonenumber reads '0221 2919-0 oder -57' as one valid number that belongs to a stranger. So the field is cut
first, and where a cut is possible but not certain the whole is reported as ambiguous.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Literal

from app.core.phones import plan
from app.core.phones.digits import only_digits, understand
from app.core.phones.runs import MIN_FULL_DIGITS, parts
from app.core.phones.text import (
    EXTENSION_WORDS,
    LABEL_WORDS,
    SEPARATING_WORDS,
    SWITCHBOARD_WORDS,
    Token,
    keypad,
    tokens,
)

#: What stands before a piece: nothing, a sign or word between numbers, a word that announces a number, another word.
Before = Literal["start", "several", "label", "remark"]

_SERVICE_START = re.compile(r"(?:00)?\d{0,3}?0?(?:[789]00|18\d|137|80\d|8[4-8]\d)\d*")


@dataclass(slots=True)
class Piece:
    """One number of the field in plain signs, and what was said about it."""

    text: str
    start: int
    end: int
    before: Before
    extension: str | None = None
    switchboard: bool = False
    ambiguous: bool = False
    suggestion: str | None = None


def cut(text: str, region: str) -> list[Piece]:
    """The pieces of a plain text without remarks, in order."""
    return _Cutter(text, region).pieces()


class _Cutter:
    def __init__(self, text: str, region: str) -> None:
        self._region = region
        self._tokens = tokens(text)
        self._pieces: list[Piece] = []
        self._current: Piece | None = None
        self._before: Before = "start"
        self._extension_follows = False
        self._switchboard_follows = False

    def pieces(self) -> list[Piece]:
        place = 0
        while place < len(self._tokens):
            token = self._tokens[place]
            taken = 1
            if token.kind == "digits":
                self._digits(token)
            elif token.kind == "word":
                taken = self._word(token, place)
            elif token.kind == "hash":
                self._extension_follows = self._current is not None
            else:
                self._several()
            place += taken
        return self._pieces

    def _several(self) -> None:
        self._before = "several"
        self._current = None
        self._extension_follows = False

    def _word(self, token: Token, place: int) -> int:
        word = token.text
        following = self._tokens[place + 1] if place + 1 < len(self._tokens) else None
        if word in EXTENSION_WORDS:
            self._extension_follows = self._current is not None
            self._before = "label"
        elif word in SWITCHBOARD_WORDS:
            number_follows = (
                following is not None
                and following.kind == "digits"
                and len(only_digits(following.text)) >= MIN_FULL_DIGITS
            )
            if self._current is None or number_follows:
                self._switchboard_follows = True
            else:
                self._current.switchboard = True
            self._before = "label"
        elif word in SEPARATING_WORDS:
            self._several()
        else:
            taken = self._vanity(place)
            if taken:
                return taken
            self._before = "label" if word in LABEL_WORDS else "remark"
            self._extension_follows = False
        return 1

    def _vanity(self, place: int) -> int:
        """'0800 FLOWERS': letters stand for digits in service numbers only. How many tokens were taken."""
        piece = self._current
        if piece is None or not _SERVICE_START.fullmatch(only_digits(piece.text)):
            return 0
        if understand(piece.text, self._region).e164 is not None:
            return 0
        run = []
        for token in self._tokens[place:]:
            if token.kind not in ("word", "digits"):
                break
            run.append(token)
        for count in dict.fromkeys((len(run), 1)):
            text = piece.text + "".join(keypad(token.text) for token in run[:count])
            e164 = understand(text, self._region).e164
            if e164 is not None and plan.is_service(e164):
                piece.text, piece.end = text, run[count - 1].end
                return count
        return 0

    def _digits(self, token: Token) -> None:
        if self._extension_follows and self._current is not None and self._extension(token):
            return
        self._extension_follows = False
        for part in parts(token.text, self._region):
            first = part.start == 0
            begin = token.start + part.start
            piece = Piece(
                part.text,
                begin + len(part.text) - len(part.text.lstrip(" /.,")),
                begin + len(part.text.rstrip(" /.,")),
                self._before if first else "several",
                switchboard=self._switchboard_follows and first,
                ambiguous=part.ambiguous,
            )
            if part.ambiguous:
                piece.suggestion = understand(part.text, self._region).e164
            self._pieces.append(piece)
            self._current = piece
        self._switchboard_follows = False
        self._before = "remark"

    def _extension(self, token: Token) -> bool:
        """'DW 12', 'ext. 12', 'DW 12/13': the digits belong to the number before. False: they do not."""
        self._extension_follows = False
        runs = [only_digits(run) for run in token.text.split("/")]
        if self._current is None or not all(0 < len(run) < MIN_FULL_DIGITS for run in runs):
            return False
        self._current.extension = runs[0]
        self._current.end = token.start + len(token.text.rstrip())
        for run in runs[1:]:
            self._pieces.append(Piece(f"-{run}", token.start, token.end, "several"))
        self._before = "remark"
        return True
