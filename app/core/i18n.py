"""Language and time zone of whoever looks: German first, English second.

Source texts are English; ``translations/`` folders of core and of each module hold the German. Dates, times and numbers
are shown in the user's language and zone.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import UTC, date, datetime
from functools import lru_cache, wraps
from pathlib import Path
from typing import Any, TypeVar, TypeVarTuple
from zoneinfo import ZoneInfo

from babel import Locale
from babel.dates import (
    DateTimePattern,
    format_date,
    format_time,
    get_date_format,
    get_datetime_format,
    get_time_format,
    parse_pattern,
)
from babel.numbers import format_decimal
from flask import Flask, g, has_request_context, request
from flask_babel import Babel, Domain, get_locale, get_timezone, get_translations
from flask_login import current_user
from markupsafe import Markup

T = TypeVar("T")
V = TypeVarTuple("V")

LANGUAGES = ("de", "en")
DEFAULT_LANGUAGE = "de"
#: How days, times and figures are written where not as the language alone says. English for itself is American; here
#: the day comes first, or 11/12 would be another day than the house means, and a day has 24 hours.
WRITTEN_AS = {"en": "en_GB"}
DEFAULT_TIMEZONE = "Europe/Berlin"
#: Parts of a date's pattern that ``strftime`` writes alike in every language.
_FIELDS = {"dd": "%d", "MM": "%m", "y": "%Y", "yy": "%y", "HH": "%H", "mm": "%M"}
APP = Path(__file__).resolve().parent.parent


def translation_folders() -> list[Path]:
    """Where translations lie: core's own and one a module."""
    return [APP / "core" / "translations", *sorted((APP / "modules").glob("*/translations"))]


def select_language() -> str:
    """The user's language; before the log-in the browser's best, else German."""
    if not has_request_context():
        return DEFAULT_LANGUAGE
    forced: str | None = getattr(g, "language", None)
    if forced:
        return forced
    if current_user and current_user.is_authenticated:
        return str(current_user.language)
    # In the browser's order; Austrian German is German, which best_match would pass over for a later English.
    wanted = (tag.partition("-")[0].lower() for tag in request.accept_languages.values())
    return next((language for language in wanted if language in LANGUAGES), DEFAULT_LANGUAGE)


def written_as(language: str) -> str:
    """The locale by which days, times and figures of a language are written: ``en_GB`` for ``en``."""
    return WRITTEN_AS.get(language, language)


def select_locale() -> str:
    """The user's language, as it is written here."""
    return written_as(select_language())


def page_language() -> str:
    """For the ``lang`` of a page, by which the browser's scripts write days and times too: ``de`` or ``en-GB``."""
    return str(get_locale() or DEFAULT_LANGUAGE).replace("_", "-")


def select_timezone() -> str:
    """The user's zone, else that of Germany."""
    if has_request_context() and current_user and current_user.is_authenticated:
        return str(current_user.timezone)
    return DEFAULT_TIMEZONE


def local(value: datetime) -> datetime:
    """An aware time in the user's zone."""
    return value.astimezone(getattr(_kept(), "babel_tzinfo", None) or get_timezone() or ZoneInfo(DEFAULT_TIMEZONE))


def show_datetime(value: datetime | None) -> str:
    """``23.11.26, 11:10`` in the user's language and zone; empty for None."""
    if value is None:
        return ""
    locale = _locale() or Locale(DEFAULT_LANGUAGE)
    pattern, quick = _date_and_time(locale)
    return local(value).strftime(quick) if quick else pattern.apply(local(value), locale)


@lru_cache(maxsize=len(LANGUAGES))
def _date_and_time(locale: Locale) -> tuple[DateTimePattern, str]:
    """How both are written together, and the same for ``strftime`` where that can say it, which takes a tenth;
    ``babel.dates.format_datetime`` puts all that together for each time anew.
    """
    date_then_time = str(get_datetime_format("short", locale)).replace("'", "")
    parts = {"{0}": get_time_format("short", locale), "{1}": get_date_format("short", locale)}
    for place, part in parts.items():
        date_then_time = date_then_time.replace(place, part.pattern)
    pieces = re.findall(r"[A-Za-z]+|[^A-Za-z]+", date_then_time)
    told = [_FIELDS.get(piece) if piece[0].isalpha() else piece.replace("%", "%%") for piece in pieces]
    return parse_pattern(date_then_time), "" if None in told else "".join(piece or "" for piece in told)


