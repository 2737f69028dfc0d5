"""What the numbering plans say about a row of digits.

The only file that imports ``phonenumbers`` (libphonenumber's metadata). Its geocoder and carrier data stay
unloaded: 97 MB and 309 ms that no web worker may pay for. Everything here takes plain ASCII digits; reading what
people write is the business of the other files of this package.
"""

from __future__ import annotations

import re
from functools import lru_cache
from typing import Literal

import phonenumbers
from phonenumbers import PhoneMetadata, PhoneNumber, PhoneNumberFormat, PhoneNumberType, ValidationResult

#: What kinds of line there are, as far as a numbering plan tells. North America's plan does not tell landlines from
#: mobiles; *service* is a company's number that is reached at one place or another.
LineType = Literal[
    "landline",
    "mobile",
    "landline_or_mobile",
    "free",
    "premium",
    "shared_cost",
    "service",
    "personal",
    "voip",
    "pager",
    "voicemail",
    "satellite",
]

#: Countries in which the Durchwahl is part of the number and numbers have no fixed length: Germany, Austria.
DURCHWAHL_COUNTRIES = ("49", "43")

#: Numbers of E.164 have fifteen digits at most (ITU-T E.164, 6.1); two more for +49, whose metadata knows longer ones.
MAX_DIGITS = 17

#: 015xx is a mobile block of eleven digits without exception (Bundesnetzagentur, Nummernplan Mobile Dienste).
#: libphonenumber lists single 015xx ranges as they are assigned and so calls the newest ones invalid for months.
_GERMAN_MOBILE_BLOCK = re.compile(r"15\d{9}")

_SERVICE_TYPES = frozenset(
    {
        PhoneNumberType.TOLL_FREE,
        PhoneNumberType.PREMIUM_RATE,
        PhoneNumberType.SHARED_COST,
        PhoneNumberType.PERSONAL_NUMBER,
        PhoneNumberType.UAN,
    }
)
_LINE_TYPES: dict[int, LineType] = {
    PhoneNumberType.FIXED_LINE: "landline",
    PhoneNumberType.MOBILE: "mobile",
    PhoneNumberType.FIXED_LINE_OR_MOBILE: "landline_or_mobile",
    PhoneNumberType.TOLL_FREE: "free",
    PhoneNumberType.PREMIUM_RATE: "premium",
    PhoneNumberType.SHARED_COST: "shared_cost",
    PhoneNumberType.UAN: "service",
    PhoneNumberType.PERSONAL_NUMBER: "personal",
    PhoneNumberType.VOIP: "voip",
    PhoneNumberType.PAGER: "pager",
    PhoneNumberType.VOICEMAIL: "voicemail",
}
#: Lines that belong to no area code in North America.
_WITHOUT_AREA = ("free", "premium", "personal")
#: Inmarsat, the satellite networks of 881 and Thuraya (ITU-T E.164, list of assigned codes); libphonenumber calls them
#: mobile or VoIP.
_SATELLITE = ("+870", "+881", "+88216")
#: Germany's 032 belongs to no place (Bundesnetzagentur, Nummernplan Nationale Teilnehmerrufnummern); libphonenumber
#: calls it a landline.
_GERMAN_ANYWHERE = "+4932"
#: Territories with landlines of their own whose other numbers are those of a bigger country.
_SHARES_NUMBERS_OF = {
    "AX": "FI", "CC": "AU", "CX": "AU", "EH": "MA", "GG": "GB", "IM": "GB", "JE": "GB", "SJ": "NO", "VA": "IT",
}  # fmt: skip
_TOO_LITTLE = frozenset({ValidationResult.TOO_SHORT, ValidationResult.IS_POSSIBLE_LOCAL_ONLY})


@lru_cache(maxsize=512)
def calling_code(region: str) -> str:
    """The country code of an ISO 3166 region as digits, '' for a region without a numbering plan."""
    code = phonenumbers.country_code_for_region(region.upper())
    return str(code) if code else ""


