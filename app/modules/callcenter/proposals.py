"""Which account probably belongs to whom, and which lines there probably are. Proposed, never stored by itself."""

from __future__ import annotations

import unicodedata
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Literal

from app.modules.callcenter.providers.base import PbxLine, PbxUser
from app.modules.callcenter.written_lists import AccountEntry, KnownUser, LineEntry, line_key

#: Kinds of SIP users that no person sits at.
NOBODYS_TYPES = frozenset({"fax", "trunk", "blf"})


@dataclass(frozen=True, slots=True)
class Proposal:
    """An account that is nobody's yet, whose it may be, and what says so."""

    uid: str
    user_id: int
    reason: Literal["email", "name"]


def propose_accounts(
    pbx_users: Iterable[PbxUser], users: Sequence[KnownUser], entries: Iterable[AccountEntry]
) -> dict[str, Proposal]:
    """Pairs of the same e-mail, else of the same name, by account; only where exactly one user fits."""
    taken = {entry.uid: entry.user_id for entry in entries}
    provided = set(taken.values())
    by_email = _unique(users, lambda user: user.email.strip().casefold())
    by_name = _unique(users, lambda user: _name(user.name))
    proposals: dict[str, Proposal] = {}
    for pbx_user in pbx_users:
        if pbx_user.uid in taken or pbx_user.type in NOBODYS_TYPES:
            continue
        same_email = by_email.get((pbx_user.email or "").strip().casefold())
        same_name = by_name.get(_name(pbx_user.name)) or by_name.get(_name(pbx_user.description or ""))
        if same_email is not None:
            proposals[pbx_user.uid] = Proposal(pbx_user.uid, same_email.id, "email")
        elif same_name is not None and same_name.id not in provided:
            # A second telephone of somebody who has one is a guess too many when only the name says so.
            proposals[pbx_user.uid] = Proposal(pbx_user.uid, same_name.id, "name")
    return proposals


def propose_lines(
    pbx_lines: Iterable[PbxLine],
    pbx_users: Iterable[PbxUser],
    accounts: Iterable[AccountEntry],
    lines: Iterable[LineEntry],
) -> list[LineEntry]:
    """The PBX's numbers and the accounts' caller ids that are no lines yet, with the users who call from them."""
    user_of = {entry.uid: entry.user_id for entry in accounts}
    callers: dict[str, list[int]] = {}
    found: dict[str, tuple[str, str]] = {}
    for line in pbx_lines:
        key = line_key(line.number)
        if key is not None and line.active:
            found.setdefault(key, (line.number, line.name))
    for pbx_user in pbx_users:
        key = line_key(pbx_user.caller_id) if pbx_user.caller_id else None
        if key is None:
            continue
        found.setdefault(key, (pbx_user.caller_id or "", ""))
        user_id = user_of.get(pbx_user.uid)
        if user_id is not None and user_id not in callers.setdefault(key, []):
            callers[key].append(user_id)
    known = {entry.key for entry in lines}
    return [
        LineEntry(number, key, name, tuple(callers.get(key, ())))
        for key, (number, name) in sorted(found.items())
        if key not in known
    ]


def _unique(users: Iterable[KnownUser], key_of: Callable[[KnownUser], str]) -> Mapping[str, KnownUser]:
    found: dict[str, KnownUser | None] = {}
    for user in users:
        key = key_of(user)
        if user.active and key:
            found[key] = None if key in found else user
    return {key: user for key, user in found.items() if user is not None}


def _name(name: str) -> str:
    """Words of a name in one spelling and order: "Müller, Jörg" is "Joerg Mueller"."""
    plain = name.casefold()
    for umlaut, written in (("ä", "ae"), ("ö", "oe"), ("ü", "ue")):
        plain = plain.replace(umlaut, written)
    plain = "".join(char for char in unicodedata.normalize("NFKD", plain) if not unicodedata.combining(char))
    words = "".join(char if char.isalnum() else " " for char in plain).split()
    return " ".join(sorted(words)) if len(words) > 1 else ""
