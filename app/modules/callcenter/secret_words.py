"""What is wrong with a secret that was typed, in words."""

from __future__ import annotations

from flask_babel import gettext as _

from app.modules.callcenter.webhook_secrets import MOST_HOURS

#: Fields whose faults are told here.
OF_SECRETS = frozenset({"shared_secret", "keep_hours", "webhook_user", "webhook_password"})


def fault_sentence(code: str) -> str:
    """For the codes of ``settings_form.setting_changes`` about secrets."""
    sentences = {
        "empty_secret": _("This secret is empty: with it anybody could sign. Please enter at least one sign."),
        "bad_hours": _("Please enter a number from %(low)s to %(high)s.", low=0, high=MOST_HOURS),
        "no_user": _("Please enter the user as well, or remove the password."),
        "bad_user": _("Only letters, digits and the signs . _ ~ - can stand in the address."),
        "no_password": _("Please enter a password as well, or leave the user empty."),
        "bad_password": _("Please enter at least 12 letters, digits or the signs . _ ~ -."),
    }
    return str(sentences[code])
