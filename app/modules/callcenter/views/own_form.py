"""The part of the settings' form that a kind of telephone system asks for itself."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace

from werkzeug.datastructures import MultiDict

from app.modules.callcenter import own_settings
from app.modules.callcenter.own_settings import PREFIX
from app.modules.callcenter.providers.fields import Asked, Kind
from app.modules.callcenter.settings import ConnectionSettings

#: What a switch sends that is on; one that is off sends nothing but the "0" that stands before it.
ON = "1"


@dataclass(frozen=True, slots=True)
class SentOwn:
    """What was typed and chosen, by the name of the setting; nothing where the form did not ask."""

    typed: Mapping[str, str] = field(default_factory=dict)
    removed: frozenset[str] = frozenset()

    def without(self, names: frozenset[str]) -> SentOwn:
        """As if these had been left empty: secrets that were stored are not shown again."""
        typed = {name: "" if name in names else text for name, text in self.typed.items()}
        return replace(self, typed=typed, removed=frozenset())


def read(form: MultiDict[str, str]) -> SentOwn:
    """Read what was sent. Of several values of one name the last counts."""
    typed = {name: form.getlist(name)[-1].strip() for name in form if name.startswith(PREFIX)}
    removal = "remove_" + PREFIX
    removed = {name.removeprefix("remove_") for name in form if name.startswith(removal) and form[name] == ON}
    return SentOwn(typed, frozenset(removed))


def stored(now: ConnectionSettings, asked: Mapping[str, Asked]) -> SentOwn:
    """The form as it would be sent with what is stored."""
    return SentOwn({name: _typed(one, getattr(now, name)) for name, one in asked.items()})


def changes(
    sent: SentOwn, now: ConnectionSettings, asked: Mapping[str, Asked]
) -> tuple[dict[str, object], dict[str, str]]:
    """What is to be stored, and what is wrong with the others, as sentences by name."""
    found: dict[str, object] = {}
    faults: dict[str, str] = {}
    for name, one in asked.items():
        if name not in sent.typed:
            continue
        typed, present = sent.typed[name], getattr(now, name)
        if one.kind is Kind.SECRET and not typed and name not in sent.removed and present and present.readable:
            continue  # left empty: it stays as it is
        wrong = own_settings.fault(one, typed)
        if wrong is not None:
            faults[name] = wrong
        elif one.kind is Kind.SECRET:
            if typed or (name in sent.removed and present):
                found[name] = typed
        elif typed != _typed(one, present):
            found[name] = typed == ON if one.kind is Kind.SWITCH else typed
    return found, faults


def _typed(one: Asked, value: object) -> str:
    if one.kind is Kind.SECRET:
        return ""
    return (ON if value else "0") if one.kind is Kind.SWITCH else str(value)
