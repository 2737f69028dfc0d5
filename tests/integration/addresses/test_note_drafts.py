"""Drafts of notes: kept as they are typed, private, offered again, discarded with a way back, cleaned up."""

from __future__ import annotations

import json
import threading
from collections.abc import Callable, Iterator
from datetime import timedelta
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import select

from app.core.accounts import service
from app.core.clock import FixedClock
from app.core.database import reading
from app.modules.addresses import note_drafts
from app.modules.addresses.api import NotePrefill, register_note_source
from app.modules.addresses.models import Note
from app.modules.addresses.note_draft_models import NoteDraft
from app.modules.addresses.note_drafts import KEPT_DAYS, Draft, Place
from app.modules.addresses.note_sources import _sources
from app.modules.addresses.reading import get_address
from tests.conftest import PASSWORD, csrf_of, logged_in_client
from tests.integration.addresses.conftest import person

CALL = Place("phone", "call:5", None)
PART = {"HX-Request": "true"}


@pytest.fixture
def anna(make_user: Callable[..., int]) -> int:
    return make_user("anna", name="Anna Schmidt")


@pytest.fixture
def client(app: Flask, anna: int) -> FlaskClient:
    return logged_in_client(app, anna)


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


def _call(address_id: int | None, clock: FixedClock, **more: Any) -> NotePrefill:
    values: dict[str, Any] = {
        "address_id": address_id,
        "contact_id": None,
        "number_e164": "+493023125123",
        "number_display": "030 23125123",
        "direction": "in",
        "occurred_at": clock.now() - timedelta(minutes=1),
        "duration_seconds": None,
        "subject": "",
    }
    return NotePrefill(**{**values, **more})


def _type(client: FlaskClient, base: int = 0, origin: str = "call:5", **typed: str) -> Any:
    data = {
        "kind": "phone",
        "origin": origin,
        "submission": "form1",
        "base": str(base),
        "window": "w1",
        "typed": json.dumps(typed),
        "csrf_token": csrf_of(client),
    }
    return client.post("/addresses/notes/drafts", data=data, headers=PART)


def _draft(user_id: int, place: Place = CALL) -> Draft | None:
    with reading() as session:
        return note_drafts.draft_of(session, user_id, place)


def _page(client: FlaskClient, path: str, **more: Any) -> str:
    answer = client.get(path, **more)
    assert answer.status_code == 200
    return answer.get_data(as_text=True)


# ------------------------------------------------------------------------------------------------------------- keeping


def test_what_is_typed_is_kept_and_offered_again(client: FlaskClient, anna: int, clock: FixedClock) -> None:
    told = _type(client, text="Bittet um <b>Rückruf</b>").get_json()
    assert told["draft"]["version"] == 1
    assert told["draft"]["fields"] == {"text": "Bittet um <b>Rückruf</b>"}
    assert told["draft"]["saved_at"] == clock.now().isoformat()
    assert told["places"] == ["phone:call:5"]
    page = _page(client, "/addresses/notes/new?origin=call:5")
    assert "Bittet um &lt;b&gt;Rückruf&lt;/b&gt;" in page
    assert "Entwürfe: 1" in page
    assert "Bittet um &lt;b&gt;Rückruf&lt;/b&gt;" in _page(client, "/addresses/notes/drafts")


def test_a_draft_is_shown_to_its_writer_alone(
    client: FlaskClient, anna: int, client_for: Callable[..., FlaskClient]
) -> None:
    _type(client, text="geheim")
    draft = _draft(anna)
    assert draft is not None
    other = client_for("ben", role="administrator")
    for path in ("/addresses/notes/new?origin=call:5", "/addresses/notes/drafts"):
        assert "geheim" not in _page(other, path)
    assert _type(other).get_json()["draft"] is None
    for deed in ("discard", "restore"):
        path = f"/addresses/notes/drafts/{draft.id}/{deed}"
        assert other.post(path, data={"csrf_token": csrf_of(other)}).status_code == 404
    assert _draft(anna) == draft


def test_two_windows_come_together_and_a_field_typed_in_both_is_refused_to_the_second(client: FlaskClient) -> None:
    _type(client, text="von hier")
    told = _type(client, subject="von dort", text="anders").get_json()
    assert told["draft"]["fields"] == {"text": "von hier", "subject": "von dort"}
    assert told["draft"]["version"] == 2
    assert _type(client, base=2, text="anders").get_json()["draft"]["fields"]["text"] == "anders"


def test_asking_begins_no_draft_and_an_unknown_field_is_not_kept(client: FlaskClient, anna: int) -> None:
    assert _type(client).get_json()["draft"] is None
    _type(client, csrf_token="x", nonsense="y")
    assert _draft(anna) is None


@pytest.mark.parametrize("wrong", [{"typed": "nonsense"}, {"typed": "[1]"}, {"base": ""}, {"kind": "letter"}], ids=str)
def test_what_is_no_draft_is_refused(client: FlaskClient, wrong: dict[str, str]) -> None:
    data = {"kind": "phone", "base": "0", "typed": "{}", "csrf_token": csrf_of(client), **wrong}
    assert client.post("/addresses/notes/drafts", data=data).status_code == 400


