from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from flask.testing import FlaskClient

from app.core.clock import FixedClock
from app.core.database import reading, transaction
from app.modules.addresses.api import NotePrefill, register_note_source, set_note_duration
from app.modules.addresses.models import Note
from app.modules.addresses.note_services import NoteInput, create_note, update_note
from app.modules.addresses.note_sources import _sources
from app.modules.addresses.reading import get_address
from tests.conftest import csrf_of
from tests.integration.addresses.conftest import person


@pytest.fixture
def calls(clock: FixedClock) -> Iterator[dict[str, NotePrefill]]:
    known: dict[str, NotePrefill] = {}
    before = dict(_sources)
    register_note_source("call", known.get)
    yield known
    _sources.clear()
    _sources.update(before)


@pytest.fixture
def rheinwerk(make_address: Callable[..., int]) -> int:
    return make_address("Rheinwerk", "030 23125-100", contacts=[person("Max Muster", "030 23125-123")])


def _max(address_id: int) -> int:
    address = get_address(address_id)
    assert address is not None
    return address.contacts[0].id


def _call(address_id: int | None, clock: FixedClock, **more: Any) -> NotePrefill:
    values: dict[str, Any] = {
        "address_id": address_id,
        "contact_id": _max(address_id) if address_id else None,
        "number_e164": "+493023125123",
        "number_display": "030 23125123",
        "direction": "in",
        "occurred_at": clock.now() - timedelta(minutes=1),
        "duration_seconds": None,
        "subject": "",
    }
    return NotePrefill(**{**values, **more})


def _page(client: FlaskClient, path: str) -> str:
    answer = client.get(path)
    assert answer.status_code == 200
    return answer.get_data(as_text=True)


def _fields(page: str) -> dict[str, str]:
    """What a browser would send of the note's form."""
    import html

    form = page[page.index('name="duration_shown"') - 400 :]
    fields = {
        name: html.unescape(value)
        for tag, name, value in re.findall(r'(<input[^>]*?name="([^"]+)"[^>]*?value="([^"]*)"[^>]*>)', form)
        if name != "owner" and (" checked" in tag or not re.search('type="(radio|checkbox)"', tag))
    }
    for name, options in re.findall(r'<select[^>]*?name="([^"]+)"[^>]*>(.*?)</select>', form, re.DOTALL):
        chosen = re.search(r'<option selected value="([^"]*)"', options)
        fields[name] = chosen[1] if chosen else ""
    text = re.search(r'<textarea[^>]*name="text"[^>]*>\s*(.*?)</textarea>', form, re.DOTALL)
    fields["text"] = html.unescape(text[1]) if text else ""
    return fields


def _save(client: FlaskClient, path: str, page: str, **changes: str) -> Any:
    return client.post(path, data={**_fields(page), "csrf_token": csrf_of(client), **changes})


def _only_note() -> Note:
    with reading() as session:
        return session.query(Note).one()


def test_the_old_link_opens_the_form_filled_with_what_the_call_knows(
    staff: FlaskClient, rheinwerk: int, calls: dict[str, NotePrefill], clock: FixedClock
) -> None:
    calls["call:5"] = _call(rheinwerk, clock)
    old = staff.get(f"/index.php?module=adresse&action=brief&id={rheinwerk}&telefon_notiz_erstellen=1")
    assert old.headers["Location"].endswith(f"/addresses/{rheinwerk}/crm?telefon_notiz_erstellen=1")
    page = _page(staff, f"/addresses/{rheinwerk}/crm?telefon_notiz_erstellen=1&origin=call:5")
    fields = _fields(page)
    assert (fields["date"], fields["time"]) == ("2026-11-23", "11:09")
    assert (fields["contact_id"], fields["direction"]) == (str(_max(rheinwerk)), "in")
    assert (fields["number"], fields["duration"], fields["subject"]) == ("030 23125123", "", "")
    assert "Anruf von Max Muster, 23.11.2026 11:09" in page


def test_an_empty_subject_is_proposed_from_the_call_and_the_text_is_kept(
    staff: FlaskClient, rheinwerk: int, calls: dict[str, NotePrefill], clock: FixedClock
) -> None:
    calls["call:5"] = _call(rheinwerk, clock)
    page = _page(staff, f"/addresses/{rheinwerk}/crm?telefon_notiz_erstellen=1&origin=call:5")
    answer = _save(staff, "/addresses/notes/new", page, text="Bittet um Rückruf.", tags="eilig")
    note = _only_note()
    assert answer.headers["Location"] == f"/addresses/{rheinwerk}/crm#note-{note.id}"
    assert note.subject == "Anruf von Max Muster, 23.11.2026 11:09"
    assert (note.text, note.tags, note.origin) == ("Bittet um Rückruf.", "eilig", "call:5")
    assert (note.address_id, note.contact_id) == (rheinwerk, _max(rheinwerk))
    assert (note.number_e164, note.direction) == ("+493023125123", "in")
    crm = _page(staff, f"/addresses/{rheinwerk}/crm")
    assert "Bittet um Rückruf." in crm
    assert "CRM (1)" in crm
    assert "Telefonate (1)" in crm


