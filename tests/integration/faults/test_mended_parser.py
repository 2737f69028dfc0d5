"""What a mistake of ours keeps from being understood: kept, shown, tried again, and in the end counted once."""

from __future__ import annotations

import itertools
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient

from app.modules.callcenter import health, inbox, jobs, statistics
from app.modules.callcenter.domain.statistics import Figures
from app.modules.callcenter.providers.base import Decision
from app.modules.callcenter.providers.placetel.provider import PlacetelProvider
from tests.integration.callcenter.phone_system import (
    EVERYTHING,
    PhoneSystem,
    all_calls,
    call_id,
    configure,
    notifications,
    reports,
    the_call,
)
from tests.integration.faults.ledger import EVER


@pytest.fixture
def phones(app: Flask) -> PhoneSystem:
    configure(app)
    return PhoneSystem(app)


def mistaken(*_given: Any) -> Any:
    raise KeyError("a field that is not always there")


def tell_a_call(phones: PhoneSystem, clock: Any) -> None:
    call = call_id()
    for tell in (phones.incoming, phones.accepted, phones.hung_up):
        tell(call)
        clock.advance(1)


def lights(app: Flask) -> list[tuple[str, str]]:
    """How *Systemzustand* judges what waits, and where that leads."""
    with app.test_request_context("/health"):
        return [(light.level, light.path or "") for light in health._waiting()]


def attempts() -> set[int]:
    return {row["attempts"] for row in notifications()}


def test_what_a_mistake_of_ours_kept_back_is_seen_tried_again_and_counted_once_when_it_is_mended(
    app: Flask, phones: PhoneSystem, admin: FlaskClient, clock: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    with monkeypatch.context() as patched:
        patched.setattr(PlacetelProvider, "parse", mistaken)
        tell_a_call(phones, clock)
        assert [(row["state"], row["reason"]) for row in notifications()] == [("failed", "KeyError")] * 3
        assert all_calls() == []
        ((level, path),) = lights(app)
        assert level == "error"
        assert admin.get(path).get_data(as_text=True).count("<code>KeyError</code>") == 3
        shown = admin.get(f"/callcenter/log/{notifications()[0]['id']}").get_data(as_text=True)
        assert "Nächster Versuch" in shown
        # Each time it waits longer.
        for number, pause in enumerate(inbox.RETRY_AFTER, 1):
            clock.advance(pause.total_seconds() - 10)
            jobs.retry()
            assert attempts() == {number}
            clock.advance(20)
            jobs.retry()
            assert attempts() == {number + 1}
        assert all(one < another for one, another in itertools.pairwise(inbox.RETRY_AFTER))
        # Then it is a person's turn, and that is said.
        ((level, path),) = lights(app)
        assert level == "error"
        assert admin.get(path).get_data(as_text=True).count("<code>KeyError</code>") == 3
        shown = admin.get(f"/callcenter/log/{notifications()[0]['id']}").get_data(as_text=True)
        assert "keiner mehr von selbst" in shown
    for _again in range(2):
        result = app.test_cli_runner().invoke(args=["callcenter", "replay", "--failed"])
        assert result.exit_code == 0, result.output
        jobs.retry()
        assert {row["state"] for row in notifications()} == {"processed"}
        assert attempts() == {len(inbox.RETRY_AFTER) + 2}
        assert (the_call().phase, the_call().talk_seconds, len(reports())) == ("ended", 42, 3)
        figures = sum((bucket.figures for bucket in statistics.buckets(*EVER, seen_by=EVERYTHING)), Figures())
        assert (figures.incoming, figures.answered, figures.talk_seconds) == (1, 1, 42)
        assert [level for level, _path in lights(app)] == ["ok"]


def test_when_it_is_mended_in_time_nobody_has_to_do_anything(
    phones: PhoneSystem, clock: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    with monkeypatch.context() as patched:
        patched.setattr(PlacetelProvider, "parse", mistaken)
        tell_a_call(phones, clock)
    # Others come meanwhile, and are not kept back by it.
    phones.hung_up(call_id())
    clock.advance(31)
    jobs.retry()
    assert {row["state"] for row in notifications()} == {"processed"}
    assert (len(all_calls()), len(reports())) == (2, 4)


def test_a_notification_that_was_interrupted_is_found_behind_its_light(
    app: Flask, phones: PhoneSystem, admin: FlaskClient, clock: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    with monkeypatch.context() as patched:
        patched.setattr(inbox, "take", lambda provider, request, _waits: _stored_only(provider, request))
        phones.incoming(call_id())
    assert [level for level, _path in lights(app)] == ["ok"]
    clock.advance(inbox.INTERRUPTED_AFTER.total_seconds() + 1)
    ((level, path),) = lights(app)
    assert level == "warning"
    assert f"/callcenter/log/{notifications()[0]['id']}" in admin.get(path).get_data(as_text=True)
    jobs.retry()
    assert the_call().phase == "ringing"
    assert [level for level, _path in lights(app)] == ["ok"]


def _stored_only(intake: Any, request: Any) -> inbox.Processed:
    inbox.receive(intake, request)
    return inbox.Processed(inbox.NEW, Decision())
