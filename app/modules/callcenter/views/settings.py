"""*Einstellungen*: credentials, accounts, lines, the address for notifications, and the connection test."""

from __future__ import annotations

import dataclasses
import secrets
from collections.abc import Mapping
from datetime import timedelta
from typing import Any

from flask import Blueprint, abort, current_app, flash, redirect, render_template, request, url_for
from flask_babel import gettext as _
from flask_login import current_user
from werkzeug.wrappers import Response as BaseResponse

from app.core.accounts.access import requires
from app.core.database import reading
from app.core.settings import Secret
from app.modules.callcenter import (
    configuring,
    connection,
    connections,
    diagnosis,
    groups,
    inbox,
    own_settings,
    proposals,
    webhook_secrets,
)
from app.modules.callcenter.connections import UnknownConnection
from app.modules.callcenter.domain.belonging import FIRST_CONNECTION
from app.modules.callcenter.providers import registry
from app.modules.callcenter.providers.base import ListsUsers, PbxUser
from app.modules.callcenter.secret_words import OF_SECRETS, fault_sentence
from app.modules.callcenter.settings import ConnectionSettings
from app.modules.callcenter.setup_words import account_problem, finding_sentence, line_problem
from app.modules.callcenter.views import own_form, settings_form
from app.modules.callcenter.views.settings_form import LineRow, SentForm
from app.modules.callcenter.written_lists import (
    AccountEntry,
    KnownUser,
    Problem,
    by_key,
    errors,
    format_accounts,
    parse_accounts,
)

blueprint = Blueprint("callcenter_settings", __name__, url_prefix="/callcenter/settings")
#: What a connection test found about the telephone system itself is told when a key is saved; our own set-up is not.
_OF_OURSELVES = frozenset(
    {
        "no_accounts",
        "line_without_users",
        "no_notification",
        "nothing_heard",
        "nothing_came",
        "token_unreadable",
        "notifications",
        "refused",
    }
)
#: For so long a replaced shared secret stays valid unless something else is chosen: a day to tell the new one.
KEEP_HOURS = 24
#: In place of a password.
MASK = "********"
_LEVELS = {"ok": "success", "warning": "warning", "error": "error"}


@blueprint.get("")
@requires("callcenter.configure")
def show() -> str:
    """The form with what is stored."""
    return _page(_stored())


@blueprint.post("")
@requires("callcenter.configure")
def save() -> BaseResponse | tuple[str, int]:
    """Store whatever is right; what is wrong is shown again as it was typed, with what is wrong with it.

    A new key or address is tried with a real request first, and its result told; it is stored all the same.
    """
    key, users = _key(), configuring.known_users()
    sent = settings_form.read(request.form)
    sent = dataclasses.replace(sent, accounts_text=settings_form.merged_accounts(sent, users))
    now = connection.own_settings(key)
    changes, faults = settings_form.setting_changes(sent, now, connection.settings(), connection.destinations())
    own, own_faults = own_form.changes(sent.own, now, own_settings.asked(key))
    changes.update(own)
    tried = None
    if changes.get("api_key") or (changes.get("base_url") and now.api_key):
        tried = diagnosis.diagnose(_with(now, changes, key), key)
    entries, problems = parse_accounts(
        sent.accounts_text, by_key(users), _known_uids(tried, key), any_uid=connection.names_users(key)
    )
    lines, rows = settings_form.checked_lines(
        sent.line_rows, [user.id for user in users], named=connection.names_users(key)
    )
    bad_accounts = bool(errors(problems))
    bad_lines = any(row.problem is not None and row.problem.level == "error" for row in rows)
    store_accounts = not bad_accounts and sent.accounts_text.splitlines() != sent.accounts_shown.splitlines()
    store_lines = not bad_lines and settings_form.lines_mark(lines) != sent.lines_shown
    configuring.save(
        configuring.Changes(
            settings=changes,
            accounts=entries if store_accounts else None,
            lines=lines if store_lines else None,
            connection=key,
            keep_old_secret=timedelta(hours=settings_form.kept_hours(sent) or 0),
        ),
        by=current_user.id,
    )
    if tried is not None:
        diagnosis.remember(tried, key)
    if not (bad_accounts or bad_lines or faults or own_faults):
        _say_saved(tried, problems, key)
        return redirect(settings_url(key))
    flash(_("Not everything could be saved. What is marked below is kept here as you typed it."), "error")
    if tried is not None:
        _say_tried(tried, key)
    # The secrets were stored: they are not shown again.
    sent = dataclasses.replace(
        sent,
        api_key="",
        shared_secret=sent.shared_secret if {"shared_secret", "keep_hours"} & set(faults) else "",
        webhook_password=sent.webhook_password if {"webhook_user", "webhook_password"} & set(faults) else "",
        remove_api_key=False,
        remove_shared_secret=False,
        remove_webhook_password=False,
        line_rows=rows,
        own=sent.own.without(own_settings.secrets(key) - own_faults.keys()),
    )
    return _page(sent, problems=problems, faults=faults, own_faults=own_faults), 422


