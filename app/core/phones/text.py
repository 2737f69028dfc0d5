"""From what somebody typed to plain signs: digits, dashes, blanks, words. Knows no numbering plan.

Every sign is mapped to one sign or dropped, and the places are remembered, so a piece found in the plain text can
be quoted exactly as it was typed.
"""

from __future__ import annotations

import html
import re
import unicodedata
from collections.abc import Iterator
from dataclasses import dataclass
from functools import lru_cache

#: Signs beyond the Unicode dash class that people and word processors use as a dash: minus, bullet, vowel signs,
#: superscript, lines of tables, the not sign that a broken soft hyphen turns into.
_DASHES = frozenset("\u2212\u2043\u30fc\uff70\u02d7\u207b\u208b\u2500\u2501\u2796\u00ac")
_SLASHES = frozenset("\\\u2044\u2215\u2216\u2571\u29f5\u29f8\ufe68\uff3c")
_DOTS = frozenset("\u00b7\u2022\u2219\u2027\u30fb\u2024")
_PLUS = frozenset("\u207a\u208a\u2795\ufe62\ufb29")
#: Letters that show nothing, or an apostrophe.
_BLANK_LETTERS = frozenset("\u115f\u1160\u3164\uffa0")
#: Signs of the plain text; every other sign becomes a blank.
_PLAIN = frozenset("+()[]/.-;,|&*#@:?_\u2026\u20ac\n")
#: A web page's or a link's writing of a sign: '&nbsp;', '&#43;', '%20', '%2B'.
_ENCODED = re.compile(r"&(?:#\d{1,5}|#x[0-9a-f]{1,4}|[a-z]{2,8});|%c2%a0|%2[0-9a-f]", re.IGNORECASE)

#: What stands around a piece and belongs to none.
_AROUND = " \t\r\n\u00a0\u202f/\\.,;|"

_TOKENS = re.compile(
    r"(?P<digits>[ +()\[\]./-]*\d[\d +()\[\]./-]*)|(?P<word>[^\W\d_]+)|(?P<several>[;,|&\n]+)|(?P<hash>\#)"
    r"|(?P<mask>~+)"
)


@dataclass(frozen=True, slots=True)
class Plain:
    """The plain text and, for each of its signs, the place in what was typed."""

    text: str
    typed: str
    places: tuple[int, ...]

    def quote(self, start: int, end: int) -> str:
        """What was typed between two places of the plain text, without what only separates it."""
        if start >= end:
            return ""
        return self.typed[self.places[start] : self.places[end - 1] + 1].strip(_AROUND)


@dataclass(frozen=True, slots=True)
class Token:
    """A run of digits with its separators, a word, a sign between several numbers, '#', or '~' for hidden digits."""

    kind: str
    text: str
    start: int
    end: int
    capital: bool = False
    """A word in capital letters only."""


def plain(typed: str) -> Plain:
    """Full-width digits, all dashes, all blanks, all slashes as ASCII; invisible signs dropped."""
    signs: list[str] = []
    places: list[int] = []
    for place, sign in _decoded(typed) if "&" in typed or "%" in typed else enumerate(typed):
        mapped = _mapped(sign)
        if mapped:
            signs.append(mapped)
            places.append(place)
    return Plain("".join(signs), typed, tuple(places))


def tokens(text: str) -> list[Token]:
    """The plain text as digits, words and separators, in order; everything else is passed over."""
    found = []
    for match in _TOKENS.finditer(text):
        kind = match.lastgroup or "digits"
        text = match.group()
        capital = kind == "word" and text.isupper()
        found.append(Token(kind, text.casefold(), match.start(), match.end(), capital))
    return found


def keypad(text: str) -> str:
    """Letters as the digits that they share a telephone key with (ITU-T E.161), digits as they are."""
    return "".join(_KEYPAD.get(sign, sign) for sign in text.casefold() if sign.isalnum())


_KEYPAD = {
    letter: digit
    for digit, letters in zip("23456789", ["abc", "def", "ghi", "jkl", "mno", "pqrs", "tuv", "wxyz"], strict=True)
    for letter in letters
}


def _decoded(typed: str) -> Iterator[tuple[int, str]]:
    """Every sign with its place; a sign that was written in an encoded way has the place where that begins."""
    done = 0
    for match in _ENCODED.finditer(typed):
        yield from enumerate(typed[done : match.start()], done)
        code = match.group()
        text = "\u00a0" if code.casefold() == "%c2%a0" else chr(int(code[1:], 16)) if code[0] == "%" else ""
        yield from ((match.start(), sign) for sign in text or html.unescape(code))
        done = match.end()
    yield from enumerate(typed[done:], done)


@lru_cache(maxsize=2048)
def _mapped(sign: str) -> str:
    if sign in _PLAIN or "0" <= sign <= "9" or sign == " ":
        return sign
    if "\uff01" <= sign <= "\uff5e":  # full-width forms of ASCII
        return _mapped(chr(ord(sign) - 0xFEE0))
    if sign in _DASHES:
        return "-"
    if sign in _SLASHES:
        return "/"
    if sign in _DOTS:
        return "."
    if sign in "\r\v\f\x85\u2028\u2029":
        return "\n"
    if sign in _PLUS:
        return "+"
    if sign in _BLANK_LETTERS:
        return " "
    category = unicodedata.category(sign)
    if category == "Nd":
        return str(unicodedata.decimal(sign))
    if category == "Pd":
        return "-"
    if category in ("Cf", "Mn", "Me"):
        return ""
    return sign if category[0] == "L" and category != "Lm" else " "
