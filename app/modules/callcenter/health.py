"""What the page *Zustand* says of the telephone system. Asks it nothing; *Verbindung testen* does."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import replace
from datetime import datetime, timedelta

from flask import current_app, url_for
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from flask_babel import ngettext
from sqlalchemy import ColumnElement, func, select

from app.core.database import reading
from app.core.health import Light
from app.core.i18n import show_datetime
from app.core.kernel import ModuleSetup
from app.modules.callcenter import comparing, connection, connections, diagnosis, gaps, inbox, spooling
from app.modules.callcenter.connections import Connection
from app.modules.callcenter.gap_models import Comparison
from app.modules.callcenter.gap_words import failure_sentence
from app.modules.callcenter.models import DialOrderRow, Notification
from app.modules.callcenter.setup_words import finding_sentence

#: An order that the telephone system accepted is reported by it within seconds.
REPORTED_WITHIN = timedelta(minutes=5)
#: Of fewer perhaps nobody picked up his telephone, and then there is nothing to report.
SUSPICIOUS = 3
#: What waits in the spool is taken in within seconds, once the database is there; and it is, where this page is shown.
TAKEN_IN_WITHIN = timedelta(minutes=1)
#: How far back orders tell something about today.
LOOKED_BACK = timedelta(hours=24)


def install(setup: ModuleSetup) -> None:
    """Register the section."""
    setup.health(_l("Telephone system"), lights)


def lights() -> Iterator[Light]:
    """Secrets, notifications, what is not understood yet, calls of which nothing was reported, accounts, lines."""
    for one in connections.active():
        for light in _of_connection(one):
            yield _named(light, one.key)
    yield from _spooled()
    yield from _waiting()
    yield from _gaps()


def _named(light: Light, key: str) -> Light:
    """Where there are several, it is said of which one it tells."""
    system = connections.system_name(key)
    if not connections.are_several() or system in light.sentence:
        return light
    return replace(light, sentence=f"{system}: {light.sentence}")


def _of_connection(one: Connection) -> Iterator[Light]:
    """What its set-up lacks, and when it was heard last."""
    chosen, needs = connection.own_settings(one.key), connection.needs(one)
    settings = url_for("callcenter_settings.show", **connections.asked(one.key))  # type: ignore[arg-type] # url_for's other parameters have other types
    if "api_key" in needs and not chosen.api_key:
        yield Light("warning", _("There is no API key: nobody can dial by click."), settings)
    if "shared_secrets" in needs and not chosen.shared_secret:
        yield Light("error", _("There is no shared secret: every notification is refused."), settings)
    for finding in diagnosis.of_ourselves(chosen, one.key):
        path = url_for("callcenter_log.show") if finding.code in ("refused", "notifications") else settings
        yield Light(finding.level, finding_sentence(finding, one.key), path if finding.level != "ok" else None)
    yield from _silent(one)


def _spooled() -> Iterator[Light]:
    """What could not be stored; nothing is said of an empty spool that can be written."""
    spool = spooling.spool()
    waiting = spool.waiting()
    if waiting.count and waiting.since is not None:
        stuck = current_app.extensions["durchwahl"].clock.now() - waiting.since > TAKEN_IN_WITHIN
        since = show_datetime(waiting.since)
        if stuck:
            sentence = ngettext(
                "%(num)d notification waits outside of the database since %(since)s and could not be taken in yet. The "
                "server's log tells why; `flask callcenter take-in` tries again.",
                "%(num)d notifications wait outside of the database since %(since)s and could not be taken in yet. The "
                "server's log tells why; `flask callcenter take-in` tries again.",
                waiting.count,
                since=since,
            )
        else:
            sentence = ngettext(
                "%(num)d notification waits outside of the database since %(since)s and is about to be taken in.",
                "%(num)d notifications wait outside of the database since %(since)s and are about to be taken in.",
                waiting.count,
                since=since,
            )
        yield Light("error" if stuck else "warning", sentence)
    if waiting.full:
        yield Light(
            "error",
            _("There is hardly room for more notifications outside of the database: then they are refused with 503."),
        )
    if not spool.is_writable():
        yield Light(
            "error",
            _("DATA_DIR cannot be written: if the database could not be reached, notifications would be refused."),
        )


def _waiting() -> Iterator[Light]:
    now = current_app.extensions["durchwahl"].clock.now()
    failed = _number(Notification.state == inbox.FAILED, Notification.next_attempt_at.is_not(None))
    given_up = _number(Notification.state == inbox.FAILED, Notification.next_attempt_at.is_(None))
    interrupted = _number(Notification.state == inbox.NEW, Notification.received_at < now - inbox.INTERRUPTED_AFTER)
    if failed:
        sentence = ngettext(
            "%(num)d notification could not be processed; it is kept and tried again.",
            "%(num)d notifications could not be processed; they are kept and tried again.",
            failed,
        )
        yield Light("error", sentence, url_for("callcenter_log.show", show="problems"))
    if given_up:
        sentence = ngettext(
            "%(num)d notification could not be processed in %(attempts)d attempts. It is kept until somebody has it "
            "read again.",
            "%(num)d notifications could not be processed in %(attempts)d attempts. They are kept until somebody has "
            "them read again.",
            given_up,
            attempts=len(inbox.RETRY_AFTER) + 1,
        )
        yield Light("error", sentence, url_for("callcenter_log.show", show="problems"))
    if interrupted:
        sentence = ngettext(
            "%(num)d notification was interrupted and is about to be processed.",
            "%(num)d notifications were interrupted and are about to be processed.",
            interrupted,
        )
        yield Light("warning", sentence, url_for("callcenter_log.show", show="new"))
    if not failed and not given_up and not interrupted:
        yield Light("ok", _("Every notification was processed."))


def _number(*conditions: ColumnElement[bool]) -> int:
    """How many notifications are so."""
    with reading() as session:
        found: int = session.execute(select(func.count()).select_from(Notification).where(*conditions)).scalar_one()
        return found


def _silent(one: Connection) -> Iterator[Light]:
    """Calls were dialled through this telephone system, and nothing was heard of them: notifications are lost."""
    now = current_app.extensions["durchwahl"].clock.now()
    with reading() as session:
        last: datetime | None = session.scalar(inbox.last_heard(one.key))
        dialled = session.execute(
            select(func.count())
            .select_from(DialOrderRow)
            .where(
                DialOrderRow.connection == one.key,
                DialOrderRow.state == "accepted",
                DialOrderRow.created_at > max(now - LOOKED_BACK, last or now - LOOKED_BACK),
                DialOrderRow.created_at < now - REPORTED_WITHIN,
            )
        ).scalar_one()
    if dialled >= SUSPICIOUS:
        sentence = ngettext(
            "%(num)d call was dialled, but no notification has arrived since. Please check at %(system)s whether calls "
            "are reported.",
            "%(num)d calls were dialled, but no notification has arrived since. Please check at %(system)s whether "
            "calls are reported.",
            dialled,
            system=connections.system_name(one.key),
        )
        yield Light("error", sentence, url_for("callcenter_log.show"))


def _gaps() -> Iterator[Light]:
    """What the telephone system's own list told beyond its notifications, today and yesterday."""
    page = url_for("callcenter_gaps.show")
    of_each: dict[str, list[Comparison]] = defaultdict(list)
    for one in comparing.compared(timedelta(days=1)):
        of_each[one.connection].append(one)
    for key, recent in of_each.items():
        yield from _compared(key, recent, page)
    waiting = gaps.open_doubts()
    if waiting:
        sentence = ngettext(
            "%(num)d call of the telephone system's list waits for your decision.",
            "%(num)d calls of the telephone system's list wait for your decision.",
            waiting,
        )
        yield Light("warning", sentence, page)


def _compared(key: str, recent: Sequence[Comparison], page: str) -> Iterator[Light]:
    """What came of the comparisons of one connection, the newest first."""
    added = sum(one.added for one in recent)
    if added:
        sentence = ngettext(
            "%(num)d call since yesterday was not reported and was added from the list of %(system)s. Please check "
            "there whether calls are reported.",
            "%(num)d calls since yesterday were not reported and were added from the list of %(system)s. Please check "
            "there whether calls are reported.",
            added,
            system=connections.system_name(key),
        )
        yield Light("warning", sentence, page)
    failed = next((one.error for one in recent if one.error), None)
    if failed:
        why = _("The list of calls could not be compared: %(why)s", why=failure_sentence(failed, key))
        yield _named(Light("warning", why, page), key)
