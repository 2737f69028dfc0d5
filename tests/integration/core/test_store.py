from __future__ import annotations

import threading
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import select

from app.core.accounts.models import User
from app.core.clock import FixedClock
from app.core.database import insert_or_ignore, reading, transaction
from app.core.events import publish
from app.core.jobs import Job, JobState
from app.core.settings import Secret, Setting
from app.core.versions import Version
from app.modules.callcenter.settings import CallcenterSettings, ConnectionSettings
from tests import watching


@dataclass(frozen=True)
class Happened:
    text: str


def _publish_and_fail() -> None:
    with transaction() as session:
        publish(session, Happened("two"))
        raise KeyError


def test_events_come_after_the_commit_and_not_at_all_after_a_rollback(app: Flask, kernel: Any) -> None:
    heard: list[str] = []
    kernel.bus.subscribe(Happened, lambda event: heard.append(event.text))
    with transaction() as session:
        publish(session, Happened("one"))
        assert heard == []
    assert heard == ["one"]
    with pytest.raises(KeyError):
        _publish_and_fail()
    assert heard == ["one"]


def test_a_failing_handler_stops_nobody_else(app: Flask, kernel: Any) -> None:
    heard: list[str] = []

    def fail(_event: Happened) -> None:
        raise ValueError

    kernel.bus.subscribe(Happened, fail)
    kernel.bus.subscribe(Happened, lambda event: heard.append(event.text))
    with transaction() as session:
        publish(session, Happened("one"))
    assert "one" in heard


def test_a_transaction_inside_a_transaction_is_refused(app: Flask) -> None:
    with transaction(), pytest.raises(RuntimeError), transaction():
        pass


def test_a_naive_time_is_refused(app: Flask) -> None:
    with pytest.raises(Exception, match="naive"), transaction() as session:
        session.add(JobState(name="x", next_run_at=datetime(2026, 1, 1)))  # noqa: DTZ001 (that is the point)


def test_the_second_insert_of_a_key_is_ignored(app: Flask) -> None:
    with transaction() as session:
        assert insert_or_ignore(session, Version, {"name": "x", "value": 1}, ["name"])
        assert not insert_or_ignore(session, Version, {"name": "x", "value": 2}, ["name"])
    with reading() as session:
        assert session.execute(select(Version.value).where(Version.name == "x")).scalar_one() == 1


def test_a_secret_is_encrypted_at_rest_and_never_prints_itself(app: Flask, kernel: Any) -> None:
    with transaction() as session:
        kernel.settings.save(session, ConnectionSettings, {"api_key": "very-secret"}, part="placetel")
    with reading() as session:
        stored = session.execute(select(Setting.value).where(Setting.name == "api_key")).scalar_one()
    assert "very-secret" not in stored
    settings = kernel.settings.load(ConnectionSettings, part="placetel")
    assert settings.api_key.reveal() == "very-secret"
    assert settings.api_key.set_at == kernel.clock.now()
    assert "very-secret" not in f"{settings} {settings!r} {settings.api_key}"


def test_a_secret_is_removed_by_an_empty_text(app: Flask, kernel: Any) -> None:
    with transaction() as session:
        kernel.settings.save(session, ConnectionSettings, {"api_key": "x", "target_style": "e164"}, part="placetel")
    with transaction() as session:
        kernel.settings.save(session, ConnectionSettings, {"api_key": ""}, part="placetel")
    settings = kernel.settings.load(ConnectionSettings, part="placetel")
    assert settings.api_key is None
    assert settings.target_style == "e164"


def test_a_secret_under_another_key_is_said_to_be_unreadable(app: Flask, kernel: Any) -> None:
    from app.core.security import Cipher

    with transaction() as session:
        session.add(
            Setting(
                module="callcenter/placetel",
                name="api_key",
                value=Cipher("another key").encrypt("x"),
                updated_at=kernel.clock.now(),
            )
        )
    found = kernel.settings.load(ConnectionSettings, part="placetel").api_key
    assert isinstance(found, Secret)
    assert not found.readable


def test_an_unknown_setting_is_an_error(app: Flask, kernel: Any) -> None:
    with pytest.raises(KeyError, match=r"callcenter\.colour"), transaction() as session:
        kernel.settings.save(session, CallcenterSettings, {"colour": "red"})


