"""The switches: every way in which Placetel is known, or feared, to differ from its own description.

A quirk is declared once, here, with its default, the values it takes and its German label for the page.
docs/simulator.md lists them; a test compares the two.
"""

from __future__ import annotations

import functools
import threading
from dataclasses import MISSING, dataclass, field, fields
from typing import Annotated, Any, Literal, cast, get_type_hints

from simulator.numbers import ForeignFormat

Kind = Literal["switch", "number", "choice", "text", "table"]


class UnfitValue(ValueError):
    """A quirk that does not exist, or a value it cannot take. The text is for people."""


@dataclass(frozen=True)
class Description:
    """What a page needs to offer a quirk."""

    name: str
    kind: Kind
    group: str
    label: str
    default: Any
    choices: tuple[Any, ...] = ()


@dataclass(frozen=True)
class _About:
    kind: Kind
    group: str
    label: str
    choices: tuple[Any, ...] = ()


_SENT, _SIGNED, _API = "Benachrichtigungen", "Form und Signatur", "Web API"


@dataclass(eq=False)
class Quirks:
    """The present values. Reading is by attribute, writing by `switch`."""

    repeat_notifications: Annotated[int, _About("number", _SENT, "Jede Benachrichtigung so oft senden")] = 1
    reorder: Annotated[
        str, _About("text", _SENT, "Reihenfolge: „reversed“ oder Ereignisse, z. B. CallAccepted,IncomingCall")
    ] = ""
    lose_incoming: Annotated[bool, _About("switch", _SENT, "IncomingCall geht verloren")] = False
    lose_accepted: Annotated[bool, _About("switch", _SENT, "CallAccepted geht verloren")] = False
    lose_outgoing: Annotated[bool, _About("switch", _SENT, "OutgoingCall geht verloren")] = False
    lose_hungup: Annotated[bool, _About("switch", _SENT, "HungUp geht verloren")] = False
    queue_call: Annotated[bool, _About("switch", _SENT, "Neue Anrufe: Warteschlange (nur IncomingCall)")] = False
    unknown_event: Annotated[str, _About("text", _SENT, "Zusätzlich ein unbekanntes Ereignis mit diesem Namen")] = ""
    platform: Annotated[
        str, _About("choice", _SENT, "Plattform (WEBEX sendet keine Benachrichtigungen)", ("PROFI", "WEBEX"))
    ] = "PROFI"
    numbers_without_notify: Annotated[
        str, _About("text", _SENT, "Nummern, für die Notify ausgeschaltet ist (mit Komma getrennt)")
    ] = ""

    external_api: Annotated[
        str,
        _About(
            "text", _SENT, "Nummern, deren Routing „External API“ ist: die Antwort entscheidet (mit Komma getrennt)"
        ),
    ] = ""

    duration_zero: Annotated[bool, _About("switch", _SIGNED, "duration ist auch nach einem Gespräch 0")] = False
    omit_direction: Annotated[bool, _About("switch", _SIGNED, "direction fehlt")] = False
    sip_ids_in_from_to: Annotated[
        bool, _About("switch", _SIGNED, "Ausgehend: from ist die SIP-ID (Form vor 2020), intern auch to")
    ] = False
    extension_target: Annotated[bool, _About("switch", _SIGNED, "Ausgehend: to ist eine Durchwahl")] = False
    foreign_format: Annotated[
        ForeignFormat, _About("choice", _SIGNED, "Ausländische Nummern als", ("00", "plus", "bare"))
    ] = "00"
    json_body: Annotated[
        str,
        _About("choice", _SIGNED, "JSON statt Formular", ("", "with_content_type", "without_content_type")),
    ] = ""
    unknown_type: Annotated[str, _About("text", _SIGNED, "HungUp endet mit diesem unbekannten Typ")] = ""
    no_signature: Annotated[bool, _About("switch", _SIGNED, "Keine Signatur")] = False
    wrong_signature: Annotated[bool, _About("switch", _SIGNED, "Falsche Signatur")] = False

    api_slow: Annotated[float, _About("number", _API, "Antwortet erst nach so vielen Sekunden")] = 0.0
    api_429: Annotated[int, _About("number", _API, "Weist die nächsten n Anfragen mit 429 ab")] = 0
    api_retry_after: Annotated[int, _About("number", _API, "Retry-After in Sekunden")] = 3
    api_rate_limit: Annotated[int, _About("number", _API, "Anfragen je Minute, danach 429")] = 600
    api_401: Annotated[bool, _About("switch", _API, "Schlüssel abgelehnt (401)")] = False
    api_403: Annotated[bool, _About("switch", _API, "Keine Berechtigung (403)")] = False
    api_500_after_ringing: Annotated[bool, _About("switch", _API, "Wählen: das Telefon klingelt, dann 500")] = False
    api_timeout_after_ringing: Annotated[
        float, _About("number", _API, "Wählen: das Telefon klingelt, dann so viele Sekunden keine Antwort")
    ] = 0.0
    api_empty_201: Annotated[
        bool | str,
        _About(
            "choice",
            _API,
            "Wählen: 201 ohne Inhalt (true), mit {} oder mit Anruf (false)",
            (True, False, "{}"),
        ),
    ] = True
    api_down: Annotated[bool, _About("switch", _API, "Schließt die Verbindung ohne Antwort")] = False
    api_page_size: Annotated[
        int, _About("number", _API, "Beachtet per_page nicht, sondern liefert so viele (0 = beachtet)")
    ] = 0
    automatic_prefix: Annotated[dict[str, str], _About("table", _API, "automatic_prefix je SIP-ID")] = field(
        default_factory=dict
    )
    blocked_prefixes: Annotated[dict[str, str], _About("table", _API, "blocked_prefixes je SIP-ID")] = field(
        default_factory=dict
    )
    to_number_form: Annotated[str, _About("choice", _API, "Anrufliste: to_number", ("nested", "flat", "string"))] = (
        "nested"
    )
    number_e164: Annotated[bool, _About("switch", _API, "Nummern mit e164 (neuere Form)")] = False

    def __post_init__(self) -> None:
        self._lock = threading.Lock()

    def switch(self, name: str, value: object) -> None:
        """Sets one quirk.

        Raises UnfitValue.
        """
        described = next((one for one in self.describe() if one.name == name), None)
        if described is None:
            raise UnfitValue(f"Diesen Schalter gibt es nicht: {name}")
        setattr(self, name, _read(described, value))

    def reset(self) -> None:
        """Everything as documented."""
        for described in self.describe():
            setattr(self, described.name, {} if described.kind == "table" else described.default)

    def values(self) -> dict[str, object]:
        return {described.name: getattr(self, described.name) for described in self.describe()}

    def take_refusal(self) -> bool:
        """Whether this request is one of the n to be refused with 429; counts it."""
        with self._lock:
            if self.api_429 <= 0:
                return False
            self.api_429 -= 1
            return True

    def loses(self, event: str) -> bool:
        """Whether a notification of this event gets lost."""
        return {
            "IncomingCall": self.lose_incoming,
            "CallAccepted": self.lose_accepted,
            "OutgoingCall": self.lose_outgoing,
            "HungUp": self.lose_hungup,
        }.get(event, False)

    def silent_numbers(self) -> set[str]:
        """The numbers for which Notify is switched off."""
        return {number.strip() for number in self.numbers_without_notify.split(",") if number.strip()}

    def external_numbers(self) -> set[str]:
        """The numbers whose calls wait for the answer."""
        return {number.strip() for number in self.external_api.split(",") if number.strip()}

    @classmethod
    def describe(cls) -> tuple[Description, ...]:
        """All quirks in the order in which they are shown."""
        return _described()


@functools.cache
def _described() -> tuple[Description, ...]:
    hints = get_type_hints(Quirks, include_extras=True)
    described = []
    for one in fields(Quirks):
        about = hints[one.name].__metadata__[0]
        default = {} if one.default is MISSING else one.default
        described.append(Description(one.name, about.kind, about.group, about.label, default, about.choices))
    return tuple(described)


def _read(described: Description, value: object) -> object:
    match described.kind:
        case "switch" if isinstance(value, bool):
            return value
        case "number" if isinstance(value, int | float) and not isinstance(value, bool) and value >= 0:
            return type(described.default)(value)
        case "choice":
            if described.name == "json_body" and isinstance(value, bool):
                return "without_content_type" if value else ""
            for choice in described.choices:
                if type(choice) is type(value) and choice == value:
                    return choice
        case "text" if isinstance(value, str):
            return value.strip()
        case "text" if isinstance(value, list) and all(isinstance(part, str) for part in value):
            return ",".join(cast("list[str]", value))
        case "table" if isinstance(value, dict):
            return {str(key): str(text) for key, text in value.items() if text}
        case _:
            pass
    raise UnfitValue(f"Der Schalter {described.name} nimmt diesen Wert nicht: {value!r}")
