"""Rules for incoming calls and entries of the block list, as the audit log keeps them, in the reader's words."""

from __future__ import annotations

import json
import re
from collections.abc import Sequence
from datetime import datetime

from flask_babel import gettext as _

from app.core.i18n import show_datetime
from app.modules.callcenter.control_book import action_of, conditions_of
from app.modules.callcenter.control_rules import BLOCK_LIST
from app.modules.callcenter.domain.call_control import Rule
from app.modules.callcenter.views.control_words import action_in_words, conditions_in_words, rule_title

#: As control_rules writes it: place, name, whether it is off, what is asked, what is done.
_RULE = re.compile(r"(?P<place>\d+)\. (?P<name>.*): (?P<asked>\{.*\}) → (?P<done>\{.*\})", re.DOTALL)


def rule_told(kept: str) -> str:
    """A rule in words; what an older version wrote otherwise stays as it is."""
    found = _RULE.fullmatch(kept)
    if found is None:
        return kept
    try:
        asked, done = conditions_of(json.loads(found["asked"])), action_of(json.loads(found["done"]))
    except (ValueError, KeyError, TypeError, AttributeError):
        return kept
    name = found["name"].removesuffix(" (off)")
    off = f" ({_('off')})" if name != found["name"] else ""
    when = "; ".join(conditions_in_words(asked)) or _("every call")
    title = rule_title("" if name == BLOCK_LIST else name)
    return f"{found['place']}. {title}{off}: {when} → {action_in_words(Rule(0, title, asked, done))}"


def entry_told(kept: Sequence[str]) -> list[str]:
    """What stands behind the number of an entry: what the caller hears, until when, the note."""
    words = {"reject": _("is refused"), "busy": _("hears the busy tone")}
    told = [str(words.get(one, one)) for one in kept[:1]]
    return told + [_moment(one) for one in kept[1:2]] + list(kept[2:])


def _moment(text: str) -> str:
    try:
        return show_datetime(datetime.fromisoformat(text))
    except ValueError:
        return text
