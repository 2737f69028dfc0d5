"""Imports from the page, behind it: states, the job that checks and imports, what two people do at once."""

from __future__ import annotations

import threading
from collections.abc import Sequence
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest
from flask import Flask

from app.core.accounts import service
from app.modules.addresses.imports import messages, running, services
from app.modules.addresses.imports.files import PIECE_BYTES, StoredFile
from app.modules.addresses.imports.states import NotNow
from app.modules.addresses.imports.stored import ahead_of, failures_of, load
from app.modules.addresses.transfer import importing
from app.modules.addresses.transfer.importing import Failure, Totals
from tests.conftest import PASSWORD
from tests.integration.addresses.import_runs import bring, checked, pieces, started
from tests.integration.addresses.importing import addresses, counted


@pytest.fixture(autouse=True)
def _small_batches(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("FIRST_BATCH", "SMALLEST_BATCH", "LARGEST_BATCH"):
        monkeypatch.setattr(importing, name, 40)


@pytest.fixture
def ada(app: Flask) -> int:
    return service.create_user("ada", PASSWORD, "administrator", name="Ada Admin")


class Killed(BaseException):
    """The process is gone: nothing is tidied up after it."""


def kill_after(monkeypatch: pytest.MonkeyPatch, batches: int) -> None:
    """Let the worker die when so many batches are stored."""
    left = [batches]
    progressed = running._Worker.progressed

    def die(self: Any, totals: Totals, failures: Sequence[Failure]) -> None:
        progressed(self, totals, failures)
        if totals.done:
            left[0] -= 1
            if left[0] == 0:
                raise Killed

    monkeypatch.setattr(running._Worker, "progressed", die)


def test_a_file_is_checked_and_imported_and_then_removed(app: Flask, ada: int) -> None:
    stored = checked(ada)
    assert (stored.state, counted(stored.totals)) == ("checked", {"created": 196, "failed": 4})
    assert not addresses()
    assert pieces() == 1
    services.start(stored.id, ada, stored.version)
    running.work()
    done = load(stored.id)
    assert (done.state, counted(done.totals)) == ("done", {"created": 196, "failed": 4})
    assert done.started_by == "Ada Admin"
    assert len(addresses()) == 196
    assert pieces() == 0


def test_what_was_refused_is_kept_once_with_its_cells_and_reasons(app: Flask, ada: int) -> None:
    import_id = started(ada)
    running.work()
    kept = list(failures_of(import_id))
    assert [failure.line for failure in kept] == [9, 59, 109, 159]
    assert kept[0].cells == ("K-7", "Firma 7", "0221 4710-007", "kaputt")
    assert [problem.code for problem in kept[0].problems] == ["bad_email"]
    assert list(failures_of(import_id, 2)) == kept[:2]


def test_a_large_file_comes_back_byte_by_byte(app: Flask, ada: int) -> None:
    text = "Name\n" + "".join(f"Firma Nummer {n}\n" for n in range(40_000))
    import_id = bring(ada, text)
    assert pieces() == -(-len(text) // PIECE_BYTES) == 3
    with StoredFile(import_id).open() as file:
        assert file.read() == text.encode()
    assert load(import_id).size == len(text)


@pytest.mark.parametrize("batches", [1, 3])
def test_an_import_whose_worker_was_killed_goes_on_where_it_stood(
    app: Flask, ada: int, kernel: Any, monkeypatch: pytest.MonkeyPatch, batches: int
) -> None:
    import_id = started(ada)
    with monkeypatch.context() as patched:
        kill_after(patched, batches)
        with pytest.raises(Killed):
            running.work()
    half = load(import_id)
    assert (half.state, half.totals.done) == ("running", 40 * batches)
    running.work()
    assert load(import_id).totals.done == 40 * batches, "somebody may still be at work"
    kernel.clock.at += running.LEASE + timedelta(seconds=1)
    running.work()
    done = load(import_id)
    assert (done.state, counted(done.totals)) == ("done", {"created": 196, "failed": 4})
    assert [one.customer_number for one in addresses()] == [f"K-{n}" for n in range(200) if n % 50 != 7]
    assert len(list(failures_of(import_id))) == 4


def test_a_check_whose_worker_was_killed_begins_anew(
    app: Flask, ada: int, kernel: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    import_id = bring(ada)
    services.check(import_id, ada)
    with monkeypatch.context() as patched:
        kill_after(patched, 3)
        with pytest.raises(Killed):
            running.work()
    kernel.clock.at += running.LEASE + timedelta(seconds=1)
    running.work()
    assert counted(load(import_id).totals) == {"created": 196, "failed": 4}
    assert len(list(failures_of(import_id))) == 4


def test_a_worker_that_was_taken_for_dead_stores_nothing_more(
    app: Flask, ada: int, kernel: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    import_id = started(ada)
    progressed = running._Worker.progressed
    others: list[bool] = []

    def sleep_long(self: Any, totals: Totals, failures: Sequence[Failure]) -> None:
        progressed(self, totals, failures)
        if totals.done == 40 and not others:
            others.append(True)
            kernel.clock.at += running.LEASE + timedelta(seconds=1)
            running.work()

    monkeypatch.setattr(running._Worker, "progressed", sleep_long)
    running.work()
    assert others
    done = load(import_id)
    assert (done.state, counted(done.totals)) == ("done", {"created": 196, "failed": 4})
    assert {one.version for one in addresses()} == {1}


def test_an_import_that_ends_its_workers_again_and_again_is_given_up_and_can_go_on(
    app: Flask, ada: int, kernel: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    import_id = started(ada)

    def die(*_arguments: object, **_more: object) -> None:
        raise Killed

    with monkeypatch.context() as patched:
        patched.setattr(running, "run_import", die)
        for _attempt in range(running.MOST_ATTEMPTS):
            with pytest.raises(Killed):
                running.work()
            kernel.clock.at += running.LEASE + timedelta(seconds=1)
        running.work()
    assert load(import_id).state == "failed"
    services.go_on(import_id, ada)
    running.work()
    assert load(import_id).state == "done"
    assert len(addresses()) == 196


def test_a_server_that_ends_gives_its_import_back_at_once(
    app: Flask, ada: int, kernel: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    import_id = started(ada)
    monkeypatch.setattr(kernel.jobs, "stopping", True)
    running.work()
    monkeypatch.setattr(kernel.jobs, "stopping", False)
    assert (load(import_id).state, load(import_id).begun) == ("running", False)
    running.work()
    assert load(import_id).state == "done"


def test_what_is_done_stays_when_an_import_is_ended(app: Flask, ada: int, monkeypatch: pytest.MonkeyPatch) -> None:
    import_id = started(ada)
    progressed = running._Worker.progressed

    def end(self: Any, totals: Totals, failures: Sequence[Failure]) -> None:
        progressed(self, totals, failures)
        if totals.done == 80:
            services.cancel(import_id)

    monkeypatch.setattr(running._Worker, "progressed", end)
    running.work()
    ended = load(import_id)
    assert (ended.state, ended.totals.done, ended.totals.total) == ("cancelled", 80, 200)
    assert len(addresses()) == 78
    assert pieces() == 0


def test_the_number_of_rows_is_known_as_soon_as_an_import_is_queued(app: Flask, ada: int) -> None:
    queued = load(started(ada))
    assert (queued.state, queued.begun, queued.totals) == ("running", False, Totals(total=200))


def test_an_import_that_is_ended_before_it_began_ends_at_once_and_says_of_how_many_rows(app: Flask, ada: int) -> None:
    import_id = started(ada)
    services.cancel(import_id)
    ended = load(import_id)
    assert (ended.state, ended.ending, ended.totals) == ("cancelled", False, Totals(total=200))
    assert ended.ended_at is not None
    assert pieces() == 0
    running.work()
    assert load(import_id) == ended
    assert not addresses()


def test_an_import_that_is_ended_before_its_rows_were_counted_says_of_how_many(
    app: Flask, ada: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    import_id = started(ada)
    told: list[dict[str, Any]] = []
    monkeypatch.setattr(messages, "send", told.append)
    claim = running._claim("running")
    assert claim is not None
    services.cancel(import_id)
    assert load(import_id).ending
    running._work_on(claim)
    ended = load(import_id)
    assert (ended.state, ended.totals) == ("cancelled", Totals(total=200))
    assert [(one["state"], one["ending"], one["total"]) for one in told] == [
        ("running", False, 200),
        ("running", True, 200),
        ("cancelled", False, 200),
    ]


def test_a_check_that_is_ended_before_it_began_leads_back_to_the_columns_at_once(app: Flask, ada: int) -> None:
    import_id = bring(ada)
    services.check(import_id, ada)
    services.cancel(import_id)
    assert (load(import_id).state, load(import_id).ended_at) == ("draft", None)
    assert pieces() == 1


def test_a_check_that_is_ended_leads_back_to_the_columns(app: Flask, ada: int) -> None:
    import_id = bring(ada)
    services.check(import_id, ada)
    claim = running._claim("checking")
    assert claim is not None
    services.cancel(import_id)
    assert load(import_id).ending
    running._work_on(claim)
    assert load(import_id).state == "draft"
    assert pieces() == 1


def test_a_second_import_waits_for_the_first(app: Flask, ada: int, kernel: Any) -> None:
    first = checked(ada)
    kernel.clock.at += timedelta(seconds=1)
    second = checked(ada, "Name\nAndere AG\n")
    services.start(first.id, ada, first.version)
    kernel.clock.at += timedelta(seconds=1)
    services.start(second.id, ada, second.version)
    claim = running._claim("running")
    assert claim is not None
    assert claim.import_id == first.id
    assert running._claim("running") is None, "one at a time"
    ahead = ahead_of(load(second.id))
    assert ahead is not None
    assert ahead.id == first.id
    assert ahead_of(load(first.id)) is None
    running._work_on(claim)
    running.work()
    assert [load(one.id).state for one in (first, second)] == ["done", "done"]


def test_whoever_starts_what_another_has_started_or_changed_is_told(app: Flask, ada: int) -> None:
    stored = checked(ada)
    planned = stored.plan
    assert planned is not None
    services.save_plan(stored.id, replace(planned, assignment=("customer_number", "name", "mobile", "email")))
    with pytest.raises(NotNow, match="draft"):
        services.start(stored.id, ada, stored.version)
    services.check(stored.id, ada)
    running.work()
    with pytest.raises(NotNow, match="changed"):
        services.start(stored.id, ada, stored.version)
    services.start(stored.id, ada, load(stored.id).version)
    for late in (
        lambda: services.start(stored.id, ada, stored.version),
        lambda: services.save_plan(stored.id, planned),
        lambda: services.discard(stored.id),
        lambda: services.check(stored.id, ada),
    ):
        with pytest.raises(NotNow, match="running"):
            late()
    running.work()
    with pytest.raises(NotNow, match="done"):
        services.cancel(stored.id)


def test_of_two_who_start_at_the_same_moment_one_does(own_app: Flask) -> None:
    with own_app.app_context():
        ada = service.create_user("ada", PASSWORD, "administrator")
        stored = checked(ada)
    barrier, results = threading.Barrier(2), []

    def start() -> None:
        with own_app.app_context():
            barrier.wait(10)
            try:
                services.start(stored.id, ada, stored.version)
                results.append("started")
            except NotNow as error:
                results.append(error.state)

    threads = [threading.Thread(target=start) for _place in range(2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(results) == ["running", "started"]
    with own_app.app_context():
        running.work()
        assert len(addresses()) == 196
