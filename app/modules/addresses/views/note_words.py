"""What the scripts around notes say, in the user's language."""

from __future__ import annotations

from typing import Any

from flask import url_for
from flask_babel import gettext as _
from flask_login import current_user


def told() -> dict[str, Any]:
    """Paths and texts."""
    return {
        "user_id": current_user.id,
        "save_path": url_for("addresses_drafts.keep"),
        "token_path": url_for("addresses_drafts.token"),
        "texts": {
            "title": _("New phone note"),
            "title_note": _("New note"),
            "loading": _("Loading …"),
            "as_page": _("Open as a page"),
            "saved": _("Draft saved at %(time)s", time="{time}"),
            "kept": _("Your draft is kept. Open it again here, or at “Drafts” in the head of the page."),
            "offline": _("Not saved – no connection. What you type is kept in this browser and saved later."),
            "failed": _(
                "Not saved – the server could not do it. It is tried again; your text is kept in this browser."
            ),
            "logged_out": _(
                "Not saved – you are not logged in any more. Log in again in another window: "
                "then this is saved by itself."
            ),
            "somebody_else": _(
                "Not saved – somebody else is logged in in this browser by now. "
                "Your text is kept in this browser until you log in again."
            ),
            "forbidden": _("Not saved – you may not write notes any more."),
            "too_long": _("Not saved – this text is too long."),
            "elsewhere": _("This draft is open in another window too."),
            "saved_elsewhere": _("This note was saved in another window. What you type now is added when you save."),
            "discarded_elsewhere": _("This draft was discarded in another window. What you type now is a new one."),
            "show_note": _("Show the note"),
            "duration": _("The call has ended: duration %(duration)s.", duration="{duration}"),
            "conflict": _("In another window this was typed here:"),
            "nothing": _("(nothing)"),
            "chosen_elsewhere": _("as chosen in another window"),
            "take_mine": _("Keep mine"),
            "take_theirs": _("Take this one"),
            "take_both": _("Keep both"),
            "decide": _("Please decide first which text is meant."),
            "draft": _("Draft"),
            "drafts": _("Drafts: %(count)s", count="{count}"),
        },
    }
