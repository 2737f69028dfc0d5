"""The forms that leave the house: for the eye, for ``tel:`` links, for the telephone system, for the index."""

from __future__ import annotations

import re
from functools import lru_cache
from typing import Literal

from app.core.phones import plan
from app.core.phones.digits import only_digits
from app.core.phones.reading import read_number
from app.core.phones.text import plain
from app.core.values import Dialable, Party, SipUser, Withheld

#: A stem has seven digits at least, country code included, so that no short one swallows strangers.
MIN_STEM_DIGITS = 7
#: A Durchwahl has five digits at most.
MAX_DURCHWAHL_DIGITS = 5
#: So many digits stand between the area code and a Durchwahl of five: 030 227-32112.
MIN_DIGITS_BEFORE_LONGEST = 3
#: Fewer digits say too little to search for.
MIN_SEARCH_DIGITS = 3

_E164 = re.compile(r"\+[1-9]\d{1,16}")
_BRACKET_ZERO = re.compile(r"[(\[]\s*0\s*[)\]]")


def format_display(e164: str, region: str = "DE") -> str:
    """The number as people in the region write it; a text that is no E.164 number comes back unchanged."""
    if not _E164.fullmatch(e164):
        return e164
    return plan.written(e164, region.upper())


def format_party(party: Party, region: str = "DE") -> str:
    """A party for the eye: the number, the extension, the SIP user; '' for a withheld one."""
    if isinstance(party, Dialable):
        return format_display(party.e164, region)
    if isinstance(party, Withheld):
        return ""
    if isinstance(party, SipUser):
        return party.raw
    return party.raw.strip()


def tel_uri(e164: str) -> str:
    """The global form of RFC 3966. Raises ValueError for a text that is no E.164 number."""
    return f"tel:{_checked(e164)}"


def dial_digits(e164: str, style: Literal["national", "e164"], home_country_code: int = 49) -> str:
    """What a telephone system dials. 'national': the trunk prefix and the national number at home, ``00…`` abroad;
    'e164': the number with its plus. Raises ValueError for a text that is no E.164 number.
    """  # fmt: skip
    _checked(e164)
    if style == "e164":
        return e164
    home = str(home_country_code)
    if e164[1 : 1 + plan.code_length(e164)] == home:
        return plan.trunk_prefix(plan.region_of_code(home_country_code)) + e164[1 + len(home) :]
    return f"00{e164[1:]}"


def only_digits_typed(fragment: str) -> str:
    """The digits of a typed part of a number, without a bracketed 0; '' for anything with letters or signs."""
    text = plain(fragment[:64]).text
    if any(sign.isalpha() or sign in "*#@" for sign in text):
        return ""
    return only_digits(_BRACKET_ZERO.sub("", text))


@lru_cache(maxsize=1024)
def search_key(fragment: str, region: str = "DE") -> tuple[str, ...]:
    """The E.164 prefixes that a typed fragment of a number may mean, for a search by range.

    Digits without 0 or + may lack either, so they give two prefixes. () for words and for fewer than three digits
    (two after a 0), and for a fragment from the middle of a number, which no prefix can find.
    """
    text = plain(fragment[:64]).text
    digits = only_digits_typed(fragment)
    code, trunk = plan.calling_code(region), plan.trunk_prefix(region)
    if "+" in text or digits.startswith("00"):
        digits = digits.lstrip("0")
        return (f"+{_without_trunk(digits)}",) if len(digits) >= 2 else ()
    if not code or len(digits) < MIN_SEARCH_DIGITS - (digits[:1] == "0"):
        return ()
    if trunk and digits.startswith(trunk):
        rest = digits[len(trunk) :]
        return (f"+{code}{rest}",) if rest else ()
    if digits.startswith(code) and trunk:
        return (f"+{_without_trunk(digits)}",)
    if digits[0] == "0":
        return (f"+{code}{digits}",)
    return tuple(dict.fromkeys((f"+{code}{digits}", f"+{digits}")))


@lru_cache(maxsize=1024)
def prefixes_for_switchboard(e164: str) -> tuple[str, ...]:
    """Every beginning of the number that may be a switchboard's stem, longest first, the number itself included.

    A stem has ``MIN_STEM_DIGITS`` at least and leaves ``MAX_DURCHWAHL_DIGITS`` at most, so there are six at most.
    """
    if not _E164.fullmatch(e164):
        return ()
    shortest = max(1 + MIN_STEM_DIGITS, len(e164) - MAX_DURCHWAHL_DIGITS)
    return tuple(e164[:length] for length in range(len(e164), shortest - 1, -1))


def extension_behind(stem: str, e164: str) -> str | None:
    """The Durchwahl of a number behind a switchboard's stem: '57', '' for the stem itself; None where it is none.

    Not every number that begins like a stem lies behind it. A company with two digits of its own has no Durchwahl of
    five: with '0221 47-0' the subscriber 0221 4710123 has nothing to do.
    """
    if len(stem) < 1 + MIN_STEM_DIGITS or not e164.startswith(stem):
        return None
    extension = e164[len(stem) :]
    if len(extension) < MAX_DURCHWAHL_DIGITS:
        return extension
    # Asked last: the numbering plan takes longer than everything else on the way of a call.
    own = len(stem) - 1 - plan.code_length(e164) - plan.area_length(e164)
    return extension if len(extension) == MAX_DURCHWAHL_DIGITS and own >= MIN_DIGITS_BEFORE_LONGEST else None


def written_for_all(e164: str, stem: str = "") -> str:
    """The number in a form that people read and that means the same in every country: '+49 221 471057', with the stem
    of its switchboard '+49 221 4710-57'. Raises ValueError for a text that is no E.164 number.

    It is never written like a switchboard's number, so a direct number that ends with 0 does not become one.
    """  # fmt: skip
    whole = plan.written(_checked(e164), "ZZ")
    extension = e164[len(stem) :] if stem and e164.startswith(stem) else ""
    forms = [f"{plan.written(stem, 'ZZ')}-{extension}"] if extension else []
    for text in (*forms, whole):
        reading = read_number(text)
        if reading.e164 == e164 and not reading.is_switchboard:
            return text
    return e164


def with_country_code(raw: str, region: str = "DE") -> str:
    """Digits as they are dialled inside the region, with its country code in front; '' for any other text.

    For numbers that no plan has: '0123456789' from a German telephone system is +49 123456789, which is nobody's
    number, and not whatever other countries make of 0123456789.
    """
    trunk, code = plan.trunk_prefix(region), plan.calling_code(region)
    digits = raw.strip()
    if not digits.isascii() or not digits.isdigit() or not trunk or not digits.startswith(trunk):
        return ""
    rest = digits[len(trunk) :]
    return f"+{code} {rest}" if rest and not rest.startswith("0") else ""


def _without_trunk(digits: str) -> str:
    """'+49 0221' typed with its 0 means '+49 221'; Italy keeps it."""
    for length in (2, 3, 1):
        if digits[length : length + 1] == "0" and plan.code_length(f"+{digits}") == length:
            region = plan.region_of_code(int(digits[:length]))
            if plan.trunk_prefix(region) == "0":
                return digits[:length] + digits[length + 1 :]
    return digits


def _checked(e164: str) -> str:
    if not _E164.fullmatch(e164):
        raise ValueError("not an E.164 number")
    return e164
