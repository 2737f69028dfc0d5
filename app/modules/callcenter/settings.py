"""What an administrator sets of the telephone connection."""

from __future__ import annotations

from dataclasses import dataclass

from app.core.settings import Secret


@dataclass(frozen=True, slots=True)
class CallcenterSettings:
    """Settings of the module; secrets are encrypted at rest and never shown."""

    api_key: Secret | None = None
    shared_secret: Secret | None = None
    base_url: str = "https://api.placetel.de/v2"
    target_style: str = "national"
    """How numbers are dialled: ``national`` (0…, 00cc…) or ``e164`` (+…)."""
    ringing_minutes: int = 5
    """An incoming call that rings longer without a report is closed provisionally."""
    talking_hours: int = 4
    """The same for outgoing calls and conversations."""
    default_scope: str = "all"
    """Whose calls users see who did not choose otherwise: ``all``, ``lines`` or ``mine`` (``domain.visibility``)."""
    person_figures: bool = False
    """Whether the statistics tell figures per person, to whoever may see them; a works council has a say in that."""
