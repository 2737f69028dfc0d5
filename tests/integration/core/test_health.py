"""The page of the installation's state, and what supervisors ask."""

from __future__ import annotations

import os
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import update

from app.core import health_checks
from app.core.commands import structure
from app.core.database import transaction
from app.core.health import Health, Light, Section, worst
from app.core.jobs import JobState
from app.core.modules import ModuleStates
from app.core.realtime import Realtime
from app.modules.callcenter import health as of_calls
from app.modules.callcenter import inbox, recognition
from app.modules.callcenter.models import DialOrderRow, Notification
from tests.conftest import NOW, build_app, logged_in_client
from tests.integration.callcenter.phone_system import PhoneSystem, configure


def found(check: Callable[[], Any]) -> dict[str, str]:
    """What a check said, sentences by their first words."""
    return {light.sentence: light.level for light in check()}


def level_of(check: Callable[[], Any], words: str) -> str:
    """The level of the one light that says this."""
    (level,) = (level for sentence, level in found(check).items() if words in sentence)
    return level


@pytest.fixture(autouse=True)
def _in_english(app: Flask) -> Any:
    with app.test_request_context("/health", headers={"Accept-Language": "en"}):
        yield


def test_the_worst_light_stands_for_all() -> None:
    assert worst([]) == "ok"
    assert worst(["ok", "error", "warning"]) == "error"
    assert worst(["warning", "ok"]) == "warning"


def test_a_check_that_fails_costs_no_other() -> None:
    def broken() -> list[Light]:
        raise LookupError("nothing there")

    health = Health()
    health.add(Section("Broken", broken, lambda: True))
    health.add(Section("Whole", lambda: [Light("ok", "Fine."), Light("warning", "Hm.")], lambda: True))
    health.add(Section("Gone", broken, lambda: False))
    broken_one, whole = health.look()
    assert (broken_one.title, broken_one.level) == ("Broken", "error")
    assert "LookupError" in broken_one.lights[0].sentence
    assert [light.level for light in whole.lights] == ["warning", "ok"]


def test_the_page_shows_core_and_active_modules(app: Flask, make_user: Callable[..., int]) -> None:
    client = logged_in_client(app, make_user("admin", role="administrator"))
    page = client.get("/health").get_data(as_text=True)
    assert "Datenbank" in page
    assert "Telefonanlage" in page
    states: ModuleStates = app.extensions["durchwahl"].states
    states.set_active("callcenter", False)
    assert "Telefonanlage" not in client.get("/health").get_data(as_text=True)


