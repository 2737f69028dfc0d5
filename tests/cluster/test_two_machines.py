"""Two machines share the work; one of them is killed, and nobody misses anything."""

from __future__ import annotations

import contextlib
import json
import random
import signal
import time
from collections.abc import Iterator

import psycopg
import pytest
from flask import Flask

from app.core.accounts import personal, service
from tests.browser.stack import SECRET
from tests.cluster.browsers import UNDER_WAY, Browser, open_for
from tests.cluster.machines import PATIENT, Machines
from tests.conftest import PASSWORD
from tests.integration.callcenter import permuted
from tests.integration.callcenter.phone_system import ANNA, BEN, CUSTOMER, LINE, all_calls, call_id, reports
from tests.integration.callcenter.phone_system import notifications as inbox
from tests.integration.faults import ledger
from tests.integration.faults.flood import Flood
from tests.wire import Person, seconds_until

PEOPLE, TABS = 20, 10
#: Fewer than a browser is told when it asks, so that screens can be compared with the database.
RINGING, TAKEN, OVER = 15, 15, 15
REPEATED = 3
#: After so many notifications of those that go through nginx one machine is killed, and started again.
KILLED, STARTED = 0.3, 0.7
ROUNDS = 5
#: Jobs that come at most every half hour; there are more.
JOBS = 3
#: Seconds after which each worker has written its figures.
TOLD_LATER = 3.0


@pytest.fixture
def seed() -> int:
    """Decides the order; printed when the test fails."""
    chosen = random.SystemRandom().randrange(10**6)
    print(f"seed {chosen}")
    return chosen


@pytest.fixture
def viewer(own_app: Flask) -> int:
    """Set up before the machines start: the secret, a user who sees everything, and the people at the browsers."""
    found = ledger.prepare(own_app, SECRET)
    with own_app.app_context():
        for number in range(PEOPLE):
            user_id = service.create_user(f"person{number}", PASSWORD, "staff")
            personal.save(user_id, {("callcenter", "scope"): "all"})
    return found


@pytest.fixture
def people(viewer: int, machines: Machines) -> Iterator[list[Person]]:
    with contextlib.ExitStack() as opened:
        yield [
            opened.enter_context(contextlib.closing(Person(machines.url, f"person{number}", PASSWORD)))
            for number in range(PEOPLE)
        ]


def notifications(seed: int) -> list[dict[str, str]]:
    """Calls that ring, are taken, are over; each told several times, in mixed order."""
    events: list[dict[str, str]] = []
    for number in range(RINGING + TAKEN + OVER):
        common = {"call_id": call_id(), "from": CUSTOMER, "to": LINE, "direction": "in"}
        events.append({"event": "IncomingCall", **common})
        if number >= RINGING:
            events.append({"event": "CallAccepted", "peer": ANNA, **common})
        if number >= RINGING + TAKEN:
            events.append({"event": "HungUp", "type": "accepted", "duration": "42", **common})
    events *= REPEATED
    random.Random(seed).shuffle(events)
    return events


