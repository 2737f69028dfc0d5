from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from app.core.clock import FixedClock
from app.core.database import reading, transaction
from app.modules.addresses.api import (
    NotePrefill,
    NoteSaved,
    NoteSummary,
    notes_of_origins,
    register_note_source,
    set_note_duration,
)
from app.modules.addresses.note_reading import NoteDetail, get_note, notes_of_address, notes_without_address
from app.modules.addresses.note_services import NoteInput, create_note, delete_note, undelete_note, update_note
from app.modules.addresses.note_sources import _sources, prefill_of
from app.modules.addresses.reading import get_address
from app.modules.addresses.records import Invalid, NoSuchAddress, Stale
from app.modules.addresses.services import create_address
from tests.integration.addresses.conftest import person


def _note(note_id: int) -> NoteDetail:
    with reading() as session:
        note = get_note(session, note_id)
    assert note is not None
    return note


@pytest.fixture
def source(clock: FixedClock) -> Iterator[dict[str, NotePrefill]]:
    """Calls by origin, as another module would know them."""
    calls: dict[str, NotePrefill] = {}
    before = dict(_sources)
    register_note_source("call", calls.get)
    yield calls
    _sources.clear()
    _sources.update(before)


def test_a_phone_note_keeps_everything(make_address: Callable[..., int], make_user: Callable[..., int]) -> None:
    anna = make_user("anna", name="Anna Schmidt")
    address_id = make_address("Rheinwerk", contacts=[person("Max Mustermann")])
    address = get_address(address_id)
    assert address is not None
    at = datetime(2026, 11, 20, 8, 30, tzinfo=UTC)
    given = NoteInput(
        subject="Lieferung",
        text="Zwei Kisten\nfehlen.",
        occurred_at=at,
        address_id=address_id,
        contact_id=address.contacts[0].id,
        number="030 23125-123",
        direction="in",
        duration_seconds=42,
        duration_by_hand=True,
        tags="eilig, Lager,eilig, ",
    )
    note = _note(create_note(given, by=anna))
    assert (note.subject, note.text, note.occurred_at) == ("Lieferung", "Zwei Kisten\nfehlen.", at)
    assert (note.address_name, note.contact_name, note.user_name) == ("Rheinwerk", "Max Mustermann", "Anna Schmidt")
    assert (note.number_raw, note.number_e164, note.direction) == ("030 23125-123", "+493023125123", "in")
    assert (note.duration_seconds, note.tags) == (42, ("eilig", "Lager"))


def test_a_note_without_a_time_is_of_now(make_address: Callable[..., int], clock: FixedClock) -> None:
    note = _note(create_note(NoteInput(subject="Kurz", address_id=make_address())))
    assert note.occurred_at == clock.now()


def test_the_end_of_the_call_gives_its_length_but_never_over_a_typed_one(app: object) -> None:
    open_one = create_note(NoteInput(subject="läuft noch", origin="call:5"))
    typed = create_note(NoteInput(subject="getippt", origin="call:5", duration_seconds=60, duration_by_hand=True))
    other = create_note(NoteInput(subject="anderer Anruf", origin="call:50"))
    with transaction() as session:
        set_note_duration(session, "call:5", 42)
    assert [_note(one).duration_seconds for one in (open_one, typed, other)] == [42, 60, None]


def test_a_note_saved_after_the_call_ended_keeps_the_calls_length(app: object) -> None:
    note_id = create_note(NoteInput(subject="läuft noch", origin="call:5"))
    with transaction() as session:
        set_note_duration(session, "call:5", 42)
    update_note(note_id, 1, NoteInput(subject="fertig"))
    assert (_note(note_id).subject, _note(note_id).duration_seconds) == ("fertig", 42)


