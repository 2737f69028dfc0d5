"""Call control: what the telephone system is told while it waits for our answer about an incoming call.

It is decided in the transaction that identifies the caller, from what is in memory and what that has read: no statement
more. Whatever goes wrong, there is an answer.
"""

from __future__ import annotations

import logging
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from app.core import phones
from app.core.values import Dialable, Internal, SipUser, Withheld
from app.modules.addresses.api import Match, Standing
from app.modules.callcenter import accounts, connection, control_book, home
from app.modules.callcenter.connection import Intake
from app.modules.callcenter.control_book import Book
from app.modules.callcenter.control_log import FALLBACK, NONE, RULE, SAFE, Logged
from app.modules.callcenter.domain.belonging import FIRST_CONNECTION, belonging, connection_of, plain
from app.modules.callcenter.domain.call_control import RINGING, Action, ActionKind, Facts, Rule, Step, To, decide
from app.modules.callcenter.domain.calls import Call, Phase
from app.modules.callcenter.domain.events import Direction, EventKind, ProviderEvent
from app.modules.callcenter.providers.base import Decision, DecisionKind, RawRequest, Stage
from app.modules.callcenter.stored import line_key, our_line

log = logging.getLogger(__name__)

NOBODYS = Standing()


@dataclass(frozen=True, slots=True)
class Waiting:
    """The telephone system of a connection waits for an answer since ``since`` (perf_counter)."""

    book: Book
    since: float
    connection: str
    parse: Callable[[], Sequence[ProviderEvent]]
    """Reads its notification with nothing but what is in memory."""


@dataclass(frozen=True, slots=True)
class Caller:
    """Who calls which line, as rules and forwarding ask."""

    facts: Facts
    standing: Standing


def waiting(intake: Intake, request: RawRequest, version: int | None, since: float) -> Waiting | None:
    """To be asked for each notification; None where no call can meet a rule. Never raises.

    ``version``: of the rules, as the database told it with the notification.
    """
    try:
        found = control_book.book(version)
    except Exception as error:  # noqa: BLE001 (the notification is stored: the answer is not lost with the rules)
        log.error("the rules for calls cannot be read: %s", type(error).__name__)
        kept = control_book.kept_book()
        if kept is None:
            return None
        found = kept
    return _asked(found, intake, request, since)


def _asked(found: Book, intake: Intake, request: RawRequest, since: float) -> Waiting | None:
    of_connection = found.of(intake.connection)
    if of_connection.is_idle:
        return None
    return Waiting(of_connection, since, intake.connection, lambda: intake.provider.parse(request))


def decided(
    asked: Waiting | None, call: Call, columns: Mapping[str, Any], matches: Sequence[Match], now: datetime
) -> Logged | None:
    """What is decided about a call that begins; None where nothing is asked, and for a line that is not routed to us.

    Never raises.
    """
    if asked is None or call.direction is not Direction.IN or call.phase is not Phase.RINGING:
        return None
    line = columns["line_key"]
    if line in asked.book.elsewhere:
        return None
    try:
        caller = caller_of(asked.book, call, line, bool(matches), standing_of(columns, matches), now)
        found = verdict(asked.book, caller)
    except Exception as error:  # noqa: BLE001 (a rule that fails must cost neither the call nor the answer)
        log.error("the rules for calls failed: %s", type(error).__name__)
        found = _safe(asked.book, line)
    return _timed(found, asked.since)


def verdict(found: Book, caller: Caller) -> Logged:
    """The rule that decides and the answer that comes of it."""
    rule = decide(found.active, caller.facts)
    if rule is None:
        return Logged(NONE, Decision())
    entry = caller.facts.entry if rule.conditions.blocked else None
    return _logged(rule, caller, FALLBACK if rule.fallback else RULE, entry.id if entry else None)


def keep_ready() -> None:
    """Have in memory what ``without_database`` needs. Raises what the database raises."""
    control_book.keep_ready()
    accounts.assignments()
    home.region()


def without_database(intake: Intake, request: RawRequest) -> Logged | None:
    """The answer to a notification that could not be stored, by the rules that were read last. Never raises."""
    found = control_book.kept_book()
    return safe(None if found is None else _asked(found, intake, request, time.perf_counter()))


def safe(asked: Waiting | None) -> Logged | None:
    """The answer when a stored notification could not be processed: what holds for its line by itself. Never raises.

    None where nobody waits for one.
    """
    if asked is None:
        return None
    try:
        (event,) = asked.parse()
        if event.kind is not EventKind.STARTED or event.direction is not Direction.IN:
            return None
        called = our_line(event, asked.connection)
        key = line_key(home.classify(called)) if called is not None else None
        line = belonging(asked.connection, key) if key is not None else None
        return None if line in asked.book.elsewhere else _safe(asked.book, line)
    except Exception as error:  # noqa: BLE001 (then it is the answer that decides nothing)
        log.error("there is no safe answer: %s", type(error).__name__)
        return Logged(SAFE, Decision())