def test_the_date_and_time_that_were_typed_are_kept(staff: FlaskClient, rheinwerk: int) -> None:
    page = _page(staff, f"/addresses/{rheinwerk}/crm?new=phone")
    _save(staff, "/addresses/notes/new", page, date="2026-11-02", time="09:15", direction="out")
    assert _only_note().occurred_at == datetime(2026, 11, 2, 8, 15, tzinfo=UTC)
    assert _only_note().subject == "Gespräch mit Rheinwerk, 02.11.2026 09:15"


def test_the_length_comes_from_the_call_even_if_it_ended_while_the_note_was_written(
    staff: FlaskClient, rheinwerk: int, calls: dict[str, NotePrefill], clock: FixedClock
) -> None:
    calls["call:5"] = _call(rheinwerk, clock)
    page = _page(staff, f"/addresses/{rheinwerk}/crm?telefon_notiz_erstellen=1&origin=call:5")
    calls["call:5"] = _call(rheinwerk, clock, duration_seconds=42)
    _save(staff, "/addresses/notes/new", page)
    assert (_only_note().duration_seconds, _only_note().duration_by_hand) == (42, False)


def test_a_typed_length_stays_when_the_call_ends(
    staff: FlaskClient, rheinwerk: int, calls: dict[str, NotePrefill], clock: FixedClock
) -> None:
    calls["call:5"] = _call(rheinwerk, clock)
    page = _page(staff, f"/addresses/{rheinwerk}/crm?telefon_notiz_erstellen=1&origin=call:5")
    _save(staff, "/addresses/notes/new", page, duration="4:30")
    with transaction() as session:
        set_note_duration(session, "call:5", 42)
    assert _only_note().duration_seconds == 270


@pytest.mark.parametrize(("field", "value"), [("duration", "eine Weile"), ("date", "irgendwann"), ("tags", "x" * 301)])
def test_what_cannot_be_saved_is_said_and_the_text_is_still_there(
    staff: FlaskClient, rheinwerk: int, field: str, value: str
) -> None:
    page = _page(staff, f"/addresses/{rheinwerk}/crm?new=phone")
    answer = _save(staff, "/addresses/notes/new", page, text="Wichtig & lang", **{field: value})
    again = answer.get_data(as_text=True)
    assert answer.status_code == 200
    assert "Wichtig &amp; lang" in again
    assert "invalid-feedback" in again
    with reading() as session:
        assert session.query(Note).count() == 0


def test_a_note_about_an_unknown_caller_is_kept_and_attached_later(
    staff: FlaskClient, rheinwerk: int, calls: dict[str, NotePrefill], clock: FixedClock
) -> None:
    calls["call:6"] = _call(None, clock, number_e164="+494066969300", subject="Anruf von Unbekannt, 11:10")
    page = _page(staff, "/addresses/notes/new?origin=call:6")
    answer = _save(staff, "/addresses/notes/new", page, text="Will ein Angebot.")
    assert answer.headers["Location"].startswith("/addresses/notes#note-")
    assert (_only_note().subject, _only_note().address_id) == ("Anruf von Unbekannt, 11:10", None)
    assert "Will ein Angebot." in _page(staff, "/addresses/notes")
    assert "Notizen ohne Adresse" in _page(staff, "/addresses/")
    note_id = _only_note().id
    assert "Rheinwerk" in _page(staff, "/addresses/pick?pick=rhein")
    edit = _page(staff, f"/addresses/notes/{note_id}/edit")
    _save(staff, f"/addresses/notes/{note_id}/edit", edit, owner=f"{rheinwerk}:")
    assert (_only_note().address_id, _only_note().origin) == (rheinwerk, "call:6")
    assert "Will ein Angebot." in _page(staff, f"/addresses/{rheinwerk}/crm")


def test_among_several_matches_one_is_chosen(
    staff: FlaskClient, rheinwerk: int, calls: dict[str, NotePrefill], clock: FixedClock
) -> None:
    who = _max(rheinwerk)
    candidates = ((rheinwerk, None, "Rheinwerk"), (rheinwerk, who, "Max Muster, Rheinwerk"))
    calls["call:7"] = _call(None, clock, candidates=candidates)
    page = _page(staff, "/addresses/notes/new?origin=call:7")
    assert "Max Muster, Rheinwerk" in page
    _save(staff, "/addresses/notes/new", page, owner=f"{rheinwerk}:{who}")
    assert (_only_note().address_id, _only_note().contact_id) == (rheinwerk, who)
    assert _only_note().subject.startswith("Anruf von Max Muster, ")


