"""Why a request to the webhook was refused, in words with the next step."""

from __future__ import annotations

from flask_babel import gettext as _


def refusal_sentence(reason: str, system: str) -> str:
    """For the codes of NotAuthentic, ``no_log_in``, ``unknown_connection``, ``too_large`` and ``too_many``.

    ``system``: what the telephone system is called whose address it came to, see ``connections.system_name``.
    """
    sentences = {
        "no_secret": _(
            "There is no shared secret in the settings: "
            "every notification is refused until one is set here and at %(system)s.",
            system=system,
        ),
        "missing_signature": _(
            "It was not signed: at %(system)s no shared secret is set, or the request did not come from there.",
            system=system,
        ),
        "malformed_signature": _("Its signature has a form that %(system)s never sends.", system=system),
        "wrong_signature": _(
            "Its signature does not fit: the shared secret at %(system)s is another one than here.", system=system
        ),
        "missing_token": _("Its address ends without the token that shows where it comes from."),
        "malformed_token": _("The token at the end of its address has a form that none of ours has."),
        "wrong_token": _("The token at the end of its address is none of ours."),
        "no_log_in": _(
            "It was signed rightly, but came without the user and password that the settings demand in the address."
        ),
        "unknown_connection": _(
            "It came to an address that belongs to no connection in use: its connection is deactivated, or the last "
            "part of the address is wrong."
        ),
        "too_large": _("It was too large for a notification."),
        "too_many": _(
            "This source sends more forged requests than are looked at. Authentic notifications are taken all the same."
        ),
    }
    return str(sentences.get(reason, reason))
