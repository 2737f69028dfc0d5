"""Open pages of an address hear that its notes have changed."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import pytest
from flask import Flask

from app.core.modules import Permission
from app.modules.addresses.note_services import NoteInput, create_note, delete_note
from tests.conftest import logged_in_client


@pytest.fixture
def ears(app: Flask, make_user: Any) -> Iterator[Callable[..., Callable[[], list[Any]]]]:
    """``ears(role)``: an open browser; what it returns tells what that has heard of notes since the last time."""
    sockets = []

    def listen(role: str = "staff") -> Callable[[], list[Any]]:
        http = logged_in_client(app, make_user(role=role))
        socket = app.extensions["durchwahl"].realtime.socketio.test_client(app, flask_test_client=http)
        sockets.append(socket)
        return lambda: [one["args"][0] for one in socket.get_received() if one["name"] == "notes"]

    yield listen
    for socket in sockets:
        socket.disconnect()


def test_every_open_browser_hears_which_address_has_other_notes_now_and_nothing_of_what_they_say(
    ears: Any, make_address: Any
) -> None:
    anna, ben = ears(), ears()
    address_id = make_address()
    note_id = create_note(NoteInput("Streng vertraulich", address_id=address_id))
    assert anna() == ben() == [{"address_id": address_id}]
    delete_note(note_id)
    assert anna() == [{"address_id": address_id}]


def test_a_note_of_no_address_is_on_no_page_of_one(ears: Any) -> None:
    anna = ears()
    create_note(NoteInput("Unbekannter Anrufer"))
    assert anna() == []


def test_who_may_not_look_at_addresses_hears_nothing(
    app: Flask, ears: Any, make_address: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    denied = Permission("addresses.view", "", staff=False)
    monkeypatch.setitem(app.extensions["durchwahl"].permissions, "addresses.view", denied)
    anna, chief = ears(), ears("administrator")
    address_id = make_address()
    create_note(NoteInput("Neu", address_id=address_id))
    assert (anna(), chief()) == ([], [{"address_id": address_id}])
