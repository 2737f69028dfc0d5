"""The form of the rules for dialling as it was sent, and what is wrong with it."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from werkzeug.datastructures import MultiDict

from app.core import phones
from app.core.database import storable
from app.core.values import MAX_INTERNAL_DIGITS
from app.modules.callcenter.domain.dial_rules import EVERY_COUNTRY, KINDS
from app.modules.callcenter.settings import CallcenterSettings

#: More exceptions than anybody keeps an eye on.
MAX_EXCEPTIONS = 500
MAX_LIMIT = 10_000


@dataclass(frozen=True, slots=True)
class RulesForm:
    """What was typed and chosen."""

    kinds: frozenset[str]
    every_country: bool
    countries: frozenset[str]
    allowed: str
    blocked: str
    hour_limit: str
    day_limit: str
    try_user: str = ""
    try_number: str = ""


@dataclass(frozen=True, slots=True)
class BadLine:
    """A line of the exceptions that is none. ``code``: number, beginning, twice or many."""

    line: int
    code: str
    text: str


def stored(now: CallcenterSettings, region: str) -> RulesForm:
    """The form as it would be sent with what is stored."""
    return RulesForm(
        kinds=frozenset(now.dial_blocked_kinds),
        every_country=EVERY_COUNTRY in now.dial_countries,
        countries=frozenset(now.dial_countries) - {EVERY_COUNTRY},
        allowed=written(now.dial_allowed, region),
        blocked=written(now.dial_blocked, region),
        hour_limit=str(now.dial_hour_limit),
        day_limit=str(now.dial_day_limit),
    )


def read(form: MultiDict[str, str]) -> RulesForm:
    """Read what was sent; whatever is missing counts as empty, and signs that cannot be stored are left out."""

    def text(name: str) -> str:
        return storable(form.get(name, ""))

    return RulesForm(
        kinds=frozenset(form.getlist("kind")) & frozenset(KINDS),
        every_country=form.get("countries") == "every",
        countries=frozenset(form.getlist("country")) & frozenset(phones.regions()),
        allowed=text("allowed"),
        blocked=text("blocked"),
        hour_limit=text("hour_limit").strip(),
        day_limit=text("day_limit").strip(),
        try_user=text("try_user"),
        try_number=text("try_number").strip(),
    )


def written(exceptions: Iterable[str], region: str) -> str:
    """Exceptions as people write them, a line each; beginnings stay as they are."""
    return "\n".join(
        phones.format_display(one, region) if one.startswith("+") and not one.endswith("*") else one
        for one in exceptions
    )


def exceptions(text: str, region: str) -> tuple[tuple[str, ...], list[BadLine]]:
    """The exceptions of a text, and what is wrong with it."""
    found: dict[str, None] = {}
    bad: list[BadLine] = []
    for place, line in enumerate(text.splitlines(), start=1):
        typed = line.strip()
        if not typed:
            continue
        one = _exception(typed, region)
        if one is None:
            bad.append(BadLine(place, "beginning" if typed.endswith("*") else "number", typed[:60]))
        elif one in found:
            bad.append(BadLine(place, "twice", typed[:60]))
        elif len(found) >= MAX_EXCEPTIONS:
            bad.append(BadLine(place, "many", ""))
            break
        else:
            found[one] = None
    return tuple(found), bad


def _exception(typed: str, region: str) -> str | None:
    if typed.endswith("*"):
        begins = phones.beginning(typed[:-1], region)
        return f"{begins}*" if begins is not None else None
    if typed.isascii() and typed.isdigit() and len(typed) <= MAX_INTERNAL_DIGITS:
        return typed
    return phones.read_number(typed, region).e164


def changes(sent: RulesForm, region: str) -> tuple[dict[str, object], dict[str, list[BadLine]]]:
    """The settings that the form stands for, and the faults by field; a field with a fault is left out."""
    faults: dict[str, list[BadLine]] = {}
    values: dict[str, object] = {
        # In the order in which they are listed, so that equal choices are equal settings.
        "dial_blocked_kinds": tuple(kind for kind in KINDS if kind in sent.kinds),
        "dial_countries": (EVERY_COUNTRY,) if sent.every_country else tuple(sorted(sent.countries | {region})),
    }
    for name, text in (("allowed", sent.allowed), ("blocked", sent.blocked)):
        listed, bad = exceptions(text, region)
        if bad:
            faults[name] = bad
        else:
            values[f"dial_{name}"] = listed
    for name, typed in (("hour_limit", sent.hour_limit), ("day_limit", sent.day_limit)):
        plain = typed or "0"
        if plain.isascii() and plain.isdigit() and len(plain) <= 6 and int(plain) <= MAX_LIMIT:
            values[f"dial_{name}"] = int(plain)
        else:
            faults[name] = [BadLine(0, "limit", "")]
    return values, faults
