"""What in a field is no number although it has digits: times, dates, prices, floors, lists, account numbers.

Everything here keeps the length of the text, so that places still mean what was typed. Where it is not certain that
digits belong to a remark they stay: a number that becomes doubtful by them is shown to a person, one that lost its
last digits would be another subscriber's.
"""

from __future__ import annotations

import re

from app.core.phones.words import (
    COUNTRY_SIGNS,
    COUNTRY_WORDS,
    EXTENSION_WORDS,
    FAX_WORDS,
    SWITCHBOARD_WORDS,
)

_HOUR = r"(?:[01]?\d|2[0-4])(?:[:.h][0-5]\d|h)?"
_RANGE = rf"{_HOUR}\s*(?:-|bis|to|à)\s*{_HOUR}"
_RANGES = rf"{_RANGE}(?:\s*(?:/|,|und|u\.|&|\+)\s*{_RANGE})*"
_FROM = r"(?:ab|von|bis|nach|vor|zwischen|ca|gegen|um|de|from)\.?\s+"
_DAY = (
    r"(?:(?:mon|diens|mitt?woch|donners|frei|sams|sonn)(?:tag)?s?|mo|di|mi|do|fr|sa|so|mon|tue|wed|thu|fri|sat|sun"
    r"|werktags|wochentags|täglich|tägl|tgl|wochenende)\b\.?"
)
#: Not behind a group of one or two digits: '47 10 12-14 Uhr' may be 47 10 12-14 or 47 10.
_FREE = r"(?=\d)(?<![\d.:/+-])(?<![\s(/.]\d\s)(?<![\s(/.]\d\d\s)"
_ALONE = r"(?<![^\s(\[,;])(?=\d)"
#: '(ab 14 Uhr)', '9-17 Uhr', '8-12 / 14-18 Uhr', '24h', '9-17 h'.
_HOURS = re.compile(
    rf"\b{_FROM}(?:{_RANGES}|{_HOUR})(?:\s*(?:-|bis|und|u\.)\s*{_HOUR})?\s*(?:uhr|h)\b"
    rf"|{_FREE}(?:{_RANGES}\s*(?:/|,|und|u\.|&|\+)\s*)?{_HOUR}(?:\s*(?:-|bis|und|u\.)\s*{_HOUR})?\s*uhr\b"
    rf"|{_FREE}(?:{_RANGES}|24)\s*h\b|{_ALONE}24h\b"
    rf"|{_FREE}(?:1?\d|2[0-4])h(?:[0-5]\d)?\s*(?:-|bis|to|à)\s*{_HOUR}(?!\d)|\b{_FROM}\d{{1,2}}h\d\d(?!\d)",
    re.IGNORECASE,
)
#: '8:00-16:30', 'ab 18:30'.
_CLOCK = re.compile(rf"\b(?:{_FROM})?\d{{1,2}}:\d\d(?:\s*(?:-|bis|und|u\.)\s*{_HOUR})?(?!\d)", re.IGNORECASE)
#: 'Mo-Fr 8-12', 'werktags 9-12 / 14-18'; '24/7'; '(8.00-16.30)'.
_DAYS = re.compile(
    rf"\b{_DAY}(?:\s*(?:[-+/&,]|bis|und|u\.)\s*{_DAY})*[:,]?\s*{_RANGES}(?!\d)"
    rf"|{_FREE}24\s?/\s?7(?!\s?\d)"
    rf"|[(\[]\s*{_HOUR}[:.]?\s*-\s*\d{{1,2}}[.:][0-5]\d\s*[)\]]",
    re.IGNORECASE,
)
_DAY_MONTH = r"(?:0?[1-9]|[12]\d|3[01])\.\s?(?:0?[1-9]|1[0-2])\."
_YEAR = r"(?:19|20)\d\d"
#: 'seit 1.1.2024', 'bis 31.12.', 'Stand 03/2024', '01.02.2024', '2024-02-01'.
_DATES = re.compile(
    rf"\b(?:seit|ab|bis|vom|am|stand|neu|gültig|geändert)\b:?\s+"
    rf"(?:{_DAY_MONTH}(?:\s?{_YEAR}|\d\d)?(?!\d)|(?:0?[1-9]|1[0-2])[/.]{_YEAR}(?!\d)|{_YEAR}(?![\d/ -]))"
    rf"|{_ALONE}(?:{_DAY_MONTH}\s?{_YEAR}(?![\d.])|{_YEAR}-[01]\d-[0-3]\d(?![\d-]))"
    rf"|[(\[]\s*{_DAY_MONTH}(?:\d\d)?\s*[)\]]",
    re.IGNORECASE,
)
#: '14 ct/min', '0,14 €', '24 Stunden', '10 Minuten', '2x klingeln'.
_AMOUNTS = re.compile(
    rf"(?=\d)(?:{_FREE}\d{{1,3}}|(?<!\d)\d{{1,3}}[.,]\d\d)\s?(?:€|euro?|cents?|ct)(?![^\W\d_])"
    rf"|{_FREE}\d{{1,3}}[\s-]?(?:min(?:uten?)?|std|stunden?|tage?|wochen?)(?![^\W\d_])"
    rf"|{_FREE}\d{{1,2}}\s?(?:x|mal)\s+(?=(?:lang\w*\s+)?(?:durch)?(?:klingel|läut|schell|anruf))",
    re.IGNORECASE,
)
#: '2. OG', '1. Stock', '2. Handy'.
_ORDINALS = re.compile(
    rf"{_FREE}\d{{1,2}}\.\s?(?=(?:og|ug|eg|dg|stock|stockwerk|etage|obergeschoss|apparat|app|handy|mobil\w*|nummer|nr"
    r"|rufnummer|telefon\w*|tel|fax|anschluss|leitung|nebenstelle|wahl|versuch)\b)",
    re.IGNORECASE,
)
#: '1. 0221 …', '1.) 0221 …', '(2) 0171 …', 'Tel. 2: 0171 …': the number of a line in a list.
_LIST_NUMBER = re.compile(
    r"[1-9](?:(?<=^.)|(?<=[\s;,|(/].))(?:[.)]{1,2}\s+|\s*:\s*)(?=[+(]?\d)"
    r"|(?<![\d-])\([1-9]\)\s+(?=[(\[]*(?:\+|0\d))"
)
#: IBANs of sixteen signs and more; account numbers hold runs of digits that look like local numbers.
_IBAN = re.compile(r"\b[A-Z]{2}\d{2}(?: ?[A-Z0-9]{4}){4,7}(?: ?[A-Z0-9]{1,3})?\b")
#: A spreadsheet or a data frame wrote the number as a float; the '.0' is no digit of it.
_FLOAT = re.compile(r"(\s*\+?\d{6,})[.,]00?\s*")
#: '4,92215E+11': a spreadsheet kept the beginning only.
_SCIENTIFIC = re.compile(r"\d[.,]\d+\s?e\s?\+?\d{1,2}\b", re.IGNORECASE)

