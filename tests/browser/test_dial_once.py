"""One intention, one call: the real server and the simulated telephone system while requests are doubled, answers are
lost and the server is killed; on SQLite, and with two workers on PostgreSQL.
"""

from __future__ import annotations

import contextlib
import os
import re
import signal
import socket
import threading
import time
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

import psycopg
import pytest
import requests
from sqlalchemy import create_engine, text

from app.core.demo import DEMO_PASSWORD
from tests.browser.stack import ANNA, Stack
from tests.services import postgres_for_tests, redis_server
from tests.wire import Person, seconds_until

#: More than the job that settles orders waits between two looks, on a busy machine.
SETTLED_SECONDS = 40.0


class House:
    """An installation, what its database holds of orders, and what reached the telephone system."""

    def __init__(self, stack: Stack, database: str) -> None:
        self.stack = stack
        self.engine = create_engine(database)
        self._place = 0

    def number(self) -> str:
        """Another one for each test."""
        self._place += 1
        return f"0699000930{self._place}"

    @property
    def dialled(self) -> list[str]:
        """The orders that the telephone system got since it was reset."""
        orders = self.stack.simulator.log("api")
        return [str(one["body"]) for one in orders if (one["method"], one["path"]) == ("POST", "/v2/calls")]

    def order(self, key: str) -> tuple[str, str | None, int | None] | None:
        """State, error and call of the order with this key."""
        query = text("SELECT state, error, call_id FROM callcenter_dial_order WHERE idempotency_key = :key")
        with self.engine.connect() as connection:
            row = connection.execute(query, {"key": key}).first()
        return (row[0], row[1], row[2]) if row is not None else None

    def let_orders_be_old(self) -> None:
        """Put the orders under way back by a minute, so that nobody has to wait until they count as cut off.

        And end the lease of five minutes that a killed worker may hold on the job that settles them.
        """
        query = text("UPDATE callcenter_dial_order SET created_at = :then WHERE state = 'ordered'")
        then = datetime.now(UTC) - timedelta(minutes=1)
        value: Any = then if "postgresql" in str(self.engine.url) else then.strftime("%Y-%m-%d %H:%M:%S.%f")
        with self.engine.begin() as connection:
            connection.execute(query, {"then": value})
            lease = text("UPDATE core_job SET next_run_at = :then WHERE name = 'callcenter.settle_cut_off'")
            connection.execute(lease, {"then": value})

    def becomes(self, key: str, *states: str) -> None:
        """Wait until the order has one of these states."""
        seconds_until(lambda: (self.order(key) or ("",))[0] in states, at_most=SETTLED_SECONDS)

    def person(self) -> contextlib.closing[Person]:
        return contextlib.closing(Person(self.stack.url, "anna", DEMO_PASSWORD))

    def use_api_at(self, port: int | None = None, url: str = "") -> None:
        """Let the telephone system be there; without both, the simulator again."""
        address = url or f"http://127.0.0.1:{port or self.stack.simulator_port}/v2"
        self.stack.flask("callcenter", "placetel", "configure", "--base-url", address)

    def kill(self) -> None:
        """End the server at once, with all its workers, as a power cut would."""
        self.stack.stop_server(signal.SIGKILL)


def _sqlite(tmp_path_factory: pytest.TempPathFactory) -> Iterator[House]:
    stack = Stack(tmp_path_factory.mktemp("once"))
    stack.prepare()
    stack.start()
    yield House(stack, f"sqlite:///{stack.data_dir}/durchwahl.db")
    stack.stop()


def _two_workers(tmp_path_factory: pytest.TempPathFactory) -> Iterator[House]:
    with postgres_for_tests() as prefix, redis_server() as redis_url:
        name = f"once_{os.getpid()}"
        with psycopg.connect(prefix + "postgres", autocommit=True) as connection:
            connection.execute(f'CREATE DATABASE "{name}" TEMPLATE template0')
        folder = tmp_path_factory.mktemp("once")
        stack = Stack(folder, DATABASE_URL=prefix + name, REDIS_URL=redis_url, WEB_CONCURRENCY="2")
        stack.prepare()
        stack.start()
        house = House(stack, (prefix + name).replace("postgresql://", "postgresql+psycopg://"))
        yield house
        house.engine.dispose()
        stack.stop()


