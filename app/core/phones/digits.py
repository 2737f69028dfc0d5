"""From one written number to E.164: which plan its digits belong to, and whether they can mean one subscriber only.

Nothing is guessed. Digits that two subscribers could have written this way are reported as such, with the more
likely one as a suggestion for a person to confirm.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import lru_cache

from app.core.phones import plan
from app.core.values import MAX_INTERNAL_DIGITS

#: Country codes whose national numbers keep their 0 in E.164: Italy with the Vatican, San Marino.
_KEEPS_ZERO = ("39", "378")
#: Digits without 0 or + are read as a foreign number from here on; shorter ones may be local.
_MIN_BARE_DIGITS = 9
#: A German or Austrian number that lost its 0 (spreadsheets drop it) is longer than any local number from here on.
_MIN_LOST_ZERO_OPEN_PLAN = 10
_MIN_LOST_ZERO = 9

#: A German number of today has eleven digits after its 0 at most; a longer one holds a Durchwahl, or something else.
LONGEST_GLUED = len("+49") + 11

#: Behind a switchboard's 0, and behind so many digits after the area code, ' 8-12' may be hours as well.
_COMPLETE_LOCAL = 7
_HOURS = re.compile(r"(-\s*0)?\s(1?\d|2[0-4])\s*-\s*(1?\d|2[0-4])\s*$")

_BRACKET_ZERO = re.compile(r"[(\[]\s*0\s*[)\]]")
_GROUP = re.compile(r"(\D*)(\d+)")
#: '(212) 555-0123', '212.555.0123': the way of North America, where no 0 was lost.
_NORTH_AMERICAN = re.compile(r"[^\d+]*[2-9]\d\d\D+[2-9]\d\d\D+\d{4}")


@dataclass(frozen=True, slots=True)
class Found:
    """What one written number is: its E.164 form, or why not.

    ``durchwahl`` is the last group where it was set apart as one ('-57', '-0') and is part of the number.
    """

    e164: str | None = None
    problem: str | None = None
    suggestion: str | None = None
    durchwahl: str | None = None


def only_digits(text: str) -> str:
    """The digits of a plain text."""
    return "".join(sign for sign in text if "0" <= sign <= "9")


@lru_cache(maxsize=1024)
def understand(text: str, region: str) -> Found:
    """One number in plain signs (digits, + and separators), as written in the region."""
    text = _without_bracket_zero(text)
    groups = [(match.group(1), match.group(2)) for match in _GROUP.finditer(text)]
    if len(groups) > 1 and "+" in groups[1][0] and not groups[0][1].strip("0"):
        groups = groups[1:]  # '00 +49 …': the plus says it already
    if not groups:
        return Found(problem="unreadable")
    if len(groups) > 2 and "-" in groups[-2][0] and groups[-2][1] == "0":
        found = _after_switchboard(groups, region)
        if found is not None:
            return found
    found = _resolve(groups, region)
    if found.e164 is not None and len(groups) > 1:
        doubt = _doubt(text, groups, found.e164, region)
        if doubt is not None:
            return doubt
        separator, last = groups[-1]
        if ("-" in separator or last == "0") and _can_be_durchwahl(found.e164, last):
            return Found(found.e164, durchwahl=last)
    return found


def local_length(e164: str) -> int:
    """How many digits follow the area code."""
    return len(e164) - 1 - plan.code_length(e164) - plan.area_length(e164)


def _without_bracket_zero(text: str) -> str:
    """'+49 (0)221' is '+49 221'; '+39 (0)6' is '+39 06', because Italy keeps its 0."""
    match = _BRACKET_ZERO.search(text)
    if match is None:
        return text
    code = only_digits(text[: match.start()])
    code = code[2:] if code.startswith("00") else code
    if not 1 <= len(code) <= 3 or code[0] == "0":
        return text
    rest = text[match.end() :]
    if code in _KEEPS_ZERO and plan.international(f"{code}0{only_digits(rest)}"):
        return f"+{code} 0{rest.lstrip()}"
    return f"+{code} {rest}"


def _after_switchboard(groups: list[tuple[str, str]], region: str) -> Found | None:
    """'1234-0 -12' and '1234-0-12' are …123412: the Durchwahl takes the place of the switchboard's 0."""
    switchboard = _resolve(groups[:-1], region).e164
    separator, last = groups[-1]
    if switchboard is None or not plan.has_durchwahl(switchboard) or len(last) > MAX_INTERNAL_DIGITS:
        return None
    direct = plan.international(switchboard[1:-1] + last)
    if "-" in separator and direct is not None:
        return Found(direct, durchwahl=last)
    return Found(problem="ambiguous", suggestion=direct)


