"""Phone numbers: read what people write and telephone systems send, and write it for people and machines.

``plan`` is the only file that imports phonenumbers; ``text`` knows signs, ``words`` words, ``remarks`` what is no
number; ``fields`` and ``runs`` cut a field into numbers, ``joining`` puts area codes back, ``digits`` turns one into
E.164; ``reading``, ``parties`` and ``forms`` are the doors. docs/numbers.md states which notations are read.
``origins`` tells of a stranger's number where it comes from, with the table of ``places``; ``tariffs`` what a call to
it is charged like; ``corrections`` rewrites a field so that it is read for certain.
"""

from __future__ import annotations

from app.core.phones.corrections import with_area_code, with_digits, without_remark
from app.core.phones.forms import (
    MAX_DURCHWAHL_DIGITS,
    MIN_STEM_DIGITS,
    dial_digits,
    extension_behind,
    format_display,
    format_party,
    prefixes_for_switchboard,
    search_key,
    tel_uri,
    with_country_code,
    written_for_all,
)
from app.core.phones.indexed import index_needles, index_token
from app.core.phones.origins import LINE_TYPES, LineType, Origin, origin, origin_of
from app.core.phones.parties import classify, dialable_target, is_emergency, number_key
from app.core.phones.places import country_names
from app.core.phones.plan import is_mobile, may_be_switchboard
from app.core.phones.reading import PROBLEMS, NumberReading, read_number, read_numbers
from app.core.phones.tariffs import TARIFFS, Tariff, beginning, charged_country, regions, short_tariff, tariff

__all__ = [
    "LINE_TYPES",
    "MAX_DURCHWAHL_DIGITS",
    "MIN_STEM_DIGITS",
    "PROBLEMS",
    "TARIFFS",
    "LineType",
    "NumberReading",
    "Origin",
    "Tariff",
    "beginning",
    "charged_country",
    "classify",
    "country_names",
    "dial_digits",
    "dialable_target",
    "extension_behind",
    "format_display",
    "format_party",
    "index_needles",
    "index_token",
    "is_emergency",
    "is_mobile",
    "may_be_switchboard",
    "number_key",
    "origin",
    "origin_of",
    "prefixes_for_switchboard",
    "read_number",
    "read_numbers",
    "regions",
    "search_key",
    "short_tariff",
    "tariff",
    "tel_uri",
    "with_area_code",
    "with_country_code",
    "with_digits",
    "without_remark",
    "written_for_all",
]
