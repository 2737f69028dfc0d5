"""Tells browsers what modules know of whom the current calls are with: in a message of its own, after the card.

It is put together in the background, so that neither a telephone system nor a card waits for it, for all current
calls that are meant at once: the number of statements grows neither with them nor with who looks, and a browser gets
one message. For each call that names the party and when it was begun to be read; a browser drops what is older.
"""

from __future__ import annotations

import threading
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

from flask import current_app

from app.core.accounts.access import allows
from app.core.facts import Fact, FactKind, Found, Subject, arranged, as_told
from app.core.kernel import Kernel, ModuleSetup
from app.core.soon import Soon
from app.modules.addresses.api import AddressChanged, NoteSaved
from app.modules.callcenter.accounts import assignments
from app.modules.callcenter.callbacks import CallbacksChanged
from app.modules.callcenter.concerned import concerned
from app.modules.callcenter.current import current_calls
from app.modules.callcenter.domain.recipients import CardForm
from app.modules.callcenter.shown import by_view, choosers, shown
from app.modules.callcenter.snapshots import about
from app.modules.callcenter.stored import StoredCall

FACTS_MESSAGE = "facts"
#: Before facts are read: the card is on its way first, and one reading serves all calls of a burst. Read at once for
#: each of many calls, they would make every card late.
PAUSE_SECONDS = 0.25
_EXTENSION = "durchwahl.callcenter.told_facts"


@dataclass(slots=True)
class Meant:
    """What may have changed: calls, addresses, or anything."""

    calls: set[int] = field(default_factory=set)
    addresses: set[int] = field(default_factory=set)
    everything: bool = False

    def of(self, rows: list[StoredCall]) -> list[StoredCall]:
        """The calls among these that are meant, with those that share a number or an address with them.

        All of them where a call is meant that is not among these: nobody knows here what they share with it.
        """
        if self.everything or not self.calls <= {row.id for row in rows}:
            return rows
        known = {row.id: _addresses_of(row) for row in rows}
        numbers = {row.remote_e164 for row in rows if row.id in self.calls} - {None}
        addresses = self.addresses.union(*(known[row.id] for row in rows if row.id in self.calls))
        return [
            row
            for row in rows
            if row.id in self.calls or row.remote_e164 in numbers or not addresses.isdisjoint(known[row.id])
        ]


