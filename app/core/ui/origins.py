"""Where a number comes from, in words: for cards, pages and forms alike."""

from __future__ import annotations

from flask_babel import get_locale, pgettext
from flask_babel import gettext as _

from app.core.i18n import DEFAULT_LANGUAGE
from app.core.phones import LineType, Origin


def line_type_words() -> dict[LineType, str]:
    """What the kinds of line are called. Where landline and mobile cannot be told apart, nothing is said."""
    return {
        "landline": _("Landline"),
        "mobile": pgettext("kind of line", "Mobile"),
        "landline_or_mobile": "",
        "free": _("Freephone number"),
        "premium": _("Premium-rate number"),
        "shared_cost": _("Shared-cost number"),
        "service": _("Service number"),
        "personal": _("Personal number"),
        "voip": _("Internet telephony"),
        "pager": _("Pager"),
        "voicemail": _("Voicemail"),
        "satellite": _("Satellite phone"),
    }


def origin_text(origin: Origin | None, home: str) -> str:
    """``Wien, Österreich · Festnetz`` in the language of whoever looks; '' where nothing is known."""
    if origin is None:
        return ""
    kind = line_type_words()[origin.line_type] if origin.line_type else ""
    return " · ".join(part for part in (origin.where(language(), home), kind) if part)


def language() -> str:
    """The language of whoever looks: ``de`` or ``en``."""
    locale = get_locale()
    return str(locale.language) if locale else DEFAULT_LANGUAGE
