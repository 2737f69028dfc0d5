"""Redis is stopped and started while notifications come: none waits for it, and the browsers catch up."""

from __future__ import annotations

import contextlib
from pathlib import Path

from flask import Flask

from tests.browser.stack import SECRET, Stack
from tests.conftest import PASSWORD, make_config
from tests.integration.callcenter.phone_system import the_call
from tests.integration.faults import ledger
from tests.integration.faults.flood import Flood, told
from tests.postgresql.screen import PATIENT, Screen
from tests.services import stoppable_redis
from tests.wire import Person, incoming, notify, seconds_until

TOLD, STOPPED, STARTED = 300, 80, 200
#: Handing a message to Redis is given up after two seconds; the rest is for a busy machine.
SOON = 20.0
SCREENS = 4


def test_without_redis_notifications_are_taken_as_before_and_browsers_catch_up(
    own_app: Flask, tmp_path: Path, seed: int
) -> None:
    viewer = ledger.prepare(own_app, SECRET)
    url = own_app.extensions["durchwahl"].database.url
    key = make_config(url, tmp_path).secret_key
    with contextlib.ExitStack() as opened:
        redis = opened.enter_context(stoppable_redis())
        stack = Stack(tmp_path, DATABASE_URL=url, SECRET_KEY=key, REDIS_URL=redis.url, WEB_CONCURRENCY="2")
        opened.callback(stack.stop)
        stack.start_server()
        seconds_until(lambda: len(stack.workers) == 2, at_most=PATIENT)
        person = opened.enter_context(contextlib.closing(Person(stack.url, "watcher", PASSWORD)))
        screens = [Screen(person) for _ in range(SCREENS)]
        for screen in screens:
            opened.callback(screen.close)

        def ring(name: str) -> int:
            assert notify(stack.url, SECRET, **incoming(name, number="01713920001")).status_code == 200
            with own_app.app_context():
                return the_call(incoming(name)["call_id"]).id

        with Flood(stack.port, SECRET, told(seed, TOLD)).beside() as flood:
            flood.wait_for(STOPPED)
            redis.stop()
            flood.wait_for(STARTED)
            meanwhile = ring("meanwhile")
            redis.start()
        assert flood.by_status() == {200: TOLD}
        assert max(answer.seconds for answer in flood.answers) < SOON
        for screen in screens:
            screen.waits_for(meanwhile)
        # And in the end they are told again without asking. Until both workers know that Redis is back, each may send
        # its browsers away once more, so that they ask.
        rung: list[int] = []

        def all_hear() -> bool:
            rung.append(ring(f"afterwards {len(rung)}"))
            heard = [screen.hears(rung[-1], 5) for screen in screens]
            for screen in screens:
                screen.waits_for(rung[-1])
            return all(heard)

        seconds_until(all_hear, at_most=PATIENT)
        with own_app.app_context():
            ledger.agrees(viewer, flood.acknowledged())
