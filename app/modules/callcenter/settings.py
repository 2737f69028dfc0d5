"""What an administrator sets: of each connection to a telephone system, and of calls altogether."""

from __future__ import annotations

from dataclasses import dataclass

from app.core.settings import Secret

#: What is encrypted, and never shown.
SECRETS = frozenset({"api_key", "shared_secret", "old_shared_secret", "webhook_password"})
#: The European Union, the European Economic Area, Switzerland, the United Kingdom and the small states among them that
#: share their numbers' prices: where a company of ours calls every day, and hardly any fraud leads.
EUROPE = (
    "AT", "AX", "BE", "BG", "CH", "CY", "CZ", "DE", "DK", "EE", "ES", "FI", "FR", "GB", "GR", "HR", "HU", "IE", "IS",
    "IT", "LI", "LT", "LU", "LV", "MT", "NL", "NO", "PL", "PT", "RO", "SE", "SI", "SK", "VA",
)  # fmt: skip
#: Days for which notifications may be kept.
NOTIFICATION_DAYS = (1, 365)
#: Rows that a page of the journal may have.
ROWS = (60, 120, 180, 240, 300)


@dataclass(frozen=True, slots=True)
class ConnectionSettings:
    """What each connection has for itself; secrets are encrypted at rest and never shown.

    Stored as a part of the module's settings that has the connection's key.
    """

    api_key: Secret | None = None
    shared_secret: Secret | None = None
    old_shared_secret: Secret | None = None
    """The one before it, while both are valid: until the PBX has been told the new one."""
    old_secret_until: str = ""
    """When that ends: ISO 8601, UTC."""
    webhook_user: str = ""
    """With ``webhook_password`` a log-in (basic auth) that the webhook demands besides the signature."""
    webhook_password: Secret | None = None
    base_url: str = "https://api.placetel.de/v2"
    target_style: str = "national"
    """How numbers are dialled: ``national`` (0…, 00cc…) or ``e164`` (+…)."""


@dataclass(frozen=True, slots=True)
class CallcenterSettings:
    """Settings of the module, for all connections."""

    silent_seconds: int = 75
    """After so long without a report a card says that nothing more is heard of an incoming call, and is quiet."""
    ringing_minutes: int = 5
    """An incoming call that rings longer without a report is closed provisionally."""
    talking_hours: int = 4
    """The same for outgoing calls and conversations."""
    notification_days: int = 30
    """Days for which notifications are kept as they came; what was not processed yet is kept."""
    unknown_days: int = 180
    """Days after which a call with somebody unknown is anonymised; 0 for never, as with those that follow."""
    call_days: int = 730
    """The same for all calls."""
    order_days: int = 180
    """Days for which orders to dial keep their number."""
    callback_days: int = 365
    """Days for which call-backs are kept once they are done."""
    default_scope: str = "all"
    """Whose calls users see who did not choose otherwise: ``all``, ``lines`` or ``mine`` (``domain.visibility``)."""
    journal_rows: int = 60
    """Rows of a page of the journal, for users who did not choose otherwise."""
    person_figures: bool = False
    """Whether the statistics tell figures per person, to whoever may see them; a works council has a say in that."""
    control_inside: str = ""
    """Whom rules for incoming calls ring as inside sales, where he has none: a SIP user, number or extension."""
    dial_blocked_kinds: tuple[str, ...] = ("premium", "mass", "enquiries", "satellite", "personal")
    """Kinds of dear numbers that are not dialled (``domain.dial_rules.KINDS``)."""
    dial_countries: tuple[str, ...] = EUROPE
    """ISO 3166, besides the own; ``*`` for all."""
    dial_allowed: tuple[str, ...] = ()
    """Exceptions to both: numbers in E.164 or extensions, with a ``*`` all that begin so."""
    dial_blocked: tuple[str, ...] = ()
    dial_hour_limit: int = 120
    """Orders of one user within an hour; 0 for no limit."""
    dial_day_limit: int = 600
