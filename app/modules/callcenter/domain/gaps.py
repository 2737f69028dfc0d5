"""Which calls the PBX lists and nobody reported to us. Pure.

The list has neither our call's id nor our account, and its times are those of another clock. So two descriptions are
the same call when they name the same parties, lie close together in time and do not contradict each other; each call
is used up by one entry. Where that leaves a doubt nothing is added: a person decides.
"""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, time, timedelta
from enum import StrEnum

from app.modules.callcenter.domain.events import Direction, Outcome

#: How far the list's time of a call may lie from our receipt of its first report.
NEAR = timedelta(minutes=2)
#: Talk times of one call, as listed and as reported, differ by less: the larger of so many seconds and this part.
TALK_SECONDS, TALK_PART = 10, 0.1


class Doubt(StrEnum):
    """Why an entry of the list is left for a person."""

    MASKED = "masked"
    """The list hides the number, and no call that is known can be the one."""
    SIMILAR = "similar"
    """A call that is known is close in time and has one of the two parties: it may be the same."""


@dataclass(frozen=True, slots=True)
class Entry:
    """A call in the PBX's list. Parties are E.164 numbers, or as the PBX writes them where they are none."""

    at: datetime
    direction: Direction
    remote: str | None
    """None for a caller without a number."""
    line: str | None
    outcome: Outcome = Outcome.UNKNOWN
    talk_seconds: int = 0
    masked: bool = False
    """The list shows a number with hidden digits."""
    place: int = 0
    """In the list: tells two entries apart that say the same."""


@dataclass(frozen=True, slots=True)
class Heard:
    """A call that was reported to us, or that was added before."""

    call_id: int
    at: datetime
    direction: Direction | None
    remote: str | None
    line: str | None
    talk_seconds: int | None = None
    """None while the end, or how long it took, was not reported."""
    anonymised: bool = False
    """Whom it was with is no longer known: whoever the list names may be the one."""


MayBe = Callable[[Entry, Heard], bool]


@dataclass(slots=True)
class Compared:
    """What a list tells beyond what is known."""

    missing: list[Entry] = field(default_factory=list)
    doubtful: list[tuple[Entry, Doubt]] = field(default_factory=list)
    found: dict[int, Entry] = field(default_factory=dict)
    """By the id of the call that it is."""


@dataclass(frozen=True, slots=True)
class Work:
    """What is to be done about a list."""

    add: tuple[Entry, ...]
    ask: tuple[tuple[Entry, Doubt], ...]
    """A person decides."""
    withdraw: tuple[int, ...]
    """Calls that were added and have been reported after all."""
    reported: Mapping[int, Entry]
    """Calls that were reported, and what the list says of them."""


def work_for(entries: Sequence[Entry], reported: Sequence[Heard], added: Sequence[Heard]) -> Work:
    """What a list demands, given the calls that were reported and those that were added from it before."""
    first = compare(entries, reported)
    doubts = {entry.place: doubt for entry, doubt in first.doubtful}
    second = compare([*first.missing, *(entry for entry, _doubt in first.doubtful)], added)
    left = [call for call in added if call.call_id not in second.found]
    doubled = compare(first.found.values(), left).found
    ask = [(entry, doubts.get(entry.place, doubt)) for entry, doubt in second.doubtful]
    ask += [(entry, doubts[entry.place]) for entry in second.missing if entry.place in doubts]
    return Work(
        tuple(entry for entry in second.missing if entry.place not in doubts),
        tuple(sorted(ask, key=lambda one: _entry_key(one[0]))),
        tuple(sorted(doubled)),
        first.found,
    )


def compare(entries: Iterable[Entry], heard: Iterable[Heard]) -> Compared:
    """Tell the entries that are known from those that are missing. Neither order matters.

    An entry is never missing while a call that is left over could be it.
    """
    waiting = sorted(entries, key=_entry_key)
    left = sorted(heard, key=lambda call: (call.at, call.call_id))
    result = Compared()
    # The strictest first, so that a doubtful entry does not take the call of a certain one.
    for may_be in (_is_same, _is_same_with_hidden_digits, _is_same_anonymised):
        waiting = _use_up(waiting, left, may_be, result.found)
    for entry in waiting:
        if any(_is_similar(entry, call) for call in _near(entry, left)):
            result.doubtful.append((entry, Doubt.SIMILAR))
        elif entry.masked:
            result.doubtful.append((entry, Doubt.MASKED))
        else:
            result.missing.append(entry)
    return result