def test_notes_are_told_by_their_call(make_user: Callable[..., int], heard: list[Any], clock: FixedClock) -> None:
    anna = make_user("anna", name="Anna Schmidt")
    first = create_note(NoteInput(subject="erste", origin="call:5"), by=anna)
    second = create_note(NoteInput(subject="zweite", origin="call:5"), by=anna)
    create_note(NoteInput(subject="ohne Anruf"))
    with reading() as session:
        found = notes_of_origins(session, ["call:5", "call:6"])
        assert notes_of_origins(session, []) == {}
    assert list(found) == ["call:5"]
    assert found["call:5"][0] == NoteSummary(
        first, "call:5", "erste", "Anna Schmidt", clock.now(), None, f"/addresses/notes/{first}/edit"
    )
    assert [summary.id for summary in found["call:5"]] == [first, second]
    assert heard[:2] == [NoteSaved(first, "call:5", None), NoteSaved(second, "call:5", None)]


def test_a_deleted_note_comes_back(make_address: Callable[..., int], heard: list[Any]) -> None:
    address_id = make_address()
    note_id = create_note(NoteInput(subject="weg", address_id=address_id, origin="call:5"))
    delete_note(note_id)
    with reading() as session:
        assert notes_of_address(session, address_id, "phone") == []
        assert notes_of_origins(session, ["call:5"]) == {}
    undelete_note(note_id)
    with reading() as session:
        assert [note.id for note in notes_of_address(session, address_id, "phone")] == [note_id]
    assert heard == [NoteSaved(note_id, "call:5", address_id)] * 3


def test_who_saves_an_older_version_of_a_note_is_told(app: object) -> None:
    note_id = create_note(NoteInput(subject="eins"))
    update_note(note_id, 1, NoteInput(subject="zwei"))
    with pytest.raises(Stale) as stale:
        update_note(note_id, 1, NoteInput(subject="drei"))
    assert (stale.value.version, _note(note_id).subject) == (2, "zwei")


def test_a_note_waits_for_its_address_and_is_attached_when_that_is_created(app: object) -> None:
    waiting = create_note(NoteInput(subject="Unbekannter Anrufer", origin="call:5"))
    other = create_note(NoteInput(subject="ein anderer", origin="call:6"))
    with reading() as session:
        assert {note.id for note in notes_without_address(session)} == {waiting, other}
    address_id = create_address({"name": "Neuer Kunde"}, origin="call:5")
    assert (_note(waiting).address_id, _note(other).address_id) == (address_id, None)


def test_a_note_is_attached_to_an_address_by_hand(make_address: Callable[..., int]) -> None:
    note_id = create_note(NoteInput(subject="Unbekannt", origin="call:5"))
    address_id = make_address("Rheinwerk")
    update_note(note_id, 1, NoteInput(subject="Unbekannt", address_id=address_id))
    assert (_note(note_id).address_id, _note(note_id).origin) == (address_id, "call:5")


def test_a_contact_of_another_address_cannot_be_named(make_address: Callable[..., int]) -> None:
    other = get_address(make_address("Andere", contacts=[person("Fremd")]))
    assert other is not None
    with pytest.raises(Invalid, match="unknown_contact"):
        create_note(NoteInput(subject="x", address_id=make_address(), contact_id=other.contacts[0].id))
    with pytest.raises(Invalid, match="unknown_address"):
        create_note(NoteInput(subject="x", address_id=4711))


def test_what_does_not_exist_cannot_be_changed(app: object) -> None:
    for use_case in (lambda: update_note(99, None, NoteInput(subject="x")), lambda: delete_note(99)):
        with pytest.raises(NoSuchAddress):
            use_case()


def test_a_source_answers_for_its_origins_only(source: dict[str, NotePrefill], clock: FixedClock) -> None:
    source["call:5"] = NotePrefill(None, None, None, "anonym", "in", clock.now() - timedelta(minutes=1), None, "Anruf")
    assert prefill_of("call:5") == source["call:5"]
    assert prefill_of("call:6") is None
    assert prefill_of("fax:5") is None
    assert prefill_of("") is None
    assert prefill_of(None) is None
