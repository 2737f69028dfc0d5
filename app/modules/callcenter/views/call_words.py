"""The state of a call in words and with an icon, for cards, bell and journal alike."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l

from app.core.i18n import once_a_language
from app.core.phones import Origin
from app.core.ui import origins
from app.modules.addresses import api as addresses
from app.modules.callcenter import connections
from app.modules.callcenter.domain.belonging import plain
from app.modules.callcenter.journal import Report
from app.modules.callcenter.labels import labels
from app.modules.callcenter.models import FIRST_CONNECTION
from app.modules.callcenter.providers import registry
from app.modules.callcenter.stored import StoredCall


@dataclass(frozen=True, slots=True)
class Words:
    """How a state is shown. ``tone`` is a colour's name, never the only sign."""

    title: str
    icon: str
    tone: str


#: The states that calls end in or are in, by key: title, icon, tone.
_STATES = {
    "in.ringing": (_l("Incoming call"), "phone-incoming", "primary"),
    "in.talking": (_l("Call answered"), "phone-call", "green"),
    "in.accepted": (_l("Call ended"), "phone-check", "secondary"),
    "in.missed": (_l("Missed call"), "phone-x", "red"),
    "in.voicemail": (_l("Voicemail"), "record-mail", "orange"),
    "in.busy": (_l("Busy"), "phone-off", "orange"),
    "in.blocked": (_l("Blocked call"), "ban", "secondary"),
    "in.canceled": (_l("Call canceled"), "phone-x", "red"),
    "in.unavailable": (_l("Not available"), "phone-off", "orange"),
    "in.congestion": (_l("Network congested"), "alert-triangle", "orange"),
    "in.unknown": (_l("Call ended"), "phone-end", "secondary"),
    "out.ringing": (_l("Outgoing call"), "phone-outgoing", "primary"),
    "out.talking": (_l("Call answered"), "phone-call", "green"),
    "out.accepted": (_l("Call ended"), "phone-check", "secondary"),
    "out.missed": (_l("No answer"), "phone-x", "orange"),
    "out.voicemail": (_l("Voicemail"), "record-mail", "orange"),
    "out.busy": (_l("Busy"), "phone-off", "orange"),
    "out.blocked": (_l("Blocked call"), "ban", "secondary"),
    "out.canceled": (_l("Call canceled"), "phone-x", "secondary"),
    "out.unavailable": (_l("Not available"), "phone-off", "orange"),
    "out.congestion": (_l("Network congested"), "alert-triangle", "orange"),
    "out.unknown": (_l("Call ended"), "phone-end", "secondary"),
}


def card_words() -> dict[str, Words]:
    """All states of a card by key; ``state_key`` tells which one a call is in. The browser gets the same table."""
    silent = Words(_("%(system)s reports nothing more", system=_system()), "phone-pause", "secondary")
    # These two only on cards: what a list of calls says of an end is enough there.
    return {"in.silent": silent, "out.silent": silent, **{key: words_of(key) for key in _STATES}}


@once_a_language
def words_of(key: str) -> Words:
    """How the state of this key is shown in a list."""
    title, icon, tone = _STATES[key]
    return Words(str(title), icon, tone)


def _system() -> str:
    """What the telephone system is called, where all that are in use are of the first one's kind."""
    kinds = {one.provider for one in connections.active()}
    if kinds == {FIRST_CONNECTION}:
        return registry.provider_type(FIRST_CONNECTION).title
    return str(_("The telephone system"))


def state_key(direction: str | None, phase: str, outcome: str | None) -> str:
    """The key of a call's state; a call whose direction nobody told counts as incoming."""
    return f"{'out' if direction == 'out' else 'in'}.{(outcome or 'unknown') if phase == 'ended' else phase}"


def state_words(call: StoredCall) -> Words:
    """How the state of a call is shown."""
    return words_of(state_key(call.direction, call.phase, call.outcome))


def probably(matches: Sequence[Mapping[str, Any]]) -> str:
    """Who it is likely to be: somebody behind the switchboard of these, with the Durchwahl where it is known."""
    names = [match["company"] or match["name"] for match in matches]
    return with_extension(one_of(names), matches[0].get("extension") or "")


def one_of(names: Iterable[str]) -> str:
    """The same by names alone."""
    first, *others = dict.fromkeys(names)
    return str(_("probably one of several addresses") if others else _("probably %(name)s", name=first))


def with_extension(name: str, extension: str) -> str:
    """A name, and the Durchwahl where there is one."""
    return str(_("%(name)s, extension %(extension)s", name=name, extension=extension)) if extension else name


def history_line(report: Report, call: StoredCall) -> tuple[str, str]:
    """What a report says, and whose account it names."""
    if report.provisional and report.outcome == "blocked":
        return _("Refused: it was not to get through"), ""
    if report.provisional:
        return _("No end was reported; the call was closed"), ""
    if report.listed:
        text = _("Added from the telephone system's list")
        return (text if report.kind == "started" else _("Its end was added from the telephone system's list")), ""
    if report.kind == "ended":
        title = words_of(state_key(call.direction, "ended", report.outcome or "unknown")).title
        text = title if report.outcome in ("accepted", "unknown", "") else f"{_('Call ended')}: {title}"
    elif report.kind == "answered":
        text = _("Call answered")
    else:
        text = _("Outgoing call") if call.direction == "out" else _("Incoming call")
    return text, _account(report.peer, call)


def _account(peer: str, call: StoredCall) -> str:
    """The user of an account, else what the PBX calls it, else the account itself."""
    known = labels()
    if peer and peer == call.peer and call.user_id is not None:
        return known.users.get(call.user_id, peer)
    colleague = known.accounts.get(peer.lower())
    return colleague.name if colleague and colleague.name else plain(peer)


def colleague_text(colleague: Mapping[str, str]) -> str:
    """``Anna Berger (Durchwahl 23)``, as far as it is known."""
    if not colleague["extension"]:
        return colleague["name"]
    if not colleague["name"]:
        return str(_("Extension %(extension)s", extension=colleague["extension"]))
    return str(_("%(name)s (extension %(extension)s)", name=colleague["name"], extension=colleague["extension"]))


def origin_text(origin: Origin | None) -> str:
    """Place or country, and the kind of line; '' where nothing is known."""
    return origins.origin_text(origin, addresses.home_country())
