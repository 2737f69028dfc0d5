"""The words of *Rufnummern prüfen*: what was found, what is proposed, what was done."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from flask_babel import format_decimal, ngettext
from flask_babel import gettext as _

from app.core.phones import format_display, read_number, with_digits, without_remark
from app.modules.addresses.hygiene import MOST_COUNTED, Found
from app.modules.addresses.records import NumberInput
from app.modules.addresses.settings import address_settings
from app.modules.addresses.views.forms import shown_reading
from app.modules.addresses.views.texts import number_problem_text

HISTORY = "history"
#: The tabs of the page, in their order.
KINDS = ("unreadable", "several", "doubtful", "remark", "shared", "twice", HISTORY)


def kind_title(kind: str) -> str:
    """What stands on a tab."""
    titles: dict[str, str] = {
        "unreadable": _("Unreadable"),
        "several": _("Several in one field"),
        "doubtful": _("Doubtful"),
        "remark": _("With a remark"),
        "shared": _("At several addresses"),
        "twice": _("Stored twice"),
        HISTORY: _("History"),
    }
    return titles[kind]


def kind_intro(kind: str) -> str:
    """What a tab lists, and what it means."""
    intros: dict[str, str] = {
        "unreadable": _("These are kept as typed, but nobody can be called or recognised by them."),
        "several": _(
            "More than one number in a field: none of them can be dialled or recognised until each has a row."
        ),
        "doubtful": _("A number stands there, but not for certain which one. What is proposed is a guess: look at it."),
        "remark": _("The number is read, but what else stands in the field is shown nowhere. It becomes the label."),
        "shared": _("Several addresses have the same number: a call from it cannot tell which of them it is."),
        "twice": _("The same number twice at one address: with the company and with its contact, or in two rows."),
        HISTORY: _("What was corrected here, with what had been typed before. Each correction can be undone."),
    }
    return intros[kind]


def kind_empty(kind: str) -> str:
    """What a tab says that has nothing to list."""
    return str(_("Nothing was corrected yet.")) if kind == HISTORY else str(_("Nothing to look at here. Well done."))


def count_text(number: int, most: int = MOST_COUNTED) -> str:
    """A count that stopped at a limit: ``12`` or ``mehr als 1.000``."""
    if number <= most:
        return str(format_decimal(number))
    return str(_("more than %(number)s", number=format_decimal(most)))


def problem_of(found: Found) -> str:
    """What is wrong with a number, in words."""
    raw, country = found.number.raw, found.country
    if with_digits(raw, country):
        return str(_("A letter stands there in the place of a digit."))
    if found.e164 is not None:
        apart = without_remark(raw, country)
        return str(_("Beside the number stands: %(remark)s", remark=apart[1])) if apart else ""
    return number_problem_text(found.problem)


def reason_of(reason: str) -> str:
    """Why a proposal is what it is."""
    reasons: dict[str, str] = {
        "split": _("each number in a row of its own"),
        "suggestion": _("probably meant"),
        "area_code": _("with the area code of the other numbers there"),
        "digits": _("with digits for the letters"),
        "remark": _("the remark becomes the label"),
        "stored_already": _("is stored already: the row goes"),
        "twice": _("the row that says nothing more goes"),
    }
    return reasons[reason]


@dataclass(frozen=True, slots=True)
class Shown:
    """A number of a proposal or of the history for the eye."""

    number: NumberInput
    display: str
    """As it is read; as typed where it is not."""
    is_read: bool


def shown(numbers: Iterable[NumberInput], country: str) -> list[Shown]:
    """Numbers as typed and as the country reads them."""
    found = []
    for number in numbers:
        reading = read_number(number.raw, country)
        found.append(Shown(number, shown_reading(reading) or number.raw, reading.e164 is not None))
    return found


def e164_shown(e164: str) -> str:
    """A number for the eye."""
    return format_display(e164, address_settings().default_country)


def done_text(before: str, after: Iterable[NumberInput]) -> str:
    """What was done with a number."""
    numbers = [number.raw for number in after]
    if not numbers:
        return str(_("Removed: %(before)s", before=before))
    return str(_("Corrected: %(before)s is now %(after)s", before=before, after=", ".join(numbers)))


def pieces_text(done: int) -> str:
    """How many were corrected."""
    return str(ngettext("%(num)s number is corrected.", "%(num)s numbers are corrected.", done))


def undone_text(done: int) -> str:
    """How many corrections were taken back."""
    return str(ngettext("%(num)s correction is undone.", "%(num)s corrections are undone.", done))


def skipped_text(skipped: int) -> str:
    """How many were left alone, and why."""
    return str(
        ngettext(
            "%(num)s was changed by somebody in between and left alone.",
            "%(num)s were changed by somebody in between and left alone.",
            skipped,
        )
    )
