"""From what somebody typed to plain signs: digits, dashes, blanks, words. Knows no numbering plan.

Every sign is mapped to one sign or dropped, and the places are remembered, so a piece found in the plain text can
be quoted exactly as it was typed.
"""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass
from functools import lru_cache

#: Signs beyond the Unicode dash class that people and word processors use as a dash.
_DASHES = frozenset("\u2212\u2043\u30fc\uff70\u02d7")
_SLASHES = frozenset("\\\u2044\u2215\u2571\u29f8\uff3c")
_DOTS = frozenset("\u00b7\u2022\u2219\u2027\u30fb\u2024")
#: Signs of the plain text; every other sign becomes a blank.
_PLAIN = frozenset("+()[]/.-;,|&*#@:\n")

#: The Durchwahl or extension follows.
EXTENSION_WORDS = frozenset(
    [
        "dw",
        "durchwahl",
        "durchw",
        "nst",
        "nebenst",
        "nebenstelle",
        "app",
        "apparat",
        "hausapparat",
        "kl",
        "klappe",
        "ext",
        "extn",
        "extension",
        "x",
        "interno",
        "poste",
        "toestel",
        "klapka",
    ]
)
#: The number is a company's main number.
SWITCHBOARD_WORDS = frozenset(
    ["zentrale", "telefonzentrale", "zentralnummer", "vermittlung", "switchboard", "centralino"]
)
#: Another number follows.
SEPARATING_WORDS = frozenset(
    ["oder", "od", "or", "und", "u", "and", "sowie", "bzw", "beziehungsweise", "bis", "ou", "et"]
)
#: Words that announce a number, so that a short '-57' after them is a Durchwahl and not a remark.
LABEL_WORDS = frozenset(
    [
        "tel",
        "telefon",
        "telephone",
        "fon",
        "phone",
        "fax",
        "telefax",
        "mobil",
        "mobile",
        "mobiltel",
        "mobiltelefon",
        "handy",
        "cell",
        "natel",
        "büro",
        "buero",
        "office",
        "privat",
        "private",
        "geschäftlich",
        "zuhause",
        "home",
        "work",
        "direkt",
        "t",
        "m",
        "f",
        "p",
        "h",
        "w",
    ]
)

#: What stands around a piece and belongs to none.
_AROUND = " \t\r\n\u00a0\u202f/\\.,;|"

_HOURS = r"\d{1,2}(?:[:.]\d\d)?"
_FROM = r"(?:(?:ab|von|bis|nach|vor|zwischen|ca|gegen)\.?\s+)?"
_TO = rf"(?:\s*(?:-|bis|und|u\.)\s*{_HOURS})?"
_DATE = r"(?:\d{1,2}\.\d{1,2}\.(?:19|20)\d\d|(?:19|20)\d\d-\d\d-\d\d)"
#: '(ab 14 Uhr)', '9-17 Uhr', '8:00-16:30', '24h', 'seit 1.1.2024': digits that belong to no number.
_TIMES = re.compile(
    rf"\b{_FROM}{_HOURS}{_TO}\s*(?:uhr|h)\b|\b{_FROM}\d{{1,2}}:\d\d{_TO}(?!\d)"
    rf"|\b(?:seit|ab|bis|vom|am|stand)\s+{_DATE}"
    rf"|\b(?:mo|di|mi|do|fr|sa|so|mon|tue|wed|thu|fri|sat|sun)\b[.:]?\s*{_HOURS}\s*(?:-|bis)\s*{_HOURS}(?!\d)",
    re.IGNORECASE,
)
#: '1. 0221 …', 'Tel. 2: 0171 …': the number of a line in a list.
_LIST_NUMBER = re.compile(r"(?:(?<=^)|(?<=[\s;,|(]))\d(?:[.)]\s+|\s*:\s*)(?=[+(]?\d)")
_REMARK = re.compile(r"\(([^()]*[^\W\d_][^()]*)\)|\[([^\[\]]*[^\W\d_][^\[\]]*)\]")
_WORD = re.compile(r"[^\W\d_]+")
_EMAIL = re.compile(r"[^\s,;<>|]*@[^\s,;<>|]*")
_URI = re.compile(r"\b(?:tel|callto|phone|sip|sips):(?=[+\d(])", re.IGNORECASE)
# The plain text has a blank where '=' stood.
_URI_EXTENSION = re.compile(r";ext (?=\d)", re.IGNORECASE)
_URI_REST = re.compile(r";(?:phone-context|isub|user|transport) [^\s;]*", re.IGNORECASE)
#: A spreadsheet or a data frame wrote the number as a float; the '.0' is no digit of it.
_FLOAT = re.compile(r"(\s*\+?\d{6,})\.0\s*")

