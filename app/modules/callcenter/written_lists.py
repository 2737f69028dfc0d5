"""Accounts and lines as text, one a line: ``Benutzername:UID`` as in Xentral, and ``NUMBER:user,user``.

Reading never stops at a bad line: each is named with its number and a code that becomes a sentence in the page.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Literal

from app.core.accounts.service import username_key
from app.core.values import MAX_INTERNAL_DIGITS, Dialable
from app.modules.callcenter import home, stored

_UID = re.compile(r"[^\s@:,;/]+@[^\s@:,;/]+")
#: What a telephone system that is not asked for its accounts may call one: an extension, a SIP user, a name.
_ANY_UID = re.compile(r"[^\s:,;/]+(?: [^\s:,;/]+)*")
_MAX_UID = 200


@dataclass(frozen=True, slots=True)
class KnownUser:
    """A user of ours, as far as lists and proposals need him."""

    id: int
    username: str
    name: str
    email: str
    active: bool


@dataclass(frozen=True, slots=True)
class AccountEntry:
    """One account and its user. Of several accounts of a user the first in the list dials."""

    uid: str
    user_id: int


@dataclass(frozen=True, slots=True)
class LineEntry:
    """One of our numbers, what it is called, and whom its calls concern."""

    number: str
    key: str
    """As ``Line.key``."""
    name: str = ""
    user_ids: tuple[int, ...] = ()
    group_ids: tuple[int, ...] = ()
    """Groups that answer it; the text of the lines does not name them."""


@dataclass(frozen=True, slots=True)
class Problem:
    """What is wrong with one line. ``level`` error: the list cannot be stored; warning: it can.

    Codes: ``no_colon``, ``no_user`` (nothing before the colon), ``unknown_user`` {user}, ``inactive_user`` {user},
    ``no_uid``, ``bad_uid`` {uid}, ``uid_twice`` {uid, line}, ``unknown_to_pbx`` {uid}, ``no_number``,
    ``bad_number`` {number}, ``odd_number`` {number}, ``number_twice`` {number, line}.
    """

    line: int
    level: Literal["error", "warning"]
    code: str
    params: Mapping[str, str | int] = field(default_factory=dict)


def by_key(users: Iterable[KnownUser]) -> dict[str, KnownUser]:
    """Users by the form under which names are compared."""
    return {username_key(user.username): user for user in users}


def parse_accounts(
    text: str, users: Mapping[str, KnownUser], known_uids: Collection[str], *, any_uid: bool = False
) -> tuple[list[AccountEntry], list[Problem]]:
    """The accounts of a text and what is wrong with it. ``known_uids``: what the PBX listed; empty = unknown.

    ``any_uid``: an account need not be a SIP address, as where the telephone system names extensions or persons.
    """
    entries: dict[str, AccountEntry] = {}
    first_seen: dict[str, int] = {}
    problems: list[Problem] = []
    for number, line in _lines(text):
        username, colon, uid = line.partition(":")
        uid = uid.strip().lower().removeprefix("sip:")
        if not colon:
            problems.append(Problem(number, "error", "no_colon"))
            continue
        user, found = _user(username, users, number)
        found += _uid_problems(uid, number, known_uids, _ANY_UID if any_uid else _UID)
        problems += found
        if user is None or any(problem.level == "error" for problem in found):
            continue
        if uid in entries:
            if entries[uid].user_id != user.id:
                problems.append(Problem(number, "error", "uid_twice", {"uid": uid, "line": first_seen[uid]}))
            continue
        entries[uid] = AccountEntry(uid, user.id)
        first_seen[uid] = number
    return list(entries.values()), problems


def format_accounts(entries: Iterable[AccountEntry], usernames: Mapping[int, str]) -> str:
    """The text that ``parse_accounts`` reads."""
    return "\n".join(f"{usernames[entry.user_id]}:{entry.uid}" for entry in entries if entry.user_id in usernames)


def parse_lines(
    text: str, users: Mapping[str, KnownUser], *, named: bool = False
) -> tuple[list[LineEntry], list[Problem]]:
    """The lines of a text and what is wrong with it. A line may be without users.

    ``named``: a line may be a name, as where the telephone system tells of queues.
    """
    entries: list[LineEntry] = []
    first_seen: dict[str, int] = {}
    problems: list[Problem] = []
    for number, line in _lines(text):
        called, colon, names = line.partition(":")
        if not colon:
            problems.append(Problem(number, "error", "no_colon"))
            continue
        ids: list[int] = []
        found: list[Problem] = []
        for name in filter(None, (name.strip() for name in names.split(","))):
            user, wrong = _user(name, users, number)
            found += wrong
            if user is not None and user.id not in ids:
                ids.append(user.id)
        key, wrong = number_key(called, number, first_seen, named=named)
        found += wrong
        problems += found
        if key is not None and all(problem.level != "error" for problem in found):
            entries.append(LineEntry(called.strip(), key, user_ids=tuple(ids)))
    return entries, problems


def format_lines(entries: Iterable[LineEntry], usernames: Mapping[int, str]) -> str:
    """The text that ``parse_lines`` reads; names of lines are not part of it."""
    return "\n".join(
        f"{entry.number}:{','.join(usernames[user_id] for user_id in entry.user_ids if user_id in usernames)}"
        for entry in entries
    )


def line_key(number: str, *, named: bool = False) -> str | None:
    """What calls to this number of ours are found by: E.164, else the digits; None for anything else.

    ``named``: a name is found, too.
    """
    party = home.classify(number.strip())
    if isinstance(party, Dialable):
        return party.e164
    # A number of ours that the numbering plan does not know is still what the PBX will name.
    digits = "".join(number.split())
    if digits.isascii() and digits.isdigit():
        return digits
    # A colon ends it in the text of the lines.
    is_name = named and ":" not in number and any(sign.isalnum() for sign in number)
    return stored.line_key(party) if is_name else None


def number_key(
    number: str, line: int, first_seen: dict[str, int], *, named: bool = False
) -> tuple[str | None, list[Problem]]:
    """The key of a typed number, or what is wrong with it. ``first_seen`` collects keys with their lines."""
    if not number.strip():
        return None, [Problem(line, "error", "no_number")]
    key = line_key(number, named=named)
    if key is None or len(number.strip()) > _MAX_UID:
        return None, [Problem(line, "error", "bad_number", {"number": number.strip()[:60]})]
    if key in first_seen:
        return None, [Problem(line, "error", "number_twice", {"number": number.strip(), "line": first_seen[key]})]
    first_seen[key] = line
    if key.isdigit() and len(key) > MAX_INTERNAL_DIGITS:
        return key, [Problem(line, "warning", "odd_number", {"number": key})]
    return key, []


def errors(problems: Sequence[Problem]) -> list[Problem]:
    """Those that keep a list from being stored."""
    return [problem for problem in problems if problem.level == "error"]


def _lines(text: str) -> Iterator[tuple[int, str]]:
    for number, line in enumerate(text.splitlines(), start=1):
        if line.strip():
            yield number, line


def _user(name: str, users: Mapping[str, KnownUser], line: int) -> tuple[KnownUser | None, list[Problem]]:
    plain = name.strip()
    if not plain:
        return None, [Problem(line, "error", "no_user")]
    user = users.get(username_key(plain))
    if user is None:
        return None, [Problem(line, "error", "unknown_user", {"user": plain[:80]})]
    if not user.active:
        return user, [Problem(line, "warning", "inactive_user", {"user": user.username})]
    return user, []


def _uid_problems(uid: str, line: int, known_uids: Collection[str], form: re.Pattern[str]) -> list[Problem]:
    if not uid:
        return [Problem(line, "error", "no_uid")]
    if len(uid) > _MAX_UID or not form.fullmatch(uid):
        return [Problem(line, "error", "bad_uid", {"uid": uid[:80]})]
    if known_uids and uid not in known_uids:
        return [Problem(line, "warning", "unknown_to_pbx", {"uid": uid})]
    return []