@blueprint.post("/test")
@requires("callcenter.configure")
def test() -> str:
    """*Verbindung testen* with what the form holds, saved or not."""
    key, sent = _key(), settings_form.read(request.form)
    now = connection.own_settings(key)
    changes, _faults = settings_form.setting_changes(sent, now, connection.settings(), connection.destinations())
    own, _faults = own_form.changes(sent.own, now, own_settings.asked(key))
    changes.update(own)
    tried = diagnosis.diagnose(_with(now, changes, key), key)
    if not own and not {"api_key", "base_url"} & set(changes):
        diagnosis.remember(tried, key)
    template = "callcenter/settings_tested.html" if request.headers.get("HX-Request") else "callcenter/settings.html"
    return _page(sent, template=template, tested=tried)


@blueprint.post("/secret")
@requires("callcenter.configure")
def secret() -> str:
    """A new shared secret in the form, readable this once; it counts when it is saved. For want of a script."""
    sent = dataclasses.replace(settings_form.read(request.form), shared_secret=secrets.token_hex(24))
    return _page(sent, generated=True)


@blueprint.post("/old-secret/end")
@requires("callcenter.configure")
def end_old_secret() -> BaseResponse | str:
    """The shared secret that was replaced is valid no longer, before its time. What stands in the form stays there."""
    key = _key()
    configuring.end_old_secret(by=current_user.id, connection=key)
    if request.headers.get("HX-Request"):
        return render_template("callcenter/settings_old_secret.html", old_until=None, at=connections.asked(key))
    flash(_("The former shared secret is not accepted any more."), "success")
    return redirect(settings_url(key))


def _key() -> str:
    """The connection that is asked for; the first one unless another is named."""
    try:
        return connections.connection(request.args.get("connection", FIRST_CONNECTION)).key
    except UnknownConnection:
        abort(404)


def settings_url(key: str) -> str:
    """Where the settings of a connection are."""
    return url_for("callcenter_settings.show", **connections.asked(key))  # type: ignore[arg-type] # url_for's other parameters have other types


def _stored() -> SentForm:
    """The form as it would be sent with what is stored."""
    key = _key()
    now, of_all = connection.own_settings(key), connection.settings()
    names = {user.id: user.username for user in configuring.known_users()}
    text = format_accounts(configuring.accounts(key), names)
    lines = configuring.lines(key)
    return SentForm(
        base_url=now.base_url,
        target_style=now.target_style,
        keep_hours=str(KEEP_HOURS),
        webhook_user=now.webhook_user,
        silent_seconds=str(of_all.silent_seconds),
        ringing_minutes=str(of_all.ringing_minutes),
        talking_hours=str(of_all.talking_hours),
        accounts_text=text,
        accounts_shown=text,
        line_rows=tuple(LineRow(line.number, line.name, line.user_ids, line.group_ids) for line in lines),
        lines_shown=settings_form.lines_mark(lines),
        own=own_form.stored(now, own_settings.asked(key)),
    )


def _with(now: ConnectionSettings, changes: Mapping[str, object], key: str) -> ConnectionSettings:
    """The settings as they will be."""
    own = {field.name for field in dataclasses.fields(now)}
    values: dict[str, Any] = {name: value for name, value in changes.items() if name in own}
    for name in own_settings.secrets(key) & values.keys():
        values[name] = Secret(values[name]) if values[name] else None
    return dataclasses.replace(now, **values)


def _known_uids(tried: diagnosis.Diagnosis | None, key: str) -> frozenset[str]:
    if tried is not None and tried.listed is not None:
        return tried.listed.uids
    return configuring.listed(key).uids


def _lists_users(key: str) -> bool:
    """Whether this telephone system can be asked for its accounts, so that there is a table of them."""
    kind = registry.provider_types().get(connections.connection(key).provider)
    return kind is not None and issubclass(kind.implementation, ListsUsers)


def _say_saved(tried: diagnosis.Diagnosis | None, problems: list[Problem], key: str) -> None:
    flash(_("Saved."), "success")
    if tried is not None:
        _say_tried(tried, key)
    for problem in problems:
        flash(_("Line %(line)s: %(problem)s", line=problem.line, problem=account_problem(problem, key)), "warning")


