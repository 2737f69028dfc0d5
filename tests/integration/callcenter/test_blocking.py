"""Numbers are put on the block list: again when their entry has expired, and as people write them."""

from __future__ import annotations

from datetime import timedelta

import pytest
from flask import Flask
from sqlalchemy import event

from app.modules.callcenter import blocking, control_book
from app.modules.callcenter.blocking import Numbers, numbers_of
from app.modules.callcenter.control_models import BlockEntry
from app.modules.callcenter.domain.block_list import EntryKind
from tests.integration.callcenter.phone_system import PhoneSystem
from tests.integration.callcenter.test_call_control import NOTHING, answer, block


def test_a_number_whose_entry_has_expired_is_blocked_anew(phones: PhoneSystem, app: Flask) -> None:
    now = app.extensions["durchwahl"].clock.now()
    expired = block("0171 3920002", expires_at=now, busy=True, note="once")
    assert answer(phones, "01713920002") == NOTHING
    assert block("0171 3920002", note="again") == expired
    assert answer(phones, "01713920002") == "<Reject />"
    (entry,) = blocking.listed(9).entries
    assert (entry.expires_at, entry.busy, entry.note) == (None, False, "again")
    with pytest.raises(blocking.AlreadyListed):
        block("0171 3920002")


def test_a_number_whose_entry_has_expired_is_blocked_anew_when_the_list_is_full(
    phones: PhoneSystem, app: Flask, monkeypatch: pytest.MonkeyPatch
) -> None:
    block("0171 3920002", expires_at=app.extensions["durchwahl"].clock.now())
    monkeypatch.setattr(blocking, "MAX_ENTRIES", 1)
    block("0171 3920002")
    assert answer(phones, "01713920002") == "<Reject />"
    with pytest.raises(blocking.Full):
        block("0171 3920003")


@pytest.mark.parametrize("typed", ["0221 – 4710057", "0221 - 4710057", "0221 — 471 00 57", "0221–4710057"])
def test_a_dash_behind_the_area_code_makes_no_range(phones: PhoneSystem, typed: str) -> None:
    assert numbers_of(typed) == Numbers(EntryKind.EXACT, "+492214710057", "+492214710057")


def test_a_long_list_is_read_as_plain_values(phones: PhoneSystem, app: Flask) -> None:
    """As objects of the database it took the call after a change of rules a fifth of a second for ten thousand."""
    now = app.extensions["durchwahl"].clock.now()
    block("0221 4710123", busy=True, expires_at=now + timedelta(days=1))
    made: list[object] = []
    event.listen(BlockEntry, "load", lambda target, _context: made.append(target))
    found = control_book.fresh().block_list.find("+492214710123", now)
    assert found is not None
    assert (found.kind, found.busy, found.expires_at) == (EntryKind.EXACT, True, now + timedelta(days=1))
    assert made == []
