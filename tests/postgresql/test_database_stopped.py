"""PostgreSQL is stopped, started or halted while notifications come: all are acknowledged, and none is lost."""

from __future__ import annotations

import contextlib
import random
import signal
from collections.abc import Iterator
from pathlib import Path

import pytest
from flask import Flask

from app.modules.callcenter import spooling
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
#: Eight seconds for the database and three for the versions of settings are waited at most; the rest is for a busy
#: machine.
SOON = 30.0
TOLD = 500
#: So many come while it is away: each connection's next one, and more.
MEANWHILE = 3 * CONNECTIONS
HALTED_TOLD = 160


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


def wait_until_taken_in(app: Flask) -> None:
    with app.app_context():
        seconds_until(spooling.spool().is_empty, at_most=PATIENT)


def test_what_comes_around_an_outage_is_acknowledged_and_counted_once(
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
            for moment, number in zip(moments, STOPS, strict=True):
                flood.wait_for(moment)
                database.stop(number)
                # Nobody is refused meanwhile, and nobody waits for long.
                flood.wait_for(len(flood.answers) + MEANWHILE)
                database.start()
        assert flood.by_status() == {200: TOLD}
        assert max(answer.seconds for answer in flood.answers) < SOON
        assert notify(stack.url, SECRET, **incoming("afterwards", number="01713920001")).status_code == 200
        wait_until_taken_in(app)
        with app.app_context():
            afterwards = the_call(incoming("afterwards")["call_id"]).id
        screen.waits_for(afterwards)
        with app.app_context():
            ledger.recover(app)
            ledger.agrees(viewer, flood.acknowledged())


def test_a_database_that_neither_answers_nor_refuses_is_not_waited_for_long(
    app: Flask, database: Service, tmp_path: Path, seed: int
) -> None:
    """Its processes are halted: it takes connections and says nothing, as one whose machine hangs."""
    viewer = ledger.prepare(app, SECRET)
    url = app.extensions["durchwahl"].database.url
    stack = Stack(tmp_path, DATABASE_URL=url, SECRET_KEY=make_config(url, tmp_path).secret_key)
    stack.start_server()
    with contextlib.ExitStack() as opened:
        opened.callback(stack.stop)
        with Flood(stack.port, SECRET, told(seed, HALTED_TOLD)).beside() as flood:
            flood.wait_for(HALTED_TOLD // 4)
            with database.halted():
                flood.wait_for(HALTED_TOLD // 2)
                assert flood.by_status()[200] == len(flood.answers)
        assert flood.by_status() == {200: HALTED_TOLD}
        assert max(answer.seconds for answer in flood.answers) < SOON
        wait_until_taken_in(app)
        with app.app_context():
            ledger.recover(app)
            ledger.agrees(viewer, flood.acknowledged())
