"""Open pages of an address hear of its notes."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from flask import Flask

from app.core.database import transaction
from app.modules.addresses.note_services import (
    NoteInput,
    attach_notes_of_origin,
    create_note,
    detach_notes,
    update_note,
)
from tests.conftest import NOW
from tests.integration.callcenter.open_browser import Browser


def test_a_note_that_is_moved_is_told_to_the_pages_of_both_addresses(
    app: Flask, make_user: Any, make_address: Callable[..., int]
) -> None:
    browser = Browser(app, make_user("anna"))
    one, other = make_address("Rheinwerk GmbH"), make_address("Nordlicht KG")
    note_id = create_note(NoteInput(subject="Angebot", address_id=one))
    assert browser.heard("notes") == [{"address_id": one}]
    update_note(note_id, None, NoteInput(subject="Angebot", address_id=other))
    assert browser.heard("notes") == [{"address_id": other}, {"address_id": one}]
    update_note(note_id, None, NoteInput(subject="Zweites Angebot", address_id=other))
    assert browser.heard("notes") == [{"address_id": other}]
    update_note(note_id, None, NoteInput(subject="Zweites Angebot"))
    assert browser.heard("notes") == [{"address_id": other}]


def test_an_address_that_is_taken_from_a_note_again_hears_of_it(
    app: Flask, make_user: Any, make_address: Callable[..., int]
) -> None:
    browser = Browser(app, make_user("anna"))
    address_id = make_address("Rheinwerk GmbH")
    create_note(NoteInput(subject="Angebot", origin="call:5"))
    with transaction() as session:
        attached = attach_notes_of_origin(session, "call:5", address_id, NOW)
    assert browser.heard("notes") == [{"address_id": address_id}]
    with transaction() as session:
        detach_notes(session, attached, NOW)
    assert browser.heard("notes") == [{"address_id": address_id}]
