"""The server is killed and started again while notifications come: what it acknowledged is there, and once."""

from __future__ import annotations

import random
import signal
from collections.abc import Iterator

import pytest
from flask import Flask

from tests.browser.held import Held
from tests.browser.stack import SECRET, Stack
from tests.integration.callcenter.phone_system import all_calls
from tests.integration.faults import ledger
from tests.integration.faults.flood import CONNECTIONS, NOTIFICATIONS, Flood, told

KILLS = 3
#: A restart that refuses nobody needs fewer to be seen at it.
RESTARTS, MEANWHILE = 2, 300
REPEATED_KILLS, REPEATED = 2, 500


@pytest.fixture
def seed() -> int:
    """Decides order and moments; printed when the test fails."""
    chosen = random.SystemRandom().randrange(10**6)
    print(f"seed {chosen}")
    return chosen


@pytest.fixture
def held(stack: Stack) -> Iterator[Held]:
    running = Held(stack)
    running.start()
    yield running
    running.stop()
    running.socket.close()


@pytest.fixture
def started(stack: Stack) -> Iterator[Stack]:
    stack.start_server()
    yield stack
    stack.stop()


def moments(seed: int, number: int, of: int = NOTIFICATIONS) -> list[int]:
    """After how many answers something happens."""
    return sorted(random.Random(seed).sample(range(20, of - 100), number))


def test_what_a_killed_server_has_acknowledged_is_in_the_inbox_and_in_its_call(
    own_app: Flask, viewer: int, held: Held, seed: int
) -> None:
    """Nobody repeats anything: what was under way at a kill may be lost, all else is answered."""
    with Flood(held.port, SECRET, told(seed)).beside() as flood:
        for moment in moments(seed, KILLS):
            flood.wait_for(moment)
            held.kill()
            held.start()
    answered = flood.by_status()
    assert set(answered) <= {200, None}
    assert answered[None] <= KILLS * CONNECTIONS
    with own_app.app_context():
        ledger.recover(own_app)
        ledger.agrees(viewer, flood.acknowledged())


def test_what_is_repeated_until_it_is_acknowledged_is_there_once(
    own_app: Flask, viewer: int, started: Stack, seed: int
) -> None:
    """Whoever comes between two servers is refused here, and comes again."""
    events = told(seed, REPEATED)
    with Flood(started.port, SECRET, events, repeating=True).beside() as flood:
        for moment in moments(seed, REPEATED_KILLS, REPEATED):
            flood.wait_for(moment)
            started.stop_server(signal.SIGKILL)
            started.start_server()
    assert flood.by_status()[200] == REPEATED
    with own_app.app_context():
        ledger.recover(own_app)
        ledger.agrees(viewer, flood.acknowledged())
        assert len(all_calls()) == len({event["call_id"] for event in events})


def test_a_restart_answers_everybody_who_comes_at_the_same_time(
    own_app: Flask, viewer: int, held: Held, seed: int
) -> None:
    with Flood(held.port, SECRET, told(seed, MEANWHILE)).beside() as flood:
        for moment in moments(seed, RESTARTS, MEANWHILE):
            flood.wait_for(moment)
            held.stop()
            held.start()
    assert flood.by_status() == {200: MEANWHILE}
    with own_app.app_context():
        ledger.agrees(viewer, flood.acknowledged())
