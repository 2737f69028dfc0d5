"""What is wrong with a line of a list, and what a connection test found, in words with the next step."""

from __future__ import annotations

from typing import Any

from flask_babel import gettext as _

from app.core.i18n import show_datetime
from app.modules.callcenter import connections
from app.modules.callcenter.domain.belonging import FIRST_CONNECTION
from app.modules.callcenter.own_settings import worded
from app.modules.callcenter.providers.base import Finding
from app.modules.callcenter.refusal_words import refusal_sentence
from app.modules.callcenter.written_lists import Problem


def account_problem(problem: Problem, key: str = FIRST_CONNECTION) -> str:
    """For the text of accounts of a connection, without the number of the line."""
    sentences = {
        "no_colon": _("The colon is missing: user name, colon, UID, for example MaxMustermann:77777777@fpbx.de."),
        **_problems(problem, connections.system_name(key)),
    }
    return str(sentences.get(problem.code, problem.code))


def line_problem(problem: Problem, key: str = FIRST_CONNECTION) -> str:
    """For the list of lines of a connection, without the number of the line."""
    sentences = {
        "no_colon": _("The colon is missing: number, colon, user names with commas between them."),
        **_problems(problem, connections.system_name(key)),
    }
    return str(sentences.get(problem.code, problem.code))


def _problems(problem: Problem, system: str) -> dict[str, str]:
    given: dict[str, Any] = dict.fromkeys(("user", "uid", "line", "number"), "")
    given.update(problem.params)
    return {
        "no_user": _("The user name is missing."),
        "unknown_user": _("There is no user “%(user)s”.", user=given["user"]),
        "inactive_user": _("The user “%(user)s” is deactivated.", user=given["user"]),
        "no_uid": _("The UID is missing."),
        "bad_uid": _("“%(uid)s” is no UID such as 77777777@fpbx.de.", uid=given["uid"]),
        "uid_twice": _(
            "%(uid)s belongs to another user in line %(line)s already. A UID can have one user only.",
            uid=given["uid"],
            line=given["line"],
        ),
        "unknown_to_pbx": _("%(system)s does not know %(uid)s. Please check the UID.", system=system, uid=given["uid"]),
        "no_number": _("The number is missing."),
        "bad_number": _("“%(number)s” is no phone number.", number=given["number"]),
        "odd_number": _(
            "%(number)s is no valid phone number; it is compared with what %(system)s names digit by digit.",
            number=given["number"],
            system=system,
        ),
        "number_twice": _("%(number)s is in line %(line)s already.", number=given["number"], line=given["line"]),
    }


def finding_sentence(finding: Finding, key: str = FIRST_CONNECTION) -> str:
    """One finding about a connection, which it names where the telephone system is meant."""
    system = connections.system_name(key)
    params = dict.fromkeys(("name", "company", "platform", "uid", "prefix", "prefixes", "number", "detail"), "")
    params.update({name: str(value) for name, value in finding.params.items()})
    if "words" in finding.params:
        return worded(finding.params["words"])
    if finding.code == "ok":
        return _connected(params)
    if finding.code == "notifications":
        return str(_("Notifications arrive; the last one came on %(at)s.", at=show_datetime(finding.params["at"])))
    if finding.code == "refused":
        reason, at = refusal_sentence(finding.params["reason"], system), show_datetime(finding.params["at"])
        return str(_("The last notification (%(at)s) was refused. %(reason)s", at=at, reason=reason))
    if finding.code == "secret_unreadable":
        return _unreadable(params["name"])
    if finding.code in ("own_unreadable", "setting_missing"):
        return _of_own(finding)
    sentence = {**_of_connection(system, key), **_of_set_up(params, system)}.get(finding.code)
    if sentence is None:
        return str(_("The telephone system reported a problem (%(code)s).", code=finding.code))
    return f"{sentence} ({params['detail']})" if finding.level == "error" and params["detail"] else str(sentence)


def _connected(params: dict[str, str]) -> str:
    who = ", ".join(part for part in (params["name"], params["company"]) if part)
    if who:
        return str(_("The connection works: the API key belongs to %(who)s.", who=who))
    return str(_("The connection works."))


def _unreadable(name: str) -> str:
    if name == "api_key":
        return str(_("The API key cannot be read any more, because SECRET_KEY has changed. Please enter it again."))
    return str(_("The shared secret cannot be read any more, because SECRET_KEY has changed. Please enter it again."))