def _say_tried(tried: diagnosis.Diagnosis, key: str) -> None:
    if not tried.ok:
        flash(_("The new API key could not be confirmed:"), "warning")
    for finding in tried.findings:
        if finding.code not in _OF_OURSELVES:
            flash(finding_sentence(finding, key), _LEVELS[finding.level])


def _page(
    sent: SentForm,
    *,
    template: str = "callcenter/settings.html",
    problems: list[Problem] | None = None,
    faults: Mapping[str, str] | None = None,
    own_faults: Mapping[str, str] | None = None,
    tested: diagnosis.Diagnosis | None = None,
    generated: bool = False,
) -> str:
    key, users = _key(), configuring.known_users()
    listed = configuring.listed(key)
    entries, found = parse_accounts(sent.accounts_text, by_key(users), listed.uids, any_uid=connection.names_users(key))
    now = connection.own_settings(key)
    with reading() as session:
        last = session.scalar(inbox.last_heard(key))
    return render_template(
        template,
        sent=sent,
        settings=now,
        users=users,
        groups=groups.listed(),
        account_rows=_account_rows(listed, entries, users),
        account_problems=[(problem, account_problem(problem, key)) for problem in (problems or found)],
        listed=listed,
        line_rows=_line_rows(sent, listed, entries, key),
        new_line=LineRow(),
        line_problem=lambda problem: line_problem(problem, key),
        system=connections.system_name(key),
        faults=faults or {},
        secret_faults={name: fault_sentence(code) for name, code in (faults or {}).items() if name in OF_SECRETS}
        | dict(own_faults or {}),
        own_asked=own_settings.asked(key),
        worded=own_settings.worded,
        needs=connection.needs(connections.connection(key)),
        tested=None if tested is None else [(one.level, finding_sentence(one, key)) for one in tested.findings],
        generated=generated,
        endpoint=notify_address(key),
        one=connections.connection(key),
        names_users=connection.names_users(key),
        lists_users=_lists_users(key),
        at=connections.asked(key),
        is_first=key == FIRST_CONNECTION,
        connections=connections.listed(),
        settings_url=settings_url,
        old_until=webhook_secrets.old_until(now, current_app.extensions["durchwahl"].clock.now()),
        last_notification=last,
    )


def _account_rows(
    listed: configuring.Listed, entries: list[AccountEntry], users: list[KnownUser]
) -> list[dict[str, Any]]:
    """The PBX's accounts, then those of ours that it does not list; each with its user and who it may be."""
    user_of = {entry.uid: entry.user_id for entry in entries}
    proposed = proposals.propose_accounts(listed.users, users, entries)
    names = {user.id: user.name for user in users}
    rows: list[dict[str, Any]] = []
    unlisted = [PbxUser(entry.uid, "", "") for entry in entries if entry.uid not in listed.uids]
    for pbx_user in [*listed.users, *unlisted]:
        proposal = proposed.get(pbx_user.uid)
        rows.append(
            {
                "pbx": pbx_user,
                "type": _type(pbx_user.type),
                "listed": pbx_user.uid in listed.uids,
                "user_id": user_of.get(pbx_user.uid),
                "proposal": proposal,
                "proposed_name": names[proposal.user_id] if proposal else "",
            }
        )
    return rows


def _line_rows(sent: SentForm, listed: configuring.Listed, entries: list[AccountEntry], key: str) -> list[LineRow]:
    """The rows of the form, an empty one to write into, and what is proposed."""
    rows = [row for row in sent.line_rows if row.counts and not row.proposed]
    proposed = [row for row in sent.line_rows if row.proposed]
    if not proposed:
        found = proposals.propose_lines(listed.lines, listed.users, entries, configuring.lines(key))
        proposed = [LineRow(line.number, line.name, line.user_ids, proposed=True) for line in found]
    return [*rows, LineRow(), *proposed]


def _type(word: str) -> str:
    words = {
        "standard": _("Telephone"),
        "legacy_standard": _("Telephone (old kind)"),
        "fax": _("Fax"),
        "trunk": _("Trunk"),
        "blf": _("Busy lamp field"),
    }
    return str(words.get(word, word))


def notify_address(key: str = FIRST_CONNECTION) -> str:
    """Where the telephone system of a connection has to post its notifications.

    With the user that it has to name; his password is not shown.
    """
    base = current_app.extensions["durchwahl"].config.public_url or request.host_url.rstrip("/")
    chosen = connection.own_settings(key)
    if webhook_secrets.demands_log_in(chosen):
        scheme, _colon, rest = base.partition("://")
        base = f"{scheme}://{chosen.webhook_user}:{MASK}@{rest}"
    return connections.address(connections.connection(key), base)