@lru_cache(maxsize=512)
def trunk_prefix(region: str) -> str:
    """What is dialled before a national number inside the region: '0' in Germany, '' in Italy and Spain."""
    if region.upper() == "LI":
        return ""  # Liechtenstein dials seven digits; the metadata's 0 is left from its time in the Swiss plan
    metadata = PhoneMetadata.metadata_for_region(region.upper(), None)
    return str(metadata.national_prefix or "") if metadata is not None else ""


@lru_cache(maxsize=512)
def region_of_code(code: int) -> str:
    """The main region of a country code, 'ZZ' for an unknown one."""
    return str(phonenumbers.region_code_for_country_code(code))


@lru_cache(maxsize=1)
def regions() -> tuple[str, ...]:
    """All ISO 3166 regions that have telephone numbers."""
    return tuple(sorted(phonenumbers.SUPPORTED_REGIONS))


def international(digits: str) -> str | None:
    """E.164 of the digits that follow a plus, if some subscriber can have that number.

    A trunk prefix after the country code is dropped where the country drops it (``+353 01 …``) and kept where it is
    part of the number (``+39 06 …``).
    """
    if not 5 < len(digits) <= MAX_DIGITS + 2 or digits[0] == "0":
        return None
    code = _code_at_start(digits)
    if not code:
        return None
    rest = digits[len(code) :]
    if code == "49" and rest[0] == "0":
        rest = rest[1:]
    if rest[:1] != "0":
        e164 = f"+{code}{rest}"
        # A number of no kind is what libphonenumber calls invalid.
        valid = rest and _kind(e164) != PhoneNumberType.UNKNOWN
        if valid or (code == "49" and _GERMAN_MOBILE_BLOCK.fullmatch(rest)):
            return e164
        if code == "49":
            return None
    return _parsed(f"+{digits}", None)


def national(digits: str, region: str) -> str | None:
    """E.164 of digits as they are dialled inside the region, with its trunk prefix where it has one."""
    code = calling_code(region)
    if not code or len(digits) > MAX_DIGITS:
        return None
    if code == "49":
        return international(code + digits[1:]) if digits[0] == "0" and digits[1:2] != "0" else None
    return _parsed(digits, region.upper())


def shortcoming(digits: str) -> str:
    """Why the digits after a plus are no number: 'too_short', 'too_long' or 'invalid'."""
    try:
        number = phonenumbers.parse(f"+{digits}", None)
    except phonenumbers.NumberParseException:
        return "too_long" if len(digits) > MAX_DIGITS else "too_short" if len(digits) < 7 else "invalid"
    verdict = phonenumbers.is_possible_number_with_reason(number)
    if verdict in _TOO_LITTLE:
        return "too_short"
    return "too_long" if verdict == ValidationResult.TOO_LONG else "invalid"


@lru_cache(maxsize=1024)
def line_type(e164: str) -> LineType | None:
    """What kind of line the number is, None where the plan does not tell."""
    if e164.startswith(_SATELLITE):
        return "satellite"
    if e164.startswith(_GERMAN_ANYWHERE):
        return "voip"
    if e164.startswith("+49") and _GERMAN_MOBILE_BLOCK.fullmatch(e164[3:]):
        return "mobile"
    return _LINE_TYPES.get(_kind(e164))