def _of_own(finding: Finding) -> str:
    """Of a setting that only one kind of telephone system has."""
    label = worded(finding.params["label"])
    if finding.code == "setting_missing":
        return str(_("“%(setting)s” is not set yet. Please enter it in the settings.", setting=label))
    return str(
        _(
            "“%(setting)s” cannot be read any more, because SECRET_KEY has changed. Please enter it again.",
            setting=label,
        )
    )


def _of_connection(system: str, key: str) -> dict[str, str]:
    no_key = _("There is no API key for %(system)s yet. Please enter it in the settings.", system=system)
    if connections.kind_of(key) == "placetel":
        no_key = _("There is no API key yet. You get it in Placetel's portal; docs/placetel.md shows where.")
    return {
        "not_configured": no_key,
        "unknown_kind": _("This version does not know telephone systems of this kind: nothing is heard of it."),
        "bad_key": _(
            "%(system)s does not accept the API key. Please copy it again from the portal there; "
            "a key that was reset is no longer valid.",
            system=system,
        ),
        "forbidden": _(
            "The API key is valid, but %(system)s does not let it do this. Please check its rights there.",
            system=system,
        ),
        "not_found": _("There is no such API at this address. Please check the address of the API."),
        "invalid": _("%(system)s refused the request. Please check the address of the API.", system=system),
        "rate_limited": _(
            "%(system)s is taking no more requests at the moment. Please try again in a minute.", system=system
        ),
        "unreachable": _(
            "%(system)s cannot be reached. "
            "Please check whether this server may open connections to the address of the API.",
            system=system,
        ),
        "timeout": _("%(system)s did not answer in time. Please try again in a minute.", system=system),
        "server_error": _("%(system)s reported an error of its own. Please try again in a few minutes.", system=system),
        "bad_answer": _(
            "The answer did not come from the API of %(system)s. Please check the address of the API.", system=system
        ),
    }


def _of_set_up(params: dict[str, str], system: str) -> dict[str, str]:
    return {
        "not_profi": _(
            "The account runs on the platform “%(platform)s”, not on PROFI. "
            "Dialling works, but %(system)s probably sends no notifications of calls there.",
            platform=params["platform"],
            system=system,
        ),
        "no_secret": _(
            "There is no shared secret: notifications are refused, so no call is shown. Dialling works without."
        ),
        "line_without_notify": _(
            "%(system)s does not notify of calls to %(number)s, so none is shown. "
            "Please tick the number in the portal.",
            system=system,
            number=params["number"],
        ),
        "account_automatic_prefix": _(
            "%(system)s puts %(prefix)s before every number that %(uid)s dials. "
            "Please remove the automatic prefix in the portal, or numbers are dialled wrongly.",
            system=system,
            prefix=params["prefix"],
            uid=params["uid"],
        ),
        "account_blocked_prefix": _(
            "%(system)s blocks numbers that begin with %(prefixes)s for %(uid)s.",
            system=system,
            prefixes=params["prefixes"],
            uid=params["uid"],
        ),
        "account_unknown": _(
            "%(system)s does not know the account %(uid)s any more.", system=system, uid=params["uid"]
        ),
        "account_no_caller_id": _(
            "The account %(uid)s has no caller id, so its outgoing calls are not reported. "
            "Please set one in the portal.",
            uid=params["uid"],
        ),
        "no_accounts": _(
            "No telephone is assigned to anybody yet: assign accounts to users, then they can dial by click."
        ),
        "line_without_users": _(
            "The line %(number)s has no users: its calls are shown only to those who are notified of all calls.",
            number=params["number"],
        ),
        "nothing_heard": _(
            "No notification has ever arrived. Please enter the address and the shared secret in %(system)s; "
            "then call one of your numbers.",
            system=system,
        ),
        "nothing_came": _(
            "No notification has ever arrived. Please enter the address of this connection in %(system)s; "
            "then call one of your numbers.",
            system=system,
        ),
        "token_unreadable": _(
            "The token of this connection cannot be read any more, because SECRET_KEY has changed. Please add a "
            "connection anew and enter its address in the telephone system."
        ),
        "no_notification": _(
            "No notification has ever arrived. Please enter the address and the shared secret in Placetel's portal, "
            "and switch the notification on for every number; then call one of them."
        ),
    }
