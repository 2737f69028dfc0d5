"""What a telephone system sends, and what somebody types to be dialled, as a party of ``app.core.values``."""

from __future__ import annotations

import re
from functools import lru_cache

from app.core.phones import plan
from app.core.phones.digits import only_digits
from app.core.phones.forms import with_country_code
from app.core.phones.reading import MAX_FIELD_LENGTH, read_number
from app.core.phones.text import plain, tokens
from app.core.phones.words import EXTENSION_WORDS, LABEL_WORDS, WITHHELD_WORDS
from app.core.values import MAX_INTERNAL_DIGITS, Dialable, Internal, Party, SipUser, Unverified, Withheld, e164_of

#: The same as somebody spelled them with the keys of a telephone: ANONYMOUS, RESTRICTED, UNAVAILABLE.
_WITHHELD_KEYS = frozenset(("266696687", "7378742833", "86282452253"))

#: And as programs write them: PrivateNumber, UnknownCaller.
_WITHHELD_GLUED = frozenset(phrase.replace(" ", "") for phrase in WITHHELD_WORDS)

#: Shorter digits without 0 or + may be a local number, so no country code is looked for in them.
_MIN_BARE_DIGITS = 9

#: Emergency numbers of three digits: 110 and 112 (Germany, EU), 113 (Norway, Luxembourg), 117, 118, 144 (Switzerland),
#: 122, 133, 140, 144 (Austria), 118 (Italy), 997, 998, 999 (Poland, United Kingdom, Ireland), 911 (North America).
#: Two-digit ones (France's 15, 17, 18) and those that German offices use as extensions (100, 101, 150 …) are left
#: out: as extensions they must stay dialable.
_EMERGENCY = frozenset(["110", "112", "113", "117", "118", "122", "133", "140", "144", "911", "997", "998", "999"])
_GERMAN_EMERGENCY = frozenset(("110", "112"))

_WORDS = re.compile(r"[^\W_]+")
#: RFC 3966, 5.1.1: what may stand between the digits of a number for the eye.
_SEPARATORS = re.compile(r"[-.()]")
_PORT = re.compile(r":\d+$")
_CLEAN = re.compile(r"\+?[0-9]+")
#: What people may have put between digits without parting them.
_NO_SEPARATOR = re.compile(r"[_:?…€]")
_IN_ANGLES = re.compile(r"<([^<>]*)>")
_RUN = re.compile(r"[+\d](?:[\d +()\[\]./-]*\d)?")
_BETWEEN_DIGITS = re.compile(r"[\s()/.-]")
#: E.164 has fifteen digits at most; two more are let pass, as a telephone system may send them.
_KEY = re.compile(r"\+[1-9][0-9]{4,16}")
_BETWEEN = re.compile(r"\s+/\s*|\s*/\s+")


def classify(raw: str | None, region: str = "DE") -> Party:
    """The party of a raw caller or called number, as a telephone system in the region sends it. Never raises.

    Digits without 0 or + are read as a country code without its plus (``49…``, ``41…``): that is how telephone systems
    shorten foreign numbers. In typed text the same digits may be ambiguous; use ``read_number`` there.
    """
    if raw is None:
        return Withheld()
    if len(raw) > MAX_FIELD_LENGTH:
        return Unverified(raw)
    return _classified(raw, region.upper())


@lru_cache(maxsize=1024)
def _classified(raw: str, region: str) -> Party:
    text = raw.strip()
    if _CLEAN.fullmatch(text):
        return _of_digits(raw, text, region)
    inner = _IN_ANGLES.search(text)
    if inner is not None and inner.group(1).strip():
        text = inner.group(1).strip()  # "Name" <sip:…@…>
    text = _without_scheme(text)
    if _says_withheld(text):
        return Withheld(raw)
    if "@" in text:
        return _of_sip(raw, text, region)
    if _CLEAN.fullmatch(text):
        return _of_digits(raw, text, region)
    return _of_written(raw, text, region)


def _of_digits(raw: str, text: str, region: str) -> Party:
    if text[0] != "+" and len(text) <= MAX_INTERNAL_DIGITS:
        return Internal(text)
    e164 = _e164_of_digits(text, region)
    if e164 is not None:
        return Dialable(raw, e164)
    return Withheld(raw) if text.lstrip("+") in _WITHHELD_KEYS else Unverified(raw)


def _says_withheld(text: str) -> bool:
    """Whether a text names no caller: one of the words for that, or no sign that tells anything."""
    words = " ".join(_WORDS.findall(text.casefold()))
    return words in WITHHELD_WORDS or words in _WITHHELD_GLUED if words else not set(text) & set("+*#")