_TOKENS = re.compile(
    r"(?P<digits>[ +()\[\]./-]*\d[\d +()\[\]./-]*)|(?P<word>[^\W\d_]+)|(?P<several>[;,|&\n]+)|(?P<hash>\#)"
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
    """A run of digits with its separators, a word, a sign between several numbers, or '#'."""

    kind: str
    text: str
    start: int
    end: int


def plain(typed: str) -> Plain:
    """Full-width digits, all dashes, all blanks, all slashes as ASCII; invisible signs dropped."""
    signs: list[str] = []
    places: list[int] = []
    for place, sign in enumerate(typed):
        mapped = _mapped(sign)
        if mapped:
            signs.append(mapped)
            places.append(place)
    return Plain("".join(signs), typed, tuple(places))


def without_remarks(text: str) -> str:
    """The plain text of the same length without times, dates, e-mail addresses and remarks in brackets.

    A bracket that holds a number of its own, an extension word or 'Zentrale' loses its brackets only.
    """
    match = _FLOAT.fullmatch(text)
    if match:
        return match.group(1).ljust(len(text))
    text = _URI.sub(_blanked, text)
    text = _URI_EXTENSION.sub(" ext ".ljust(5), text)
    text = _URI_REST.sub(_blanked, text)
    text = _EMAIL.sub(_blanked, text)
    text = _TIMES.sub(_blanked, text)
    text = _LIST_NUMBER.sub(_blanked_unless_in_brackets, text)
    text = _REMARK.sub(_opened, text)
    return text.replace(":", " ").replace("@", " ")


def tokens(text: str) -> list[Token]:
    """The plain text as digits, words and separators, in order; everything else is passed over."""
    found = []
    for match in _TOKENS.finditer(text):
        kind = match.lastgroup or "digits"
        found.append(Token(kind, match.group().casefold(), match.start(), match.end()))
    return found


def keypad(text: str) -> str:
    """Letters as the digits that they share a telephone key with (ITU-T E.161), digits as they are."""
    return "".join(_KEYPAD.get(sign, sign) for sign in text.casefold() if sign.isalnum())


_KEYPAD = {
    letter: digit
    for digit, letters in zip("23456789", ["abc", "def", "ghi", "jkl", "mno", "pqrs", "tuv", "wxyz"], strict=True)
    for letter in letters
}


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
    category = unicodedata.category(sign)
    if category == "Nd":
        return str(unicodedata.decimal(sign))
    if category == "Pd":
        return "-"
    if category in ("Cf", "Mn", "Me"):
        return ""
    return sign if category[0] == "L" else " "


def _blanked(match: re.Match[str]) -> str:
    return " " * len(match.group())


def _blanked_unless_in_brackets(match: re.Match[str]) -> str:
    """'(06 1) 234 5678': that 1 is an area code, not the number of a line."""
    before = match.string[: match.start()]
    return match.group() if before.count("(") > before.count(")") else _blanked(match)


def _opened(match: re.Match[str]) -> str:
    inner = match.group(1) or match.group(2) or ""
    words = {word.casefold() for word in _WORD.findall(inner)}
    if sum(sign.isdigit() for sign in inner) >= 6:
        return f"|{inner}|"
    if words & (EXTENSION_WORDS | SWITCHBOARD_WORDS):
        return f" {inner} "
    return _blanked(match)