def test_what_is_too_long_is_refused_and_odd_signs_are_stored(client: FlaskClient, anna: int) -> None:
    assert _type(client, text="x" * 100_001).status_code == 422
    assert _type(client, tags="x" * 1_001).status_code == 422
    _type(client, text="a\x00b\ud800")
    draft = _draft(anna)
    assert draft is not None
    assert draft.values["text"] == "ab?"


def test_without_a_valid_token_nothing_is_kept_and_a_new_one_is_given(client: FlaskClient, anna: int) -> None:
    data = {"kind": "phone", "base": "0", "typed": '{"text": "x"}', "csrf_token": "old"}
    assert client.post("/addresses/notes/drafts", data=data, headers=PART).status_code == 400
    told = client.get("/addresses/notes/drafts/token", headers=PART).get_json()
    assert told["user_id"] == anna
    answer = client.post("/addresses/notes/drafts", data={**data, "csrf_token": told["token"]}, headers=PART)
    assert answer.status_code == 200
    assert client.application.test_client().get("/addresses/notes/drafts/token", headers=PART).status_code == 401


def test_two_windows_that_begin_at_once_have_one_draft(own_app: Flask) -> None:
    with own_app.app_context():
        user_id = service.create_user("anna", PASSWORD, "staff")
    barrier = threading.Barrier(4)

    def type_in(number: int) -> None:
        with own_app.app_context():
            barrier.wait()
            note_drafts.keep(user_id, CALL, f"form{number}", {f"field{number}": str(number)}, 0)

    threads = [threading.Thread(target=type_in, args=(number,)) for number in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    with own_app.app_context():
        draft = _draft(user_id)
    assert draft is not None
    assert draft.values == {f"field{number}": str(number) for number in range(4)}


# ---------------------------------------------------------------------------------------------- what becomes of a draft


def _save(client: FlaskClient, **more: str) -> Any:
    data = {"kind": "phone", "origin": "call:5", "submission": "form1", "subject": "Stand", **more}
    return client.post("/addresses/notes/new", data={**data, "csrf_token": csrf_of(client)}, headers=PART)


def test_a_saved_note_takes_its_draft_along_and_other_windows_learn_which(client: FlaskClient, anna: int) -> None:
    _type(client, text="fertig")
    told = _save(client, text="fertig").get_json()
    assert told["message"] == "Die Notiz ist gespeichert."
    assert _draft(anna) is None
    with reading() as session:
        note = session.execute(select(Note)).scalar_one()
    assert told["path"] == f"/addresses/notes#note-{note.id}"
    # Another window still has the form: nothing is begun behind its back, and what it types is not lost.
    late = _type(client, base=1, text="noch etwas").get_json()
    assert (late["draft"], late["note"]) == (None, f"/addresses/notes/{note.id}/edit")
    assert _type(client, base=0, text="noch etwas").get_json()["draft"]["fields"] == {"text": "noch etwas"}
    again = _save(client, text="noch etwas")
    assert again.status_code == 409
    assert "fertig" in again.get_data(as_text=True)
    assert "noch etwas" in again.get_data(as_text=True)


def test_a_note_that_is_refused_keeps_its_draft(client: FlaskClient, anna: int) -> None:
    _type(client, duration="eine Weile")
    answer = _save(client, duration="eine Weile")
    assert answer.status_code == 422
    assert "invalid-feedback" in answer.get_data(as_text=True)
    assert "<html" not in answer.get_data(as_text=True)
    assert _draft(anna) is not None


def test_a_discarded_draft_can_be_brought_back(client: FlaskClient, anna: int) -> None:
    _type(client, text="doch")
    draft = _draft(anna)
    assert draft is not None
    token = csrf_of(client)
    answer = client.post(f"/addresses/notes/drafts/{draft.id}/discard", data={"csrf_token": token}, headers=PART)
    assert answer.get_json()["undo"] == f"/addresses/notes/drafts/{draft.id}/restore"
    assert _draft(anna) is None
    assert "doch" not in _page(client, "/addresses/notes/new?origin=call:5")
    back = client.post(answer.get_json()["undo"], data={"csrf_token": token}, follow_redirects=True)
    assert "Der Entwurf ist wieder da." in back.get_data(as_text=True)
    found = _draft(anna)
    assert found is not None
    assert found.values == {"text": "doch"}


def test_a_discarded_draft_does_not_replace_one_that_was_begun_since(client: FlaskClient, anna: int) -> None:
    _type(client, text="erster")
    first = _draft(anna)
    assert first is not None
    assert note_drafts.discard(first.id, anna)
    # A window that still has the discarded one does not write into the new one unseen.
    _type(client, text="zweiter")
    assert not note_drafts.restore(first.id, anna)
    kept = _draft(anna)
    assert kept is not None
    assert kept.values == {"text": "zweiter"}
    again = note_drafts.keep(anna, CALL, "another form", {"text": "blind"}, 5)
    assert (again.draft, again.refused) == (None, {})


def test_old_drafts_are_deleted_by_the_job(client: FlaskClient, anna: int, clock: FixedClock, kernel: Any) -> None:
    _type(client, text="alt")
    clock.at += timedelta(days=KEPT_DAYS - 1)
    kernel.jobs.run_due(everything=True)
    assert _draft(anna) is not None
    clock.at += timedelta(days=2)
    kernel.jobs.run_due(everything=True)
    with reading() as session:
        assert session.query(NoteDraft).count() == 0


def test_a_discarded_draft_is_deleted_after_some_days(client: FlaskClient, anna: int, clock: FixedClock) -> None:
    _type(client, text="weg")
    draft = _draft(anna)
    assert draft is not None
    note_drafts.discard(draft.id, anna)
    clock.at += timedelta(days=note_drafts.DISCARDED_DAYS, seconds=1)
    assert note_drafts.clean() == 1


# --------------------------------------------------------------------------------- what follows the call, and what not


def test_the_length_of_the_call_comes_into_a_draft_in_which_nobody_typed_one(
    client: FlaskClient, calls: dict[str, NotePrefill], clock: FixedClock
) -> None:
    calls["call:5"] = _call(None, clock)
    _type(client, text="läuft noch", duration="")
    calls["call:5"] = _call(None, clock, duration_seconds=42)
    assert _type(client, base=1).get_json()["duration"] == "0:42"
    assert 'value="0:42"' in _page(client, "/addresses/notes/new?origin=call:5")
    _type(client, base=1, duration="4:30")
    page = _page(client, "/addresses/notes/new?origin=call:5")
    assert 'name="duration" placeholder="m:ss" type="text" value="4:30"' in page
    assert 'name="duration_shown" value="0:42"' in page


def test_a_draft_follows_a_call_that_was_matched_meanwhile(
    client: FlaskClient,
    rheinwerk: int,
    make_address: Callable[..., int],
    calls: dict[str, NotePrefill],
    clock: FixedClock,
) -> None:
    calls["call:5"] = _call(None, clock)
    _type(client, text="wer?")
    calls["call:5"] = _call(rheinwerk, clock)
    page = _page(client, "/addresses/notes/new?origin=call:5")
    assert f'name="address_id" value="{rheinwerk}"' in page
    assert "wer?" in page
    other = make_address("Hanseatic")
    data = {"kind": "phone", "origin": "call:5", "address_id": str(rheinwerk), "submission": "form1", "base": "1"}
    data |= {"typed": '{"text": "Rheinwerk"}', "csrf_token": csrf_of(client)}
    client.post("/addresses/notes/drafts", data=data)
    calls["call:5"] = _call(other, clock)
    moved = _page(client, "/addresses/notes/new?origin=call:5")
    assert "Als Sie begannen, gehörte der Anruf zu Rheinwerk; die Notiz geht jetzt an Hanseatic." in moved
    assert f'name="address_id" value="{other}"' in moved


def test_whom_somebody_chose_for_a_draft_stays_chosen_and_the_other_stands_beside(
    client: FlaskClient,
    anna: int,
    rheinwerk: int,
    make_address: Callable[..., int],
    calls: dict[str, NotePrefill],
    clock: FixedClock,
) -> None:
    other = make_address("Hanseatic")
    address = get_address(rheinwerk)
    assert address is not None
    chosen = f"{rheinwerk}:{address.contacts[0].id}"
    calls["call:5"] = _call(None, clock)
    _type(client, owner=chosen, text="für Max")
    calls["call:5"] = _call(other, clock)
    page = _page(client, "/addresses/notes/new?origin=call:5")
    assert (
        "Sie haben Max Muster (Rheinwerk) gewählt; inzwischen gehört der Anruf zu Hanseatic. Ihre Wahl bleibt." in page
    )
    assert f'name="owner" value="{chosen}" checked' in page
    assert f'name="owner" value="{other}:"' in page


def test_the_drafts_of_an_address_stand_in_its_crm_tab(client: FlaskClient, rheinwerk: int) -> None:
    data = {"kind": "phone", "address_id": str(rheinwerk), "submission": "form1", "base": "0"}
    data |= {"typed": '{"subject": "Angefangenes"}', "csrf_token": csrf_of(client)}
    client.post("/addresses/notes/drafts", data=data)
    page = _page(client, f"/addresses/{rheinwerk}/crm")
    assert "Ihre Entwürfe" in page
    assert "Angefangenes" in page
    assert f'href="/addresses/{rheinwerk}/crm?new=phone"' in page
    assert 'value="Angefangenes"' in _page(client, f"/addresses/{rheinwerk}/crm?new=phone")


def test_the_form_comes_alone_for_the_drawer_and_as_a_page_without_scripts(client: FlaskClient, rheinwerk: int) -> None:
    for path in (f"/addresses/{rheinwerk}/crm?telefon_notiz_erstellen=1", "/addresses/notes/new?origin=call:5"):
        part, page = _page(client, path, headers=PART), _page(client, path)
        for text in (part, page):
            assert 'action="/addresses/notes/new"' in text
        assert "<html" not in part
        assert "<html" in page