def _e164_of_digits(text: str, region: str) -> str | None:
    if text[0] == "+":
        return plan.international(text[1:])
    if text.startswith("00"):
        return plan.international(text[2:])
    if text[0] == "0" or plan.trunk_prefix(region) != "0":
        e164 = plan.national(text, region)
        if e164 is not None or text[0] == "0":
            return e164
    return plan.international(text) if len(text) >= _MIN_BARE_DIGITS else None


def _of_sip(raw: str, text: str, region: str) -> Party:
    name, _, host = text.partition("@")
    host, _, parameters = host.partition(";")
    user = name.partition(";")[0].strip()
    if not user or _says_withheld(user) or host.partition(":")[0].strip().casefold().endswith(".invalid"):
        return Withheld(raw)
    number = _SEPARATORS.sub("", plain(user).text)
    if number[0] in "+0" or "user=phone" in f"{name};{parameters}".casefold():
        # A number in SIP clothes (RFC 3261, 19.1.1), not an account of the telephone system.
        e164 = _e164_of_digits(number, region) if _CLEAN.fullmatch(number) else None
        if e164 is not None:
            return Dialable(raw, e164)
    return SipUser(f"{user}@{_PORT.sub('', host.strip())}".casefold())


def _of_written(raw: str, text: str, region: str) -> Party:
    reading = read_number(text, region)
    if reading.e164 is not None:
        return Dialable(raw, reading.e164)
    written = plain(text).text
    digits = only_digits(written)
    if reading.problem == "too_short" and 0 < len(digits) <= MAX_INTERNAL_DIGITS and "+" not in written:
        words = {token.text for token in tokens(written) if token.kind == "word"}
        if words <= EXTENSION_WORDS | LABEL_WORDS:
            return Internal(digits)
    return Unverified(raw)


def number_key(party: Party, region: str = "DE") -> str | None:
    """What numbers are compared by where also those count that no plan knows: digits behind a plus, country code first.

    The same for every spelling, also for the national form that a telephone system sends. None for a party without a
    public number.
    """
    if isinstance(party, Dialable):
        return party.e164
    if not isinstance(party, Unverified):
        return None
    digits = _BETWEEN_DIGITS.sub("", party.raw.strip())
    if digits.startswith("00"):
        digits = f"+{digits[2:]}"
    digits = with_country_code(digits, region).replace(" ", "") or digits
    return digits if _KEY.fullmatch(digits) else None


def _without_scheme(text: str) -> str:
    scheme, colon, rest = text.partition(":")
    return rest.strip() if colon and scheme.casefold() in ("sip", "sips", "tel", "callto") else text


def dialable_target(raw: str, region: str = "DE") -> Dialable | Internal | Unverified:
    """What a user typed to be dialled. ``Unverified`` must be refused: unreadable, ambiguous, several, an emergency
    number, a SIP address or a service code such as ``*21#``.
    """  # fmt: skip
    if len(raw) > MAX_FIELD_LENGTH or is_emergency(raw):
        return Unverified(raw)
    text = _without_scheme(raw.strip())
    if not text or "@" in text:
        return Unverified(raw)
    party = _of_written(raw, text, region)
    # Asked once more of what was understood: '1:1:2' is 112 as well.
    if isinstance(party, Dialable | Internal) and not is_emergency(e164_of(party) or party.raw):
        return party
    return Unverified(raw)


def is_emergency(raw: str) -> bool:
    """Whether dialling the text would reach an emergency service, in any spelling, with or without a country code.

    Leading zeros do not hide one (an outside-line 0, a 00), neither do words, and Germany's 110 and 112 not even a
    country and an area code: no subscriber's number begins with 11.
    """
    text = _NO_SEPARATOR.sub(" ", plain(raw[:MAX_FIELD_LENGTH]).text.partition("@")[0])
    return any(
        _is_emergency_run(run)
        for match in _RUN.finditer(text)
        for run in (match.group(), *_BETWEEN.split(match.group()))
    )


def _is_emergency_run(run: str) -> bool:
    digits = only_digits(run)
    if digits.lstrip("0") in _EMERGENCY or digits in ("49110", "49112"):
        return True
    international = run.lstrip(" (").startswith("+") or digits.startswith("00")
    if international:
        number = digits.lstrip("0")
        if any(number[length:].lstrip("0") in _EMERGENCY for length in (1, 2, 3) if len(number) <= length + 4):
            return True
    if digits[-3:] not in _GERMAN_EMERGENCY:
        return False
    e164 = _e164_of_digits(f"+{digits}" if international and digits[0] != "0" else digits, "DE") if digits else None
    return e164 is not None and e164[:3] == "+49" and len(e164) == 3 + plan.area_length(e164) + 3