class Waiting:
    """What is to be told next. Threads add to it while one takes from it."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._meant = Meant()

    def add(self, call_id: int | None = None, address_id: int | None = None) -> None:
        """A call or an address; neither: everything."""
        with self._lock:
            if call_id is not None:
                self._meant.calls.add(call_id)
            elif address_id is not None:
                self._meant.addresses.add(address_id)
            else:
                self._meant.everything = True

    def take(self) -> Meant:
        """All of it; nothing waits then."""
        with self._lock:
            taken, self._meant = self._meant, Meant()
        return taken


def _addresses_of(row: StoredCall) -> set[int]:
    """Those that it is with, as anybody sees it."""
    if not row.chosen:
        return {row.address_id} if row.address_id is not None else set()
    return {found for view in (None, *choosers(row)) if (found := shown(row, view).address_id) is not None}


@dataclass(frozen=True, slots=True)
class _Telling:
    waiting: Waiting
    soon: Soon


def install(setup: ModuleSetup) -> None:
    """Listen to what changes what is known of a party."""
    kernel = setup.kernel
    kernel.app.extensions[_EXTENSION] = _Telling(
        Waiting(), Soon(kernel.app, kernel.realtime, tell, pause=PAUSE_SECONDS)
    )
    setup.on(AddressChanged, lambda event: follow(address_id=event.address_id))
    setup.on(NoteSaved, lambda _event: follow())
    setup.on(CallbacksChanged, lambda event: follow(event.call_id))


def follow(call_id: int | None = None, address_id: int | None = None) -> None:
    """Have the facts of a call, of all calls with an address, or of all told soon; returns at once."""
    telling: _Telling = current_app.extensions[_EXTENSION]
    if _kernel().realtime.is_heard:
        telling.waiting.add(call_id, address_id)
        telling.soon.ask()


def tell() -> None:
    """Tell the facts of the calls that are meant to everybody who has a whole card of them."""
    telling: _Telling = current_app.extensions[_EXTENSION]
    # Taken before the calls are read: what is added meanwhile is told by the next run.
    meant = telling.waiting.take()
    if not _kernel().states.is_active("callcenter"):
        return
    rows = meant.of(current_calls())
    if not rows:
        return
    facts = collect(rows)
    for told, users in _by_reader(facts, rows):
        _kernel().realtime.emit(FACTS_MESSAGE, told, users)


def _by_reader(facts: Collected, rows: list[StoredCall]) -> Iterator[tuple[list[dict[str, Any]], list[int]]]:
    """What each is told of all these calls, in one message; who is told the same, together.

    A message for each call would be, with many calls and hundreds of browsers, more than the cards after it can wait.
    """
    people, told = concerned(), list[dict[str, Any]]()
    places: dict[int, list[int]] = defaultdict(list)
    for row in rows:
        users = [user_id for user_id, form in people.forms(row).items() if form is CardForm.FULL]
        for viewer, group in by_view(row, users):
            for known, same in facts.for_readers(row, viewer, group):
                for user_id in same:
                    places[user_id].append(len(told))
                told.append({"id": row.id, **known})
    readers: dict[tuple[int, ...], list[int]] = defaultdict(list)
    for user_id, own in places.items():
        readers[tuple(own)].append(user_id)
    for together, same in readers.items():
        yield [told[place] for place in together], same


# ---------------------------------------------------------------------------------------------------------- collecting


@dataclass(frozen=True, slots=True)
class Collected:
    """What is known of some calls, for everybody."""

    as_of: datetime
    kinds: Mapping[str, FactKind]
    found: Found

    def of(self, row: StoredCall, user_id: int) -> dict[str, Any]:
        """What this user is told of a call."""
        ((told, _users),) = self.for_readers(row, user_id, [user_id])
        return told

    def for_readers(
        self, row: StoredCall, viewer: int | None, user_ids: Iterable[int]
    ) -> Iterator[tuple[dict[str, Any], list[int]]]:
        """What each is told of those who see the call like ``viewer``; who is told the same, together."""
        subject = subject_of(row, viewer)
        facts = self.found.facts.get(subject, ()) if subject else ()
        for permitted, group in self.by_right(user_ids):
            for meant, same in _by_facts(facts, group):
                yield self._told(row, viewer, permitted, meant), same

    def _told(
        self, row: StoredCall, viewer: int | None, permitted: frozenset[str], facts: Iterable[Fact]
    ) -> dict[str, Any]:
        kinds = {key: kind for key, kind in self.kinds.items() if key in permitted}
        modules = {key.partition(".")[0] for key in permitted}
        return {
            "about": about(row, viewer),
            "as_of": self.as_of.astimezone(UTC).isoformat(timespec="microseconds"),
            "items": [as_told(fact) for fact in arranged(facts, kinds)],
            "failed": [module for module in self.found.failed if module in modules],
        }

    def by_right(self, user_ids: Iterable[int]) -> list[tuple[frozenset[str], list[int]]]:
        """Users by what they may know: a few groups, however many they are."""
        rights, groups = assignments().rights, defaultdict(list)
        known: dict[tuple[str, str], frozenset[str]] = {}
        for user_id in user_ids:
            right = rights.get(user_id, ("", "{}"))
            if right not in known:
                known[right] = _permitted(*right, self.kinds)
            groups[known[right]].append(user_id)
        return list(groups.items())


def _by_facts(facts: Sequence[Fact], user_ids: Iterable[int]) -> list[tuple[list[Fact], list[int]]]:
    """Users by the facts of which they are readers."""
    groups: dict[tuple[int, ...], list[int]] = defaultdict(list)
    for user_id in user_ids:
        meant = (at for at, fact in enumerate(facts) if fact.readers is None or user_id in fact.readers)
        groups[tuple(meant)].append(user_id)
    return [([facts[at] for at in places], same) for places, same in groups.items()]


def collect(rows: Iterable[StoredCall]) -> Collected:
    """Ask the modules about these calls, as each who sees them differently sees them."""
    kernel = _kernel()
    # The time comes first: what changes while it is read is told anew, and is newer than this.
    as_of = kernel.clock.now()
    found = (subject_of(row, viewer) for row in rows for viewer in (None, *sorted(choosers(row))))
    is_active = kernel.states.is_active
    subjects = [subject for subject in found if subject is not None]
    return Collected(as_of, kernel.facts.kinds(is_active), kernel.facts.about(subjects, is_active))


def subject_of(row: StoredCall, viewer: int | None) -> Subject | None:
    """Whom facts are asked about; None where neither number nor address is known."""
    who = shown(row, viewer)
    if row.remote_e164 is None and who.address_id is None:
        return None
    return Subject(row.remote_e164, who.address_id, who.contact_id, row.received_at, row.origin)


def _permitted(role: str, own: str, kinds: Mapping[str, FactKind]) -> frozenset[str]:
    return frozenset(
        key for key, kind in kinds.items() if all(allows(role, own, permission) for permission in kind.permissions)
    )


def _kernel() -> Kernel:
    kernel: Kernel = current_app.extensions["durchwahl"]
    return kernel
