"""Work that takes long runs beside the jobs where a server's worker runs them, and at once elsewhere."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from flask import Flask

from app.core.clock import SystemClock
from app.core.database import Database
from app.core.events import EventBus
from app.core.jobs import Jobs
from app.core.metrics import Metrics


@pytest.fixture
def jobs() -> Jobs:
    return Jobs(Database("sqlite:///never-opened.db", EventBus()), SystemClock(), Metrics())


def test_a_command_does_the_work_at_once(jobs: Jobs) -> None:
    done: list[str] = []
    with Flask("test").app_context():
        jobs.apart(done.append, "work")
    assert done == ["work"]


def test_a_server_does_it_beside_the_jobs_in_a_context_of_its_own(jobs: Jobs) -> None:
    waiting: list[Callable[[], None]] = []
    done: list[str] = []
    jobs.in_background(waiting.append)
    with Flask("test").app_context():
        jobs.apart(done.append, "work")
    assert not done
    waiting[0]()
    assert done == ["work"]


def test_work_that_fails_is_logged_and_stops_nobody(jobs: Jobs, caplog: pytest.LogCaptureFixture) -> None:
    def fail() -> None:
        raise ValueError("unexpected")

    with Flask("test").app_context():
        jobs.apart(fail)
    assert "fail failed" in caplog.text
