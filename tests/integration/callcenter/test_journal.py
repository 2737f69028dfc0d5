"""The journal, a call's page, the bell, and the notes that belong to a call."""

from __future__ import annotations

import re
from datetime import timedelta
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient

from app.core.accounts import personal
from app.core.database import reading
from app.core.versions import Versions
from app.modules.addresses.note_services import NoteInput, create_note
from app.modules.addresses.records import ContactInput, NumberInput
from app.modules.addresses.services import create_address
from app.modules.callcenter import journal, note_source
from app.modules.callcenter.journal import Filters
from tests.conftest import NOW, logged_in_client
from tests.integration.callcenter.phone_system import (
    ANNA,
    BEN,
    CUSTOMER_E164,
    PhoneSystem,
    call_id,
    give_account,
    give_line,
    the_call,
)

OTHER = "03023125678"


def text_of(client: FlaskClient, path: str) -> str:
    answer = client.get(path)
    assert answer.status_code == 200
    main = re.search(r"<main.*</main>", answer.get_data(as_text=True), re.DOTALL)
    return re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", main.group() if main else answer.get_data(as_text=True)))


def shown(client: FlaskClient, query: str = "") -> list[int]:
    page = client.get(f"/callcenter/calls{query}").get_data(as_text=True)
    return [int(found) for found in re.findall(r'<tr data-call-id="(\d+)"', page)]


def test_the_journal_tells_who_called_when_and_what_became_of_it(
    app: Flask, phones: PhoneSystem, staff: FlaskClient, make_user: Any, clock: Any
) -> None:
    give_account(app, make_user("anna", name="Anna Alt"), ANNA)
    give_line(app)
    create_address({"name": "Muster GmbH"}, [NumberInput("0171 3920001")])
    call = call_id()
    phones.incoming(call)
    clock.advance(7)
    phones.accepted(call)
    clock.advance(65)
    phones.hung_up(call, duration="65")
    text = text_of(staff, "/callcenter/calls")
    for part in ("Anruf beendet", "Muster GmbH", "0171 3920001", "Zentrale", "Anna Alt", "0:07", "1:05", "11:10"):
        assert part in text


def test_unknown_withheld_ambiguous_and_probable_callers_are_told_apart(
    phones: PhoneSystem, staff: FlaskClient
) -> None:
    phones.incoming(call_id(), caller="anonymous")
    assert "Nummer unterdrückt" in text_of(staff, "/callcenter/calls")
    phones.incoming(call_id(), caller=OTHER)
    assert "Unbekannt" in text_of(staff, "/callcenter/calls")
    create_address({"name": "Kontor AG"}, [NumberInput("030 23125-0")])
    assert "wahrscheinlich Kontor AG" in text_of(staff, "/callcenter/calls")
    create_address({"name": "Erste"}, [NumberInput(OTHER)])
    create_address({"name": "Zweite"}, [NumberInput(OTHER)])
    text = text_of(staff, "/callcenter/calls")
    assert "Mehrere Adressen haben diese Nummer" in text
    assert "Erste" in text
    assert "Zweite" in text


def test_the_journal_is_narrowed_by_direction_missed_name_and_number(phones: PhoneSystem, staff: FlaskClient) -> None:
    create_address({"name": "Müller & Söhne"}, [NumberInput("0171 3920001")])
    missed, outgoing, other = call_id(), call_id(), call_id()
    phones.hung_up(missed, type="missed", duration="0")
    phones.outgoing(outgoing, target=OTHER)
    phones.incoming(other, caller="0041446681800")
    ids = {name: the_call(call).id for name, call in (("missed", missed), ("outgoing", outgoing), ("other", other))}
    assert shown(staff) == [ids["other"], ids["outgoing"], ids["missed"]]
    assert shown(staff, "?direction=out") == [ids["outgoing"]]
    assert shown(staff, "?direction=in") == [ids["other"], ids["missed"]]
    assert shown(staff, "?missed=1") == [ids["missed"]]
    for text in ("mueller", "Söhne", "0171 39200", "+49 171 39", "017139"):
        assert shown(staff, f"?q={text.replace('+', '%2B')}") == [ids["missed"]], text
    assert shown(staff, "?q=030+231256") == [ids["outgoing"]]
    assert shown(staff, "?q=%2B4144") == [ids["other"]]
    assert shown(staff, "?q=nobody") == []
    assert "Kein Anruf passt dazu" in text_of(staff, "/callcenter/calls?q=nobody")


@pytest.mark.parametrize(
    "query", ["?direction=odd", "?before=x", "?before=-1", "?before=99999999999999999999", "?q=%00"]
)
def test_odd_queries_show_the_journal(staff: FlaskClient, query: str) -> None:
    assert staff.get(f"/callcenter/calls{query}").status_code == 200


