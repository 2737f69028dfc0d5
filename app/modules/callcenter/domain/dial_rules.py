"""What a click may dial. The rules know kinds of parties, no provider and no text for the page.

``check`` tells numbers from what is none, and no setting moves it. ``judge`` applies what an administrator set: kinds
of dear numbers, countries, exceptions. ``limit`` counts.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

from app.core.values import MAX_INTERNAL_DIGITS, Dialable, Internal, Party, SipUser, Withheld

#: Never dialled by click: help must be called from a phone whose place is known, and never by mistake.
EMERGENCY_NUMBERS = frozenset({"110", "112"})


class Refusal(StrEnum):
    """Why a number is not dialled. The value is stable; the page turns it into a sentence."""

    EMPTY = "empty"
    EMERGENCY = "emergency"
    UNVERIFIED = "unverified"
    """Longer than an extension, but no valid number: it is not passed off as an extension either."""
    SIP = "sip"
    """A SIP address: the PBX dials numbers and extensions only."""
    WITHHELD = "withheld"
    PREMIUM = "premium"
    """As are the next five: a kind of number that is switched off."""
    MASS = "mass"
    SHARED_COST = "shared_cost"
    ENQUIRIES = "enquiries"
    PERSONAL = "personal"
    SATELLITE = "satellite"
    COUNTRY = "country"
    """It leads to a country that is not allowed."""
    BLOCKED = "blocked"
    """An exception blocks this very number, or all that begin like it."""
    HOUR_LIMIT = "hour_limit"
    DAY_LIMIT = "day_limit"

    @property
    def code(self) -> str:
        """The stable code."""
        return self.value


#: Kinds of dear numbers that an administrator can switch; each is a tariff of ``app.core.phones`` and a Refusal.
KINDS = ("premium", "mass", "enquiries", "satellite", "personal", "shared_cost")
#: Stands for every country.
EVERY_COUNTRY = "*"
#: What is counted for the two limits.
HOUR, DAY = timedelta(hours=1), timedelta(days=1)


@dataclass(frozen=True, slots=True)
class Rules:
    """What an administrator set.

    Exceptions are numbers in E.164 or extensions as digits; with a ``*`` at the end, all that begin so.
    """

    blocked_kinds: frozenset[str] = frozenset()
    countries: frozenset[str] = frozenset((EVERY_COUNTRY,))
    """ISO 3166."""
    allowed: tuple[str, ...] = ()
    blocked: tuple[str, ...] = ()
    hour_limit: int = 0
    """Orders of one user within an hour; 0 for no limit."""
    day_limit: int = 0


@dataclass(frozen=True, slots=True)
class Facts:
    """What the numbering plan says of a number."""

    number: str
    """E.164, or the digits of an extension."""
    tariff: str
    country: str | None
    """ISO 3166; None for an extension and for networks of no country."""
    home: bool = False
    """Whether that is the country of the telephone system: it is always allowed."""


@dataclass(frozen=True, slots=True)
class Verdict:
    """What the rules say, and which of them said it."""

    refusal: Refusal | None
    rule: str = ""
    """``kind premium``, ``country TO``, ``allowed +49900*``, ``blocked …``, ``hour 60``, ``day 300``, ``number sip``.

    Empty where no rule had anything to say."""


def judge(facts: Facts, rules: Rules) -> Verdict:
    """Whether a number that ``check`` lets pass may be dialled.

    The longest exception that fits decides, of two alike the one that blocks; else the kind, then the country.
    """
    blocking, allowing = _longest(facts.number, rules.blocked), _longest(facts.number, rules.allowed)
    if blocking and _weight(blocking) >= _weight(allowing):
        return Verdict(Refusal.BLOCKED, f"blocked {blocking}")
    if allowing:
        return Verdict(None, f"allowed {allowing}")
    if facts.tariff in rules.blocked_kinds and facts.tariff in KINDS:
        return Verdict(Refusal(facts.tariff), f"kind {facts.tariff}")
    abroad = facts.country is not None and not facts.home
    if abroad and EVERY_COUNTRY not in rules.countries and facts.country not in rules.countries:
        return Verdict(Refusal.COUNTRY, f"country {facts.country}")
    return Verdict(None)


def limit(orders: Iterable[datetime], rules: Rules, now: datetime) -> tuple[Verdict, timedelta | None]:
    """Whether one order more is within the limits, and if not, how long until it is.

    ``orders``: when the user's orders of the last day were given that may have rung a telephone.
    """
    given = sorted(orders)
    for refusal, span, most in (
        (Refusal.HOUR_LIMIT, HOUR, rules.hour_limit),
        (Refusal.DAY_LIMIT, DAY, rules.day_limit),
    ):
        recent = [at for at in given if at > now - span]
        if most and len(recent) >= most:
            # The limit holds again when all but the last (most - 1) have left the span.
            free_at = recent[len(recent) - most] + span
            return Verdict(refusal, f"{refusal.value.removesuffix('_limit')} {most}"), max(free_at - now, timedelta(0))
    return Verdict(None), None


def _longest(number: str, exceptions: Iterable[str]) -> str:
    """The exception that fits best, '' for none."""
    return max((one for one in exceptions if _fits(number, one)), key=_weight, default="")


def _fits(number: str, exception: str) -> bool:
    beginning = exception.removesuffix("*")
    return number == exception if beginning == exception else number.startswith(beginning)


def _weight(exception: str) -> tuple[int, bool]:
    """Longer ones weigh more; the whole number more than a beginning with the same digits."""
    return len(exception.removesuffix("*")), bool(exception) and not exception.endswith("*")


def check(target: Party, *, emergency: bool, known_extension: bool = False) -> Refusal | None:
    """None when ``target`` may be dialled, else the reason why not.

    ``emergency`` is what the numbering plan says of the number as typed (``app.core.phones``). 110 and 112
    are refused in any spelling whatever it says, also behind zeros (an outside line, ``automatic_prefix``)
    and behind the German country code. Digits behind a zero are no extension, for the PBX would take them for the
    beginning of a public number; unless it lists them as one (``known_extension``).
    """
    if isinstance(target, Withheld):
        return Refusal.WITHHELD if target.raw.strip() else Refusal.EMPTY
    if not target.raw.strip():
        return Refusal.EMPTY
    if isinstance(target, SipUser):
        return Refusal.SIP
    if emergency or _is_emergency(target.raw):
        return Refusal.EMERGENCY
    if isinstance(target, Dialable):
        if _is_emergency(target.e164):
            return Refusal.EMERGENCY
        return None if _is_e164(target.e164) else Refusal.UNVERIFIED
    if isinstance(target, Internal) and _is_extension(target.raw):
        behind_zero = len(target.raw.strip()) > 1 and target.raw.strip().startswith("0")
        return Refusal.UNVERIFIED if behind_zero and not known_extension else None
    return Refusal.UNVERIFIED


def _is_emergency(number: str) -> bool:
    digits = "".join(char for char in number if char.isdecimal())
    # A bare 49112 is an extension like any other; only +49 and 0049 are a country code.
    if number.strip().startswith("+49") or digits.startswith("0049"):
        digits = digits.lstrip("0").removeprefix("49")
    return digits.lstrip("0") in EMERGENCY_NUMBERS


def _is_e164(number: str) -> bool:
    return number.startswith("+") and number[1:].isascii() and number[1:].isdigit()


def _is_extension(number: str) -> bool:
    digits = number.strip()
    return len(digits) <= MAX_INTERNAL_DIGITS and digits.isascii() and digits.isdigit()