def _doubt(text: str, groups: list[tuple[str, str]], e164: str, region: str) -> Found | None:
    """What is valid when all digits are taken together, yet was hardly meant that way."""
    for place in range(1, len(groups)):
        separator, group = groups[place]
        if "(" not in separator or "-" in separator:
            continue
        if group[0] == "0" and len(group) > 1 and not _is_international(groups) and not _is_code(groups[:place]):
            # '4710123 (0221)': the area code stands behind.
            meant = _resolve([("", group), *groups[:place], *groups[place + 1 :]], region)
            return Found(problem="ambiguous", suggestion=meant.e164)
        if _resolve(groups[:place], region).e164 is not None:
            return Found(problem="ambiguous", suggestion=e164)  # '0221 4710123 (12)': a Durchwahl, a room, a footnote
    if len(e164) > LONGEST_GLUED and e164[1:3] in plan.DURCHWAHL_COUNTRIES and "-" not in groups[-1][0]:
        # '0221 4710123 50667': behind a complete number a blank leaves open what the rest is.
        shorter = _resolve(groups[:-1], region).e164
        if shorter is not None:
            return Found(problem="ambiguous", suggestion=shorter)
    separator, last = groups[-1]
    whole = len(e164) >= LONGEST_GLUED and separator.isspace()
    if whole and len(last) == 1 and last != "0" and max(map(len, _middle(groups))) > 3:
        # '0221 4710123 2', '0221 4710 123 2': groups of three leave one digit ('0171 392 001 2'), others do not.
        return Found(problem="ambiguous", suggestion=e164)
    hours = _HOURS.search(text)
    if hours and len(groups) > 3 and int(hours[2]) < int(hours[3]):
        before = _resolve(groups[:-2], region).e164
        if before is not None and (hours[1] or local_length(before) >= _COMPLETE_LOCAL):
            return Found(problem="ambiguous", suggestion=before)  # '0221 4710-0 8-12'
    abroad = plan.trunk_prefix(region) == "0" and _NORTH_AMERICAN.fullmatch(text)
    if abroad and plan.international("1" + only_digits(text)) is not None:
        return Found(problem="ambiguous", suggestion=e164)
    return None


def _middle(groups: list[tuple[str, str]]) -> list[str]:
    return [group for _, group in groups[1:-1] or groups]


def _is_international(groups: list[tuple[str, str]]) -> bool:
    return "+" in groups[0][0] or "".join(group for _, group in groups[:2]).startswith("00")


def _is_code(groups: list[tuple[str, str]]) -> bool:
    """Whether the groups are a country code without its plus and no more."""
    digits = "".join(group for _, group in groups)
    return plan.code_length(f"+{digits}") == len(digits)


def _can_be_durchwahl(e164: str, last: str) -> bool:
    # At least two digits stay between the area code and the Durchwahl: no company has a stem of one digit.
    return len(last) <= MAX_INTERNAL_DIGITS and plan.has_durchwahl(e164) and local_length(e164) - len(last) >= 2


def _resolve(groups: list[tuple[str, str]], region: str) -> Found:
    digits = "".join(group for _, group in groups)
    if len(digits) > plan.MAX_DIGITS + 4:  # 00 in front and a 0 in brackets behind the country code
        return Found(problem="too_long")
    if "+" in groups[0][0]:
        return _of_international(digits[2:] if digits.startswith("00") else digits)
    if digits.startswith("00"):
        return _of_international(digits[2:])
    if len(digits) <= MAX_INTERNAL_DIGITS:
        return Found(problem="too_short")
    if not plan.calling_code(region):
        return Found(problem="no_country", suggestion=plan.international(digits))
    if plan.trunk_prefix(region) == "0" and digits[0] != "0":
        return _without_prefix(digits, groups[0][1], region)
    e164 = plan.national(digits, region)
    if e164 is not None:
        return Found(e164)
    if digits[0] != "0" and len(digits) >= _MIN_BARE_DIGITS:
        e164 = _abroad(digits, groups[0][1])
        if e164 is not None and (len(digits) > _MIN_BARE_DIGITS or _has_code_apart(e164, groups[0][1])):
            return Found(e164)
    prefix = plan.trunk_prefix(region)
    if digits[0] == "0" and not prefix:
        # '0-22 123 45 67' in Poland, '0 912 …' in Spain: out of habit, or of old; no number begins with 0 there.
        e164 = plan.national(digits[1:], region)
        if e164 is not None:
            return Found(e164) if groups[0][1] == "0" else Found(problem="ambiguous", suggestion=e164)
    return Found(problem=plan.shortcoming(plan.calling_code(region) + digits.removeprefix(prefix)))


def _of_international(digits: str) -> Found:
    e164 = plan.international(digits)
    return Found(e164) if e164 is not None else Found(problem=plan.shortcoming(digits))


def _without_prefix(digits: str, first: str, region: str) -> Found:
    """Neither 0 nor +: a country code without its plus, a number that lost its 0, or a local one."""
    abroad = plan.international(digits) if len(digits) >= _MIN_BARE_DIGITS else None
    if abroad is not None and digits.startswith(plan.calling_code(region)):
        return Found(abroad)
    abroad = _abroad(digits, first) if abroad is not None else None
    home = plan.national("0" + digits, region)
    if home is None:
        if abroad is None or not (len(digits) > _MIN_BARE_DIGITS or _has_code_apart(abroad, first)):
            return Found(problem="no_area_code")
        return Found(abroad)
    grouped_home = first != digits and (len(first) == plan.area_length(home) or plan.is_mobile(home))
    if abroad is None:
        open_plan = plan.calling_code(region) in plan.DURCHWAHL_COUNTRIES
        enough = _MIN_LOST_ZERO_OPEN_PLAN if open_plan else _MIN_LOST_ZERO
        if plan.is_mobile(home) or (len(digits) >= enough and len(home) <= LONGEST_GLUED):
            return Found(home)
        return Found(problem="no_area_code", suggestion=home)
    code_apart = _has_code_apart(abroad, first)
    if code_apart and len(first) != plan.area_length(home):
        return Found(abroad)
    if grouped_home and not code_apart:
        return Found(home)
    return Found(problem="ambiguous", suggestion=home)


def _abroad(digits: str, first: str) -> str | None:
    """The number whose country code begins the digits without its plus.

    None where the first group ends within the area code: in '12 123456000' nobody has written 1 212 345 6000.
    """
    e164 = plan.international(digits)
    if e164 is None:
        return None
    code = plan.code_length(e164)
    return None if code < len(first) < code + plan.area_length(e164) else e164


def _has_code_apart(e164: str, first: str) -> bool:
    return len(first) == plan.code_length(e164)