def test_the_journal_is_read_page_by_page_without_gaps(phones: PhoneSystem, make_user: Any, clock: Any) -> None:
    everybody = make_user()
    for number in range(7):
        phones.incoming(call_id())
        # Several at the very same time, too.
        clock.advance(number % 2)
    found: list[int] = []
    page = journal.page(Filters(), per_page=3, viewer=everybody)
    while True:
        found += [entry.call.id for entry in page.entries]
        if page.before is None:
            break
        page = journal.page(Filters(), page.before, per_page=3, viewer=everybody)
    assert len(found) == 7
    assert found == sorted(found, reverse=True)


def test_a_page_of_the_journal_takes_the_same_queries_for_one_call_and_for_many(
    phones: PhoneSystem, staff: FlaskClient, app: Flask, monkeypatch: pytest.MonkeyPatch
) -> None:
    from sqlalchemy import event

    # Versions are compared once a second, by whatever request comes then.
    monkeypatch.setattr(Versions.check, "__defaults__", (3600.0,))

    statements: list[str] = []

    def count(_c: Any, _cursor: Any, statement: str, *_more: Any) -> None:
        statements.append(statement)

    def queries() -> int:
        staff.get("/callcenter/calls")
        statements.clear()
        staff.get("/callcenter/calls")
        return len([one for one in statements if "core_version" not in one])

    event.listen(app.extensions["durchwahl"].database.engine, "before_cursor_execute", count)
    try:
        phones.incoming(call_id())
        few = queries()
        for _ in range(9):
            phones.incoming(call_id())
        assert queries() == few
    finally:
        event.remove(app.extensions["durchwahl"].database.engine, "before_cursor_execute", count)


def test_a_calls_page_tells_what_was_reported(
    app: Flask, phones: PhoneSystem, staff: FlaskClient, make_user: Any, clock: Any
) -> None:
    give_account(app, make_user("anna", name="Anna Alt"), ANNA)
    call = call_id()
    phones.incoming(call)
    clock.advance(5)
    phones.accepted(call)
    clock.advance(5)
    phones.hung_up(call)
    text = text_of(staff, f"/callcenter/calls/{the_call().id}")
    reported = text[text.index("Verlauf") :]
    assert re.search(
        r"11:10:16 Eingehender Anruf .*11:10:21 Anruf angenommen \(Anna Alt\).*11:10:26 Anruf beendet", reported
    )


def test_a_call_that_is_none_is_not_found(staff: FlaskClient) -> None:
    for number in ("4711", "99999999999999999999"):
        assert staff.get(f"/callcenter/calls/{number}").status_code == 404


def bell(app: Flask, user_id: int) -> list[int]:
    page = logged_in_client(app, user_id).get("/callcenter/bell").get_data(as_text=True)
    return [int(found) for found in re.findall(r'data-call-id="(\d+)"', page)]


def test_behind_the_bell_are_the_calls_that_concern_the_user(app: Flask, phones: PhoneSystem, make_user: Any) -> None:
    everything, mine = make_user(), make_user()
    personal.save(mine, {("callcenter", "scope"): "lines"})
    give_line(app, mine)
    give_account(app, mine, BEN)
    to_line, elsewhere, taken, outgoing = (call_id() for _ in range(4))
    phones.incoming(to_line)
    phones.incoming(elsewhere, line=OTHER)
    phones.incoming(taken, line=OTHER)
    phones.accepted(taken, peer=BEN, line=OTHER)
    phones.outgoing(outgoing, peer=BEN)
    ids = [the_call(call).id for call in (to_line, elsewhere, taken, outgoing)]
    assert bell(app, everything) == [ids[2], ids[1], ids[0]]
    assert bell(app, mine) == [ids[3], ids[2], ids[0]]


def test_the_bell_offers_what_the_card_offered(app: Flask, phones: PhoneSystem, make_user: Any) -> None:
    phones.incoming(call_id())
    client = logged_in_client(app, make_user())
    page = client.get("/callcenter/bell").get_data(as_text=True)
    assert f"/addresses/notes/new?origin=call%3A{the_call().id}" in page
    assert "/addresses/new?number=%2B491713920001" in page
    address_id = create_address({"name": "Muster GmbH"}, [NumberInput("0171 3920001")])
    page = client.get("/callcenter/bell").get_data(as_text=True)
    assert f'href="/addresses/{address_id}"' in page
    assert f"/addresses/{address_id}/crm?telefon_notiz_erstellen=1&amp;origin=call%3A{the_call().id}" in page