def _safe(found: Book, line: str | None) -> Logged:
    """Of the rules only those behind the list count, of what is known only the line."""
    facts = Facts(None, False, line)
    rule = decide((rule for rule in found.active if rule.fallback), facts)
    if rule is None:
        return Logged(SAFE, Decision())
    try:
        return _logged(rule, Caller(facts, NOBODYS), SAFE, None)
    except Exception as error:  # noqa: BLE001 (see above)
        log.error("the answer for a line failed: %s", type(error).__name__)
        return Logged(SAFE, Decision())


def caller_of(found: Book, call: Call, line: str | None, known: bool, standing: Standing, now: datetime) -> Caller:
    """The facts of a call for the rules of this book. ``line``: its key."""
    key = home.number_key(call.remote) if call.remote is not None else None
    country = None
    if found.asks_for_countries and isinstance(call.remote, Dialable):
        country = phones.charged_country(call.remote.e164)
    facts = Facts(
        number=key,
        withheld=call.remote is None or isinstance(call.remote, Withheld),
        line=line,
        country=country,
        # A colleague is nobody's stranger.
        known=known or isinstance(call.remote, Internal | SipUser),
        delivery_block=standing.delivery_block,
        manager=account_of(standing.account_manager_id, connection_of(line or "")) is not None,
        entry=found.block_list.find(key, now),
    )
    return Caller(facts, standing)


def standing_of(columns: Mapping[str, Any], matches: Sequence[Match]) -> Standing:
    """How the caller's address stands with us.

    Of several that nobody chose among only what they agree on: a doubt decides nothing.
    """
    chosen = columns.get("address_id")
    found = {match.standing for match in matches if chosen is None or match.address_id == chosen}
    if len(found) == 1:
        return next(iter(found))
    managers, insides = ({one[place] for one in found} for place in (1, 2))
    return Standing(
        bool(found) and all(one.delivery_block for one in found),
        next(iter(managers)) if len(managers) == 1 else None,
        next(iter(insides)) if len(insides) == 1 else None,
    )


def decision_for(action: Action, caller: Caller) -> Decision:
    """What a rule's action is for this caller; NOTHING where nobody is left to ring."""
    if action.kind is ActionKind.BLOCK:
        entry = caller.facts.entry
        return Decision(DecisionKind.BUSY if entry is not None and entry.busy else DecisionKind.REJECT)
    kind = DecisionKind(action.kind.value)
    stages: tuple[Stage, ...] = ()
    if action.kind in RINGING:
        rung = ((_targets(step, caller), step.seconds) for step in action.steps)
        stages = tuple(Stage(targets, seconds) for targets, seconds in rung if targets)
    if kind is DecisionKind.FORWARD and not stages:
        return Decision()
    return Decision(kind, stages, action.voicemail, action.pbx_id, action.seconds)


def account_of(user_id: int | None, key: str) -> str | None:
    """The telephone of an active user at this connection, as its telephone system calls it."""
    if user_id is None:
        return None
    watcher = accounts.watcher(user_id)
    own = accounts.accounts_of(user_id) if watcher is not None and watcher.active else ()
    return next((plain(uid) for uid in own if connection_of(uid) == key), None)


def _targets(step: Step, caller: Caller) -> tuple[str, ...]:
    if step.to is To.NUMBERS:
        return step.targets
    line = caller.facts.line
    here = connection_of(line or "")
    if step.to is To.LINE:
        people = (one for one in accounts.assignments().watchers if line is not None and line in one.lines)
        return tuple(account for one in people if (account := account_of(one.user_id, here)))
    standing = caller.standing
    own = account_of(standing.account_manager_id if step.to is To.MANAGER else standing.inside_sales_id, here)
    if own is None and step.to is To.INSIDE:
        own = _inside(here)
    return (own,) if own else ()


def _inside(key: str) -> str | None:
    """Whom rules ring as inside sales for all, where the telephone system of this connection can ring it."""
    chosen = connection.settings().control_inside
    # A telephone or an extension is one of the first connection's; a number can be called from anywhere.
    return chosen if chosen and (key == FIRST_CONNECTION or chosen.startswith("+")) else None


def _logged(rule: Rule, caller: Caller, why: str, entry_id: int | None) -> Logged:
    decision = decision_for(rule.action, caller)
    undone = decision.kind is DecisionKind.NOTHING and rule.action.kind is not ActionKind.NOTHING
    return Logged(why, decision, None, rule.id, rule.name, entry_id, rule.action.kind.value if undone else "")


def _timed(found: Logged, since: float) -> Logged:
    return replace(found, milliseconds=round((time.perf_counter() - since) * 1000, 2))
