"""*Datenschutz*: how long each kind is kept, what would go today, and the run that lets it go."""

from __future__ import annotations

import json
from collections.abc import Iterator
from datetime import datetime
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import select, update

from app.core.database import reading, transaction
from app.core.privacy import running
from app.core.privacy.kinds import RetentionKind
from app.core.privacy.models import RetentionRun
from app.modules.addresses.note_services import NoteInput, create_note
from app.modules.addresses.settings import address_settings
from app.modules.callcenter import connection
from app.modules.callcenter.audit_models import AuditEntry
from tests.conftest import csrf_of
from tests.integration.callcenter.phone_system import PhoneSystem, call_id, notifications, the_call

DAY = 24 * 3600
DEFAULTS = {
    "callcenter_notifications": "30",
    "callcenter_unknown_calls": "180",
    "callcenter_calls": "730",
    "callcenter_orders": "180",
    "callcenter_callbacks": "365",
    "addresses_notes": "",
    "addresses_deleted_notes": "90",
}


def _post(client: FlaskClient, path: str = "", **days: str) -> Any:
    data = {**DEFAULTS, **days, "csrf_token": csrf_of(client)}
    return client.post(f"/privacy{path}", data=data, follow_redirects=True)


def _stranger_called(phones: PhoneSystem) -> None:
    call = call_id()
    phones.incoming(call)
    phones.hung_up(call)


def test_the_page_shows_what_is_set(admin: FlaskClient) -> None:
    page = admin.get("/privacy").text
    assert "Es gab noch keinen Lauf." in page
    for name, days in DEFAULTS.items():
        assert f'name="{name}" inputmode="numeric" maxlength="20" value="{days}"' in page


def test_days_are_saved_and_written_down(admin: FlaskClient) -> None:
    page = _post(admin, callcenter_unknown_calls="90", addresses_notes="3650", callcenter_calls="")
    assert "Gespeichert." in page.text
    chosen = connection.settings()
    assert (chosen.unknown_days, chosen.call_days, address_settings().note_days) == (90, 0, 3650)
    with reading() as session:
        entry = session.execute(select(AuditEntry).where(AuditEntry.kind == "change")).scalar_one()
    assert json.loads(entry.before or "") == {"unknown_days": 180, "call_days": 730, "note_days": 0}
    assert json.loads(entry.after or "") == {"unknown_days": 90, "call_days": 0, "note_days": 3650}
    log = admin.get("/callcenter/audit").text
    assert "Tage, bis Anrufe anonymisiert werden" in log
    assert "unbegrenzt" in log


@pytest.mark.parametrize("odd", ["6", "3651", "-1", "0", "neunzig", "٣", "9" * 20])
def test_an_odd_number_of_days_is_refused_and_nothing_is_lost(admin: FlaskClient, odd: str) -> None:
    page = _post(admin, callcenter_unknown_calls=odd, addresses_notes="400")
    assert page.status_code == 422
    assert "ganze Zahl von Tagen von 7 bis 3650" in page.text
    assert f'value="{odd}"' in page.text
    assert 'value="400"' in page.text
    assert (connection.settings().unknown_days, address_settings().note_days) == (180, 0)


def test_raw_notifications_are_never_kept_for_ever(admin: FlaskClient) -> None:
    assert "von 1 bis 365 ein." in _post(admin, callcenter_notifications="").text
    assert connection.settings().notification_days == 30


def test_the_preview_counts_what_would_go_and_changes_nothing(
    client_for: Any, phones: PhoneSystem, clock: Any, make_user: Any
) -> None:
    _stranger_called(phones)
    create_note(NoteInput("Rückfrage"), by=make_user())
    clock.advance(40 * DAY)
    page = _post(client_for(role="administrator"), "/preview", callcenter_unknown_calls="39", addresses_notes="39").text
    # The call itself, and the note; of the notifications two.
    assert "Heute zu anonymisieren: 1" in page
    assert "Heute zu löschen: 1" in page
    assert "Heute zu löschen: 2" in page
    assert 'value="39"' in page
    assert connection.settings().unknown_days == 180
    assert the_call().remote_e164 is not None
    assert len(notifications()) == 2


def test_a_run_lets_go_what_the_preview_counted(phones: PhoneSystem, clock: Any, client_for: Any) -> None:
    _stranger_called(phones)
    clock.advance(181 * DAY)
    expected = {key: count for key, count in running.preview().items() if count}
    assert expected == {"callcenter.notifications": 2, "callcenter.unknown_calls": 1}
    admin = client_for(role="administrator")
    assert _post(admin, "/run").status_code == 200
    assert the_call().remote_e164 is None
    last = running.last_run()
    assert last is not None
    assert (last.counts, last.under_way) == (expected, False)
    assert not any(running.preview().values())
    page = admin.get("/privacy").text
    assert "1 anonymisiert" in page
    assert "2 gelöscht" in page


def test_one_run_at_a_time_and_a_killed_one_goes_on(
    app: Flask, phones: PhoneSystem, clock: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    _stranger_called(phones)
    clock.advance(181 * DAY)

    def killed(_until: datetime) -> Iterator[int]:
        yield 1
        raise KeyboardInterrupt

    kinds = app.extensions["durchwahl"].privacy._kinds
    whole: RetentionKind = kinds["callcenter.unknown_calls"]
    monkeypatch.setitem(kinds, whole.key, _with(whole, killed))
    with pytest.raises(KeyboardInterrupt):
        running.run_when_due()
    monkeypatch.setitem(kinds, whole.key, whole)
    with pytest.raises(running.Busy):
        running.run()
    running.run_when_due()
    assert the_call().remote_e164 is not None
    clock.advance(running.LEASE.total_seconds())
    running.run_when_due()
    assert the_call().remote_e164 is None


def _with(kind: RetentionKind, apply: Any) -> RetentionKind:
    values = {name: getattr(kind, name) for name in kind.__dataclass_fields__}
    return RetentionKind(**{**values, "apply": apply})


def test_a_run_that_lost_its_lease_stops(phones: PhoneSystem, clock: Any, app: Flask, monkeypatch: Any) -> None:
    went_on = []

    def slow(_until: datetime) -> Iterator[int]:
        with transaction() as session:
            session.execute(update(RetentionRun).values(holder="somebody else"))
        yield 1
        went_on.append(True)

    kinds = app.extensions["durchwahl"].privacy._kinds
    monkeypatch.setitem(kinds, "callcenter.calls", _with(kinds["callcenter.calls"], slow))
    running.run()
    assert not went_on


def test_the_job_runs_once_a_day(phones: PhoneSystem, clock: Any) -> None:
    running.run_when_due()
    first = running.last_run()
    clock.advance(DAY - 1)
    running.run_when_due()
    assert running.last_run() == first
    clock.advance(1)
    running.run_when_due()
    assert running.last_run() != first


def test_the_command_tells_and_does(app: Flask, phones: PhoneSystem, clock: Any) -> None:
    _stranger_called(phones)
    clock.advance(181 * DAY)
    runner = app.test_cli_runner()
    told = runner.invoke(args=["privacy", "run", "--dry-run"])
    assert "callcenter.unknown_calls: 1 would be anonymised" in told.output
    assert the_call().remote_e164 is not None
    done = runner.invoke(args=["privacy", "run"])
    assert (done.exit_code, "callcenter.unknown_calls: 1 anonymised" in done.output) == (0, True)
    assert the_call().remote_e164 is None
