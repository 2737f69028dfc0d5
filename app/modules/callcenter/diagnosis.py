"""*Verbindung testen*: what the PBX answers, and what our own set-up lacks. One list, the most important first."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import select

from app.core.database import reading
from app.modules.callcenter import configuring, connection, connections, inbox, own_settings
from app.modules.callcenter.connection import signs
from app.modules.callcenter.domain.belonging import FIRST_CONNECTION
from app.modules.callcenter.home import classify
from app.modules.callcenter.models import Refusal
from app.modules.callcenter.providers.base import Finding, ProviderError
from app.modules.callcenter.settings import ConnectionSettings
from app.modules.callcenter.stored import line_key


def _rank(finding: Finding) -> int:
    """Errors, then whether the connection works, then warnings, then what else is well."""
    return 1 if finding.code == "ok" else {"error": 0, "warning": 2, "ok": 3}[finding.level]


@dataclass(frozen=True, slots=True)
class Diagnosis:
    """The findings, and what the PBX listed where it answered."""

    findings: tuple[Finding, ...]
    listed: configuring.Listed | None = None

    @property
    def ok(self) -> bool:
        """True when no finding is an error."""
        return all(finding.level != "error" for finding in self.findings)


def diagnose(chosen: ConnectionSettings | None = None, key: str = FIRST_CONNECTION) -> Diagnosis:
    """Ask the PBX, with settings not stored yet where given, and look at our own set-up. Stores nothing.

    Codes besides the provider's (its ``check`` lists them): ``no_accounts``, ``account_unknown`` {uid},
    ``account_no_caller_id`` {uid}, ``line_without_users`` {number}, ``no_notification`` (of Placetel; of others
    ``nothing_heard``, and where the address alone proves a notification ``nothing_came``), ``notifications`` {at},
    ``refused`` {reason, at}, ``secret_unreadable`` {name}, ``token_unreadable``, ``unknown_kind``; of settings that its
    provider declares ``own_unreadable`` {label} and ``setting_missing`` {label}.
    """
    chosen = chosen or connection.own_settings(key)
    findings = _unreadable(chosen, key)
    provider = connection.provider_with(chosen, key)
    if provider is None:
        return Diagnosis((Finding("error", "unknown_kind"),))
    health = provider.check()
    listed: configuring.Listed | None = None
    if health.ok:
        try:
            listed = configuring.ask_pbx(provider)
        except ProviderError as error:
            findings.append(Finding("error", error.code, {"request": "numbers"}))
    told = health.findings
    if not signs(connections.connection(key)):
        # What such a one lacks is its token, of which ``_unreadable`` tells.
        told = tuple(finding for finding in told if finding.code != "no_secret")
    findings += _of_mapped_accounts(told, listed, key)
    findings += _own(key, proves=_proves(chosen, key))
    return Diagnosis(tuple(sorted(findings, key=_rank)), listed)


def of_ourselves(chosen: ConnectionSettings, key: str = FIRST_CONNECTION) -> list[Finding]:
    """What our own set-up lacks, without asking the PBX; the same codes."""
    found = [
        *_unreadable(chosen, key),
        *_own(key, proves=_proves(chosen, key)),
    ]
    return sorted(found, key=_rank)


def _unreadable(chosen: ConnectionSettings, key: str) -> list[Finding]:
    """Secrets that were stored under another SECRET_KEY, and what has to be set and is not."""
    secrets = (("api_key", chosen.api_key), ("shared_secret", chosen.shared_secret))
    found = [
        Finding("error", "secret_unreadable", {"name": name})
        for name, secret in secrets
        if secret is not None and not secret.readable
    ]
    if connections.connection(key).token == "":
        found.append(Finding("error", "token_unreadable"))
    lost = own_settings.unreadable(chosen, key)
    found += [Finding("error", "own_unreadable", {"label": one.label}) for one in lost]
    empty = [one for one in own_settings.missing(chosen, key) if one not in lost]
    return found + [Finding("error", "setting_missing", {"label": one.label}) for one in empty]


def _key_of(number: str) -> str | None:
    return line_key(classify(number))


def _of_mapped_accounts(findings: tuple[Finding, ...], listed: configuring.Listed | None, key: str) -> list[Finding]:
    """The provider's findings without those about accounts and lines that are none of ours, and what else it lists."""
    mapped = {entry.uid for entry in configuring.accounts(key)}
    lines = {line.key for line in configuring.lines(key)}
    kept = [finding for finding in findings if "uid" not in finding.params or finding.params["uid"] in mapped]
    if lines:
        # Fax numbers and the like are rightly not notified.
        kept = [one for one in kept if one.code != "line_without_notify" or _key_of(one.params["number"]) in lines]
    if listed is None or not listed.users:
        return kept
    by_uid = {user.uid: user for user in listed.users}
    for uid in sorted(mapped):
        user = by_uid.get(uid)
        if user is None:
            kept.append(Finding("warning", "account_unknown", {"uid": uid}))
        elif not user.caller_id:
            kept.append(Finding("warning", "account_no_caller_id", {"uid": uid}))
    return kept


def _proves(chosen: ConnectionSettings, key: str) -> bool:
    """Whether its telephone system has what its notifications prove themselves with."""
    one = connections.connection(key)
    if one.token == "":
        return False
    return not signs(one) or bool(chosen.shared_secret and chosen.shared_secret.reveal())


def _own(key: str, *, proves: bool) -> list[Finding]:
    """``proves``: without it nothing can be heard, which another finding tells."""
    one = connections.connection(key)
    findings: list[Finding] = []
    if not connection.names_users(key) and not configuring.accounts(key):
        findings.append(Finding("warning", "no_accounts"))
    findings += [
        Finding("warning", "line_without_users", {"number": line.number})
        for line in configuring.lines(key)
        if not line.user_ids
    ]
    with reading() as session:
        last: datetime | None = session.scalar(inbox.last_heard(key))
        mine = Refusal.connection == key
        if last is None:
            # To which connection a wrong address was meant to lead nobody knows: to one that was never heard, perhaps.
            mine |= (Refusal.connection.is_(None)) & (Refusal.provider == one.provider)
        refusal = session.execute(
            select(Refusal.reason, Refusal.received_at).where(mine).order_by(Refusal.received_at.desc()).limit(1)
        ).first()
    if last is not None:
        findings.append(Finding("ok", "notifications", {"at": last}))
    elif proves:
        silent = "nothing_heard" if signs(one) else "nothing_came"
        findings.append(Finding("warning", "no_notification" if one.provider == "placetel" else silent))
    # A refusal matters while nothing authentic has come after it.
    if refusal is not None and proves and (last is None or refusal.received_at > last):
        findings.append(Finding("warning", "refused", {"reason": refusal.reason, "at": refusal.received_at}))
    return findings


def remember(diagnosis: Diagnosis, key: str = FIRST_CONNECTION) -> None:
    """Keep what the PBX listed, where it answered."""
    if diagnosis.listed is not None:
        configuring.remember(diagnosis.listed, key)