#: Digits that somebody hid or left open: '0221 4710xxx', '4710***', '4710…', '4710-x', '4710-?', '47101?3'.
_HIDDEN = re.compile(
    r"(?<=\d)[ /(.-]*(?:x{2,}(?![^\W\d_])|\*{2,}|\?{2,}|\?(?=\d)|_{2,}|\#{2,}|…|\.{3,}|--+(?=\s*$))"
    r"|(?<=\d)\s?-\s?(?:x\b(?!\s*\d)|\?)",
    re.IGNORECASE,
)
#: '0221 4710 12h': noon, or the Durchwahl 12 at home.
_LONE_HOUR = re.compile(r"(?<=\d)\s(?:1?\d|2[0-3])h\b", re.IGNORECASE)
_HIDING = re.compile(r"[x?*_#…]|\.\.|--", re.IGNORECASE)
#: '29191-10 … -19': from one to the other.
_UNTIL = re.compile(r"(?<=\d)\s*(?:…|\.{2,3})\s*(?=-?\s*\d)")
#: '0180 5 123456*' points to a footnote about its price, '* 0221 …' begins a line of a list.
_STARS = re.compile(r"(?<=\d)\s?\*(?=\s*(?:$|[,;)(\n]|[^\W\d_]))|(?:(?<=^)|(?<=\n))\s*\*\s+(?=[+(\w])")

_REMARK = re.compile(r"\(([^()]*[^\W\d_][^()]*)\)|\[([^\[\]]*[^\W\d_][^\[\]]*)\]")
_WORD = re.compile(r"[^\W\d_]+")
_DIGIT = re.compile(r"\d")
#: '(Frau Beispiel: -57)', '(-124 Fax)' are a Durchwahl, '(Raum -1)' is none.
_DASHED = re.compile(r"(?:^|[\s:])-\s?\d{2,5}(?!\d)")
_EMAIL = re.compile(r"[^\s,;<>|]*@[^\s,;<>|]*")
_URI = re.compile(r"\b(?:tel|callto|phone|sip|sips):(?=[+\d(])", re.IGNORECASE)
# The plain text has a blank where '=' stood.
_URI_CONTEXT = re.compile(r"(?P<local>\d[\d ().-]*);phone-context (?P<context>\+\d[\d().-]*)", re.IGNORECASE)
_URI_EXTENSION = re.compile(r";ext (?=\d)", re.IGNORECASE)
_URI_REST = re.compile(r";(?:phone-context|isub|user|transport) [^\s;]*", re.IGNORECASE)
_DW = re.compile(r"\bd\.\s?w\.", re.IGNORECASE)
#: 'E+ 0171 …': a plus behind a letter, and no country code begins with 0.
_LETTER_PLUS = re.compile(r"(?<=[^\W\d_])\+(?=\s*0)")