@pytest.fixture(scope="module", params=[_sqlite, _two_workers], ids=["sqlite", "two workers on postgresql"])
def house(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[House]:
    yield from request.param(tmp_path_factory)


@pytest.fixture(autouse=True)
def _quiet(house: House) -> Iterator[None]:
    yield
    for call in house.stack.simulator.state()["calls"]:
        if call["phase"] != "ended":
            house.stack.simulator.hangup(call["call_id"])
    house.stack.simulator.reset()


def press(person: Person, number: str, key: str, token: str = "") -> dict[str, Any]:
    """What the page is told of a press. ``token``: the page's CSRF token, where there is one already."""
    answer = requests.post(
        f"{person.url}/callcenter/dial",
        json={"number": number, "idempotency_key": key},
        headers={"Accept": "application/json", "X-CSRFToken": token or token_of(person), "Cookie": person.cookie},
        timeout=30,
    )
    assert answer.status_code == 200, answer.text
    found: dict[str, Any] = answer.json()
    return found


def token_of(person: Person) -> str:
    """The CSRF token of a page that this person has open."""
    found = re.search(r'name="csrf-token" content="([^"]+)"', person.get("/account/settings").text)
    assert found
    return found.group(1)


class Pressed(threading.Thread):
    """A press whose answer is not waited for."""

    def __init__(self, person: Person, number: str, key: str, token: str = "") -> None:
        super().__init__()
        self.given = person, number, key, token or token_of(person)
        self.start()

    def run(self) -> None:
        # The server is killed meanwhile: then nothing is answered.
        with contextlib.suppress(requests.RequestException):
            press(*self.given)


@contextlib.contextmanager
def nobody_listens() -> Iterator[int]:
    """A port that takes connections and never reads: the request has left, and reached nobody."""
    with socket.socket() as deaf:
        deaf.bind(("127.0.0.1", 0))
        deaf.listen(8)
        yield int(deaf.getsockname()[1])


def test_ten_presses_from_two_windows_at_once_are_one_call(house: House) -> None:
    number = house.number()
    with house.person() as first, house.person() as second:
        keys = [f"{window}-{place}" for window in "ab" for place in range(5)]
        windows = {"a": (first, token_of(first)), "b": (second, token_of(second))}
        pressed = [Pressed(windows[key[0]][0], number, f"ten-{key}", windows[key[0]][1]) for key in keys]
        for one in pressed:
            one.join()
    assert len(house.dialled) == 1
    states = [order[0] for key in keys if (order := house.order(f"ten-{key}")) is not None]
    assert sorted(states) == ["accepted", *["repeated"] * 9]


def test_a_server_that_is_killed_between_order_and_call_never_dials_and_says_that_nobody_knows(house: House) -> None:
    number, key = house.number(), "killed-between"
    with nobody_listens() as port:
        # A running server would take the address over within two seconds; one that is started knows no other.
        house.stack.stop_server()
        house.use_api_at(port)
        house.stack.start_server()
        with house.person() as person:
            pressed = Pressed(person, number, key)
            seconds_until(lambda: house.order(key) is not None, at_most=20)
            assert (house.order(key) or ("",))[0] == "ordered"
            house.kill()
            pressed.join()
    house.use_api_at()
    house.stack.start_server()
    with house.person() as person:
        assert press(person, number, key)["state"] == "under_way"
        assert press(person, number, "another-window")["state"] == "under_way"
        house.let_orders_be_old()
        house.becomes(key, "unknown")
        again = press(person, number, key)
    assert (again["state"], again["code"]) == ("unknown", "cut_off")
    assert "Es ist nicht sicher, ob Ihr Telefon klingelt" in again["message"]
    assert house.dialled == []


def test_a_server_that_is_killed_while_the_telephone_rings_never_rings_it_again(house: House) -> None:
    number, key = house.number(), "killed-during"
    house.stack.simulator.quirk(api_timeout_after_ringing=5)
    with house.person() as person:
        pressed = Pressed(person, number, key)
        seconds_until(lambda: house.stack.simulator.phone(ANNA)["state"] == "click_to_dial", at_most=20)
        house.kill()
        pressed.join()
    house.stack.simulator.quirk(api_timeout_after_ringing=0)
    house.stack.start_server()
    assert (house.order(key) or ("",))[0] == "ordered"
    # He picks up, and the report of the call says what nobody was left to say.
    house.stack.simulator.pick_up(ANNA)
    seconds_until(lambda: (house.order(key) or ("", None, None))[2] is not None)
    house.let_orders_be_old()
    house.becomes(key, "accepted")
    with house.person() as person:
        assert press(person, number, key)["state"] == "accepted"
    # The telephone system notes an order when it has answered it, which takes it five seconds here.
    seconds_until(lambda: len(house.dialled) == 1, at_most=20)


def test_an_unknown_outcome_is_told_to_the_browser_when_the_call_is_reported(house: House) -> None:
    number, key = house.number(), "reported"
    house.stack.simulator.quirk(api_500_after_ringing=True)
    with house.person() as person, contextlib.closing(person.socket()) as live:
        result = press(person, number, key)
        assert (result["state"], result["code"]) == ("unknown", "server_error")
        assert press(person, number, key)["state"] == "unknown"
        assert live.next("dial")["state"] == "unknown"
        house.stack.simulator.pick_up(ANNA)
        heard = live.next("dial")
        assert (heard["order"], heard["state"], heard["code"]) == (result["order"], "accepted", "reported")
        assert press(person, number, key)["state"] == "accepted"
    assert len(house.dialled) == 1


@pytest.mark.parametrize(
    ("quirk", "state", "code"),
    [
        ({"api_429": 1}, "failed", "rate_limited"),
        ({"api_down": True}, "unknown", "bad_answer"),
        ({"api_500_after_ringing": True}, "unknown", "server_error"),
        ({"api_timeout_after_ringing": 8}, "unknown", "timeout"),
    ],
    ids=str,
)
def test_whatever_the_telephone_system_answers_is_asked_for_once(
    house: House, quirk: dict[str, Any], state: str, code: str
) -> None:
    number, key = house.number(), f"answer-{code}-{state}-{next(iter(quirk))}"
    house.stack.simulator.quirk(**quirk)
    with house.person() as person:
        first = press(person, number, key)
        again = press(person, number, key)
    assert (first["state"], first["code"]) == (again["state"], again["code"]) == (state, code)
    # It is written down there when it is answered, which may be after we gave up waiting.
    seconds_until(lambda: len(house.dialled) == 1, at_most=20)


@pytest.mark.parametrize(
    "address", ["http://127.0.0.1:1/v2", "https://nobody.invalid/v2"], ids=["refused", "no such host"]
)
def test_what_never_left_is_told_as_not_dialled_and_may_be_pressed_again(house: House, address: str) -> None:
    before, number, key = house.number(), house.number(), f"unreachable-{address}"
    house.use_api_at(url=address)
    with house.person() as person:
        # A running server takes the address over within two seconds; until then it dials.
        seconds_until(lambda: press(person, before, f"until-{time.monotonic()}")["code"] == "unreachable", at_most=20)
        house.stack.simulator.reset()
        first = press(person, number, key)
        assert (first["state"], first["code"]) == ("failed", "unreachable")
        assert house.dialled == []
        house.use_api_at()
        assert press(person, number, key)["state"] == "failed"
        seconds_until(lambda: press(person, number, f"new-{time.monotonic()}")["state"] == "accepted", at_most=20)
    assert len(house.dialled) == 1