def show_date(value: datetime | None) -> str:
    """The date in the user's language and zone; empty for None."""
    return "" if value is None else format_date(local(value), "medium", locale=get_locale())


def show_day(value: date | None) -> str:
    """A day that is one wherever it is looked at from; empty for None."""
    return "" if value is None else format_date(value, "medium", locale=get_locale())


def show_time(value: datetime | None) -> str:
    """The time of day with seconds (``11:10:16``); empty for None."""
    return "" if value is None else format_time(local(value), "medium", locale=get_locale())


def show_duration(seconds: int | None) -> str:
    """``0:42``, ``12:05`` or ``1:02:03``; empty for None."""
    if seconds is None:
        return ""
    hours, rest = divmod(max(0, int(seconds)), 3600)
    minutes, secs = divmod(rest, 60)
    return f"{hours}:{minutes:02}:{secs:02}" if hours else f"{minutes}:{secs:02}"


def show_decimal(value: int | None) -> str:
    """``1.056`` in the user's language; empty for None."""
    return "" if value is None else str(format_decimal(value, locale=get_locale()))


def iso(value: datetime | None) -> str:
    """UTC in ISO 8601 for <time datetime>; empty for None."""
    return "" if value is None else value.astimezone(UTC).isoformat(timespec="seconds").replace("+00:00", "Z")


class Texts(Domain):
    """The texts of all folders, by language. Flask-Babel spells out the locale for each text: a page has hundreds."""

    def __init__(self) -> None:
        super().__init__()
        self._of_languages: dict[str, Any] = {}

    def get_translations(self) -> Any:
        """The texts in the language of whoever looks, as they are where nobody does."""
        locale = _locale()
        if locale is None:
            return super().get_translations()
        found = self._of_languages.get(locale.language)
        if found is None:
            found = self._of_languages[locale.language] = super().get_translations()
        return found


def _kept() -> object:
    """What Flask-Babel knows of whoever looks; it asks three times for it, and once more for each thing in it."""
    try:
        return getattr(g, "_flask_babel", None)
    except RuntimeError:  # no application is at work
        return None


def _locale() -> Locale | None:
    """What ``get_locale`` says."""
    known: Locale | None = getattr(_kept(), "babel_locale", None) or get_locale()
    return known


def once_a_language(make: Callable[[*V], T]) -> Callable[[*V], T]:
    """Keeps what is made of texts alone, and of values of which there are few: in each language it is made once."""

    @lru_cache(maxsize=256)
    def made(_texts: object, values: tuple[*V]) -> T:
        return make(*values)

    @wraps(make)
    def kept(*values: *V) -> T:
        return made(get_translations(), values)

    return kept


def _in_templates(texts: Texts) -> Callable[..., str]:
    """The ``_`` of templates, with fewer steps than what Jinja makes of Flask-Babel's: a page has hundreds of texts.

    Autoescaping is on in all templates, so a text is markup and what is put into it is escaped.
    """

    def translated(text: str, /, **variables: Any) -> str:
        found = texts.get_translations().ugettext(text)
        # A percent sign is written twice in a text, whether there are variables or not.
        return Markup(found) % variables if variables or "%" in found else Markup(found)  # noqa: S704 (our own texts)

    return translated


def install(app: Flask) -> None:
    """Set up Flask-Babel and the template filters."""
    babel = Babel(
        app,
        default_locale=DEFAULT_LANGUAGE,
        default_timezone=DEFAULT_TIMEZONE,
        default_translation_directories=";".join(str(folder) for folder in translation_folders()),
        locale_selector=select_locale,
        timezone_selector=select_timezone,
    )
    texts = babel.domain_instance = Texts()
    app.jinja_env.filters.update(
        datetime=show_datetime,
        date=show_date,
        day=show_day,
        time=show_time,
        duration=show_duration,
        iso=iso,
        decimal=show_decimal,
    )
    translated = _in_templates(texts)
    app.jinja_env.globals.update(page_language=page_language, gettext=translated, _=translated)