def test_a_change_made_elsewhere_is_noticed_at_the_next_look(app: Flask, kernel: Any) -> None:
    kernel.versions.check(max_age=0)
    assert kernel.settings.load(ConnectionSettings, part="placetel").target_style == "national"
    with transaction() as session:
        # As another process would: the rows change, this process's memory does not.
        session.add(
            Setting(module="callcenter/placetel", name="target_style", value='"e164"', updated_at=kernel.clock.now())
        )
        session.merge(Version(name="settings", value=77))
    assert kernel.settings.load(ConnectionSettings, part="placetel").target_style == "national"
    kernel.versions.check(max_age=0)
    assert kernel.settings.load(ConnectionSettings, part="placetel").target_style == "e164"


def test_a_job_runs_when_its_time_has_come_and_keeps_its_error(app: Flask, kernel: Any, clock: FixedClock) -> None:
    runs: list[int] = []

    def work() -> None:
        runs.append(1)
        raise ValueError("broken")

    kernel.jobs.jobs["test.job"] = Job("test.job", 60, work)
    try:
        assert "test.job" in kernel.jobs.run_due()
        assert "test.job" not in kernel.jobs.run_due()
        clock.advance(61)
        assert "test.job" in kernel.jobs.run_due()
        assert "test.job" in kernel.jobs.run_due(everything=True)
    finally:
        del kernel.jobs.jobs["test.job"]
    assert len(runs) == 3
    with reading() as session:
        assert session.get_one(JobState, "test.job").last_error == "ValueError: broken"


def test_long_jobs_run_apart_so_that_short_ones_do_not_wait_for_them(own_app: Flask) -> None:
    kernel = own_app.extensions["durchwahl"]
    kernel.jobs.jobs.clear()
    kernel.jobs.add(Job("test.short", 60, lambda: None))
    kernel.jobs.add(Job("test.long", 60, lambda: None, long=True))
    with own_app.app_context():
        assert kernel.jobs.run_due_short() == ["test.short"]
        assert kernel.jobs.run_due_long() == ["test.long"]
        assert kernel.jobs.run_due() == []
        assert kernel.jobs.run_due(everything=True) == ["test.short", "test.long"]


def test_to_look_what_is_due_is_one_statement_however_many_jobs_there_are(own_app: Flask) -> None:
    kernel = own_app.extensions["durchwahl"]
    kernel.jobs.jobs.clear()
    for number in range(20):
        kernel.jobs.add(Job(f"test.{number}", 60, lambda: None))
    with own_app.app_context():
        assert len(kernel.jobs.run_due_short()) == 20
        with watching.statements(kernel.database) as heard:
            assert kernel.jobs.run_due_short() == []
    assert [text.split()[0] for text in heard if text not in ("BEGIN", "ROLLBACK")] == ["SELECT"]


def test_what_changed_elsewhere_is_looked_for_with_one_statement(own_app: Flask) -> None:
    kernel = own_app.extensions["durchwahl"]
    kernel.versions.check(max_age=0)
    with watching.statements(kernel.database) as heard:
        kernel.versions.check(max_age=0)
    assert [text.split()[0] for text in heard if text not in ("BEGIN", "ROLLBACK")] == ["SELECT"]


def test_a_job_runs_once_among_many_workers(own_app: Flask) -> None:
    kernel = own_app.extensions["durchwahl"]
    runs: list[int] = []
    kernel.jobs.jobs.clear()
    kernel.jobs.add(Job("test.once", 60, lambda: runs.append(1)))
    ready = threading.Barrier(6)

    def worker() -> None:
        with own_app.app_context():
            ready.wait()
            kernel.jobs.run_due()

    threads = [threading.Thread(target=worker) for _ in range(6)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert runs == [1]


def test_many_threads_write_without_losing_anything(own_app: Flask) -> None:
    kernel = own_app.extensions["durchwahl"]
    failures: list[BaseException] = []

    def worker() -> None:
        try:
            for _ in range(20):
                with kernel.database.transaction() as session:
                    kernel.versions.bump(session, "race")
        except BaseException as error:  # noqa: BLE001 (whatever it is, the test shows it)
            failures.append(error)

    threads = [threading.Thread(target=worker) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert not failures
    with kernel.database.reading() as session:
        assert session.execute(select(Version.value).where(Version.name == "race")).scalar_one() == 160


def test_of_many_who_create_the_same_user_one_succeeds(own_app: Flask) -> None:
    from app.core.accounts import service

    results: list[str] = []
    ready = threading.Barrier(4)

    def worker() -> None:
        with own_app.app_context():
            ready.wait()
            try:
                service.create_user("Anna", "long enough password", "staff")
                results.append("created")
            except service.AccountError as error:
                results.append(error.code)

    threads = [threading.Thread(target=worker) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(results) == ["created", "username_taken", "username_taken", "username_taken"]
    with own_app.app_context(), reading() as session:
        assert len(session.execute(select(User.id)).all()) == 1