def _use_up(waiting: Sequence[Entry], left: list[Heard], may_be: MayBe, found: dict[int, Entry]) -> list[Entry]:
    """Give each entry, in the order of time, the earliest call that may be it; returns the entries without one.

    As every entry looks equally far to both sides, no other way of giving would leave fewer without.
    """
    without: list[Entry] = []
    for entry in waiting:
        call = next((one for one in _near(entry, left) if may_be(entry, one)), None)
        if call is None:
            without.append(entry)
        else:
            found[call.call_id] = entry
            left.remove(call)
    return without


def _near(entry: Entry, calls: Sequence[Heard]) -> Sequence[Heard]:
    """The calls close in time to an entry; ``calls`` in the order of time."""
    first = bisect_left(calls, entry.at - NEAR, key=lambda call: call.at)
    last = bisect_right(calls, entry.at + NEAR, key=lambda call: call.at)
    return calls[first:last]


def _is_same(entry: Entry, call: Heard) -> bool:
    """The same parties, and nothing that contradicts."""
    return not entry.masked and entry.remote == call.remote and _is_same_but_for_the_remote(entry, call)


def _is_same_with_hidden_digits(entry: Entry, call: Heard) -> bool:
    """The list hides whom our report names."""
    return entry.masked and entry.line is not None and _is_same_but_for_the_remote(entry, call)


def _is_same_anonymised(entry: Entry, call: Heard) -> bool:
    """We have let go whom the list names still."""
    return call.anonymised and _is_same_but_for_the_remote(entry, call)


def _is_same_but_for_the_remote(entry: Entry, call: Heard) -> bool:
    return (
        call.direction in (entry.direction, None)
        and (entry.line == call.line or entry.line is None or call.line is None)
        and _talked_equally_long(entry.talk_seconds, call.talk_seconds)
    )


def _talked_equally_long(listed: int, reported: int | None) -> bool:
    """Whether two talk times may be one call's; a reported zero of a call that was taken is a known slip."""
    if not reported:
        return True
    return abs(listed - reported) <= max(TALK_SECONDS, TALK_PART * max(listed, reported))


def _is_similar(entry: Entry, call: Heard) -> bool:
    """Whether a call that is left over may be this one after all, though it differs in something."""
    if abs(call.at - entry.at) > NEAR or call.direction not in (entry.direction, None):
        return False
    same_remote = entry.remote is not None and entry.remote == call.remote
    same_line = entry.line is not None and entry.line == call.line
    hidden = entry.masked or entry.remote is None or call.remote is None
    return same_remote or (same_line and hidden)


def _entry_key(entry: Entry) -> tuple[object, ...]:
    return (
        entry.at,
        entry.direction.value,
        entry.remote or "",
        entry.line or "",
        entry.outcome.value,
        entry.talk_seconds,
    )


# ----------------------------------------------------------------------------------------------------------------- when

#: Without a report for so long the list is looked at, as often again.
SILENCE = timedelta(hours=1)
#: So long after midnight the PBX's list of the day before is taken for complete.
SETTLED = timedelta(minutes=15)


def due(now: datetime, began_at: datetime, last_heard: datetime | None, done: Mapping[date, datetime]) -> list[date]:
    """The days whose lists should be read now; ``now`` in the zone in which the PBX counts days.

    Today: when this process has begun since, for nobody listened before; and after a long silence. Yesterday: once it
    is over, unless nothing was heard or compared so far (then there is no gap, but a beginning).
    """
    today = now.date()
    midnight = datetime.combine(today, time(), now.tzinfo)
    yesterday = today - timedelta(days=1)
    days: list[date] = []
    before = (last_heard is not None and last_heard < midnight) or any(day < today for day in done)
    if before and now >= midnight + SETTLED and (yesterday not in done or done[yesterday] < midnight + SETTLED):
        days.append(yesterday)
    last = done.get(today)
    silent = last_heard is None or now - last_heard >= SILENCE
    if last is None or last < began_at or (silent and now - last >= SILENCE):
        days.append(today)
    return days
