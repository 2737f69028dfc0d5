"""The timeline of a call: what was reported of it, and whom it was said to be with at each time."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from flask_babel import gettext as _

from app.core.i18n import local
from app.modules.addresses import api as addresses
from app.modules.callcenter.history import Change, described
from app.modules.callcenter.journal import Found
from app.modules.callcenter.labels import labels
from app.modules.callcenter.views.call_words import history_line


@dataclass(frozen=True, slots=True)
class Name:
    """Somebody whom a call showed, as he was called then."""

    name: str
    company: str
    archived: bool
    path: str

    @property
    def address(self) -> str:
        """The address's name."""
        return self.company or self.name


@dataclass(frozen=True, slots=True)
class Names:
    """Whom a call showed."""

    certainty: str
    names: tuple[Name, ...]
    more: int


@dataclass(frozen=True, slots=True)
class Line:
    """One line. ``by``: the colleague or the account that it names."""

    at: datetime
    text: str
    by: str = ""
    shown: Names | None = None
    later: bool = False
    """On another day than the call."""


def timeline(found: Found, viewer: int) -> list[Line]:
    """All lines in order; of the same time first what was reported."""
    call, changes = found.entry.call, found.changes
    day = local(call.received_at).date()
    first = changes[0].before if changes else described(call, viewer)
    lines = [Line(report.received_at, *history_line(report, call)) for report in found.reports]
    lines.append(Line(call.received_at, _("Shown"), shown=_names(first)))
    lines += [Line(one.changed_at, _text(one, viewer), _by(one, viewer), _names(one.after)) for one in changes]
    lines.sort(key=lambda line: line.at)
    return [Line(line.at, line.text, line.by, line.shown, later=local(line.at).date() != day) for line in lines]


def _text(change: Change, viewer: int) -> str:
    if change.cause == "chosen":
        words = {
            "call": _("Assigned"),
            "me": _("Assigned and remembered for you"),
            "all": _("Assigned and remembered for everybody"),
        }
        return str(words[change.scope or "call"])
    words = {
        "numbers": _("Recognised anew after a change in the addresses"),
        "report": _("Another number was reported"),
        "remembered": _("A remembered choice was changed"),
        "undone": _("The choice was undone"),
    }
    return str(words[change.cause])


def _by(change: Change, viewer: int) -> str:
    if change.user_id is None:
        return ""
    return str(_("you")) if change.user_id == viewer else labels().users.get(change.user_id, "")


def _names(kept: Mapping[str, Any]) -> Names:
    return Names(
        kept["certainty"],
        tuple(
            Name(
                one["name"],
                one["company"] if one["company"] and one["company"] != one["name"] else "",
                one["archived"],
                addresses.address_path(one["address_id"], one["contact_id"]),
            )
            for one in kept["names"]
        ),
        kept["more"],
    )
