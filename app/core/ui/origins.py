"""Where a number comes from, in words: for cards, pages and forms alike."""

from __future__ import annotations

from flask_babel import LazyString, get_locale, lazy_pgettext
from flask_babel import lazy_gettext as _l

from app.core.i18n import DEFAULT_LANGUAGE
from app.core.phones import LineType, Origin

#: Where landline and mobile cannot be told apart, nothing is said.
_LINE_TYPES: dict[LineType, str | LazyString] = {
    "landline": _l("Landline"),
    "mobile": lazy_pgettext("kind of line", "Mobile"),
    "landline_or_mobile": "",
    "free": _l("Freephone number"),
    "premium": _l("Premium-rate number"),
    "shared_cost": _l("Shared-cost number"),
    "service": _l("Service number"),
    "personal": _l("Personal number"),
    "voip": _l("Internet telephony"),
    "pager": _l("Pager"),
    "voicemail": _l("Voicemail"),
    "satellite": _l("Satellite phone"),
}


def line_type_words() -> dict[LineType, str]:
    """What the kinds of line are called."""
    return {kind: str(words) for kind, words in _LINE_TYPES.items()}


def origin_text(origin: Origin | None, home: str) -> str:
    """``Wien, Österreich · Festnetz`` in the language of whoever looks; '' where nothing is known."""
    if origin is None:
        return ""
    kind = str(_LINE_TYPES[origin.line_type]) if origin.line_type else ""
    return " · ".join(part for part in (origin.where(language(), home), kind) if part)


def language() -> str:
    """The language of whoever looks: ``de`` or ``en``."""
    locale = get_locale()
    return str(locale.language) if locale else DEFAULT_LANGUAGE
