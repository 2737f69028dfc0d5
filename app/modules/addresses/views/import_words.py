"""The words of the import's pages: states, formats, what is wrong with a file, what a cell becomes."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any

from flask_babel import format_decimal, format_timedelta, gettext, ngettext
from flask_babel import gettext as _

from app.core.i18n import show_decimal
from app.core.phones import format_display
from app.modules.addresses.imports.preview import Cell, ReadNumber
from app.modules.addresses.imports.stored import Planned, StoredImport
from app.modules.addresses.settings import home_country
from app.modules.addresses.transfer.rows import Problem
from app.modules.addresses.transfer.targets import GROUPS, MAX_CONTACTS_A_ROW, contact_targets, highest_contact, twice
from app.modules.addresses.transfer.words import reason, target_name
from app.modules.addresses.views.texts import (
    country_name,
    day,
    kind_name,
    language_name,
    number_problem_text,
    role_name,
)

#: From here on the remaining time is said in minutes.
MINUTE = 90


def state_text(stored: StoredImport) -> str:
    """Where an import is."""
    if stored.ending:
        return str(_("is being ended"))
    if stored.state == "running" and not stored.begun:
        return str(_("waiting"))
    texts: dict[str, str] = {
        "draft": _("not started"),
        "checking": _("is being checked"),
        "checked": _("checked, not started"),
        "running": _("running"),
        "done": _("finished"),
        "cancelled": _("ended early"),
        "failed": _("interrupted by an error"),
    }
    return texts.get(stored.state, stored.state)


def file_problem(code: str) -> str:
    """Why a file cannot be imported, and what to do."""
    texts: dict[str, str] = {
        "missing": _("Please choose a file."),
        "empty": _("The file is empty."),
        "only_headings": _("The file holds headings and no rows."),
        "spreadsheet": _("This is a spreadsheet: please save it as CSV in Excel or LibreOffice and choose that file."),
        "vcard": _("These are business cards (vCard) and no table: please export as CSV."),
        "not_a_table": _("This is no table of text: please choose a CSV file."),
        "too_many_columns": _("The file has more than 200 columns: is this the right file?"),
        "too_large": _(
            "The file is larger than 64 MB. Please split it, or have it imported on the server with the command "
            "flask addresses import."
        ),
    }
    return texts.get(code, texts["not_a_table"])


def plan_problem(code: str, planned: Planned) -> str:
    """What keeps an assignment from being checked, and what to do."""
    if code == "twice":
        names = ", ".join(option_name(text) for text in twice(planned.assignment))
        return str(gettext("Two columns are assigned to the same field: %(names)s. Only one can be.", names=names))
    texts: dict[str, str] = {
        "nothing": _("No column is assigned yet."),
        "no_name": _("Please assign a column to the name, or to a number or ID by which addresses are found."),
        "no_number_left": _("A label or switchboard belongs to the number column on its left: there is none."),
    }
    return texts[code]


def encoding_choices() -> list[tuple[str, str]]:
    """The encodings to choose from."""
    return [("utf-8", "UTF-8"), ("windows-1252", "Windows-1252"), ("utf-16", "UTF-16")]


def separator_choices() -> list[tuple[str, str]]:
    """The separators to choose from."""
    return [(";", _("Semicolon ( ; )")), (",", _("Comma ( , )")), ("\t", _("Tab")), ("|", _("Bar ( | )"))]


def encoding_reason(planned: Planned) -> str:
    """Why this encoding was taken."""
    texts: dict[str, str] = {
        "bom": _("recognised by its byte order mark"),
        "valid": _("recognised: all characters are valid"),
        "ascii": _("recognised: plain characters only"),
        "mostly": _("recognised, but some characters cannot be read"),
        "otherwise": _("recognised: it is no UTF-8"),
        "chosen": _("chosen by you"),
    }
    return texts.get(planned.encoding_because, "")


def separator_reason(planned: Planned) -> str:
    """Why this separator was taken."""
    texts: dict[str, str] = {
        "stated": _("stated in the first line of the file"),
        "counted": _("recognised: the rows are even with it"),
        "single": _("no separator was found: a single column"),
        "chosen": _("chosen by you"),
    }
    return texts.get(planned.separator_because, "")


def role_choices() -> list[tuple[str, str]]:
    """What new addresses become for which the file names no role."""
    return [*((role, role_name(role)) for role in ("customer", "supplier", "employee")), ("", _("none"))]


def existing_choices() -> list[tuple[str, str]]:
    """What becomes of addresses that are there."""
    return [("update", _("are changed as the file says")), ("leave", _("stay as they are"))]


def option_name(text: str) -> str:
    """A target with its contact: ``Ansprechpartner 2: Telefon``."""
    contact = text.partition(".")[0].removeprefix("contact") if text.startswith("contact") and "." in text else ""
    name = target_name(text)
    return gettext("Contact %(place)s: %(name)s", place=contact, name=name) if contact else name


def target_groups(planned: Planned) -> list[tuple[str, list[tuple[str, str]]]]:
    """What a column can be assigned to, in groups; a further contact is always offered."""
    titles: dict[str, str] = {
        "address": _("Address"),
        "reach": _("Ways to reach them"),
        "assignment": _("Numbers, roles, responsibility"),
    }
    groups = [(titles[key], [(text, option_name(text)) for text in texts]) for key, texts in GROUPS.items()]
    for place in range(1, min(MAX_CONTACTS_A_ROW, max(1, highest_contact(planned.assignment) + 1)) + 1):
        title = gettext("Contact %(place)s", place=place)
        groups.append((title, [(text, option_name(text)) for text in contact_targets(place)]))
    return groups


def read_text(cell: Cell, target: str) -> str:
    """What a cell becomes, where that is not what stands there."""
    value = cell.value
    if value is None:
        return ""
    if isinstance(value, bool):
        return str(_("yes") if value else _("no"))
    if isinstance(value, date):
        return day(value)
    names = {"kind": kind_name, "country": country_name, "language": language_name}
    read = names[target](value) if target in names else str(value)
    return "" if read == cell.text else read


def number_text(number: ReadNumber) -> str:
    """A number as it is read, for the eye; what stands there where it cannot be."""
    return format_display(number.reading.e164, home_country()) if number.reading.e164 else number.raw


def number_warning(number: ReadNumber) -> str:
    """Why a number cannot be read; empty for one that can."""
    return "" if number.reading.e164 else number_problem_text(number.reading.problem)


def refusals(problems: tuple[Problem, ...], headings: tuple[str, ...] = ()) -> str:
    """Why a row is refused; with the names of the columns where there are headings."""
    return " ".join(dict.fromkeys(reason(problem, headings) for problem in problems))


def rows_text(count: int) -> str:
    """``1.234 Zeilen``."""
    return str(ngettext("%(number)s row", "%(number)s rows", count, number=show_decimal(count)))


def unread_text(count: int) -> str:
    """How many numbers are kept as typed."""
    return str(
        ngettext(
            "%(number)s phone number cannot be read: it is kept as typed and marked.",
            "%(number)s phone numbers cannot be read: they are kept as typed and marked.",
            count,
            number=show_decimal(count),
        )
    )


def left_text(seconds: int | None) -> str:
    """``2 Minuten``; empty while nobody can tell."""
    if seconds is None:
        return ""
    granularity: Any = "minute" if seconds >= MINUTE else "second"
    return str(format_timedelta(timedelta(seconds=max(1, seconds)), granularity=granularity, threshold=1.5))


def size_text(size: int) -> str:
    """``12 KB``, ``3,4 MB``."""
    if size < 1_000_000:
        return f"{show_decimal(max(1, round(size / 1000)))} KB"
    return f"{format_decimal(round(size / 1_000_000, 1))} MB"


def not_now(state: str, code: str) -> str:
    """Why something that was asked for was not done: somebody else, or another window, was first."""
    if code == "changed":
        return str(_("The assignment was changed in the meantime. Please look at it again."))
    texts: dict[str, str] = {
        "draft": _("The assignment was changed in the meantime: please check again."),
        "checking": _("The file is being checked already."),
        "checked": _("The file has been checked already."),
        "running": _("This import has been started already."),
        "done": _("This import is finished already."),
        "cancelled": _("This import was ended already."),
        "failed": _("This import was interrupted by an error."),
    }
    return texts[state]