#: Nothing but digits and separators, as most fields are: no remark to look for.
_BARE = re.compile(r" *(?:\((?:\+|0)[\d ]+\)|[+0][\d ]*(?:\(0\))?)[\d +/-]*")
_LEFT_OVER = str.maketrans(dict.fromkeys(":@?_€…", " "))
#: Each kind of remark, and a cheap sign without which there is none.
_REMARKS = (
    (re.compile(r"\d\.|\d-\d\d-\d|(?:19|20)\d\d(?!\d)"), _DATES),
    (re.compile(r"uhr|\d ?h", re.IGNORECASE), _HOURS),
    (re.compile(r":\d"), _CLOCK),
    (re.compile(r"-|/|bis", re.IGNORECASE), _DAYS),
    (re.compile(r"\d[ -]?(?:[€ecmstwx])", re.IGNORECASE), _AMOUNTS),
    (re.compile(r"\d\. ?[^\W\d_]"), _ORDINALS),
)


def without_remarks(text: str) -> str:
    """The plain text of the same length without times, dates, e-mail addresses and remarks in brackets.

    A bracket that holds a number of its own, an extension word, a country or 'Zentrale' loses its brackets only.
    Digits that were hidden or left open are '~'.
    """
    if _BARE.fullmatch(text) and "--" not in text and "24/7" not in text:
        return text
    match = _FLOAT.fullmatch(text)
    if match:
        return match.group(1).ljust(len(text))
    text = _without_machine_forms(text)
    if "*" in text:
        text = _STARS.sub(_blanked, text)
    if _HIDING.search(text):
        text = _HIDDEN.sub(_hidden, _UNTIL.sub(_several, text))
    for sign, remark in _REMARKS:
        if sign.search(text):
            text = remark.sub(_blanked, text)
    text = _LONE_HOUR.sub(_hidden, text)
    text = _LIST_NUMBER.sub(_blanked_unless_in_brackets, text)
    text = _LETTER_PLUS.sub(" ", text)
    if "(" in text or "[" in text:
        text = _REMARK.sub(_opened, text)
    return text.translate(_LEFT_OVER)


def _without_machine_forms(text: str) -> str:
    """Links, their parameters, e-mail, bank accounts; 'phone-context' is put before the digits that it belongs to."""
    text = _URI.sub(_blanked, text)
    if ";" in text:
        text = _URI_CONTEXT.sub(_in_context, text)
        text = _URI_EXTENSION.sub(" ext ", text)
        text = _URI_REST.sub(_blanked, text)
    if "@" in text:
        text = _EMAIL.sub(_blanked, text)
    text = _IBAN.sub(_blanked, text)
    text = _SCIENTIFIC.sub(_hidden, text)
    return _DW.sub(lambda match: "dw".ljust(len(match.group())), text)


def _in_context(match: re.Match[str]) -> str:
    return f"{match['context']} {match['local']}".ljust(len(match.group()))


def _blanked(match: re.Match[str]) -> str:
    return " " * len(match.group())


def _several(match: re.Match[str]) -> str:
    return "|".ljust(len(match.group()))


def _hidden(match: re.Match[str]) -> str:
    return "~" * len(match.group())


def _blanked_unless_in_brackets(match: re.Match[str]) -> str:
    """'(06 1) 234 5678': that 1 is an area code, not the number of a line."""
    before = match.string[: match.start()]
    return match.group() if before.count("(") > before.count(")") else _blanked(match)


def _opened(match: re.Match[str]) -> str:
    inner = match.group(1) or match.group(2) or ""
    words = {word.casefold() for word in _WORD.findall(inner)}
    short = _DASHED.search(inner) or (words & FAX_WORDS and _DIGIT.search(inner))
    if sum(sign.isdigit() for sign in inner) >= 6 or short:
        return f"|{inner}|"
    if words & (EXTENSION_WORDS | SWITCHBOARD_WORDS):
        return f" {inner} "
    if words & COUNTRY_WORDS.keys() or inner.strip() in COUNTRY_SIGNS:
        return f" {inner};"
    return _blanked(match)