def test_without_the_permission_there_is_neither_journal_nor_bell_nor_card(
    app: Flask, phones: PhoneSystem, staff: FlaskClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    phones.incoming(call_id())
    permissions = app.extensions["durchwahl"].permissions
    denied = type(permissions["callcenter.calls"])("callcenter.calls", "", staff=False)
    monkeypatch.setitem(permissions, "callcenter.calls", denied)
    for path in ("/callcenter/calls", f"/callcenter/calls/{the_call().id}", "/callcenter/bell", "/callcenter/cards"):
        assert staff.get(path).status_code == 403
    page = staff.get("/addresses/").get_data(as_text=True)
    assert "call-told" not in page
    assert "data-call-bell" not in page


# ------------------------------------------------------------------------------------------------------------- notes


def test_a_note_is_filled_from_the_call(app: Flask, phones: PhoneSystem, clock: Any) -> None:
    contact = ContactInput("Eva Muster", numbers=(NumberInput("0171 3920001"),))
    address_id = create_address({"name": "Muster GmbH"}, contacts=[contact])
    call = call_id()
    phones.incoming(call)
    filled = note_source.prefill(the_call().origin)
    assert filled is not None
    assert (filled.address_id, filled.contact_id) == (address_id, the_call().contact_id)
    assert filled.contact_id is not None
    assert (filled.number_e164, filled.number_display, filled.direction) == (CUSTOMER_E164, "0171 3920001", "in")
    assert (filled.occurred_at, filled.duration_seconds, filled.candidates) == (NOW, None, ())
    clock.advance(60)
    phones.hung_up(call, duration="31")
    ended = note_source.prefill(the_call().origin)
    assert ended is not None
    assert ended.duration_seconds == 31


def test_a_note_about_an_ambiguous_call_offers_all_and_chooses_none(phones: PhoneSystem) -> None:
    first = create_address({"name": "Erste"}, [NumberInput("0171 3920001")])
    second = create_address({"name": "Zweite"}, [NumberInput("0171 3920001")])
    phones.incoming(call_id())
    filled = note_source.prefill(the_call().origin)
    assert filled is not None
    assert (filled.address_id, filled.contact_id) == (None, None)
    assert {candidate[:2] for candidate in filled.candidates} == {(first, None), (second, None)}


@pytest.mark.parametrize(
    "origin", ["", "call", "call:", "call:x", "call:-1", "call:4711", "mail:1", f"call:{10**40}", "call:²"]
)
def test_an_origin_that_is_no_call_fills_nothing(app: Flask, origin: str) -> None:
    assert note_source.prefill(origin) is None


def duration_of(note_id: int) -> int | None:
    from app.modules.addresses.models import Note

    with reading() as session:
        note = session.get(Note, note_id)
        assert note is not None
        return note.duration_seconds


def test_the_calls_end_gives_its_note_the_duration(phones: PhoneSystem) -> None:
    address_id = create_address({"name": "Muster GmbH"}, [NumberInput("0171 3920001")])
    call = call_id()
    phones.incoming(call)
    origin = the_call().origin
    typed = NoteInput("Typed", address_id=address_id, duration_seconds=5, duration_by_hand=True, origin=origin)
    by_hand = create_note(typed)
    during = create_note(NoteInput("During", address_id=address_id, origin=origin))
    phones.hung_up(call, duration="31")
    after = create_note(NoteInput("After", address_id=address_id, origin=origin))
    assert [duration_of(note) for note in (by_hand, during, after)] == [5, 31, 31]


def test_the_journal_shows_the_notes_of_a_call(phones: PhoneSystem, staff: FlaskClient) -> None:
    phones.incoming(call_id())
    note = create_note(NoteInput("Wants a quote", origin=the_call().origin))
    for path in ("/callcenter/calls", f"/callcenter/calls/{the_call().id}"):
        page = staff.get(path).get_data(as_text=True)
        assert "Wants a quote" in page
        assert f"/addresses/notes/{note}/edit" in page


def test_the_form_of_a_note_shows_what_the_call_told(phones: PhoneSystem, staff: FlaskClient) -> None:
    address_id = create_address({"name": "Muster GmbH"}, [NumberInput("0171 3920001")])
    phones.incoming(call_id())
    page = staff.get(f"/addresses/{address_id}/crm?telefon_notiz_erstellen=1&origin={the_call().origin}").get_data(
        as_text=True
    )
    assert "0171 3920001" in page
    assert "11:10" in page


def test_recent_missed_calls_are_counted_for_a_day(phones: PhoneSystem, clock: Any) -> None:
    call = call_id()
    phones.hung_up(call, type="missed", duration="0")
    assert [missed.id for missed in journal.recently_missed()] == [the_call().id]
    clock.at = NOW + timedelta(hours=25)
    assert journal.recently_missed() == []
