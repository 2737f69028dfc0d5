"""Signed notifications that somebody kept and sends once more: nothing changes, not even when their call is gone."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import select

from app.core.database import reading
from app.core.security import keyed_hash
from app.modules.callcenter import inbox, purged
from app.modules.callcenter.models import FIRST_CONNECTION, PurgedCall
from tests.integration.callcenter.phone_system import (
    CUSTOMER,
    PhoneSystem,
    all_calls,
    call_id,
    notifications,
    reports,
    the_call,
)

STORY: dict[str, Callable[[PhoneSystem, str], Any]] = {
    "start": lambda phones, call: phones.incoming(call),
    "answer": lambda phones, call: phones.accepted(call),
    "end": lambda phones, call: phones.hung_up(call),
}


@pytest.fixture
def over(phones: PhoneSystem) -> str:
    """A call with its whole story."""
    call = call_id()
    for tell in STORY.values():
        tell(phones, call)
    return call


def purge(*ids: int) -> int:
    return purged.purge(ids)


def test_an_old_notification_of_a_call_that_is_there_changes_nothing(
    phones: PhoneSystem, over: str, clock: Any
) -> None:
    before, told = the_call(), reports()
    clock.advance(400 * 24 * 3600)
    for tell in STORY.values():
        answer = tell(phones, over)
        assert b"<Response>" in answer.data
    assert (the_call(), reports()) == (before, told)
    assert [n["state"] for n in notifications()[3:]] == ["repeated"] * 3


@pytest.mark.parametrize("first", STORY)
def test_no_notification_of_a_purged_call_brings_it_back(phones: PhoneSystem, over: str, first: str) -> None:
    assert purge(the_call().id) == 1
    assert all_calls() == []
    for tell in (STORY[first], *STORY.values()):
        assert b"<Response>" in tell(phones, over).data
    assert all_calls() == []
    assert reports() == []
    assert [(n["state"], n["call_id"]) for n in notifications()[3:]] == [("repeated", None)] * 4


def test_reading_the_inbox_again_does_not_bring_a_purged_call_back(phones: PhoneSystem, over: str) -> None:
    purge(the_call().id)
    assert inbox.replay() == {"repeated": 3}
    assert all_calls() == []


def test_other_calls_go_on(phones: PhoneSystem, over: str) -> None:
    other = call_id()
    phones.incoming(other)
    purge(the_call(over).id)
    phones.accepted(other)
    phones.hung_up(other)
    new = call_id()
    phones.incoming(new)
    assert the_call(other).phase == "ended"
    assert the_call(new).phase == "ringing"


def test_nothing_is_kept_of_a_purged_call_but_what_nobody_can_read(app: Flask, phones: PhoneSystem, over: str) -> None:
    purge(the_call().id)
    with reading() as session:
        (kept,) = session.execute(select(PurgedCall)).scalars()
    assert kept.digest == purged.digest(FIRST_CONNECTION, over)
    assert len(kept.digest) == 64
    for known in (over, CUSTOMER):
        assert known not in kept.digest
    # With another key it is another text: without the key nobody can try which call it was.
    config = app.extensions["durchwahl"].config
    assert kept.digest != keyed_hash("another key" + config.secret_key, "purged call", over)


def test_purging_twice_or_what_is_not_there_does_no_harm(phones: PhoneSystem, over: str) -> None:
    row = the_call().id
    assert [purge(row), purge(row), purge(987_654), purge()] == [1, 0, 0, 0]