def test_nobody_misses_a_call_when_one_machine_is_killed(
    own_app: Flask, viewer: int, machines: Machines, people: list[Person], seed: int
) -> None:
    stays, falls = machines.instances
    events = notifications(seed)
    third = len(events) // 3
    with open_for(people, TABS) as browsers, own_app.app_context():
        seconds_until(lambda: all(browser.asked.is_set() for browser in browsers), at_most=PATIENT)
        # nginx deals them out.
        seconds_until(lambda: sum(map(machines.sockets, machines.instances)) == len(browsers), at_most=PATIENT)
        assert min(map(machines.sockets, machines.instances)) > len(browsers) // 4

        here, there = Flood(stays.port, SECRET, events[:third]), Flood(falls.port, SECRET, events[third : 2 * third])
        with here.beside(), there.beside(), machines.flood(events[2 * third :]).beside() as outside:
            there.wait_for(round(KILLED * third))
            outside.wait_for(round(KILLED * third))
            falls.stop_server(signal.SIGKILL)
            seconds_until(lambda: machines.sockets(stays) == len(browsers), at_most=PATIENT)
            outside.wait_for(round(STARTED * third))
            falls.start_server()
        assert here.by_status() == {200: third}
        acknowledged = here.acknowledged() + there.acknowledged() + outside.acknowledged()
        ledger.agrees(viewer, acknowledged)
        expected = {call.id: call.phase for call in all_calls() if call.phase in UNDER_WAY}
        assert len(expected) >= RINGING // 2
        wrong: list[Browser] = []

        def all_show_it() -> bool:
            wrong[:] = [browser for browser in browsers if browser.shown != expected]
            return not wrong

        with contextlib.suppress(TimeoutError):
            seconds_until(all_show_it, at_most=PATIENT)
        assert not wrong, f"{len(wrong)} of {len(browsers)} browsers show something else"
        assert sum(browser.connections > 1 for browser in browsers) > len(browsers) // 4


def test_every_order_and_repetition_told_to_either_machine_is_the_same_call(
    own_app: Flask, viewer: int, machines: Machines
) -> None:
    """In the memory of a process nobody waits for the others: each of four may take any of a call's reports."""
    calls = dict(permuted.every_order())
    first, second = machines.instances
    for tellers in calls.values():
        floods = [Flood(first.port, SECRET, tellers[0]), Flood(second.port, SECRET, tellers[1])]
        floods.append(machines.flood(tellers[2]))
        with contextlib.ExitStack() as beside:
            for flood in floods:
                beside.enter_context(flood.beside())
        assert [flood.by_status() for flood in floods] == [{200: 4}] * permuted.TELLERS
    with own_app.app_context():
        found = all_calls()
        assert {call.external_id for call in found} == set(calls)
        assert len({permuted.compared(call) for call in found}) == 1
        assert (found[0].phase, found[0].talk_seconds, json.loads(found[0].answered_by)) == ("ended", 9, [ANNA, BEN])
        assert len(reports()) == len(calls) * 4
        assert len(inbox()) == len(calls) * 4 * permuted.TELLERS


def test_a_job_runs_once_whoever_of_four_workers_finds_it_due(own_app: Flask, viewer: int, machines: Machines) -> None:
    address = own_app.extensions["durchwahl"].database.url.replace("+psycopg", "")
    with psycopg.connect(address, autocommit=True) as connection:
        # Jobs that come seldom: none of them is due by itself while this test lasts.
        seldom = "next_run_at > now() + interval '20 minutes' AND last_run_at IS NOT NULL"

        def jobs() -> list[str]:
            rows = connection.execute(f"SELECT name FROM core_job WHERE {seldom} ORDER BY name").fetchall()
            return [name for (name,) in rows]

        seconds_until(lambda: len(jobs()) >= JOBS, at_most=PATIENT)
        chosen = jobs()
        time.sleep(TOLD_LATER)  # that they ran when the servers started
        before = _runs(machines, chosen)
        for round_ in range(1, ROUNDS + 1):
            connection.execute(
                "UPDATE core_job SET next_run_at = now() - interval '1 hour' WHERE name = ANY(%s)", [chosen]
            )
            seconds_until(lambda: set(jobs()) >= set(chosen), at_most=PATIENT)
            # Figures are told a second later.
            seconds_until(
                lambda round_=round_: all(
                    now >= then + round_ for now, then in zip(_runs(machines, chosen), before, strict=True)
                ),
                at_most=PATIENT,
            )
    time.sleep(TOLD_LATER)
    assert [now - then for now, then in zip(_runs(machines, chosen), before, strict=True)] == [ROUNDS] * len(chosen)


def _runs(machines: Machines, jobs: list[str]) -> list[int]:
    return [machines.runs(job) for job in jobs]
