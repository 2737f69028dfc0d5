"""What every page of a user with a telephone contains: bell, templates of cards, and the current calls."""

from __future__ import annotations

import re
from dataclasses import asdict
from typing import Any

from flask import Blueprint, Response, current_app, jsonify, request, url_for
from flask_babel import gettext as _
from flask_login import current_user

from app.core.accounts.access import may, requires
from app.core.i18n import once_a_language
from app.core.kernel import Kernel
from app.core.ui.origins import language, line_type_words
from app.modules.callcenter import cards, held_cards
from app.modules.callcenter.dial_words import blocked_sentences
from app.modules.callcenter.views.assign_words import title_of
from app.modules.callcenter.views.call_words import card_words
from app.modules.callcenter.views.choice_words import choice_texts

blueprint = Blueprint("callcenter_cards", __name__, url_prefix="/callcenter")


@blueprint.get("/cards")
@requires("callcenter.calls")
def state() -> Response:
    """The current calls, and those whose cards it holds, for a page that could not open a socket."""
    held = [int(one) for one in request.args.get("held", "").split(",") if re.fullmatch(r"[0-9]{1,18}", one)]
    return jsonify(cards.state_for(current_user.id, held_cards.asked_for({"held": held})))


def page_end() -> dict[str, Any]:
    """What the page's scripts are told: the state, and every text in the user's language."""
    return {
        "told": {
            "user_id": current_user.id,
            "language": language(),
            "may_edit": may("addresses.edit"),
            "state": cards.state_for(current_user.id),
            "state_path": url_for("callcenter_cards.state"),
            **_said(),
            "facts": _facts(),
            "modules": {module.name: str(module.title) for module in _kernel().states.active()},
        }
    }


def _facts() -> dict[str, Any]:
    """The kinds of facts in the user's language."""
    kinds = _kernel().facts.kinds(_kernel().states.is_active)
    return {
        key: {
            "label": str(kind.label),
            "icon": kind.icon,
            "words": {name: str(word) for name, word in kind.words.items()},
        }
        for key, kind in kinds.items()
    }


def _kernel() -> Kernel:
    kernel: Kernel = current_app.extensions["durchwahl"]
    return kernel


@once_a_language
def _said() -> dict[str, Any]:
    """What is the same for everybody: more than a hundred texts on every page."""
    return {
        "words": {key: asdict(words) for key, words in card_words().items()},
        "texts": _texts(),
        "blocked": blocked_sentences(),
        "line_types": line_type_words(),
    }


def _texts() -> dict[str, str]:
    return {
        "unknown": _("Unknown"),
        "withheld": _("Number withheld"),
        "ambiguous": _("Several addresses have this number"),
        "colleague": _("%(name)s (extension %(extension)s)", name="{name}", extension="{extension}"),
        "inside": _("Extension %(extension)s", extension="{extension}"),
        "probable": _("probably %(name)s", name="{name}"),
        "probable_several": _("probably one of several addresses"),
        "extension": _("%(name)s, extension %(extension)s", name="{name}", extension="{extension}"),
        "store_number": title_of("number"),
        "store_extension": title_of("extension"),
        "customer_number": _("Customer number %(number)s", number="{number}"),
        "from": _("from %(name)s", name="{name}"),
        "to": _("to %(name)s", name="{name}"),
        "line": _("on %(line)s", line="{line}"),
        "line_out": _("as %(line)s", line="{line}"),
        "at": _("at %(time)s", time="{time}"),
        "answered_by": _("answered by %(name)s", name="{name}"),
        "silent": _("Nothing was reported since %(time)s; perhaps it does not ring any more.", time="{time}"),
        "assumed": _("Its end was not reported; taken as ended at %(time)s.", time="{time}"),
        "facts_missing": _("What “%(module)s” knows is missing at the moment.", module="{module}"),
        "own_window": _("Opened in a new window, because something here is not saved."),
        "talked": _("Duration %(duration)s", duration="{duration}"),
        "more_matches": _("and %(count)s more", count="{count}"),
        "one_more_card": _("+1 more call"),
        "more_cards": _("+%(count)s more calls", count="{count}"),
        "fewer_cards": _("Show fewer"),
        "archived": _("archived"),
        "choose": _("Choose %(name)s", name="{name}"),
        "choice_unreachable": _("The server cannot be reached. Nothing was chosen; please try again."),
        "choice_reload": _("This page is too old. Please reload it and choose again."),
        "choice_logged_out": _("You are not logged in any more. Please log in again in another tab."),
        "choice_forbidden": _("You may not choose this."),
        "choice_failed": _("That did not work. Please try again."),
        **choice_texts(),
        "call": _("Call %(number)s", number="{number}"),
        "close": _("Close the card: %(name)s", name="{name}"),
        "open": _("Open the card: %(name)s", name="{name}"),
        "fold": _("Fold the card: %(name)s", name="{name}"),
        "missed": _("Calls, %(count)s missed", count="{count}"),
        "bell": _("Calls"),
        "quiet": _("Do not disturb until %(time)s", time="{time}"),
        "rings": _("%(name)s is calling", name="{name}"),
        "somebody": _("Somebody is calling"),
        "several": _("%(count)s calls are ringing", count="{count}"),
        "offline": _("No connection: calls are shown with a delay at the moment."),
        "too_many": _("Too many open windows: calls are shown here with a delay."),
    }
