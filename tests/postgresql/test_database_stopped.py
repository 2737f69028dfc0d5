"""PostgreSQL is stopped and started while notifications come: stored or refused, at once, and then all goes on."""

from __future__ import annotations

import contextlib
import random
import signal
from collections.abc import Iterator
from pathlib import Path

import pytest
from flask import Flask

from tests.browser.stack import SECRET, Stack
from tests.conftest import PASSWORD, build_app, create_postgres_database, make_config, migrate
from tests.integration.callcenter.phone_system import the_call
from tests.integration.faults import ledger
from tests.integration.faults.flood import CONNECTIONS, Flood, told
from tests.postgresql.screen import PATIENT, Screen
from tests.services import Service, stoppable_postgres
from tests.wire import Person, incoming, notify, seconds_until

#: An orderly stop, and one as after a crash: PostgreSQL reads its log when it starts again.
STOPS = (signal.SIGINT, signal.SIGQUIT)
#: Connecting may take five seconds, which is more than a refusal takes; the rest is for a busy machine.
SOON = 20.0
TOLD = 500


@pytest.fixture
def database() -> Iterator[Service]:
    with stoppable_postgres() as service:
        yield service


@pytest.fixture
def app(database: Service, tmp_path: Path) -> Iterator[Flask]:
    url = create_postgres_database(database.url, "stopped")
    migrate(url)
    built = build_app(url, tmp_path)
    yield built
    built.extensions["durchwahl"].database.dispose()


def test_what_is_acknowledged_around_an_outage_is_stored_and_the_rest_is_refused_at_once(
    app: Flask, database: Service, tmp_path: Path, seed: int
) -> None:
    viewer = ledger.prepare(app, SECRET)
    url = app.extensions["durchwahl"].database.url
    stack = Stack(tmp_path, DATABASE_URL=url, SECRET_KEY=make_config(url, tmp_path).secret_key)
    stack.start_server()
    with contextlib.ExitStack() as opened:
        opened.callback(stack.stop)
        screen = Screen(opened.enter_context(contextlib.closing(Person(stack.url, "watcher", PASSWORD))))
        opened.callback(screen.close)
        moments = sorted(random.Random(seed).sample(range(20, TOLD - 100), len(STOPS)))
        with Flood(stack.port, SECRET, told(seed, TOLD)).beside() as flood:
            refused = 0
            for moment, number in zip(moments, STOPS, strict=True):
                flood.wait_for(moment)
                flood.clear.clear()
                database.stop(number)
                refused += CONNECTIONS
                seconds_until(lambda refused=refused: flood.by_status()[503] == refused, at_most=PATIENT)
                database.start()
                flood.clear.set()
        # Whoever comes once the database is back is not refused any more.
        assert flood.by_status() == {200: TOLD - refused, 503: refused}
        assert max(answer.seconds for answer in flood.answers if answer.status == 503) < SOON
        assert notify(stack.url, SECRET, **incoming("afterwards", number="01713920001")).status_code == 200
        with app.app_context():
            afterwards = the_call(incoming("afterwards")["call_id"]).id
        screen.waits_for(afterwards)
        with app.app_context():
            ledger.recover(app)
            ledger.agrees(viewer, flood.acknowledged())
