"""What came of a dial order, in words: one sentence for each case, with the next step."""

from __future__ import annotations

from flask_babel import gettext as _
from flask_babel import ngettext

from app.modules.callcenter.dialling import DialResult, DialState


def sentence(result: DialResult) -> str:
    """What to tell the user, in his language."""
    if result.state is DialState.UNKNOWN:
        return _unknown(result)
    if result.code == "rate_limited":
        return _rate_limited(result)
    found = _sentences().get(result.code)
    return found or str(_("The call could not be set up. Please dial on your telephone and tell your administrator."))


def _unknown(result: DialResult) -> str:
    uncertain: str = _(
        "It is not certain whether your telephone will ring – please look at your telephone before you try again."
    )
    reasons = {
        "timeout": _("The telephone system did not answer in time."),
        "server_error": _("The telephone system reported an error."),
        "bad_answer": _("The connection to the telephone system broke."),
    }
    reason = reasons.get(result.code)
    return f"{reason} {uncertain}" if reason else uncertain


def _rate_limited(result: DialResult) -> str:
    later: str = _("The telephone system is taking no more calls at the moment. Please try again in a minute.")
    if result.retry_after:
        later = ngettext(
            "The telephone system is taking no more calls at the moment. Please try again in %(num)s second.",
            "The telephone system is taking no more calls at the moment. Please try again in %(num)s seconds.",
            result.retry_after,
        )
    return later


def _sentences() -> dict[str, str]:
    return {
        "accepted": _("Your telephone will ring in a moment – please pick up."),
        "under_way": _("This call is already being set up – please wait for your telephone to ring."),
        "empty": _("Please enter a phone number."),
        "emergency": _("Emergency numbers are never dialled by click. Please use the telephone itself."),
        "unverified": _(
            "This cannot be read as one phone number. Please enter it with its area code, for example 0221 4710 123."
        ),
        "sip": _("SIP addresses cannot be dialled by click. Please enter a phone number or an extension."),
        "withheld": _("This number was withheld and cannot be dialled."),
        "key_missing": _("The request was incomplete. Please reload the page and try again."),
        "key_reused": _("The request belongs to another number. Please reload the page and try again."),
        "not_your_account": _("This telephone is not assigned to you. Please reload the page and choose another one."),
        "no_account": _(
            "No telephone is assigned to you. The link dials with the telephone program of your device; "
            "an administrator can assign you a telephone."
        ),
        "not_configured": _("There is no API key for Placetel yet. An administrator can enter it in the settings."),
        "bad_key": _(
            "Placetel does not accept the API key, so nothing was dialled. "
            "An administrator has to enter a valid one in the settings."
        ),
        "forbidden": _(
            "The API key may not start calls, so nothing was dialled. "
            "An administrator has to check its rights at Placetel."
        ),
        "not_found": _(
            "Placetel does not know your telephone, so nothing was dialled. "
            "An administrator has to check your account in the settings."
        ),
        "invalid": _(
            "Placetel refused this call. Please check the number; "
            "if it is right, an administrator has to check your account."
        ),
        "unreachable": _(
            "Placetel cannot be reached, so nothing was dialled. "
            "Please dial on your telephone, or try again in a minute."
        ),
        "timeout": _("Placetel did not answer in time, so nothing was dialled. Please try again."),
        "server_error": _("Placetel reported an error, so nothing was dialled. Please try again in a minute."),
        "bad_answer": _("The answer did not come from Placetel. An administrator has to check the address of the API."),
    }
