"""What a click may dial. The rules know kinds of parties, no provider and no text for the page."""

from __future__ import annotations

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

    @property
    def code(self) -> str:
        """The stable code."""
        return self.value


def check(target: Party, *, emergency: bool) -> Refusal | None:
    """None when ``target`` may be dialled, else the reason why not.

    ``emergency`` is what the numbering plan says of the number as typed (``app.core.phones``). 110 and 112
    are refused in any spelling whatever it says, also behind zeros (an outside line, ``automatic_prefix``)
    and behind the German country code.
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
        return None
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