@lru_cache(maxsize=1024)
def country(e164: str) -> str | None:
    """The ISO 3166 region that the number belongs to, ``001`` where it belongs to none; None where it is not sure.

    Several countries share a code (+1, +7, +44 …). A number that is valid in more than one of them is of none for
    sure: a North American freephone number may be Canadian. But where a small territory's numbers are those of a
    bigger country, that one is named: a Norwegian mobile number is hardly ever one from Spitsbergen.
    """
    number = _number(e164)
    regions = phonenumbers.COUNTRY_CODE_TO_REGION_CODE.get(number.country_code or 0, ())
    if len(regions) == 1:
        return str(regions[0])
    kind = line_type(e164)
    if number.country_code == 1:
        # Each area code belongs to one country, those without an area to all 25: too many to look into each of them.
        found = None if kind in _WITHOUT_AREA else phonenumbers.region_code_for_number(number)
        return str(found) if found else None
    valid = [region for region in regions if phonenumbers.is_valid_number_for_region(number, region)]
    if len(valid) > 1 and (kind == "landline" or any(_SHARES_NUMBERS_OF.get(r) != valid[0] for r in valid[1:])):
        return None
    return str(valid[0]) if valid else None


@lru_cache(maxsize=1024)
def has_durchwahl(e164: str) -> bool:
    """Whether extensions are part of this number: a landline or company number of Germany or Austria."""
    return e164[1:3] in DURCHWAHL_COUNTRIES and may_be_switchboard(e164)


def may_be_switchboard(e164: str) -> bool:
    """Whether a company can have many numbers that begin like this one: no mobile, free or premium number."""
    return _kind(e164) in (PhoneNumberType.FIXED_LINE, PhoneNumberType.FIXED_LINE_OR_MOBILE, PhoneNumberType.UAN)


def is_mobile(e164: str) -> bool:
    """Whether the number is a mobile one for certain."""
    if e164.startswith("+49") and _GERMAN_MOBILE_BLOCK.fullmatch(e164[3:]):
        return True
    return _kind(e164) == PhoneNumberType.MOBILE


def is_service(e164: str) -> bool:
    """Whether words may stand for digits in it: free, premium, shared-cost and personal numbers."""
    return _kind(e164) in _SERVICE_TYPES


@lru_cache(maxsize=1024)
def _kind(e164: str) -> int:
    """What libphonenumber calls a number's type: asked for to read a caller's, to look him up, and to show him."""
    return int(phonenumbers.number_type(_number(e164)))


@lru_cache(maxsize=1024)
def area_length(e164: str) -> int:
    """How many digits the area code has, 0 where there is none (mobile, service, closed plans)."""
    return int(phonenumbers.length_of_geographical_area_code(_number(e164)))


def code_length(e164: str) -> int:
    """How many digits the country code of an E.164 number has."""
    return len(_code_at_start(e164[1:]))


@lru_cache(maxsize=1024)
def written(e164: str, region: str) -> str:
    """The number as it is written in the region: national for its own numbers, else international; unchanged when no
    country has its code, or when nothing follows the code.
    """  # fmt: skip
    code = _code_at_start(e164[1:])
    if not code or not e164[1 + len(code) :].strip("0"):
        return e164
    number = _number(e164)
    own = str(number.country_code) == calling_code(region)
    return str(
        phonenumbers.format_number(number, PhoneNumberFormat.NATIONAL if own else PhoneNumberFormat.INTERNATIONAL)
    )


def _code_at_start(digits: str) -> str:
    # Country codes are prefix-free (ITU-T E.164, annex A), so the first hit is the only one.
    for length in (2, 3, 1):
        code = digits[:length]
        if len(code) == length and int(code) in phonenumbers.COUNTRY_CODE_TO_REGION_CODE:
            return code
    return ""


def _parsed(text: str, region: str | None) -> str | None:
    try:
        number = phonenumbers.parse(text, region)
    except phonenumbers.NumberParseException:
        return None
    if not phonenumbers.is_valid_number(number):
        return None
    return str(phonenumbers.format_number(number, PhoneNumberFormat.E164))


def _number(e164: str) -> PhoneNumber:
    code = _code_at_start(e164[1:])
    if code and e164[len(code) + 1 : len(code) + 2] not in ("0", ""):
        return PhoneNumber(country_code=int(code), national_number=int(e164[len(code) + 1 :]))
    return phonenumbers.parse(e164, None)
