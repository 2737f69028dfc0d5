"""What the simulated company has: SIP users (its telephones), lines (its numbers), and people who call it.

The records have the field sets of Placetel's Web API v2. Numbers lie in ranges reserved for fiction,
which service numbers (0800, 0900) do not have.
"""

from __future__ import annotations

from dataclasses import dataclass

from simulator import numbers

Record = dict[str, object]

CREATED = "2026-01-15T09:00:00.000+01:00"
STANDARD, FAX = "standard", "fax"


@dataclass(frozen=True)
class SipUser:
    """A telephone of the exchange, or a fax."""

    id: int
    sipuid: str
    name: str
    did: int
    callerid: str
    email: str | None = None
    type: str = STANDARD
    online: bool = True
    description: str = "Simulator – kein echtes Placetel"

    @property
    def username(self) -> str:
        return self.sipuid.partition("@")[0]

    @property
    def rings(self) -> bool:
        return self.type != FAX

    def record(self, *, automatic_prefix: str | None = None, blocked_prefixes: str | None = None) -> Record:
        """As in `GET /sip_users`: without the SIP password."""
        webuser = self._webuser()
        return {
            "id": self.id,
            "sipuid": self.sipuid,
            "username": self.username,
            "domain": self.sipuid.partition("@")[2],
            "name": self.name,
            "description": self.description,
            "did": self.did,
            "callerid": self.callerid or None,
            "type": self.type,
            "webuser_id": webuser["id"] if webuser else None,
            "webuser": webuser,
            "automatic_prefix": automatic_prefix,
            "blocked_prefixes": blocked_prefixes,
            "routing_plan_id": None,
            "online": self.online,
            "registrations": None,
            "contact_speeddialing": True,
            "p_asserted_identity": None,
            "hotdesk_login": None,
            "hotdesk_pin": None,
            "hotdesk_type": None,
            "hotdesk_provisioning_id": None,
            "updated_at": CREATED,
            "created_at": CREATED,
        }

    def _webuser(self) -> Record | None:
        if self.email is None:
            return None
        first_name, _, last_name = self.name.partition(" ")
        return {
            "id": 100 + self.id,
            "login": self.email,
            "email": self.email,
            "first_name": first_name,
            "last_name": last_name,
            "type": "SubAccount",
            "did": str(self.did),
            "callerid": self.callerid,
            "primary_sip_user_id": str(self.id),
            "locale": "de",
            "obfuscate_billing_records": False,
            "obfuscate_others": False,
            "admin_user": False,
            "rights_numbers": [self.callerid],
            "permissions": {"blocks": [], "enabled": None},
            "updated_at": CREATED,
            "created_at": CREATED,
        }


@dataclass(frozen=True)
class Line:
    """A number of the company, and the telephones that ring when it is called."""

    id: int
    prefix: str
    numonly: str
    name: str
    rings: tuple[str, ...]
    description: str = "Simulator – kein echtes Placetel"

    @property
    def number(self) -> str:
        return self.prefix + self.numonly

    def record(self, *, with_e164: bool = False) -> Record:
        """As in `GET /numbers`; `with_e164` is the newer form."""
        record: Record = {
            "id": self.id,
            "routing_id": 500 + self.id,
            "prefix": self.prefix,
            "numonly": self.numonly,
            "number": self.number,
            "activated": True,
            "test_number": False,
            "name": self.name,
            "description": self.description,
            "updated_at": CREATED,
            "created_at": CREATED,
        }
        if with_e164:
            record["e164"] = numbers.e164(self.number)
        return record

    def routing(self, *, notified: bool, external: bool = False) -> Record:
        """As in `GET /routings`: the fields are known, their values are inferred."""
        return {
            "id": 500 + self.id,
            "name": self.name,
            "number": self.record(),
            "forward": None if external else {"targets": [{"ringtime": 60, "numbers": list(self.rings)}]},
            "group": None,
            "plan": None,
            "ivr": None,
            "queue": None,
            "api": {"id": 700 + self.id, "name": "External API"} if external else None,
            "mailbox": None,
            "notification": None,
            "time_settings": None,
            "custom_caller_id": None,
            "notify_external_api": notified,
            "music_on_hold": False,
            "updated_at": CREATED,
            "created_at": CREATED,
        }


@dataclass(frozen=True)
class Caller:
    """Somebody who can call at one click."""

    key: str
    label: str
    number: str


_ANNA, _BEN, _CLARA = "7770000001@fpbx.de", "7770000002@fpbx.de", "7770000003@fpbx.de"
_RECEPTION, _FAX = "7770000004@fpbx.de", "7770000009@fpbx.de"

SIP_USERS: tuple[SipUser, ...] = (
    SipUser(1, _ANNA, "Anna Schmidt", 11, "02214710011", "anna@muster.example"),
    SipUser(2, _BEN, "Ben Yilmaz", 12, "02214710012", "ben@muster.example"),
    SipUser(3, _CLARA, "Clara Vogel", 13, "02214710013", "clara@muster.example"),
    SipUser(4, _RECEPTION, "Empfang", 10, "02214710000"),
    SipUser(9, _FAX, "Fax", 19, "02214710000", type=FAX, online=False),
)

LINES: tuple[Line, ...] = (
    Line(1, "0221", "4710000", "Zentrale", (_RECEPTION, _ANNA, _BEN, _CLARA)),
    Line(2, "0221", "4710011", "Anna direkt", (_ANNA,)),
    Line(3, "0221", "4710012", "Ben direkt", (_BEN,)),
    Line(4, "0221", "4710013", "Clara direkt", (_CLARA,)),
)

CALLERS: tuple[Caller, ...] = (
    Caller("company", "Rheinwerk Maschinenbau GmbH", "03023125100"),
    Caller("contact", "Max Mustermann (Rheinwerk)", "03023125123"),
    Caller("bakery", "Bäckerei Sonnenschein", "08999998010"),
    Caller("mobile", "Sabine Krüger (mobil)", "01713920010"),
    Caller("second", "Hanseatic GmbH", "04066969200"),
    Caller("behind_switchboard", "Durchwahl bei Hanseatic", "04066969207"),
    Caller("unknown", "Unbekannt, Festnetz", "06990009777"),
    Caller("unknown_mobile", "Unbekannt, mobil", "017604069088"),
    Caller("foreign", "Ausland (London)", "+442079460123"),
    Caller("freephone", "Kostenfreie Nummer", "08003569377"),
    Caller("premium", "Premium-Nummer", "09001000000"),
    Caller("internal", "Intern, Durchwahl 12", "12"),
    Caller("anonymous", "Anonym", numbers.ANONYMOUS),
)
