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
from app.core.phones.runs import MIN_FULL_DIGITS, Part, parts
from app.core.phones.text import Token, keypad, tokens
from app.core.phones.words import (
    COUNTRY_SIGNS,
    COUNTRY_WORDS,
    EXTENSION_WORDS,
    ID_WORDS,
    LABEL_WORDS,
    NUMBER_WORDS,
    SEPARATING_WORDS,
    SWITCHBOARD_WORDS,
)

#: What stands before a piece: nothing, a sign between numbers or a word that does the same, 'bis' (until what hour,
#: or to what Durchwahl), a word that announces a number, one that announces another kind of number, another word.
Before = Literal["start", "sign", "several", "until", "label", "id", "remark"]

_SERVICE_START = re.compile(r"(?:00)?\d{0,3}?0?(?:[789]00|18\d|137|80\d|8[4-8]\d)\d*")
#: One or several extensions ('12', '-12/-13', '12-14'), up to the end of the run or to another full number.
_EXTENSIONS = re.compile(
    r"[ ().-]*(?P<first>(?!0\d\d)\d{1,6}|0\d{2,5}(?=\s*$)|\d(?: \d){1,4}|\d\d \d\d)"
    r"(?P<more>(?:\s*[/-]\s*-?\s*[1-9]\d{0,4}(?!\d))*)(?!\d)"
    r"[ ().-]*/?[ ().-]*(?:$|(?=[ /(]*(?:\+|0)[\d ()./-]{6}))"
)
#: A vanity number has so many letters and words at most, and so many digits at least.
_LONGEST_WORD = 12
_SHORTEST_VANITY = 9
#: A number of its own, not a Durchwahl.
_FULL = re.compile(r"[ (\[/.-]*(?:\+|0)(?:[ ()\[\]./-]*\d){6}")
_FULL_BEGINS = re.compile(r"[ (\[/.-]*(?:\+|0)")
_MORE = re.compile(r"([/-])\s*-?\s*(\d+)")


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
    hidden: bool = False
    """Some of its digits were hidden or left open."""
    suggestion: str | None = None
    country: str | None = None
    """The region of a country that was named beside it."""
    country_certain: bool = False
    """That country was named right before it and nothing else was."""


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
        #: What was said since the last number.
        self._extension_follows = False
        self._switchboard_follows = False
        self._announced = False
        self._country: str | None = None
        self._country_certain = False
        self._vanity_digits = ""

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
            elif token.kind == "mask":
                self._mask()
            else:
                self._several("sign")
            place += taken
        return self._pieces

    def _several(self, before: Before) -> None:
        self._before = before
        self._current = None
        self._extension_follows = False

    def _mask(self) -> None:
        if self._current is not None:
            self._current.hidden = True

    def _word(self, token: Token, place: int) -> int:
        word = token.text
        following = self._tokens[place + 1] if place + 1 < len(self._tokens) else None
        if word in EXTENSION_WORDS:
            self._extension_word()
        elif word in SWITCHBOARD_WORDS:
            self._switchboard_word(following)
        elif word in SEPARATING_WORDS:
            self._several("until" if word == "bis" else "several")
        elif word in NUMBER_WORDS and self._extension_follows:
            pass  # 'DW Nr. 12'
        elif word in COUNTRY_WORDS or (token.capital and token.text.upper() in COUNTRY_SIGNS):
            self._country_word(COUNTRY_WORDS.get(word) or word.upper(), following)
        else:
            taken = self._vanity(place)
            if taken:
                return taken
            self._label_or_remark(word)
        return 1

    def _extension_word(self) -> None:
        """'DW' goes on with the number before it, also behind a comma; not in '-0 oder DW 57', '-0, Fax DW 57'."""
        if self._current is None and self._pieces and self._before == "sign" and not self._announced:
            self._current = self._pieces[-1]
        current = self._current
        self._extension_follows = current is not None and current.extension is None and not self._announced
        if not self._extension_follows:
            self._before = "label"

    def _switchboard_word(self, following: Token | None) -> None:
        digits = only_digits(following.text) if following is not None and following.kind == "digits" else ""
        # 'Zentrale' stands before its number or behind it; between two, beside the one that ends with 0.
        behind = self._current is not None and only_digits(self._current.text).endswith("0")
        number_follows = digits != "" and (not behind or (len(digits) >= MIN_FULL_DIGITS and digits[-1] == "0"))
        if self._current is None or number_follows:
            self._switchboard_follows = True
        else:
            self._current.switchboard = True
        self._before = "label"

    def _country_word(self, region: str, following: Token | None) -> None:
        if self._current is not None and (following is None or following.kind != "digits"):
            self._current.country = region
        else:
            self._country = region
            self._country_certain = self._before != "remark"
        self._extension_follows = False

    def _label_or_remark(self, word: str) -> None:
        label = word in LABEL_WORDS
        if word not in NUMBER_WORDS or self._before not in ("label", "id"):
            self._before = "label" if label else "id" if word in ID_WORDS else "remark"
        self._announced = self._announced or label
        self._extension_follows = False
        if not label and word not in NUMBER_WORDS:
            self._country_certain = False

    def _vanity(self, place: int) -> int:
        """'0800 FLOWERS': letters stand for digits in service numbers only. How many tokens were taken."""
        piece = self._current
        if piece is None or not _SERVICE_START.fullmatch(only_digits(piece.text)):
            return 0
        if understand(piece.text, self._region).e164 is not None:
            return 0
        run = self._vanity_run(place)
        before = len(only_digits(piece.text))
        # The fewest words that make a number: what stands behind is said about it, as in '0800 FLOWERS oder …'.
        for count in range(1, len(run) + 1):
            letters = "".join(keypad(token.text) for token in run[:count])
            if not _SHORTEST_VANITY <= before + len(letters) <= plan.MAX_DIGITS:
                continue
            e164 = understand(piece.text + letters, self._region).e164
            if e164 is not None and plan.is_service(e164):
                piece.text, piece.end = piece.text + letters, run[count - 1].end
                self._vanity_digits = letters
                return count
        return 0

    def _vanity_run(self, place: int) -> list[Token]:
        """The words and digits that may stand for one number: up to what begins, or announces, another."""
        run: list[Token] = []
        for token, following in zip(
            self._tokens[place : place + _LONGEST_WORD], [*self._tokens[place + 1 :], None], strict=False
        ):
            is_word = token.kind == "word"
            if not is_word and (token.kind != "digits" or _FULL_BEGINS.match(token.text)):
                break
            # Single letters may be part of a word that is spelled out: 'F L O W E R S'.
            if is_word and run and len(token.text) > 1:
                announces = token.text in LABEL_WORDS and following is not None and following.kind == "digits"
                if announces or token.text in SEPARATING_WORDS or token.text in EXTENSION_WORDS:
                    break
            run.append(token)
        return run

    def _digits(self, token: Token) -> None:
        if self._extension_follows and self._current is not None:
            if self._extension(token):
                return
            self._current.ambiguous = self._current.ambiguous or not _FULL.match(token.text)
        self._extension_follows = False
        if self._vanity_digits and only_digits(token.text) == self._vanity_digits:
            return  # '0800 FLOWERS (356 93 77)': the same once more
        for part in parts(token.text, self._country or self._region):
            self._piece(part, token.start + part.start)
        self._switchboard_follows = self._announced = self._country_certain = False
        self._country = None
        self._vanity_digits = ""
        self._before = "sign" if token.text.rstrip().endswith("/") else "remark"

    def _piece(self, part: Part, begin: int) -> None:
        text, first = part.text, part.start == 0
        piece = Piece(
            text,
            begin + len(text) - len(text.lstrip(" /.,")),
            begin + len(text.rstrip(" /.,")),
            "several" if not first else "remark" if part.stray and self._before != "id" else self._before,
            switchboard=self._switchboard_follows and not part.stray,
            ambiguous=part.ambiguous,
            country=self._country,
            country_certain=self._country_certain,
        )
        if part.ambiguous:
            piece.suggestion = understand(text, self._region).e164
        self._pieces.append(piece)
        self._current = piece
        if not part.stray:
            self._switchboard_follows = False

    def _extension(self, token: Token) -> bool:
        """'DW 12', 'ext. 12', 'DW 12/13': the digits belong to the number before. False: they do not."""
        self._extension_follows = False
        match = _EXTENSIONS.match(token.text)
        if self._current is None or match is None:
            return False
        first = only_digits(match["first"])
        end = token.start + max(match.end("first"), match.end("more"))
        self._current.extension = first
        self._current.end = end
        for sign, digits in _MORE.findall(match["more"]):
            # '12-14' goes from one to the other; '1-23' may be one, or two.
            open_to_doubt = sign == "-" and len(digits) != len(first)
            self._current.ambiguous = self._current.ambiguous or open_to_doubt
            self._pieces.append(Piece(f"-{digits}", token.start, end, "several", ambiguous=open_to_doubt))
        self._before = "remark"
        if match.end() < len(token.text):
            self._several("several")
            self._digits(Token("digits", token.text[match.end() :], token.start + match.end(), token.end))
        return True
