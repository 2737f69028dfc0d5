"""What came of a dial order, in words: one sentence for each case, with the next step."""

from __future__ import annotations

from flask_babel import get_locale, ngettext
from flask_babel import gettext as _

from app.core import phones
from app.modules.callcenter import connections
from app.modules.callcenter.dial_results import DialResult, DialState


def sentence(result: DialResult) -> str:
    """What to tell the user, in his language."""
    if result.state is DialState.UNKNOWN:
        return _unknown(result)
    if result.code == "rate_limited":
        return _rate_limited(result)
    if result.code in ("hour_limit", "day_limit"):
        return _over_limit(result)
    if result.code == "country":
        return not_to_country(result.country)
    found = rule_sentences().get(result.code) or _sentences(connections.system_name(result.connection)).get(result.code)
    return found or str(_("The call could not be set up. Please dial on your telephone and tell your administrator."))


def country_name(region: str | None) -> str:
    """A country in the language of whoever looks; as it was given where nobody knows it."""
    names = phones.country_names(region) if region else None
    locale = get_locale()
    return names.of(str(locale.language) if locale else "de") if names else region or ""


def countries_by_name() -> list[tuple[str, str]]:
    """Code and name of all countries with telephone numbers, by name; umlauts among their letters, as in German."""
    named = ((one, country_name(one)) for one in phones.regions())
    return sorted(named, key=lambda pair: pair[1].casefold().translate(str.maketrans("äöüåé", "aouae")))


def not_to_country(region: str | None) -> str:
    """That a country is not allowed."""
    return str(
        _(
            "Calls to this country are not allowed: %(country)s. "
            "If you need this number, please ask your administrator to allow it.",
            country=country_name(region),
        )
    )


def rule_sentences() -> dict[str, str]:
    """Why the rules of the house do not let a number be dialled, by the code of the refusal."""
    return {
        "premium": _(
            "Premium-rate numbers are blocked. If you need this one, please ask your administrator to allow it."
        ),
        "mass": _(
            "Numbers for televoting and mass calls are blocked. "
            "If you need this one, please ask your administrator to allow it."
        ),
        "shared_cost": _(
            "Shared-cost service numbers are blocked. If you need this one, please ask your administrator to allow it."
        ),
        "enquiries": _(
            "Directory enquiries are blocked. If you need this number, please ask your administrator to allow it."
        ),
        "personal": _(
            "Personal numbers and pagers are blocked. If you need this one, please ask your administrator to allow it."
        ),
        "satellite": _(
            "Numbers of satellites and international networks are blocked. "
            "If you need this one, please ask your administrator to allow it."
        ),
        "blocked": _("This number is blocked. If you need it, please ask your administrator to allow it."),
    }


def blocked_sentences() -> dict[str, str]:
    """The same, and of countries, for pages that get to know the number later."""
    country = _(
        "Calls to this country are not allowed. If you need this number, please ask your administrator to allow it."
    )
    return {**rule_sentences(), "country": country}


def kind_names() -> dict[str, str]:
    """What kinds of dear numbers are called."""
    return {
        "premium": _("Premium-rate numbers (0900, and their like abroad)"),
        "mass": _("Televoting and mass calls (0137, 0138)"),
        "enquiries": _("Directory enquiries (118…)"),
        "satellite": _("Satellites and international networks (+870, +881, +882, +883 …)"),
        "personal": _("Personal numbers and pagers (0700, in the United Kingdom 070 and 076)"),
        "shared_cost": _("Shared-cost service numbers (0180)"),
    }


def rule_words(rule: str) -> str:
    """Which rule decided, from ``Verdict.rule``; '' where none did."""
    kind, _space, value = rule.partition(" ")
    if kind == "kind":
        return kind_names().get(value, value)
    if kind == "country":
        return str(_("Country: %(country)s", country=country_name(value)))
    if kind == "hour":
        return str(_("At most %(most)s calls an hour", most=value))
    if kind == "day":
        return str(_("At most %(most)s calls in 24 hours", most=value))
    words = {"allowed": _("Exception “always allowed”: %(what)s", what=value)}
    words["blocked"] = _("Exception “always blocked”: %(what)s", what=value)
    words["number"] = _("What can be dialled at all")
    return str(words.get(kind, rule))


def _over_limit(result: DialResult) -> str:
    minutes = max(1, -(-(result.retry_after or 60) // 60))
    if minutes < 120:
        found = ngettext(
            "You have ordered as many calls as are allowed. Please try again in %(num)s minute, "
            "or ask your administrator.",
            "You have ordered as many calls as are allowed. Please try again in %(num)s minutes, "
            "or ask your administrator.",
            minutes,
        )
    else:
        found = ngettext(
            "You have ordered as many calls as are allowed. Please try again in %(num)s hour, "
            "or ask your administrator.",
            "You have ordered as many calls as are allowed. Please try again in %(num)s hours, "
            "or ask your administrator.",
            -(-minutes // 60),
        )
    return str(found)


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


def _sentences(system: str) -> dict[str, str]:
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
        "not_configured": _(
            "There is no API key for %(system)s yet. An administrator can enter it in the settings.", system=system
        ),
        "bad_key": _(
            "%(system)s does not accept the API key, so nothing was dialled. "
            "An administrator has to enter a valid one in the settings.",
            system=system,
        ),
        "forbidden": _(
            "The API key may not start calls, so nothing was dialled. "
            "An administrator has to check its rights at %(system)s.",
            system=system,
        ),
        "not_found": _(
            "%(system)s does not know your telephone, so nothing was dialled. "
            "An administrator has to check your account in the settings.",
            system=system,
        ),
        "invalid": _(
            "%(system)s refused this call. Please check the number; "
            "if it is right, an administrator has to check your account.",
            system=system,
        ),
        "unreachable": _(
            "%(system)s cannot be reached, so nothing was dialled. "
            "Please dial on your telephone, or try again in a minute.",
            system=system,
        ),
        "timeout": _("%(system)s did not answer in time, so nothing was dialled. Please try again.", system=system),
        "server_error": _(
            "%(system)s reported an error, so nothing was dialled. Please try again in a minute.", system=system
        ),
        "bad_answer": _(
            "The answer did not come from %(system)s. An administrator has to check the address of the API.",
            system=system,
        ),
    }
