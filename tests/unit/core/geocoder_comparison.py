"""Compares what is told of callers with libphonenumber's own geocoder, on many numbers of all countries.

A program of its own, because the geocoder takes 97 MB and half a second.
``python -m tests.unit.core.geocoder_comparison`` prints what was compared and where the two differ, as JSON.
"""

from __future__ import annotations

import json
import random
from collections.abc import Iterator
from functools import cache

import phonenumbers
from babel import Locale
from phonenumbers import PhoneMetadata, PhoneNumber, PhoneNumberType, geocoder
from phonenumbers.geodata import GEOCODE_DATA
from phonenumbers.phonenumberutil import SUPPORTED_REGIONS

from app.core.phones.origins import origin_of
from scripts.place_names import GERMAN, NOT_NAMED
from scripts.places import LONGEST, calling_code, readable

#: Of so many beginnings that the geocoder knows, one is tried; of China's and Australia's, two thirds of all, fewer.
STEP, STEPS = 16, {"86": 400, "61": 60}
#: So often other digits are tried behind it.
ATTEMPTS = 4
TYPES = {
    PhoneNumberType.FIXED_LINE: "landline",
    PhoneNumberType.FIXED_LINE_OR_MOBILE: "landline_or_mobile",
    PhoneNumberType.MOBILE: "mobile",
    PhoneNumberType.TOLL_FREE: "free",
    PhoneNumberType.PREMIUM_RATE: "premium",
    PhoneNumberType.SHARED_COST: "shared_cost",
    PhoneNumberType.VOIP: "voip",
    PhoneNumberType.UAN: "service",
    PhoneNumberType.PERSONAL_NUMBER: "personal",
    PhoneNumberType.PAGER: "pager",
    PhoneNumberType.VOICEMAIL: "voicemail",
}


def main() -> None:
    """Print the comparison."""
    compared, places, differences = 0, 0, []
    for number in numbers():
        compared += 1
        found = origin_of(phonenumbers.format_number(number, phonenumbers.PhoneNumberFormat.E164))
        places += found.place is not None
        for what, ours, theirs in [*_places(number), *_countries(number), *_line_types(number)]:
            if ours != theirs:
                differences.append([str(number.country_code), str(number.national_number), what, ours, theirs])
    print(json.dumps({"compared": compared, "places": places, "differences": differences[:20]}))


def numbers() -> Iterator[PhoneNumber]:
    """Every country's example of every type, and numbers behind the beginnings that the geocoder knows."""
    chance = random.Random(4711)
    for region in sorted(SUPPORTED_REGIONS):
        for kind in TYPES:
            example = phonenumbers.example_number_for_type(region, kind)
            if example is not None:
                yield example
    for place, prefix in enumerate(sorted(GEOCODE_DATA)):
        code = calling_code(prefix[:3])
        if place % STEPS.get(code, STEP):
            continue
        lengths = [length + len(code) - len(prefix) for length in _lengths(code)]
        for _attempt in range(ATTEMPTS):
            rest = "".join(chance.choices("0123456789", k=max(1, chance.choice(lengths))))
            number = phonenumbers.parse(f"+{prefix}{rest}")
            if phonenumbers.is_valid_number(number):
                yield number
                break


@cache
def _lengths(code: str) -> tuple[int, ...]:
    """How many digits landlines may have behind the country code."""
    metadata = PhoneMetadata.metadata_for_region(phonenumbers.region_code_for_country_code(int(code)))
    assert metadata is not None
    assert metadata.fixed_line is not None
    return tuple(length for length in metadata.fixed_line.possible_length if length > 0)


def _places(number: PhoneNumber) -> Iterator[tuple[str, str, str]]:
    place = origin_of(_e164(number)).place
    code = str(number.country_code)
    kind = phonenumbers.number_type(number)
    if kind not in (PhoneNumberType.FIXED_LINE, PhoneNumberType.FIXED_LINE_OR_MOBILE) or _e164(number)[:5] == "+4932":
        yield "place", place.en if place else "", ""
        return
    english, german = _told(number, "en"), _told(number, "de")
    # Where it knows no place it answers with the country, in words of its own.
    if english in (
        "",
        geocoder.country_name_for_number(number, "en"),
        *NOT_NAMED.get(code, ()),
        *_names_of_countries(code),
    ):
        english = german = ""
    yield "place in English", place.en if place else "", readable(english, code)
    german = GERMAN.get(code, {}).get(readable(english, code), readable(german, code))
    yield "place in German", place.de if place else "", german


def _told(number: PhoneNumber, language: str) -> str:
    """The geocoder's description; where less is kept than it knows, so much of it."""
    longest = LONGEST.get(str(number.country_code))
    if longest is None:
        return str(geocoder.description_for_valid_number(number, language))
    digits = _e164(number)[1:]
    beginnings = (GEOCODE_DATA.get(digits[:length], {}) for length in range(longest, 0, -1))
    return str(next((names["en"] for names in beginnings if "en" in names), ""))


def _countries(number: PhoneNumber) -> Iterator[tuple[str, str | None, str | None]]:
    found = origin_of(_e164(number))
    # Names no country where several are possible; then ours may know better, and is tested on its own.
    if geocoder.country_name_for_number(number, "en"):
        region = str(phonenumbers.region_code_for_number(number))
        yield "country", found.country, region
        for language in ("de", "en"):
            name = found.country_names.of(language) if found.country_names else None
            yield f"country's name ({language})", name, _territories(language)[region]


def _line_types(number: PhoneNumber) -> Iterator[tuple[str, str | None, str]]:
    found = origin_of(_e164(number))
    if found.line_type != "satellite" and _e164(number)[:5] != "+4932":
        yield "line type", found.line_type, TYPES[phonenumbers.number_type(number)]


@cache
def _territories(language: str) -> dict[str, str]:
    return dict(Locale(language).territories)


@cache
def _names_of_countries(code: str) -> set[str]:
    english = _territories("en")
    return {english[region] for region in phonenumbers.COUNTRY_CODE_TO_REGION_CODE[int(code)] if region in english}


def _e164(number: PhoneNumber) -> str:
    return str(phonenumbers.format_number(number, phonenumbers.PhoneNumberFormat.E164))


if __name__ == "__main__":
    main()
