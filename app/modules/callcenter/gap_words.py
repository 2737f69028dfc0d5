"""What came of a comparison with the telephone system's list, in words."""

from __future__ import annotations

from flask_babel import gettext as _
from flask_babel import ngettext

from app.modules.callcenter import connections
from app.modules.callcenter.domain.belonging import FIRST_CONNECTION
from app.modules.callcenter.gaps import Filled
from app.modules.callcenter.providers.base import Finding
from app.modules.callcenter.setup_words import finding_sentence


def failure_sentence(code: str, key: str = FIRST_CONNECTION) -> str:
    """For the codes of CannotCompare; ``key``: of the connection whose list it is."""
    system = connections.system_name(key)
    own = {
        "no_list": _("%(system)s has no list of calls.", system=system),
        "paused": _("%(system)s did not answer lately and is asked again in a while.", system=system),
    }
    return str(own.get(code) or finding_sentence(Finding("error", code), key))


def filled_sentence(filled: Filled) -> str:
    """What a comparison did."""
    listed = ngettext("The list has %(num)d call.", "The list has %(num)d calls.", filled.listed)
    done = []
    if filled.added:
        done.append(ngettext("%(num)d was missing and is added.", "%(num)d were missing and are added.", filled.added))
    if filled.completed:
        done.append(ngettext("Of %(num)d the end is added.", "Of %(num)d the end is added.", filled.completed))
    if filled.withdrawn:
        done.append(
            ngettext(
                "%(num)d was added twice and is removed.", "%(num)d were added twice and are removed.", filled.withdrawn
            )
        )
    if not done:
        done.append(_("None of them was missing here."))
    return " ".join([listed, *map(str, done)])


def doubt_words() -> dict[str, str]:
    """Why an entry is left for a person."""
    return {
        "masked": _("The list hides digits of the number."),
        "similar": _("A call that is known is close to it and may be the same."),
    }
