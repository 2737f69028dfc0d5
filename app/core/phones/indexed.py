"""Numbers in an index of texts, where people look for any part of one. Callers are never found this way."""

from __future__ import annotations

from functools import lru_cache

from app.core.phones import plan
from app.core.phones.digits import only_digits
from app.core.phones.forms import MIN_SEARCH_DIGITS, only_digits_typed, search_key
from app.core.phones.text import plain

#: Digits of a text that no numbering plan could read; more are no number.
MAX_UNREAD_DIGITS = 30


def index_token(e164: str | None, raw: str) -> str:
    """What stands for a number in the index: country code, trunk prefix and national number in one row of digits.

    ``490221471012`` holds ``0221471012``, ``221471012`` and every part of them. Of a number that could not be read
    the digits are taken as typed; '' where there are too few.
    """
    if e164 is None:
        digits = only_digits(plain(raw).text)[:MAX_UNREAD_DIGITS]
        return digits if len(digits) >= MIN_SEARCH_DIGITS else ""
    return _with_trunk(e164)


@lru_cache(maxsize=1024)
def index_needles(fragment: str, region: str = "DE") -> tuple[tuple[str, bool], ...]:
    """What to look for in the index where this fragment of a number was typed; each with whether a token begins so.

    One of them is enough. () for words and for fewer than three digits. With + or 00 in front it is the beginning of an
    international number; other digits may come from the middle.
    """
    digits = only_digits_typed(fragment)
    if not digits:
        return ()
    beginnings = search_key(fragment, region)
    if "+" in plain(fragment).text or digits.startswith("00"):
        return tuple((_with_trunk(start), True) for start in beginnings)
    if len(digits) < MIN_SEARCH_DIGITS:
        return ()
    code = plan.calling_code(region)
    as_code = [(_with_trunk(start), True) for start in beginnings if code and start[1:] == digits]
    return tuple(dict.fromkeys([(digits, False), *as_code]))


@lru_cache(maxsize=1024)
def _trunk_of(code: str) -> str:
    return plan.trunk_prefix(plan.region_of_code(int(code)))


def _with_trunk(e164: str) -> str:
    length = plan.code_length(e164)
    if not length:
        return e164[1:]
    code, rest = e164[1 : 1 + length], e164[1 + length :]
    return f"{code}{_trunk_of(code)}{rest}" if rest else code
