"""Where one number ends and the next begins in a field that people fill as they like.

libphonenumber reads '0221 2919-0 oder -57' as one valid number that belongs to a stranger. So the field is cut
first, and where a cut is possible but not certain the whole is reported as ambiguous.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import lru_cache
from typing import Literal

from app.core.phones import plan
from app.core.phones.digits import local_length, only_digits, understand
from app.core.phones.text import (
    EXTENSION_WORDS,
    LABEL_WORDS,
    SEPARATING_WORDS,
    SWITCHBOARD_WORDS,
    Token,
    keypad,
    tokens,
)
from app.core.values import MAX_INTERNAL_DIGITS

#: What stands before a piece: nothing, a sign or word between numbers, a word that announces a number, another word.
Before = Literal["start", "several", "label", "remark"]

#: A German number of today has eleven digits after its 0 at most; a longer glued one is two numbers in a row.
_LONGEST_GLUED = 14
_MIN_FULL_DIGITS = 7
#: More digits without a word or comma between them are no list of numbers; looking for one would take long.
_LONGEST_RUN = 60

_SEPARATOR = re.compile(r"(?<=\d)\D+(?=\d)")
_STARTS_FULL = re.compile(r"[^\d+]*(?:\+|0)")
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
                and len(only_digits(following.text)) >= _MIN_FULL_DIGITS
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
        for part, start in _parts(token.text, self._region):
            first = start == 0
            piece = Piece(
                part,
                token.start + start,
                token.start + start + len(part),
                self._before if first else "several",
                switchboard=self._switchboard_follows and first,
            )
            self._pieces.append(piece)
            self._current = piece
        self._switchboard_follows = False
        self._mark_ambiguous()
        self._before = "remark"

    def _mark_ambiguous(self) -> None:
        piece = self._current
        if piece is not None and _has_open_slash(piece.text, self._region):
            piece.ambiguous = True
            piece.suggestion = understand(piece.text, self._region).e164

    def _extension(self, token: Token) -> bool:
        """'DW 12', 'ext. 12', 'DW 12/13': the digits belong to the number before. False: they do not."""
        self._extension_follows = False
        runs = [only_digits(run) for run in token.text.split("/")]
        if self._current is None or not all(0 < len(run) < _MIN_FULL_DIGITS for run in runs):
            return False
        self._current.extension = runs[0]
        self._current.end = token.end
        for run in runs[1:]:
            self._pieces.append(Piece(f"-{run}", token.start, token.end, "several"))
        self._before = "remark"
        return True


@lru_cache(maxsize=1024)
def _parts(text: str, region: str) -> tuple[tuple[str, int], ...]:
    """A run of digits and separators, cut where a second number begins; each part with its place."""
    if len(only_digits(text)) > _LONGEST_RUN:
        return ((text, 0),)
    for separator in _SEPARATOR.finditer(text):
        left, right = text[: separator.start()], text[separator.start() :]
        if _cut_here(text, left, separator.group(), right, region):
            offset = separator.start()
            rest = _parts(right.replace("/", " ", 1), region)
            return ((left, 0), *((part, offset + start) for part, start in rest))
    return ((text, 0),)


def _cut_here(text: str, left: str, separator: str, right: str, region: str) -> bool:
    if "+" in separator:
        return bool(only_digits(left).strip("0"))
    before = only_digits(left)
    if len(before) < _MIN_FULL_DIGITS:
        return _is_stray(before, left, right, region)
    if _STARTS_FULL.match(right) and len(only_digits(right)) >= _MIN_FULL_DIGITS:
        return _two_full_numbers(text, left, separator, right, region)
    if "/" in separator and not _only_slashes(text):
        return _short_form_follows(left, separator, right, region)
    return False


def _is_stray(before: str, left: str, right: str, region: str) -> bool:
    """'8-12 0221 …': a few digits that are no country code before a number that is complete without them."""
    if before[0] == "0" or "+" in left or "(" in left or plan.code_length(f"+{before}") == len(before):
        return False
    return bool(_STARTS_FULL.match(right)) and understand(right, region).e164 is not None


def _two_full_numbers(text: str, left: str, separator: str, right: str, region: str) -> bool:
    if understand(left, region).e164 is None:
        return False
    following = _parts(right.replace("/", " ", 1), region)[0][0]
    if understand(following, region).e164 is None:
        return False
    if "/" in separator and not _only_slashes(text):
        return True
    glued = understand(text, region).e164
    return glued is None or len(glued) > _LONGEST_GLUED


def _short_form_follows(left: str, separator: str, right: str, region: str) -> bool:
    """'2919-0 / -57', '2919-10/11', '471000/471099': another Durchwahl or local number after the slash."""
    found = understand(left, region)
    if found.e164 is None:
        return False
    segment = only_digits(right.split("/")[1].split("/")[0])
    if len(segment) <= MAX_INTERNAL_DIGITS and found.durchwahl is not None:
        return "-" in separator or found.durchwahl == "0" or len(found.durchwahl) == len(segment)
    return (
        len(segment) >= MAX_INTERNAL_DIGITS
        and plan.area_length(found.e164) > 0
        and len(segment) == local_length(found.e164)
    )


def _has_open_slash(text: str, region: str) -> bool:
    """Whether a slash stands where the number was complete already: '291910/11' may be one number or two."""
    if "/" not in text or len(only_digits(text)) > _LONGEST_RUN or _only_slashes(text):
        return False
    for separator in _SEPARATOR.finditer(text):
        left, right = text[: separator.start()], only_digits(text[separator.start() :])
        if "/" in separator.group() and right != "0" and len(only_digits(left)) >= _MIN_FULL_DIGITS:
            return understand(left, region).e164 is not None
    return False


def _only_slashes(text: str) -> bool:
    """Whether slashes group the digits of one number: '0221/4710/123'."""
    separators = [separator.group() for separator in _SEPARATOR.finditer(text)]
    one = len(only_digits(text)) < _LONGEST_GLUED
    return one and len(separators) > 1 and all(separator == "/" for separator in separators)