def test_the_page_shows_commands_as_such(
    app: Flask, make_user: Callable[..., int], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(structure, "head_revision", lambda: "9999_next")
    page = logged_in_client(app, make_user("admin", role="administrator")).get("/health").get_data(as_text=True)
    assert "<code>flask db upgrade</code>" in page
    assert "`" not in page


def test_staff_do_not_see_it(app: Flask, make_user: Callable[..., int]) -> None:
    assert logged_in_client(app, make_user("anna")).get("/health").status_code == 403


class TestCore:
    def test_names_the_database_and_its_version(self, kernel: Any) -> None:
        kind = "SQLite" if kernel.database.is_sqlite else "PostgreSQL"
        assert level_of(health_checks.database, f"{kind} ") == "ok"

    def test_tells_of_a_structure_that_is_not_this_version_s(self, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr(structure, "head_revision", lambda: "9999_next")
        assert level_of(health_checks.database, "flask db upgrade") == "error"

    def test_tells_how_much_room_there_is(self, monkeypatch: pytest.MonkeyPatch) -> None:
        for free, level in ((50 * 10**9, "ok"), (10**9, "warning"), (10**8, "error")):
            monkeypatch.setattr("shutil.disk_usage", lambda _path, free=free: _Usage(free))
            assert level_of(health_checks.disk, "GB are free") == level

    def test_asks_for_a_backup_and_tells_how_old_it_is(self, tmp_path: Path) -> None:
        folder = tmp_path / "backups"
        assert health_checks._backup(folder).level == "warning"
        folder.mkdir()
        file = folder / "durchwahl.db"
        file.touch()
        os.utime(file, (NOW.timestamp(), NOW.timestamp() - 3600))
        assert health_checks._backup(folder).level == "ok"
        os.utime(file, (NOW.timestamp(), NOW.timestamp() - 2 * 86400))
        assert health_checks._backup(folder).level == "warning"

    def test_sees_jobs_that_nobody_runs_and_jobs_that_fail(self, kernel: Any) -> None:
        assert level_of(health_checks.jobs, "Nobody runs") == "error"
        kernel.jobs.run_due(everything=True)
        assert list(found(health_checks.jobs).values()) == ["ok"]
        one = next(iter(kernel.jobs.jobs))
        with transaction() as session:
            session.execute(update(JobState).where(JobState.name == one).values(last_error="ValueError: no"))
        assert found(health_checks.jobs) == {f"“{one}” failed: ValueError: no": "error"}
        with transaction() as session:
            session.execute(update(JobState).values(last_error=None, next_run_at=NOW - timedelta(hours=1)))
        assert level_of(health_checks.jobs, "Nobody runs") == "error"

    def test_counts_the_browsers(self, monkeypatch: pytest.MonkeyPatch) -> None:
        for held, level in ((3, "ok"), (19, "warning")):
            monkeypatch.setattr(Realtime, "open_sockets", held)
            assert level_of(health_checks.connections, f"{held} of at most 20 browsers") == level

    @pytest.mark.parametrize(
        ("public_url", "base_url", "words", "level"),
        [
            (None, "http://localhost", "PUBLIC_URL is not set", "warning"),
            ("http://erp.example", "http://erp.example", "without https", "warning"),
            ("https://erp.example", "http://erp.example", "set PROXY_HOPS", "error"),
            ("https://erp.example", "https://erp.example", "Reached under", "ok"),
        ],
    )
    def test_compares_the_address(
        self, tmp_path: Path, public_url: str | None, base_url: str, words: str, level: str
    ) -> None:
        other = build_app(f"sqlite:///{tmp_path / 'x.db'}", tmp_path, public_url=public_url)
        with other.test_request_context("/health", base_url=base_url, headers={"Accept-Language": "en"}):
            assert level_of(health_checks.address, words) == level

    def test_says_that_redis_does_not_answer(self, tmp_path: Path) -> None:
        url = "postgresql+psycopg://nobody@127.0.0.1:1/none"
        other = build_app(url, tmp_path, redis_url="redis://127.0.0.1:1/0")
        with other.test_request_context("/health", headers={"Accept-Language": "en"}):
            assert level_of(health_checks.connections, "Redis does not answer") == "error"


class TestTheTelephoneSystem:
    def test_that_is_not_set_up_is_told_what_lacks(self) -> None:
        assert level_of(of_calls.lights, "no shared secret") == "error"
        assert level_of(of_calls.lights, "no API key") == "warning"

    def test_waits_for_the_first_notification(self, app: Flask) -> None:
        configure(app)
        assert level_of(of_calls.lights, "No notification has ever arrived") == "warning"

    def test_that_works_says_when_it_was_last_heard(self, app: Flask) -> None:
        configure(app)
        PhoneSystem(app).incoming("a" * 64)
        assert level_of(of_calls.lights, "the last one came on") == "ok"
        assert level_of(of_calls.lights, "Every notification was processed") == "ok"

    def test_tells_of_notifications_that_failed(self, app: Flask, monkeypatch: pytest.MonkeyPatch) -> None:
        configure(app)

        def broken(*_given: Any) -> Any:
            raise RuntimeError("broken")

        monkeypatch.setattr(recognition, "recognise", broken)
        PhoneSystem(app).incoming("a" * 64)
        assert level_of(of_calls.lights, "1 notification could not be processed") == "error"

    def test_tells_of_notifications_that_were_interrupted(self, app: Flask, clock: Any) -> None:
        configure(app)
        PhoneSystem(app).incoming("a" * 64)
        with transaction() as session:
            session.execute(update(Notification).values(state=inbox.NEW))
        assert "interrupted" not in " ".join(found(of_calls.lights))
        clock.advance(120)
        assert level_of(of_calls.lights, "1 notification was interrupted") == "warning"

    def test_hears_when_calls_are_dialled_and_nothing_is_reported(
        self, app: Flask, make_user: Callable[..., int], clock: Any
    ) -> None:
        configure(app)
        user_id = make_user("clara")

        def dial(key: str) -> None:
            order = DialOrderRow(
                connection="placetel",
                user_id=user_id,
                idempotency_key=key,
                target_raw="0221 4710-0",
                state="accepted",
                created_at=NOW,
            )
            with transaction() as session:
                session.add(order)

        dial("1")
        dial("2")
        clock.advance(360)
        assert "dialled" not in " ".join(found(of_calls.lights)), "who does not pick up is not reported"
        clock.advance(-360)
        dial("3")
        assert "dialled" not in " ".join(found(of_calls.lights)), "it may be reported yet"
        clock.advance(360)
        assert level_of(of_calls.lights, "3 calls were dialled, but no notification has arrived") == "error"
        PhoneSystem(app).incoming("a" * 64)
        assert "dialled" not in " ".join(found(of_calls.lights))


class TestSupervisors:
    def test_hear_that_the_process_answers(self, app: Flask) -> None:
        answer = app.test_client().get("/healthz")
        assert (answer.status_code, answer.json) == (200, {"state": "alive"})

    def test_hear_that_it_is_ready(self, app: Flask) -> None:
        assert app.test_client().get("/readyz").status_code == 200

    def test_hear_that_the_structure_is_old(self, app: Flask, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr(structure, "head_revision", lambda: "9999_next")
        answer = app.test_client().get("/readyz")
        assert (answer.status_code, "run `flask db upgrade`" in answer.get_json()["reason"]) == (503, True)

    def test_hear_that_the_database_is_away(self, tmp_path: Path) -> None:
        other = build_app("postgresql+psycopg://nobody:hidden@127.0.0.1:1/none", tmp_path)
        client = other.test_client()
        assert client.get("/healthz").status_code == 200
        answer = client.get("/readyz")
        assert (answer.status_code, answer.get_json()["reason"]) == (503, "The database cannot be reached.")


class _Usage:
    def __init__(self, free: int) -> None:
        self.free = free
