"""The form of the settings as it was sent: text and table of the same accounts, rows of lines, secrets.

Both views of the accounts edit the same data. The page sends along what it showed; so a choice made in the table is
told from one that was there before, the text wins where both were changed, and a list that nobody touched is not stored
over what somebody else changed meanwhile.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from hashlib import sha256
from urllib.parse import urlsplit

from werkzeug.datastructures import MultiDict

from app.core.database import storable
from app.core.destinations import Destinations
from app.modules.callcenter.settings import CallcenterSettings, ConnectionSettings
from app.modules.callcenter.views import own_form
from app.modules.callcenter.views.own_form import SentOwn
from app.modules.callcenter.webhook_secrets import MOST_HOURS, PLAIN, SHORTEST_PASSWORD, is_secret
from app.modules.callcenter.written_lists import KnownUser, LineEntry, Problem, number_key

#: Field → smallest and largest sensible value.
LIMITS = {"silent_seconds": (20, 300), "ringing_minutes": (1, 60), "talking_hours": (1, 24)}
TARGET_STYLES = ("national", "e164")
_ID = re.compile(r"[0-9]{1,10}")


@dataclass(frozen=True, slots=True)
class LineRow:
    """A row of the table of lines. A proposed one counts only when it was accepted."""

    number: str = ""
    name: str = ""
    user_ids: tuple[int, ...] = ()
    group_ids: tuple[int, ...] = ()
    proposed: bool = False
    accepted: bool = False
    problem: Problem | None = None

    @property
    def counts(self) -> bool:
        """Whether the row says anything."""
        says = self.number.strip() or self.name.strip() or self.user_ids or self.group_ids
        return bool(says) and (self.accepted or not self.proposed)


@dataclass(frozen=True, slots=True)
class SentForm:
    """What was typed and chosen."""

    api_key: str = ""
    remove_api_key: bool = False
    shared_secret: str = ""
    remove_shared_secret: bool = False
    keep_hours: str | None = None
    """For how long a replaced shared secret stays valid; None: not asked for."""
    webhook_user: str | None = None
    webhook_password: str = ""
    remove_webhook_password: bool = False
    base_url: str = ""
    target_style: str = "national"
    silent_seconds: str | None = None
    """None: not asked for."""
    ringing_minutes: str = ""
    talking_hours: str = ""
    accounts_text: str = ""
    accounts_shown: str = ""
    picks: Mapping[str, str] = field(default_factory=dict)
    """Account → user id as text, "" for nobody, as chosen in the table."""
    line_rows: Sequence[LineRow] = ()
    lines_shown: str = ""
    """``lines_mark`` of what the page showed."""
    own: SentOwn = field(default_factory=SentOwn)
    """What its kind of telephone system asks for itself."""

    def removes(self, name: str) -> bool:
        """Whether the secret of this name is to be removed."""
        return bool(getattr(self, f"remove_{name}", False)) or name in self.own.removed


def read(form: MultiDict[str, str]) -> SentForm:
    """Read what was sent; whatever is missing counts as empty, and signs that cannot be stored are left out."""
    form = MultiDict([(name, storable(value)) for name, value in form.items(multi=True)])
    picks = dict(zip(form.getlist("pick_uid"), form.getlist("pick_user"), strict=False))
    for accepted in form.getlist("accept"):
        uid, _bar, user_id = accepted.partition("|")
        if not picks.get(uid):
            picks[uid] = user_id
    return SentForm(
        api_key=form.get("api_key", "").strip(),
        remove_api_key=form.get("remove_api_key") == "1",
        # A secret of spaces is not the same as none: it is refused, and not taken for a field left empty.
        shared_secret=form.get("shared_secret", "").strip() or form.get("shared_secret", "")[:1],
        remove_shared_secret=form.get("remove_shared_secret") == "1",
        keep_hours=form["keep_hours"].strip() if "keep_hours" in form else None,
        webhook_user=form["webhook_user"].strip() if "webhook_user" in form else None,
        webhook_password=form.get("webhook_password", "").strip(),
        remove_webhook_password=form.get("remove_webhook_password") == "1",
        base_url=form.get("base_url", "").strip(),
        target_style=form.get("target_style", ""),
        silent_seconds=form["silent_seconds"].strip() if "silent_seconds" in form else None,
        ringing_minutes=form.get("ringing_minutes", "").strip(),
        talking_hours=form.get("talking_hours", "").strip(),
        accounts_text=form.get("accounts", ""),
        accounts_shown=form.get("accounts_shown", ""),
        picks=picks,
        line_rows=tuple(_line_row(form, token) for token in form.getlist("line_row")),
        lines_shown=form.get("lines_shown", ""),
        own=own_form.read(form),
    )


def _line_row(form: MultiDict[str, str], token: str) -> LineRow:
    return LineRow(
        number=form.get(f"line_number_{token}", ""),
        name=form.get(f"line_name_{token}", ""),
        user_ids=_ids(form, f"line_users_{token}"),
        group_ids=_ids(form, f"line_groups_{token}"),
        proposed=form.get(f"line_proposed_{token}") == "1",
        accepted=form.get(f"line_accept_{token}") == "1",
    )


def _ids(form: MultiDict[str, str], name: str) -> tuple[int, ...]:
    return tuple(int(text) for text in form.getlist(name) if _ID.fullmatch(text))


def merged_accounts(sent: SentForm, users: Iterable[KnownUser]) -> str:
    """The text of the accounts with what was chosen in the table: same lines, same order, new ones at the end."""
    names = {str(user.id): user.username for user in users}
    keys = {user.username.casefold(): str(user.id) for user in users}
    shown, typed = _users_by_uid(sent.accounts_shown, keys), _users_by_uid(sent.accounts_text, keys)
    lines = sent.accounts_text.splitlines()
    for uid, chosen in sent.picks.items():
        uid = uid.strip().lower()
        if chosen == shown.get(uid, "") or typed.get(uid, "") != shown.get(uid, "") or (chosen and chosen not in names):
            continue
        places = [place for place, line in enumerate(lines) if _uid(line) == uid]
        written = f"{names[chosen]}:{uid}" if chosen else None
        if places and written:
            lines[places[0]] = written
        elif places:
            lines = [line for line in lines if _uid(line) != uid]
        elif written:
            lines.append(written)
    return "\n".join(lines)


def _users_by_uid(text: str, keys: Mapping[str, str]) -> dict[str, str]:
    """Account → user id as text; "?" for a user that does not exist, so that it differs from nobody."""
    found: dict[str, str] = {}
    for line in text.splitlines():
        name, colon, _uid_text = line.partition(":")
        if colon:
            found.setdefault(_uid(line), keys.get(name.strip().casefold(), "?"))
    return found


def _uid(line: str) -> str:
    return line.partition(":")[2].strip().lower().removeprefix("sip:")


def checked_lines(
    rows: Sequence[LineRow], user_ids: Iterable[int], *, named: bool = False
) -> tuple[list[LineEntry], list[LineRow]]:
    """The lines of the rows that count, and the rows again, each with what is wrong with it.

    ``named``: see ``parse_lines``.
    """
    known = set(user_ids)
    first_seen: dict[str, int] = {}
    entries: list[LineEntry] = []
    checked: list[LineRow] = []
    for place, row in enumerate(rows, start=1):
        if not row.counts:
            checked.append(row)
            continue
        key, problems = number_key(row.number, place, first_seen, named=named)
        checked.append(replace(row, problem=problems[0] if problems else None))
        if key is not None:
            ids = tuple(user_id for user_id in row.user_ids if user_id in known)
            entries.append(LineEntry(row.number.strip(), key, row.name.strip(), ids, row.group_ids))
    return entries, checked


def lines_mark(entries: Iterable[LineEntry]) -> str:
    """A short text that differs when the lines differ."""
    listed = sorted(
        (entry.key, entry.number, entry.name, sorted(entry.user_ids), sorted(entry.group_ids)) for entry in entries
    )
    return sha256(repr(listed).encode()).hexdigest()[:16]


def setting_changes(
    sent: SentForm, now: ConnectionSettings, of_all: CallcenterSettings, destinations: Destinations | None = None
) -> tuple[dict[str, object], dict[str, str]]:
    """What of the settings of a connection and of all is to be stored, and the faults by field.

    Codes: ``bad_url``, ``no_destination``, ``bad_number``, ``empty_secret``, ``bad_hours``; of the log-in ``bad_user``,
    ``bad_password``, ``no_user`` and ``no_password``.
    """
    changes, faults = _secret_changes(sent)
    log_in, wrong = _log_in_changes(sent, now)
    changes.update(log_in)
    faults.update(wrong)
    if not is_api_address(sent.base_url):
        faults["base_url"] = "bad_url"
    elif not (destinations or Destinations()).may_ask(sent.base_url):
        faults["base_url"] = "no_destination"
    elif sent.base_url.rstrip("/") != now.base_url:
        changes["base_url"] = sent.base_url.rstrip("/")
    if sent.target_style in TARGET_STYLES and sent.target_style != now.target_style:
        changes["target_style"] = sent.target_style
    for name in LIMITS:
        typed = getattr(sent, name)
        if typed is None:
            continue
        smallest, largest = LIMITS[name]
        if not (typed.isascii() and typed.isdigit() and len(typed) <= 6 and smallest <= int(typed) <= largest):
            faults[name] = "bad_number"
        elif int(typed) != getattr(of_all, name):
            changes[name] = int(typed)
    return changes, faults


def _secret_changes(sent: SentForm) -> tuple[dict[str, object], dict[str, str]]:
    changes: dict[str, object] = {}
    faults: dict[str, str] = {}
    for name, typed, remove in (
        ("api_key", sent.api_key, sent.remove_api_key),
        ("shared_secret", sent.shared_secret, sent.remove_shared_secret),
    ):
        if typed and name == "shared_secret" and not is_secret(typed):
            faults[name] = "empty_secret"
        elif typed:
            changes[name] = typed
        elif remove:
            changes[name] = ""
    if sent.shared_secret and kept_hours(sent) is None:
        faults["keep_hours"] = "bad_hours"
        # Not stored yet, or the present one would end at once.
        changes.pop("shared_secret", None)
    return changes, faults


def kept_hours(sent: SentForm) -> int | None:
    """For how many hours a replaced shared secret stays valid; None when what was typed is no such number."""
    typed = sent.keep_hours or "0"
    if not (typed.isascii() and typed.isdigit() and len(typed) <= 6 and int(typed) <= MOST_HOURS):
        return None
    return int(typed)


def _log_in_changes(sent: SentForm, now: ConnectionSettings) -> tuple[dict[str, object], dict[str, str]]:
    """The user and the password in the address of notifications: both, or none of them."""
    if sent.webhook_user is None:
        return {}, {}
    if sent.remove_webhook_password or not (sent.webhook_user or sent.webhook_password or now.webhook_password):
        is_there = now.webhook_user or now.webhook_password
        return ({"webhook_user": "", "webhook_password": ""} if is_there else {}), {}
    if not sent.webhook_user:
        return {}, {"webhook_user": "no_user"}
    if not PLAIN.fullmatch(sent.webhook_user):
        return {}, {"webhook_user": "bad_user"}
    if not sent.webhook_password and not now.webhook_password:
        return {}, {"webhook_password": "no_password"}
    password = sent.webhook_password
    if password and not (PLAIN.fullmatch(password) and len(password) >= SHORTEST_PASSWORD):
        return {}, {"webhook_password": "bad_password"}
    changes: dict[str, object] = {"webhook_password": password} if password else {}
    if sent.webhook_user != now.webhook_user:
        changes["webhook_user"] = sent.webhook_user
    return changes, {}


def is_api_address(text: str) -> bool:
    """Whether this can be the address of a web API."""
    try:
        parts = urlsplit(text)
        return parts.scheme in ("http", "https") and bool(parts.hostname) and parts.port != 0
    except ValueError:
        return False