def test_a_new_address_takes_the_calls_note_along(
    staff: FlaskClient, calls: dict[str, NotePrefill], clock: FixedClock
) -> None:
    create_note(NoteInput(subject="Unbekannt", origin="call:6"))
    page = _page(staff, "/addresses/new?number=%2B491713920044&origin=call:6")
    assert 'value="+491713920044"' in page
    assert '<option value="mobile" selected>' in page
    data = {"name": "Neuer Kunde", "kind": "mr", "country": "DE", "origin": "call:6", "is_customer": "y"}
    answer = staff.post("/addresses/new", data={**data, "csrf_token": csrf_of(staff)})
    assert answer.status_code == 302
    assert answer.headers["Location"] == f"/addresses/{_only_note().address_id}"


def test_a_deleted_note_comes_back_by_the_button_in_the_message(staff: FlaskClient, rheinwerk: int) -> None:
    note_id = create_note(NoteInput(subject="Weg <b>damit</b>", address_id=rheinwerk))
    token = csrf_of(staff)
    page = staff.post(f"/addresses/notes/{note_id}/delete", data={"csrf_token": token}, follow_redirects=True).get_data(
        as_text=True
    )
    assert "Weg &lt;b&gt;damit" in page
    assert "CRM (0)" in page
    undo = re.search(r'class="undo" method="post" action="([^"]+)"', page)
    assert undo
    back = staff.post(undo[1], data={"csrf_token": token}, follow_redirects=True).get_data(as_text=True)
    assert "CRM (1)" in back


def test_who_saves_a_note_second_sees_the_others_text_and_keeps_the_own(staff: FlaskClient, rheinwerk: int) -> None:
    note_id = create_note(NoteInput(subject="Stand", text="alt", address_id=rheinwerk))
    page = _page(staff, f"/addresses/notes/{note_id}/edit")
    update_note(note_id, 1, NoteInput(subject="Stand der anderen", text="von nebenan", address_id=rheinwerk))
    answer = _save(staff, f"/addresses/notes/{note_id}/edit", page, text="von mir")
    told = answer.get_data(as_text=True)
    assert "von nebenan" in told
    assert "von mir" in told
    assert _only_note().text == "von nebenan"
    assert _save(staff, f"/addresses/notes/{note_id}/edit", told).status_code == 302
    assert _only_note().text == "von mir"


def test_a_plain_note_has_neither_number_nor_direction(staff: FlaskClient, rheinwerk: int) -> None:
    page = _page(staff, f"/addresses/{rheinwerk}/crm?new=note")
    assert 'name="direction"' not in page
    _save(staff, "/addresses/notes/new", page, text="Jahresgespräch im Januar vereinbart.\nBei uns.")
    assert (_only_note().kind, _only_note().subject) == ("note", "Jahresgespräch im Januar vereinbart. Bei uns.")
    assert "Notizen (1)" in _page(staff, f"/addresses/{rheinwerk}/crm")


def test_a_form_that_is_sent_twice_makes_one_note(staff: FlaskClient, rheinwerk: int) -> None:
    page = _page(staff, f"/addresses/{rheinwerk}/crm?new=phone")
    assert len(_fields(page)["submission"]) == 32
    first = _save(staff, "/addresses/notes/new", page, text="Einmal")
    second = _save(staff, "/addresses/notes/new", page, text="Einmal")
    assert first.headers["Location"] == second.headers["Location"]
    assert _only_note().text == "Einmal"


def test_a_form_sent_again_with_another_text_shows_what_was_saved_and_loses_neither(
    staff: FlaskClient, rheinwerk: int
) -> None:
    page = _page(staff, f"/addresses/{rheinwerk}/crm?new=phone")
    _save(staff, "/addresses/notes/new", page, text="Von der ersten Karteikarte")
    told = _save(staff, "/addresses/notes/new", page, text="Von der zweiten").get_data(as_text=True)
    assert "Von der ersten Karteikarte" in told
    assert "Von der zweiten" in told
    assert _only_note().text == "Von der ersten Karteikarte"
    assert _save(staff, f"/addresses/notes/{_only_note().id}/edit", told).status_code == 302
    assert _only_note().text == "Von der zweiten"


def test_what_another_user_calls_his_form_does_not_matter(
    client_for: Callable[..., FlaskClient], rheinwerk: int
) -> None:
    for name in ("eins", "zwei"):
        client = client_for(name)
        page = _page(client, f"/addresses/{rheinwerk}/crm?new=phone")
        _save(client, "/addresses/notes/new", page, submission="same", text=name)
    with reading() as session:
        assert {note.text for note in session.query(Note)} == {"eins", "zwei"}
