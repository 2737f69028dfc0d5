"""Work in the background: one run at a time, one more for all that was asked meanwhile."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from flask import Flask, current_app

from app.core.soon import Soon


class Later:
    """A server that runs nothing by itself."""

    def __init__(self) -> None:
        self.started: list[Callable[[], None]] = []

    def in_background(self, work: Callable[[], None]) -> None:
        self.started.append(work)


@pytest.fixture
def later() -> Later:
    return Later()


def test_a_burst_costs_one_run_and_what_is_asked_during_it_one_more(later: Later) -> None:
    runs: list[str] = []

    def work() -> None:
        runs.append(current_app.name)
        if len(runs) == 1:
            for _ in range(100):
                soon.ask()

    soon = Soon(Flask("house"), later, work)  # type: ignore[arg-type] # only in_background is used
    for _ in range(100):
        soon.ask()
    (run,) = later.started
    run()
    assert runs == ["house", "house"]
    soon.ask()
    assert len(later.started) == 2


def test_a_run_that_fails_is_logged_without_what_it_was_about(later: Later, caplog: pytest.LogCaptureFixture) -> None:
    outcomes = iter([ValueError("0171 3920001"), None])
    runs = []

    def work() -> None:
        runs.append(1)
        outcome = next(outcomes)
        if outcome:
            raise outcome

    soon = Soon(Flask("house"), later, work)  # type: ignore[arg-type] # only in_background is used
    for _ in range(2):
        soon.ask()
        later.started.pop()()
    assert len(runs) == 2
    assert "ValueError" in caplog.text
    assert "3920001" not in caplog.text


def test_when_nothing_can_be_started_the_next_ask_tries_again() -> None:
    class Refusing(Later):
        def in_background(self, work: Callable[[], None]) -> None:
            if not self.started:
                self.started.append(work)
                raise RuntimeError("no thread")
            super().in_background(work)

    refusing = Refusing()
    soon = Soon(Flask("house"), refusing, lambda: None)  # type: ignore[arg-type] # only in_background is used
    with pytest.raises(RuntimeError):
        soon.ask()
    soon.ask()
    assert len(refusing.started) == 2


def test_a_run_waits_for_its_pause_and_serves_all_who_ask_meanwhile() -> None:
    told: list[str] = []

    class Slowly(Later):
        def sleep(self, seconds: float) -> None:
            told.append(f"waits {seconds}")
            if len(told) == 1:
                soon.ask()

    later = Slowly()
    soon = Soon(Flask("house"), later, lambda: told.append("runs"), pause=0.5)  # type: ignore[arg-type] # two methods
    soon.ask()
    (run,) = later.started
    run()
    assert told == ["waits 0.5", "runs", "waits 0.5"]
