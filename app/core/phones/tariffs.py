"""What a call to a number is charged like, and which country gets it: what rules for dialling ask.

``plan.line_type`` tells kinds of line; rules need those that cost more than a call, told apart as people know them.
"""

from __future__ import annotations

import re
from functools import lru_cache
from typing import Literal, get_args

from app.core.phones import plan
from app.core.phones.digits import only_digits

#: ``mass``: televoting; ``enquiries``: directory enquiries; ``personal``: numbers for life and pagers, which are dear
#: in some countries; ``satellite``: satellites and other networks of no country.
Tariff = Literal["ordinary", "premium", "mass", "shared_cost", "enquiries", "personal", "satellite"]
TARIFFS: tuple[Tariff, ...] = get_args(Tariff)

#: 0137 and 0138 (Bundesnetzagentur, Massenverkehrs-Dienste); libphonenumber calls some premium, others shared cost.
_GERMAN_MASS = ("+49137", "+49138")
#: 870 Inmarsat, 878 personal numbers, 881 satellite networks, 882 and 883 international networks, 888 relief
#: (ITU-T E.164, list of assigned codes). 979, international premium, and 800 and 808 tell what they are themselves.
_OF_NO_COUNTRY = ("+870", "+878", "+881", "+882", "+883", "+888")
_OF_LINE_TYPES: dict[str | None, Tariff] = {
    "premium": "premium",
    "shared_cost": "shared_cost",
    "personal": "personal",
    "pager": "personal",
    "satellite": "satellite",
}
#: Directory enquiries: 118 with two or three digits more in the European Union (decision ECTRA/DEC(97)01), 18xx in
#: Switzerland. They are as short as extensions, so nothing but their beginning tells them apart.
_ENQUIRIES = re.compile(r"118[0-9]{2,3}")
_SWISS_ENQUIRIES = re.compile(r"18[0-9]{2}")
_BEGINNING = re.compile(r"[+0-9][0-9]*")


@lru_cache(maxsize=1024)
def tariff(e164: str) -> Tariff:
    """How the number is charged; ``ordinary`` where its plan does not tell."""
    if e164.startswith(_GERMAN_MASS):
        return "mass"
    if e164.startswith(_OF_NO_COUNTRY):
        return "satellite"
    return _OF_LINE_TYPES.get(plan.line_type(e164), "ordinary")


def short_tariff(typed: str, region: str) -> Tariff:
    """How a number as short as an extension is charged when it is dialled outside: ``enquiries`` or ``ordinary``."""
    digits = only_digits(typed)
    swiss = region.upper() in ("CH", "LI")
    found = _ENQUIRIES.fullmatch(digits) or (swiss and _SWISS_ENQUIRIES.fullmatch(digits))
    return "enquiries" if found else "ordinary"


def charged_country(e164: str) -> str:
    """The ISO 3166 region that a call goes to; ``001`` for networks of no country.

    Where several countries share the number, that is the main one of its code: the others have area codes of their own.
    """
    return plan.country(e164) or plan.region_of_code(int(e164[1 : 1 + plan.code_length(e164)] or "0"))


def beginning(typed: str, region: str) -> str | None:
    """The beginning of numbers in E.164, of what is dialled inside the region: ``0900`` is ``+49900``. None if it is
    none.
    """  # fmt: skip
    text = re.sub(r"[\s()/.-]", "", typed)
    if not _BEGINNING.fullmatch(text):
        return None
    if text.startswith("+"):
        digits = text[1:]
    elif text.startswith("00"):
        digits = text[2:]
    else:
        trunk = plan.trunk_prefix(region)
        if trunk and not text.startswith(trunk):
            return None
        digits = plan.calling_code(region) + text[len(trunk) :]
    return f"+{digits}" if 0 < len(digits) <= plan.MAX_DIGITS and digits[0] != "0" else None


def regions() -> tuple[str, ...]:
    """All countries that have telephone numbers, as ISO 3166 regions."""
    return plan.regions()
